"""Field shapes that many models share."""

import zoneinfo
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext as _

from contracts.rules import currencies


def check_timezone(value: str) -> None:
    """Refuse a name that the time zone database does not know."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(f'"{value}" is not a time zone; write a name such as America/New_York.')


def check_currency(value: str) -> None:
    """Refuse a code that ISO 4217 does not know: nobody knows its decimals."""
    if value not in currencies.CODES:
        raise ValidationError(_('"%(code)s" is no currency; write a code of ISO 4217 such as USD, EUR or INR.') % {"code": value})


def code(**options: Any) -> models.CharField:
    """A short stable name, unique where the model says so; may be hierarchical with slashes."""
    check = RegexValidator(r"^[a-z0-9][a-z0-9_./-]*$", 'Use small letters, digits, "-", "_", "." and "/".')
    return models.CharField(max_length=64, validators=[check], **options)


def currency(**options: Any) -> models.CharField:
    """An ISO 4217 code."""
    return models.CharField(max_length=3, validators=[check_currency], **options)


def timezone(**options: Any) -> models.CharField:
    """A name of the time zone database."""
    return models.CharField(max_length=64, default="UTC", validators=[check_timezone], **options)


class ScaledFormField(forms.DecimalField):
    """Shows a stored whole number as the decimal that people write, and stores what they wrote exactly."""

    def __init__(self, *, scale: int, **options: Any) -> None:
        self.scale = scale
        super().__init__(decimal_places=len(str(scale)) - 1, **options)

    def prepare_value(self, value: Any) -> Any:
        return self.shown(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        number = super().clean(value)
        return None if number is None else int(number * self.scale)

    def has_changed(self, initial: Any, data: Any) -> bool:
        # Compared as numbers: 100.00 as text would differ from 100, and every save would count as a change.
        return super().has_changed(Decimal(initial) / self.scale if isinstance(initial, int) else initial, data)

    def shown(self, value: int) -> str:
        """Return the decimal without needless zeros, but with cents."""
        number = Decimal(value) / self.scale
        return f"{number:.2f}" if number == round(number, 2) else f"{number.normalize():f}"


class _NamedWithoutUnit(models.Field):
    """A field whose label leaves out the unit that its name carries, because people never see that unit."""

    unit_suffix = ""

    def set_attributes_from_name(self, name: str) -> None:
        if self.verbose_name is None:
            self.verbose_name = name.removesuffix(self.unit_suffix).replace("_", " ")
        super().set_attributes_from_name(name)


class MicrosField(_NamedWithoutUnit, models.BigIntegerField):
    """Money in millionths of the major unit. Forms show and take the major unit, such as 12.50."""

    unit_suffix = "_micros"

    def formfield(self, **options: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": ScaledFormField, "scale": 1_000_000, **options})


class BasisPointsField(_NamedWithoutUnit, models.PositiveIntegerField):
    """A part in ten-thousandths. Forms show and take percent, such as 20.00."""

    unit_suffix = "_bp"

    def formfield(self, **options: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": ScaledFormField, "scale": 100, "min_value": 0, **options})


class RateField(_NamedWithoutUnit, models.PositiveIntegerField):
    """A rate in millionths. Forms show and take percent with up to four decimals, such as 8.875."""

    unit_suffix = "_ppm"

    def formfield(self, **options: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": ScaledFormField, "scale": 10_000, "min_value": 0, **options})
