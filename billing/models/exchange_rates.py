"""Dated exchange rates: what turns a client's price into the currency that an agent is paid in."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import fields


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ExchangeRate(models.Model):
    """From a day on, what one unit of a currency is worth in another. The rate that was used stands on the line that it made."""

    currency = fields.currency(help_text=_("The currency of the price, for example EUR."))
    pay_currency = fields.currency(help_text=_("The currency that the agent is paid in, for example USD."))
    starts_on = models.DateField(help_text=_("First day that it counts; until the next rate of the same two currencies."))
    rate = models.DecimalField(max_digits=24, decimal_places=12, help_text=_("Units of the pay currency for one unit of the other, exact."))
    source = models.CharField(max_length=120, help_text=_("Who published it, for example European Central Bank."))

    class Meta:
        ordering = ["currency", "pay_currency", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                name="exchange_rate_once_a_day",
                fields=["currency", "pay_currency", "starts_on"],
                violation_error_message="There is a rate of these two currencies from that day on already.",
            ),
            models.CheckConstraint(
                name="exchange_rate_above_zero", condition=models.Q(rate__gt=0), violation_error_message="A rate is above zero."
            ),
            models.CheckConstraint(
                name="exchange_rate_of_two_currencies",
                condition=~models.Q(currency=models.F("pay_currency")),
                violation_error_message="Name two different currencies.",
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate.normalize():f} {self.pay_currency} from {self.starts_on}"
