"""What a client owes, line by line. Booked lines are never edited: a correction is one more line."""

import pgtrigger
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from agents.models import Resolution
from contracts.models import ContractVersion, RateCardRow, fields
from contracts.models.versions import never_truncated

# One booking at a time: two would both see what is missing and write it twice. Its lines follow all that were there before, so that whoever
# has packed the prices up to a line has packed every line before it.
BOOKS_LOCK = 498_001
# How many resolutions, side by side by their numbers, have their prices packed into one row.
PACKED_TOGETHER = 4_096

# What foreign keys would ask of each row, asked once a statement. A version in force and its rows cannot be deleted, and a draft books
# nothing; the deletion of a resolution asks here (billing/migrations/0002_schedules_and_settings.py).
_PARENTS = """
        PERFORM 1 FROM contracts_contractversion WHERE id IN (SELECT DISTINCT version_id FROM new_rows) ORDER BY id FOR KEY SHARE;
        SELECT found.version_id, found.row_id INTO item
        FROM (SELECT DISTINCT version_id, row_id FROM new_rows) found
        LEFT JOIN contracts_ratecardrow card ON card.id = found.row_id AND card.version_id = found.version_id
        LEFT JOIN contracts_contractversion version ON version.id = card.version_id AND version.status <> 'draft'
        WHERE version.id IS NULL LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'there is no price % of version % in force', item.row_id, item.version_id
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        SELECT sorted.resolution_id INTO item
        FROM (SELECT resolution_id FROM new_rows ORDER BY resolution_id) sorted
        WHERE NOT EXISTS (SELECT 1 FROM agents_resolution known WHERE known.id = sorted.resolution_id) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'there is no resolution %', item.resolution_id USING ERRCODE = 'foreign_key_violation';
        END IF;
        SELECT min(id) AS first, (SELECT max(last_line) FROM billing_packedprices) AS packed INTO item FROM new_rows;
        IF item.first <= item.packed THEN
            RAISE EXCEPTION 'the prices of all lines up to % are packed; line % comes too late', item.packed, item.first
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;"""


class BookedLine(models.Model):
    """The price booked for one resolution, or the signed difference when its period was rated again.

    There are more of them than of anything else that is owed, so they have the indexes that something reads and no others, and
    their parents are asked for once a statement.
    """

    class Kind(models.TextChoices):
        RESOLUTION = "resolution", _("Resolution")
        CORRECTION = "correction", _("Correction")

    version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="booked_lines", db_constraint=False, db_index=False)
    row = models.ForeignKey(
        RateCardRow,
        on_delete=models.DO_NOTHING,
        related_name="booked_lines",
        db_constraint=False,
        db_index=False,
        help_text=_("The row of the rate card that won."),
    )
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="booked_lines", db_constraint=False, db_index=False)
    revision = models.PositiveSmallIntegerField(help_text=_("1 is the first booking of this resolution; each correction counts up."))
    kind = models.CharField(max_length=12, choices=Kind)
    period_start = models.DateField(help_text=_("The contract's billing period that it belongs to."))
    position = models.PositiveIntegerField(help_text=_("The running count of the row in the period, which decides the tier."))
    amount_micros = fields.MicrosField(help_text=_("May be negative in a correction."))
    list_micros = fields.MicrosField(help_text=_("First-tier price of the row."))
    reason = models.CharField(max_length=64, blank=True, help_text=_("Code of why it was corrected."))
    booked_at = models.DateTimeField()

    class Meta:
        ordering = ["version", "period_start", "row", "position", "revision"]
        # Whoever pays a resolution reads its price from this index alone.
        constraints = [
            models.UniqueConstraint(name="booked_line_once", fields=["resolution", "revision"], include=["amount_micros", "list_micros"])
        ]
        indexes = [models.Index(name="booked_line_period", fields=["version", "period_start"])]
        triggers = [
            pgtrigger.Trigger(
                name="one_booking_at_a_time",
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                func=f"PERFORM pg_advisory_xact_lock({BOOKS_LOCK}); RETURN NULL;",
            ),
            pgtrigger.Protect(name="booked_lines_only_grow", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="booked_lines_have_parents",
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
                declare=[("item", "RECORD")],
                func=_PARENTS,
            ),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.resolution}, revision {self.revision}"


class PackedPrices(models.Model):
    """What is booked for neighboring resolutions in one row, which a part of a pay run reads instead of some thousand lines.

    A copy of the lines up to one of them: whoever reads adds the lines that came later (`billing/queries/pay_inputs/prices.py`), and a
    booking packs them when they are many (`billing/operations/pack_prices.py`). Each column holds a number of 64 bits, the least
    significant byte first, for each resolution from `number` * PACKED_TOGETHER on; the least number that there is where nothing is booked.
    """

    number = models.BigIntegerField(primary_key=True, help_text=_("The number of its first resolution, divided by how many it holds."))
    amounts_micros = models.BinaryField(_("amounts"), help_text=_("All lines of each resolution added up."))
    lists_micros = models.BinaryField(_("list prices"), help_text=_("The list price of its last line."))
    last_line = models.BigIntegerField(db_index=True, help_text=_("The last line of the books when it was packed."))

    class Meta:
        verbose_name = verbose_name_plural = _("packed prices")
        constraints = [
            models.CheckConstraint(name=f"packed_{column}_are_whole", condition=Exact(Length(f"{column}_micros"), 8 * PACKED_TOGETHER))
            for column in ("amounts", "lists")
        ]
        # Of one row that is gone nobody would pack the lines again; all of them may be truncated, and are packed anew.
        triggers = [pgtrigger.Protect(name="packed_prices_are_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        first = self.number * PACKED_TOGETHER
        return f"resolutions {first} to {first + PACKED_TOGETHER - 1}"
