"""What people say about a present invoice or payslip file: whose and when, which column is what, what labels mean."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents.models import Agent, Site
from billing.models import ShadowRun
from billing.queries import pay_periods
from billing.queries.shadow import bill, kinds, labels
from billing.queries.shadow.file import Definition
from contracts.models import Contract
from contracts.rules import errors

Side = ShadowRun.Side
Grain = ShadowRun.Grain
COLUMNS = {
    Side.BILL: ("case", "query_type", "channel", "label", "count", "price", "amount", "currency"),
    Side.PAY: ("agent", "case", "kind", "count", "price", "amount", "currency"),
}
GRAINS = {Side.BILL: (Grain.CASE, Grain.CLASS, Grain.TOTAL), Side.PAY: (Grain.LINE, Grain.CASE, Grain.AGENT, Grain.TOTAL)}
LABELS = {
    "case": gettext_lazy("Case number"),
    "query_type": gettext_lazy("Query type"),
    "channel": gettext_lazy("Channel"),
    "label": gettext_lazy("Description"),
    "agent": gettext_lazy("Agent, by code or name"),
    "kind": gettext_lazy("Kind of pay"),
    "count": gettext_lazy("Count or hours"),
    "price": gettext_lazy("Price or rate of one"),
    "amount": gettext_lazy("Amount"),
    "currency": gettext_lazy("Currency"),
}
NO_COLUMN = ("", gettext_lazy("Not in this file"))
DECIMALS = ((".", "1.50"), (",", "1,50"))
GROUPINGS = ((",", "1,500"), (".", "1.500"), ("'", "1'500"), (" ", gettext_lazy("1 500 or 1500")))
LABELS_MAX = 60


class FileForm(forms.Form):
    """A file, whose it is, and of which month."""

    whose = forms.ChoiceField(
        label=gettext_lazy("What it is"), help_text=gettext_lazy("An invoice is compared with ours; payslips with our statements.")
    )
    month = forms.CharField(
        label=gettext_lazy("Month"),
        max_length=7,
        help_text=gettext_lazy("Year and month, for example 2016-03."),
        widget=forms.TextInput(attrs={"type": "month"}),
        error_messages={"required": gettext_lazy("Choose the month that the file is about.")},
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel, with the names of the columns in one row; at most 20 MB."),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )
    sheet = forms.CharField(
        label=gettext_lazy("Sheet"), required=False, max_length=60, help_text=gettext_lazy("Only if the workbook has several.")
    )
    lines_before_head = forms.IntegerField(
        label=gettext_lazy("Lines above the heads"), required=False, min_value=0, max_value=100, initial=0
    )

    def __init__(self, *args: Any, sides: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        groups: list[tuple[str, list[tuple[str, str]]]] = []
        if Side.BILL in sides:
            contracts = Contract.objects.select_related("client").order_by("client__name", "name")
            groups.append((_("Invoice of"), [(f"contract:{one.pk}", f"{one.client.name}: {one.name}") for one in contracts]))
        if Side.PAY in sides:
            groups.append((_("Payslips of"), [(f"site:{one.pk}", one.name) for one in Site.objects.order_by("name")]))
        self.fields["whose"].choices = groups  # type: ignore[attr-defined]

    def clean_month(self) -> date:
        """Read the month."""
        try:
            return pay_periods.parse_period(text=self.cleaned_data["month"].strip())
        except errors.InvalidInput as refused:
            raise forms.ValidationError(refused.message) from refused

    def target(self) -> Contract | Site:
        """Return whose file it is."""
        kind, _colon, pk = self.cleaned_data["whose"].partition(":")
        return Contract.objects.get(pk=pk) if kind == "contract" else Site.objects.get(pk=pk)


class ColumnsForm(forms.Form):
    """Which column holds what, and how numbers are written."""

    grain = forms.ChoiceField(label=gettext_lazy("A row is"))
    decimal_mark = forms.ChoiceField(label=gettext_lazy("Decimals are written"), choices=DECIMALS)
    grouping_mark = forms.ChoiceField(label=gettext_lazy("Thousands are written"), choices=GROUPINGS)

    def __init__(self, data: Any = None, *, run: ShadowRun, heads: Sequence[str]) -> None:
        known = Definition(**run.definition)
        self.run, self.known, self.heads = run, known, heads
        initial = {"grain": known.grain, "decimal_mark": known.decimal_mark, "grouping_mark": known.grouping_mark or " "}
        initial |= {f"column_{name}": head for name, head in known.columns.items()}
        initial |= {f"amount_{place}": known.amounts[head] for place, head in enumerate(heads) if head in known.amounts}
        super().__init__(data, initial=initial)
        self.fields["grain"].choices = [(grain.value, grain.label) for grain in GRAINS[Side(run.side)]]  # type: ignore[attr-defined]
        for name in COLUMNS[Side(run.side)]:
            choices = [NO_COLUMN, *((head, head) for head in heads)]
            self.fields[f"column_{name}"] = forms.ChoiceField(label=LABELS[name], choices=choices, required=False)
        if run.side == Side.PAY:
            choices = [("", _("No amount")), *((kind, kinds.name_of(kind=kind)) for kind in kinds.KINDS)]
            for place, head in enumerate(heads):
                self.fields[f"amount_{place}"] = forms.ChoiceField(label=head, choices=choices, required=False)

    @property
    def columns(self) -> list[forms.BoundField]:
        """The fields of columns."""
        return [self[f"column_{name}"] for name in COLUMNS[Side(self.run.side)]]

    @property
    def amounts(self) -> list[forms.BoundField]:
        """The fields of amount columns, one for each head."""
        return [self[name] for name in self.fields if name.startswith("amount_")]

    def definition(self) -> Definition:
        """Return how the file is read, as chosen."""
        given = self.cleaned_data
        columns = {name: given[f"column_{name}"] for name in COLUMNS[Side(self.run.side)] if given.get(f"column_{name}")}
        amounts = {head: given[f"amount_{place}"] for place, head in enumerate(self.heads) if given.get(f"amount_{place}")}
        is_wide = given["grain"] == Grain.LINE and bool(amounts)
        return replace(
            self.known,
            grain=given["grain"],
            columns={name: head for name, head in columns.items() if not is_wide or name in ("agent", "currency")},
            amounts=amounts if is_wide else {},
            decimal_mark=given["decimal_mark"],
            grouping_mark=given["grouping_mark"],
        )


class MeaningsForm(forms.Form):
    """What labels and agents of theirs mean here, where their words alone do not tell."""

    def __init__(self, *args: Any, run: ShadowRun, unknown: labels.Unknown, **options: Any) -> None:
        super().__init__(*args, **options)
        self.texts: dict[str, str] = {}
        self._add("label", unknown.labels, meaning_choices(run=run) if unknown.labels else [])
        self._add("agent", unknown.agents, agent_choices() if unknown.agents else [])

    def _add(self, kind: str, counted: Sequence[tuple[str, int]], choices: Sequence[tuple[str, str]]) -> None:
        for place, (text, count) in enumerate(counted[:LABELS_MAX]):
            name = f"{kind}_{place}"
            self.texts[name] = text
            self.fields[name] = forms.ChoiceField(
                label=text or _("No label"),
                choices=[("", _("Leave it unexplained")), *choices],
                required=False,
                help_text=ngettext("%(count)s line", "%(count)s lines", count) % {"count": count},
            )

    def meanings(self) -> dict[str, str]:
        """Return the meanings that were chosen."""
        return {text: self.cleaned_data[name] for name, text in self.texts.items() if self.cleaned_data.get(name)}


def agent_choices() -> list[tuple[str, str]]:
    """Return every agent as a meaning."""
    return [(f"agent:{pk}", f"{name} ({code})") for pk, name, code in Agent.objects.order_by("name").values_list("pk", "name", "code")]


def meaning_choices(*, run: ShadowRun) -> list[tuple[str, str]]:
    """Return what labels of a run can mean."""
    if run.side == Side.PAY:
        return kinds.list_meanings()
    invoice = bill.find_invoice(run=run)
    return bill.list_meanings(side=bill.read_side(invoice=invoice)) if invoice else []
