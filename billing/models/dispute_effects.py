"""What stands beside a dispute: files that prove it, and what its answer changes on the client's bill."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Resolution
from billing.models.corrections import fixed_once_decided
from billing.models.disputes import Dispute
from billing.models.documents import Document
from billing.models.invoices import CreditNote, Invoice
from billing.models.ledger import only_grows
from contracts.models import fields


class DisputeAttachment(models.Model):
    """A file that somebody added to a dispute as evidence. The file is kept as it came."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="attachments")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="attachment")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at", "pk"]
        triggers = only_grows(name="dispute_attachments_only_grow")

    def __str__(self) -> str:
        return f"{self.document} on D-{self.dispute_id}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class BillChange(models.Model):
    """What an agent's dispute changes on the client's bill: a case counts, or counts no more. Another person approves it."""

    class Effect(models.TextChoices):
        UNCOUNT = "uncount", _("The case does not count")
        COUNT = "count", _("The case counts")

    class Outcome(models.TextChoices):
        CREDITED = "credited", _("Given back by a credit note")
        EXCLUDED = "excluded", _("Excluded before it was billed")
        COUNTED = "counted", _("Counted; the next invoice bills it")

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="bill_change")
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="bill_changes", help_text=_("The case in question."))
    effect = models.CharField(max_length=8, choices=Effect)
    amount_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("What is given back before tax; empty: all that the case still stands with.")
    )
    code = models.CharField(max_length=32, blank=True, help_text=_("Exclusion code, where the case was not billed yet."))
    reason = models.TextField(help_text=_("Why; the client reads it."))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    invoice = models.ForeignKey(
        Invoice,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="bill_changes",
        help_text=_("The invoice that billed the case."),
    )
    credit_note = models.OneToOneField(
        CreditNote, null=True, blank=True, on_delete=models.PROTECT, related_name="bill_change", help_text=_("What the client got back.")
    )

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="bill_change_approved_by_another",
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("proposed_by")),
            ),
            models.CheckConstraint(
                name="bill_change_outcome_once_approved",
                condition=models.Q(approved_by=None, approved_at=None, outcome="", credit_note=None)
                | (models.Q(approved_by__isnull=False, approved_at__isnull=False) & ~models.Q(outcome="")),
            ),
            models.CheckConstraint(
                name="bill_change_credited_by_a_note",
                condition=~models.Q(outcome="credited") | models.Q(credit_note__isnull=False, invoice__isnull=False),
            ),
            models.UniqueConstraint(
                name="bill_change_gives_a_case_back_once", fields=["resolution"], condition=models.Q(outcome__in=("credited", "excluded"))
            ),
        ]
        triggers = fixed_once_decided(name="bill_change_fixed_once_approved", is_open="OLD.approved_by_id IS NULL")

    def __str__(self) -> str:
        return f"bill change of D-{self.dispute_id}"
