"""How the files of a source are read: which column holds what, what values mean, and which dates are events."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.sources import Source
from contracts.models import fields

MAPPING_USED = """SELECT EXISTS (SELECT 1 FROM agents_importrun WHERE mapping_id = {mapping})"""


class Mapping(models.Model):
    """A version of how a source's files are read. Once an import used it, it never changes: make the next version."""

    class Kind(models.TextChoices):
        CASE_EVENTS = "case_events", _("Case events")

    class FileFormat(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel workbook")
        NDJSON = "ndjson", _("JSON, also one record a line")
        XES = "xes", _("XES event log")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mappings")
    number = models.PositiveIntegerField(help_text=_("Counts up within the source. Imports use the highest."))
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.CASE_EVENTS, help_text=_("What the rows tell of."))
    file_format = models.CharField(max_length=8, choices=FileFormat, blank=True, help_text=_("Empty: as the end of the file's name says."))
    sheet = models.CharField(max_length=120, blank=True, help_text=_("Sheet of the workbook. Empty: the only one."))
    lines_before_head = models.PositiveSmallIntegerField(
        default=0, help_text=_("Lines above the line that names the columns, such as titles.")
    )
    records_path = models.CharField(
        max_length=120,
        blank=True,
        help_text=_("Where the records stand in a JSON page, for example tickets. Empty: the page is the record."),
    )
    date_format = models.CharField(
        max_length=40,
        help_text=_("How dates are written, as strftime codes: %d/%m/%Y %H:%M reads 29/2/2016 01:16. Never guessed per cell."),
    )
    timezone = fields.timezone(help_text=_("Time zone of dates that do not say theirs."))
    repeated_hour = models.CharField(
        max_length=8,
        default="hold",
        choices=[("hold", "Hold it"), ("first", "Summer time, the first of the two"), ("second", "Winter time, the second of the two")],
        help_text=_("What a time means that clocks show twice in autumn. A time that clocks skip in spring is always held."),
    )
    decimal_mark = models.CharField(
        max_length=1, default=".", choices=[(".", "1.50"), (",", "1,50")], help_text=_("What separates decimals.")
    )
    grouping_mark = models.CharField(
        max_length=1,
        blank=True,
        choices=[(",", "1,500"), (".", "1.500"), (" ", "1 500"), ("'", "1'500")],
        help_text=_("What separates thousands. Empty: nothing."),
    )
    missing_markers = ArrayField(
        models.CharField(max_length=20, blank=True),
        default=list,
        help_text=_('Values that mean "not known", separated by commas, for example ?.'),
    )
    case_columns = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        help_text=_("Only where no column holds a case number: the columns that together tell one case from another."),
    )
    note = models.TextField(blank=True, help_text=_("Why this version was made."))

    class Meta:
        ordering = ["source", "-number"]
        constraints = [
            models.UniqueConstraint(name="mapping_number", fields=["source", "number"]),
            models.CheckConstraint(name="mapping_marks_differ", condition=~models.Q(grouping_mark=models.F("decimal_mark"))),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="mapping_frozen_once_used",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=f"""
                    IF ({MAPPING_USED.format(mapping="OLD.id")}) AND (TG_OP = 'DELETE' OR to_jsonb(OLD) <> to_jsonb(NEW)) THEN
                        RAISE EXCEPTION 'mapping % was used by an import; make a new version', OLD.number
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}, mapping {self.number}"


def frozen_with_mapping() -> list[pgtrigger.Trigger]:
    """Return the trigger that freezes a row of a mapping once an import used that mapping."""
    return [
        pgtrigger.Trigger(
            name="frozen_with_its_mapping",
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            when=pgtrigger.Before,
            func=f"""
                IF (TG_OP <> 'INSERT' AND ({MAPPING_USED.format(mapping="OLD.mapping_id")}))
                   OR (TG_OP <> 'DELETE' AND ({MAPPING_USED.format(mapping="NEW.mapping_id")})) THEN
                    RAISE EXCEPTION 'this mapping was used by an import; make a new version'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
            """,
        )
    ]


class Unit(models.TextChoices):
    """How a column tells how long something took."""

    SECONDS = "seconds", _("Seconds")
    MINUTES = "minutes", _("Minutes")
    HOURS = "hours", _("Hours")
    CLOCK = "clock", _("Hours and minutes, as 0:15 or 0:15:00")
    MINUTE_CLOCK = "minute_clock", _("Minutes and seconds, as 4:35")


def other_heads() -> ArrayField:
    """Return the field for heads under which a column stands in other versions of a feed."""
    return ArrayField(
        models.CharField(max_length=120), default=list, blank=True, help_text=_("Heads of the same column in other versions of the feed.")
    )


class MappingColumn(models.Model):
    """Which column of the file holds what."""

    class Target(models.TextChoices):
        CASE = "case", _("Case number")
        SEQUENCE = "sequence", _("Counter of changes within the case")
        STATE = "state", _("State of the case")
        OCCURRED_AT = "occurred_at", _("When this row happened")
        OPENED_AT = "opened_at", _("When the case was opened")
        AGENT = "agent", _("Who is credited")
        ACTOR = "actor", _("Who made this change")
        CONTRACT = "contract", _("What tells the contract")
        QUERY_TYPE = "query_type", _("What the case is about")
        CHANNEL = "channel", _("Channel")
        CUSTOMER = "customer", _("Customer; stored only as a keyed hash")
        QUEUE = "queue", _("Queue or group")
        TRANSFER_COUNT = "transfer_count", _("How often the case was passed on so far")
        RECORD = "record", _("Number of the record itself")
        CODE = "code", _("Stage or coded reason of what happened")
        DIRECTION = "direction", _("From or to the customer")
        MEDIUM = "medium", _("Live, message or voicemail")
        CONTENT = "content", _("Answer, request or other")
        QUALIFIED = "qualified", _("Whether the agent was qualified")
        APPROPRIATE = "appropriate", _("Whether the escalation was appropriate")
        HOSTILE = "hostile", _("Whether the customer was hostile")
        AUTOMATED = "automated", _("Whether a bot or system user did it")
        HANDLE_TIME = "handle_time", _("How long it took")

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="columns")
    target = models.CharField(max_length=16, choices=Target, help_text=_("What the column holds."))
    column = models.CharField(max_length=120, help_text=_("Head of the column, exactly as in the file."))
    other_heads = other_heads()
    date_format = models.CharField(max_length=40, blank=True, help_text=_("How this column writes dates. Empty: as the mapping says."))
    unit = models.CharField(max_length=16, choices=Unit, blank=True, help_text=_("How this column writes how long something took."))
    space = fields.code(blank=True, help_text=_("Name space of the names in this column. Empty: made from its head."))
    only_when_resolved = models.BooleanField(
        default=False, help_text=_("The source fills it in at the end and joins it to every row; read it only where the state says solved.")
    )

    class Meta:
        ordering = ["mapping", "target"]
        constraints = [models.UniqueConstraint(name="mapping_column_once", fields=["mapping", "target"])]
        triggers = frozen_with_mapping()

    def __str__(self) -> str:
        return f"{self.get_target_display()}: {self.column}"


class MappingValue(models.Model):
    """What a value of the file means here. A value without a meaning is held, with the value named."""

    class Target(models.TextChoices):
        STATE = "state", _("State to kind of event")
        CONTRACT = "contract", _("To contract code")
        QUERY_TYPE = "query_type", _("To query type code")
        CHANNEL = "channel", _("To channel code")
        CODE = "code", _("To stage or coded reason")
        DIRECTION = "direction", _("To in or out")
        MEDIUM = "medium", _("To live, message or voicemail")
        CONTENT = "content", _("To answer, request or other")
        QUALIFIED = "qualified", _("To yes or no: qualified")
        APPROPRIATE = "appropriate", _("To yes or no: appropriate")
        HOSTILE = "hostile", _("To yes or no: hostile")
        AUTOMATED = "automated", _("To yes or no: a bot or system user")

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="values")
    target = models.CharField(max_length=16, choices=Target, help_text=_("Which of the columns the value stands in."))
    value = models.CharField(max_length=200, help_text=_("Exactly as in the file."))
    meaning = models.CharField(
        max_length=64, help_text=_("Kind of event, code of the contract, query type or channel, or the word that stands here.")
    )

    class Meta:
        ordering = ["mapping", "target", "value"]
        constraints = [models.UniqueConstraint(name="mapping_value_once", fields=["mapping", "target", "value"])]
        triggers = frozen_with_mapping()

    def __str__(self) -> str:
        return f"{self.value} means {self.meaning}"


class MappingEvent(models.Model):
    """Something that a row tells with a date of its own, such as when its case was solved: one row can tell several."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="events")
    column = models.CharField(max_length=120, help_text=_("Head of the column that says when; a row without that date does not tell it."))
    other_heads = other_heads()
    date_format = models.CharField(max_length=40, blank=True, help_text=_("How this column writes dates. Empty: as the mapping says."))
    meaning = models.CharField(
        max_length=64, help_text=_("Kind of event, where need be with a code: solution_offered, stage_time/research.")
    )
    direction = models.CharField(max_length=3, blank=True, choices=[("in", "From the customer"), ("out", "To the customer")])
    medium = models.CharField(max_length=9, blank=True, choices=[("live", "Live"), ("message", "Message"), ("voicemail", "Voicemail")])
    content = models.CharField(max_length=8, blank=True, choices=[("answer", "Answer"), ("request", "Request"), ("other", "Other")])
    time_column = models.CharField(
        max_length=120, blank=True, help_text=_("Head of the column that says how long it took; a row without it does not tell the event.")
    )
    time_unit = models.CharField(max_length=16, choices=Unit, blank=True, help_text=_("How that column writes how long it took."))

    class Meta:
        ordering = ["mapping", "pk"]
        constraints = [models.UniqueConstraint(name="mapping_event_once", fields=["mapping", "column", "meaning"])]
        triggers = frozen_with_mapping()

    def __str__(self) -> str:
        return f"{self.column}: {self.meaning}"
