"""What pending and held resolutions would bring: an estimate beside the earned figure, never added to it in silence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from agents.models import Hold, Resolution
from billing.rules import booking, money
from contracts.queries import class_codes, kept, terms
from contracts.rules import classes


@dataclass(frozen=True, kw_only=True)
class OpenUnit:
    """A resolution that is not earned yet: when its window ends, who decides if it is held, and what it would bring."""

    resolution_id: int
    case_key: str
    window_ends_at: datetime | None
    hold_message: str
    hold_owner: str
    decided_by: datetime | None
    amount_micros: int | None

    @property
    def is_held(self) -> bool:
        """Whether a person must decide."""
        return self.decided_by is not None


def list_open_units(*, resolutions: QuerySet[Resolution], plan: terms.PlanTerms | None) -> tuple[OpenUnit, ...]:
    """Return what is pending or held among some resolutions, the next window first, in one query; in a few more for prices not kept.

    Args:
        resolutions: of one agent.
        plan: whose first rate estimates what they bring; None where none is in force.
    """
    # Which they are is told by indexes alone; only those few rows are read, of all that an agent ever resolved.
    everything = resolutions.order_by().values("pk")
    held = Hold.objects.filter(released_at=None, resolution__in=everything).order_by().values("resolution")
    found = (
        Resolution.objects.filter(pk__in=everything.filter(state="pending").union(held))
        .annotate(open_hold=FilteredRelation("holds", condition=Q(holds__released_at=None)))
        .annotate(hold_message=F("open_hold__message"), hold_expires_at=F("open_hold__expires_at"), hold_owner=F("open_hold__owner__name"))
        .annotate(place=Window(RowNumber(), partition_by="price_version", order_by="pk"))
        # The stamp of a version is worked out on the first row that names it.
        .annotate(price_stamp=Case(When(place=1, then=kept.stamp_of(of=kept.CONTRACT_STAMPS, version="price_version"))))
        .select_related("case", "query_type", "channel")
        .order_by("window_ends_at", "pk")
    )
    rows = list(found)
    prices = _read_prices(rows) if _takes_list_prices(plan) else {}
    once = {row.pk: row for row in rows}
    return tuple(_open_unit(row, plan, prices) for row in once.values())


def total_micros(units: Iterable[OpenUnit]) -> int | None:
    """Return what some units would bring together; None if none of them can be priced."""
    priced = [unit.amount_micros for unit in units if unit.amount_micros is not None]
    return sum(priced) if priced else None


def _takes_list_prices(plan: terms.PlanTerms | None) -> bool:
    return plan is not None and plan.pay.unit is not None and plan.pay.unit.rate_kind == "share" and plan.pay.unit.basis != "fixed"


def _read_prices(rows: Iterable[Any]) -> Mapping[int, terms.ContractTerms]:
    """Return the contract versions that price some resolutions."""
    version_ids = {row.price_version_id for row in rows if row.price_version_id is not None}
    stamps = {row.price_version_id: row.price_stamp for row in rows if row.price_stamp is not None}
    return terms.load_contract_terms(version_ids=version_ids, stamps=stamps)


def _open_unit(row: Any, plan: terms.PlanTerms | None, prices: Mapping[int, terms.ContractTerms]) -> OpenUnit:
    return OpenUnit(
        resolution_id=row.pk,
        case_key=row.case.key,
        window_ends_at=row.window_ends_at,
        hold_message=row.hold_message or "",
        hold_owner=row.hold_owner or "",
        decided_by=row.hold_expires_at,
        amount_micros=_estimate(row, plan, prices),
    )


def _estimate(row: Resolution, plan: terms.PlanTerms | None, prices: Mapping[int, terms.ContractTerms]) -> int | None:
    """Price one resolution at its list price, or the plan's fixed amount, and the agent's first rate, as if nobody shared the credit.

    What a percentage of its value brings cannot be told before the value is known.
    """
    if plan is None or plan.pay.unit is None or row.price_version_id is None:
        return None
    unit, currency = plan.pay.unit, plan.currency
    if unit.rate_kind != "share":
        return money.to_micros(amount=unit.tiers[0].rate, currency=currency)
    basis = _fixed_amount(row, plan) if unit.basis == "fixed" else _list_price(row, prices[row.price_version_id], currency)
    return None if basis is None else money.to_micros(amount=basis * unit.tiers[0].rate, currency=currency)


def _fixed_amount(row: Resolution, plan: terms.PlanTerms) -> Fraction | None:
    """Return what the plan says the resolution's class is worth."""
    return plan.amount_of_class(class_code=classes.join_class(**class_codes.codes_of(row)))


def _list_price(row: Resolution, contract: terms.ContractTerms, currency: str) -> Fraction | None:
    """Return the client's first-tier price, if it is in the pay currency."""
    row_id = contract.find_row_id(**class_codes.codes_of(row), outcome="assumed")
    if row_id is None or contract.currency != currency:
        return None
    listed = booking.list_price(price=contract.prices[row_id])
    return None if listed is None else money.from_micros(micros=listed)
