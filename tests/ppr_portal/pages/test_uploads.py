"""A file on its way in: each step works without script, a try stores nothing, and reading it again brings nothing twice."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from agents import models as work
from agents.intake.preview import UnknownValue
from agents.intake.tables import FileContents, Sheet
from agents.operations.imports import keep_uploads, run_upload
from ppr_portal.pages.intake import upload_forms
from tests.agents import desk
from tests.ppr_portal import intake_pages
from tests.ppr_portal.company import Company

ROWS = (
    desk.row("C-1", "New", "1 08:00"),
    desk.row("C-1", "Resolved", "2 09:00", 1),
    desk.row("C-2", "Mislaid", "3 09:00", 1),
)
COLUMNS = {f"column_{target}": column for target, column in desk.COLUMNS.items()}
WRITING = {
    "date_format": "%d/%m/%Y %H:%M",
    "timezone": desk.NEW_YORK,
    "repeated_hour": "hold",
    "decimal_mark": ".",
    "grouping_mark": "",
    "missing_markers": "?",
    "late_agent": "on",
}
QUERIES_MAX = 15
MEANINGS = {**desk.STATES, **desk.PLACES, **desk.TOPICS, **desk.CHANNELS}


@pytest.fixture(autouse=True)
def _media(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def admin(company: Company, client: Client) -> Client:
    client.force_login(company.admin)
    return client


@pytest.fixture
def source(company: Company) -> work.Source:
    """Make the desk without a mapping: that is what the page is for."""
    work.Source.objects.filter(code=desk.SOURCE).update(code="desk-before")
    made = desk.make_desk()
    made.mappings.all().delete()
    return made


def upload(admin: Client, source: work.Source, *rows: desk.Row, name: str = "export.csv") -> work.Upload:
    content = SimpleUploadedFile(name, desk.text_of(rows).encode())
    answer = admin.post(reverse("upload_new"), {"source": source.pk, "file": content})
    made = work.Upload.objects.latest("pk")
    assert answer["Location"] == reverse("upload_step", args=[made.pk, "file"])
    return made


def set_up(admin: Client, made: work.Upload) -> None:
    """Go through the steps with forms alone."""
    step = {name: reverse("upload_step", args=[made.pk, name]) for name in ("file", "columns", "values")}
    assert admin.post(step["file"], {"lines_before_head": "0"})["Location"] == step["columns"]
    assert admin.post(step["columns"], {**COLUMNS, **WRITING})["Location"] == step["values"]
    form = admin.get(step["values"]).context["form"]
    told = {name: MEANINGS.get(value, "") for name, _, value in form.rows}
    assert admin.post(step["values"], told)["Location"] == reverse("upload", args=[made.pk])


def run(admin: Client, made: work.Upload, do: str) -> work.Upload:
    admin.post(reverse("upload_run", args=[made.pk]), {"do": do, "note": "First."})
    made.refresh_from_db()
    return made


def test_a_file_is_set_up_tried_saved_and_imported_by_forms_alone(admin: Client, source: work.Source) -> None:
    made = upload(admin, source, *ROWS)
    set_up(admin, made)

    tried = run(admin, made, "try")
    assert (tried.state, tried.report["new"], tried.report["held_count"]) == ("checked", 2, 1)
    assert tried.report["by_reason"] == {"unknown_state": 1}
    assert not work.Case.objects.filter(source=source).exists()
    assert not source.mappings.exists()

    done = run(admin, made, "import")
    assert (done.state, done.run.new_count, done.run.held_count) == ("imported", 2, 1)
    assert done.run.mapping.number == 1
    assert list(work.Resolution.objects.filter(case__source=source).values_list("case__key", "state")) == [("C-1", "assumed")]
    assert "Mislaid" in admin.get(f"/imports/uploads/{made.pk}/?format=csv").content.decode()


def test_an_earlier_file_read_again_by_a_new_version_lets_in_what_was_held_and_nothing_twice(admin: Client, source: work.Source) -> None:
    made = upload(admin, source, *ROWS)
    set_up(admin, made)
    run(admin, made, "import")
    values = reverse("upload_step", args=[made.pk, "values"])
    form = admin.get(values).context["form"]
    admin.post(values, {name: MEANINGS.get(value, "closed" if value == "Mislaid" else "") for name, _, value in form.rows})

    again = run(admin, made, "import")

    assert (again.report["new"], again.report["unchanged"], again.report["released"]) == (1, 2, 1)
    assert source.mappings.count() == 2
    third = run(admin, made, "import")
    assert (third.report["new"], third.report["unchanged"], source.mappings.count()) == (0, 3, 2)


def test_a_next_file_starts_from_the_last_version(admin: Client, source: work.Source) -> None:
    first = upload(admin, source, *ROWS)
    set_up(admin, first)
    run(admin, first, "save")
    second = upload(admin, source, desk.row("C-9", "New", "5 08:00"), name="next.csv")

    assert run(admin, second, "import").run.new_count == 1
    assert source.mappings.count() == 1


def test_dates_are_chosen_and_shown_never_guessed(admin: Client, source: work.Source) -> None:
    made = upload(admin, source, *ROWS)
    admin.post(reverse("upload_step", args=[made.pk, "file"]), {"lines_before_head": "0"})
    columns = reverse("upload_step", args=[made.pk, "columns"])
    admin.post(columns, {**COLUMNS, **WRITING, "date_format": "%m/%d/%Y %H:%M"})
    choices = {choice.text: choice for choice in admin.get(columns).context["formats"]}

    assert choices["%m/%d/%Y %H:%M"].is_chosen
    assert choices["%d/%m/%Y %H:%M"].reads_all
    assert choices["%d/%m/%Y %H:%M"].first_at.isoformat() == "2016-03-01T08:00:00"
    assert not choices["iso"].reads_all


def test_the_forms_count_rows_and_name_hidden_sheets_in_the_readers_words(source: work.Source) -> None:
    sheets = (Sheet(name="Casos", is_hidden=False), Sheet(name="Notas", is_hidden=True))
    contents = FileContents(file_format="xlsx", sheets=sheets, record_paths=())
    draft = run_upload.start_of(source=source)
    unknown = {"state": [UnknownValue(value="Mislaid", row_count=1), UnknownValue(value="Gone", row_count=1_234)]}
    spoken = {"en": ("Notas (hidden)", ["1 row", "1,234 rows"]), "es": ("Notas (oculta)", ["1 fila", "1.234 filas"])}
    for language, (hidden, counted) in spoken.items():
        with translation.override(language):
            file_form = upload_forms.FileForm(contents=contents, draft=draft, source=source)
            values = upload_forms.ValuesForm(unknown=unknown, draft=draft)
            assert file_form.fields["sheet"].choices == [("Casos", "Casos"), ("Notas", hidden)]
            assert [values.fields[name].help_text for name, _, value in values.rows if value in ("Mislaid", "Gone")] == counted


def test_customers_are_not_shown_once_their_column_is_known(admin: Client, source: work.Source) -> None:
    made = upload(admin, source, desk.row("C-1", "New", "1 08:00", caller="Jane Roe"))
    set_up(admin, made)

    for url in (reverse("upload_step", args=[made.pk, "columns"]), reverse("upload", args=[made.pk])):
        assert "Jane Roe" not in admin.get(url).content.decode()


@pytest.mark.parametrize(("name", "content", "words"), [("a.exe", b"x", "no kind of file|not a kind of file"), ("a.csv", b"", "empty")])
def test_a_file_that_cannot_be_one_is_refused_and_not_kept(
    admin: Client, source: work.Source, name: str, content: bytes, words: str
) -> None:
    answer = admin.post(reverse("upload_new"), {"source": source.pk, "file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 422
    assert any(word in answer.content.decode() for word in words.split("|"))
    assert not work.Upload.objects.exists()


def test_a_file_that_is_too_large_is_refused(admin: Client, source: work.Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_uploads, "BYTES_MAX", 10)
    answer = admin.post(reverse("upload_new"), {"source": source.pk, "file": SimpleUploadedFile("a.csv", b"x" * 11)})

    assert answer.status_code == 422
    assert not work.Upload.objects.exists()


def test_a_damaged_file_is_told_in_a_sentence(company: Company, admin: Client, source: work.Source) -> None:
    made = intake_pages.make_upload(company, source, name="a.xlsx", content=b"no workbook")

    assert "cannot be read" in admin.get(reverse("upload_step", args=[made.pk, "file"])).content.decode()
    assert run(admin, made, "try").state == "failed"


def test_files_are_deleted_after_some_days_and_what_was_imported_stays(
    admin: Client, source: work.Source, django_capture_on_commit_callbacks: Any
) -> None:
    made = upload(admin, source, *ROWS)
    set_up(admin, made)
    run(admin, made, "import")
    path = Path(made.file.path)
    assert path.exists()
    ends_at = made.uploaded_at + keep_uploads.KEPT_FOR

    assert keep_uploads.delete_old_uploads(now=ends_at) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert keep_uploads.delete_old_uploads(now=ends_at + timedelta(microseconds=1)) == 1
    made.refresh_from_db()
    assert (made.file.name, made.deleted_at is not None, made.run is not None) == ("", True, True)
    assert not path.exists()
    assert "The file was deleted" in admin.get(reverse("upload", args=[made.pk])).content.decode()
    assert run(admin, made, "try").state == "imported", "nothing is read after that"


def test_upload_and_source_pages_read_a_fixed_number_of_queries(admin: Client, source: work.Source) -> None:
    made = upload(admin, source, *ROWS)
    set_up(admin, made)
    run(admin, made, "import")
    urls = [reverse("upload", args=[made.pk]), *(reverse("upload_step", args=[made.pk, step]) for step in ("file", "columns", "values"))]
    urls += [reverse("source", args=[source.pk]), reverse("imports"), reverse("import_run", args=[made.run.pk])]
    counts = [_count_queries(admin, url) for url in urls]
    for number in range(5):
        more = upload(admin, source, *ROWS, desk.row(f"D-{number}", "New", "5 08:00"), name=f"more-{number}.csv")
        run(admin, more, "import")

    assert [_count_queries(admin, url) for url in urls] == counts
    assert max(counts) <= QUERIES_MAX


def _count_queries(admin: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert admin.get(url).status_code == 200
    return len(queries)


def test_a_source_is_made_with_a_form(admin: Client, company: Company) -> None:
    answer = admin.post(reverse("source_new"), {"name": "Help desk of Alder", "code": "alder-desk", "vendor": "zendesk"})

    assert answer["Location"] == reverse("source", args=[work.Source.objects.get(code="alder-desk").pk])


def test_a_file_starts_from_a_vendors_template_or_from_the_version_in_use(admin: Client, source: work.Source) -> None:
    made = upload(admin, source, *ROWS)
    step = reverse("upload_step", args=[made.pk, "file"])
    codes = [value for value, _ in admin.get(step).context["form"].fields["start"].choices]
    assert {"zendesk", "servicenow", "freshdesk"} <= set(codes)
    assert "version" not in codes

    admin.post(step, {"lines_before_head": "0", "start": "servicenow-history"})
    made.refresh_from_db()
    assert set(made.draft["columns"]) <= {"case", "state", "occurred_at", "opened_at", "sequence"}, "it keeps what the file has"

    set_up(admin, made)
    run(admin, made, "save")
    assert "version" in [value for value, _ in admin.get(step).context["form"].fields["start"].choices]


def test_a_try_leads_to_what_puts_the_held_rows_right(admin: Client, source: work.Source) -> None:
    made = upload(admin, source, {**ROWS[0], desk.COLUMNS["occurred_at"]: "2016-03-02"})
    set_up(admin, made)
    assert run(admin, made, "try").report["by_reason"] == {"unreadable_date": 1}
    page = admin.get(reverse("upload", args=[made.pk])).content.decode()

    assert "which is no date written as DD/MM/YYYY HH:MM, for example 29/02/2016 16:05" in page
    assert f'{reverse("upload_step", args=[made.pk, "columns"])}">Say how its dates are written' in page
    assert "Say what the values mean" not in page
