"""How pay leaves: bank accounts of agents, the files that order the payments, and what the bank answered."""

import pghistory
from django.conf import settings
from django.db import models

from agents.models import Agent
from billing.models.documents import Document
from billing.models.pay_runs import PayRun
from billing.models.settlements import Settlement
from contracts.models import fields
from contracts.models.versions import ends_after_start, no_overlap


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class BankAccount(models.Model):
    """Where an agent's pay goes, from one day to another."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="bank_accounts")
    holder = models.CharField(max_length=70, help_text="Name of the account, as the bank knows it.")
    iban = models.CharField(max_length=34, help_text="International bank account number, without spaces.")
    bic = models.CharField(max_length=11, blank=True, help_text="Bank code; empty where the account number says it.")
    effective_from = models.DateField(help_text="First day.")
    effective_to = models.DateField(null=True, blank=True, help_text="First day no longer. Empty: no end.")

    class Meta:
        ordering = ["agent", "-effective_from"]
        constraints = [
            no_overlap(name="agent_has_one_bank_account_at_a_time", parent="agent"),
            ends_after_start(name="bank_account_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.holder}, {self.iban[-4:]}"


class Payout(models.Model):
    """One export of a posted run in one currency, and the files that were made of it."""

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="payouts")
    currency = fields.currency()
    pay_on = models.DateField(help_text="Day that the bank is to carry it out.")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", help_text="The file, byte for byte.")
    exported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    exported_at = models.DateTimeField()

    class Meta:
        ordering = ["-exported_at"]

    def __str__(self) -> str:
        return f"payout of {self.run}"


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayoutItem(models.Model):
    """One agent's pay in a payout. It is paid when the bank says so."""

    class Status(models.TextChoices):
        EXPORTED = "exported", "Ordered"
        PAID = "paid", "Paid"
        RETURNED = "returned", "Returned"

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="items")
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="payout_items")
    amount_micros = fields.MicrosField()
    reference = models.CharField(max_length=35, unique=True, help_text="End-to-end reference that the bank repeats in its answer.")
    status = models.CharField(max_length=8, choices=Status, default=Status.EXPORTED)
    answered_on = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True, help_text="The bank's reason, where it gave one.")

    class Meta:
        ordering = ["payout", "settlement"]
        constraints = [
            models.UniqueConstraint(name="settlement_paid_once", fields=["settlement"], condition=~models.Q(status="returned")),
            models.CheckConstraint(name="payout_item_sends_something", condition=models.Q(amount_micros__gt=0)),
        ]

    def __str__(self) -> str:
        return self.reference
