"""What an hour of work costs us, so that a price can be held against it. See docs/lint.md."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Site
from contracts.models import fields


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class CostRate(models.Model):
    """From a day on, what an hour of handling costs us at a site: pay, contributions, seat, leadership, and idle time spread over it."""

    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cost_rates",
        help_text=_("Empty: every site without a rate of its own."),
    )
    currency = fields.currency(help_text=_("Prices are compared with it only in the same currency, for example USD."))
    starts_on = models.DateField(help_text=_("First day that it counts, at the site; until the next rate of the same site and currency."))
    hourly_micros = fields.MicrosField(help_text=_("What one hour of handling costs, all in. It is compared with prices and pays nobody."))
    source = models.CharField(max_length=120, blank=True, help_text=_("Where the number comes from, for example the budget of 2016."))

    class Meta:
        ordering = ["currency", "site", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                name="cost_rate_once_a_day",
                fields=["site", "currency", "starts_on"],
                nulls_distinct=False,
                violation_error_message="There is a cost of this site and currency from that day on already.",
            ),
            models.CheckConstraint(
                name="cost_rate_above_zero", condition=models.Q(hourly_micros__gt=0), violation_error_message="A cost is above zero."
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site or 'every site'}, {self.currency}, from {self.starts_on}"
