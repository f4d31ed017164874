"""Documents that were given to people: kept byte for byte, so that a second look is never a second rendering."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.ledger import only_grows


class Document(models.Model):
    """A file as it was issued, with its hash."""

    class Kind(models.TextChoices):
        STATEMENT_PDF = "statement_pdf", _("Statement")
        INVOICE_PDF = "invoice_pdf", _("Invoice")
        CREDIT_NOTE_PDF = "credit_note_pdf", _("Credit note")
        E_INVOICE = "e_invoice", _("Electronic invoice")
        EVIDENCE = "evidence", _("Evidence of an invoice")
        PAYOUT_CSV = "payout_csv", _("Payroll file")
        PAYOUT_XML = "payout_xml", _("Payment order")
        BANK_ANSWER = "bank_answer", _("Answer of the bank")
        DISPUTE_FILE = "dispute_file", _("Evidence of a dispute")
        SHADOW_FILE = "shadow_file", _("File to compare")

    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField(max_length=120, help_text=_("What it is of, for example settlement:12."))
    name = models.CharField(max_length=160, help_text=_("File name that people save it under."))
    content_type = models.CharField(max_length=80)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-issued_at"]
        constraints = [models.UniqueConstraint(name="document_issued_once", fields=["kind", "key"])]
        triggers = only_grows(name="documents_stay_as_issued")

    def __str__(self) -> str:
        return self.name
