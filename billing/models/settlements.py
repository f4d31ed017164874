"""What an agent is owed for a pay period: the settlement, its lines, and the earning of each resolution."""

from collections.abc import Sequence

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Resolution
from billing.models.pay_runs import PayRun
from contracts.models import PayPlanVersion, fields
from contracts.models.versions import effective_range, never_truncated


class SettlementStatus(models.TextChoices):
    ACCRUING = "accruing", _("Accruing: the period is open")
    CALCULATED = "calculated", _("Calculated")
    APPROVED = "approved", _("Approved")
    POSTED = "posted", _("Posted")
    PAID = "paid", _("Paid")


# What guardrails make of pay, by the kind of a line.
GUARDRAIL_KINDS = ("guardrail", "recovery")
# Asked once of all the rows that a statement touches, not of each: a run writes hundreds of thousands.
_FIXED = """
        SELECT s.id, s.status INTO item FROM billing_settlement s
        WHERE s.id {which} AND s.status IN ('approved', 'posted', 'paid') LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'settlement % is %; correct it by adding to an open period', item.id, item.status
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;"""
_OF_ROWS = "IN (SELECT DISTINCT settlement_id FROM {rows})"
# What foreign keys would ask of each row about its settlement. Settlements are taken from the rows once, for all questions about them. The
# lock lets nobody approve or delete one meanwhile.
_LOCKED = "PERFORM 1 FROM billing_settlement WHERE id = ANY(settlements) ORDER BY id FOR SHARE;"
_PARENTS_OF_LINES = f"""
        SELECT array_agg(DISTINCT settlement_id) INTO settlements FROM new_rows;
        {_LOCKED}
        SELECT r.settlement_id INTO item FROM unnest(settlements) AS r (settlement_id)
        WHERE NOT EXISTS (SELECT 1 FROM billing_settlement s WHERE s.id = r.settlement_id) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'there is no settlement %', item.settlement_id USING ERRCODE = 'foreign_key_violation';
        END IF;"""  # noqa: S608 (our own text)
# Whether resolutions exist is asked when a settlement is approved: until then its earnings are written anew with each refresh, and asking
# each time takes a seventh of what the database does for a run.
_PARENTS_OF_EARNINGS = f"""
        SELECT array_agg(settlement_id), array_agg(agent_id) INTO settlements, agents
        FROM (SELECT DISTINCT settlement_id, agent_id FROM new_rows) r;
        {_LOCKED}
        SELECT r.settlement_id, r.agent_id INTO item FROM unnest(settlements, agents) AS r (settlement_id, agent_id)
        LEFT JOIN billing_settlement s ON s.id = r.settlement_id
        WHERE s.agent_id IS DISTINCT FROM r.agent_id LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'there is no settlement % of agent %', item.settlement_id, item.agent_id
                USING ERRCODE = 'foreign_key_violation';
        END IF;"""  # noqa: S608 (our own text)


def settled_rows_are_fixed(*, parents: str, arrays: Sequence[str]) -> list[pgtrigger.Trigger]:
    """Return the triggers that fix the rows of a settlement once somebody approved it.

    `parents` is asked of new rows before; it leaves their settlements in the first of `arrays`.
    """
    tables = {"insert": {"new": "new_rows"}, "update": {"old": "old_rows", "new": "new_rows"}, "delete": {"old": "old_rows"}}
    operations = {"insert": pgtrigger.Insert, "update": pgtrigger.Update, "delete": pgtrigger.Delete}
    return [
        pgtrigger.Trigger(
            name=f"fixed_once_approved_{name}",
            operation=operations[name],
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            referencing=pgtrigger.Referencing(**rows),  # type: ignore[no-untyped-call]
            declare=[("item", "RECORD"), *((name, "BIGINT[]") for name in arrays if "new" in rows)],
            func=(parents if "new" in rows else "")
            + "".join(
                _FIXED.format(which="= ANY(settlements)" if kind == "new" else _OF_ROWS.format(rows=table)) for kind, table in rows.items()
            )
            + "\n        RETURN NULL;",
        )
        for name, rows in tables.items()
    ]


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Settlement(models.Model):
    """One agent's pay period. While it accrues, jobs write it anew; once approved, it and its lines never change."""

    # Two indexes below begin with them.
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="settlements", db_index=False)
    run = models.ForeignKey(
        PayRun, null=True, on_delete=models.PROTECT, related_name="settlements", db_index=False, help_text=_("Empty while it accrues.")
    )
    period_start = models.DateField()
    period_end = models.DateField(help_text=_("First day after it."))
    status = models.CharField(max_length=12, choices=SettlementStatus, default=SettlementStatus.ACCRUING)
    plan_version = models.ForeignKey(PayPlanVersion, on_delete=models.PROTECT, related_name="settlements")
    rule_version = models.CharField(max_length=32, help_text=_("Version of the arithmetic."))
    rule_pack_version = models.CharField(max_length=64, help_text=_("Pay law that was applied."))
    currency = models.CharField(max_length=3)
    total_micros = fields.MicrosField(help_text=_("Sum of the rounded lines."))
    resolution_count = models.PositiveIntegerField(default=0)
    paid_seconds = models.PositiveIntegerField(default=0, help_text=_("Hours worked, in seconds."))
    evidence = models.JSONField(default=dict, help_text=_("Scores, workweeks, floor tests and tiers that the lines rest on."))
    inputs_hash = models.CharField(
        max_length=64, blank=True, help_text=_("Fingerprint of everything that was read; the same fingerprint gives the same lines.")
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
                    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.agent_id) IS DISTINCT FROM (OLD.id, OLD.agent_id) THEN
                        RAISE EXCEPTION 'settlement % stays that of its agent', OLD.id USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    IF OLD.status IN ('accruing', 'calculated') THEN
                        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                    END IF;
                    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) - 'status') = (to_jsonb(NEW) - 'status')
                       AND ((OLD.status, NEW.status) IN (('approved', 'posted'), ('posted', 'paid'))
                            OR ((OLD.status, NEW.status) = ('paid', 'posted') AND EXISTS (
                                SELECT 1 FROM billing_payoutitem i WHERE i.settlement_id = OLD.id AND i.status = 'returned'))) THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'settlement % is % and cannot change; correct it by adding to an open period', OLD.id, OLD.status
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            ),
            pgtrigger.Trigger(
                name="settlement_kept_with_its_rows",
                operation=pgtrigger.Delete,
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(old="old_rows"),  # type: ignore[no-untyped-call]
                func="""
                    IF EXISTS (SELECT 1 FROM old_rows o JOIN billing_earning e ON e.agent_id = o.agent_id AND e.settlement_id = o.id) THEN
                        RAISE EXCEPTION 'a settlement that has earnings cannot be deleted' USING ERRCODE = 'foreign_key_violation';
                    END IF;
                    IF EXISTS (SELECT 1 FROM old_rows o JOIN billing_settlementline l ON l.settlement_id = o.id) THEN
                        RAISE EXCEPTION 'a settlement that has lines cannot be deleted' USING ERRCODE = 'foreign_key_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            # In their order, the resolutions are found on neighboring pages of their index.
            pgtrigger.Trigger(
                name="settlement_pays_what_is_there",
                operation=pgtrigger.Update,
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),  # type: ignore[no-untyped-call]
                declare=[("item", "RECORD")],
                func="""
                    SELECT paid.settlement_id, paid.resolution_id INTO item
                    FROM (SELECT e.settlement_id, e.resolution_id FROM new_rows n JOIN old_rows o ON o.id = n.id
                          JOIN billing_earning e ON e.agent_id = n.agent_id AND e.settlement_id = n.id
                          WHERE o.status IN ('accruing', 'calculated') AND n.status NOT IN ('accruing', 'calculated')
                          ORDER BY e.resolution_id) paid
                    WHERE NOT EXISTS (SELECT 1 FROM agents_resolution x WHERE x.id = paid.resolution_id) LIMIT 1;
                    IF FOUND THEN
                        RAISE EXCEPTION 'settlement % pays resolution %, which is not there; calculate it again',
                            item.settlement_id, item.resolution_id USING ERRCODE = 'foreign_key_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.agent}, {self.period_start:%Y-%m}"


class SettlementLine(models.Model):
    """One amount and what is needed to recompute it. A statement that writes lines asks for their settlements once."""

    settlement = models.ForeignKey(Settlement, on_delete=models.CASCADE, related_name="lines", db_constraint=False, db_index=False)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, help_text=_("Which rule made it, for example unit, quality, floor."))
    rule = models.CharField(max_length=40, blank=True, help_text=_("The formula that recomputes it from its inputs, for example quality."))
    label = models.CharField(max_length=160)
    week = models.DateField(null=True, help_text=_("Workweek that it belongs to."))
    # Reference rates of many classes make fractions of any length, so these have no greatest length.
    quantity = models.TextField(blank=True, help_text=_("Exact decimal, or n/d."))
    rate = models.TextField(blank=True, help_text=_("Exact decimal, or n/d."))
    exact = models.TextField(help_text=_("Amount before the one rounding, exact."))
    amount_micros = fields.MicrosField(help_text=_("Amount rounded once to the minor unit."))
    inputs = models.JSONField(default=dict, help_text=_("Everything that the rule read; the amount can be recomputed from these alone."))
    source = models.CharField(max_length=120, blank=True, help_text=_("Rule, and the earlier line or dispute that it cites."))

    class Meta:
        ordering = ["settlement", "position"]
        constraints = [models.UniqueConstraint(name="settlement_line_once", fields=["settlement", "position"])]
        # A run counts them when it is compared with the month before; there are few.
        indexes = [
            models.Index(
                name="settlement_line_guarded",
                fields=["settlement"],
                condition=models.Q(kind__in=GUARDRAIL_KINDS) & ~models.Q(amount_micros=0),
            )
        ]
        triggers = [*settled_rows_are_fixed(parents=_PARENTS_OF_LINES, arrays=["settlements"]), never_truncated()]

    def __str__(self) -> str:
        return f"{self.label}"


class Earning(models.Model):
    """One agent's credit in one resolution, in the settlement that pays it. A resolution is paid to an agent once.

    There is one row for each resolution ever paid, so rows are narrow: the key is the one promise about them and their only index,
    settlements are asked for once a statement, and resolutions when the settlement is approved. Who paid for a resolution is found by
    agent and resolution; what a settlement pays, by its agent and settlement, for the index of the key holds the settlement as well
    (billing/migrations/0002).
    """

    pk = models.CompositePrimaryKey("agent", "resolution")
    settlement = models.ForeignKey(Settlement, on_delete=models.DO_NOTHING, related_name="earnings", db_constraint=False, db_index=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="earnings", db_constraint=False, db_index=False)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="earnings", db_constraint=False, db_index=False)
    verified_at = models.DateTimeField()
    price_micros = fields.MicrosField(help_text=_("Basis: the client's price."))
    # Its bounds are the constraint's below.
    credit_micros = models.IntegerField(help_text=_("The agent's part, in millionths; the parts of a resolution add up to one."))
    line_position = models.PositiveSmallIntegerField(help_text=_("The line that pays it."))

    class Meta:
        ordering = ["settlement", "verified_at", "resolution"]
        constraints = [
            models.CheckConstraint(name="earning_credit_is_a_part", condition=models.Q(credit_micros__range=(0, 1_000_000))),
        ]
        triggers = [*settled_rows_are_fixed(parents=_PARENTS_OF_EARNINGS, arrays=["settlements", "agents"]), never_truncated()]

    def __str__(self) -> str:
        return f"{self.resolution} for {self.agent}"
