"""The causes of a comparison in words: a name for lists, and a sentence with the figures that the rule noted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import formats as dates
from django.utils.translation import gettext_lazy

from billing.rules import money
from contracts.rules import exact

SHOWN_PLACES = 4
MICRO_PLACES = 6
NAMES = {
    "same": gettext_lazy("The same"),
    "missing_there": gettext_lazy("Missing in theirs"),
    "price": gettext_lazy("Other price"),
    "class": gettext_lazy("Other class"),
    "tier": gettext_lazy("Other tier"),
    "count": gettext_lazy("Other count"),
    "multiplier": gettext_lazy("Other multiplier"),
    "basis": gettext_lazy("Multiplier of another amount"),
    "guardrail": gettext_lazy("Premium withheld"),
    "rate": gettext_lazy("Other hourly rate"),
    "hours": gettext_lazy("Other hours"),
    "rounding": gettext_lazy("Rounding"),
    "their_sum": gettext_lazy("Theirs does not add up"),
    "window_open": gettext_lazy("Window was not over"),
    "reopened": gettext_lazy("Reopened"),
    "excluded": gettext_lazy("Excluded"),
    "capped": gettext_lazy("Above a cap"),
    "no_price": gettext_lazy("Without a price"),
    "no_solution": gettext_lazy("Nobody solved it"),
    "held_here": gettext_lazy("Held here"),
    "not_payable": gettext_lazy("Not payable"),
    "other_period": gettext_lazy("In another period"),
    "other_party": gettext_lazy("Of somebody else"),
    "other_agent": gettext_lazy("Credited to another agent"),
    "twice_there": gettext_lazy("Twice in theirs"),
    "unknown": gettext_lazy("Unknown case"),
    "unknown_agent": gettext_lazy("Unknown agent"),
    "name_shared": gettext_lazy("Name of several agents"),
    "unmapped": gettext_lazy("Label without a meaning"),
    "nothing_here": gettext_lazy("Only in theirs"),
    "not_counted": gettext_lazy("Nothing counted here"),
    "not_paid": gettext_lazy("Not paid here"),
    "no_statement": gettext_lazy("No statement here"),
    "correction": gettext_lazy("Correction of an earlier period"),
    "stale": gettext_lazy("Booked since the draft"),
    "not_itemized": gettext_lazy("Not itemized"),
    "other": gettext_lazy("Something else"),
    "held": gettext_lazy("Not read"),
}
SENTENCES = {
    "missing_there": gettext_lazy("We have this and their file does not."),
    "price": gettext_lazy("They price it at %(their_price)s, we at %(our_price)s."),
    "price/row": gettext_lazy("They come to %(their_price)s for each; our price for %(count)s is %(standing)s."),
    "class": gettext_lazy("They count it in a class that costs %(their_price)s, we in one that costs %(our_price)s."),
    "tier": gettext_lazy("They use the price of another tier: %(their_price)s; at its place it costs %(our_price)s."),
    "tier/row": gettext_lazy("They price all at %(their_price)s; in its tiers %(count)s come to %(standing)s."),
    "tier/lacking": gettext_lazy("Theirs pays no uplift for higher tiers."),
    "count": gettext_lazy("They count %(their_count)s, we %(our_count)s."),
    "multiplier": gettext_lazy("Their multiplier adds %(their_price)s to each unit of pay, ours %(our_price)s."),
    "multiplier/lacking": gettext_lazy("Theirs has no quality multiplier."),
    "basis": gettext_lazy("The multiplier is taken of %(their_count)s there and of %(our_count)s here."),
    "guardrail": gettext_lazy("We withheld premium because a limit was reached; theirs did not."),
    "rate": gettext_lazy("They pay %(their_price)s an hour, we %(our_price)s."),
    "hours": gettext_lazy("They have %(their_count)s hours, we %(our_count)s."),
    "rounding": gettext_lazy("Both sides rounded at another place."),
    "their_sum": gettext_lazy("Their own line does not add up: %(count)s × %(price)s is not %(told)s."),
    "window_open": gettext_lazy("The customer could still come back when the period ended; it was or will be verified later."),
    "window_open/day": gettext_lazy("The customer could still come back when the period ended; its window ended or ends on %(day)s."),
    "reopened": gettext_lazy("The customer came back, so it does not count."),
    "reopened/day": gettext_lazy("The customer came back on %(day)s, so it does not count."),
    "excluded": gettext_lazy("It is excluded and does not count."),
    "excluded/reason": gettext_lazy("It is excluded (%(reason)s) and does not count."),
    "capped": gettext_lazy("Another solution of the same case or customer counts; the cap of the contract leaves this one out."),
    "no_price": gettext_lazy("It is verified, but the contract has no price for it; it waits for a person."),
    "no_solution": gettext_lazy("Nobody claimed to have solved it."),
    "held_here": gettext_lazy("It is held for a person here and not booked yet."),
    "not_payable": gettext_lazy("It is verified, but not payable under the plan or the policy."),
    "other_period": gettext_lazy("It belongs to another period here."),
    "other_party": gettext_lazy("It is a case of %(party)s."),
    "other_agent": gettext_lazy("It is credited to %(agent)s here."),
    "twice_there": gettext_lazy("Their file has it more often than we do."),
    "unknown": gettext_lazy("No case here has this number."),
    "unknown_agent": gettext_lazy("No agent here has this code or name; say who it is under Columns."),
    "name_shared": gettext_lazy("Several agents bear this name; use their codes, or say who it is under Columns."),
    "unmapped": gettext_lazy("It is not said what this label means here; choose a meaning under Columns."),
    "nothing_here": gettext_lazy("There is no such line here, as was said under Columns."),
    "not_counted": gettext_lazy("We count nothing under this price in this period."),
    "not_paid": gettext_lazy("The statement here has no pay of this kind."),
    "no_statement": gettext_lazy("This agent has no statement for this period here."),
    "correction": gettext_lazy("Our invoice corrects an earlier period here; theirs does not."),
    "stale": gettext_lazy("More was booked since our draft was written; refresh the draft and compare again."),
    "not_itemized": gettext_lazy("Their file gives only a sum. A file with a row for each case or kind of pay shows why."),
    "other": gettext_lazy("Neither count nor price explains it."),
}


def name_of(*, code: str) -> str:
    """Name a cause."""
    return str(NAMES.get(code, code))


def explain(*, cause: Mapping[str, Any], currency: str) -> str:
    """Say a cause in one sentence.

    Args:
        cause: as stored on a line: code, micros, facts.
        currency: of the comparison.
    """
    code, facts = str(cause["code"]), dict(cause.get("facts") or {})
    if code == "held":
        return str(facts.get("reason", ""))
    shown = {name: _show(name, text, currency) for name, text in facts.items()}
    for variant in ("lacking", "standing", "day", "reason"):
        longer = f"{code}/{'row' if variant == 'standing' else variant}"
        if variant in facts and longer in SENTENCES:
            return str(SENTENCES[longer]) % shown
    sentence = str(SENTENCES.get(code, NAMES.get(code, code)))
    try:
        return sentence % shown
    except KeyError:
        return name_of(code=code) + "."


def _show(name: str, text: str, currency: str) -> str:
    """Write a figure as people read it: prices with cents at least, counts as they are, days with their month."""
    if name == "day":
        return dates.date_format(date.fromisoformat(text), "DATE_FORMAT")
    if name in ("agent", "party", "standing"):
        return text
    if name == "reason":
        return text.replace("_", " ")
    value = exact.parse_exact(text=text)
    least = money.currency_places(currency=currency) if name.endswith("price") or name == "told" else 0
    places = next((found for found in range(least, SHOWN_PLACES + 1) if (value * 10**found).denominator == 1), SHOWN_PLACES)
    return exact.write_rounded(value=value, places=places)


def amount(*, micros: int, currency: str) -> str:
    """Write an amount for a file: decimals of the currency, and more where cents would hide something."""
    value = money.from_micros(micros=micros)
    least = money.currency_places(currency=currency)
    places = next(found for found in range(least, MICRO_PLACES + 1) if (value * 10**found).denominator == 1)
    return exact.format_places(value=value, places=places)
