"""What people write about disputes: a claim, a question about a billed case, an answer, a comment."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from agents.models import Resolution, User
from billing.models import Dispute
from billing.models.disputes import Kind
from billing.operations import change_bill, open_dispute
from contracts import reading
from contracts.translation import gettext_lazy
from ppr_portal.pages.fields import AmountField
from ppr_portal.templatetags import formats

Reason = Dispute.Reason
REASONS = {
    Kind.LINE: (Reason.WRONG_PRICE, Reason.NOT_MINE, Reason.NOT_COUNTED, Reason.WRONG_SCORE, Reason.WRONG_HOURS, Reason.OTHER),
    Kind.RESOLUTION: (Reason.NOT_MINE, Reason.NOT_COUNTED, Reason.WRONG_PRICE, Reason.OTHER),
    Kind.QA_REVIEW: (Reason.WRONG_SCORE, Reason.NOT_MINE, Reason.OTHER),
    Kind.HOURS: (Reason.WRONG_HOURS, Reason.OTHER),
    Kind.CLIENT_CASE: (Reason.NOT_RESOLVED, Reason.DUPLICATE, Reason.OUT_OF_SCOPE, Reason.WRONG_PRICE, Reason.OTHER),
}
BILLED_KINDS = (Kind.LINE, Kind.RESOLUTION)
BILL_FIELDS = ("bill_effect", "bill_case", "bill_micros", "bill_code", "bill_reason")
EXCLUSIONS = (
    ("wrong_queue", gettext_lazy("Wrong queue")),
    ("duplicate", gettext_lazy("Duplicate")),
    ("internal", gettext_lazy("Internal")),
    ("abandoned", gettext_lazy("Abandoned")),
    ("client_outage", gettext_lazy("The client's outage")),
)


class ClaimForm(forms.Form):
    """What somebody says is wrong."""

    reason = forms.ChoiceField(label=gettext_lazy("What is wrong?"), error_messages={"required": gettext_lazy("Choose what is wrong.")})
    words = forms.CharField(
        label=gettext_lazy("What did you expect, and why?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": gettext_lazy("Write what you expected and why.")},
    )
    proposed_micros = AmountField(label=gettext_lazy("The amount that you think is right"), required=False)
    evidence_url = forms.URLField(
        label=gettext_lazy("Link to evidence"),
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("For example the case in your help desk."),
    )
    evidence_note = forms.CharField(
        label=gettext_lazy("Evidence in words"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For example what the customer wrote, and when. Files can be added once it is sent."),
    )

    def __init__(self, *args: Any, kind: Kind, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        reasons = [(reason.value, reason.label) for reason in REASONS[kind]]
        self.fields["reason"].choices = [("", _("Choose")), *reasons]  # type: ignore[attr-defined]
        self.money = {"currency": formats.currency_name(currency) if currency else "", "example": reading.write_number("1.40")}
        self.fields["proposed_micros"].help_text = (
            _("In %(currency)s, like %(example)s. You can leave it empty.") if currency else _("You can leave it empty.")
        ) % self.money
        if kind in (Kind.QA_REVIEW, Kind.HOURS, Kind.RESOLUTION):
            self.fields["proposed_micros"].label = _("The amount that is missing from your pay")

    def claim(self) -> open_dispute.Claim:
        """Return what was written."""
        given = self.cleaned_data
        return open_dispute.Claim(
            words=given["words"],
            reason=given["reason"],
            proposed_micros=given["proposed_micros"],
            evidence_url=given["evidence_url"],
            evidence_note=given["evidence_note"],
        )


class QuestionForm(ClaimForm):
    """What a client says about a case that an invoice counts."""

    case = forms.CharField(
        label=gettext_lazy("Case number"),
        max_length=200,
        help_text=gettext_lazy("As it stands in the evidence file of the invoice."),
        error_messages={"required": gettext_lazy("Enter the case number.")},
    )
    field_order = ("case", "reason", "words")

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, kind=Kind.CLIENT_CASE, currency=currency, **options)
        self.fields["proposed_micros"].label = _("What the case should cost")
        self.fields["proposed_micros"].help_text = (
            _("In %(currency)s, like %(example)s. Leave it empty if it should cost nothing.") % self.money
        )


class AnswerForm(forms.Form):
    """What is answered."""

    status = forms.ChoiceField(
        label=gettext_lazy("Is the agent right?"),
        choices=[
            ("accepted", gettext_lazy("Yes, accept")),
            ("partly_accepted", gettext_lazy("In part")),
            ("refused", gettext_lazy("No, refuse")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose an answer.")},
    )
    amount_micros = AmountField(
        label=gettext_lazy("Amount that is added to the pay"), required=False, help_text=gettext_lazy("Leave it empty if you refuse.")
    )
    words = forms.CharField(
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text=gettext_lazy("The agent reads this."),
        error_messages={"required": gettext_lazy("Give the reason in words; the agent reads it.")},
    )

    bill_effect = forms.ChoiceField(
        label=gettext_lazy("On the client's bill"),
        choices=[
            ("", gettext_lazy("Nothing changes")),
            ("uncount", gettext_lazy("The case does not count; give it back")),
            ("count", gettext_lazy("The case counts; bill it")),
        ],
        required=False,
    )
    bill_case = forms.CharField(
        label=gettext_lazy("Case"), required=False, max_length=200, help_text=gettext_lazy("Its number in the help desk.")
    )
    bill_micros = AmountField(
        label=gettext_lazy("Amount that the client gets back, before tax"),
        required=False,
        help_text=gettext_lazy("Empty: all that the case stands with."),
    )
    bill_code = forms.ChoiceField(
        label=gettext_lazy("Why it does not count"),
        choices=EXCLUSIONS,
        required=False,
        help_text=gettext_lazy("Used if it is not billed yet."),
    )
    bill_reason = forms.CharField(
        label=gettext_lazy("Why the bill changes"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The client reads this."),
    )

    def __init__(self, *args: Any, dispute: Dispute, **options: Any) -> None:
        super().__init__(*args, **options)
        self.dispute = dispute
        if dispute.is_by_client:
            self.fields["status"].label = _("Is the client right?")
            self.fields["amount_micros"].label = _("Amount that is given back, before tax")
            self.fields["words"].help_text = _("The client reads this; it stands on the credit note.")
        elif dispute.kind == Kind.QA_REVIEW:
            self.fields["amount_micros"].help_text = _("Leave it empty if you refuse, or if no pay changes.")
        if dispute.kind not in BILLED_KINDS:
            for name in BILL_FIELDS:
                del self.fields[name]
        elif dispute.kind == Kind.RESOLUTION:
            del self.fields["bill_case"]

    @property
    def bill_fields(self) -> list[forms.BoundField]:
        """The fields about the client's bill; none where the dispute has no case."""
        return [self[name] for name in BILL_FIELDS if name in self.fields]

    def clean(self) -> dict[str, Any]:
        """Find the case that a change of the bill is about."""
        given: dict[str, Any] = super().clean() or {}
        self.resolution = self.dispute.resolution
        if given.get("bill_effect") and self.dispute.kind == Kind.LINE:
            own = Resolution.objects.filter(agent=self.dispute.agent, case__key=given.get("bill_case", "").strip())
            self.resolution = own.order_by("-number").first()
            if self.resolution is None:
                self.add_error("bill_case", _("This agent resolved no case with this number."))
        if given.get("bill_effect") and not given.get("bill_reason", "").strip():
            self.add_error("bill_reason", _("Say why; the client reads it."))
        return given

    def bill(self) -> change_bill.Proposal | None:
        """Return what changes on the client's bill; None where nothing does."""
        given = self.cleaned_data
        if not given.get("bill_effect") or self.resolution is None:
            return None
        return change_bill.Proposal(
            effect=given["bill_effect"],
            resolution_id=self.resolution.pk,
            reason=given["bill_reason"],
            amount_micros=given["bill_micros"] if given["bill_effect"] == "uncount" else None,
            code=given["bill_code"] or EXCLUSIONS[0][0],
        )


class CommentForm(forms.Form):
    """What somebody says, and whom they want to tell."""

    words = forms.CharField(
        label=gettext_lazy("Your comment"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        error_messages={"required": gettext_lazy("Write something; an empty comment tells nobody anything.")},
    )
    mentioned = forms.MultipleChoiceField(label=gettext_lazy("Tell by mail"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, readers: list[User], **options: Any) -> None:
        super().__init__(*args, **{**options, "auto_id": "comment_%s"})
        self.fields["mentioned"].choices = [(str(reader.pk), str(reader)) for reader in readers]  # type: ignore[attr-defined]
