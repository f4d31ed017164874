"""Cases and their append-only events. A case's state is never stored here: it is a fold over the events."""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from agents.models.first_contacts import moves_are_noted, stage_times_are_noted
from agents.models.intake import ImportRun
from agents.models.sources import Source
from contracts.models import Channel, Contract, QueryType
from contracts.models.fields import MicrosField
from contracts.models.versions import never_truncated


class Case(models.Model):
    """A customer's problem, from one source system."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="cases")
    key = models.CharField(max_length=200, help_text=_("Number in the source system."))
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="cases")
    customer_hash = models.CharField(max_length=64, blank=True, help_text=_("Keyed hash of the customer; the name itself is never stored."))
    opened_at = models.DateTimeField(help_text=_("When the customer came."))

    class Meta:
        ordering = ["-opened_at"]
        constraints = [models.UniqueConstraint(name="case_once", fields=["source", "key"])]
        indexes = [
            models.Index(name="case_customer", fields=["customer_hash", "opened_at"]),
            # Search finds a case by the beginning of its number, in capitals or not.
            models.Index(OpClass(Upper("key"), name="text_pattern_ops"), name="case_search"),
        ]
        triggers = [moves_are_noted()]

    def __str__(self) -> str:
        return self.key


class CaseEvent(models.Model):
    """Something that happened on a case. Unique by source and key, never changed, never deleted."""

    class Type(models.TextChoices):
        OPENED = "opened", _("Opened")
        CONTACT = "contact", _("Contact")
        STAGE_TIME = "stage_time", _("Time on a stage")
        WORKED = "worked", _("Open and worked on")
        SOLUTION_OFFERED = "solution_offered", _("Solution offered")
        CUSTOMER_ACKNOWLEDGED = "customer_acknowledged", _("Customer said yes")
        CUSTOMER_RETURNED = "customer_returned", _("Customer came back")
        TRANSFERRED = "transferred", _("Passed on")
        ESCALATED = "escalated", _("Escalated")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Reopened")
        MERGED = "merged", _("Merged into another case")
        EXCLUDED = "excluded", _("Excluded")
        QA_PASSED = "qa_passed", _("Passed by QA")
        QA_FAILED = "qa_failed", _("Refused by QA")
        CLIENT_APPROVED = "client_approved", _("Approved by the client")
        CLIENT_DECLINED = "client_declined", _("Declined by the client")
        SURVEY_ANSWERED = "survey_answered", _("Survey answered")

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    key = models.CharField(max_length=200, help_text=_("Identity within the source; the same key with the same body is a duplicate."))
    body_hash = models.CharField(max_length=64, help_text=_("Tells a duplicate from a changed body under the same key."))
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    type = models.CharField(max_length=24, choices=Type)
    occurred_at = models.DateTimeField()
    sequence = models.IntegerField(default=0, help_text=_("The source's own counter, to order events of one instant."))
    agent_identity = models.ForeignKey(
        "agents.SourceIdentity", null=True, on_delete=models.PROTECT, related_name="+", help_text=_("Who the source credits.")
    )
    query_type = models.ForeignKey(QueryType, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(
        Contract, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("As told with this event; the case takes the first.")
    )
    customer_hash = models.CharField(max_length=64, blank=True, help_text=_("Keyed hash of the customer, where this event names one."))
    queue = models.CharField(max_length=120, blank=True)
    transfer_count = models.PositiveSmallIntegerField(null=True, help_text=_("The source's own count of hand-overs so far."))
    direction = models.CharField(max_length=3, blank=True, choices=[("in", "From the customer"), ("out", "To the customer")])
    medium = models.CharField(max_length=9, blank=True, choices=[("live", "Live"), ("message", "Message"), ("voicemail", "Voicemail")])
    content = models.CharField(max_length=8, blank=True, choices=[("answer", "Answer"), ("request", "Request"), ("other", "Other")])
    is_qualified = models.BooleanField(null=True)
    is_appropriate = models.BooleanField(null=True)
    is_hostile = models.BooleanField(null=True)
    code = models.CharField(max_length=32, blank=True, help_text=_("Exclusion code, stage name, or other coded fact."))
    handle_seconds = models.PositiveIntegerField(null=True, help_text=_("Talk, hold and after-contact work together."))
    value_micros = MicrosField(
        null=True, help_text=_("What the case is worth in money, such as the order; a price that is a percentage is taken of it.")
    )
    value_currency = models.CharField(max_length=3, blank=True, default="", db_default="", help_text=_("Currency of the value."))
    run = models.ForeignKey(ImportRun, null=True, on_delete=models.PROTECT, related_name="events")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["case", "occurred_at", "sequence", "id"]
        constraints = [
            models.UniqueConstraint(name="case_event_once", fields=["source", "key"]),
            models.CheckConstraint(
                name="case_event_value_has_its_currency",
                condition=models.Q(value_micros=None, value_currency="")
                | (models.Q(value_micros__isnull=False, value_micros__gte=0) & ~models.Q(value_currency="")),
            ),
        ]
        indexes = [
            models.Index(name="case_event_order", fields=["case", "occurred_at", "sequence", "id"]),
            BrinIndex(name="case_event_time", fields=["occurred_at"], autosummarize=True),
            models.Index(name="case_event_survey", fields=["case"], condition=models.Q(type="survey_answered")),
            models.Index(name="case_event_value", fields=["case"], condition=models.Q(value_micros__isnull=False)),
            # Where the time goes: by agent, and which cases tell it at all.
            models.Index(
                name="case_event_stage",
                fields=["agent_identity", "occurred_at"],
                include=["code", "handle_seconds", "case"],
                condition=models.Q(type="stage_time", handle_seconds__isnull=False),
            ),
            models.Index(name="case_event_staged", fields=["case"], condition=models.Q(type="stage_time", handle_seconds__isnull=False)),
        ]
        triggers = [
            pgtrigger.Protect(name="case_events_only_grow", operation=pgtrigger.Update | pgtrigger.Delete),
            never_truncated(),
            stage_times_are_noted(),
        ]

    def __str__(self) -> str:
        return f"{self.type} at {self.occurred_at:%Y-%m-%d %H:%M}"

    @property
    def is_by_customer(self) -> bool:
        """Whether the customer did it, whoever wrote it down."""
        return self.type in (self.Type.CUSTOMER_ACKNOWLEDGED, self.Type.CUSTOMER_RETURNED, self.Type.SURVEY_ANSWERED)
