"""How a figure is contested and corrected: by adding, never by editing."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Resolution
from billing.models.disputes import Dispute
from billing.models.settlements import SettlementLine
from contracts.models import fields


def fixed_once_decided(*, name: str, is_open: str) -> list[pgtrigger.Trigger]:
    """Return the trigger that keeps what a person decided about money; `is_open` is SQL about OLD that still lets it change."""
    return [
        pgtrigger.Trigger(
            name=name,
            operation=pgtrigger.Update | pgtrigger.Delete,
            when=pgtrigger.Before,
            func=f"""
                IF {is_open} THEN RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END IF;
                IF TG_OP = 'UPDATE' AND to_jsonb(OLD) = to_jsonb(NEW) THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'row % of % is decided and cannot change; add an adjustment', OLD.id, TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            """,
        )
    ]


class Decision(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Reversal(models.Model):
    """A paid resolution that was reopened later. Nothing is taken back unless a person approves it."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="reversals")
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="reversals")
    cited_line = models.ForeignKey(
        SettlementLine, on_delete=models.PROTECT, related_name="reversals", help_text=_("The line that paid it.")
    )
    paid_micros = fields.MicrosField(help_text=_("What this resolution brought, quality included, before rounding."))
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=8, choices=Decision, default=Decision.PROPOSED)
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    period_start = models.DateField(null=True, blank=True, help_text=_("Pay period that it counts in, once approved."))

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="reversal_once", fields=["agent", "resolution"]),
            models.CheckConstraint(
                name="reversal_decided_by_a_person",
                condition=models.Q(status="proposed")
                | (models.Q(decided_by__isnull=False, decided_at__isnull=False) & ~models.Q(decision_reason="")),
            ),
        ]
        triggers = fixed_once_decided(name="reversal_fixed_once_decided", is_open="OLD.status = 'proposed'")

    def __str__(self) -> str:
        return f"reversal of {self.resolution}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Adjustment(models.Model):
    """An amount entered by a person for an agent and a period, with reason and approver."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="adjustments")
    period_start = models.DateField(help_text=_("Pay period that it counts in."))
    amount_micros = fields.MicrosField()
    currency = models.CharField(max_length=3)
    reason = models.TextField(help_text=_("Why; the agent reads it."))
    dispute = models.ForeignKey(Dispute, null=True, blank=True, on_delete=models.PROTECT, related_name="adjustments")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: the deadline of its dispute passed without an answer."),
    )
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-period_start", "agent"]
        constraints = [
            models.CheckConstraint(
                name="adjustment_approved_by_another", condition=~models.Q(approved_by=models.F("entered_by")) | models.Q(approved_by=None)
            ),
        ]
        triggers = fixed_once_decided(name="adjustment_fixed_once_approved", is_open="OLD.approved_by_id IS NULL")

    def __str__(self) -> str:
        return f"adjustment for {self.agent}"
