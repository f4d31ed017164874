"""Who looks at a page: their names, their time zone, and the way through the pages that are open to them."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from agents.access import Role
from agents.queries import people

TABS_MAX = 4
DISPUTE_ROUTES = ("dispute", "dispute_new", "dispute_statistics", "resolution_dispute", "review_dispute", "hours_dispute")
INVOICE_ROUTES = ("invoice", "invoice_finalization", "invoice_voiding", "invoice_credit", "invoice_payment", "prepayment")

ROLE_WORDS = {
    Role.AGENT: "Agent",
    Role.LEAD: "Team lead",
    Role.APPROVER: "Pay approver",
    Role.AUDITOR: "Auditor",
    Role.CONTRACT_ADMIN: "Contract admin",
    Role.CLIENT: "Client contact",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One entry of the main navigation."""

    label: str
    icon: str
    url: str
    is_current: bool
    new_count: int = 0


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The person who is signed in, and where they can go."""

    person: people.Person
    initials: str
    role_words: str
    places: tuple[Place, ...]

    @property
    def tabs(self) -> tuple[Place, ...]:
        """The first places, which have room beside "More" on a phone."""
        return self.places[:TABS_MAX]


def viewer_of(request: HttpRequest) -> Viewer | None:
    """Return who looks at this page, read once per request; None while nobody is signed in."""
    known = getattr(request, "_viewer", None)
    user = getattr(request, "user", None)
    if known is not None or user is None or not user.is_authenticated:
        return known
    person = people.describe(user=user)
    viewer = Viewer(
        person=person, initials=_initials(person.name), role_words=_role_words(person), places=_places(person, current=_route(request))
    )
    request._viewer = viewer  # type: ignore[attr-defined]
    return viewer


def _places(person: people.Person, *, current: str) -> tuple[Place, ...]:
    found = []
    if person.is_agent:
        found += [
            _place("Home", "i-home", "home", current),
            _place("Statements", "i-statement", "statements", current, "statement", "statement_dispute"),
            _place("Resolutions", "i-resolution", "resolutions", current, "resolution"),
            _place("Feedback", "i-feedback", "feedback", current, new_count=person.unread_count),
            _place("Performance", "i-performance", "performance", current),
            _place("Load and rest", "i-rest", "load", current),
            _place("What if", "i-whatif", "what_if", current),
            _place("My plan", "i-plan", "plan", current),
            _place("Disputes", "i-dispute", "disputes", current, *DISPUTE_ROUTES),
        ]
    if person.is_lead or person.reads_everyone:
        found.append(_place("Today" if person.is_lead else "Teams", "i-people", "team", current))
    if person.is_lead or person.reads_everyone or Role.CONTRACT_ADMIN in person.roles:
        found.append(_place("First contact", "i-check", "fcr", current))
    if person.reads_everyone:
        found += [
            _place("Agents", "i-review", "agents", current, "agent_statements", "statement"),
            _place("Pay runs", "i-statement", "pay_runs", current, "pay_run", "payouts"),
        ]
    if (person.is_lead or person.reads_everyone) and not person.is_agent:
        found += [
            _place("Resolutions", "i-resolution", "resolutions", current, "resolution"),
            _place("Disputes", "i-dispute", "disputes", current, *DISPUTE_ROUTES),
        ]
    if person.is_superuser or person.roles & {Role.CONTRACT_ADMIN, Role.AUDITOR}:
        found += [
            _place("Waiting", "s-held", "holds", current, "held_thing", "hold_act", "hold_acts", "hold_act_new"),
            _place("Imports", "i-down", "imports", current, "import_run", "upload", "upload_new", "source", "source_new"),
        ]
    if person.is_lead or person.reads_everyone or Role.CONTRACT_ADMIN in person.roles:
        found.append(_place("Plans read", "i-review", "plan_readers", current))
    if person.reads_everyone or person.is_lead or Role.CONTRACT_ADMIN in person.roles:
        found.append(_place("Signals", "i-signal", "signals", current, "signal"))
    if person.reads_everyone or person.roles & {Role.CLIENT, Role.CONTRACT_ADMIN}:
        found.append(_place("Invoices", "i-statement", "invoices", current, *INVOICE_ROUTES))
        found.append(_place("Value", "i-value", "value", current, "value_report"))
    if person.roles & {Role.CLIENT, Role.CONTRACT_ADMIN} and not (person.is_agent or person.is_lead or person.reads_everyone):
        found.append(_place("Disputes", "i-dispute", "disputes", current, *DISPUTE_ROUTES))
    if person.reads_everyone:
        found.append(_place("Ledger", "i-review", "ledger", current, "ledger_account"))
    if person.reads_everyone or person.roles & {Role.CLIENT, Role.CONTRACT_ADMIN}:
        found.append(_place("Contracts", "i-plan", "contracts", current, "contract_version"))
    if person.is_staff or person.is_superuser:
        found.append(Place(label="Administration", icon="i-gear", url=reverse("admin:index"), is_current=False))
    return tuple(found)


def _place(label: str, icon: str, route: str, current: str, *also: str, new_count: int = 0) -> Place:
    return Place(label=label, icon=icon, url=reverse(route), is_current=current in (route, *also), new_count=new_count)


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match else ""


def _role_words(person: people.Person) -> str:
    words = [word for role, word in ROLE_WORDS.items() if role in person.roles]
    teams = f", {person.team_names[0]}" if len(person.team_names) == 1 else ""
    return (" and ".join(words) or ("Owner" if person.is_superuser else "No role yet")) + teams


def _initials(name: str) -> str:
    parts = name.replace("@", " ").split()
    return "".join(part[0] for part in (parts[0], parts[-1])[: len(parts)]).upper() if parts else "?"
