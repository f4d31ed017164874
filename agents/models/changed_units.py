"""Days on which the units that clients pay for changed, until the books follow. See docs/adr/0032-books-follow-what-changed.md."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import ContractVersion

# What decides whether, where and at what price a unit is booked; a change of anything else leaves the books alone.
FACTS = ("is_payable", "price_version_id", "query_type_id", "channel_id", "verified_at", "price_bp", "state")
_NOTE = """
        INSERT INTO agents_changedunits (version_id, day)
        SELECT DISTINCT moved.price_version_id, (moved.verified_at AT TIME ZONE contract.timezone)::date
        FROM ({rows}) moved
        JOIN contracts_contractversion version ON version.id = moved.price_version_id
        JOIN contracts_contract contract ON contract.id = version.contract_id;
        RETURN NULL;"""
_ONE_SIDE = "SELECT price_version_id, verified_at FROM {table} WHERE is_payable"
_CHANGED = """
            SELECT side.price_version_id, side.verified_at
            FROM old_rows was JOIN new_rows now ON now.id = was.id
            CROSS JOIN LATERAL (VALUES (was.is_payable, was.price_version_id, was.verified_at),
                (now.is_payable, now.price_version_id, now.verified_at)) side (is_payable, price_version_id, verified_at)
            WHERE side.is_payable AND ({was}) IS DISTINCT FROM ({now})"""


class ChangedUnits(models.Model):
    """Payable resolutions of a contract version, verified on one day, that came, went or changed since the books looked."""

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(help_text=_("Of the verification, in the contract's time zone."))

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = _("changed units")

    def __str__(self) -> str:
        return f"{self.version}, {self.day}"


def units_are_noted() -> list[pgtrigger.Trigger]:
    """Return the triggers of a resolution that note the days to look at again; a statement asks once, however many rows it changes."""
    both = _CHANGED.format(was=", ".join(f"was.{name}" for name in FACTS), now=", ".join(f"now.{name}" for name in FACTS))
    written = (
        ("insert", pgtrigger.Insert, {"new": "new_rows"}, _ONE_SIDE.format(table="new_rows")),
        ("update", pgtrigger.Update, {"old": "old_rows", "new": "new_rows"}, both),
        ("delete", pgtrigger.Delete, {"old": "old_rows"}, _ONE_SIDE.format(table="old_rows")),
    )
    return [
        pgtrigger.Trigger(
            name=f"changed_units_are_noted_{name}",
            operation=operation,
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            referencing=pgtrigger.Referencing(**tables),  # type: ignore[no-untyped-call]
            func=_NOTE.format(rows=rows),
        )
        for name, operation, tables, rows in written
    ]
