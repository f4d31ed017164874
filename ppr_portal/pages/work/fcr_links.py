"""What an address of the FCR report asks for, and the same filters on the list of resolutions behind its figures."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from agents import access
from agents.models import Resolution
from agents.queries import first_contact_report, first_contacts
from agents.queries.first_contact_report import FirstContacts
from agents.rules.inhibitors import INHIBITORS
from agents.rules.resolution_words import INHIBITOR_WORDS
from contracts import reading
from contracts.models.policies import DeliveryModel
from contracts.translation import gettext_lazy, told
from ppr_portal.pages.entry import PortalRequest, asked_text, midnight, read_day

DEFAULT_DAYS = 90
ANSWERS = {
    "yes": gettext_lazy("resolved at first contact"),
    "no": gettext_lazy("not resolved at first contact"),
    "pending": gettext_lazy("not verified yet"),
    "not_applicable": gettext_lazy("counted apart: exceptions and what is left out"),
}
NAMES = ("by", "key", "fcr", "inhibitor", "client", "from", "to")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A report's filters: days are those where the agents work, the last one included."""

    by: str
    client: str
    first_day: date
    last_day: date
    is_misread: bool

    @property
    def start(self) -> datetime:
        """First instant that counts."""
        return midnight(self.first_day)

    @property
    def end(self) -> datetime:
        """First instant that no longer counts."""
        return midnight(self.last_day + timedelta(days=1))

    def url(self, route: str, **more: str) -> str:
        """Write the address of a page with these filters."""
        query = {"by": self.by, "client": self.client, "from": self.first_day.isoformat(), "to": self.last_day.isoformat(), **more}
        kept = {name: value for name, value in query.items() if value or name == "key"}
        return f"{reverse(route)}?{urlencode(kept)}"


@dataclass(frozen=True, kw_only=True)
class Drill:
    """What a list of resolutions was narrowed to, in words, and the way back."""

    words: str
    back_url: str


def read_asked(request: PortalRequest) -> Asked:
    """Read the filters of an address; days that are none, or the wrong way round, mean the last ninety, and that is said."""
    by = asked_text(request, "by")
    default = (request.today - timedelta(days=DEFAULT_DAYS - 1), request.today)
    first, last = _day(asked_text(request, "from"), default[0]), _day(asked_text(request, "to"), default[1])
    is_misread = first is None or last is None or first > last
    if is_misread or first is None or last is None:
        first, last = default
    return Asked(
        by=by if by in first_contacts.DIMENSIONS else "client",
        client=asked_text(request, "client"),
        first_day=first,
        last_day=last,
        is_misread=is_misread,
    )


def count(request: PortalRequest, asked: Asked, seen: QuerySet[Resolution]) -> FirstContacts:
    """Count what a report rests on: of what the person may read, the client and the days that it asks for."""
    found = seen.filter(case__contract__client__code=asked.client) if asked.client else seen
    if access.reads_all_first_contacts(request.user):
        return first_contact_report.read_days(
            resolutions=found, client=asked.client, dimension=asked.by, first=asked.first_day, last=asked.last_day
        )
    claimed = first_contacts.list_asked_on(resolutions=found, first=asked.first_day, last=asked.last_day)
    return first_contact_report.count_now(resolutions=claimed, dimension=asked.by)


def narrow(request: PortalRequest, resolutions: QuerySet[Resolution]) -> tuple[QuerySet[Resolution], Drill | None]:
    """Narrow a list of resolutions to what an address from the report asks for; without one, leave it as it is."""
    answer, inhibitor = asked_text(request, "fcr"), asked_text(request, "inhibitor")
    if answer not in ANSWERS:
        return resolutions, None
    asked = read_asked(request)
    words = [
        _("%(answers)s, %(first_day)s to %(last_day)s")
        % {"answers": ANSWERS[answer], "first_day": reading.write_day(asked.first_day), "last_day": reading.write_day(asked.last_day)}
    ]
    found = first_contacts.list_asked_on(resolutions=resolutions, first=asked.first_day, last=asked.last_day).filter(fcr=answer)
    if asked.client:
        found = found.filter(case__contract__client__code=asked.client)
    if "key" in request.GET:
        key = asked_text(request, "key")
        found = first_contacts.narrow(resolutions=found, dimension=asked.by, key=key)
        words.append(_group_words(asked.by, key))
    if inhibitor in INHIBITORS:
        found = found.filter(inhibitor=inhibitor)
        words.append(told(INHIBITOR_WORDS[inhibitor]).rstrip(".").lower())
    return found, Drill(words="; ".join(map(str, words)), back_url=asked.url("fcr"))


def kept_query(request: PortalRequest) -> dict[str, str]:
    """Return the parts of an address that narrow a list like this, so that its pages keep them."""
    return {name: request.GET[name] for name in NAMES if name in request.GET} if request.GET.get("fcr") in ANSWERS else {}


def model_name(dimension: str, text: str) -> str:
    """Return a delivery model as people read it; other groups are named as they are."""
    if dimension != "model" or text not in DeliveryModel.values:
        return text
    return str(DeliveryModel(text).label).partition(":")[0]


def _group_words(dimension: str, key: str) -> str:
    group = first_contacts.DIMENSIONS[dimension].label.lower()
    return f"{group} {model_name(dimension, key)}" if key else _("%(group)s unknown") % {"group": group}


def _day(text: str, default: date) -> date | None:
    return read_day(text) if text else default
