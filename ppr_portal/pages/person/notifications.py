"""What somebody was told: the list, what is read, where it leads, and how they want to be told."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.models import Notification, NotificationPreference
from agents.models.notifications import Channel
from agents.notice_kinds import KINDS, NoticeKind
from agents.operations.people import notification_acts
from contracts import clock, row_ids
from ppr_portal import notification_words
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, asked_text, portal_page
from ppr_portal.templatetags import formats

CSV_HEAD = ("told_at", "area", "title", "words", "read_at", "page")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One notification as its list shows it."""

    pk: int
    words: notification_words.Words
    noted_at: datetime
    is_new: bool


@require_safe
@portal_page
def notifications(request: PortalRequest) -> HttpResponse:
    """List what the person was told, newest first."""
    mine = Notification.objects.filter(person=request.user)
    is_new_only = request.GET.get("show") == "new"
    asked = {"show": "new"} if is_new_only else {}
    found = mine.filter(read_at=None) if is_new_only else mine
    if request.GET.get("format") == "csv":
        rows = found.order_by("-noted_at", "-pk").iterator()
        return exports.csv_response(name=f"notifications-{request.today}", head=CSV_HEAD, rows=map(_cells, rows), counted=found)
    page = list_tools.cut(request, found=found, by="noted_at", asked=asked)
    new_count = request.viewer.person.notice_count
    states = (("", _("All"), mine.count()), ("new", _("New"), new_count))
    context = {
        "rows": [_row(one) for one in page.rows],
        "new_count": new_count,
        "newest": max((one.pk for one in page.rows), default=0),
        "is_new_only": is_new_only,
        "chips": list_tools.chips(name="show", states=states, asked=asked),
        **page.links,
        "undo_at": _marked(request),
    }
    return render(request, "notifications/list.html", context)


@require_safe
@portal_page
def count(request: PortalRequest) -> HttpResponse:
    """Give the head of a page the count of what is new; it is read with the person, in one query."""
    return render(request, "notifications/_link.html", {"place": request.viewer.notices})


@require_safe
@portal_page
def notification(request: PortalRequest, pk: int) -> HttpResponse:
    """Open what a notification is about; from then on it is read."""
    found = get_object_or_404(Notification, pk=pk, person=request.user)
    notification_acts.mark_read(person=request.user, as_of=clock.now(), up_to=pk, only=pk)
    return redirect(found.path)


@require_POST
@portal_page
def reading(request: PortalRequest) -> HttpResponse:
    """Mark one thing, or all that was shown, as read; with `undo` make what one press marked new again."""
    if undo := _instant(request.POST.get("undo", "")):
        notification_acts.mark_new(person=request.user, read_at=undo)
        messages.success(request, _("What you had marked is new again."))
        return redirect("notifications")
    now = clock.now()
    marked = notification_acts.mark_read(person=request.user, as_of=now, up_to=_number(request, "up_to"), only=_number(request, "only"))
    if not marked:
        return redirect("notifications")
    shown = ngettext("One thing is marked as read.", "%(shown)s things are marked as read.", marked) % {"shown": formats.count(marked)}
    messages.success(request, shown)
    return redirect(f"{reverse('notifications')}?{urlencode({'marked': now.isoformat()})}")


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def notification_preferences(request: PortalRequest) -> HttpResponse:
    """Show and keep how somebody wants to be told of each kind of thing."""
    if request.method == "POST":
        channels = {code: request.POST[code] for code in KINDS if code in request.POST}
        try:
            notification_acts.save_preferences(person=request.user, channels=channels)
        except notification_acts.InvalidPreference:
            return _show_preferences(request, fault=_("Choose one of the ways that the page offers; nothing was changed."))
        messages.success(request, _("Kept. It counts for everything that you are told from now on."))
        return redirect("notification_preferences")
    return _show_preferences(request)


def _show_preferences(request: PortalRequest, fault: str = "") -> HttpResponse:
    chosen = dict(NotificationPreference.objects.filter(person=request.user).values_list("kind", "channel"))
    areas: dict[str, list[dict[str, object]]] = {}
    for kind in filter(lambda kind: _concerns(request, kind), KINDS.values()):
        now = chosen.get(kind.code)
        areas.setdefault(str(kind.area), []).append(
            {"kind": kind, "options": _options(kind, now if now in kind.channels else kind.channel)}
        )
    return render(request, "notifications/preferences.html", {"areas": areas, "fault": fault}, status=422 if fault else 200)


def _concerns(request: PortalRequest, kind: NoticeKind) -> bool:
    person = request.viewer.person
    return not kind.roles or person.is_superuser or bool(person.roles & set(kind.roles))


def _options(kind: NoticeKind, now: str) -> list[tuple[str, str, bool]]:
    """Return the ways that a kind leaves to people; none where it leaves no choice."""
    return [] if kind.has_letter else [(channel.value, str(Channel(channel).label), channel == now) for channel in kind.channels]


def _row(found: Notification) -> Row:
    return Row(pk=found.pk, words=notification_words.words_of(found), noted_at=found.noted_at, is_new=found.read_at is None)


def _cells(found: Notification) -> tuple[object, ...]:
    words = notification_words.words_of(found)
    return (found.noted_at.isoformat(), words.area, words.title, words.body, exports.moment(found.read_at), found.path)


def _marked(request: PortalRequest) -> str:
    """Return the instant of a press that can still be taken back from this page."""
    found = _instant(asked_text(request, "marked"))
    return found.isoformat() if found else ""


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _number(request: PortalRequest, name: str) -> int:
    return row_ids.read_id(request.POST.get(name, "")) or 0
