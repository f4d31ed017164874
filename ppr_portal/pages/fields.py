"""Form fields that read what people write."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from contracts.rules import exact
from contracts.rules.errors import InvalidInput

MICROS = 1_000_000


class AmountField(forms.CharField):
    """An amount of the major unit, such as 1.40, kept exactly as micros."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), max_length=20, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace(",", "").lstrip("$").strip()
        if not text:
            return None
        try:
            micros = exact.parse_exact(text=text) * MICROS
        except InvalidInput:
            micros = None
        if micros is None or micros.denominator != 1 or micros < 0 or "/" in text:
            raise forms.ValidationError(_("Enter an amount like 1.40."))
        return int(micros)
