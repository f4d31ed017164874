"""Clients, their contracts, and the two things a resolution is classed by: query type and channel."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import fields


class Client(models.Model):
    """A company whose customers we answer."""

    code = fields.code(unique=True, help_text=_("Short name used in files and addresses; it never changes."))
    name = models.CharField(max_length=120, help_text=_("Name as it stands on invoices."))
    is_simulated = models.BooleanField(default=False, help_text=_("Made up for the demo; pages say so wherever it shows."))
    keeps_comments = models.BooleanField(
        default=False,
        help_text=_(
            "Keep what customers and reviewers write in surveys and reviews. Off: words are dropped as they come, and "
            "older ones the next night."
        ),
    )
    comment_days = models.PositiveSmallIntegerField(
        default=365, validators=[MinValueValidator(1)], help_text=_("Days after which kept comments are deleted.")
    )
    raw_days = models.PositiveSmallIntegerField(
        default=14,
        validators=[MinValueValidator(1)],
        help_text=_("Days for which deliveries that were not understood, uploads, and held rows that were released are kept as they came."),
    )
    held_days = models.PositiveSmallIntegerField(
        default=90,
        validators=[MinValueValidator(1)],
        help_text=_("Days after which a held row of a file that nobody released loses its content; the file can be imported again."),
    )

    healthy_from = models.PositiveSmallIntegerField(
        default=70,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("An account whose health score, 0 to 100, is at least this counts as healthy."),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Contract(models.Model):
    """An agreement with a client. What it says stands in its dated versions."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contracts", help_text=_("Who pays."))
    code = fields.code(unique=True, help_text=_("Short name used in files, for example larch-2016."))
    name = models.CharField(max_length=120, help_text=_("Name that people know it by."))
    timezone = fields.timezone(help_text=_("Days and months of this contract are counted in this time zone."))

    class Meta:
        ordering = ["client", "code"]

    def __str__(self) -> str:
        return f"{self.client}: {self.name}"


class QueryType(models.Model):
    """What a case is about, in two levels: `billing` covers `billing/refund`."""

    code = fields.code(unique=True, help_text=_('Level one, or level one and two with a slash, for example "billing/refund".'))
    name = models.CharField(max_length=120, help_text=_("Name as people read it."))

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """The way a contact comes in."""

    code = fields.code(unique=True, help_text=_("For example chat, email, phone."))
    name = models.CharField(max_length=60, help_text=_("Name as people read it."))
    is_assisted = models.BooleanField(
        default=True, help_text=_("Handled by a person. Self-service is never counted in first contact resolution.")
    )
    is_digital = models.BooleanField(default=True, help_text=_("Chat, e-mail, SMS or social."))
    is_voice = models.BooleanField(default=False, help_text=_("Phone. Priced only where a contract version says so."))

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="channel_voice_is_not_digital", condition=~models.Q(is_voice=True, is_digital=True)),
        ]

    def __str__(self) -> str:
        return self.name
