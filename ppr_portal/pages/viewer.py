"""Who looks at a page: their names, their time zone, and the way through the pages that are open to them."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from agents.access import Role
from agents.queries import people
from contracts import reading
from contracts.translation import gettext_lazy
from ppr_portal.pages.navigation import Place, Section, place, sections_of

TABS_MAX = 4
ROLE_WORDS = {
    Role.AGENT: gettext_lazy("Agent"),
    Role.LEAD: gettext_lazy("Team lead"),
    Role.APPROVER: gettext_lazy("Pay approver"),
    Role.AUDITOR: gettext_lazy("Auditor"),
    Role.CONTRACT_ADMIN: gettext_lazy("Contract admin"),
    Role.CLIENT: gettext_lazy("Client contact"),
}


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The person who is signed in, and where they can go."""

    person: people.Person
    initials: str
    time_place: str
    role_words: str
    sections: tuple[Section, ...]
    search: Place
    notices: Place

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place of every section."""
        return tuple(found for section in self.sections for found in section.places)

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
        time_place=reading.place_of(zone.key) if zone else person.site_name,
        role_words=_role_words(person),
        sections=sections_of(person, current=current),
        search=place(_("Search"), "i-search", "search", current),
        notices=place(_("Notifications"), "i-bell", "notifications", current, "notification_preferences", new_count=person.notice_count),
    )
    request._viewer = viewer  # type: ignore[attr-defined]
    return viewer


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
