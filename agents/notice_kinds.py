"""What people can be told: each kind with its words and how it reaches somebody who never said how.

Facts in the words are formatted by their ending when somebody reads them: `_month`, `_on` and `_at` are a month, a day and an
instant in ISO text, `_count` is a number, `_label` is an English text that is translated. Anything else stands as it is. No
amount and no name of a customer is a fact, for words leave the portal by mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from agents.models.notifications import Channel

PAY, DISPUTES, LOAD, PLAN, WORK = _("Pay"), _("Disputes"), _("Load and rest"), _("My plan"), _("Work")


@dataclass(frozen=True, kw_only=True)
class NoticeKind:
    """One kind of thing that people are told."""

    code: str
    area: str | Promise
    label: str | Promise
    title: str | Promise
    words: str | Promise
    channel: Channel
    is_required: bool = False
    has_letter: bool = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        """How it may reach a person: what the law or a deadline needs cannot be switched off, only gathered into one mail a day.

        What has a letter of its own is mailed by whoever writes that letter, always and at once; here it only stands in the list.
        """
        if self.has_letter:
            return (Channel.IN_APP,)
        return (Channel.MAIL, Channel.DIGEST) if self.is_required else tuple(Channel)


_KINDS = (
    NoticeKind(
        code="statement_ready",
        area=PAY,
        label=_("My statement is ready"),
        title=_("Your statement for %(period_month)s is ready"),
        words=_(
            "It is to be paid by %(payday_on)s. Every amount on it opens its reason. If something is not right, dispute the line, "
            "or name %(reference)s to your team lead. The rest of your pay is not delayed."
        ),
        channel=Channel.IN_APP,
        is_required=True,
        has_letter=True,
    ),
    NoticeKind(
        code="run_needs_approval",
        area=PAY,
        label=_("A pay run waits for approval"),
        title=_("The pay run of %(site)s for %(period_month)s waits for approval"),
        words=_("%(person)s sent it to review. Whoever prepared it cannot approve it."),
        channel=Channel.MAIL,
    ),
    NoticeKind(
        code="dispute_opened",
        area=DISPUTES,
        label=_("A dispute waits for my answer"),
        title=_("Dispute D-%(number)s waits for your answer"),
        words=_("%(party)s has opened it. Answer it by %(due_on)s."),
        channel=Channel.MAIL,
    ),
    NoticeKind(
        code="dispute_comment",
        area=DISPUTES,
        label=_("Somebody mentions me in a dispute"),
        title=_("You are mentioned in dispute D-%(number)s"),
        words=_("%(author)s mentioned you in a comment on the dispute of %(party)s."),
        channel=Channel.MAIL,
    ),
    NoticeKind(
        code="dispute_reminder",
        area=DISPUTES,
        label=_("A dispute is due soon"),
        title=_("Dispute D-%(number)s is due on %(due_on)s"),
        words=_("The dispute of %(party)s still waits for an answer."),
        channel=Channel.MAIL,
    ),
    NoticeKind(
        code="dispute_escalated",
        area=DISPUTES,
        label=_("A dispute is escalated to me"),
        title=_("Dispute D-%(number)s was not answered in time"),
        words=_("Nobody answered the dispute of %(party)s by %(due_on)s, so it is yours to decide now."),
        channel=Channel.MAIL,
        is_required=True,
    ),
    NoticeKind(
        code="dispute_answered",
        area=DISPUTES,
        label=_("My dispute is answered"),
        title=_("Dispute D-%(number)s is answered: %(status_label)s"),
        words=_("The reason stands beside it."),
        channel=Channel.MAIL,
        is_required=True,
    ),
    NoticeKind(
        code="dispute_withdrawn",
        area=DISPUTES,
        label=_("A dispute was withdrawn"),
        title=_("Dispute D-%(number)s was withdrawn"),
        words=_("%(party)s has withdrawn it. Nothing is left to do."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="guardrail_decision",
        area=LOAD,
        label=_("A guardrail decided about me"),
        title=_("%(effect_label)s from %(starts_at)s"),
        words=_("A limit of your plan is reached: %(limit_label)s. Open it to see what was measured. Your base pay is not affected."),
        channel=Channel.IN_APP,
    ),
    NoticeKind(
        code="guardrail_stop",
        area=LOAD,
        label=_("A guardrail stopped somebody of my team"),
        title=_("%(agent)s gets no new contacts from %(starts_at)s"),
        words=_("A limit of the plan is reached: %(limit_label)s. Open it to see what was measured and until when it holds."),
        channel=Channel.IN_APP,
    ),
    NoticeKind(
        code="plan_to_acknowledge",
        area=PLAN,
        label=_("My pay plan changes"),
        title=_("Your pay plan has a new version from %(from_on)s"),
        words=_("Read %(plan)s in plain words and say that you have read it. Reading it is not agreeing to it, and it never holds up pay."),
        channel=Channel.MAIL,
        is_required=True,
    ),
    NoticeKind(
        code="holds_expiring",
        area=WORK,
        label=_("What waits for me expires soon"),
        title=_("%(held_count)s held things of yours expire by %(expires_on)s"),
        words=_("Decide each, or pass it on. Nothing that is held is dropped, and nothing of it is paid or billed until it is decided."),
        channel=Channel.DIGEST,
    ),
)

# English texts of `_label` facts, so that the catalogs hold them.
LABELS = (
    gettext_noop("escalated"),
    gettext_noop("accepted"),
    gettext_noop("accepted in part"),
    gettext_noop("refused"),
    gettext_noop("withdrawn"),
    gettext_noop("A prompt"),
    gettext_noop("No new contacts"),
    gettext_noop("Premium suspended"),
    gettext_noop("Paid recovery"),
    gettext_noop("weekly hours"),
    gettext_noop("daily rest"),
    gettext_noop("weekly rest"),
    gettext_noop("days in a row"),
    gettext_noop("length of the shift"),
    gettext_noop("break"),
    gettext_noop("busy time"),
    gettext_noop("hostile contacts"),
    gettext_noop("pace"),
)

KINDS: Mapping[str, NoticeKind] = MappingProxyType({kind.code: kind for kind in _KINDS})
