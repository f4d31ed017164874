"""The days that a list of resolutions is narrowed to, for whoever reads those of many agents."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agents.models import Resolution
from ppr_portal.pages.entry import PortalRequest, asked_text, midnight, read_day
from ppr_portal.pages.list_tools import ListDay


@dataclass(frozen=True, kw_only=True)
class Days:
    """First and last day of the claims that are shown, in the time zone of the reader; None is no bound."""

    first: date | None = None
    last: date | None = None

    @property
    def query(self) -> dict[str, str]:
        """What an address keeps of them."""
        return {name: day.isoformat() for name, day in (("from", self.first), ("to", self.last)) if day is not None}

    @property
    def fields(self) -> list[ListDay]:
        """What the reader chooses them in."""
        return [
            ListDay(name="from", label=_("From"), value=self.first),
            ListDay(name="to", label=pgettext("last day", "To"), value=self.last),
        ]

    def narrow(self, resolutions: QuerySet[Resolution]) -> QuerySet[Resolution]:
        """Return those claimed on these days."""
        if self.first is not None:
            resolutions = resolutions.filter(resolved_at__gte=midnight(self.first))
        return resolutions if self.last is None else resolutions.filter(resolved_at__lt=midnight(self.last + timedelta(days=1)))


def read_days(request: PortalRequest) -> Days:
    """Read the days that an address asks for; what is no day is no bound."""
    return Days(first=read_day(asked_text(request, "from")), last=read_day(asked_text(request, "to")))
