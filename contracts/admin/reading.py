"""How the administration shows what can only be read: stored whole numbers as the money and percent that people know."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.utils.functional import cached_property
from django.utils.text import capfirst

from contracts.models.fields import BasisPointsField, MicrosField, RateField, ScaledFormField

SCALED = (MicrosField, BasisPointsField, RateField)


class ShowsAmounts:
    """An admin or inline whose amounts read 12.50 and whose parts read 20.00%, in a form and outside of one alike."""

    model: Any

    @cached_property
    def readonly_preprocess_fields(self) -> Mapping[str, Callable[[str], str]]:
        """Return by field what turns the number that would be shown into what people write."""
        found = [field for field in self.model._meta.get_fields() if isinstance(field, SCALED)]
        return {field.name: partial(show_scaled, field=field) for field in found}


def show_scaled(contents: str, *, field: Any) -> str:
    """Write a stored number, shown with the reader's separators or not, in the unit that its form takes; a dash stays a dash.

    >>> show_scaled("12,500,000", field=MicrosField()), show_scaled("2000", field=BasisPointsField()), show_scaled("-", field=RateField())
    ('12.50', '20.00%', '-')
    """
    digits = "".join(sign for sign in str(contents) if sign.isdecimal())
    if not digits:
        return contents
    form: ScaledFormField = field.formfield()
    shown = form.shown(int(digits) * (-1 if str(contents).lstrip().startswith(("-", "−")) else 1))
    return shown if isinstance(field, MicrosField) else f"{shown}%"


class NamesItsCells:
    """A table to type in whose every cell says what it is to somebody who cannot see the heads of its columns."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        if field is not None and field.label:
            # A choice of rows is wrapped with its buttons; the name belongs to what is inside.
            getattr(field.widget, "widget", field.widget).attrs.setdefault("aria-label", capfirst(field.label))
        return field
