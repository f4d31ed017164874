"""What clients are billed: invoices, credit notes and payments.

A final invoice never changes; a mistake is credited, or the invoice is voided and issued anew.
"""

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing import countries
from billing.models.booking import BookedLine
from billing.models.ledger import only_grows
from contracts.models import Client, Contract, ContractVersion, RateCardRow, fields
from contracts.models.versions import ends_after_start, never_truncated, rows_follow


class NumberSeries(models.Model):
    """Numbers without a gap: the next one is taken under a lock, in the transaction that uses it."""

    code = fields.code(unique=True, help_text=_("Short name, for example invoices."))
    prefix = models.CharField(max_length=24, help_text=_("Stands before the number, for example LF-2026-."))
    width = models.PositiveSmallIntegerField(default=4, help_text=_("Digits, filled with zeros in front."))
    next_number = models.PositiveIntegerField(default=1, help_text=_("The next that will be given."))

    class Meta:
        ordering = ["code"]
        verbose_name_plural = _("number series")

    def __str__(self) -> str:
        return self.code


class Address(models.Model):
    """Who somebody is on an invoice."""

    legal_name = models.CharField(max_length=120, help_text=_("Name as registered; it stands on invoices."))
    street = models.CharField(max_length=120, blank=True, help_text=_("Street and number."))
    postcode = models.CharField(max_length=16, blank=True, help_text=_("Postcode."))
    city = models.CharField(max_length=80, help_text=_("City, with the state where the country has them."))
    country = models.CharField(
        max_length=2,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Use the two capital letters of ISO 3166, for example US."))],
        help_text=_("Two letters, for example US."),
    )
    tax_id = models.CharField(max_length=32, blank=True, help_text=_("Number for sales tax, for example a VAT number."))
    email = models.EmailField(blank=True, help_text=_("Where invoices come from, or go to."))

    class Meta:
        abstract = True

    @property
    def words(self) -> str:
        """The lines of the address, in the order of its country."""
        return countries.write_address(
            legal_name=self.legal_name, street=self.street, postcode=self.postcode, city=self.city, country=self.country
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Seller(Address):
    """The company that issues invoices, with its numbers and its account."""

    code = fields.code(unique=True, help_text=_("Short name used in files."))
    invoice_series = models.ForeignKey(
        NumberSeries, on_delete=models.PROTECT, related_name="+", help_text=_("Where invoice numbers come from.")
    )
    credit_note_series = models.ForeignKey(
        NumberSeries, on_delete=models.PROTECT, related_name="+", help_text=_("Where numbers of credit notes come from.")
    )
    bank_account_holder = models.CharField(max_length=70, blank=True, help_text=_("Name of the account."))
    iban = models.CharField(max_length=34, blank=True, help_text=_("Account that clients pay to and pay leaves from, without spaces."))
    bic = models.CharField(max_length=11, blank=True, help_text=_("Code of the bank."))
    payment_days = models.PositiveSmallIntegerField(default=30, help_text=_("An invoice is due so many days after it was issued."))
    grace_days = models.PositiveSmallIntegerField(default=4, help_text=_("A draft collects so many days after its period ended."))

    def __str__(self) -> str:
        return self.legal_name


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Buyer(Address):
    """How a client stands on its invoices, and who bills it."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="buyer", help_text=_("The client."))
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="buyers", help_text=_("The company that bills it."))
    attention = models.CharField(max_length=120, blank=True, help_text=_("Person or department."))
    reference = models.CharField(max_length=60, blank=True, help_text=_("The buyer's own reference, for example a purchase order."))

    def __str__(self) -> str:
        return self.legal_name


def fixed_once_final() -> list[pgtrigger.Trigger]:
    """Return the triggers that let a draft change freely and a final document only be paid or voided."""
    return [
        pgtrigger.Trigger(
            name="invoice_fixed_once_final",
            operation=pgtrigger.Update | pgtrigger.Delete,
            when=pgtrigger.Before,
            declare=[("steps", "TEXT[] := ARRAY['status', 'voided_at', 'void_reason']")],
            func="""
                IF OLD.status = 'draft' THEN RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END IF;
                IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) - steps) = (to_jsonb(NEW) - steps)
                   AND (OLD.status, NEW.status) IN (('final', 'paid'), ('paid', 'final'), ('final', 'void')) THEN
                    RETURN NEW;
                END IF;
                IF TG_OP = 'UPDATE' AND to_jsonb(OLD) = to_jsonb(NEW) THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'invoice % is % and cannot change; credit it, or void it and issue it anew', OLD.number, OLD.status
                    USING ERRCODE = 'integrity_constraint_violation';
            """,
        ),
        never_truncated(),
    ]


def rows_of_drafts_only(*, invoice_of: str) -> list[pgtrigger.Trigger]:
    """Return the trigger that fixes a row once its invoice is final; `invoice_of` is SQL for the id of the invoice of `item`."""
    check = f"""
        SELECT status INTO found FROM billing_invoice WHERE id = {invoice_of};
        IF found <> 'draft' THEN
            RAISE EXCEPTION 'this row of % belongs to an invoice that is %; credit it instead', TG_TABLE_NAME, found
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;"""  # noqa: S608 the callers are models with constants
    return [rows_follow(name="fixed_with_its_invoice", check=check), never_truncated()]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Invoice(models.Model):
    """What a client owes for one billing period of one contract. A draft collects through the period and its days of grace."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        FINAL = "final", _("Final")
        PAID = "paid", _("Paid")
        VOID = "void", _("Void")

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="invoices")
    seller = models.ForeignKey(Seller, null=True, on_delete=models.PROTECT, related_name="invoices", help_text=_("Who issues it."))
    from_words = models.TextField(blank=True, help_text=_("Name and address of the seller as they stood when it was issued."))
    to_words = models.TextField(blank=True, help_text=_("Name and address of the client as they stood when it was issued."))
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    number = models.CharField(max_length=40, blank=True, help_text=_("Given when it is final; without gaps."))
    period_start = models.DateField()
    period_end = models.DateField(help_text=_("First day after it."))
    currency = fields.currency()
    grace_until = models.DateField(help_text=_("Until this day it still collects what becomes known late."))
    refreshed_at = models.DateTimeField(help_text=_("What was known at this instant is on it."))
    issued_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    subtotal_micros = fields.MicrosField(default=0)
    tax_micros = fields.MicrosField(default=0)
    taxes = models.JSONField(default=list, help_text=_("Each tax: name, percent, the net amount that it is on, and what it comes to."))
    gross_micros = fields.MicrosField(default=0)
    credit_micros = fields.MicrosField(default=0, help_text=_("Prepaid credits that it uses."))
    due_micros = fields.MicrosField(default=0, help_text=_("What is to be paid."))
    counted_count = models.PositiveIntegerField(default=0, help_text=_("Resolutions that it bills."))
    case_count = models.PositiveIntegerField(default=0, help_text=_("Cases of the period, counted and uncounted."))
    counts = models.JSONField(
        default=list, help_text=_("Resolutions of the period by outcome and reason, as they stood when it was written.")
    )
    evidence_sha256 = models.CharField(max_length=64, blank=True, help_text=_("Fingerprint of the evidence file."))
    issues = models.JSONField(default=list, help_text=_("What a person must look at before it can be final: code and sentence."))
    finalized_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    finalized_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-period_start", "contract"]
        constraints = [
            models.UniqueConstraint(name="invoice_number_once", fields=["number"], condition=~models.Q(number="")),
            models.UniqueConstraint(
                name="invoice_one_per_contract_and_period",
                fields=["contract", "period_start", "currency"],
                condition=~models.Q(status="void"),
            ),
            models.CheckConstraint(
                name="invoice_final_has_number_and_days",
                condition=models.Q(status="draft", number="")
                | (~models.Q(status="draft") & ~models.Q(number="") & models.Q(issued_on__isnull=False, due_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="invoice_void_says_why",
                condition=~models.Q(status="void") | (models.Q(voided_at__isnull=False) & ~models.Q(void_reason="")),
            ),
            ends_after_start(name="invoice_period_ends_after_start", start="period_start", end="period_end"),
        ]
        triggers = fixed_once_final()

    def __str__(self) -> str:
        return self.number or f"draft for {self.contract}, {self.period_start:%Y-%m}"


class InvoiceLine(models.Model):
    """One amount of an invoice and what is needed to recompute it."""

    class Kind(models.TextChoices):
        RATED = "rated", _("Resolved cases")
        MINIMUM = "minimum", _("Minimum of a price")
        FORECAST_FLOOR = "forecast_floor", _("Forecast floor")
        VOLUME_ABOVE = "volume_above", _("Additional volume")
        VOLUME_BELOW = "volume_below", _("Reduced volume")
        OVERAGE = "overage", _("Beyond the commitment")
        TRUE_UP = "true_up", _("Minimum commitment")
        SERVICE_CREDIT = "service_credit", _("Service credit")
        EARN_BACK = "earn_back", _("Earned back")

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="+", help_text=_("The terms that give it."))
    row = models.ForeignKey(RateCardRow, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("The price that won."))
    origin_start = models.DateField(help_text=_("First day of the period that it belongs to; earlier than the invoice's for a correction."))
    metric = models.CharField(max_length=16, blank=True, help_text=_("The service level that a credit is about."))
    label = models.CharField(max_length=160)
    quantity = models.TextField(blank=True, help_text=_("Exact decimal, or n/d."))
    exact = models.TextField(help_text=_("Amount before rounding, n/d where decimals do not end."))
    amount_micros = fields.MicrosField(help_text=_("Amount rounded to the minor unit."))
    tax_percent = models.TextField(default="0", help_text=_("All taxes on it together, exact percent."))
    inputs = models.JSONField(default=dict, help_text=_("Everything that the rule read; the amount can be recomputed from these alone."))

    class Meta:
        ordering = ["invoice", "position"]
        constraints = [models.UniqueConstraint(name="invoice_line_once", fields=["invoice", "position"])]
        triggers = rows_of_drafts_only(invoice_of="item.invoice_id")

    def __str__(self) -> str:
        return self.label


class InvoicedBooking(models.Model):
    """Which booked line stands on which invoice; a booked line is billed once unless its invoice was voided."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="bookings")
    booked_line = models.ForeignKey(BookedLine, on_delete=models.PROTECT, related_name="invoiced")
    is_void = models.BooleanField(default=False, help_text=_("Its invoice was voided, so that it can be billed anew."))

    class Meta:
        constraints = [
            models.UniqueConstraint(name="booked_line_invoiced_once", fields=["booked_line"], condition=models.Q(is_void=False)),
        ]
        # Added rows are not asked about: an invoice of 100,000 cases writes them at once, before it is final.
        triggers = [
            pgtrigger.Trigger(
                name="invoiced_booking_fixed_once_final",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("found", "TEXT")],
                func="""
                    SELECT status INTO found FROM billing_invoice WHERE id = OLD.invoice_id;
                    IF found = 'draft' THEN RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END IF;
                    IF found = 'void' AND TG_OP = 'UPDATE' AND (to_jsonb(OLD) - 'is_void') = (to_jsonb(NEW) - 'is_void') THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'booked line % stands on an invoice that is %', OLD.booked_line_id, found
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            ),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.booked_line_id} on {self.invoice_id}"


class CreditNote(models.Model):
    """What is given back of a final invoice. It is final when it is written."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    number = models.CharField(max_length=40, unique=True)
    issued_on = models.DateField()
    reason = models.TextField(help_text=_("Why; the client reads it."))
    currency = fields.currency()
    subtotal_micros = fields.MicrosField()
    tax_micros = fields.MicrosField()
    total_micros = fields.MicrosField()
    tax_rounding = models.TextField(default="0", help_text=_("Rounded less exact tax; the last note absorbs what earlier ones left."))
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-issued_on", "-pk"]
        constraints = [models.CheckConstraint(name="credit_note_gives_back", condition=models.Q(total_micros__gt=0))]
        triggers = only_grows(name="credit_notes_only_grow")

    def __str__(self) -> str:
        return self.number


class CreditNoteLine(models.Model):
    """What a credit note gives back of one line."""

    note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="credits")
    label = models.CharField(max_length=160)
    amount_micros = fields.MicrosField(help_text=_("Before tax."))

    class Meta:
        ordering = ["note", "pk"]
        constraints = [models.CheckConstraint(name="credit_note_line_gives_back", condition=models.Q(amount_micros__gt=0))]
        triggers = only_grows(name="credit_note_lines_only_grow")

    def __str__(self) -> str:
        return self.label


class Payment(models.Model):
    """Money that a client paid: for an invoice, or in advance."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="payments")
    invoice = models.ForeignKey(Invoice, null=True, on_delete=models.PROTECT, related_name="payments", help_text=_("Empty: in advance."))
    received_on = models.DateField()
    currency = fields.currency()
    amount_micros = fields.MicrosField(help_text=_("Below zero where a payment was taken back."))
    reference = models.CharField(max_length=120, help_text=_("As the bank writes it; the same payment is recorded once."))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.UniqueConstraint(name="payment_once", fields=["client", "reference"]),
            models.CheckConstraint(name="payment_is_something", condition=~models.Q(amount_micros=0)),
        ]
        triggers = only_grows(name="payments_only_grow")

    def __str__(self) -> str:
        return f"{self.client}, {self.reference}"
