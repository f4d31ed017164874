"""Documents that were given to people: kept byte for byte, so that a second look is never a second rendering."""

from django.db import models

from billing.models.ledger import only_grows


class Document(models.Model):
    """A file as it was issued, with its hash."""

    class Kind(models.TextChoices):
        STATEMENT_PDF = "statement_pdf", "Statement"
        INVOICE_PDF = "invoice_pdf", "Invoice"
        CREDIT_NOTE_PDF = "credit_note_pdf", "Credit note"
        E_INVOICE = "e_invoice", "Electronic invoice"
        EVIDENCE = "evidence", "Evidence of an invoice"
        PAYOUT_CSV = "payout_csv", "Payroll file"
        PAYOUT_XML = "payout_xml", "Payment order"
        BANK_ANSWER = "bank_answer", "Answer of the bank"
        DISPUTE_FILE = "dispute_file", "Evidence of a dispute"
        SHADOW_FILE = "shadow_file", "File to compare"

    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField(max_length=120, help_text="What it is of, for example settlement:12.")
    name = models.CharField(max_length=160, help_text="File name that people save it under.")
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
