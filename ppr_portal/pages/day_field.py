"""A day that people choose in the browser's own calendar."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

FIRST_YEAR, LAST_YEAR = 1900, 2200


class DayField(forms.DateField):
    """A day. Browsers send and want it as 2016-03-01 in any language."""

    def __init__(self, **options: Any) -> None:
        faults = {"required": _("Choose a day."), "invalid": _("Write a day like 2016-03-31.")}
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], error_messages=faults | options.pop("error_messages", {}), **options)

    def to_python(self, value: Any) -> date | None:
        """Read a day; one so far off that the days around it are in no calendar is none."""
        found = super().to_python(value)
        if found is not None and not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found
