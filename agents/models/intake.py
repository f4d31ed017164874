"""Where records come from: sources, the mappings that read them, and what could not be read."""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent
from contracts.models import Client, fields

MAPPING_USED = """SELECT EXISTS (SELECT 1 FROM agents_importrun WHERE mapping_id = {mapping})"""


class Source(models.Model):
    """One system or file feed that records come from."""

    class Vendor(models.TextChoices):
        SERVICENOW = "servicenow", _("ServiceNow")
        ZENDESK = "zendesk", _("Zendesk")
        INTERCOM = "intercom", _("Intercom")
        CHATWOOT = "chatwoot", _("Chatwoot")
        FRESHDESK = "freshdesk", _("Freshdesk")
        ZAMMAD = "zammad", _("Zammad")
        HUBSPOT = "hubspot", _("HubSpot")
        FRONT = "front", _("Front")
        HELPSCOUT = "helpscout", _("Help Scout")
        OTHER = "other", _("Other")
        SIMULATED = "simulated", _("Simulated for the demo")

    code = fields.code(unique=True, help_text=_("Short name used in commands, for example incidents."))
    name = models.CharField(max_length=120, help_text=_("Name as people read it."))
    vendor = models.CharField(max_length=16, choices=Vendor, default=Vendor.OTHER, help_text=_("The product that the records come from."))
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.PROTECT, help_text=_("Empty: the records name the client."))
    attribution = models.TextField(blank=True, help_text=_("Whom to credit for the data, and its licence."))
    customer_space = fields.code(
        blank=True,
        help_text=_(
            "Sources that know a customer by the same value, such as an e-mail address, share one, so that repeats across "
            "them are seen. Empty: this source alone. Settle it before the first import, for known customers do not move."
        ),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_simulated(self) -> bool:
        """Whether its records are made up, which every page says where they show."""
        return self.vendor == self.Vendor.SIMULATED


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class SourceIdentity(models.Model):
    """A name that a source uses for somebody, exactly as written, and the agent it stands for. Nobody is paid by display name."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="identities")
    space = fields.code(
        help_text=_("Which of the source's name spaces, for example resolved_by. The same text in two spaces is two people.")
    )
    value = models.CharField(max_length=200, help_text=_("Exactly as the source writes it, double spaces included."))
    agent = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="identities",
        help_text=_("Empty: not mapped; what it earned is held."),
    )
    is_system = models.BooleanField(default=False, help_text=_("A bot or system user that closes cases; it is never paid."))

    class Meta:
        ordering = ["source", "space", "value"]
        verbose_name_plural = _("source identities")
        constraints = [
            models.UniqueConstraint(name="source_identity_once", fields=["source", "space", "value"]),
            models.CheckConstraint(name="system_identity_is_nobody", condition=~models.Q(is_system=True, agent__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.value} ({self.space})"


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


class ImportRun(models.Model):
    """One import of one file, or one delivery: what was read, what is new, what was held. Committed whole or not at all."""

    class Origin(models.TextChoices):
        FILE = "file", _("File")
        API = "api", _("Events API")
        WEBHOOK = "webhook", _("Webhook")
        ACCOUNTS = "accounts", _("Account data")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="imports")
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.FILE, help_text=_("How it came."))
    mapping = models.ForeignKey(
        Mapping,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="imports",
        help_text=_("How the file was read; empty for a delivery."),
    )
    file_name = models.CharField(max_length=255, help_text=_("Of a delivery: who brought it."))
    file_sha256 = models.CharField(max_length=64)
    started_at = models.DateTimeField(help_text=_("Wall clock."))
    seconds = models.FloatField()
    row_count = models.PositiveIntegerField()
    case_count = models.PositiveIntegerField(help_text=_("Different cases in the file."))
    new_count = models.PositiveIntegerField(help_text=_("Events that were not known before."))
    changed_count = models.PositiveIntegerField(help_text=_("Events known before with another content; held, never overwritten."))
    unchanged_count = models.PositiveIntegerField(help_text=_("Events known before with the same content."))
    held_count = models.PositiveIntegerField(help_text=_("Rows held with a reason."))
    undone_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Business clock; when it was taken back. Only account data can be.")
    )
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.file_name}, {self.started_at:%Y-%m-%d %H:%M}"


class HeldRow(models.Model):
    """A row that could not become an event: kept as it came, with a sentence that says why."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="held_rows")
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="held_rows")
    row_number = models.PositiveIntegerField(help_text=_("Line of the file, counting from 1 below the head."))
    case_key = models.CharField(max_length=200, blank=True, help_text=_("The case it belongs to, where that could be read."))
    reason = fields.code(help_text=_("Stable code of the reason."))
    message = models.TextField(help_text=_("What is wrong and what to do."))
    row = models.JSONField(help_text=_("The row as it came."))
    row_hash = models.CharField(max_length=64, help_text=_("The same row is held once, however often it is imported."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=_("Who puts it right.")
    )
    released_at = models.DateTimeField(null=True, blank=True, help_text=_("When a corrected mapping let it in, or somebody dismissed it."))
    release_note = models.TextField(blank=True, help_text=_("Why it was dismissed; one that was dismissed is not held again."))

    class Meta:
        ordering = ["-run", "row_number"]
        constraints = [models.UniqueConstraint(name="held_row_once", fields=["source", "row_hash", "reason"])]
        indexes = [models.Index(name="held_row_open", fields=["source", "reason"], condition=models.Q(released_at=None))]

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.message}"
