"""Which pages are asked for, as whom, and where: every route of the portal has its place here, or a reason why it is no page.

Names in braces are ids of the world. A page with a pager is asked for a second time many pages on, wherever its own links lead.
"""

from collections.abc import Mapping
from types import MappingProxyType

from benchmarks import pages_world


class UnableToMeasure(Exception):
    """A route has no place in the list of pages; the message says which."""


Visits = tuple[tuple[str, str], ...]
MARCH = "from=2016-03-01&to=2016-03-31"
STATEMENT = "/agents/{agent}/statements/2016-03-01"
# By route: as whom, and the address. Filters and searches are pages of their own, for they have plans of their own.
PAGES: Mapping[str, Visits] = MappingProxyType(
    {
        "home": (("agent", "/"), ("auditor", "/"), ("approver", "/")),
        "more": (("agent", "/more/"),),
        "preferences": (("agent", "/preferences/"),),
        "agents": (("auditor", "/agents/"), ("auditor", "/agents/?find=Agent 0019")),
        "agent_statements": (("agent", "/agents/{agent}/statements/"), ("auditor", "/agents/{agent}/statements/")),
        "statement": (("agent", f"{STATEMENT}/"), ("auditor", f"{STATEMENT}/")),
        "statement_dispute": (("agent", f"{STATEMENT}/lines/3/dispute/"),),
        "resolutions": (
            ("agent", "/resolutions/"),
            ("agent", "/resolutions/?state=pending"),
            ("lead", "/resolutions/"),
            ("auditor", "/resolutions/"),
            ("auditor", f"/resolutions/?{MARCH}"),
            ("auditor", "/resolutions/?state=held"),
            ("auditor", "/resolutions/?state=void"),
            ("auditor", "/resolutions/?find=C0000012"),
            ("auditor", f"/resolutions/?by=queue&key=Queue 7&fcr=no&{MARCH}"),
        ),
        "resolution": (("agent", "/resolutions/{resolution}/"), ("auditor", "/resolutions/{resolution}/")),
        "feedback": (("agent", "/feedback/"),),
        "load": (("agent", "/load/"), ("lead", "/load/?agent={agent}")),
        "plan": (("agent", "/plan/"),),
        "plan_readers": (("contract_admin", "/plan/readers/"), ("lead", "/plan/readers/")),
        "pay_reads": (("agent", "/pay-reads/"), ("auditor", "/pay-reads/"), ("auditor", "/pay-reads/?find=Agent 0019")),
        "search": (("auditor", "/search/?find=C0000012"), ("auditor", "/search/?find=Agent 001"), ("lead", "/search/?find=C0000012")),
        "notifications": (("agent", "/notifications/"), ("lead", "/notifications/?show=new")),
        "notification_count": (("agent", "/notifications/count/"),),
        "notification_preferences": (("agent", "/notifications/preferences/"),),
        "disputes": (("agent", "/disputes/"), ("lead", "/disputes/"), ("auditor", "/disputes/"), ("auditor", "/disputes/?find=Agent 0019")),
        "dispute": (("agent", "/disputes/{dispute}/"), ("auditor", "/disputes/{dispute}/")),
        "dispute_new": (("agent", "/disputes/new/"),),
        "dispute_statistics": (("auditor", "/disputes/statistics/"),),
        "resolution_dispute": (("agent", "/resolutions/{resolution}/dispute/"),),
        "review_dispute": (("agent", "/reviews/{qa_review}/dispute/"),),
        "hours_dispute": (("agent", "/hours/{hours}/dispute/"),),
        "invoice_question": (("client", "/invoices/{invoice}/question/"),),
        "team": (("lead", "/team/"), ("auditor", "/team/")),
        "fcr": (
            ("lead", "/fcr/"),
            ("auditor", "/fcr/"),
            ("auditor", "/fcr/?by=team"),
            ("auditor", "/fcr/?by=queue&client=bench-3"),
            ("contract_admin", "/fcr/?by=product&from=2015-05-01&to=2016-04-20"),
        ),
        "pay_runs": (("auditor", "/runs/"),),
        "pay_run": (("auditor", "/runs/{run}/"),),
        "corrections": (("approver", "/corrections/"), ("auditor", "/corrections/?show=approved")),
        "reversal": (("approver", "/corrections/reversals/{reversal}/"),),
        "adjustment_new": (("approver", "/corrections/adjustments/new/"),),
        "payouts": (("approver", "/runs/{run}/payouts/"),),
        "performance": (("agent", "/performance/"), ("lead", "/performance/?agent={agent}")),
        "what_if": (("agent", "/what-if/"),),
        "plan_back_test": (("contract_admin", "/plans/versions/{plan_version}/back-test/"),),
        "version_simulation": (("contract_admin", "/contracts/versions/{version}/simulation/"),),
        "signals": (("lead", "/signals/"), ("contract_admin", "/signals/"), ("contract_admin", "/signals/?find=Agent 00001")),
        "signal": (("contract_admin", "/signals/{signal}/"),),
        "contracts": (("client", "/contracts/"), ("contract_admin", "/contracts/"), ("contract_admin", "/contracts/?find=Bench 7")),
        "contract_version": (("client", "/contracts/versions/{version}/"),),
        "after_sale": (("client", "/value/accounts/"),),
        "account_upload_new": (("client", "/value/accounts/uploads/new/"),),
        "account_upload": (("client", "/value/accounts/uploads/{accounts}/"),),
        "value_report": (("client", "/value/{contract}/2016-03-01/"),),
        "invoices": (("client", "/invoices/"), ("approver", "/invoices/"), ("approver", "/invoices/?find=Bench 7")),
        "invoice": (("client", "/invoices/{invoice}/"), ("approver", "/invoices/{draft}/")),
        "prepayment": (("approver", "/invoices/prepayment/"),),
        "invoice_finalization": (("approver", "/invoices/{draft}/finalization/"),),
        "invoice_voiding": (("approver", "/invoices/{invoice}/voiding/"),),
        "invoice_credit": (("approver", "/invoices/{invoice}/credit/"),),
        "invoice_payment": (("approver", "/invoices/{invoice}/payment/"),),
        "shadow_runs": (("approver", "/shadow/"), ("approver", "/shadow/?find=Bench 7")),
        "shadow_new": (("approver", "/shadow/new/"),),
        "shadow_run": (("approver", "/shadow/{shadow}/"),),
        "ledger": (("auditor", f"/ledger/?{MARCH}"), ("auditor", f"/ledger/?by=agent&{MARCH}")),
        "ledger_account": (("auditor", "/ledger/agent_pay/USD/?from=2016-01-01&to=2016-04-20"),),
        "jobs": (("contract_admin", "/jobs/"),),
        "job": (("contract_admin", "/jobs/{job}/"),),
        "freshness": (("contract_admin", "/freshness/"),),
        "holds": (("contract_admin", "/holds/"), ("contract_admin", "/holds/?kind=row"), ("contract_admin", "/holds/?find=X1")),
        "held_thing": (("contract_admin", "/holds/resolution/{hold}/"),),
        "hold_acts": (("contract_admin", "/holds/acts/"),),
        "hold_act_new": (("contract_admin", "/holds/acts/new/?do=release"),),
        "hold_act": (("contract_admin", "/holds/acts/{act}/"),),
        "imports": (("contract_admin", "/imports/"), ("contract_admin", "/imports/?find=export-19")),
        "import_run": (("contract_admin", "/imports/{import}/"),),
        "upload_new": (("contract_admin", "/imports/uploads/new/"),),
        "upload": (("contract_admin", "/imports/uploads/{upload}/"),),
        "upload_step": (("contract_admin", "/imports/uploads/{upload}/columns/"),),
        "source_new": (("contract_admin", "/sources/new/"),),
        "source": (("contract_admin", "/sources/{source}/"),),
        "reviews": (("lead", "/reviews/"), ("auditor", "/reviews/")),
        "review": (("lead", "/reviews/{assessment}/"),),
        "review_draw_new": (("lead", "/reviews/draws/new/"),),
        "review_draw": (("lead", "/reviews/draws/{draw}/"),),
        "review_calibration": (("lead", "/reviews/calibration/"), ("auditor", "/reviews/calibration/")),
        "coaching": (("agent", "/coaching/"), ("lead", "/coaching/"), ("auditor", "/coaching/")),
        "coaching_new": (("lead", "/coaching/new/"),),
        "coaching_session": (("agent", "/coaching/{talk}/"), ("lead", "/coaching/{talk}/")),
        "improvement_plans": (("lead", "/improvement/"), ("auditor", "/improvement/")),
        "improvement_new": (("lead", "/improvement/new/"),),
        "improvement_plan": (("lead", "/improvement/{improvement}/"),),
        "training": (("agent", "/training/"), ("lead", "/training/"), ("auditor", "/training/")),
        "training_new": (("lead", "/training/new/"),),
        "check_ins": (("agent", "/check-ins/"),),
        "feedback_answers": (("lead", "/answers/"),),
        "team_agent": (("lead", "/team/agents/{agent}/"), ("auditor", "/team/agents/{agent}/")),
        "load_map": (("lead", "/team/load/"), ("auditor", "/team/load/")),
        "week_changes": (("lead", "/team/changes/"), ("auditor", "/team/changes/")),
    }
)
# What is sent to be kept, and what an act answers with: nobody opens it.
POSTED = frozenset(
    {
        *(
            "account_upload_act",
            "adjustment_approval",
            "adjustment_withdrawal",
            "appearance",
            "bank_answer",
            "bill_change_approval",
            "check_in_deletion",
            "coaching_act",
        ),
        *("decision_lift", "dispute_attachment", "dispute_comment", "dispute_withdrawal", "feedback_acknowledgement", "feedback_answer"),
        *("feedback_reading", "filter_default", "filter_deletion", "filter_restoring", "filter_saving", "final_pay"),
        *("hold_act_undoing", "improvement_step", "invoice_refresh", "job_start", "language", "notification_reading"),
        *("plan_acknowledgement", "run_step", "shadow_again", "signal_decision", "training_act", "upload_run"),
    }
)
# What is saved to disk, where a second or two of writing is no waiting for a page; and what only leads on to a page.
FILES = frozenset(
    {
        *("credit_note_pdf", "credit_note_xml", "dispute_file", "invoice_csv", "invoice_evidence", "invoice_pdf", "invoice_xml"),
        *("payout_order", "payroll_file", "plan_readers_csv", "review_draw_frame", "statement_csv", "statement_pdf", "value_csv"),
        "value_pdf",
    }
)
LEADING_ON = frozenset({"notification", "shadow_columns", "statements", "value"})


def check_routes() -> None:
    """Hold the list to the portal's routes.

    Raises: UnableToMeasure if a route has no place, or a place has no route.
    """
    from ppr_portal.pages import urls

    routes = {str(route.name) for route in urls.urlpatterns}
    placed = {*PAGES, *POSTED, *FILES, *LEADING_ON}
    if routes != placed:
        raise UnableToMeasure(
            f"Give each route of the portal its place in benchmarks/pages_list.py: {', '.join(sorted(routes - placed)) or 'none'} "
            f"without one, {', '.join(sorted(placed - routes)) or 'none'} gone."
        )


def ids_of(world: pages_world.World) -> Mapping[str, int]:
    """Return the ids that stand in addresses."""
    from django.core.files.base import ContentFile
    from django.utils import timezone
    from django_celery_beat.models import PeriodicTask

    from agents import models as work
    from agents.operations.imports import keep_uploads
    from billing import models as pay
    from contracts.models import ContractVersion

    agent, contract = world.agent_id, world.contract_id
    source = work.Source.objects.latest("pk")
    upload = keep_uploads.keep_upload(
        source=source,
        content=ContentFile(b"number,state\nA-1,Resolved\n", name="export.csv"),
        name="export.csv",
        person=world.users["contract_admin"],
        now=timezone.now(),
    )
    accounts = work.Upload.objects.create(
        source=work.Source.objects.get_or_create(code="bench-accounts", defaults={"name": "Accounts", "client_id": world.client_id})[0],
        kind=work.Upload.Kind.ACCOUNTS,
        name="accounts.csv",
        byte_count=1,
        uploaded_by=world.users["client"],
        uploaded_at=timezone.now(),
        deleted_at=timezone.now(),
    )
    draw = work.SampleDraw.objects.filter(team__lead=world.users["lead"]).latest("drawn_at")
    return {
        "agent": agent,
        "contract": contract,
        "plan_version": world.plan_version_id,
        "version": ContractVersion.objects.filter(contract=contract).latest("pk").pk,
        "resolution": work.Resolution.objects.filter(agent=agent).latest("resolved_at").pk,
        "qa_review": work.QaReview.objects.filter(agent=agent).latest("reviewed_at").pk,
        "hours": work.TimeEntry.objects.filter(agent=agent).latest("started_at").pk,
        "dispute": pay.Dispute.objects.filter(agent=agent).latest("opened_at").pk,
        "run": pay.PayRun.objects.latest("period_start").pk,
        "reversal": _reversal_of(agent),
        "import": work.ImportRun.objects.earliest("pk").pk,
        "invoice": pay.Invoice.objects.filter(contract=contract, status="final").latest("period_start").pk,
        "draft": pay.Invoice.objects.filter(contract=contract, status="draft").latest("period_start").pk,
        "signal": work.GamingSignal.objects.earliest("pk").pk,
        "hold": work.Hold.objects.latest("pk").pk,
        "act": work.HoldAct.objects.latest("pk").pk,
        "job": PeriodicTask.objects.get(task="billing.refresh_pay").pk,
        "source": source.pk,
        "upload": upload.pk,
        "accounts": accounts.pk,
        "shadow": pay.ShadowRun.objects.latest("pk").pk,
        "draw": draw.pk,
        "assessment": work.Assessment.objects.filter(sampled__draw=draw).earliest("pk").pk,
        "talk": work.CoachingSession.objects.filter(agent=agent).earliest("pk").pk,
        "improvement": work.ImprovementPlan.objects.filter(agent=agent).earliest("pk").pk,
    }


def _reversal_of(agent_id: int) -> int:
    """Return a reversal that waits for a decision about the agent, made where nothing that was paid fell."""
    from agents import models as work
    from billing import models as pay

    line = pay.SettlementLine.objects.filter(settlement__agent=agent_id, settlement__run__isnull=False).earliest("pk")
    values = {"cited_line": line, "paid_micros": 1_000_000, "currency": line.settlement.currency, "proposed_at": line.settlement.as_of}
    resolution = work.Resolution.objects.filter(agent=agent_id).earliest("pk")
    return pay.Reversal.objects.get_or_create(agent_id=agent_id, resolution=resolution, defaults=values)[0].pk
