"""The words of a notification, made when somebody reads it: in their language, with their days and times."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from agents.models import Notification
from agents.notice_kinds import KINDS
from ppr_portal.templatetags import formats, times


@dataclass(frozen=True, kw_only=True)
class Words:
    """A notification as it is read."""

    area: str
    title: str
    body: str


def words_of(notification: Notification) -> Words:
    """Return what a notification says. A kind that no longer exists is told by what is left of it."""
    kind = KINDS.get(notification.kind)
    if kind is None:
        return Words(area="", title=_("Something changed"), body=_("Open it to see what."))
    facts = {name: _format(name, value) for name, value in notification.facts.items()}
    return Words(area=str(kind.area), title=str(kind.title) % facts, body=str(kind.words) % facts)


def _format(name: str, value: str | int) -> str:
    text = str(value)
    if name.endswith("_month"):
        return times.month_year(date.fromisoformat(text))
    if name.endswith("_on"):
        return times.day(date.fromisoformat(text))
    if name.endswith("_at"):
        return times.moment(datetime.fromisoformat(text))
    if name.endswith("_count"):
        return formats.count(int(text))
    return _(text) if name.endswith("_label") else text
