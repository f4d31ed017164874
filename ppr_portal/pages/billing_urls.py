"""Routes of invoices, comparisons and the ledger."""

from django.urls import path

from ppr_portal.pages import invoice_acts, invoice_files, invoices, ledger, shadow

urlpatterns = [
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
    path("shadow/", shadow.shadow_runs, name="shadow_runs"),
    path("shadow/new/", shadow.shadow_new, name="shadow_new"),
    path("shadow/<int:pk>/", shadow.shadow_run, name="shadow_run"),
    path("shadow/<int:pk>/columns/", shadow.shadow_columns, name="shadow_columns"),
    path("shadow/<int:pk>/again/", shadow.shadow_again, name="shadow_again"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/<slug:account>/<str:currency>/", ledger.account, name="ledger_account"),
]
