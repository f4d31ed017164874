"""Where the pages of the tour stand in the open demo, and what is done first so that each of them has something to show."""

from datetime import date
from typing import Any
from urllib.parse import urljoin

from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from playwright.sync_api import Page as Window

from agents import models as work
from billing import models as pay
from contracts.models import Contract, ContractVersion, PayPlanVersion

MARCH = date(2016, 3, 1)
AGENT, LEAD = "agent@larkfield.example", "lead@larkfield.example"
ACCOUNT = ["receivable", "USD"]
# An invoice as somebody else writes it today: one price and one count are other than ours.
THEIRS = """Query type,Channel,Count,Unit price,Amount
Desk topics,Phone,801,,9911.50
Desk topics,E-mail,8,9.80,78.40
Field topics,Phone,545,29.00,15805.00
Category 9,Phone,63,33.00,2079.00
Category 35,Any channel,8,8.40,67.20
"""
EXPORT_HEAD = (
    "number,incident_state,sys_mod_count,sys_updated_at,caller_id,opened_at,"
    "contact_type,location,category,assignment_group,reassignment_count,resolved_by"
)
EXPORT = f"""{EXPORT_HEAD}
INC0099001,New,0,20/4/2016 09:12,Caller 2403,20/4/2016 09:12,Phone,Location 93,Category 26,Group 70,0,?
INC0099001,Resolved,2,20/4/2016 09:30,Caller 2403,20/4/2016 09:12,Phone,Location 93,Category 26,Group 70,0,Resolved by 12
INC0099002,Resolved,3,20/4/2016 10:00,Caller 1180,19/4/2016 16:40,Phone,Location 204,Category 42,Group 70,1,Resolved by 149
"""
ACCOUNTS = """account,month,started_on,health_score,seat_count,active_count
A-1001,2016-04,2015-02-01,82,40,31
A-1002,2016-04,2015-06-01,64,25,22
A-1003,04/2016,2015-09-15,71,60,44
"""
SEARCHED = {"search": "?find=LF-2016", "fcr": "?from=2016-03-01"}


def address(route: str) -> str:
    """Return where a page stands, with what it is asked."""
    if route == "closed":
        return "/agents/0/statements/"
    known = arguments()
    found = reverse(route, args=known.get(route, []))
    if route == "statement":
        return f"{found}?why={_line().position}"
    if route == "invoice":
        return f"{found}?why={_invoice().lines.earliest('position').position}-1"
    if route == "hold_act_new":
        return f"{found}?do=assign&item=resolution-{_hold().pk}"
    return found + SEARCHED.get(route, "")


def arguments() -> dict[str, list[Any]]:
    """Return what stands in the addresses, by route."""
    agent, invoice, version, plan = _agent(), _invoice(), ContractVersion.objects.get(pk=2), PayPlanVersion.objects.earliest("pk")
    resolution = work.Resolution.objects.filter(agent=agent, state="confirmed").latest("pk")
    run = pay.PayRun.objects.filter(period_start=MARCH).earliest("pk")
    return {
        "statement": [agent.pk, MARCH],
        "statement_dispute": [agent.pk, MARCH, _line().position],
        **{key: [agent.pk] for key in ("agent_statements", "team_agent")},
        **{key: [resolution.pk] for key in ("resolution", "resolution_dispute")},
        "review_dispute": [work.QaReview.objects.filter(agent=agent).latest("reviewed_at").pk],
        "hours_dispute": [agent.time_entries.latest("started_at").pk],
        "dispute": [pay.Dispute.objects.earliest("pk").pk],
        "coaching_session": [work.CoachingSession.objects.filter(agent=agent).earliest("planned_on").pk],
        "review_draw": [work.SampleDraw.objects.latest("pk").pk],
        "review": [work.Assessment.objects.filter(reviewer__email=LEAD, status="draft", is_second=False).earliest("pk").pk],
        "improvement_plan": [work.ImprovementPlan.objects.earliest("pk").pk],
        "signal": [work.GamingSignal.objects.filter(agent__memberships__team__lead__email=LEAD).earliest("pk").pk],
        **{key: [invoice.pk] for key in ("invoice", "invoice_question", "invoice_voiding", "invoice_credit", "invoice_payment")},
        "invoice_finalization": [pay.Invoice.objects.filter(status="draft").earliest("pk").pk],
        "value_report": [invoice.contract_id, MARCH],
        **{key: [version.pk] for key in ("contract_version", "version_simulation", "admin:contracts_contractversion_change")},
        **{key: [plan.pk] for key in ("plan_back_test", "admin:contracts_payplanversion_change")},
        **{key: [run.pk] for key in ("pay_run", "payouts")},
        "reversal": [pay.Reversal.objects.filter(status="proposed").earliest("pk").pk],
        "ledger_account": ACCOUNT,
        "held_thing": ["resolution", _hold().pk],
        "import_run": [work.ImportRun.objects.order_by("-row_count")[0].pk],
        "source": [work.Source.objects.get(code="incidents").pk],
        "job": [PeriodicTask.objects.filter(name__icontains="signal").earliest("pk").pk],
        "admin:contracts_contract_change": [Contract.objects.earliest("pk").pk],
        **_made(),
    }


def prepare(window: Window, base: str) -> None:
    """Upload two files and assign one held thing, once, as the contract admin who is signed in."""
    made = _made()
    if "hold_act" not in made:
        window.goto(urljoin(base, address("hold_act_new")))
        window.select_option("select[name=owner]", index=1)
        _send(window)
    if "upload" not in made:
        window.goto(urljoin(base, reverse("upload_new")))
        window.select_option("select[name=source]", str(work.Source.objects.get(code="incidents").pk))
        _attach(window, "export.csv", EXPORT)
        _send(window)
    if "account_upload" not in made:
        window.goto(urljoin(base, reverse("account_upload_new")))
        _attach(window, "accounts-april.csv", ACCOUNTS)
        _send(window)
    for route in {"shadow_columns", "shadow_run"} - set(made):
        window.goto(urljoin(base, reverse("shadow_new")))
        window.fill("input[name=month]", f"{MARCH:%Y-%m}")
        _attach(window, "invoice-as-today.csv", THEIRS)
        _send(window)
        if route == "shadow_run":
            _send(window)


def _made() -> dict[str, list[Any]]:
    """Return what `prepare` has made so far."""
    found: dict[str, list[Any]] = {}
    uploads, act = work.Upload.objects.order_by("pk"), work.HoldAct.objects.order_by("pk").first()
    upload, accounts = uploads.exclude(kind="accounts").first(), uploads.filter(kind="accounts").first()
    draft, done = (pay.ShadowRun.objects.filter(state=state).order_by("pk").first() for state in ("draft", "done"))
    if upload is not None:
        found |= {"upload": [upload.pk], "upload_step": [upload.pk, "columns"]}
    if accounts is not None:
        found["account_upload"] = [accounts.pk]
    if act is not None:
        found["hold_act"] = [act.pk]
    if draft is not None:
        found["shadow_columns"] = [draft.pk]
    if done is not None:
        found["shadow_run"] = [done.pk]
    return found


def _attach(window: Window, name: str, text: str) -> None:
    window.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": text.encode()})


def _send(window: Window) -> None:
    window.click("main form button.button--main")
    window.wait_for_load_state("networkidle")


def _agent() -> work.Agent:
    return work.Agent.objects.get(user__email=AGENT)


def _line() -> pay.SettlementLine:
    """Return the line of March that brought most and is not disputed yet."""
    lines = pay.SettlementLine.objects.filter(settlement__agent=_agent(), settlement__period_start=MARCH, kind="unit")
    return lines.filter(disputes=None).order_by("-amount_micros", "position")[0]


def _invoice() -> pay.Invoice:
    return pay.Invoice.objects.exclude(status="draft").earliest("pk")


def _hold() -> work.Hold:
    return work.Hold.objects.filter(released_at=None).earliest("pk")
