"""Resolutions as they stand now, every step that brought them there, and what is held."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.cases import Case, CaseEvent
from agents.models.changed_units import units_are_noted
from agents.models.first_contacts import first_contacts_are_noted
from agents.models.people import Agent
from agents.models.sources import SourceIdentity
from contracts.models import Channel, ContractVersion, QueryType, fields
from contracts.models.versions import never_truncated


class ResolutionState(models.TextChoices):
    PENDING = "pending", _("Pending")
    CONFIRMED = "confirmed", _("Confirmed")
    ASSUMED = "assumed", _("Assumed")
    REOPENED = "reopened", _("Reopened")
    VOID = "void", _("Void")


class Resolution(models.Model):
    """One claim that a case is solved. The row is the present result of the fold; its history stands in the transitions."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="resolutions")
    number = models.PositiveSmallIntegerField(help_text=_("First, second ... solution of the case."))
    state = models.CharField(max_length=9, choices=ResolutionState)
    rule = models.CharField(max_length=48, help_text=_("The rule that brought it into this state."))
    identity = models.ForeignKey(
        SourceIdentity, null=True, on_delete=models.PROTECT, related_name="resolutions", help_text=_("Who the source credits.")
    )
    agent = models.ForeignKey(
        Agent,
        null=True,
        on_delete=models.PROTECT,
        related_name="resolutions",
        # Two indexes begin with it.
        db_index=False,
        help_text=_("Empty: nobody is mapped yet; see holds."),
    )
    policy_version = models.ForeignKey(
        ContractVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("In force when the case opened. Empty: none; held."),
    )
    price_version = models.ForeignKey(
        ContractVersion, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("Its rate card prices it.")
    )
    query_type = models.ForeignKey(QueryType, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField()
    window_ends_at = models.DateTimeField(null=True, help_text=_("When silence will have been long enough."))
    verified_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    is_payable = models.BooleanField(default=False, help_text=_("Verified, counted under the policy's cap, and not reopened."))
    reason = models.CharField(max_length=48, blank=True, help_text=_("Code that says why it is, or is not, payable."))
    price_bp = models.PositiveIntegerField(default=10_000, help_text=_("Part of the price that it counts with; 10,000 is all of it."))
    correction = models.CharField(
        max_length=16,
        blank=True,
        choices=[("deduct_later", "Deducted later"), ("reduced_price", "At a reduced price")],
        help_text=_("What a return did to a unit that stays counted."),
    )
    fcr = models.CharField(
        max_length=16, choices=[("yes", "Yes"), ("no", "No"), ("pending", "Pending"), ("not_applicable", "Not applicable")]
    )
    fcr_reason = models.CharField(max_length=48, blank=True)
    inhibitor = models.CharField(
        max_length=24, blank=True, db_default="", help_text=_("What kept it from first contact; empty where FCR is not no.")
    )
    delivery_model = models.CharField(
        max_length=24, blank=True, db_default="", help_text=_("Of its policy: what counted as the initial interaction.")
    )
    queue = models.CharField(
        max_length=120, blank=True, db_default="", help_text=_("The last queue that the case was in before it was claimed solved.")
    )

    class Meta:
        ordering = ["-resolved_at"]
        constraints = [
            models.UniqueConstraint(name="resolution_once", fields=["case", "number"]),
            models.CheckConstraint(
                name="resolution_payable_is_verified", condition=models.Q(is_payable=False) | models.Q(verified_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(name="resolution_due", fields=["window_ends_at"], condition=models.Q(state="pending")),
            # Lists of one's own and of a team's tell how many are in each state, from this index alone.
            models.Index(name="resolution_agent_resolved", fields=["agent", "resolved_at"], include=["id", "state"]),
            models.Index(name="resolution_resolved", fields=["resolved_at", "id"]),
            models.Index(name="resolution_state_resolved", fields=["state", "resolved_at", "id"]),
            # Pay and first contact rates read an agent's month from this index alone, for the rows lie scattered over the whole table.
            models.Index(
                name="resolution_agent_verified",
                fields=["agent", "verified_at"],
                include=["id", "is_payable", "state", "price_version", "query_type", "channel", "fcr"],
                condition=models.Q(verified_at__isnull=False),
            ),
            models.Index(name="resolution_price_verified", fields=["price_version", "verified_at"], condition=models.Q(is_payable=True)),
        ]
        triggers = [*units_are_noted(), *first_contacts_are_noted()]

    def __str__(self) -> str:
        return f"{self.case} ({self.number})"


class ResolutionTransition(models.Model):
    """One step in the life of a resolution, with its rule, its policy version and the event that shows it. Only grows."""

    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="transitions")
    state = models.CharField(max_length=9, choices=ResolutionState)
    at = models.DateTimeField()
    rule = models.CharField(max_length=48)
    detail = models.CharField(max_length=32, blank=True, help_text=_("Effect of a return after verification, or code of an exclusion."))
    policy_version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(CaseEvent, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("Empty: time alone moved it."))
    recorded_at = models.DateTimeField(help_text=_("When the portal learned it."))

    class Meta:
        ordering = ["resolution", "at", "id"]
        constraints = [models.UniqueConstraint(name="resolution_transition_once", fields=["resolution", "state", "at", "rule"])]
        triggers = [
            pgtrigger.Protect(name="resolution_transitions_only_grow", operation=pgtrigger.Update | pgtrigger.Delete),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.state} at {self.at:%Y-%m-%d %H:%M}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Hold(models.Model):
    """A resolution that waits for a person: with a reason, an owner and an expiry."""

    resolution = models.ForeignKey(Resolution, on_delete=models.CASCADE, related_name="holds")
    reason = fields.code(help_text=_("Stable code, for example unmapped_identity."))
    message = models.TextField(help_text=_("What is missing and what to do."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=_("Who decides.")
    )
    expires_at = models.DateTimeField(help_text=_("When it is raised with the owner's lead."))
    amount_micros = fields.MicrosField(null=True, help_text=_("Client price at stake. Empty: it cannot be priced yet."))
    currency = models.CharField(max_length=3, blank=True)
    opened_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    release_note = models.TextField(blank=True)

    class Meta:
        ordering = ["expires_at"]
        constraints = [models.UniqueConstraint(name="hold_once", fields=["resolution", "reason"], condition=models.Q(released_at=None))]

    def __str__(self) -> str:
        return self.message
