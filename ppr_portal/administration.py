"""How the administration looks and what its sidebar offers, in the order in which somebody sets up a client."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy

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

SECTIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Contracts": (
        ("Clients", "contracts.client", "domain"),
        ("Contracts", "contracts.contract", "handshake"),
        ("Contract versions", "contracts.contractversion", "history_edu"),
        ("Rate card rows", "contracts.ratecardrow", "sell"),
        ("Resolution policies", "contracts.resolutionpolicy", "rule"),
        ("Business calendars", "contracts.businesscalendar", "event"),
        ("Query types", "contracts.querytype", "category"),
        ("Channels", "contracts.channel", "forum"),
        ("What an hour costs us", "agents.costrate", "price_check"),
        ("What service cost before", "contracts.valuebaseline", "savings"),
    ),
    "Pay plans": (
        ("Pay plans", "contracts.payplan", "payments"),
        ("Plan versions", "contracts.payplanversion", "history_edu"),
        ("Whose plan", "agents.planassignment", "assignment_ind"),
        ("Plans read", "agents.planacknowledgement", "mark_chat_read"),
        ("Exchange rates", "billing.exchangerate", "currency_exchange"),
    ),
    "People": (
        ("Agents", "agents.agent", "badge"),
        ("Teams", "agents.team", "groups"),
        ("Sites", "agents.site", "location_on"),
        ("Holidays and rest days", "agents.specialday", "event"),
        ("People who sign in", "agents.user", "person"),
        ("Client contacts", "agents.clientcontact", "contact_page"),
        ("Roles", "auth.group", "shield_person"),
    ),
    "Work": (
        ("Cases", "agents.case", "support_agent"),
        ("Resolutions", "agents.resolution", "done_all"),
        ("Holds", "agents.hold", "pan_tool"),
        ("Guardrail decisions", "agents.guardraildecision", "health_and_safety"),
        ("Time entries", "agents.timeentry", "schedule"),
        ("Surveys", "agents.survey", "reviews"),
        ("QA reviews", "agents.qareview", "fact_check"),
        ("Reference rates", "agents.referencerate", "straighten"),
    ),
    "Intake": (
        ("Sources", "agents.source", "input"),
        ("Mappings", "agents.mapping", "schema"),
        ("Names in sources", "agents.sourceidentity", "alternate_email"),
        ("Imports", "agents.importrun", "upload_file"),
        ("Held rows", "agents.heldrow", "report"),
        ("API keys", "agents.apikey", "key"),
        ("Webhook secrets", "agents.hooksecret", "webhook"),
        ("Raw deliveries", "agents.rawdelivery", "markunread_mailbox"),
        ("Survey scales", "agents.surveyscale", "thumbs_up_down"),
        ("Waiting answers", "agents.heldanswer", "hourglass_top"),
    ),
    "Pay and bills": (
        ("Pay runs", "billing.payrun", "calculate"),
        ("What is flagged", "billing.variancethreshold", "notification_important"),
        ("Limits of approval", "billing.approvallimit", "how_to_reg"),
        ("Bank accounts", "billing.bankaccount", "credit_card"),
        ("Payment orders", "billing.payout", "payments"),
        ("Settlements", "billing.settlement", "receipt_long"),
        ("Booked lines", "billing.bookedline", "receipt"),
        ("Sellers", "billing.seller", "storefront"),
        ("Buyers", "billing.buyer", "apartment"),
        ("Number series", "billing.numberseries", "pin"),
        ("Invoices", "billing.invoice", "request_quote"),
        ("Credit notes", "billing.creditnote", "assignment_return"),
        ("Payments by clients", "billing.payment", "account_balance"),
        ("Disputes", "billing.dispute", "flag"),
        ("Dispute terms", "billing.disputeterms", "timer"),
        ("Reversals", "billing.reversal", "undo"),
        ("Adjustments", "billing.adjustment", "tune"),
    ),
    "Jobs": (
        ("Schedules", "django_celery_beat.periodictask", "event_repeat"),
        ("Job runs", "agents.jobrun", "task_alt"),
    ),
}


def _may_view(model: str) -> Callable[[HttpRequest], bool]:
    app, name = model.split(".")
    return lambda request: request.user.has_perm(f"{app}.view_{name}")


def _item(title: str, model: str, icon: str) -> dict[str, Any]:
    link = reverse_lazy(f"admin:{model.replace('.', '_')}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": _may_view(model)}


def _navigation() -> list[dict[str, Any]]:
    items = {title: [_item(*item) for item in items] for title, items in SECTIONS.items()}
    law = {
        "title": "Pay law",
        "icon": "gavel",
        "link": reverse_lazy("admin:contracts_payplan_law"),
        "permission": _may_view("contracts.payplan"),
    }
    items["Pay plans"].append(law)
    return [{"title": title, "separator": True, "items": found} for title, found in items.items()]


UNFOLD = {
    "SITE_TITLE": "PPR Portal",
    "SITE_HEADER": "PPR Portal",
    "SITE_SUBHEADER": "Contracts, plans, people, runs",
    "SITE_SYMBOL": "task_alt",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon_url}],
    "STYLES": [administration_css],
    "SCRIPTS": [administration_js],
    "ENVIRONMENT": "ppr_portal.context_processors.unfold_environment",
    "COLORS": {"primary": PINE},
    "SIDEBAR": {"show_search": True, "navigation": _navigation()},
}
