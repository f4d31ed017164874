"""The ledger: double entry, append-only. Entries of a transaction add up to zero; a reversal corrects a mistake."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from contracts.models import Client, fields
from contracts.models.versions import never_truncated


class Account(models.TextChoices):
    """What an amount stands for. A debit is above zero, a credit below."""

    RECEIVABLE = "receivable", _("Clients owe us")
    UNBILLED_REVENUE = "unbilled_revenue", _("Earned, not invoiced yet")
    REVENUE = "revenue", _("Revenue")
    SALES_TAX = "sales_tax", _("Sales tax to pay on")
    PREPAID_CREDIT = "prepaid_credit", _("Paid by clients in advance")
    CASH = "cash", _("Bank")
    PAY_EXPENSE = "pay_expense", _("Cost of pay")
    AGENT_PAY = "agent_pay", _("Pay owed to agents")
    HOLDBACK = "holdback", _("Pay held back")
    DEFERRED_PAY = "deferred_pay", _("Pay above a cap, paid later")
    ADVANCES = "advances", _("Draws that agents pay back")
    RECOVERY = "recovery", _("Taken back by reversals, not recovered yet")
    ROUNDING = "rounding", _("Rounding")


def only_grows(*, name: str) -> list[pgtrigger.Trigger]:
    """Return the triggers of a table whose rows are written once and stay."""
    return [pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete), never_truncated()]


class LedgerTransaction(models.Model):
    """One thing that happened to money, on one day, with entries that add up to zero."""

    class Kind(models.TextChoices):
        BOOKING = "booking", _("Resolutions rated")
        SETTLEMENT = "settlement", _("Pay owed")
        PAYOUT = "payout", _("Pay sent")
        PAYOUT_RETURNED = "payout_returned", _("Pay returned by the bank")
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")
        PAYMENT = "payment", _("Payment by a client")
        PREPAYMENT = "prepayment", _("Prepaid by a client")
        REVERSAL = "reversal", _("Reversal of an earlier one")
        OPENING = "opening", _("Balances brought in")

    key = models.CharField(max_length=120, unique=True, help_text=_("What it records, for example settlement:12; it is posted once."))
    kind = models.CharField(max_length=16, choices=Kind)
    on = models.DateField(help_text=_("The day that it counts on."))
    words = models.CharField(max_length=200, help_text=_("What happened, as people read it."))
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    posted_at = models.DateTimeField(help_text=_("Business instant."))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("Empty: a job.")
    )

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="ledger_reversal_names_what",
                condition=models.Q(kind="reversal", reverses__isnull=False) | (~models.Q(kind="reversal") & models.Q(reverses=None)),
            ),
        ]
        indexes = [models.Index(name="ledger_transaction_day", fields=["on", "id"])]
        triggers = only_grows(name="ledger_transactions_only_grow")

    def __str__(self) -> str:
        return self.words


class LedgerEntry(models.Model):
    """One amount on one account, of one agent or client where the account is kept by party."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.CharField(max_length=20, choices=Account)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="ledger_entries")
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="ledger_entries")
    currency = fields.currency()
    amount_micros = fields.MicrosField(help_text=_("Debit above zero, credit below."))
    on = models.DateField(help_text=_("The day of its transaction, so that balances of any day are read from one index."))

    class Meta:
        ordering = ["transaction", "pk"]
        verbose_name_plural = _("ledger entries")
        constraints = [models.CheckConstraint(name="ledger_entry_is_something", condition=~models.Q(amount_micros=0))]
        indexes = [
            models.Index(name="ledger_entry_account", fields=["account", "currency", "on"], include=["amount_micros"]),
            models.Index(name="ledger_entry_agent", fields=["agent", "account", "on"], condition=models.Q(agent__isnull=False)),
            models.Index(name="ledger_entry_client", fields=["client", "account", "on"], condition=models.Q(client__isnull=False)),
        ]
        triggers = [
            *only_grows(name="ledger_entries_only_grow"),
            pgtrigger.Trigger(
                name="ledger_transaction_balances",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="""
                    IF EXISTS (
                        SELECT 1 FROM billing_ledgerentry WHERE transaction_id = NEW.transaction_id
                        GROUP BY currency HAVING SUM(amount_micros) <> 0
                    ) OR (SELECT "on" FROM billing_ledgertransaction WHERE id = NEW.transaction_id) <> NEW."on" THEN
                        RAISE EXCEPTION 'ledger transaction % does not balance, or an entry stands on another day', NEW.transaction_id
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_account_display()} {self.amount_micros}"
