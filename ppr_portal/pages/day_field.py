"""A day that people choose in the browser's own calendar."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DayField(forms.DateField):
    """A day. Browsers send and want it as 2016-03-01 in any language."""

    def __init__(self, **options: Any) -> None:
        faults = {"required": _("Choose a day."), "invalid": _("Write a day like 2016-03-31.")}
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], error_messages=faults | options.pop("error_messages", {}), **options)
