"""How a figure is contested: by agents what they are paid, by clients what they are billed; with what was said about it."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, QaReview, Resolution, TimeEntry
from billing.models.invoices import CreditNote, Invoice
from billing.models.ledger import only_grows
from billing.models.settlements import SettlementLine
from contracts.models import Client, fields

WAITING = models.Q(status__in=("open", "escalated"))


class Kind(models.TextChoices):
    """What a dispute is about."""

    LINE = "line", _("Statement line")
    RESOLUTION = "resolution", _("Resolution")
    QA_REVIEW = "qa_review", _("QA review")
    HOURS = "hours", _("Hours")
    CLIENT_CASE = "client_case", _("Case on an invoice")


class DefaultOutcome(models.TextChoices):
    """What happens when nobody answered by the deadline."""

    IN_FAVOR = "in_favor", _("As whoever opened it proposes")
    ESCALATED = "escalated", _("Escalated to the approvers")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class DisputeTerms(models.Model):
    """How long a kind of dispute may wait, and what happens then. A dispute keeps what held when it was opened."""

    kind = models.CharField(max_length=12, choices=Kind, unique=True)
    answer_days = models.PositiveSmallIntegerField(default=7, help_text=_("Days in which it is answered."))
    remind_days = models.PositiveSmallIntegerField(default=2, help_text=_("So many days before, whoever answers is reminded."))
    reply_days = models.PositiveSmallIntegerField(
        default=2, help_text=_("Days in which somebody says something, be it that they look into it.")
    )
    decide_days = models.PositiveSmallIntegerField(default=5, help_text=_("Days in which an escalated one is decided."))
    default_outcome = models.CharField(
        max_length=10, choices=DefaultOutcome, default=DefaultOutcome.ESCALATED, help_text=_("What happens at the deadline.")
    )

    class Meta:
        ordering = ["kind"]
        verbose_name_plural = _("dispute terms")
        constraints = [
            models.CheckConstraint(
                name="dispute_terms_remind_before", condition=models.Q(answer_days__gte=1, remind_days__lt=models.F("answer_days"))
            ),
            models.CheckConstraint(
                name="dispute_terms_reply_in_time",
                condition=models.Q(reply_days__gte=1, reply_days__lte=models.F("answer_days"), decide_days__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.answer_days} days"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Dispute(models.Model):
    """A challenge to one figure or fact, by the agent it pays or the client it bills. The undisputed part is paid on time."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ESCALATED = "escalated", _("Escalated")
        ACCEPTED = "accepted", _("Accepted")
        PARTLY_ACCEPTED = "partly_accepted", _("Accepted in part")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Reason(models.TextChoices):
        NOT_MINE = "not_mine", _("Credited to somebody else")
        NOT_COUNTED = "not_counted", _("It should count")
        WRONG_PRICE = "wrong_price", _("Wrong price or class")
        WRONG_SCORE = "wrong_score", _("Wrong score")
        WRONG_HOURS = "wrong_hours", _("Wrong hours")
        NOT_RESOLVED = "not_resolved", _("It was not resolved")
        DUPLICATE = "duplicate", _("It is counted twice")
        OUT_OF_SCOPE = "out_of_scope", _("Not covered by the contract")
        OTHER = "other", _("Something else")

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.LINE)
    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.PROTECT, related_name="disputes", help_text=_("Whose pay it is about.")
    )
    client = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.PROTECT, related_name="disputes", help_text=_("Whose bill it is about.")
    )
    line = models.ForeignKey(
        SettlementLine,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="disputes",
        help_text=_("The statement line in question."),
    )
    resolution = models.ForeignKey(
        Resolution, null=True, blank=True, on_delete=models.PROTECT, related_name="disputes", help_text=_("The resolution in question.")
    )
    qa_review = models.ForeignKey(
        QaReview, null=True, blank=True, on_delete=models.PROTECT, related_name="disputes", help_text=_("The QA review in question.")
    )
    time_entry = models.ForeignKey(
        TimeEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="disputes", help_text=_("The hours in question.")
    )
    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="disputes", help_text=_("The invoice that bills the case.")
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    reason = models.CharField(max_length=16, choices=Reason, default=Reason.OTHER)
    words = models.TextField(help_text=_("What is wrong, in the words of whoever opened it."))
    evidence_url = models.URLField(blank=True, db_default="", help_text=_("Where the evidence stands."))
    evidence_note = models.TextField(blank=True, db_default="", help_text=_("The evidence itself, in words."))
    proposed_micros = fields.MicrosField(null=True, blank=True, help_text=_("What it should be, as whoever opened it sees it."))
    disputed_micros = fields.MicrosField(null=True, blank=True, help_text=_("What it was when it was opened, where it is an amount."))
    accepted_micros = fields.MicrosField(null=True, blank=True, help_text=_("What is added to the pay, or given back, by the answer."))
    currency = models.CharField(max_length=3)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text=_("Answered by then."))
    remind_at = models.DateTimeField(null=True, blank=True, help_text=_("Whoever answers is reminded then."))
    reminded_at = models.DateTimeField(null=True, blank=True)
    default_outcome = models.CharField(max_length=10, choices=DefaultOutcome, default=DefaultOutcome.ESCALATED)
    reply_due_at = models.DateTimeField(null=True, blank=True, help_text=_("Somebody says something by then."))
    replied_at = models.DateTimeField(null=True, blank=True, help_text=_("When somebody other than its party first said something."))
    escalated_at = models.DateTimeField(null=True, blank=True)
    decide_by_at = models.DateTimeField(null=True, blank=True, help_text=_("Once escalated: decided by then."))
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    credit_note = models.OneToOneField(
        CreditNote, null=True, blank=True, on_delete=models.PROTECT, related_name="dispute", help_text=_("What the client got back.")
    )

    class Meta:
        ordering = ["due_at"]
        constraints = [
            models.CheckConstraint(
                name="dispute_names_one_thing",
                condition=models.Q(
                    kind="line", line__isnull=False, resolution=None, qa_review=None, time_entry=None, invoice=None, client=None
                )
                | models.Q(
                    kind="resolution", line=None, resolution__isnull=False, qa_review=None, time_entry=None, invoice=None, client=None
                )
                | models.Q(
                    kind="qa_review", line=None, resolution=None, qa_review__isnull=False, time_entry=None, invoice=None, client=None
                )
                | models.Q(kind="hours", line=None, resolution=None, qa_review=None, time_entry__isnull=False, invoice=None, client=None)
                | models.Q(kind="client_case", line=None, resolution__isnull=False, qa_review=None, time_entry=None, invoice__isnull=False),
            ),
            models.CheckConstraint(
                name="dispute_is_of_an_agent_or_a_client",
                condition=models.Q(kind="client_case", agent=None, client__isnull=False)
                | (~models.Q(kind="client_case") & models.Q(agent__isnull=False, client=None)),
            ),
            models.CheckConstraint(name="dispute_answered_with_words", condition=models.Q(answered_at=None) | ~models.Q(answer="")),
            models.CheckConstraint(
                name="dispute_credit_only_where_accepted",
                condition=models.Q(credit_note=None) | models.Q(status__in=("accepted", "partly_accepted")),
            ),
            models.UniqueConstraint(name="dispute_one_open_of_a_line", fields=["line"], condition=WAITING),
            models.UniqueConstraint(name="dispute_one_open_of_a_resolution", fields=["kind", "agent", "resolution"], condition=WAITING),
            models.UniqueConstraint(name="dispute_one_open_of_a_review", fields=["qa_review"], condition=WAITING),
            models.UniqueConstraint(name="dispute_one_open_of_hours", fields=["time_entry"], condition=WAITING),
            # A case is given back once, whoever asks and on whichever invoice it stands.
            models.UniqueConstraint(
                name="dispute_one_of_a_billed_case",
                fields=["resolution"],
                condition=models.Q(kind="client_case", status__in=("open", "escalated", "accepted", "partly_accepted")),
            ),
        ]
        indexes = [models.Index(name="dispute_due", fields=["due_at"], condition=models.Q(status="open"))]

    def __str__(self) -> str:
        return f"D-{self.pk}: {self.party_name}"

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to answer."""
        return self.status in (self.Status.OPEN, self.Status.ESCALATED)

    @property
    def is_by_client(self) -> bool:
        """Whether a client opened it."""
        return self.kind == Kind.CLIENT_CASE

    @property
    def party_name(self) -> str:
        """Who contests, as people read it."""
        return str(self.client if self.agent is None else self.agent)


class DisputeComment(models.Model):
    """Something that somebody said about a dispute. Comments only grow."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    words = models.TextField()
    mentioned = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "pk"]
        triggers = only_grows(name="dispute_comments_only_grow")

    def __str__(self) -> str:
        return f"comment on D-{self.dispute_id}"
