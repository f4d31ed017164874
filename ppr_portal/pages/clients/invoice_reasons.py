"""Why a line of an invoice is what it is, set like a sum on paper."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Resolution
from agents.rules import resolution_words
from billing.models import Invoice, InvoiceLine
from billing.queries import invoice_cases
from billing.queries.invoice_view import CorrectedCase, Correction, ViewLine
from contracts import reading
from contracts.translation import gettext_lazy, told
from ppr_portal import stored_sentences
from ppr_portal.pages.clients import invoice_rows
from ppr_portal.pages.pay.reasons import ReasonStep, readable
from ppr_portal.templatetags import formats, times

CASES_SHOWN = 100
AWAY = {
    "reopened": gettext_lazy("The customer came back in the time that the contract allows, so it no longer counts."),
    "rated_elsewhere": gettext_lazy("It is priced by another line of the contract now."),
    "other_terms": gettext_lazy("Another version of the contract prices it now."),
}
ADDED = {
    "": gettext_lazy("It was verified in time and became known after the invoice."),
    "payable_again": gettext_lazy("What had taken it away was put right, so it counts again."),
    "rated_here_now": gettext_lazy("It is priced by this line of the contract now."),
    "other_terms": gettext_lazy("Another version of the contract prices it now."),
    "reduced_price": gettext_lazy("The customer came back, and the contract then asks for a part of the price."),
}


@dataclass(frozen=True, kw_only=True)
class CaseReason:
    """A case behind a correction, and why it moved."""

    key: str
    words: str
    is_away: bool


@dataclass(frozen=True, kw_only=True)
class CountedCase:
    """A case that a line counts; `url` leads to its life, or to a question about it, for whoever may."""

    key: str
    url: str
    question_url: str
    state: str
    verified_at: datetime | None
    amount_micros: int


@dataclass(frozen=True, kw_only=True)
class CountedCases:
    """The cases that a line counts, as many as fit on a page, and the address of the file with all of them."""

    rows: tuple[CountedCase, ...]
    count: int
    more_count: int
    currency: str
    csv_url: str
    may_question: bool


@dataclass(frozen=True, kw_only=True)
class LineReason:
    """Everything behind one amount of an invoice."""

    why: str
    line: InvoiceLine
    title: str
    steps: tuple[ReasonStep, ...]
    notes: tuple[str, ...]
    cases: tuple[CaseReason, ...]
    more_count: int


def find_reason(*, invoice: Invoice, lines: tuple[ViewLine, ...], why: str) -> LineReason | None:
    """Return the reason that an address asks for: of a line by its position, or of one of its tiers; None if there is none."""
    position, _other, place = why.partition("-")
    line = next((line for line in lines if str(line.line.position) == position), None)
    if line is None or (place and not (place.isdecimal() and 1 <= int(place[:6]) <= len(line.parts))):
        return None
    amount = formats.amount(line.line.amount_micros, invoice.currency)
    if line.correction is not None:
        return _of_correction(line, line.correction, why, amount)
    steps = _of_parts(line, amount)
    # Of rated cases the ladder says the same in figures.
    words = "" if line.line.kind == "rated" else readable(stored_sentences.tell(str(line.line.inputs.get("words", ""))))
    # A tier that was pressed opens the sum of all of them, so the title says whose sum it is.
    title = _("Why %(amount)s for %(label)s?") if len(line.parts) > 1 else _("Why %(amount)s?")
    return LineReason(
        why=why,
        line=line.line,
        title=title % {"amount": amount, "label": invoice_rows.label_of(line)},
        steps=steps,
        notes=(words,) if words else (),
        cases=(),
        more_count=0,
    )


def _of_parts(line: ViewLine, amount: str) -> tuple[ReasonStep, ...]:
    """Set the tiers of a line below each other; the sum is the line."""
    many = len(line.parts) > 1
    steps = [
        _step(
            value=formats.decimal(part.amount),
            name=_product(part.quantity, part.unit_amount) or told(part.words),
            text=told(part.words) if part.unit_amount is not None else "",
            sign="+" if place and part.amount >= 0 else "",
        )
        for place, part in enumerate(line.parts)
    ]
    if many or not steps:
        name, text = invoice_rows.label_of(line), _("All tiers together.") if many else ""
        total = _step(value=amount, name=name, text=text, sign="=" if many else "", is_final=True)
        return (*steps, total)
    return (_final(steps[0]),)


def _of_correction(line: ViewLine, found: Correction, why: str, amount: str) -> LineReason:
    month = times.month_year(line.line.origin_start)
    after = f"{month}{_with_count(found.after_count)}"
    billed = _("Billed%(with_count)s") % {"with_count": _with_count(found.before_count)}
    before = billed if found.numbers else _("Not billed before")
    steps = (
        _step(value=formats.decimal(found.after), name=after, text=_priced(line, found.after_words)),
        _step(value=formats.decimal(found.before), name=before, text=_price_words(found.before_words), sign=formats.MINUS),
        _step(
            value=amount,
            name=_("Credited now") if line.line.amount_micros < 0 else _("Charged now"),
            text=_tier_words(found),
            sign="=",
            is_final=True,
        ),
    )
    note = _("%(month)s is priced again with what is known now, and you get the difference.") % {"month": month}
    cases = tuple(CaseReason(key=case.key, words=_case_words(case), is_away=case.is_away) for case in found.cases)
    return LineReason(
        why=why,
        line=line.line,
        title=_("Why %(amount)s?") % {"amount": amount},
        steps=steps,
        notes=(note,),
        cases=cases,
        more_count=found.more_count,
    )


def counted_cases(*, invoice: Invoice, line: InvoiceLine, openable: QuerySet[Resolution], may_question: bool) -> CountedCases | None:
    """List the cases that a line counts, in two queries, and a third where a page cannot show them all; None if there are none.

    Args:
        invoice: whose line it is.
        line: of the invoice.
        openable: the resolutions that the reader may open.
        may_question: whether the reader may question a case of this invoice.
    """
    counted = invoice_cases.list_cases(invoice=invoice, line=line)
    found = list(counted[: CASES_SHOWN + 1])
    if not found:
        return None
    count = len(found) if len(found) <= CASES_SHOWN else counted.count()
    shown = found[:CASES_SHOWN]
    open_ids = set(openable.filter(pk__in=[row["resolution_id"] for row in shown]).values_list("pk", flat=True))
    ask = reverse("invoice_question", args=[invoice.pk])
    rows = tuple(
        CountedCase(
            key=row["key"],
            url=reverse("resolution", args=[row["resolution_id"]]) if row["resolution_id"] in open_ids else "",
            question_url=f"{ask}?{urlencode({'case': row['key']})}" if may_question else "",
            state=row["state"],
            verified_at=row["verified_at"],
            amount_micros=row["amount_micros"],
        )
        for row in shown
    )
    return CountedCases(
        rows=rows,
        count=count,
        more_count=count - len(rows),
        currency=invoice.currency,
        csv_url=f"{reverse('invoice_csv', args=[invoice.pk])}?why={line.position}",
        may_question=may_question,
    )


def _case_words(case: CorrectedCase) -> str:
    if case.is_away:
        return AWAY.get(case.reason) or told(resolution_words.UNIT_WORDS.get(case.reason, "")) or _("It no longer counts.")
    return ADDED.get(case.reason) or told(resolution_words.UNIT_WORDS.get(case.reason, "")) or _("It counts now.")


def _tier_words(found: Correction) -> str:
    """Say why the difference is not the first price: the last cases of a period fall away, whichever they were."""
    has_tiers = " and " in found.before_words or " and " in found.after_words
    if not has_tiers or found.before_count is None or found.after_count is None:
        return ""
    if found.after_count < found.before_count:
        return _("What falls away is the last of the count, at the price of the tier that it stood in.")
    return _("What comes late is the last of the count, at the price of the tier that it stands in.")


def _priced(line: ViewLine, words: str) -> str:
    name = invoice_rows.label_of(line)
    return f"{name}: {_price_words(words)}" if words else name


def _price_words(words: str) -> str:
    """Write "1,500 × 2.40 and 112 × 2.20" with the numbers that the reader knows."""
    parts = (" × ".join(map(reading.write_number, part.split(" × "))) for part in words.split(" and "))
    return _(" and ").join(parts)


def _with_count(count: Fraction | None) -> str:
    if count is None:
        return ""
    return ngettext(" with %(count)s case", " with %(count)s cases", 1 if count == 1 else 2) % {"count": formats.short_number(count)}


def _product(quantity: Fraction | None, price: Fraction | None) -> str:
    if quantity is None or price is None:
        return ""
    return f"{formats.short_number(quantity)} × {formats.fine_amount(price)}"


def _step(*, value: str, name: str, text: str, sign: str = "", is_final: bool = False) -> ReasonStep:
    return ReasonStep(sign=sign, value=value, name=name, text=text, is_result=is_final, is_final=is_final)


def _final(step: ReasonStep) -> ReasonStep:
    return ReasonStep(sign=step.sign, value=step.value, name=step.name, text=step.text, is_result=True, is_final=True)
