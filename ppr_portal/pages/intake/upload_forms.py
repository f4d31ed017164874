"""What people say about how a file is read, step by step, as a mapping document."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import access
from agents.intake import templates
from agents.intake.definitions import MappingDefinition
from agents.intake.preview import UnknownValue
from agents.intake.tables import FileContents
from agents.models import MappingColumn, MappingValue, Source, User
from agents.operations.imports import run_upload
from contracts import reading
from contracts.translation import gettext_lazy
from ppr_portal.pages.fields import LongSelect
from ppr_portal.pages.intake import hold_forms, upload_dates

Document = dict[str, Any]

MAIN_TARGETS = ("case", "state", "occurred_at", "opened_at", "agent", "actor", "contract", "query_type", "channel", "customer", "queue")
RARE_TARGETS = tuple(target for target in MappingColumn.Target.values if target not in MAIN_TARGETS)
LABELS = dict(MappingColumn.Target.choices)
DATED_ROWS = 4
VERSION = "version"
VALUES_MAX = 60
NO_COLUMN = ("", gettext_lazy("Not in this file"))
MARKS = {
    "decimal_mark": [(".", "1.50"), (",", "1,50")],
    "grouping_mark": [("", gettext_lazy("none")), (",", "1,500"), (".", "1.500"), (" ", "1 500"), ("'", "1'500")],
}
HOURS = [
    ("hold", gettext_lazy("Hold it")),
    ("first", gettext_lazy("The first of the two")),
    ("second", gettext_lazy("The second of the two")),
]
UNITS = [
    ("", gettext_lazy("Not said")),
    ("seconds", gettext_lazy("Seconds")),
    ("minutes", gettext_lazy("Minutes")),
    ("hours", gettext_lazy("Hours")),
    ("clock", gettext_lazy("0:15 or 0:15:00")),
    ("minute_clock", "4:35"),
]
WORDS = {
    "direction": [("in", gettext_lazy("From the customer")), ("out", gettext_lazy("To the customer"))],
    "medium": [("live", gettext_lazy("Live")), ("message", gettext_lazy("Message")), ("voicemail", gettext_lazy("Voicemail"))],
    "content": [("answer", gettext_lazy("Answer")), ("request", gettext_lazy("Request")), ("other", gettext_lazy("Other"))],
}
YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]


class UploadForm(forms.Form):
    """A file, and where its records come from."""

    source = forms.ModelChoiceField(
        label=gettext_lazy("Source"),
        queryset=Source.objects.none(),
        empty_label=gettext_lazy("Choose a source"),
        error_messages={"required": gettext_lazy("Choose where the file comes from.")},
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV, also compressed (.csv.gz), XLSX, NDJSON or JSON, or XES; 256 MB at most. It is deleted after 14 days."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.xlsx,.xlsm,.ndjson,.jsonl,.json,.xes"}),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["source"].queryset = access.sources_for(user)  # type: ignore[attr-defined]


class FileForm(forms.Form):
    """Where the records stand in the file."""

    lines_before_head = forms.IntegerField(
        label=gettext_lazy("Lines above the head"), min_value=0, max_value=1000, help_text=gettext_lazy("Such as titles. Usually none.")
    )

    start = forms.ChoiceField(
        label=gettext_lazy("Start from"),
        required=False,
        help_text=gettext_lazy(
            "A help desk's export as it usually looks, or the version that this source uses. You can change everything afterwards."
        ),
    )

    def __init__(self, data: Any = None, *, contents: FileContents, draft: MappingDefinition, source: Source) -> None:
        super().__init__(data, initial=draft.model_dump())
        self.source = source
        self.fields["start"].choices = _starts(source)  # type: ignore[attr-defined]
        if contents.sheets:
            options = [
                (sheet.name, _("%(sheet)s (hidden)") % {"sheet": sheet.name} if sheet.is_hidden else sheet.name)
                for sheet in contents.sheets
            ]
            self.fields["sheet"] = forms.ChoiceField(label=_("Sheet"), choices=options)
        if contents.record_paths:
            paths = [("", _("The page itself")), *((path, path) for path in contents.record_paths if path)]
            self.fields["records_path"] = forms.ChoiceField(label=_("Where the records stand"), choices=paths, required=False)

    def changed(self, document: Document) -> Document:
        """Return the document with what was said; where to start from replaces all of it."""
        given = dict(self.cleaned_data)
        start = given.pop("start")
        if start == VERSION:
            return run_upload.start_of(source=self.source).model_dump(mode="json")
        if start:
            return templates.load_template(code=start).definition.model_dump(mode="json")
        return document | given


def _starts(source: Source) -> list[tuple[str, str]]:
    """Return what a mapping can start from: templates of the source's own vendor first."""
    newest = run_upload.newest_mapping(source=source)
    version = [(VERSION, _("Version %(number)s of %(source)s") % {"number": newest.number, "source": source})] if newest else []
    known = sorted(templates.list_templates(), key=lambda template: (template.vendor != source.vendor, template.name))
    return [("", _("What is said so far")), *version, *((template.code, template.name) for template in known)]


class ColumnsForm(forms.Form):
    """Which column is what, and how dates and numbers are written."""

    def __init__(self, data: Any = None, *, heads: Sequence[str], draft: MappingDefinition) -> None:
        super().__init__(data)
        # A column that a version of the mapping names and this file lacks stays named, so that nothing is lost unseen.
        known = [*heads, *(column.column for column in draft.columns.values() if column.column not in heads)]
        columns = [NO_COLUMN, *((head, head) for head in dict.fromkeys(known))]
        for target in (*MAIN_TARGETS, *RARE_TARGETS):
            told = draft.columns.get(target)  # type: ignore[call-overload]
            self.fields[f"column_{target}"] = forms.ChoiceField(
                label=LABELS[target], choices=columns, required=False, widget=LongSelect, initial=told.column if told else ""
            )
            self.fields[f"late_{target}"] = forms.BooleanField(
                label=_("%(labels)s: only on solved rows") % {"labels": LABELS[target]},
                required=False,
                initial=bool(told and told.only_when_resolved),
            )
        self._add_dated(columns, draft)
        self._add_writing(draft)

    def _add_dated(self, columns: list[tuple[str, str]], draft: MappingDefinition) -> None:
        meanings = [("", _("Choose")), *hold_forms.meanings_of("state")]
        for index in range(max(DATED_ROWS, len(draft.events) + 1)):
            told = draft.events[index] if index < len(draft.events) else None
            self.fields[f"dated_{index}"] = forms.ChoiceField(
                label=_("Column with a date, %(index)s") % {"index": index + 1},
                choices=columns,
                required=False,
                widget=LongSelect,
                initial=told.column if told else "",
            )
            self.fields[f"dated_meaning_{index}"] = forms.ChoiceField(
                label=_("What happened then, %(index)s") % {"index": index + 1},
                choices=meanings,
                required=False,
                widget=LongSelect,
                initial=told.meaning if told else "",
            )

    def _add_writing(self, draft: MappingDefinition) -> None:
        space = draft.columns["agent"].space if "agent" in draft.columns else ""
        handle = draft.columns.get("handle_time")
        self.fields |= {
            "date_format": forms.CharField(label=_("Date format"), max_length=40, required=False, initial=draft.date_format),
            "own_format": forms.CharField(
                label=_("Another format"), max_length=40, required=False, help_text=_("strftime codes, for example %d/%m/%Y %H:%M.")
            ),
            "timezone": forms.ChoiceField(
                label=_("Time zone of dates that do not say theirs"),
                choices=[(name, name) for name in reading.zone_names()],
                widget=LongSelect,
                initial=draft.timezone,
            ),
            "repeated_hour": forms.ChoiceField(label=_("An hour that clocks show twice"), choices=HOURS, initial=draft.repeated_hour),
            "decimal_mark": forms.ChoiceField(label=_("Decimals"), choices=MARKS["decimal_mark"], initial=draft.decimal_mark),
            "grouping_mark": forms.ChoiceField(
                label=_("Thousands"), choices=MARKS["grouping_mark"], required=False, initial=draft.grouping_mark
            ),
            "missing_markers": forms.CharField(
                label=_("Values that mean “not known”"),
                required=False,
                initial=", ".join(draft.missing_markers),
                help_text=_("Separated by commas, for example ?, N/A. An empty cell always does."),
            ),
            "space": forms.CharField(
                label=_("Name space of the credited people"),
                required=False,
                initial=space,
                max_length=64,
                help_text=_("The same text in two spaces is two people. Empty: made from the column's head."),
            ),
            "unit": forms.ChoiceField(
                label=_("How long it took is told in"), choices=UNITS, required=False, initial=handle.unit if handle else ""
            ),
        }

    @property
    def targets(self) -> list[tuple[Any, Any]]:
        """The usual columns: field of the column, field of "only on solved rows"."""
        return [(self[f"column_{target}"], self[f"late_{target}"]) for target in MAIN_TARGETS]

    @property
    def rare_targets(self) -> list[tuple[Any, Any]]:
        """The columns that few files have."""
        return [(self[f"column_{target}"], self[f"late_{target}"]) for target in RARE_TARGETS]

    @property
    def dated(self) -> list[tuple[Any, Any]]:
        """Columns with a date of their own, and what happened then."""
        indexes = [name.removeprefix("dated_") for name in self.fields if name.startswith("dated_") and name[6:].isdecimal()]
        return [(self[f"dated_{index}"], self[f"dated_meaning_{index}"]) for index in indexes]

    def changed(self, document: Document) -> Document:
        """Return the document with what was said; what this page does not ask for stays."""
        given = self.cleaned_data
        stood = document.get("columns", {})
        columns: Document = {}
        for target in (*MAIN_TARGETS, *RARE_TARGETS):
            if head := given.get(f"column_{target}"):
                same = stood.get(target, {}) if stood.get(target, {}).get("column") == head else {}
                columns[target] = {**same, "column": head, "only_when_resolved": given[f"late_{target}"]}
        if "agent" in columns:
            columns["agent"]["space"] = given["space"]
        if "handle_time" in columns:
            columns["handle_time"]["unit"] = given["unit"]
        markers = [marker.strip() for marker in given["missing_markers"].split(",") if marker.strip()]
        told = {name: given[name] for name in ("timezone", "repeated_hour", "decimal_mark", "grouping_mark")}
        return (
            document
            | told
            | {
                "columns": columns,
                "events": self._events(document.get("events", [])),
                "missing_markers": markers,
                "date_format": given["own_format"] or given["date_format"] or "iso",
            }
        )

    def _events(self, stood: list[Document]) -> list[Document]:
        found = []
        for column, meaning in self.dated:
            head, kind = self.cleaned_data[column.name], self.cleaned_data[meaning.name]
            if head and kind:
                same = next((event for event in stood if (event["column"], event["meaning"]) == (head, kind)), {})
                found.append({**same, "column": head, "meaning": kind})
        return found


class ValuesForm(forms.Form):
    """What each value of the file means: those without a meaning first, then those that have one."""

    def __init__(self, data: Any = None, *, unknown: Mapping[str, Sequence[UnknownValue]], draft: MappingDefinition) -> None:
        super().__init__(data)
        self.rows: list[tuple[str, str, str]] = []
        for target, values in unknown.items():
            for found in values[:VALUES_MAX]:
                rows = ngettext("%(rows)s row", "%(rows)s rows", found.row_count) % {"rows": reading.write_number(f"{found.row_count:,}")}
                self._ask(target, found.value, "", rows)
        for target, table in draft.values.items():
            for value, meaning in list(table.items())[:VALUES_MAX]:
                self._ask(target, value, meaning, "")

    def _ask(self, target: str, value: str, meaning: str, counted: str) -> None:
        name = f"value_{len(self.rows)}"
        options = options_of(target)
        known = [("", _("No meaning; hold it")), *options, *([(meaning, meaning)] if meaning and meaning not in dict(options) else [])]
        self.fields[name] = forms.ChoiceField(label=value, choices=known, required=False, initial=meaning)
        self.fields[name].help_text = counted
        self.rows.append((name, target, value))

    @property
    def groups(self) -> list[tuple[str, list[tuple[Any, str]]]]:
        """By target: fields, each with how many rows say so."""
        found: dict[str, list[tuple[Any, str]]] = {}
        for name, target, _other in self.rows:
            found.setdefault(target, []).append((self[name], str(self.fields[name].help_text)))
        words = dict(MappingValue.Target.choices)
        return [(str(words.get(target, target)), rows) for target, rows in found.items()]

    def changed(self, document: Document) -> Document:
        """Return the document with what was said; values that were not asked for stay."""
        values = {target: dict(table) for target, table in document.get("values", {}).items()}
        for name, target, value in self.rows:
            values.setdefault(target, {}).pop(value, None)
            if meaning := self.cleaned_data.get(name):
                values[target][value] = meaning
        return document | {"values": {target: table for target, table in values.items() if table}}


def options_of(target: str) -> list[tuple[str, str]]:
    """Return what a value of a target can mean."""
    if target in ("state", "contract", "query_type", "channel"):
        return hold_forms.meanings_of(target)
    return WORDS.get(target, YES_NO if target != "code" else [])


def format_samples(*, heads: Sequence[str], samples: Sequence[Sequence[str]], draft: MappingDefinition) -> list[str]:
    """Return the dates of the first rows, from every column that is said to hold one."""
    columns = [draft.columns[target].column for target in ("occurred_at", "opened_at") if target in draft.columns]
    columns += [event.column for event in draft.events]
    places = [heads.index(column) for column in columns if column in heads]
    missing = {"", *draft.missing_markers}
    return [row[place] for row in samples for place in places if row[place] not in missing][: upload_dates.SAMPLES_MAX]
