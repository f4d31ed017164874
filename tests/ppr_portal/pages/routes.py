"""Who sees which page, and where each page about Maya Torres is."""

from typing import Any

from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from agents.models import Agent, Assessment, Feedback, Notification, QaReview, Resolution, Source, Upload
from billing.models import DisputeAttachment, Payout, PayRun, Reversal, ShadowRun
from billing.operations import attach_file, compare_shadow
from billing.operations.store_document import store_document
from billing.queries.shadow.file import Definition
from contracts.models import ContractVersion, PayPlanVersion
from tests import factories
from tests.ppr_portal import intake_pages
from tests.ppr_portal.company import Company

ROLES = ("agent", "colleague", "outsider", "lead", "other_lead", "auditor", "approver", "client", "admin", "nobody")
MARCH = factories.MARCH
READERS = {"auditor": 200, "approver": 200}
OFFICE = {"admin": 200, "approver": 200}
BILLED = {"client": 200, "auditor": 200, **OFFICE}
INTAKE = {"admin": 200, "auditor": 200}
LEADS = {"lead": 200, "other_lead": 200}
WORKERS = {"agent": 200, "colleague": 200, "outsider": 200}
# Status by role of a GET about Maya Torres, who is in Dana Okafor's team; what is not listed is 404.
SEEN: dict[str, dict[str, int]] = {
    "home": {**dict.fromkeys(ROLES, 200), "lead": 302, "other_lead": 302, "admin": 302, "client": 302},
    "more": dict.fromkeys(ROLES, 200),
    "preferences": dict.fromkeys(ROLES, 200),
    "agents": READERS,
    "agent_statements": {"agent": 200, **READERS},
    "statement": {"agent": 200, **READERS},
    "statement_csv": {"agent": 200, **READERS},
    "statement_pdf": {"agent": 200, **READERS},
    "statement_dispute": {"agent": 200},
    "statements": dict.fromkeys(ROLES, 302),
    "resolutions": dict.fromkeys(ROLES, 200),
    "resolution": {"agent": 200, "lead": 200, **READERS},
    "feedback": dict.fromkeys(ROLES, 200),
    "load": {"agent": 200, "lead": 200, **READERS},
    "plan": {"agent": 200, "colleague": 200, "outsider": 200},
    "plan_readers": {"lead": 200, "other_lead": 200, "admin": 200, **READERS},
    "plan_readers_csv": {"lead": 200, "other_lead": 200, "admin": 200, **READERS},
    "search": dict.fromkeys(ROLES, 200),
    "pay_reads": {**dict.fromkeys(("agent", "colleague", "outsider", "auditor"), 200)},
    "notifications": dict.fromkeys(ROLES, 200),
    "notification_count": dict.fromkeys(ROLES, 200),
    "notification_preferences": dict.fromkeys(ROLES, 200),
    "notification": {"agent": 302},
    "disputes": dict.fromkeys(ROLES, 200),
    "dispute": {"agent": 200, "lead": 200, **READERS},
    "dispute_file": {"agent": 200, "lead": 200, **READERS},
    "dispute_new": {"agent": 200, "colleague": 200, "outsider": 200},
    "dispute_statistics": {"lead": 200, "other_lead": 200, **READERS},
    "resolution_dispute": {"agent": 200},
    "review_dispute": {"agent": 200},
    "hours_dispute": {"agent": 200},
    "invoice_question": {"client": 200},
    "fcr": {"lead": 200, "other_lead": 200, "admin": 200, **READERS},
    "team": {"lead": 200, "other_lead": 404, **READERS},
    "pay_runs": READERS,
    "pay_run": READERS,
    "corrections": READERS,
    "reversal": READERS,
    "adjustment_new": {"approver": 200},
    "payouts": READERS,
    "payroll_file": READERS,
    "payout_order": {"approver": 200},
    "performance": {"agent": 200, "colleague": 404, "lead": 200, **READERS},
    "what_if": {"agent": 200, "colleague": 200, "outsider": 200},
    "signals": {"lead": 200, "other_lead": 200, "admin": 200, **READERS},
    "signal": {"lead": 200, "admin": 200, **READERS},
    "plan_back_test": {"admin": 200, **READERS},
    "version_simulation": {"admin": 200, **READERS},
    "contracts": {"client": 200, "admin": 200, **READERS},
    "contract_version": {"client": 200, "admin": 200, **READERS},
    "invoices": BILLED,
    "invoice": BILLED,
    "invoice_csv": BILLED,
    "invoice_pdf": BILLED,
    "invoice_xml": dict.fromkeys(BILLED, 302),
    "invoice_evidence": BILLED,
    "credit_note_pdf": BILLED,
    "credit_note_xml": dict.fromkeys(BILLED, 302),
    "prepayment": OFFICE,
    "invoice_finalization": OFFICE,
    "invoice_voiding": OFFICE,
    "invoice_credit": OFFICE,
    "invoice_payment": OFFICE,
    "value": dict.fromkeys(BILLED, 302),
    "after_sale": BILLED,
    "account_upload_new": {"client": 200, "admin": 200},
    "account_upload": {"client": 200, **INTAKE},
    **dict.fromkeys(("value_report", "value_csv", "value_pdf"), BILLED),
    "shadow_runs": {"auditor": 200, **OFFICE},
    "shadow_new": OFFICE,
    "shadow_run": {"auditor": 200, **OFFICE},
    "shadow_columns": dict.fromkeys(OFFICE, 302),
    "ledger": READERS,
    "ledger_account": READERS,
    "holds": INTAKE,
    "hold_acts": INTAKE,
    "hold_act": INTAKE,
    "hold_act_new": {"admin": 200},
    "held_thing": INTAKE,
    "imports": INTAKE,
    "import_run": INTAKE,
    "jobs": {"admin": 200, **READERS},
    "job": {"admin": 200, **READERS},
    "freshness": {"admin": 200, **READERS},
    "source": INTAKE,
    "source_new": {"admin": 200},
    "upload_new": {"admin": 200},
    "upload": INTAKE,
    "upload_step": {"admin": 200},
    "reviews": {**LEADS, **READERS},
    "review": {"lead": 200},
    "review_draw_new": LEADS,
    "review_draw": {"lead": 200, **READERS},
    "review_draw_frame": {"lead": 200, **READERS},
    "review_calibration": {**LEADS, **READERS},
    "coaching": {**WORKERS, **LEADS, **READERS},
    "coaching_new": LEADS,
    "coaching_session": {"agent": 200, "lead": 200, **READERS},
    "improvement_plans": {**WORKERS, **LEADS, **READERS},
    "improvement_new": LEADS,
    "improvement_plan": {"agent": 200, "lead": 200, **READERS},
    "training": {**WORKERS, **LEADS, **READERS},
    "training_new": LEADS,
    "training_act": {"agent": 302, "lead": 302, **dict.fromkeys(READERS, 302)},
    "check_ins": WORKERS,
    "team_agent": {"lead": 200, **READERS},
    "load_map": {**LEADS, **READERS},
    "week_changes": {**LEADS, **READERS},
    "feedback_answers": LEADS,
}
ONLY_POST = {
    "job_start",
    "notification_reading",
    "filter_saving",
    "filter_default",
    "filter_deletion",
    "filter_restoring",
    "decision_lift",
    "dispute_comment",
    "dispute_withdrawal",
    "adjustment_approval",
    "adjustment_withdrawal",
    "bill_change_approval",
    "dispute_attachment",
    "signal_decision",
    "run_step",
    "bank_answer",
    "final_pay",
    "invoice_refresh",
    "shadow_again",
    "appearance",
    "language",
    "plan_acknowledgement",
    "feedback_reading",
    "feedback_acknowledgement",
    "feedback_answer",
    "coaching_act",
    "improvement_step",
    "check_in_deletion",
    "hold_act_undoing",
    "upload_run",
    "account_upload_act",
}


def address(company: Company, name: str) -> str:
    """Return the address of a route about Maya Torres. Whoever asks for many asks `addresses`, which makes what they need once."""
    return addresses(company)[name]


def addresses(company: Company) -> dict[str, str]:
    """Return the address of each route about Maya Torres, by name."""
    agent = company.agent
    line = company.dispute.line
    assert line is not None
    arguments: dict[str, list[Any]] = {
        "agent_statements": [agent.pk],
        "statement": [agent.pk, MARCH],
        "statement_csv": [agent.pk, MARCH],
        "statement_pdf": [agent.pk, MARCH],
        "statement_dispute": [agent.pk, MARCH, line.position],
        "resolution": [Resolution.objects.filter(agent=agent).earliest("pk").pk],
        "dispute": [company.dispute.pk],
        "dispute_file": [file_of(company).pk],
        "resolution_dispute": [Resolution.objects.filter(agent=agent).earliest("pk").pk],
        "review_dispute": [QaReview.objects.get_or_create(**review_of(company))[0].pk],
        "hours_dispute": [agent.time_entries.earliest("pk").pk],
        **{name: [PayRun.objects.get(period_start=MARCH).pk] for name in ("pay_run", "payouts", "payroll_file")},
        "reversal": [reversal_of(company).pk],
        "payout_order": [payout_of(PayRun.objects.get(period_start=MARCH)).pk],
        "signal": [company.signal.pk],
        "signal_decision": [company.signal.pk],
        "plan_back_test": [PayPlanVersion.objects.earliest("pk").pk],
        "contract_version": [ContractVersion.objects.get().pk],
        "version_simulation": [ContractVersion.objects.get().pk],
        **{name: [company.credit_note.pk] for name in ("credit_note_pdf", "credit_note_xml")},
        **{name: [company.draft.pk] for name in ("invoice_finalization", "invoice_refresh")},
        **{name: [company.invoice.pk] for name in SEEN if name.startswith("invoice_") and name != "invoice_finalization"},
        "invoice": [company.invoice.pk],
        **{name: [comparison_of(company).pk] for name in ("shadow_run", "shadow_columns", "shadow_again")},
        "ledger_account": ["receivable", "USD"],
        "job": [PeriodicTask.objects.earliest("pk").pk],
        **{name: [company.invoice.contract_id, MARCH] for name in ("value_report", "value_csv", "value_pdf")},
        "notification": [told_of(agent).pk],
        "review": [Assessment.objects.filter(sampled__draw=company.sample, sampled__agent=agent, is_second=False).earliest("pk").pk],
        **{name: [company.sample.pk] for name in ("review_draw", "review_draw_frame")},
        **{name: [company.talk.pk] for name in ("coaching_session", "coaching_act")},
        **{name: [company.improvement.pk] for name in ("improvement_plan", "improvement_step")},
        "training_act": [company.task.pk],
        "team_agent": [agent.pk],
        **{name: [Feedback.objects.filter(agent=agent).earliest("pk").pk] for name in ("feedback_acknowledgement", "feedback_answer")},
        "feedback_reading": [Feedback.objects.filter(agent=agent).earliest("pk").pk],
    }
    arguments |= {key: [account_file_of(company).pk] for key in ("account_upload", "account_upload_act")}
    arguments |= intake_pages.arguments(company)
    of_agent = f"?agent={agent.pk}"
    queries = {"hold_act_new": "?do=release", "load": of_agent, "performance": of_agent, "team": f"?team={company.team.pk}"}
    return {name: reverse(name, args=arguments.get(name, [])) + queries.get(name, "") for name in SEEN | dict.fromkeys(arguments)}


def account_file_of(company: Company) -> Upload:
    """Return an uploaded file of the accounts of the client whose contact signs in."""
    source, _ = Source.objects.get_or_create(
        code="their-accounts", defaults={"name": "Accounts", "client": company.invoice.contract.client}
    )
    kept = {
        "name": "a.csv",
        "sha256": "",
        "byte_count": 1,
        "uploaded_at": factories.NOON,
        "uploaded_by": company.auditor,
        "deleted_at": factories.NOON,
    }
    return Upload.objects.get_or_create(source=source, kind=Upload.Kind.ACCOUNTS, defaults=kept)[0]


def told_of(agent: Agent) -> Notification:
    """Return what an agent was told, made where nothing was."""
    found, _ = Notification.objects.get_or_create(
        person=agent.user,
        kind="dispute_withdrawn",
        key="D-1",
        defaults={"facts": {"number": 1, "party": agent.name}, "path": "/disputes/", "channel": "in_app", "noted_at": factories.NOON},
    )
    return found


def comparison_of(company: Company) -> ShadowRun:
    """Return a present invoice that was compared with ours."""
    found = ShadowRun.objects.first()
    if found is None:
        invoice = company.invoice
        found = compare_shadow.open_comparison(
            target=invoice.contract,
            period_start=MARCH,
            name="theirs.csv",
            content=b"Ticket,Amount\nx,1\n",
            person=None,
            as_of=factories.NOON,
        )
        definition = Definition(**found.definition)
        made = compare_shadow.compare(run=found, definition=definition)
        compare_shadow.store_comparison(run=found, definition=definition, made=made)
    return found


def file_of(company: Company) -> DisputeAttachment:
    """Return a file that stands beside the dispute of Maya Torres."""
    found = DisputeAttachment.objects.first()
    return found or attach_file.attach_file(
        dispute_id=company.dispute.pk, name="proof.txt", content=b"proof", person=company.lead, as_of=factories.NOON
    )


def payout_of(run: PayRun) -> Payout:
    """Return an order of a run, which only those who order payments may download."""
    content = b"<Document/>"
    document = store_document(
        kind="payout_xml", key="PPR-1", name="PPR-1.xml", content_type="application/xml", content=content, issued_at=run.as_of
    )
    person = run.approved_by
    assert person is not None
    found, _ = Payout.objects.get_or_create(
        message="PPR-1",
        defaults={
            "run": run, "currency": "USD", "pay_on": MARCH, "document": document, "exported_by": person, "exported_at": run.as_of,
        },
    )  # fmt: skip
    return found


def reversal_of(company: Company) -> Reversal:
    """Return a paid resolution of Maya Torres that a person is to decide about."""
    line = company.dispute.line
    assert line is not None
    paid = {"cited_line": line, "paid_micros": 2_400_000, "currency": "USD", "proposed_at": factories.NOON}
    resolution = Resolution.objects.filter(agent=company.agent).earliest("pk")
    return Reversal.objects.get_or_create(agent=company.agent, resolution=resolution, defaults=paid)[0]


def review_of(company: Company) -> dict[str, Any]:
    """Return what identifies a QA review of Maya Torres."""
    resolution = Resolution.objects.filter(agent=company.agent).earliest("pk")
    found = {"source": resolution.case.source, "key": "review-1", "resolution": resolution, "agent": company.agent}
    return {**found, "defaults": {"score": 60, "is_passed": False, "reviewed_at": factories.NOON}}
