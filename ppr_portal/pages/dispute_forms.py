"""What people write about disputes: a claim, a question about a billed case, an answer, a comment."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import Dispute
from billing.models.disputes import Kind
from billing.operations import open_dispute
from contracts.translation import gettext_lazy
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

    reason = forms.ChoiceField(label=gettext_lazy("What is wrong?"), error_messages={"required": gettext_lazy("Choose what is wrong.")})
    words = forms.CharField(
        label=gettext_lazy("What did you expect, and why?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": gettext_lazy("Write what you expected and why.")},
    )
    proposed_micros = AmountField(
        label=gettext_lazy("The amount that you think is right"), required=False, help_text=gettext_lazy("You can leave this empty.")
    )
    evidence_url = forms.URLField(
        label=gettext_lazy("Link to evidence"),
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("For example the case in your help desk."),
    )
    evidence_note = forms.CharField(
        label=gettext_lazy("Evidence in words"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, kind: Kind, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].choices = [(reason.value, reason.label) for reason in REASONS[kind]]  # type: ignore[attr-defined]
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
        label=gettext_lazy("Case"),
        max_length=200,
        help_text=gettext_lazy("Its number as in the evidence file."),
        error_messages={"required": gettext_lazy("Enter the case number.")},
    )
    field_order = ("case", "reason", "words")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, kind=Kind.CLIENT_CASE, **options)
        self.fields["proposed_micros"].label = _("What the case should cost")
        self.fields["proposed_micros"].help_text = _("Empty: nothing.")


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

    def __init__(self, *args: Any, dispute: Dispute, **options: Any) -> None:
        super().__init__(*args, **options)
        if dispute.is_by_client:
            self.fields["status"].label = _("Is the client right?")
            self.fields["amount_micros"].label = _("Amount that is given back, before tax")
            self.fields["words"].help_text = _("The client reads this; it stands on the credit note.")
        elif dispute.kind == Kind.QA_REVIEW:
            self.fields["amount_micros"].help_text = _("Leave it empty if you refuse, or if no pay changes.")


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
