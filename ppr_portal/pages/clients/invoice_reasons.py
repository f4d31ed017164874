"""Why a line of an invoice is what it is, set like a sum on paper."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.rules import resolution_words
from billing.models import Invoice
from billing.queries.invoice_view import CorrectedCase, Correction, ViewLine
from contracts import reading
from contracts.translation import gettext_lazy, told
from ppr_portal import stored_sentences
from ppr_portal.pages.clients import invoice_rows
from ppr_portal.pages.pay.reasons import ReasonStep, readable
from ppr_portal.templatetags import formats, times

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
class LineReason:
    """Everything behind one amount of an invoice."""

    why: str
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
        why=why, title=_("Why %(amount)s?") % {"amount": amount}, steps=steps, notes=(note,), cases=cases, more_count=found.more_count
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
