"""Routes of the pages that people open, by noun."""

from datetime import date

from django.urls import path, register_converter

from ppr_portal.pages import (
    account_uploads,
    after_sale,
    agents,
    appearance,
    billing_urls,
    client,
    dispute_opening,
    dispute_urls,
    fcr,
    feedback,
    insight_urls,
    intake_urls,
    landing,
    lead,
    load,
    payouts,
    person_urls,
    plan,
    preferences,
    quality_urls,
    resolutions,
    runs,
    statements,
    value,
)


class DayConverter:
    """A day in an address: 2016-03-01."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Read a day; ValueError means that the address is no page."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """Write a day."""
        return value.isoformat()


register_converter(DayConverter, "day")

STATEMENT = "agents/<int:agent_id>/statements/<day:period_start>"

urlpatterns = [
    path("", landing.home, name="home"),
    path("more/", landing.more, name="more"),
    path("appearance/", appearance.choose, name="appearance"),
    path("language/", preferences.choose_language, name="language"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("agents/", agents.agents, name="agents"),
    path("agents/<int:agent_id>/statements/", statements.agent_statements, name="agent_statements"),
    path(f"{STATEMENT}/", statements.statement, name="statement"),
    path(f"{STATEMENT}.csv", statements.statement_csv, name="statement_csv"),
    path(f"{STATEMENT}.pdf", statements.statement_pdf, name="statement_pdf"),
    path(f"{STATEMENT}/lines/<int:position>/dispute/", dispute_opening.line_dispute, name="statement_dispute"),
    path("statements/", statements.statements, name="statements"),
    path("resolutions/", resolutions.resolutions, name="resolutions"),
    path("resolutions/<int:pk>/", resolutions.resolution, name="resolution"),
    path("feedback/", feedback.feedback, name="feedback"),
    path("feedback/<int:pk>/reading/", feedback.reading, name="feedback_reading"),
    path("load/", load.load, name="load"),
    path("plan/", plan.plan, name="plan"),
    path("plan/acknowledgement/", plan.acknowledgement, name="plan_acknowledgement"),
    path("plan/readers/", plan.readers, name="plan_readers"),
    path("plan/readers.csv", plan.readers_csv, name="plan_readers_csv"),
    *person_urls.urlpatterns,
    *dispute_urls.urlpatterns,
    path("team/", lead.team, name="team"),
    path("fcr/", fcr.fcr, name="fcr"),
    path("runs/", runs.pay_runs, name="pay_runs"),
    path("runs/final/", runs.final_pay, name="final_pay"),
    path("runs/<int:pk>/", runs.pay_run, name="pay_run"),
    path("runs/<int:pk>/steps/", runs.run_step, name="run_step"),
    path("runs/<int:pk>/payouts/", payouts.payouts, name="payouts"),
    path("runs/<int:pk>/payouts/answers/", payouts.bank_answer, name="bank_answer"),
    path("runs/<int:pk>/payroll.csv", payouts.payroll_file, name="payroll_file"),
    path("payouts/<int:pk>.xml", payouts.payout_order, name="payout_order"),
    *insight_urls.urlpatterns,
    *quality_urls.urlpatterns,
    path("contracts/", client.contracts, name="contracts"),
    path("contracts/versions/<int:pk>/", client.contract_version, name="contract_version"),
    path("value/", value.value, name="value"),
    path("value/accounts/", after_sale.after_sale_report, name="after_sale"),
    path("value/accounts/uploads/new/", account_uploads.account_upload_new, name="account_upload_new"),
    path("value/accounts/uploads/<int:pk>/", account_uploads.account_upload, name="account_upload"),
    path("value/accounts/uploads/<int:pk>/acts/", account_uploads.account_upload_act, name="account_upload_act"),
    path("value/<int:pk>/<day:period_start>/", value.value_report, name="value_report"),
    path("value/<int:pk>/<day:period_start>.csv", value.value_csv, name="value_csv"),
    path("value/<int:pk>/<day:period_start>.pdf", value.value_pdf, name="value_pdf"),
    *billing_urls.urlpatterns,
    *intake_urls.urlpatterns,
]
