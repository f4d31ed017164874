"""What other systems deliver: the keys and secrets that let them in, what could not be understood, and which cases changed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.cases import Case
from agents.models.sources import Source
from agents.models.users import User
from contracts.models import fields


class ApiKey(models.Model):
    """A key by which a program speaks for one source. Only its hash is stored, so nobody can read it here."""

    class Scope(models.TextChoices):
        EVENTS_WRITE = "events:write", _("Deliver case events")
        QUALITY_WRITE = "quality:write", _("Deliver surveys and QA reviews")
        AVAILABILITY_READ = "availability:read", _("Read who may be given work")

    name = models.CharField(max_length=120, help_text=_("Who uses it, as people read it."))
    prefix = models.CharField(
        max_length=16, unique=True, help_text=_("Beginning of the key, which tells keys apart without giving one away.")
    )
    key_hash = models.CharField(max_length=64, help_text=_("SHA-256 of the key."))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="api_keys", help_text=_("The only source it may speak for."))
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope), help_text=_("What it may do."))
    created_at = models.DateTimeField(help_text=_("Wall clock."))
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text=_("Wall clock, to the minute."))
    revoked_at = models.DateTimeField(null=True, blank=True, help_text=_("From when it no longer opens anything; wall clock."))

    class Meta:
        ordering = ["name", "created_at"]
        verbose_name = _("API key")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class HookSecret(models.Model):
    """A secret by which a help desk proves that a webhook is its own. Two may be valid at once, so that one can be replaced."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="hook_secrets")
    value = models.CharField(max_length=255, help_text=_("As the help desk shows it. It can be entered here and never be read again."))
    note = models.CharField(max_length=120, blank=True, help_text=_("Where it was entered on the other side."))
    created_at = models.DateTimeField(help_text=_("Wall clock."))
    revoked_at = models.DateTimeField(null=True, blank=True, help_text=_("From when it proves nothing; wall clock."))

    class Meta:
        ordering = ["source", "-created_at"]

    def __str__(self) -> str:
        return f"Secret of {self.source}, {self.created_at:%Y-%m-%d}"


class RawDelivery(models.Model):
    """A webhook that came from its help desk but was not understood: kept as it came for some days, so that somebody can look."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="raw_deliveries")
    vendor = models.CharField(max_length=16)
    reason = fields.code(help_text=_("Stable code of the reason."))
    message = models.TextField(help_text=_("What was not understood and what to do."))
    content_type = models.CharField(max_length=120, blank=True)
    body = models.BinaryField(help_text=_("Exactly the bytes that came."))
    body_sha256 = models.CharField(max_length=64, help_text=_("The same body is kept once, however often it is delivered."))
    delivery_count = models.PositiveIntegerField(default=1, help_text=_("How often it was delivered."))
    first_received_at = models.DateTimeField(help_text=_("Wall clock."))
    last_received_at = models.DateTimeField(help_text=_("Wall clock; it is deleted some days after."))
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=_("Who looks at it."))
    released_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was understood after all, or dismissed."))
    release_note = models.TextField(blank=True, help_text=_("Why it was released."))

    class Meta:
        ordering = ["-last_received_at"]
        verbose_name_plural = _("raw deliveries")
        constraints = [models.UniqueConstraint(name="raw_delivery_once", fields=["source", "body_sha256"])]
        indexes = [models.Index(name="raw_delivery_age", fields=["last_received_at"])]

    def __str__(self) -> str:
        return f"{self.vendor}, {self.last_received_at:%Y-%m-%d %H:%M}"


class ChangedCase(models.Model):
    """A case of which something new is known, until its resolutions and then the pay of its agents are up to date.

    A row per delivery and case, so that deliveries never wait for each other. It goes when both steps are done.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    noted_at = models.DateTimeField(help_text=_("Wall clock."))
    folded_at = models.DateTimeField(null=True, blank=True, help_text=_("When its resolutions were brought up to date; wall clock."))

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(name="changed_case_to_fold", fields=["id"], condition=models.Q(folded_at=None)),
            models.Index(name="changed_case_folded", fields=["id"], condition=models.Q(folded_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class AwaitedCase(models.Model):
    """A case with an event dated ahead of when it was folded last, be it by a second: it is folded again when that time comes."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(db_index=True, help_text=_("When the first of its events that were not known yet happens."))

    class Meta:
        ordering = ["due_at"]

    def __str__(self) -> str:
        return f"{self.case_id}"
