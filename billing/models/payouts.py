"""How pay leaves: bank accounts of agents, the files that order the payments, and what the bank answered."""

import pghistory
import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError as InvalidNumber

from agents.models import Agent
from billing.models.documents import Document
from billing.models.ledger import only_grows
from billing.models.pay_runs import PayRun
from billing.models.settlements import Settlement
from contracts.models import fields
from contracts.models.versions import ends_after_start, never_truncated, no_overlap


def check_iban(value: str) -> None:
    """Refuse an account number whose country, length or check digits are wrong.

    Raises: ValidationError with what to do.
    """
    try:
        iban_numbers.validate(value)
    except InvalidNumber as fault:
        raise ValidationError("This is no valid IBAN: country, length or check digits do not fit. Copy it from the bank.") from fault
    if value != iban_numbers.compact(value):
        raise ValidationError("Write the IBAN in capital letters without spaces.")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class BankAccount(models.Model):
    """Where an agent's pay goes, from one day to another."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="bank_accounts")
    holder = models.CharField(max_length=70, help_text=_("Name of the account, as the bank knows it."))
    iban = models.CharField(max_length=34, validators=[check_iban], help_text=_("International bank account number, without spaces."))
    bic = models.CharField(max_length=11, blank=True, help_text=_("Bank code; empty where the account number says it."))
    effective_from = models.DateField(help_text=_("First day."))
    effective_to = models.DateField(null=True, blank=True, help_text=_("First day no longer. Empty: no end."))

    class Meta:
        ordering = ["agent", "-effective_from"]
        constraints = [
            no_overlap(name="agent_has_one_bank_account_at_a_time", parent="agent"),
            ends_after_start(name="bank_account_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.holder}, {self.masked}"

    @property
    def masked(self) -> str:
        """The account as lists show it: its country and last four digits."""
        return f"{self.iban[:2]} …{self.iban[-4:]}"


class Payout(models.Model):
    """One export of a posted run in one currency, and the files that were made of it."""

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="payouts")
    message = models.CharField(max_length=35, unique=True, help_text=_("Name of the order that the bank repeats in its answer."))
    currency = fields.currency()
    pay_on = models.DateField(help_text=_("Day that the bank is to carry it out."))
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", help_text=_("The file, byte for byte."))
    exported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    exported_at = models.DateTimeField()

    class Meta:
        ordering = ["-exported_at", "-pk"]
        triggers = only_grows(name="payouts_stay_as_ordered")

    def __str__(self) -> str:
        return f"payout of {self.run}"


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayoutItem(models.Model):
    """One agent's pay in a payout. It is paid when the bank says so."""

    class Status(models.TextChoices):
        EXPORTED = "exported", _("Ordered")
        PAID = "paid", _("Paid")
        RETURNED = "returned", _("Returned")

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="items")
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="payout_items")
    amount_micros = fields.MicrosField()
    reference = models.CharField(max_length=35, unique=True, help_text=_("End-to-end reference that the bank repeats in its answer."))
    status = models.CharField(max_length=8, choices=Status, default=Status.EXPORTED)
    answered_on = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True, help_text=_("The bank's reason, where it gave one."))

    class Meta:
        ordering = ["payout", "settlement"]
        constraints = [
            models.UniqueConstraint(name="settlement_paid_once", fields=["settlement"], condition=~models.Q(status="returned")),
            models.CheckConstraint(name="payout_item_sends_something", condition=models.Q(amount_micros__gt=0)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="payout_item_only_answered",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("answers", "TEXT[] := ARRAY['status', 'answered_on', 'answer']")],
                func="""
                    IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) - answers) = (to_jsonb(NEW) - answers)
                       AND (OLD.status, NEW.status) IN (('exported', 'paid'), ('exported', 'returned'), ('paid', 'returned')) THEN
                        RETURN NEW;
                    END IF;
                    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) = to_jsonb(NEW) THEN RETURN NEW; END IF;
                    RAISE EXCEPTION 'payment % is % and only the answer of the bank changes it', OLD.reference, OLD.status
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            ),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return self.reference


class BankAnswer(models.Model):
    """A file in which the bank said what became of payments, and what came of reading it."""

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="bank_answers")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+", help_text=_("The file, byte for byte."))
    paid_count = models.PositiveIntegerField(help_text=_("Payments that it says were carried out."))
    returned_count = models.PositiveIntegerField(help_text=_("Payments that it says came back."))
    waiting_count = models.PositiveIntegerField(help_text=_("Payments that it says are still under way."))
    unchanged_count = models.PositiveIntegerField(help_text=_("Payments of which it says what was known."))
    held = models.JSONField(default=list, help_text=_("What could not be read or matched: place in the file, reference and reason."))
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["-read_at", "-pk"]
        triggers = only_grows(name="bank_answers_stay_as_read")

    def __str__(self) -> str:
        return f"answer of the bank for {self.run}"


class StatementNotice(models.Model):
    """That an agent was told by mail that a statement is ready; the row is there before the mail, so it goes out once."""

    settlement = models.OneToOneField(Settlement, on_delete=models.PROTECT, related_name="notice")
    address = models.EmailField(help_text=_("Where it went."))
    sent_at = models.DateTimeField(null=True, help_text=_("Empty: still to be sent."))
    refused_count = models.PositiveSmallIntegerField(default=0, help_text=_("How often the mail server refused it."))
    refusal = models.CharField(max_length=200, blank=True, help_text=_("What the mail server said last."))

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.settlement} to {self.address}"
