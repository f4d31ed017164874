"""Something to look at on the pages of what waits and what comes in."""

from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from agents import models as work
from agents.operations.imports import keep_uploads
from tests import factories
from tests.ppr_portal.company import NOW, Company

CSV = b"number,state,updated\nA-1,Resolved,3/3/2016 09:30\nA-2,Lost,4/3/2016 10:00\n"


def arguments(company: Company) -> dict[str, list[Any]]:
    """Return what stands in the addresses of these pages; makes what is not there yet."""
    source = factories.make_source()
    run = work.ImportRun.objects.filter(source=source).first() or make_run(source)
    act = work.HoldAct.objects.first() or work.HoldAct.objects.create(
        kind="release", actor=company.admin, words="Release 1 held resolution", asked={"items": {}}, item_count=1, asked_at=NOW
    )
    upload = work.Upload.objects.filter(kind=work.Upload.Kind.CASES).first() or make_upload(company, source)
    return {
        "hold_act": [act.pk],
        "hold_act_undoing": [act.pk],
        "held_thing": ["resolution", work.Hold.objects.earliest("pk").pk],
        "import_run": [run.pk],
        "source": [source.pk],
        "upload": [upload.pk],
        "upload_step": [upload.pk, "columns"],
        "upload_run": [upload.pk],
    }


def make_run(source: work.Source, *, held: int = 0) -> work.ImportRun:
    """Make an import of a file, with held rows without a case."""
    run = work.ImportRun.objects.create(
        source=source,
        file_name="export.csv",
        file_sha256="0" * 64,
        started_at=timezone.now(),
        seconds=1.5,
        row_count=10 + held,
        case_count=5,
        new_count=10,
        changed_count=0,
        unchanged_count=0,
        held_count=held,
    )
    for number in range(1, held + 1):
        work.HeldRow.objects.create(
            source=source,
            run=run,
            row_number=number,
            case_key=f"X-{number}",
            reason="unreadable_date",
            message=f"Row {number}: no date.",
            row={"number": f"X-{number}", "mail": "a.b@example.com"},
            row_hash=f"{run.pk}-{number}",
        )
    return run


def make_upload(company: Company, source: work.Source, *, name: str = "export.csv", content: bytes = CSV) -> work.Upload:
    """Upload a small file."""
    return keep_uploads.keep_upload(
        source=source, content=ContentFile(content, name=name), name=name, person=company.admin, now=timezone.now()
    )
