"""What people write about disputes: a claim, a question about a billed case, an answer, a comment."""

from typing import Any

from django import forms

from agents.models import User
from billing.models import Dispute
from billing.models.disputes import Kind
from billing.operations import open_dispute
from ppr_portal.pages.fields import AmountField

Reason = Dispute.Reason
REASONS = {
    Kind.LINE: (Reason.WRONG_PRICE, Reason.NOT_MINE, Reason.NOT_COUNTED, Reason.WRONG_SCORE, Reason.WRONG_HOURS, Reason.OTHER),
    Kind.RESOLUTION: (Reason.NOT_MINE, Reason.NOT_COUNTED, Reason.WRONG_PRICE, Reason.OTHER),
    Kind.QA_REVIEW: (Reason.WRONG_SCORE, Reason.NOT_MINE, Reason.OTHER),
    Kind.HOURS: (Reason.WRONG_HOURS, Reason.OTHER),
    Kind.CLIENT_CASE: (Reason.NOT_RESOLVED, Reason.DUPLICATE, Reason.OUT_OF_SCOPE, Reason.WRONG_PRICE, Reason.OTHER),
}


class ClaimForm(forms.Form):
    """What somebody says is wrong."""

    reason = forms.ChoiceField(label="What is wrong?", error_messages={"required": "Choose what is wrong."})
    words = forms.CharField(
        label="What did you expect, and why?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": "Write what you expected and why."},
    )
    proposed_micros = AmountField(label="The amount that you think is right", required=False, help_text="You can leave this empty.")
    evidence_url = forms.URLField(
        label="Link to evidence", required=False, assume_scheme="https", help_text="For example the case in your help desk."
    )
    evidence_note = forms.CharField(label="Evidence in words", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, kind: Kind, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].choices = [(reason.value, reason.label) for reason in REASONS[kind]]  # type: ignore[attr-defined]
        if kind in (Kind.QA_REVIEW, Kind.HOURS, Kind.RESOLUTION):
            self.fields["proposed_micros"].label = "The amount that is missing from your pay"

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
        label="Case", max_length=200, help_text="Its number as in the evidence file.", error_messages={"required": "Enter the case number."}
    )
    field_order = ("case", "reason", "words")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, kind=Kind.CLIENT_CASE, **options)
        self.fields["proposed_micros"].label = "What the case should cost"
        self.fields["proposed_micros"].help_text = "Empty: nothing."


class AnswerForm(forms.Form):
    """What is answered."""

    status = forms.ChoiceField(
        label="Is the agent right?",
        choices=[("accepted", "Yes, accept"), ("partly_accepted", "In part"), ("refused", "No, refuse")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an answer."},
    )
    amount_micros = AmountField(label="Amount that is added to the pay", required=False, help_text="Leave it empty if you refuse.")
    words = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text="The agent reads this.",
        error_messages={"required": "Give the reason in words; the agent reads it."},
    )

    def __init__(self, *args: Any, dispute: Dispute, **options: Any) -> None:
        super().__init__(*args, **options)
        if dispute.is_by_client:
            self.fields["status"].label = "Is the client right?"
            self.fields["amount_micros"].label = "Amount that is given back, before tax"
            self.fields["words"].help_text = "The client reads this; it stands on the credit note."
        elif dispute.kind == Kind.QA_REVIEW:
            self.fields["amount_micros"].help_text = "Leave it empty if you refuse, or if no pay changes."


class CommentForm(forms.Form):
    """What somebody says, and whom they want to tell."""

    words = forms.CharField(
        label="Your comment",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        error_messages={"required": "Write something; an empty comment tells nobody anything."},
    )
    mentioned = forms.MultipleChoiceField(label="Tell by mail", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, readers: list[User], **options: Any) -> None:
        super().__init__(*args, **{**options, "auto_id": "comment_%s"})
        self.fields["mentioned"].choices = [(str(reader.pk), str(reader)) for reader in readers]  # type: ignore[attr-defined]
