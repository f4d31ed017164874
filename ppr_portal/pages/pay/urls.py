"""Routes of what agents are owed: statements, plans, pay runs, corrections, payments, the ledger, and who read pay."""

from django.urls import path

from ppr_portal.pages import addresses
from ppr_portal.pages.pay import agents, corrections, ledger, pay_reads, payouts, plan, reversals, runs, statements

urlpatterns = [
    path("agents/", agents.agents, name="agents"),
    path("agents/<int:agent_id>/statements/", statements.agent_statements, name="agent_statements"),
    path(f"{addresses.STATEMENT}/", statements.statement, name="statement"),
    path(f"{addresses.STATEMENT}.csv", statements.statement_csv, name="statement_csv"),
    path(f"{addresses.STATEMENT}.pdf", statements.statement_pdf, name="statement_pdf"),
    path("statements/", statements.statements, name="statements"),
    path("plan/", plan.plan, name="plan"),
    path("plan/acknowledgement/", plan.acknowledgement, name="plan_acknowledgement"),
    path("plan/readers/", plan.readers, name="plan_readers"),
    path("plan/readers.csv", plan.readers_csv, name="plan_readers_csv"),
    path("runs/", runs.pay_runs, name="pay_runs"),
    path("runs/final/", runs.final_pay, name="final_pay"),
    path("runs/<int:pk>/", runs.pay_run, name="pay_run"),
    path("runs/<int:pk>/steps/", runs.run_step, name="run_step"),
    path("runs/<int:pk>/payouts/", payouts.payouts, name="payouts"),
    path("runs/<int:pk>/payouts/answers/", payouts.bank_answer, name="bank_answer"),
    path("runs/<int:pk>/payroll.csv", payouts.payroll_file, name="payroll_file"),
    path("payouts/<int:pk>.xml", payouts.payout_order, name="payout_order"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("corrections/reversals/<int:pk>/", reversals.reversal, name="reversal"),
    path("corrections/adjustments/new/", corrections.adjustment_new, name="adjustment_new"),
    path("corrections/adjustments/<int:pk>/withdrawal/", corrections.adjustment_withdrawal, name="adjustment_withdrawal"),
    path("pay-reads/", pay_reads.pay_reads, name="pay_reads"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/<slug:account>/<str:currency>/", ledger.account, name="ledger_account"),
]
