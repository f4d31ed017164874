"""Statements as PDF: rendered once in each language, when the first person asks for it, and the same bytes ever after."""

from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.utils import timezone

from billing.models import Document, Settlement, SettlementLine
from billing.operations import store_document
from billing.queries import pay_periods, statement_facts
from billing.rules import paydays
from ppr_portal import papers
from ppr_portal.pages.pay import floor_test, statement_rows

TEMPLATE = "papers/statement.html"
LOADED = ("agent__site", "run__site", "run__approved_by", "run__first_approved_by", "run__prepared_by", "plan_version__plan")
# Paper says what is settled, not how far the payment is: that changes, and the paper does not.
LETTER_CURRENCIES = ("USD", "CAD", "MXN")


class UnableToIssue(Exception):
    """A statement that may still change."""


def issue_statement(*, settlement_id: int, language: str = "") -> Document:
    """Return the PDF of a posted settlement; the first call renders it, as of when it was posted.

    Args:
        settlement_id: posted or paid.
        language: of a translated copy, which says that it is one; empty for the statement as issued.

    Returns: the stored file with its hash.
    Raises: UnableToIssue while the statement may still change, papers.UnableToRender where the system lacks what it takes.
    """
    key = papers.copy_key(key=f"settlement:{settlement_id}", language=language)
    known = Document.objects.filter(kind=Document.Kind.STATEMENT_PDF, key=key).first()
    if known is not None:
        return known
    lines = Prefetch("lines", queryset=SettlementLine.objects.order_by("position"))
    found = Settlement.objects.select_related(*LOADED).prefetch_related(lines).get(pk=settlement_id)
    if found.run is None or found.run.posted_at is None:
        raise UnableToIssue(f"The statement of {found} is not posted and may still change; there is a PDF once it is.")
    with timezone.override(ZoneInfo(pay_periods.site_of(settlement=found).timezone)), papers.written_in(language):
        context = {**_context(found), "is_copy": bool(language)}
        content = papers.render_pdf(template=TEMPLATE, context=context, issued_at=found.run.posted_at)
    return store_document.store_document(
        kind=Document.Kind.STATEMENT_PDF,
        key=key,
        name=papers.copy_name(name=f"statement-{found.agent.code}-{found.period_start:%Y-%m}.pdf", language=language),
        content_type="application/pdf",
        content=content,
        issued_at=found.run.posted_at,
    )


def _context(found: Settlement) -> dict[str, object]:
    groups = statement_rows.group_lines(lines=found.lines.all(), disputes=(), open_position=None)
    return {
        "settlement": found,
        "groups": groups,
        "line_count": statement_rows.count_lines(groups),
        "floor_test": floor_test.floor_test_of(found),
        "average_hour": statement_rows.average_hour(found),
        "reference": statement_rows.reference_of(found),
        "facts": statement_facts.read_facts(settlement=found),
        "payday": paydays.find_payday(period_end=found.period_end, working_day=pay_periods.site_of(settlement=found).payday_rule),
        "page_size": "letter" if found.currency in LETTER_CURRENCIES else "a4",
    }
