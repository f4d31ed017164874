"""How money, counts, rates and durations are written for people. Templates write no figure themselves, and load days with these.

Amounts come in micros, exact numbers as text or Fraction, durations in seconds. A minus is a true minus. Separators and the place
of signs follow the reader's language, or what they chose instead (contracts.reading).
"""

from fractions import Fraction
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing import countries
from billing.queries import line_labels
from billing.rules import money as money_rules
from contracts import reading
from contracts.models import PayPlanVersion
from contracts.queries import law_words
from contracts.rules import exact
from ppr_portal import stored_sentences
from ppr_portal.stored_words import tell
from ppr_portal.templatetags import times

register = template.Library()
# Days and figures stand beside each other on every page: one name loads both.
register.filters.update(times.register.filters)
register.tags.update(times.register.tags)

MINUS = "−"
EN_DASH, NO_BREAK = times.EN_DASH, times.NO_BREAK
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "PHP": "₱", "INR": "₹", "ZAR": "R", "CAD": "CA$", "AUD": "A$", "MXN": "MX$"}
NAMES = {
    "USD": gettext_lazy("US dollars"),
    "EUR": gettext_lazy("euros"),
    "GBP": gettext_lazy("pounds"),
    "PHP": gettext_lazy("Philippine pesos"),
    "INR": gettext_lazy("Indian rupees"),
    "CAD": gettext_lazy("Canadian dollars"),
}
SHORT_PLACES_MAX = 6

Exact = Fraction | int | str


def number(*, value: Fraction, places: int, signed: bool = False) -> str:
    """Write a number with grouping and a true minus, rounded half away from zero; `signed` also writes the plus."""
    rounded = exact.round_exact(value=value, places=places)
    digits = _grouped(exact.format_places(value=abs(rounded), places=places))
    if rounded < 0:
        return f"{MINUS}{digits}"
    return f"+{digits}" if signed and rounded > 0 else digits


def _grouped(digits: str) -> str:
    point, comma = reading.separators()
    whole, _point, decimals = digits.partition(".")
    whole = f"{int(whole):,}".replace(",", comma)
    return f"{whole}{point}{decimals}" if decimals else whole


def _fraction(value: Exact) -> Fraction:
    # A stored exact number may be longer than what a person may type, so it is read without that limit.
    return Fraction(value)


# Money ------------------------------------------------------------------------------------------------------------------


@register.filter
def amount(micros: int, currency: str = "USD") -> str:
    """Write an amount for a column whose head names the currency: 1,644.56."""
    return number(value=money_rules.from_micros(micros=micros), places=money_rules.currency_places(currency=currency))


@register.filter
def signed_amount(micros: int, currency: str = "USD") -> str:
    """Write an amount with its sign: +47.00 or −2.20."""
    return number(value=money_rules.from_micros(micros=micros), places=money_rules.currency_places(currency=currency), signed=True)


@register.filter
def money(micros: int, currency: str = "USD") -> str:
    """Write a single amount with its currency sign: $1,644.56."""
    return _with_sign(amount(micros, currency), currency)


@register.filter
def whole_money(micros: int, currency: str = "USD") -> str:
    """Write a rough amount without cents, with its currency sign: $2,370."""
    return _with_sign(number(value=money_rules.from_micros(micros=micros), places=0), currency)


@register.filter
def signed_money(micros: int, currency: str = "USD") -> str:
    """Write a single amount with currency sign and plus or minus: +$47.00."""
    return _with_sign(signed_amount(micros, currency), currency)


@register.filter
def line_label(label: str) -> str:
    """Write what a pay line is called."""
    return line_labels.tell_label(label)


@register.filter
def version_name(version: Any) -> str:
    """Write a version of a contract or a plan in the reader's language: Care plan, version 1."""
    whose = version.plan if isinstance(version, PayPlanVersion) else version.contract
    return _("%(name)s, version %(number)s") % {"name": whose, "number": version.number}


@register.filter
def pay_law(version: str) -> str:
    """Write the version of a rule pack by its title: United States, federal, 2026.1."""
    return law_words.name_version(version=version)


@register.filter
def stored_words(text: str) -> str:
    """Write a text that is stored in English, such as the name of a job."""
    return tell(text)


@register.filter
def stored_sentence(text: str) -> str:
    """Write a sentence that is stored in English, such as why a row is held, in the reader's language."""
    return stored_sentences.tell(text)


@register.filter
def told_address(words: str) -> str:
    """Write an address as it was stored, with its country in the reader's language."""
    return countries.tell(words)


@register.filter
def currency_name(currency: str) -> str:
    """Write a currency in words where there are words for it: US dollars."""
    return str(NAMES.get(currency, currency))


def _with_sign(digits: str, currency: str) -> str:
    sign, body = (digits[0], digits[1:]) if digits[0] in f"+{MINUS}" else ("", digits)
    symbol = SYMBOLS.get(currency)
    if symbol and reading.language() == "en":
        return f"{sign}{symbol}{body}"
    return f"{sign}{body}{NO_BREAK}{symbol or currency}"


def _in_percent(digits: str) -> str:
    return f"{digits}%" if reading.language() == "en" else f"{digits}{NO_BREAK}%"


# Numbers ----------------------------------------------------------------------------------------------------------------


@register.filter
def count(value: int) -> str:
    """Write a count: 14,950."""
    # A page writes hundreds of whole numbers, of which nothing is to be rounded.
    return f"{MINUS if value < 0 else ''}{_grouped(str(abs(value)))}" if isinstance(value, int) else number(value=Fraction(value), places=0)


@register.filter
def signed_count(value: int) -> str:
    """Write how much more or less something counts: +12 or −3."""
    return number(value=Fraction(value), places=0, signed=True)


@register.filter
def percent(value: Exact | None, places: int = 1) -> str:
    """Write a rate between 0 and 1 in percent: 81.3%. A missing rate is a dash, never zero."""
    return EN_DASH if value is None else _in_percent(number(value=_fraction(value) * 100, places=int(places)))


@register.filter
def fine_percent(value: Exact) -> str:
    """Write a rate that an amount is multiplied by, as briefly as its product can be checked: 5%, 12.5%, 3.2343%."""
    return _in_percent(short_number(_fraction(value) * 100))


@register.filter
def signed_percent(value: Exact, places: int = 1) -> str:
    """Write a change in percent: +3.28%."""
    return _in_percent(number(value=_fraction(value) * 100, places=int(places), signed=True))


@register.filter
def signed_points(value: Exact, places: int = 1) -> str:
    """Write the difference of two rates in percentage points, without their name: +10.9."""
    return number(value=_fraction(value) * 100, places=int(places), signed=True)


@register.filter
def bare_percent(value: Exact | None, places: int = 1) -> str:
    """Write a rate in percent without the sign, for a column whose head has it: 81.3."""
    return EN_DASH if value is None else number(value=_fraction(value) * 100, places=int(places))


@register.filter
def credit(millionths: int) -> str:
    """Write a part in millionths in percent, as briefly as it reads: 50%."""
    return _in_percent(short_number(Fraction(millionths, 10_000)))


@register.filter
def decimal(value: Exact, places: int = 2) -> str:
    """Write an exact number with a fixed count of decimals: 16.23."""
    return number(value=_fraction(value), places=int(places))


@register.filter
def fine_amount(value: Exact) -> str:
    """Write an unrounded amount with two to four decimals, as many as it really has: 0.48, 411.208, 15.8758."""
    found = _fraction(value)
    places = next((places for places in (2, 3) if (found * 10**places).denominator == 1), 4)
    return number(value=found, places=places)


@register.filter
def short_number(value: Exact | None) -> str:
    """Write an exact number as briefly as it can be read: 124, 0.48, 16.2308."""
    if value is None or value == "":
        return ""
    found = _fraction(value)
    places = next((places for places in range(SHORT_PLACES_MAX) if (found * 10**places).denominator == 1), 4)
    return number(value=found, places=places)


@register.filter
def excess_percent(value: Exact) -> str:
    """Write what a multiplier adds: +20% for 1.2, −20% for 0.8."""
    return signed_percent(_fraction(value) - 1, 0)


@register.filter
def minutes(seconds: Exact) -> str:
    """Write seconds as minutes and seconds: 13:40."""
    whole = round(_fraction(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


@register.filter
def hours(seconds: int, places: int = 2) -> str:
    """Write seconds as hours: 102.25."""
    return number(value=Fraction(seconds, 3600), places=int(places))


@register.filter
def duration(seconds: int) -> str:
    """Write a duration in words: 20 minutes, 1 h 30 min, 3 days."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    whole, rest = divmod(minutes, 60)
    if whole >= 48:
        days = ngettext("%(count)s day", "%(count)s days", whole // 24) % {"count": whole // 24}
        return days if whole % 24 == 0 and rest == 0 else _("%(days)s %(hours)s h") % {"days": days, "hours": whole % 24}
    if rest:
        return _("%(hours)s h %(minutes)s min") % {"hours": whole, "minutes": rest}
    return ngettext("%(count)s hour", "%(count)s hours", whole) % {"count": whole}
