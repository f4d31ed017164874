"""Dated versions: what makes a draft editable, an active version immutable, and overlaps impossible.

Contract versions and pay-plan versions share one life: draft, active, ended. The database holds the rules, so raw SQL
cannot change what somebody was promised either.
"""

from collections.abc import Collection

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import fields
from contracts.models.clients import Contract


class VersionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


class DateRange(models.Func):
    """The half-open range of days from one column to another."""

    function = "DATERANGE"
    output_field = DateRangeField()


def effective_range(start: str, end: str) -> DateRange:
    """Return the days from `start` up to, and without, `end`; open when `end` is empty."""
    return DateRange(start, end, RangeBoundary())


def no_overlap(*, name: str, parent: str, start: str = "effective_from", end: str = "effective_to", **only: object) -> ExclusionConstraint:
    """Return the constraint that two rows of one parent never cover the same day."""
    return ExclusionConstraint(
        name=name,
        expressions=[(effective_range(start, end), RangeOperators.OVERLAPS), (parent, RangeOperators.EQUAL)],
        condition=models.Q(**only) if only else None,
    )


def ends_after_start(*, name: str, start: str = "effective_from", end: str = "effective_to") -> models.CheckConstraint:
    """Return the constraint that a row covers at least one day."""
    return models.CheckConstraint(name=name, condition=models.Q(**{f"{end}__isnull": True}) | models.Q(**{f"{end}__gt": models.F(start)}))


def never_truncated() -> pgtrigger.Trigger:
    """Return the trigger that keeps a table of records from being emptied at once, which asks no trigger of its rows."""
    return pgtrigger.Trigger(
        name="never_truncated",
        operation=pgtrigger.Truncate,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        func="""
            RAISE EXCEPTION 'the records of % are kept and cannot be truncated', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        """,
    )


def version_is_frozen() -> list[pgtrigger.Trigger]:
    """Return the triggers that let a version only move from draft to active to ended, and change nothing else once active."""
    return [
        pgtrigger.Trigger(
            name="version_frozen_once_active",
            operation=pgtrigger.Update,
            when=pgtrigger.Before,
            func="""
                IF OLD.status = 'draft' AND NEW.status IN ('draft', 'active') THEN RETURN NEW; END IF;
                IF OLD.status = 'active' AND NEW.status IN ('active', 'ended')
                   AND (to_jsonb(OLD) - ARRAY['status', 'effective_to']) = (to_jsonb(NEW) - ARRAY['status', 'effective_to']) THEN
                    RETURN NEW;
                END IF;
                IF to_jsonb(OLD) = to_jsonb(NEW) THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'version % is % and cannot change; make a new version', OLD.number, OLD.status
                    USING ERRCODE = 'integrity_constraint_violation';
            """,
        ),
        pgtrigger.Protect(name="version_kept_once_active", operation=pgtrigger.Delete, condition=~pgtrigger.Q(old__status="draft")),
    ]


def frozen_with_version(*, version_of: str) -> list[pgtrigger.Trigger]:
    """Return the trigger that freezes a row together with its version.

    `version_of` is SQL that selects the status of the version which a row named `item` belongs to, from that version's table alone. The
    version is locked, so that nobody activates it until the change of its row is there for all to see.
    """
    check = f"""
        {version_of.replace("SELECT status", "SELECT status INTO found")} FOR SHARE;
        IF found <> 'draft' THEN
            RAISE EXCEPTION 'this row of % belongs to a version that is %; make a new version', TG_TABLE_NAME, found
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;"""
    return [rows_follow(name="frozen_with_its_version", check=check)]


def rows_follow(*, name: str, check: str) -> pgtrigger.Trigger:
    """Return a trigger that asks `check` about a row before it is added, changed (as it was and as it becomes) or removed.

    `check` is SQL that may raise; it reads the row as `item` and may use the text variable `found`.
    """
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        declare=[("item", "RECORD"), ("found", "TEXT")],
        func=f"""
                IF TG_OP <> 'INSERT' THEN item := OLD; {check} END IF;
                IF TG_OP <> 'DELETE' THEN item := NEW; {check} RETURN NEW; END IF;
                RETURN OLD;
            """,
    )


class ChecksWithItsStatus:
    """A version whose form leaves the status out is still checked with the status that it has.

    Django checks an exclusion constraint without the fields that a form leaves out, and fails if its condition names one.
    """

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Check the constraints of the row, as `full_clean` asks."""
        super().validate_constraints(exclude=set(exclude or ()) - {"status"})  # type: ignore[misc]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ContractVersion(ChecksWithItsStatus, models.Model):
    """What one client pays for, from one day to another."""

    class Calendar(models.TextChoices):
        MONTH = "month", _("Calendar months")
        HALF_MONTH = "half_month", _("Half months: 1 to 15, and 16 to the end")
        TWO_WEEKS = "two_weeks", _("Two weeks")
        WEEK = "week", _("Weeks")

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="versions", help_text=_("The contract that this is a version of.")
    )
    number = models.PositiveIntegerField(
        help_text=_("Counts up within the contract; it is printed on every line that this version prices.")
    )
    status = models.CharField(
        max_length=8,
        choices=VersionStatus,
        default=VersionStatus.DRAFT,
        help_text=_("Only a draft can be edited. Activate or end it with the buttons above."),
    )
    effective_from = models.DateField(help_text=_("First day that this version is in force, in the contract's time zone."))
    effective_to = models.DateField(
        null=True, blank=True, help_text=_("First day that it is no longer in force. Empty: until a new version ends it.")
    )
    currency = fields.currency(help_text=_("Currency of every price in this version, for example USD."))
    prices_voice = models.BooleanField(
        default=False,
        help_text=_(
            "Whether phone resolutions may be priced. Voice is never priced by accident: without this, a voice resolution is held."
        ),
    )
    billing_calendar = models.CharField(
        max_length=12,
        choices=Calendar,
        default=Calendar.MONTH,
        help_text=_("How long a billing period is. Counts, tiers, minimums and commitments start anew with each."),
    )
    billing_anchor = models.DateField(
        null=True, blank=True, help_text=_("First day of some billing period; two weeks need it, weeks start on Monday without it.")
    )
    prepaid_expiry_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Prepaid credits can be used for so many months after they were granted. Empty: without end.")
    )
    note = models.TextField(blank=True, help_text=_("Why this version was made; shown in its history."))

    class Meta:
        ordering = ["contract", "-number"]
        constraints = [
            models.UniqueConstraint(name="contract_version_number", fields=["contract", "number"]),
            no_overlap(name="contract_versions_never_overlap", parent="contract", status__in=["active", "ended"]),
            ends_after_start(name="contract_version_ends_after_start"),
            models.CheckConstraint(
                name="contract_version_two_weeks_have_an_anchor",
                condition=~models.Q(billing_calendar="two_weeks") | models.Q(billing_anchor__isnull=False),
                violation_error_message="Two weeks are counted from a day: give the first day of one such billing period.",
            ),
        ]
        triggers = version_is_frozen()

    def __str__(self) -> str:
        return f"{self.contract}, version {self.number}"
