"""The client's own customers as accounts, month by month: what the eight post-sale measures are made of. See docs/value.md."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.intake import ImportRun
from contracts.models import Client, fields


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class AccountMonth(models.Model):
    """What the client recorded of one account in one month. What is empty was not told, and is never taken for zero."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="account_months")
    account = models.CharField(max_length=64, help_text=_("The account's number at the client; never a person's name or address."))
    month = models.DateField(help_text=_("First day of the month."))
    started_on = models.DateField(null=True, help_text=_("First day of the account's contract."))
    onboarding_due_on = models.DateField(null=True, help_text=_("When it should be up and running."))
    onboarded_on = models.DateField(null=True, help_text=_("When it was."))
    ended_on = models.DateField(null=True, help_text=_("First day that it is no account any more."))
    seat_count = models.PositiveIntegerField(null=True, help_text=_("Seats that it pays for."))
    active_count = models.PositiveIntegerField(null=True, help_text=_("Seats that were used in the month."))
    goal_count = models.PositiveIntegerField(null=True, help_text=_("Goals agreed with it that were due in the month."))
    goal_met_count = models.PositiveIntegerField(null=True, help_text=_("Those of them that were met."))
    service_minutes = models.PositiveIntegerField(null=True, help_text=_("Minutes for which service was promised."))
    available_minutes = models.PositiveIntegerField(null=True, help_text=_("Those of them in which it could be used."))
    answer_count = models.PositiveIntegerField(null=True, help_text=_("Answers after reviews, trainings and other meetings with it."))
    favorable_count = models.PositiveIntegerField(null=True, help_text=_("Those of them that were favorable."))
    renewal_due = models.BooleanField(null=True, help_text=_("Whether its contract was up for renewal in the month."))
    renewed = models.BooleanField(null=True, help_text=_("Whether it was renewed."))
    health_score = models.PositiveSmallIntegerField(null=True, help_text=_("The client's own score, 0 to 100."))
    recurring_micros = fields.MicrosField(null=True, help_text=_("Recurring revenue of the month."))
    currency = models.CharField(max_length=3, blank=True, help_text=_("Of the revenue."))
    run = models.ForeignKey(
        ImportRun, on_delete=models.PROTECT, related_name="account_months", help_text=_("The import that told it last.")
    )

    class Meta:
        ordering = ["client", "-month", "account"]
        constraints = [
            models.UniqueConstraint(name="account_month_once", fields=["client", "month", "account"]),
            models.CheckConstraint(name="account_month_starts_a_month", condition=models.Q(month__day=1)),
            models.CheckConstraint(
                name="account_month_parts_fit",
                condition=(models.Q(goal_met_count=None) | models.Q(goal_met_count__lte=models.F("goal_count")))
                & (models.Q(available_minutes=None) | models.Q(available_minutes__lte=models.F("service_minutes")))
                & (models.Q(favorable_count=None) | models.Q(favorable_count__lte=models.F("answer_count")))
                & (models.Q(health_score=None) | models.Q(health_score__lte=100)),
            ),
            models.CheckConstraint(
                name="account_month_revenue_has_its_currency",
                condition=models.Q(recurring_micros=None, currency="") | (models.Q(recurring_micros__gte=0) & ~models.Q(currency="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.month:%Y-%m}"
