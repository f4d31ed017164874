"""Routes of what clients agreed to, owe and get: contracts, value, invoices and their files."""

from django.urls import path

from ppr_portal.pages import addresses
from ppr_portal.pages.clients import account_uploads, after_sale, client, invoice_acts, invoice_files, invoices, value

urlpatterns = [
    path("contracts/", client.contracts, name="contracts"),
    path("contracts/versions/<int:pk>/", client.contract_version, name="contract_version"),
    path("value/", value.value, name="value"),
    path("value/accounts/", after_sale.after_sale_report, name="after_sale"),
    path("value/accounts/uploads/new/", account_uploads.account_upload_new, name="account_upload_new"),
    path("value/accounts/uploads/<int:pk>/", account_uploads.account_upload, name="account_upload"),
    path("value/accounts/uploads/<int:pk>/acts/", account_uploads.account_upload_act, name="account_upload_act"),
    path(f"value/<int:pk>/{addresses.PERIOD}/", value.value_report, name="value_report"),
    path(f"value/<int:pk>/{addresses.PERIOD}.csv", value.value_csv, name="value_csv"),
    path(f"value/<int:pk>/{addresses.PERIOD}.pdf", value.value_pdf, name="value_pdf"),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/prepayment/", invoice_acts.prepayment, name="prepayment"),
    path("invoices/<int:pk>/", invoices.invoice, name="invoice"),
    path("invoices/<int:pk>.csv", invoices.invoice_csv, name="invoice_csv"),
    path("invoices/<int:pk>/pdf/", invoice_files.invoice_pdf, name="invoice_pdf"),
    path("invoices/<int:pk>/e-invoice/", invoice_files.invoice_xml, name="invoice_xml"),
    path("invoices/<int:pk>/evidence/", invoice_files.invoice_evidence, name="invoice_evidence"),
    path("invoices/<int:pk>/refresh/", invoice_acts.refresh, name="invoice_refresh"),
    path("invoices/<int:pk>/finalization/", invoice_acts.finalization, name="invoice_finalization"),
    path("invoices/<int:pk>/voiding/", invoice_acts.voiding, name="invoice_voiding"),
    path("invoices/<int:pk>/credit/", invoice_acts.credit, name="invoice_credit"),
    path("invoices/<int:pk>/payment/", invoice_acts.payment, name="invoice_payment"),
    path("credit-notes/<int:pk>/pdf/", invoice_files.credit_note_pdf, name="credit_note_pdf"),
    path("credit-notes/<int:pk>/e-invoice/", invoice_files.credit_note_xml, name="credit_note_xml"),
]
