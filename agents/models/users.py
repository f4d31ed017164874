"""People who sign in. The e-mail address is the name; roles are groups."""

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class EmailUserManager(UserManager["User"]):
    """Makes users without a user name, which Django's own manager insists on."""

    def _create(self, email: str, password: str | None, **extra: Any) -> "User":
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":  # type: ignore[override]
        """Make a user who can sign in."""
        return self._create(email, password, **extra)

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":  # type: ignore[override]
        """Make a user who may do everything in admin."""
        return self._create(email, password, **{"is_staff": True, "is_superuser": True, **extra})


class NumberFormat(models.TextChoices):
    """How a person reads numbers, where they want it otherwise than their language has it."""

    POINT = "point", _("1,234.56")
    COMMA = "comma", _("1.234,56")
    SPACE = "space", _("1 234,56")


class Clock(models.TextChoices):
    """How a person reads times of day, where they want it otherwise than their language has it."""

    HALVES = "12", _("1:05 PM")
    WHOLE = "24", _("13:05")


class Theme(models.TextChoices):
    """The colors that a person chose on every device; without one, each device says."""

    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


def check_time_zone(name: str) -> None:
    """Refuse a name that is no time zone.

    Raises:
        ValidationError: if the time zone database has no such name.
    """
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("%(name)s is no time zone. Choose one of the list, like America/New_York."), params={"name": name})


class User(AbstractUser):
    """Somebody who signs in: an agent, a team lead, an admin, an approver, an auditor or a client contact."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True, help_text=_("Signs in with this."))
    name = models.CharField(max_length=120, blank=True, help_text=_("Name as colleagues read it."))
    # Empty means: as the browser, the site, the language or the device says.
    language = models.CharField(max_length=12, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, validators=[check_time_zone])
    number_format = models.CharField(max_length=8, blank=True, choices=NumberFormat.choices)
    clock = models.CharField(max_length=2, blank=True, choices=Clock.choices)
    theme = models.CharField(max_length=8, blank=True, choices=Theme.choices)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = EmailUserManager()  # type: ignore[misc]

    class Meta:
        ordering = ["email"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name as colleagues read it; the administration shows it beside its menu."""
        return self.name

    def get_short_name(self) -> str:
        """Return the same: how a name is shortened is not ours to guess."""
        return self.name
