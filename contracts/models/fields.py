"""Field shapes that many models share."""

import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models


def check_timezone(value: str) -> None:
    """Refuse a name that the time zone database does not know."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(f'"{value}" is not a time zone; write a name such as America/New_York.')


def code(**options: Any) -> models.CharField:
    """A short stable name, unique where the model says so; may be hierarchical with slashes."""
    check = RegexValidator(r"^[a-z0-9][a-z0-9_./-]*$", 'Use small letters, digits, "-", "_", "." and "/".')
    return models.CharField(max_length=64, validators=[check], **options)


def currency(**options: Any) -> models.CharField:
    """An ISO 4217 code."""
    return models.CharField(
        max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$", "Use three capital letters, for example USD.")], **options
    )


def timezone(**options: Any) -> models.CharField:
    """A name of the time zone database."""
    return models.CharField(max_length=64, default="UTC", validators=[check_timezone], **options)
