"""What of quality work needs a lead today, as entries of their list: who, the fact with numbers, by when, and one act."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.queries import quality_work
from ppr_portal.pages.todos import Todo
from ppr_portal.templatetags import formats, times


def list_due(*, due: Iterable[quality_work.Due], today: date) -> tuple[Todo, ...]:
    """Return the entries of what waits, in the order given."""
    return tuple(_todo(one, today) for one in due)


def _todo(due: quality_work.Due, today: date) -> Todo:
    icon, title, fact, url, act = _words(due)
    return Todo(
        look="warn" if due.kind != "answers" and due.due_on < today else "plain",
        icon=icon,
        title=title,
        fact=fact,
        when=_when(due, today),
        is_due=due.kind != "answers" and due.due_on <= today,
        url=url,
        act=act,
    )


def _when(due: quality_work.Due, today: date) -> str:
    """Write by when it is to be done; of answers, the day of the last one."""
    if due.kind == "answers":
        return times.day(due.due_on)
    if due.due_on == today:
        return _("Due today")
    return (_("Decide by %(day)s") if due.kind == "signal" else _("Due %(day)s")) % {"day": times.day(due.due_on)}


def _words(due: quality_work.Due) -> tuple[str, str, str, str, str]:
    """Return icon, title, fact, page and act of a kind of thing."""
    who, number = {"name": due.name}, {"count": formats.count(due.count)}
    if due.kind == "reviews":
        title = ngettext("%(count)s QA review to finish", "%(count)s QA reviews to finish", due.count) % number
        return "i-review", title, _("Drawn at random across agents and case types."), reverse("reviews"), _("Review")
    if due.kind == "compare":
        title = ngettext("%(count)s QA review to compare and publish", "%(count)s QA reviews to compare and publish", due.count) % number
        fact = _("Both reviewers have finished; the agent reads nothing before it is published.")
        return "i-equal", title, fact, f"{reverse('reviews')}?state=compare", _("Compare")
    if due.kind == "coaching":
        fact = _("See what was measured before and after, and say what you two make of it.")
        return "i-coaching", _("Coaching follow-up with %(name)s") % who, fact, reverse("coaching_session", args=[due.id]), _("Follow up")
    if due.kind == "talk":
        title, fact = _("Coaching talk with %(name)s") % who, _("Note that it took place, or call it off.")
        return "i-coaching", title, fact, reverse("coaching_session", args=[due.id]), _("Look")
    if due.kind == "improvement":
        title, fact = (
            _("Improvement plan of %(name)s is to be looked at") % who,
            _("You decide what comes next; nothing follows by itself."),
        )
        return "i-plan", title, fact, reverse("improvement_plan", args=[due.id]), _("Look")
    if due.kind == "signal":
        title, fact = _("A signal about %(name)s to look at") % who, _("It may have a good reason. Nothing is cut from pay by it.")
        return "i-signal", title, fact, reverse("signal", args=[due.id]), _("Look")
    if due.kind == "training":
        title = ngettext("%(count)s training task is overdue", "%(count)s training tasks are overdue", due.count) % number
        return "i-training", title, _("If there was no working time for it, plan some."), reverse("training"), _("See who")
    if due.kind == "hours":
        title = ngettext("%(count)s training took longer than planned", "%(count)s trainings took longer than planned", due.count) % number
        return "i-training", title, _("Confirm the time, so that it is paid."), f"{reverse('training')}?state=hours", _("Look")
    title = ngettext("%(count)s new answer to feedback", "%(count)s new answers to feedback", due.count) % number
    return "i-feedback", title, _("From the last seven days."), reverse("feedback_answers"), _("Read them")
