"""First contacts counted by day, so that a report is read and not counted while somebody waits; and the days to count anew."""

from collections.abc import Mapping

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import Client

# What decides whether FCR was asked of a resolution, what it is counted under, and as what.
FACTS = (
    "case_id", "number", "rule", "agent_id", "policy_version_id", "query_type_id", "channel_id", "resolved_at", "fcr", "fcr_reason",
    "inhibitor", "delivery_model", "queue",
)  # fmt: skip
# Of whom nobody knows who they are, nobody knows where they work.
_NOTE = """
        INSERT INTO agents_firstcontactchange (day, row_count)
        SELECT (moved.resolved_at AT TIME ZONE coalesce(site.timezone, 'UTC'))::date, count(*)
        FROM ({rows}) moved
        LEFT JOIN agents_agent agent ON agent.id = moved.agent_id
        LEFT JOIN agents_site site ON site.id = agent.site_id
        GROUP BY 1;
        RETURN NULL;"""
_CHANGED = """
            SELECT side.agent_id, side.resolved_at
            FROM old_rows was JOIN new_rows now ON now.id = was.id
            CROSS JOIN LATERAL (VALUES (was.agent_id, was.resolved_at), (now.agent_id, now.resolved_at)) side (agent_id, resolved_at)
            WHERE ({was}) IS DISTINCT FROM ({now})"""


class FirstContactDay(models.Model):
    """How the cases of one group, claimed solved on one day, did at first contact: of one client, or of all.

    What the counts mean is said by agents.rules.fcr_report.FcrTally.
    """

    dimension = models.CharField(max_length=9, help_text=_("What groups: team, queue, inhibitor ..."))
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, help_text=_("Empty: all."))
    day = models.DateField(help_text=_("Of the claim, where the agent works."))
    key = models.CharField(max_length=120, blank=True, help_text=_("Of the group. Empty: not known."))
    yes_count = models.PositiveIntegerField()
    no_count = models.PositiveIntegerField()
    status_only_count = models.PositiveIntegerField()
    pending_count = models.PositiveIntegerField()
    exception_count = models.PositiveIntegerField()
    left_out_count = models.PositiveIntegerField()
    stated_count = models.PositiveIntegerField(help_text=_("Of yes and no, how many have a stated optimum."))
    optimum_bp_sum = models.BigIntegerField(help_text=_("The sum of those optima."))
    case_count = models.PositiveIntegerField(help_text=_("All of them, whatever the answer."))
    staged_count = models.PositiveIntegerField(help_text=_("Of all, how many have stage times."))
    delivery_models = models.CharField(max_length=120, blank=True, help_text=_("Those that occur, with a comma between."))

    class Meta:
        ordering = ["dimension", "client", "day", "key"]
        constraints = [
            models.UniqueConstraint(name="first_contact_day_once", fields=["dimension", "client", "day", "key"], nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}, {self.day}"


class FirstContactChange(models.Model):
    """Resolutions of a day that came, went or changed since first contacts were counted."""

    day = models.DateField(help_text=_("Of the claim, where the agent works."))
    row_count = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.day}"


class FirstContactCount(models.Model):
    """When first contacts were counted last, and what of people and terms they were grouped by. One row, or none."""

    counted_at = models.DateTimeField(help_text=_("Business clock."))
    facts = models.JSONField(help_text=_("Time zones, shifts, memberships, channels, query types and optima, by id."))

    def __str__(self) -> str:
        return f"{self.counted_at:%Y-%m-%d %H:%M}"


def first_contacts_are_noted() -> list[pgtrigger.Trigger]:
    """Return the triggers of a resolution that note the days to count anew; a statement asks once, however many rows it changes."""
    both = _CHANGED.format(was=", ".join(f"was.{name}" for name in FACTS), now=", ".join(f"now.{name}" for name in FACTS))
    written = (
        ("insert", pgtrigger.Insert, {"new": "new_rows"}, "SELECT agent_id, resolved_at FROM new_rows"),
        ("update", pgtrigger.Update, {"old": "old_rows", "new": "new_rows"}, both),
        ("delete", pgtrigger.Delete, {"old": "old_rows"}, "SELECT agent_id, resolved_at FROM old_rows"),
    )
    return [
        _noting(name=f"first_contacts_are_noted_{name}", operation=operation, tables=tables, rows=rows)
        for name, operation, tables, rows in written
    ]


def stage_times_are_noted() -> pgtrigger.Trigger:
    """Return the trigger of case events that notes the days of cases that tell where their time went, for some help desks say it last."""
    rows = """
            SELECT solved.agent_id, solved.resolved_at FROM new_rows told JOIN agents_resolution solved ON solved.case_id = told.case_id
            WHERE told.type = 'stage_time' AND told.handle_seconds IS NOT NULL"""
    return _noting(name="stage_times_are_noted", operation=pgtrigger.Insert, tables={"new": "new_rows"}, rows=rows)


def moves_are_noted() -> pgtrigger.Trigger:
    """Return the trigger of cases that notes the days of those that come under another contract, and so perhaps another client."""
    rows = """
            SELECT solved.agent_id, solved.resolved_at
            FROM old_rows was JOIN new_rows now ON now.id = was.id AND now.contract_id <> was.contract_id
            JOIN agents_resolution solved ON solved.case_id = now.id"""
    return _noting(name="moves_are_noted", operation=pgtrigger.Update, tables={"old": "old_rows", "new": "new_rows"}, rows=rows)


def _noting(*, name: str, operation: pgtrigger.Operation, tables: Mapping[str, str], rows: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(**tables),  # type: ignore[no-untyped-call]
        func=_NOTE.format(rows=rows),
    )
