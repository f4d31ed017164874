"""Which pay plan is whose, that an agent has read it, and the days that pay law treats apart."""

import pghistory
import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent, Site, Team
from contracts.models import PayPlan, PayPlanVersion
from contracts.models.versions import ends_after_start, never_truncated, no_overlap


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PlanAssignment(models.Model):
    """An agent or a team has one pay plan at a time; an agent's own goes before that of the team.

    The plan's version in force on a day gives the terms.
    """

    agent = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="plan_assignments",
        help_text=_("Who is paid by the plan. It goes before the plan of the agent's team. Empty: a whole team is."),
    )
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="plan_assignments",
        help_text=_("The team whose members are paid by the plan on the days that they have none of their own."),
    )
    plan = models.ForeignKey(PayPlan, on_delete=models.PROTECT, related_name="assignments", help_text=_("The plan that pays them."))
    effective_from = models.DateField(help_text=_("First day under this plan."))
    effective_to = models.DateField(null=True, blank=True, help_text=_("First day no longer under it. Empty: no end."))

    class Meta:
        ordering = ["agent", "team", "-effective_from"]
        constraints = [
            models.CheckConstraint(
                name="plan_assignment_of_an_agent_or_a_team",
                condition=models.Q(agent__isnull=False, team=None) | models.Q(agent=None, team__isnull=False),
                violation_error_message="Name an agent or a team: exactly one of them.",
            ),
            no_overlap(name="agent_on_one_plan_at_a_time", parent="agent"),
            no_overlap(name="team_on_one_plan_at_a_time", parent="team"),
            ends_after_start(name="plan_assignment_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.agent or self.team} on {self.plan}"


class PlanAcknowledgement(models.Model):
    """That an agent has read a version of their plan: when, and the words that they were shown. It never holds up pay."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="plan_acknowledgements", help_text=_("Who has read it."))
    version = models.ForeignKey(
        PayPlanVersion, on_delete=models.PROTECT, related_name="acknowledgements", help_text=_("The version that they read.")
    )
    acknowledged_at = models.DateTimeField(help_text=_("When they said so."))
    words = models.TextField(help_text=_("The plan in plain words, as it was shown."))
    words_hash = models.CharField(max_length=64, help_text=_("SHA-256 of the words that were shown."))

    class Meta:
        ordering = ["-acknowledged_at"]
        constraints = [models.UniqueConstraint(name="plan_acknowledged_once", fields=["agent", "version", "words_hash"])]
        triggers = [
            pgtrigger.Protect(name="plan_acknowledgements_only_grow", operation=pgtrigger.Update | pgtrigger.Delete),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.agent} has read {self.version}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class SpecialDay(models.Model):
    """A day that pay law may pay more for: a holiday of a site, or a rest day of one agent."""

    class DayType(models.TextChoices):
        REST_DAY = "rest_day", _("Rest day")
        REGULAR_HOLIDAY = "regular_holiday", _("Regular holiday")
        SPECIAL_DAY = "special_day", _("Special day")
        DOUBLE_HOLIDAY = "double_holiday", _("Two regular holidays")
        HOLIDAY_ON_SPECIAL_DAY = "regular_holiday_on_special_day", _("Regular holiday and special day")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="special_days", help_text=_("Whose calendar it is."))
    agent = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="special_days",
        help_text=_("Only this agent's day, such as their weekly rest; with a day of the site it is both. Empty: everybody at the site."),
    )
    day = models.DateField(help_text=_("The day at the site."))
    day_type = models.CharField(max_length=40, choices=DayType, help_text=_("How the pay law of the agent's plan treats it."))
    name = models.CharField(max_length=80, blank=True, help_text=_("What people call it."))

    class Meta:
        ordering = ["-day", "site"]
        constraints = [models.UniqueConstraint(name="special_day_once", fields=["site", "agent", "day"], nulls_distinct=False)]

    def __str__(self) -> str:
        return f"{self.name or self.get_day_type_display()}, {self.day}"
