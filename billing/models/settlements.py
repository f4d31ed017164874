"""What an agent is owed for a pay period: the settlement, its lines, and the earning of each resolution."""

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models

from agents.models import Agent, Resolution
from billing.models.pay_runs import PayRun
from contracts.models import PayPlanVersion, fields
from contracts.models.versions import effective_range, never_truncated, rows_follow


class SettlementStatus(models.TextChoices):
    ACCRUING = "accruing", "Accruing: the period is open"
    CALCULATED = "calculated", "Calculated"
    APPROVED = "approved", "Approved"
    POSTED = "posted", "Posted"
    PAID = "paid", "Paid"


def settled_rows_are_fixed() -> list[pgtrigger.Trigger]:
    """Return the trigger that fixes the rows of a settlement once somebody approved it."""
    check = """
        SELECT status INTO found FROM billing_settlement WHERE id = item.settlement_id;
        IF found IN ('approved', 'posted', 'paid') THEN
            RAISE EXCEPTION 'settlement % is %; correct it by adding to an open period', item.settlement_id, found
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;"""
    return [rows_follow(name="fixed_once_approved", check=check)]


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Settlement(models.Model):
    """One agent's pay period. While it accrues, jobs write it anew; once approved, it and its lines never change."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="settlements")
    run = models.ForeignKey(PayRun, null=True, on_delete=models.PROTECT, related_name="settlements", help_text="Empty while it accrues.")
    period_start = models.DateField()
    period_end = models.DateField(help_text="First day after it.")
    status = models.CharField(max_length=12, choices=SettlementStatus, default=SettlementStatus.ACCRUING)
    plan_version = models.ForeignKey(PayPlanVersion, on_delete=models.PROTECT, related_name="settlements")
    rule_version = models.CharField(max_length=32, help_text="Version of the arithmetic.")
    rule_pack_version = models.CharField(max_length=64, help_text="Pay law that was applied.")
    currency = models.CharField(max_length=3)
    total_micros = fields.MicrosField(help_text="Sum of the rounded lines.")
    resolution_count = models.PositiveIntegerField(default=0)
    paid_seconds = models.PositiveIntegerField(default=0, help_text="Hours worked, in seconds.")
    evidence = models.JSONField(default=dict, help_text="Scores, workweeks, floor tests and tiers that the lines rest on.")
    inputs_hash = models.CharField(
        max_length=64, blank=True, help_text="Fingerprint of everything that was read; the same fingerprint gives the same lines."
    )
    as_of = models.DateTimeField()

    class Meta:
        ordering = ["-period_start", "agent"]
        constraints = [
            models.UniqueConstraint(name="settlement_one_per_agent_and_period", fields=["agent", "period_start"]),
            ExclusionConstraint(
                name="settlement_periods_never_overlap",
                expressions=[(effective_range("period_start", "period_end"), RangeOperators.OVERLAPS), ("agent", RangeOperators.EQUAL)],
            ),
            models.CheckConstraint(
                name="settlement_has_a_run_once_calculated", condition=models.Q(status="accruing") | models.Q(run__isnull=False)
            ),
        ]
        indexes = [models.Index(name="settlement_run", fields=["run", "agent"])]
        triggers = [
            pgtrigger.Trigger(
                name="settlement_fixed_once_approved",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func="""
                    IF OLD.status IN ('accruing', 'calculated') THEN
                        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                    END IF;
                    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) - 'status') = (to_jsonb(NEW) - 'status')
                       AND (OLD.status, NEW.status) IN (('approved', 'posted'), ('posted', 'paid')) THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'settlement % is % and cannot change; correct it by adding to an open period', OLD.id, OLD.status
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            ),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.agent}, {self.period_start:%Y-%m}"


class SettlementLine(models.Model):
    """One amount and what is needed to recompute it."""

    settlement = models.ForeignKey(Settlement, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, help_text="Which rule made it, for example unit, quality, floor.")
    rule = models.CharField(max_length=40, blank=True, help_text="The formula that recomputes it from its inputs, for example quality.")
    label = models.CharField(max_length=160)
    week = models.DateField(null=True, help_text="Workweek that it belongs to.")
    # Reference rates of many classes make fractions of any length, so these have no greatest length.
    quantity = models.TextField(blank=True, help_text="Exact decimal, or n/d.")
    rate = models.TextField(blank=True, help_text="Exact decimal, or n/d.")
    exact = models.TextField(help_text="Amount before the one rounding, exact.")
    amount_micros = fields.MicrosField(help_text="Amount rounded once to the minor unit.")
    inputs = models.JSONField(default=dict, help_text="Everything that the rule read; the amount can be recomputed from these alone.")
    source = models.CharField(max_length=120, blank=True, help_text="Rule, and the earlier line or dispute that it cites.")

    class Meta:
        ordering = ["settlement", "position"]
        constraints = [models.UniqueConstraint(name="settlement_line_once", fields=["settlement", "position"])]
        triggers = [*settled_rows_are_fixed(), never_truncated()]

    def __str__(self) -> str:
        return f"{self.label}"


class Earning(models.Model):
    """One agent's credit in one resolution, in the settlement that pays it. A resolution is paid to an agent once."""

    settlement = models.ForeignKey(Settlement, on_delete=models.CASCADE, related_name="earnings")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="earnings")
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="earnings")
    verified_at = models.DateTimeField()
    price_micros = fields.MicrosField(help_text="Basis: the client's price.")
    credit_micros = models.PositiveIntegerField(help_text="The agent's part, in millionths; the parts of a resolution add up to one.")
    line_position = models.PositiveSmallIntegerField(help_text="The line that pays it.")

    class Meta:
        ordering = ["settlement", "verified_at", "resolution"]
        constraints = [
            models.UniqueConstraint(name="earning_once", fields=["agent", "resolution"]),
            models.CheckConstraint(name="earning_credit_is_a_part", condition=models.Q(credit_micros__range=(0, 1_000_000))),
        ]
        indexes = [models.Index(name="earning_settlement", fields=["settlement", "verified_at"])]
        triggers = [*settled_rows_are_fixed(), never_truncated()]

    def __str__(self) -> str:
        return f"{self.resolution} for {self.agent}"
