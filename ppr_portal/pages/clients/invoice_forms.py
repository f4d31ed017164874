"""What the office writes about an invoice: why it is void, what is credited, what was paid."""

from typing import Any

from django import forms
from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.models import Invoice, InvoiceLine
from billing.queries.invoice_view import name_of
from contracts.models import Client
from contracts.translation import gettext_lazy
from ppr_portal.pages.fields import AmountField, DayField
from ppr_portal.templatetags import formats, times


class VoidForm(forms.Form):
    """Why an invoice is void."""

    reason = forms.CharField(
        label=gettext_lazy("Why is it void?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The client reads it."),
        error_messages={"required": gettext_lazy("Say why, in words that the client reads.")},
    )


class CreditForm(forms.Form):
    """What is given back of each line, at most what it still has."""

    reason = forms.CharField(
        label=gettext_lazy("Why is it credited?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The client reads it."),
        error_messages={"required": gettext_lazy("Say why, in words that the client reads.")},
    )

    def __init__(self, *args: Any, invoice: Invoice, **options: Any) -> None:
        super().__init__(*args, **options)
        lines = invoice.lines.select_related("row__query_type", "row__channel").annotate(given=Sum("credits__amount_micros", default=0))
        self.lines: dict[str, InvoiceLine] = {}
        for line in lines.order_by("position"):
            left = line.amount_micros - line.given
            if left > 0:
                name = f"line_{line.pk}"
                label = f"{name_of(line=line)}, {times.month_year(line.origin_start)}"
                words = _("Up to %(left)s %(currency)s, before tax.") % {
                    "left": formats.amount(left, invoice.currency),
                    "currency": invoice.currency,
                }
                self.fields[name] = AmountField(label=label, required=False, help_text=words)
                self.lines[name] = line
        self.order_fields([*self.lines, "reason"])
        self.fields["seen_count"] = forms.IntegerField(
            required=False, min_value=0, max_value=10_000, widget=forms.HiddenInput, initial=invoice.credit_notes.count()
        )

    def credited(self) -> list[tuple[InvoiceLine, int]]:
        """Return each line that something is credited of, and how much, in micros."""
        return [(line, self.cleaned_data[name]) for name, line in self.lines.items() if self.cleaned_data.get(name)]


class PaymentForm(forms.Form):
    """Money that came for an invoice."""

    amount = AmountField(label=gettext_lazy("Amount"), error_messages={"required": gettext_lazy("Write what came, in digits.")})
    received_on = DayField(label=gettext_lazy("Day that it came"))
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=120,
        help_text=gettext_lazy("As the bank writes it. The same reference of a client is the same payment."),
        error_messages={"required": gettext_lazy("Write the reference as it stands on the bank statement.")},
    )
    is_taken_back = forms.BooleanField(label=gettext_lazy("The bank took this payment back"), required=False)


class PrepaymentForm(PaymentForm):
    """Money that came before anything was invoiced."""

    client = forms.ModelChoiceField(
        queryset=Client.objects.filter(buyer__isnull=False).order_by("name"), label=gettext_lazy("Client"), empty_label=None
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        max_length=3,
        min_length=3,
        initial="USD",
        help_text=gettext_lazy("Three letters, for example USD."),
        error_messages=dict.fromkeys(("required", "min_length", "max_length"), gettext_lazy("Write three letters, for example USD.")),
    )
    field_order = ("client", "currency", "amount", "received_on", "reference", "is_taken_back")

    def clean_currency(self) -> str:
        """Read the currency in capital letters."""
        found = str(self.cleaned_data["currency"]).upper()
        if not (found.isascii() and found.isalpha()):
            raise forms.ValidationError(_("Write three letters, for example USD."))
        return found
