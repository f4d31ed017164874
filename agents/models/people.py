"""Sites, teams, agents, and what binds them for a time: membership and pay plan."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import Client, fields
from contracts.models.versions import ends_after_start, no_overlap


class Site(models.Model):
    """A place that people work at. Its time zone decides which day and month a resolution falls in."""

    code = fields.code(unique=True, help_text=_("Short name used in files."))
    name = models.CharField(max_length=120, help_text=_("Name as people read it."))
    timezone = fields.timezone(help_text=_("Days, workweeks and pay periods are counted in this time zone."))
    payday_rule = models.PositiveSmallIntegerField(default=5, help_text=_("Pay is sent on this working day of the month after."))

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ShiftBand(models.Model):
    """A shift of a site, by when it begins. It lasts until the next one begins, around the clock."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="shift_bands")
    name = models.CharField(max_length=60, help_text=_("For example Early, Late or Night."))
    starts_at = models.TimeField(help_text=_("Local time at which it begins."))

    class Meta:
        ordering = ["site", "starts_at"]
        constraints = [models.UniqueConstraint(name="shift_band_once", fields=["site", "starts_at"])]

    def __str__(self) -> str:
        return f"{self.name}, from {self.starts_at:%H:%M}"


class Team(models.Model):
    """People with one lead."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="teams", help_text=_("Where the team works."))
    code = fields.code(unique=True, help_text=_("Short name used in files."))
    name = models.CharField(max_length=120, help_text=_("Name as people read it."))
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="led_teams",
        help_text=_("Sees the team's quality and load."),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


# Which sites somebody came from: a run may have to pay them that is not the one of their site any more.
@pghistory.track(
    pghistory.UpdateEvent("left_site", condition=pghistory.AnyChange("site"), row=pghistory.Old), fields=["site"], model_name="LeftSite"
)
class Agent(models.Model):
    """The person paid for resolving."""

    code = fields.code(unique=True, help_text=_("Short name used in files and on lines; it never changes."))
    name = models.CharField(max_length=120, help_text=_("Name as people read it. Nobody is paid by name."))
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="agents", help_text=_("Decides time zone and pay calendar."))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="agent",
        help_text=_("The account that this agent signs in with."),
    )
    employed_from = models.DateField(help_text=_("First day of employment."))
    employed_to = models.DateField(null=True, blank=True, help_text=_("First day no longer employed. Empty: still here."))
    is_simulated = models.BooleanField(default=False, help_text=_("Name and terms are made up for the demo; pages say so."))

    class Meta:
        ordering = ["name", "code"]
        constraints = [ends_after_start(name="agent_employed_to_after_from", start="employed_from", end="employed_to")]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ClientContact(models.Model):
    """Somebody of a client who reads what it is paying for."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contacts", help_text=_("The client that they belong to."))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="client_contacts",
        help_text=_("The account that they sign in with."),
    )

    class Meta:
        ordering = ["client", "user"]
        constraints = [models.UniqueConstraint(name="client_contact_once", fields=["client", "user"])]

    def __str__(self) -> str:
        return f"{self.user} for {self.client}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class TeamMembership(models.Model):
    """An agent is in one team at a time."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    effective_from = models.DateField(help_text=_("First day in the team."))
    effective_to = models.DateField(null=True, blank=True, help_text=_("First day no longer in it. Empty: still in."))

    class Meta:
        ordering = ["team", "agent", "-effective_from"]
        constraints = [
            no_overlap(name="agent_in_one_team_at_a_time", parent="agent"),
            ends_after_start(name="team_membership_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} in {self.team}"
