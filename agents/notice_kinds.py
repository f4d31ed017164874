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

PAY, DISPUTES, LOAD, PLAN, WORK, QUALITY = _("Pay"), _("Disputes"), _("Load and rest"), _("My plan"), _("Work"), _("Quality")


@dataclass(frozen=True, kw_only=True)
class NoticeKind:
    """One kind of thing that people are told. Only people of its roles are offered a choice; without roles everybody is."""

    code: str
    area: str | Promise
    label: str | Promise
    title: str | Promise
    words: str | Promise
    channel: Channel
    is_required: bool = False
    has_letter: bool = False
    roles: tuple[str, ...] = ()

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
        roles=("agent",),
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
        roles=("approver",),
        area=PAY,
        label=_("A pay run waits for approval"),
        title=_("The pay run of %(site)s for %(period_month)s waits for approval"),
        words=_("%(person)s sent it to review. Whoever prepared it cannot approve it."),
        channel=Channel.MAIL,
    ),
    NoticeKind(
        code="dispute_opened",
        roles=("lead", "approver", "contract_admin"),
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
        roles=("lead", "approver", "contract_admin"),
        area=DISPUTES,
        label=_("A dispute is due soon"),
        title=_("Dispute D-%(number)s is due on %(due_on)s"),
        words=_("The dispute of %(party)s still waits for an answer."),
        channel=Channel.MAIL,
    ),
    NoticeKind(
        code="dispute_reply",
        roles=("lead", "approver", "contract_admin"),
        area=DISPUTES,
        label=_("A dispute waits for a first reply"),
        title=_("Nobody has replied to dispute D-%(number)s yet"),
        words=_("%(party)s has heard nothing so far. Say that you look into it, or answer it by %(due_on)s."),
        channel=Channel.MAIL,
    ),
    NoticeKind(
        code="dispute_overdue",
        roles=("approver", "contract_admin"),
        area=DISPUTES,
        label=_("A decision on a dispute is overdue"),
        title=_("Dispute D-%(number)s is still not decided"),
        words=_("The dispute of %(party)s was escalated, and the days to decide it are over."),
        channel=Channel.MAIL,
        is_required=True,
    ),
    NoticeKind(
        code="dispute_escalated",
        roles=("approver", "contract_admin"),
        area=DISPUTES,
        label=_("A dispute is escalated to me"),
        title=_("Dispute D-%(number)s was not answered in time"),
        words=_("Nobody answered the dispute of %(party)s by %(due_on)s, so it is yours to decide now."),
        channel=Channel.MAIL,
        is_required=True,
    ),
    NoticeKind(
        code="dispute_answered",
        roles=("agent", "client"),
        area=DISPUTES,
        label=_("My dispute is answered"),
        title=_("Dispute D-%(number)s is answered: %(status_label)s"),
        words=_("The reason stands beside it."),
        channel=Channel.MAIL,
        is_required=True,
    ),
    NoticeKind(
        code="dispute_withdrawn",
        roles=("lead", "approver", "contract_admin"),
        area=DISPUTES,
        label=_("A dispute was withdrawn"),
        title=_("Dispute D-%(number)s was withdrawn"),
        words=_("%(party)s has withdrawn it. Nothing is left to do."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="guardrail_decision",
        roles=("agent",),
        area=LOAD,
        label=_("A guardrail decided about me"),
        title=_("%(effect_label)s from %(starts_at)s"),
        words=_("A limit of your plan is reached: %(limit_label)s. Open it to see what was measured. Your base pay is not affected."),
        channel=Channel.IN_APP,
    ),
    NoticeKind(
        code="guardrail_stop",
        roles=("lead",),
        area=LOAD,
        label=_("A guardrail stopped somebody of my team"),
        title=_("%(agent)s gets no new contacts from %(starts_at)s"),
        words=_("A limit of the plan is reached: %(limit_label)s. Open it to see what was measured and until when it holds."),
        channel=Channel.IN_APP,
    ),
    NoticeKind(
        code="plan_to_acknowledge",
        roles=("agent",),
        area=PLAN,
        label=_("My pay plan changes"),
        title=_("Your pay plan has a new version from %(from_on)s"),
        words=_("Read %(plan)s in plain words and say that you have read it. Reading it is not agreeing to it, and it never holds up pay."),
        channel=Channel.MAIL,
        is_required=True,
    ),
    NoticeKind(
        code="holds_expiring",
        roles=("contract_admin",),
        area=WORK,
        label=_("What waits for me expires soon"),
        title=_("%(held_count)s held things of yours expire by %(expires_on)s"),
        words=_("Decide each, or pass it on. Nothing that is held is dropped, and nothing of it is paid or billed until it is decided."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="reviews_drawn",
        roles=("lead",),
        area=QUALITY,
        label=_("QA reviews were drawn for me"),
        title=_("%(review_count)s QA reviews of %(team)s wait for you"),
        words=_("They were drawn at random. Please finish them by %(due_on)s."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="reviews_due",
        roles=("lead",),
        area=QUALITY,
        label=_("QA reviews are due"),
        title=_("%(review_count)s QA reviews of yours are due"),
        words=_("The first is due on %(due_on)s."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="review_published",
        roles=("agent",),
        area=QUALITY,
        label=_("One of my contacts was reviewed"),
        title=_("%(reviewer)s reviewed one of your contacts"),
        words=_("Read it in your feedback. You can answer it there, or dispute it; a disputed review does not count until it is decided."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="review_failed",
        area=QUALITY,
        label=_("A contact of mine failed a critical item"),
        title=_("%(reviewer)s reviewed one of your contacts: not passed"),
        words=_(
            "Critical and not met: %(items)s. Read it in your feedback. You can answer it there, or dispute it; a disputed review "
            "does not count until it is decided."
        ),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="feedback_answered",
        roles=("lead",),
        area=QUALITY,
        label=_("An agent answered feedback"),
        title=_("%(agent)s answered feedback"),
        words=_("Open it to read what they say."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="coaching_planned",
        roles=("agent",),
        area=QUALITY,
        label=_("A coaching talk with me is planned"),
        title=_("%(coach)s plans a coaching talk with you on %(planned_on)s"),
        words=_("Open it to read the goal and to say what you think of it."),
        channel=Channel.MAIL,
    ),
    NoticeKind(
        code="coaching_note",
        roles=("agent",),
        area=QUALITY,
        label=_("My coach shared a note"),
        title=_("%(coach)s shared a coaching note with you"),
        words=_("It belongs to the talk of %(planned_on)s."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="coaching_followed_up",
        roles=("agent",),
        area=QUALITY,
        label=_("A coaching talk of mine was followed up"),
        title=_("%(coach)s looked at what came of your talk"),
        words=_("It is about the talk of %(planned_on)s. Open it to see what was measured before and after."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="coaching_acknowledged",
        roles=("lead",),
        area=QUALITY,
        label=_("An agent has read a coaching goal"),
        title=_("%(agent)s has read the goal of your talk"),
        words=_("Open it to see what they say."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="coaching_due",
        roles=("lead",),
        area=QUALITY,
        label=_("A coaching follow-up is due"),
        title=_("Look at what came of your talk with %(agent)s"),
        words=_("The follow-up is due on %(due_on)s."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="improvement_step",
        roles=("agent",),
        area=QUALITY,
        label=_("A step in my improvement plan"),
        title=_("%(lead)s added a step to your improvement plan"),
        words=_("Open it to read it and to say what you think. It changes no pay."),
        channel=Channel.MAIL,
        is_required=True,
    ),
    NoticeKind(
        code="improvement_answered",
        roles=("lead",),
        area=QUALITY,
        label=_("An agent commented on their improvement plan"),
        title=_("%(agent)s commented on their improvement plan"),
        words=_("Open it to read what they say."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="improvement_due",
        roles=("lead",),
        area=QUALITY,
        label=_("An improvement plan is to be looked at"),
        title=_("Look at the improvement plan of %(agent)s"),
        words=_("You two agreed on %(due_on)s."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="training_assigned",
        roles=("agent",),
        area=QUALITY,
        label=_("I was given training or a task"),
        title=_("%(person)s gave you: %(task)s"),
        words=_("Please do it by %(due_on)s. It is working time and paid."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="training_due",
        roles=("agent",),
        area=QUALITY,
        label=_("Training of mine is due"),
        title=_("Due: %(task)s"),
        words=_("The day for it is %(due_on)s. If there was no time for it, tell your lead; it is working time."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="training_hours_waiting",
        roles=("lead",),
        area=QUALITY,
        label=_("Training took an agent longer than planned"),
        title=_("%(agent)s says that %(task)s took %(minute_count)s minutes"),
        words=_("%(planned_count)s were planned. Confirm the time, or say why not; until then it is not recorded."),
        channel=Channel.DIGEST,
    ),
    NoticeKind(
        code="training_hours_decided",
        roles=("agent",),
        area=QUALITY,
        label=_("The time of my training is decided"),
        title=_("The time of %(task)s: %(hours_label)s"),
        words=_("%(person)s decided it. Open it to read why."),
        channel=Channel.IN_APP,
    ),
)

# English texts of `_label` facts, so that the catalogs hold them.
LABELS = (
    gettext_noop("recorded as training"),
    gettext_noop("within hours that are recorded"),
    gettext_noop("not confirmed"),
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
