"""The PDF of an invoice and of a credit note: issued once, kept as it is, with the electronic invoice inside."""

import hashlib
import io
from fractions import Fraction

import pypdf
import pytest

from billing import models as pay
from billing.operations import credit_invoice, finalize_invoice
from ppr_portal import invoice_papers, papers
from tests import factories
from tests.billing import billing_world as world_of

pytestmark = pytest.mark.django_db


def finalized(*, has_addresses=True):
    world = world_of.make_billed(commitment_micros=10_000_000)
    if has_addresses:
        world_of.complete_addresses(world)
    world_of.resolve(world, 3)
    world_of.draft()
    draft = pay.Invoice.objects.get(contract=world.contract)
    return finalize_invoice.finalize_invoice(invoice_id=draft.pk, person=factories.make_user(), as_of=world_of.APRIL_6)


def read(document):
    return pypdf.PdfReader(io.BytesIO(bytes(document.content)))


def words_of(document):
    return " ".join(" ".join(page.extract_text() for page in read(document).pages).split())


def test_an_invoice_is_rendered_once_and_kept_with_its_fingerprint():
    invoice = finalized()
    first = invoice_papers.issue_invoice(invoice_id=invoice.pk)
    pay.Seller.objects.update(legal_name="Another Name")
    second = invoice_papers.issue_invoice(invoice_id=invoice.pk)

    assert first is not None
    assert first == second
    assert first.sha256 == hashlib.sha256(bytes(first.content)).hexdigest()
    assert (first.name, first.issued_at) == ("LF-0001.pdf", world_of.APRIL_6)
    for words in ("Invoice LF-0001", "$11.00", "the first 2", "Minimum commitment", "Sales tax 10% of 10.00", "1 Mill Road", "Page 1 of 1"):
        assert words in words_of(first)


def test_the_electronic_invoice_is_inside_and_kept_beside():
    invoice = finalized()
    document = invoice_papers.issue_invoice(invoice_id=invoice.pk)
    kept = pay.Document.objects.get(kind="e_invoice", key=f"invoice:{invoice.pk}")
    reader = read(document)

    assert reader.attachments["factur-x.xml"] == [bytes(kept.content)]
    assert b"<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in reader.trailer["/Root"]["/Metadata"].get_data()
    assert b'part="3"' in reader.trailer["/Root"]["/Metadata"].get_data()
    assert reader.trailer["/Root"]["/Lang"] == "en-US"


def test_without_a_full_address_the_pdf_goes_without_electronic_invoice():
    document = invoice_papers.issue_invoice(invoice_id=finalized(has_addresses=False).pk)

    assert not read(document).attachments
    assert not pay.Document.objects.filter(kind="e_invoice").exists()


def test_a_credit_note_has_a_paper_of_its_own():
    invoice = finalized()
    line = invoice.lines.first()
    assert line is not None
    note = credit_invoice.credit_invoice(
        invoice_id=invoice.pk, items=[credit_invoice.Credited(line_id=line.pk, amount=Fraction(4))], reason="Outage on March 12",
        person=None, as_of=world_of.APRIL_6,
    )  # fmt: skip

    found = words_of(invoice_papers.issue_credit_note(note_id=note.pk))
    for words in ("Credit note CN-0001", "on invoice LF-0001", "Outage on March 12", "$4.40"):
        assert words in found


def test_a_copy_in_spanish_says_what_it_is_and_leaves_the_invoice_as_issued():
    invoice = finalized()
    issued = invoice_papers.issue_invoice(invoice_id=invoice.pk)
    copy = invoice_papers.issue_invoice(invoice_id=invoice.pk, language="es")

    assert copy is not None
    assert (copy.name, copy.key) == ("LF-0001-es.pdf", f"invoice:{invoice.pk}:es")
    assert copy == invoice_papers.issue_invoice(invoice_id=invoice.pk, language="es")
    for words in ("Factura LF-0001", "11,00", "Traducida para su lectura", "Página 1 de 1"):
        assert words in words_of(copy)
    assert not read(copy).attachments
    assert read(copy).trailer["/Root"]["/Lang"] == "es"
    assert issued == invoice_papers.issue_invoice(invoice_id=invoice.pk)


def test_a_draft_has_no_paper_and_what_was_not_issued_is_issued_later():
    world = world_of.make_billed()
    world_of.resolve(world, 1)
    world_of.draft()
    draft = pay.Invoice.objects.get()
    assert invoice_papers.issue_invoice(invoice_id=draft.pk) is None
    assert invoice_papers.issue_missing() == 0
    finalize_invoice.finalize_invoice(invoice_id=draft.pk, person=factories.make_user(), as_of=world_of.APRIL_6)

    assert invoice_papers.issue_missing() == 1
    assert invoice_papers.issue_missing() == 0


def test_a_document_loads_nothing_from_elsewhere():
    with pytest.raises(ValueError, match="loads nothing"):
        papers._refuse("https://example.com/logo.png")
