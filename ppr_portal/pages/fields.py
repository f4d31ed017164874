"""Form fields that read what people write, and a choice of hundreds."""

import html
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _

from billing.rules import money
from contracts import reading
from contracts.rules import exact
from contracts.translation import gettext_lazy

# As much as a column of money holds: nine million million.
MICROS_MAX = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1900, 2200
DIGITS_OF_A_GROUP = 3
# Groups of three by one sign, the first of them without a leading zero; then decimals after the other sign.
GROUPED = re.compile(r"(?P<whole>[1-9]\d{0,2}(?P<group>[., ])\d{3}(?:(?P=group)\d{3})*)(?:(?!(?P=group))[.,](?P<rest>\d+))?", re.ASCII)
PLAIN = re.compile(r"(?=.)(?P<whole>\d*)(?:(?P<sign>[.,])(?P<rest>\d+))?", re.ASCII)


class AmountField(forms.CharField):
    """An amount of the major unit, such as 1.40, kept exactly as micros."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), max_length=20, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip().lstrip("$")
        if not text:
            return None
        plain = plain_digits(text)
        micros = None if plain is None else exact.parse_exact(text=plain) * money.MICROS
        if micros is None or micros.denominator != 1 or micros > MICROS_MAX:
            raise forms.ValidationError(_("Enter an amount like %(example)s.") % {"example": reading.write_number("1.40")})
        return int(micros)


class CountField(forms.IntegerField):
    """A whole number between two bounds; whatever is wrong with it is told as what to write."""

    def __init__(self, *, min_value: int, max_value: int, **options: Any) -> None:
        words = format_lazy(gettext_lazy("Write a whole number from {low} to {high}."), low=min_value, high=max_value)
        told = dict.fromkeys(("required", "invalid", "min_value", "max_value"), words)
        super().__init__(min_value=min_value, max_value=max_value, error_messages=told, **options)


class DayField(forms.DateField):
    """A day, in the browser's own calendar. Browsers send and want it as 2016-03-01 in any language."""

    def __init__(self, **options: Any) -> None:
        faults = {"required": gettext_lazy("Choose a day."), "invalid": gettext_lazy("Write a day like 2016-03-31.")}
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], error_messages=faults | options.pop("error_messages", {}), **options)

    def to_python(self, value: Any) -> date | None:
        """Read a day; one so far off that the days around it are in no calendar is none."""
        found = super().to_python(value)
        if found is not None and not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


def plain_digits(text: str) -> str | None:
    """Write an amount as a person typed it with a decimal point and no groups: 1,40 is a dollar and forty cents in every language.

    A sign that may begin a group as well as decimals, as in 1,234, means what it means in the reader's own numbers. None for
    what is no amount, be it for its groups: 12,34,5.

    >>> [plain_digits(text) for text in ("1.40", "1,40", "1,234.50", "1.234,50", "1,234", "0,990", "12,34,5")]
    ['1.40', '1.40', '1234.50', '1234.50', '1234', '0.990', None]
    """
    found = " ".join(text.split())
    grouped, plain = GROUPED.fullmatch(found), PLAIN.fullmatch(found)
    if plain and (not grouped or plain["sign"] == reading.separators()[0]):
        return f"{plain['whole']}.{plain['rest']}" if plain["rest"] else plain["whole"]
    if not grouped:
        return None
    whole = grouped["whole"].replace(grouped["group"], "")
    return f"{whole}.{grouped['rest']}" if grouped["rest"] else whole


def write_amount(*, micros: int, currency: str) -> str:
    """Write an amount as a field is filled in with it: with a point in every language, so that it is read back as it is.

    As many decimals as a group has digits are written with the reader's own sign: after a point, some read them as thousands.

    >>> write_amount(micros=1_234_500_000, currency="USD"), write_amount(micros=1_234_000_000, currency="JPY")
    ('1234.50', '1234')
    """
    places = money.currency_places(currency=currency)
    written = exact.format_places(value=money.from_micros(micros=micros), places=places)
    return reading.write_number(written) if places == DIGITS_OF_A_GROUP else written


class LongSelect(forms.Select):
    """A choice of some hundreds, as Django writes one, but without drawing a template for each option."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        groups = SafeString("".join(_write_group(label, options) for label, options, _place in widget["optgroups"]))
        return format_html('<select name="{}"{}>{}</select>', widget["name"], flatatt(widget["attrs"]), groups)


def _write_group(label: str | None, options: Iterable[dict[str, Any]]) -> str:
    written = "".join(
        f'<option value="{_escape(option["value"])}"{" selected" if option["selected"] else ""}>{_escape(option["label"])}</option>'
        for option in options
    )
    return f'<optgroup label="{_escape(label)}">{written}</optgroup>' if label else written


def _escape(text: object) -> str:
    """Write a text into HTML as templates do; Django's own function looks at each text for laziness first, which takes longer."""
    return str(text) if isinstance(text, SafeString) else html.escape(str(text))
