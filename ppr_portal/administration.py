"""How the administration looks and what its sidebar offers, in the order in which somebody sets up a client."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy

from contracts.translation import gettext_lazy
from ppr_portal.context_processors import administration_css, administration_js, icon_url

# The portal's pine, from lightest to darkest.
PINE = {
    "50": "#f0f7f5",
    "100": "#e1f0eb",
    "200": "#c2e0d6",
    "300": "#9acbbb",
    "400": "#5fa892",
    "500": "#2f8a72",
    "600": "#0f5b4c",
    "700": "#0d4f42",
    "800": "#0b4237",
    "900": "#08342b",
    "950": "#06231b",
}
# The portal's paper, ink and lines, so that the administration is the same house by day and by night.
STONE = {
    "50": "#f9f8f5",
    "100": "#f6f4ef",
    "200": "#e3dfd6",
    "300": "#cdc7bb",
    "400": "#98a19c",
    "500": "#636a66",
    "600": "#4a524f",
    "700": "#363d3a",
    "800": "#2e3432",
    "900": "#1a1e1d",
    "950": "#111413",
}

SECTIONS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        gettext_lazy("Contracts"),
        (
            (gettext_lazy("Clients"), "contracts.client", "domain"),
            (gettext_lazy("Contracts"), "contracts.contract", "handshake"),
            (gettext_lazy("Contract versions"), "contracts.contractversion", "history_edu"),
            (gettext_lazy("Rate card rows"), "contracts.ratecardrow", "sell"),
            (gettext_lazy("Resolution policies"), "contracts.resolutionpolicy", "rule"),
            (gettext_lazy("Business calendars"), "contracts.businesscalendar", "event"),
            (gettext_lazy("Query types"), "contracts.querytype", "category"),
            (gettext_lazy("Channels"), "contracts.channel", "forum"),
            (gettext_lazy("What an hour costs us"), "agents.costrate", "price_check"),
            (gettext_lazy("What service cost before"), "contracts.valuebaseline", "savings"),
        ),
    ),
    (
        gettext_lazy("Pay plans"),
        (
            (gettext_lazy("Pay plans"), "contracts.payplan", "payments"),
            (gettext_lazy("Plan versions"), "contracts.payplanversion", "history_edu"),
            (gettext_lazy("Whose plan"), "agents.planassignment", "assignment_ind"),
            (gettext_lazy("Plans read"), "agents.planacknowledgement", "mark_chat_read"),
            (gettext_lazy("Exchange rates"), "billing.exchangerate", "currency_exchange"),
        ),
    ),
    (
        gettext_lazy("People"),
        (
            (gettext_lazy("Agents"), "agents.agent", "badge"),
            (gettext_lazy("Teams"), "agents.team", "groups"),
            (gettext_lazy("Sites"), "agents.site", "location_on"),
            (gettext_lazy("Holidays and rest days"), "agents.specialday", "event"),
            (gettext_lazy("People who sign in"), "agents.user", "person"),
            (gettext_lazy("Client contacts"), "agents.clientcontact", "contact_page"),
            (gettext_lazy("Roles"), "auth.group", "shield_person"),
        ),
    ),
    (
        gettext_lazy("Work"),
        (
            (gettext_lazy("Cases"), "agents.case", "support_agent"),
            (gettext_lazy("Resolutions"), "agents.resolution", "done_all"),
            (gettext_lazy("Holds"), "agents.hold", "pan_tool"),
            (gettext_lazy("Guardrail decisions"), "agents.guardraildecision", "health_and_safety"),
            (gettext_lazy("Time entries"), "agents.timeentry", "schedule"),
            (gettext_lazy("Surveys"), "agents.survey", "reviews"),
            (gettext_lazy("QA reviews"), "agents.qareview", "fact_check"),
            (gettext_lazy("Reference rates"), "agents.referencerate", "straighten"),
            (gettext_lazy("Scorecards"), "agents.scorecard", "checklist"),
            (gettext_lazy("Scorecard versions"), "agents.scorecardversion", "rule"),
            (gettext_lazy("Courses"), "agents.course", "school"),
        ),
    ),
    (
        gettext_lazy("Intake"),
        (
            (gettext_lazy("Sources"), "agents.source", "input"),
            (gettext_lazy("Mappings"), "agents.mapping", "schema"),
            (gettext_lazy("Names in sources"), "agents.sourceidentity", "alternate_email"),
            (gettext_lazy("Imports"), "agents.importrun", "upload_file"),
            (gettext_lazy("Held rows"), "agents.heldrow", "report"),
            (gettext_lazy("API keys"), "agents.apikey", "key"),
            (gettext_lazy("Webhook secrets"), "agents.hooksecret", "webhook"),
            (gettext_lazy("Raw deliveries"), "agents.rawdelivery", "markunread_mailbox"),
            (gettext_lazy("Survey scales"), "agents.surveyscale", "thumbs_up_down"),
            (gettext_lazy("Waiting answers"), "agents.heldanswer", "hourglass_top"),
        ),
    ),
    (
        gettext_lazy("Pay and bills"),
        (
            (gettext_lazy("Pay runs"), "billing.payrun", "calculate"),
            (gettext_lazy("What is flagged"), "billing.variancethreshold", "notification_important"),
            (gettext_lazy("Limits of approval"), "billing.approvallimit", "how_to_reg"),
            (gettext_lazy("Bank accounts"), "billing.bankaccount", "credit_card"),
            (gettext_lazy("Payment orders"), "billing.payout", "payments"),
            (gettext_lazy("Settlements"), "billing.settlement", "receipt_long"),
            (gettext_lazy("Booked lines"), "billing.bookedline", "receipt"),
            (gettext_lazy("Sellers"), "billing.seller", "storefront"),
            (gettext_lazy("Buyers"), "billing.buyer", "apartment"),
            (gettext_lazy("Number series"), "billing.numberseries", "pin"),
            (gettext_lazy("Invoices"), "billing.invoice", "request_quote"),
            (gettext_lazy("Credit notes"), "billing.creditnote", "assignment_return"),
            (gettext_lazy("Payments by clients"), "billing.payment", "account_balance"),
            (gettext_lazy("Disputes"), "billing.dispute", "flag"),
            (gettext_lazy("Dispute terms"), "billing.disputeterms", "timer"),
            (gettext_lazy("Reversals"), "billing.reversal", "undo"),
            (gettext_lazy("Adjustments"), "billing.adjustment", "tune"),
        ),
    ),
    (
        gettext_lazy("Jobs"),
        (
            (gettext_lazy("Schedules"), "django_celery_beat.periodictask", "event_repeat"),
            (gettext_lazy("Job runs"), "agents.jobrun", "task_alt"),
        ),
    ),
)


def _may_view(model: str) -> Callable[[HttpRequest], bool]:
    app, name = model.split(".")
    return lambda request: request.user.has_perm(f"{app}.view_{name}")


def _item(title: str, model: str, icon: str) -> dict[str, Any]:
    link = reverse_lazy(f"admin:{model.replace('.', '_')}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": _may_view(model)}


def _navigation() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for title, models in SECTIONS:
        items = [_item(*model) for model in models]
        if any(name == "contracts.payplan" for _title, name, _icon in models):
            items.append(_law())
        found.append({"title": title, "separator": True, "items": items})
    return found


def _law() -> dict[str, Any]:
    return {
        "title": gettext_lazy("Pay law"),
        "icon": "gavel",
        "link": reverse_lazy("admin:contracts_payplan_law"),
        "permission": _may_view("contracts.payplan"),
    }


UNFOLD = {
    "SITE_TITLE": "PPR Portal",
    "SITE_HEADER": "PPR Portal",
    "SITE_SUBHEADER": gettext_lazy("Contracts, plans, people, runs"),
    "SITE_SYMBOL": "task_alt",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon_url}],
    "STYLES": [administration_css],
    "SCRIPTS": [administration_js],
    "DASHBOARD_CALLBACK": "ppr_portal.administration_index.fill",
    "ENVIRONMENT": "ppr_portal.context_processors.unfold_environment",
    "COLORS": {"primary": PINE, "base": STONE},
    "SIDEBAR": {"show_search": True, "navigation": _navigation()},
}
