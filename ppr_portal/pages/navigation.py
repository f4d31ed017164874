"""The way through the pages that are open to a person, in sections by what they come for."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.access import Role
from agents.queries import people
from contracts.translation import gettext_lazy

STATEMENT_ROUTES = ("agent_statements", "statement", "statement_dispute", "pay_reads")
COACHING_ROUTES = ("coaching_new", "coaching_session", "improvement_plans", "improvement_new", "improvement_plan")
REVIEW_ROUTES = ("review", "review_draw", "review_draw_new", "review_calibration")
DISPUTE_ROUTES = ("dispute", "dispute_new", "dispute_statistics", "resolution_dispute", "review_dispute", "hours_dispute")
INVOICE_ROUTES = ("invoice", "invoice_finalization", "invoice_voiding", "invoice_credit", "invoice_payment", "prepayment")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One entry of the main navigation."""

    route: str
    label: str
    icon: str
    url: str
    is_current: bool
    new_count: int = 0


@dataclass(frozen=True, kw_only=True)
class Section:
    """Places that belong together; the first has no title, since it is what the person comes for."""

    title: str
    places: tuple[Place, ...]


MORE, TEAM, INSIGHT = gettext_lazy("More"), gettext_lazy("Team"), gettext_lazy("Insight")
CLIENTS, OPERATIONS = gettext_lazy("Clients"), gettext_lazy("Operations")
OWN = (
    ("", ("home", "statements", "resolutions", "feedback", "performance", "load")),
    (MORE, ("what_if", "plan", "disputes", "coaching", "training", "check_ins")),
)
LED = (
    ("", ("team", "reviews", "coaching", "training", "signals", "disputes")),
    (INSIGHT, ("fcr", "load_map", "week_changes", "feedback_answers", "resolutions", "plan_readers")),
)
OFFICE = (
    ("", ("pay_runs", "agents", "disputes", "resolutions", "corrections")),
    (CLIENTS, ("invoices", "value", "contracts", "shadow_runs", "ledger")),
    (OPERATIONS, ("holds", "imports", "jobs", "freshness", "pay_reads", "admin:index")),
    (TEAM, ("team", "reviews", "coaching", "training", "signals", "plan_readers")),
    (INSIGHT, ("fcr", "load_map", "week_changes")),
)
BILLED = (("", ("invoices", "value", "disputes", "contracts", "shadow_runs")), *OFFICE)


def sections_of(person: people.Person, *, current: str) -> tuple[Section, ...]:
    """Return the places that are open to a person, what they come for first."""
    open_places = {place.route: place for place in _open(person, current=current)}
    found = []
    for title, routes in _order(person):
        places = tuple(open_places.pop(route) for route in routes if route in open_places)
        if places:
            found.append(Section(title=str(title), places=places))
    return tuple(found)


def _order(person: people.Person) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Return sections with their routes; a place stands in the first that names it."""
    if person.is_agent:
        return (*OWN, (TEAM, LED[0][1]), LED[1], *OFFICE)
    if person.is_lead:
        return (*LED, *OFFICE)
    return OFFICE if person.reads_everyone else BILLED


def place(label: str, icon: str, route: str, current: str, *also: str, new_count: int = 0) -> Place:
    """Describe one place; it is where the person is on its own page and on those that hang on it."""
    return Place(route=route, label=label, icon=icon, url=reverse(route), is_current=current in (route, *also), new_count=new_count)


def _open(person: people.Person, *, current: str) -> list[Place]:
    """Return every place that is open to a person, in no order of its own."""
    own = _own_places(person, current) if person.is_agent else []
    return [*own, *_team_places(person, current), *_client_places(person, current), *_office_places(person, current)]


def _own_places(person: people.Person, current: str) -> list[Place]:
    """Return where an agent reads of their own work and pay."""
    return [
        place(_("Home"), "i-home", "home", current),
        place(_("Statements"), "i-statement", "statements", current, *STATEMENT_ROUTES),
        place(_("Resolutions"), "i-resolution", "resolutions", current, "resolution"),
        place(_("Feedback"), "i-feedback", "feedback", current, new_count=person.unread_count),
        place(_("Performance"), "i-performance", "performance", current),
        place(_("Load and rest"), "i-rest", "load", current),
        place(_("What if"), "i-whatif", "what_if", current),
        place(_("My plan"), "i-plan", "plan", current),
        place(_("Disputes"), "i-dispute", "disputes", current, *DISPUTE_ROUTES),
        place(_("Coaching"), "i-coaching", "coaching", current, *COACHING_ROUTES),
        place(_("Training"), "i-training", "training", current),
        place(_("My check-in"), "i-lock", "check_ins", current),
    ]


def _team_places(person: people.Person, current: str) -> list[Place]:
    """Return where teams are led and read of; a contract admin reads what tells of plans and signals, and FCR."""
    found = []
    if person.reads_teams:
        found.append(place(_("Today") if person.is_lead else _("Teams"), "i-people", "team", current, "team_agent"))
        found += _quality_places(person, current)
    if person.reads_teams or Role.CONTRACT_ADMIN in person.roles:
        found += [
            place(_("First contact"), "i-check", "fcr", current),
            place(_("Plans read"), "i-plan", "plan_readers", current),
            place(_("Signals"), "i-signal", "signals", current, "signal"),
        ]
    if person.reads_teams and not person.is_agent:
        found += [
            place(_("Resolutions"), "i-resolution", "resolutions", current, "resolution"),
            place(_("Disputes"), "i-dispute", "disputes", current, *DISPUTE_ROUTES),
        ]
    return found


def _client_places(person: people.Person, current: str) -> list[Place]:
    """Return where the office and a client's contacts read what is billed and what was agreed; shadow mode and books are the office's."""
    found = []
    if person.reads_everyone or person.roles & {Role.CLIENT, Role.CONTRACT_ADMIN}:
        found += [
            place(_("Invoices"), "i-statement", "invoices", current, *INVOICE_ROUTES),
            place(_("Value"), "i-value", "value", current, "value_report", "after_sale"),
            place(_("Contracts"), "i-plan", "contracts", current, "contract_version"),
        ]
    if person.roles & {Role.CLIENT, Role.CONTRACT_ADMIN} and not person.reads_work:
        found.append(place(_("Disputes"), "i-dispute", "disputes", current, *DISPUTE_ROUTES))
    if person.reads_everyone or Role.CONTRACT_ADMIN in person.roles:
        found.append(place(_("Shadow mode"), "i-whatif", "shadow_runs", current, "shadow_run", "shadow_new", "shadow_columns"))
    if person.reads_everyone:
        found.append(place(_("Ledger"), "i-gaps", "ledger", current, "ledger_account"))
    return found


def _office_places(person: people.Person, current: str) -> list[Place]:
    """Return where pay is run, what comes in is looked after, and the portal is administered."""
    found = []
    if person.reads_everyone:
        found += [
            place(_("Agents"), "i-people", "agents", current, "agent_statements", "statement"),
            place(_("Pay runs"), "i-statement", "pay_runs", current, "pay_run", "payouts"),
            place(_("Corrections"), "i-equal", "corrections", current, "reversal", "adjustment_new"),
        ]
    if person.is_superuser or person.roles & {Role.CONTRACT_ADMIN, Role.AUDITOR}:
        found += [
            place(_("Waiting"), "s-held", "holds", current, "held_thing", "hold_act", "hold_acts", "hold_act_new"),
            place(_("Imports"), "i-down", "imports", current, "import_run", "upload", "upload_new", "source", "source_new"),
        ]
    if person.reads_everyone or Role.CONTRACT_ADMIN in person.roles:
        found += [
            place(_("Jobs"), "i-calendar", "jobs", current, "job"),
            place(_("Freshness"), "i-performance", "freshness", current),
        ]
    if person.is_superuser or Role.AUDITOR in person.roles:
        found.append(place(_("Who read pay"), "i-lock", "pay_reads", current))
    if person.is_staff or person.is_superuser:
        found.append(Place(route="admin:index", label=_("Administration"), icon="i-gear", url=reverse("admin:index"), is_current=False))
    return found


def _quality_places(person: people.Person, current: str) -> tuple[Place, ...]:
    """Return what leads run quality from; an agent who leads has coaching and training in their own list."""
    shared = (
        place(_("Coaching"), "i-coaching", "coaching", current, *COACHING_ROUTES),
        place(_("Training"), "i-training", "training", current, "training_new"),
    )
    return (
        place(_("QA reviews"), "i-review", "reviews", current, *REVIEW_ROUTES),
        *(() if person.is_agent else shared),
        place(_("When it is busy"), "i-gaps", "load_map", current),
        place(_("What changed"), "i-value", "week_changes", current),
        *((place(_("Answers"), "i-feedback", "feedback_answers", current),) if person.is_lead else ()),
    )
