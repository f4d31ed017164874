"""The form of each act on what waits, and what its answers ask for."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import access
from agents.models import Agent, CaseEvent, HeldRow, HoldAct, MappingColumn
from agents.operations.holds.hold_acts import Wish
from contracts.models import Channel, Contract, QueryType
from contracts.translation import gettext_lazy
from ppr_portal.pages.intake import held_cells, hold_words
from ppr_portal.templatetags import formats

Kind = HoldAct.Kind
VALUES_MAX = 40
ROWS_LOOKED_AT = 5_000
EXCLUSIONS = ("spam", "test", "internal", "duplicate", "abandoned", "wrong_queue", "client_outage", "greeting_only", "self_service")
NOT_CHOSEN = ("", gettext_lazy("Not yet"))


class ActForm(forms.Form):
    """What every act asks: for most of them nothing but a reason."""

    def __init__(self, data: Any = None, *, kind: str, items: Mapping[str, Sequence[int]], initial: Any = None) -> None:
        super().__init__(data, auto_id=f"id_{kind}_%s", initial=initial)
        self.kind, self.items = kind, items
        MAKERS[Kind(kind)](self)
        is_needed = kind in (Kind.RELEASE, Kind.DISMISS)
        self.fields["reason"] = forms.CharField(
            label=_("Why") if is_needed else _("Note"),
            required=is_needed,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2}) if is_needed else forms.TextInput,
            error_messages={"required": _("Say why in words; whoever asks later reads it.")},
        )

    @property
    def title(self) -> str:
        """What the act is called."""
        return hold_words.ACTS[self.kind][0]

    @property
    def consequence(self) -> str:
        """What follows from it."""
        return hold_words.ACTS[self.kind][1]

    @property
    def button(self) -> str:
        """What the button says."""
        return hold_words.BUTTONS[Kind(self.kind)]

    @property
    def is_empty_choice(self) -> bool:
        """Whether it asks for the meaning of values, and there are none to ask for."""
        return self.kind == Kind.MEAN and not self.values

    values: tuple[tuple[int, str, str], ...] = ()

    def wish(self, *, amounts: Mapping[str, int]) -> Wish:
        """Return what the answers ask for."""
        given = self.cleaned_data
        meanings = tuple(
            (source_id, target, value, given[f"meaning_{index}"])
            for index, (source_id, target, value) in enumerate(self.values)
            if given.get(f"meaning_{index}")
        )
        return Wish(
            kind=self.kind,
            items=self.items,
            reason=given["reason"],
            agent_id=given["agent"].pk if given.get("agent") else None,
            owner_id=given["owner"].pk if given.get("owner") else None,
            contract_code=given["contract"].code if given.get("contract") else "",
            meanings=meanings,
            amounts=amounts,
        )


def forms_for(*, acts: Sequence[str], items: Mapping[str, Sequence[int]]) -> tuple[ActForm, ...]:
    """Return the forms of what can be done about one thing, without those that have nothing to ask."""
    made = (ActForm(kind=kind, items=items) for kind in acts)
    return tuple(form for form in made if not form.is_empty_choice)


def meanings_of(target: str) -> list[tuple[str, str]]:
    """Return what a value can mean, as options."""
    if target == "state":
        kinds = [(str(value), str(label)) for value, label in CaseEvent.Type.choices if value != CaseEvent.Type.EXCLUDED]
        return [*kinds, *((f"excluded/{code}", _("Excluded: %(value)s") % {"value": code.replace("_", " ")}) for code in EXCLUSIONS)]
    models: dict[str, type[Contract] | type[QueryType] | type[Channel]] = {
        "contract": Contract,
        "query_type": QueryType,
        "channel": Channel,
    }
    return [(found.code, f"{found} ({found.code})") for found in models[target].objects.all()]


def _ask_agent(form: ActForm) -> None:
    form.fields["agent"] = forms.ModelChoiceField(
        label=_("Agent"),
        queryset=Agent.objects.order_by("name", "code"),
        empty_label=_("Choose an agent"),
        error_messages={"required": _("Choose the agent that the name stands for.")},
    )
    form.fields["agent"].label_from_instance = lambda agent: f"{agent.name} ({agent.code})"  # type: ignore[attr-defined]


def _ask_owner(form: ActForm) -> None:
    form.fields["owner"] = forms.ModelChoiceField(
        label=_("Owner"), queryset=access.owners_of_holds(), required=False, empty_label=_("Nobody")
    )


def _ask_contract(form: ActForm) -> None:
    form.fields["contract"] = forms.ModelChoiceField(
        label=_("Contract"),
        queryset=Contract.objects.select_related("client").order_by("name"),
        empty_label=_("Choose a contract"),
        error_messages={"required": _("Choose the contract.")},
    )


def _ask_meanings(form: ActForm) -> None:
    """Ask once for each different value, most rows first."""
    rows = list(HeldRow.objects.filter(pk__in=form.items.get("row", ())).select_related("run")[:ROWS_LOOKED_AT])
    counted = held_cells.values_at_fault(rows=rows, columns=_columns({row.source_id for row in rows}))
    form.values = tuple(list(counted)[:VALUES_MAX])
    options = {target: meanings_of(target) for target in {target for _head, target, _value in form.values} if target in TARGET_WORDS}
    form.values = tuple(value for value in form.values if value[1] in options)
    for index, value in enumerate(form.values):
        count = counted[value]
        form.fields[f"meaning_{index}"] = forms.ChoiceField(
            label=_("%(target)s “%(value)s” means") % {"target": TARGET_WORDS[value[1]], "value": value[2]},
            help_text=ngettext("%(count)s row says so.", "%(count)s rows say so.", count) % {"count": formats.count(count)},
            choices=[NOT_CHOSEN, *options[value[1]]],
            required=False,
        )


def _columns(source_ids: set[int]) -> dict[tuple[int, str], str]:
    """Return the column of each target in the newest mapping of each source."""
    found: dict[tuple[int, str], str] = {}
    rows = MappingColumn.objects.filter(mapping__source__in=source_ids).order_by("mapping__number")
    for source_id, target, column in rows.values_list("mapping__source_id", "target", "column"):
        found[source_id, target] = column
    return found


def _ask_nothing(form: ActForm) -> None:
    """Ask for nothing but a reason."""


TARGET_WORDS = {
    "state": gettext_lazy("State"),
    "contract": gettext_lazy("Contract"),
    "query_type": gettext_lazy("Query type"),
    "channel": gettext_lazy("Channel"),
}
MAKERS = {
    Kind.MAP: _ask_agent,
    Kind.SYSTEM: _ask_nothing,
    Kind.MEAN: _ask_meanings,
    Kind.CONTRACT: _ask_contract,
    Kind.RETRY: _ask_nothing,
    Kind.RELEASE: _ask_nothing,
    Kind.DISMISS: _ask_nothing,
    Kind.ASSIGN: _ask_owner,
}
