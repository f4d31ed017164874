"""Pay runs and their shards. A shard is a row with a lease, so any worker may die at any point."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Site
from contracts.models import fields


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayRun(models.Model):
    """One calculation of a pay period: of everybody at a site, or of one agent who left and is paid before the others."""

    class Status(models.TextChoices):
        CALCULATING = "calculating", _("Calculating")
        CALCULATED = "calculated", _("Calculated")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        POSTED = "posted", _("Posted")
        PAID = "paid", _("Paid")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="pay_runs")
    agent = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="final_pay_runs",
        help_text=_("Only this agent, who left: their final pay. Empty: everybody at the site who has no run of their own."),
    )
    period_start = models.DateField(help_text=_("First day, in the site's time zone."))
    period_end = models.DateField(help_text=_("First day after it."))
    status = models.CharField(max_length=12, choices=Status, default=Status.CALCULATING)
    as_of = models.DateTimeField(help_text=_("What was known at this instant was counted."))
    inputs_hash = models.CharField(max_length=64, blank=True, help_text=_("Fingerprint of everything that was read."))
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("Empty: the nightly job.")
    )
    review_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text=_("Who sent it to review.")
    )
    review_at = models.DateTimeField(null=True, blank=True, help_text=_("Since when it is in review."))
    variance = models.JSONField(
        null=True, blank=True, help_text=_("What changed against the period before, with flags; written when the run is calculated.")
    )
    changed = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Agents whose pay would be another one by now: what it rests on changed after the run was calculated."),
    )
    first_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Who approved it first, where its amount needs two people."),
    )
    first_approved_at = models.DateTimeField(null=True, blank=True)
    approval_reason = models.TextField(blank=True, help_text=_("Why it was approved, in the words of who did."))
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    seconds = models.FloatField(null=True)

    class Meta:
        ordering = ["-period_start", "site"]
        constraints = [
            models.UniqueConstraint(name="pay_run_once", fields=["site", "period_start"], condition=models.Q(agent=None)),
            models.UniqueConstraint(name="final_pay_run_once", fields=["agent", "period_start"], condition=models.Q(agent__isnull=False)),
            models.CheckConstraint(name="pay_run_ends_after_start", condition=models.Q(period_end__gt=models.F("period_start"))),
            models.CheckConstraint(
                name="pay_run_approved_by_another", condition=~models.Q(approved_by=models.F("prepared_by")) | models.Q(approved_by=None)
            ),
            models.CheckConstraint(
                name="pay_run_first_approved_by_another",
                condition=models.Q(first_approved_by=None)
                | (~models.Q(first_approved_by=models.F("prepared_by")) & ~models.Q(first_approved_by=models.F("approved_by"))),
            ),
            models.CheckConstraint(
                name="pay_run_calculated_anew_is_approved_anew",
                condition=models.Q(first_approved_by=None) | ~models.Q(status__in=["calculating", "calculated"]),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="pay_run_fixed_once_approved",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("steps", "TEXT[] := ARRAY['status', 'posted_at', 'paid_on']")],
                func="""
                    IF OLD.status NOT IN ('approved', 'posted', 'paid') THEN
                        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                    END IF;
                    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) - steps) = (to_jsonb(NEW) - steps)
                       AND ((OLD.status, NEW.status) IN (('approved', 'posted'), ('posted', 'paid'))
                            OR ((OLD.status, NEW.status) = ('paid', 'posted') AND EXISTS (
                                SELECT 1 FROM billing_payoutitem i JOIN billing_settlement s ON s.id = i.settlement_id
                                WHERE s.run_id = OLD.id AND i.status = 'returned'))) THEN
                        RETURN NEW;
                    END IF;
                    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) = to_jsonb(NEW) THEN RETURN NEW; END IF;
                    RAISE EXCEPTION 'pay run % is % and cannot change; what changed since comes into the open period', OLD.id, OLD.status
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            ),
            pgtrigger.Trigger(
                name="pay_run_over_a_limit_needs_two",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    IF NEW.status = 'approved' AND OLD.status NOT IN ('approved', 'posted', 'paid') AND NEW.first_approved_by_id IS NULL
                       AND EXISTS (
                        SELECT 1 FROM billing_settlement s JOIN billing_approvallimit l ON l.currency = s.currency
                        WHERE s.run_id = NEW.id GROUP BY s.currency, l.amount_micros HAVING SUM(s.total_micros) > l.amount_micros
                    ) THEN
                        RAISE EXCEPTION 'pay run % is over the limit of one approver; a second one has to approve it', NEW.id
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent or self.site}, {self.period_start:%Y-%m}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ApprovalLimit(models.Model):
    """What one approver may approve alone. A run that owes more in this currency needs a second one."""

    currency = fields.currency(unique=True)
    amount_micros = fields.MicrosField(
        help_text=_("Up to and including this total of a run, in millionths of the major unit, one approver is enough.")
    )

    class Meta:
        ordering = ["currency"]
        constraints = [models.CheckConstraint(name="approval_limit_not_below_zero", condition=models.Q(amount_micros__gte=0))]

    def __str__(self) -> str:
        return f"limit in {self.currency}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class VarianceThreshold(models.Model):
    """From where on a change against the period before is flagged in a pay run. Every limit that is set has to be reached."""

    class Flag(models.TextChoices):
        TOTAL_SWING = "total_swing", _("The total changed a lot")
        AGENT_SWING = "agent_swing", _("Pay changed a lot")
        ZERO_PAY = "zero_pay", _("No pay")
        NEW_AGENT = "new_agent", _("New in this period")
        MISSING_AGENT = "missing_agent", _("Paid before, not now")
        GUARDRAIL_HITS = "guardrail_hits", _("A guardrail changed the pay")

    flag = models.CharField(max_length=16, choices=Flag, unique=True, help_text=_("What is flagged."))
    is_active = models.BooleanField(default=True, help_text=_("Whether it is flagged at all."))
    percent_bp = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Change against the period before, up or down, in hundredths of a percent.")
    )
    amount_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("Change, up or down, in millionths of the currency's major unit.")
    )
    count_min = models.PositiveIntegerField(null=True, blank=True, help_text=_("How often it has to happen."))

    class Meta:
        ordering = ["flag"]

    def __str__(self) -> str:
        return self.get_flag_display()


class PayRunShard(models.Model):
    """A part of a run's agents, computed in one transaction by whoever holds the lease."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")

    run = models.ForeignKey(PayRun, on_delete=models.CASCADE, related_name="shards")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    leased_until = models.DateTimeField(null=True, help_text=_("Wall clock. After this, another worker may take it."))
    agent_ids = models.JSONField(help_text=_("Agents of this part, in order."))
    failures = models.JSONField(default=list, help_text=_("Agents that could not be computed: id, name and sentence."))
    seconds = models.FloatField(null=True)

    class Meta:
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(name="pay_run_shard_once", fields=["run", "number"])]

    def __str__(self) -> str:
        return f"{self.run}, part {self.number}"
