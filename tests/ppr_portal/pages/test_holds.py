"""The hold queue's pages: what waits with its money, acts confirmed with count and money, nothing private shown."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agents import models as work
from agents.queries import hold_queue, import_lists
from billing.models import BookedLine
from billing.operations import book_resolutions
from ppr_portal.pages.intake import held_cells
from tests import factories
from tests.ppr_portal import intake_pages
from tests.ppr_portal.company import NOW, Company

QUERIES_MAX = 12


@pytest.fixture
def admin(company: Company, client: Client) -> Client:
    client.force_login(company.admin)
    return client


def unmap(company: Company, count: int) -> work.SourceIdentity:
    """Let some of the agent's verified resolutions be held by a name that nobody is mapped to, and price the holds."""
    name = work.SourceIdentity.objects.create(source=factories.make_source(), space="resolver", value="Resolver  9")
    found = list(work.Resolution.objects.filter(agent=company.agent, is_payable=True).order_by("pk")[:count])
    for resolution in found:
        work.Hold.objects.create(
            resolution=resolution, reason="unmapped_identity", message="Nobody is mapped.", opened_at=NOW, expires_at=NOW
        )
    work.Resolution.objects.filter(pk__in=[one.pk for one in found]).update(identity=name)
    book_resolutions.book_resolutions(as_of=NOW)
    return name


def new_act(kind: str, **query: str) -> str:
    return f"{reverse('hold_act_new')}?{urlencode({'do': kind, **query})}"


def test_the_amount_at_stake_is_what_rating_booked_to_the_cent(company: Company, admin: Client) -> None:
    name = unmap(company, 5)
    booked = BookedLine.objects.filter(resolution__identity=name).aggregate(total=Sum("amount_micros"))["total"]
    context = admin.get("/holds/").context

    (row,) = [row for row in context["rows"] if row.item.kind == "name"]
    assert row.item.amounts == {"USD": booked}
    assert context["whole"].amounts == {"USD": booked}
    assert context["whole"].unpriced_count == 5, "pending ones have no price yet"


def test_a_name_is_mapped_in_place_and_the_act_is_undone(company: Company, admin: Client) -> None:
    name = unmap(company, 2)
    agent = company.colleague
    answer = admin.post(new_act("map", item=f"name-{name.pk}"), {"count": "1", "agent": agent.pk, "reason": ""})
    act = work.HoldAct.objects.get()

    assert answer["Location"] == reverse("hold_act", args=[act.pk])
    name.refresh_from_db()
    assert (name.agent, act.actor, act.state) == (agent, company.admin, "done")

    admin.post(reverse("hold_act_undoing", args=[act.pk]))
    name.refresh_from_db()
    assert name.agent is None
    assert "Taken back by Sam Whitaker" in admin.get(reverse("hold_act", args=[act.pk])).content.decode()


def test_a_whole_filter_is_confirmed_with_count_and_refused_when_it_changed(company: Company, admin: Client) -> None:
    url = new_act("release", all="1", reason="possible_duplicate")
    assert "5 resolutions" in admin.get(url).content.decode()

    refused = admin.post(url, {"count": "4", "reason": "They are two."})
    assert refused.status_code == 422
    assert work.Hold.objects.filter(released_at=None).count() == 5

    admin.post(url, {"count": "5", "reason": "They are two."})
    assert work.Hold.objects.filter(released_at=None).count() == 0
    assert work.HoldAct.objects.get().item_count == 5


def test_many_things_are_done_by_a_worker(company: Company, admin: Client) -> None:
    intake_pages.make_run(factories.make_source(), held=40)
    answer = admin.post(new_act("dismiss", all="1", reason="unreadable_date"), {"count": "40", "reason": "A test file."}, follow=True)

    assert "40 dismissed" in answer.content.decode()
    assert not work.HeldRow.objects.filter(released_at=None).exists()


@pytest.mark.parametrize("role", ["auditor", "approver", "lead", "agent", "client"])
def test_only_a_contract_admin_acts(company: Company, client: Client, role: str) -> None:
    client.force_login(company.user_of(role))
    held = work.Hold.objects.earliest("pk")
    answer = client.post(new_act("release", item=f"resolution-{held.pk}"), {"count": "1", "reason": "Let me."})

    assert answer.status_code == 404
    assert not work.HoldAct.objects.exists()
    made = work.HoldAct.objects.create(
        kind="release", actor=company.admin, words="x", asked={}, item_count=1, asked_at=NOW, state="done", before={"holds": [held.pk]}
    )
    assert client.post(reverse("hold_act_undoing", args=[made.pk])).status_code == 404


def test_an_auditor_reads_without_a_button(company: Company, client: Client) -> None:
    client.force_login(company.auditor)
    held = work.Hold.objects.earliest("pk")
    for url in ("/holds/", reverse("held_thing", args=["resolution", held.pk])):
        page = client.get(url).content.decode()
        assert "Look and confirm" not in page
        assert "hold_act_new" not in page
        form = page.partition('action="/holds/acts/new/')[2].partition("</form>")[0]
        assert [sign for sign in ("<button", "<input") if sign in form] == []


def test_what_waits_longer_than_it_should_is_marked(company: Company, admin: Client) -> None:
    first, second = work.Hold.objects.order_by("pk")[:2]
    work.Hold.objects.exclude(pk=first.pk).update(expires_at=NOW + timedelta(hours=1))
    work.Hold.objects.filter(pk=first.pk).update(expires_at=NOW)

    assert [row.item.pk for row in admin.get("/holds/").context["rows"] if row.is_late] == [first.pk]
    assert admin.get("/holds/").content.decode().count("overdue") == 1
    pages = [admin.get(reverse("held_thing", args=["resolution", held.pk])).content.decode() for held in (first, second)]
    assert ["overdue" in page for page in pages] == [True, False]


def test_a_row_shows_what_the_mapping_reads_and_hides_the_rest(company: Company, admin: Client) -> None:
    source = factories.make_source(code="other")
    mapping = work.Mapping.objects.create(source=source, number=1, date_format="%d/%m/%Y", timezone="UTC")
    for target, column in (("case", "number"), ("customer", "caller")):
        work.MappingColumn.objects.create(mapping=mapping, target=target, column=column)
    run = intake_pages.make_run(source, held=1)
    work.HeldRow.objects.filter(run=run).update(row={"number": "X-1", "caller": "Jane Roe", "notes": "jane.roe@example.com called"})
    page = admin.get(reverse("held_thing", args=["row", work.HeldRow.objects.get(run=run).pk])).content.decode()

    assert "X-1" in page
    assert "Jane" not in page
    assert "jane.roe" not in page


def test_numbers_of_what_is_held_are_written_as_the_reader_writes_them(company: Company, admin: Client) -> None:
    source = factories.make_source(code="other")
    run = intake_pages.make_run(source, held=1)
    work.HeldRow.objects.filter(run=run).update(row_number=1_234)
    rows = [
        work.HeldRow(
            source=source, run=run, row_number=number, reason="unreadable_date", message="No date.", row={}, row_hash=f"n-{number}"
        )
        for number in range(2_000, 3_000)
    ]
    work.HeldRow.objects.bulk_create(rows)
    spanish = {"headers": {"Accept-Language": "es"}}
    row = admin.get(reverse("held_thing", args=["row", work.HeldRow.objects.get(row_number=1_234).pk]), **spanish)
    asked = {"count": "1", "reason": "A test file."}
    refused = admin.post(new_act("dismiss", all="1", reason="unreadable_date"), asked, **spanish)

    assert row.context["title"].startswith("Fila 1.234 ")
    assert (refused.status_code, "ahora son 1.001." in refused.content.decode()) == (422, True)
    assert not work.HeldRow.objects.exclude(released_at=None).exists()


def test_a_delivery_that_is_long_is_told_in_the_readers_numbers() -> None:
    no_json = work.RawDelivery(body=b"x" * 12_345)
    long = work.RawDelivery(body=b"[" + b",".join([b"1"] * 1_500) + b"]")
    with translation.override("es"):
        assert held_cells.body_of(delivery=no_json).startswith("12.345 bytes")
        assert "1.102" in held_cells.body_of(delivery=long).splitlines()[-1]
    with translation.override("en"):
        assert held_cells.body_of(delivery=no_json).startswith("12,345 bytes")


def test_the_body_of_a_delivery_shows_its_structure_and_no_words(company: Company, admin: Client) -> None:
    delivery = work.RawDelivery.objects.create(
        source=factories.make_source(),
        vendor="zendesk",
        reason="not_understood",
        message="Nobody knows this.",
        body=b'{"type": "ticket.odd", "requester": {"name": "Jane Roe", "email": "j@example.com"}, "count": 3}',
        body_sha256="0" * 64,
        first_received_at=NOW,
        last_received_at=NOW,
    )
    page = admin.get(reverse("held_thing", args=["delivery", delivery.pk])).content.decode()

    assert "ticket.odd" in page
    assert "requester" in page
    assert "Jane" not in page
    assert "j@example.com" not in page


def test_the_list_is_a_csv_file_with_a_line_for_each_currency(company: Company, admin: Client) -> None:
    unmap(company, 1)
    lines = admin.get("/holds/?format=csv").content.decode("utf-8-sig").splitlines()

    assert lines[0].startswith("kind,what,reason")
    assert len(lines) == 1 + 6
    assert any(re.search(r"Resolver {2}9,unmapped_identity.*,2\.40,USD$", line) for line in lines)


def test_the_pages_take_few_queries(company: Company, admin: Client, django_assert_max_num_queries) -> None:
    unmap(company, 5)
    intake_pages.make_run(factories.make_source(), held=30)
    held = work.Hold.objects.latest("pk")
    urls = ("/holds/", "/holds/acts/", "/imports/", reverse("held_thing", args=["name", held.resolution.identity_id]))
    for url in (*urls, reverse("import_run", args=[work.ImportRun.objects.latest("pk").pk])):
        with django_assert_max_num_queries(QUERIES_MAX):
            assert admin.get(url).status_code == 200


def test_chips_with_counts_of_everything_keep_no_other_filter(company: Company, admin: Client) -> None:
    chips = admin.get("/holds/?find=x&reason=unmapped_identity&kind=name").context["chips"]

    assert chips[0].url == "/holds/#list"
    assert {chip.url for chip in chips[1:]} == {f"/holds/?kind={kind}#list" for kind in hold_queue.KINDS}
    assert [chip.url for chip in chips if chip.is_current] == ["/holds/?kind=name#list"]


def test_filters_and_numbers_that_make_no_sense_are_passed_over(company: Company, admin: Client) -> None:
    for query in ("kind=x", "source=x", "client=99999999999999999999", "owner=%00", "age=x", "find=%00", "after=x", "reason=%00"):
        assert admin.get(f"/holds/?{query}").status_code == 200, query
    assert admin.get("/holds/thing/1/").status_code == 404
    assert admin.get("/holds/acts/new/?do=x").status_code == 404
    assert admin.get("/holds/acts/new/?do=release&item=resolution-x&item=resolution-999999").status_code == 200


def test_the_import_pages_tell_counts_and_why_rows_were_held(company: Company, admin: Client) -> None:
    run = intake_pages.make_run(factories.make_source(), held=3)
    page = admin.get(reverse("import_run", args=[run.pk]))

    assert page.context["reasons"][0][:3] == ("A date that is written otherwise", 3, 3)
    (line,) = [line for line in admin.get("/imports/").context["sources"] if line.code == "desk"]
    assert line.held_count == 3
    assert len(admin.get("/imports/?find=nothing-like-it").context["rows"]) == 0


def test_files_of_imports_and_of_what_is_held_have_every_page(company: Company, admin: Client, monkeypatch) -> None:
    source = factories.make_source()
    for _ in range(3):
        intake_pages.make_run(source, held=2)
    at_once = admin.get("/holds/?format=csv").content
    monkeypatch.setattr(import_lists, "PAGE_SIZE", 2)
    monkeypatch.setattr(hold_queue, "FILE_PAGE_SIZE", 2)
    first = admin.get("/imports/")
    second = admin.get(first.context["next_url"])
    shown = [run.started_at.isoformat() for page in (first, second) for run in page.context["rows"]]
    rows = list(csv.DictReader(io.StringIO(admin.get("/imports/?format=csv").content.decode("utf-8-sig"))))

    assert [row["started"] for row in rows] == shown
    assert len(shown) == 3
    assert admin.get("/holds/?format=csv").content == at_once
    assert at_once.count(b"\nrow,") == 6
