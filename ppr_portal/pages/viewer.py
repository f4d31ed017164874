"""Who looks at a page: their names, their time zone, and the way through the pages that are open to them."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.access import Role
from agents.queries import people
from contracts import reading
from contracts.translation import gettext_lazy

TABS_MAX = 4
COACHING_ROUTES = ("coaching_new", "coaching_session", "improvement_plans", "improvement_new", "improvement_plan")
REVIEW_ROUTES = ("review", "review_draw", "review_draw_new", "review_calibration")
DISPUTE_ROUTES = ("dispute", "dispute_new", "dispute_statistics", "resolution_dispute", "review_dispute", "hours_dispute")
INVOICE_ROUTES = ("invoice", "invoice_finalization", "invoice_voiding", "invoice_credit", "invoice_payment", "prepayment")

ROLE_WORDS = {
    Role.AGENT: gettext_lazy("Agent"),
    Role.LEAD: gettext_lazy("Team lead"),
    Role.APPROVER: gettext_lazy("Pay approver"),
    Role.AUDITOR: gettext_lazy("Auditor"),
    Role.CONTRACT_ADMIN: gettext_lazy("Contract admin"),
    Role.CLIENT: gettext_lazy("Client contact"),
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
    time_place: str
    role_words: str
    places: tuple[Place, ...]
    search: Place
    notices: Place

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
    zone, current = reading.zone_of(user), _route(request)
    viewer = Viewer(
        person=person,
        initials=_initials(person.name),
        time_place=zone.key.rpartition("/")[2].replace("_", " ") if zone else person.site_name,
        role_words=_role_words(person),
        places=_places(person, current=current),
        search=_place(_("Search"), "i-search", "search", current),
        notices=_place(_("Notifications"), "i-bell", "notifications", current, "notification_preferences", new_count=person.notice_count),
    )
    request._viewer = viewer  # type: ignore[attr-defined]
    return viewer


def _places(person: people.Person, *, current: str) -> tuple[Place, ...]:
    found = []
    if person.is_agent:
        found += [
            _place(_("Home"), "i-home", "home", current),
            _place(_("Statements"), "i-statement", "statements", current, "statement", "statement_dispute"),
            _place(_("Resolutions"), "i-resolution", "resolutions", current, "resolution"),
            _place(_("Feedback"), "i-feedback", "feedback", current, new_count=person.unread_count),
            _place(_("Performance"), "i-performance", "performance", current),
            _place(_("Load and rest"), "i-rest", "load", current),
            _place(_("What if"), "i-whatif", "what_if", current),
            _place(_("My plan"), "i-plan", "plan", current),
            _place(_("Disputes"), "i-dispute", "disputes", current, *DISPUTE_ROUTES),
            _place(_("Coaching"), "i-coaching", "coaching", current, *COACHING_ROUTES),
            _place(_("Training"), "i-training", "training", current),
            _place(_("My check-in"), "i-lock", "check_ins", current),
        ]
    if person.is_lead or person.reads_everyone:
        found.append(_place(_("Today") if person.is_lead else _("Teams"), "i-people", "team", current, "team_agent"))
        found += _quality_places(person, current)
    if person.is_lead or person.reads_everyone or Role.CONTRACT_ADMIN in person.roles:
        found.append(_place(_("First contact"), "i-check", "fcr", current))
    if person.reads_everyone:
        found += [
            _place(_("Agents"), "i-review", "agents", current, "agent_statements", "statement"),
            _place(_("Pay runs"), "i-statement", "pay_runs", current, "pay_run", "payouts"),
        ]
    if (person.is_lead or person.reads_everyone) and not person.is_agent:
        found += [
            _place(_("Resolutions"), "i-resolution", "resolutions", current, "resolution"),
            _place(_("Disputes"), "i-dispute", "disputes", current, *DISPUTE_ROUTES),
        ]
    if person.is_superuser or person.roles & {Role.CONTRACT_ADMIN, Role.AUDITOR}:
        found += [
            _place(_("Waiting"), "s-held", "holds", current, "held_thing", "hold_act", "hold_acts", "hold_act_new"),
            _place(_("Imports"), "i-down", "imports", current, "import_run", "upload", "upload_new", "source", "source_new"),
        ]
    if person.reads_everyone or Role.CONTRACT_ADMIN in person.roles:
        found += [
            _place(_("Jobs"), "i-calendar", "jobs", current, "job"),
            _place(_("Freshness"), "i-performance", "freshness", current),
        ]
    if person.is_lead or person.reads_everyone or Role.CONTRACT_ADMIN in person.roles:
        found.append(_place(_("Plans read"), "i-review", "plan_readers", current))
    if person.reads_everyone or person.is_lead or Role.CONTRACT_ADMIN in person.roles:
        found.append(_place(_("Signals"), "i-signal", "signals", current, "signal"))
    if person.reads_everyone or person.roles & {Role.CLIENT, Role.CONTRACT_ADMIN}:
        found.append(_place(_("Invoices"), "i-statement", "invoices", current, *INVOICE_ROUTES))
        found.append(_place(_("Value"), "i-value", "value", current, "value_report", "after_sale"))
    if person.roles & {Role.CLIENT, Role.CONTRACT_ADMIN} and not (person.is_agent or person.is_lead or person.reads_everyone):
        found.append(_place(_("Disputes"), "i-dispute", "disputes", current, *DISPUTE_ROUTES))
    if person.reads_everyone or Role.CONTRACT_ADMIN in person.roles:
        found.append(_place(_("Shadow mode"), "i-whatif", "shadow_runs", current, "shadow_run", "shadow_new", "shadow_columns"))
    if person.reads_everyone:
        found.append(_place(_("Ledger"), "i-review", "ledger", current, "ledger_account"))
    if person.reads_everyone or person.roles & {Role.CLIENT, Role.CONTRACT_ADMIN}:
        found.append(_place(_("Contracts"), "i-plan", "contracts", current, "contract_version"))
    if person.is_superuser or Role.AUDITOR in person.roles:
        found.append(_place(_("Who read pay"), "i-lock", "pay_reads", current))
    if person.is_staff or person.is_superuser:
        found.append(Place(label=_("Administration"), icon="i-gear", url=reverse("admin:index"), is_current=False))
    return tuple(found)


def _quality_places(person: people.Person, current: str) -> tuple[Place, ...]:
    """Return what leads run quality from; an agent who leads has coaching and training in their own list."""
    shared = (
        _place(_("Coaching"), "i-coaching", "coaching", current, *COACHING_ROUTES),
        _place(_("Training"), "i-training", "training", current, "training_new"),
    )
    return (
        _place(_("QA reviews"), "i-review", "reviews", current, *REVIEW_ROUTES),
        *(() if person.is_agent else shared),
        _place(_("When it is busy"), "i-gaps", "load_map", current),
        _place(_("What changed"), "i-value", "week_changes", current),
        *((_place(_("Answers"), "i-feedback", "feedback_answers", current),) if person.is_lead else ()),
    )


def _place(label: str, icon: str, route: str, current: str, *also: str, new_count: int = 0) -> Place:
    return Place(label=label, icon=icon, url=reverse(route), is_current=current in (route, *also), new_count=new_count)


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match else ""


def _role_words(person: people.Person) -> str:
    words = [str(word) for role, word in ROLE_WORDS.items() if role in person.roles]
    teams = f", {person.team_names[0]}" if len(person.team_names) == 1 else ""
    return (_(" and ").join(words) or (_("Owner") if person.is_superuser else _("No role yet"))) + teams


def _initials(name: str) -> str:
    parts = name.replace("@", " ").split()
    return "".join(part[0] for part in (parts[0], parts[-1])[: len(parts)]).upper() if parts else "?"
