"""One billing period of one contract as it stands now: booked charges and everything that the contract puts around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db import connection

from billing.queries import service_levels
from billing.rules import contract_period, earn_back, money, periods, proration
from contracts.models import Contract, ContractVersion, VersionStatus
from contracts.queries import terms
from contracts.rules import commercials

ZERO = Fraction(0)

# A unit that is free adds nothing when it falls, so no line says so: the resolution itself is asked whether it still counts.
CHARGES = """
    SELECT b.version_id, b.row_id,
           count(*) FILTER (WHERE b.position > 0 AND r.is_payable AND b.revision = (
               SELECT max(l.revision) FROM billing_bookedline l WHERE l.resolution_id = b.resolution_id)),
           sum(b.amount_micros)::bigint
    FROM billing_bookedline b JOIN agents_resolution r ON r.id = b.resolution_id
    WHERE b.version_id = ANY(%(versions)s) AND b.period_start = %(start)s
    GROUP BY b.version_id, b.row_id"""


@dataclass(frozen=True, kw_only=True)
class VersionStatement:
    """What one version of the contract brings to the period."""

    version_id: int
    number: int
    currency: str
    days: int
    statement: contract_period.PeriodStatement


@dataclass(frozen=True, kw_only=True)
class ContractPeriod:
    """A billing period of a contract: `end_date` is exclusive, `versions` in order of their number."""

    contract_id: int
    start_date: date
    end_date: date
    versions: tuple[VersionStatement, ...]

    @property
    def lines(self) -> tuple[contract_period.StatementLine, ...]:
        """Every line of the period, version by version."""
        return tuple(line for version in self.versions for line in version.statement.lines)

    @property
    def total(self) -> Fraction:
        """What the period comes to, in the contract's one currency; with several, ask the versions."""
        return sum((version.statement.total for version in self.versions), ZERO)


def read_contract_period(*, contract: Contract, day: date) -> ContractPeriod:
    """Return what a contract's billing period comes to by what is booked now.

    Args:
        contract: whose period.
        day: a day of it, in the contract's time zone.

    Returns: the period with one statement for each version that is in force in it or has booked lines.
    """
    return _read(contract, day, with_earn_back=True)


def state_version(
    *,
    agreed: terms.ContractTerms,
    charged: Mapping[int, tuple[int, Fraction]],
    period: periods.Period,
    days: int,
    facts: contract_period.PeriodFacts | None = None,
) -> contract_period.PeriodStatement:
    """Write the statement of one version from what its rows were rated at; the simulator brings its own ratings.

    Args:
        agreed: the version's frozen terms.
        charged: by stored row, the count of resolutions and the exact amount in the major unit.
        period: the billing period.
        days: days of the period on which the version is in force.
        facts: attained levels and credits; share and forecast are filled in here.

    Returns: the lines and sums; see `contract_period.state_period`.
    """
    known = facts or contract_period.PeriodFacts()
    floor = agreed.around.forecast_floor
    period_days = (period.end_date - period.start_date).days
    rounding = money.Round(places=money.currency_places(currency=agreed.currency))
    return contract_period.state_period(
        charges=_list_charges(agreed, charged),
        terms=agreed.around,
        rounding=rounding,
        facts=contract_period.PeriodFacts(
            share=proration.share_of_days(days=Fraction(days), period_days=Fraction(period_days)),
            forecast=None if floor is None else floor.counts.get(period.start_date),
            attained=known.attained,
            credits_before=known.credits_before,
            met_since=known.met_since,
        ),
    )


def find_period(*, agreed: commercials.CommercialTerms, day: date) -> periods.Period:
    """Return the billing period that a day belongs to, by a version's calendar."""
    return periods.period_of_day(day=day, calendar=agreed.calendar, anchor=agreed.anchor)


def _read(contract: Contract, day: date, *, with_earn_back: bool) -> ContractPeriod:
    stored = list(ContractVersion.objects.filter(contract=contract).exclude(status=VersionStatus.DRAFT).order_by("number"))
    loaded = terms.load_contract_terms(version_ids=[version.pk for version in stored])
    period = _period_on(stored, loaded, day)
    booked = _read_charges([version.pk for version in stored], period.start_date)
    attained = service_levels.read_attained(contract=contract, start=period.start_date, end=period.end_date)
    stated = []
    for version in stored:
        days = _days_in_force(version, period)
        if not days and version.pk not in booked:
            continue
        agreed = loaded[version.pk]
        credits_before, met_since = _look_back(contract, agreed.around, period) if with_earn_back else ((), {})
        facts = contract_period.PeriodFacts(attained=attained, credits_before=credits_before, met_since=met_since)
        statement = state_version(agreed=agreed, charged=booked.get(version.pk, {}), period=period, days=days, facts=facts)
        stated.append(
            VersionStatement(version_id=version.pk, number=version.number, currency=agreed.currency, days=days, statement=statement)
        )
    return ContractPeriod(contract_id=contract.pk, start_date=period.start_date, end_date=period.end_date, versions=tuple(stated))


def _period_on(stored: Sequence[ContractVersion], loaded: Mapping[int, terms.ContractTerms], day: date) -> periods.Period:
    """Find the period by the calendar of the version in force on the day; without one, by calendar months."""
    for version in stored:
        if version.effective_from <= day and (version.effective_to is None or day < version.effective_to):
            return find_period(agreed=loaded[version.pk].around, day=day)
    return periods.period_of_day(day=day, calendar="month")


def _days_in_force(version: ContractVersion, period: periods.Period) -> int:
    ends = period.end_date if version.effective_to is None else min(version.effective_to, period.end_date)
    return max((ends - max(version.effective_from, period.start_date)).days, 0)


def _read_charges(version_ids: Sequence[int], period_start: date) -> dict[int, dict[int, tuple[int, Fraction]]]:
    """Add up the booked lines of a period by version and row; each payable resolution counts where its last line stands."""
    found: dict[int, dict[int, tuple[int, Fraction]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(CHARGES, {"versions": list(version_ids), "start": period_start})
        for version_id, row_id, count, amount in cursor.fetchall():
            found.setdefault(version_id, {})[row_id] = (count, money.from_micros(micros=amount))
    return found


def _list_charges(agreed: terms.ContractTerms, charged: Mapping[int, tuple[int, Fraction]]) -> list[contract_period.Charge]:
    """Give every row that was rated, or that has a minimum, in the order of the card."""
    listed = []
    for row_id, row in zip(agreed.row_ids, agreed.card.rows, strict=True):
        count, amount = charged.get(row_id, (0, ZERO))
        if row_id in charged or row.steps.minimum:
            label = f"{row.query_type or 'any query type'}, {row.channel or 'any channel'}" + (f", {row.outcome}" if row.outcome else "")
            listed.append(contract_period.Charge(row=row_id, label=label, count=count, amount=amount, minimum=row.steps.minimum))
    return listed


def _look_back(
    contract: Contract, agreed: commercials.CommercialTerms, period: periods.Period
) -> tuple[tuple[earn_back.LevelCredit, ...], dict[str, list[bool]]]:
    """Return the credits of the period that may be earned back now, and which levels were met in those after it."""
    count = agreed.service_credits.earn_back_periods if agreed.service_credits else None
    if not count:
        return (), {}
    earlier: list[ContractPeriod] = []
    day = period.start_date
    for _ in range(count):
        before = _read(contract, day - timedelta(days=1), with_earn_back=False)
        earlier.append(before)
        day = before.start_date
    met: dict[str, list[bool]] = {}
    for one in reversed(earlier[:-1]):
        for version in one.versions:
            for metric, is_met in version.statement.levels_met.items():
                met.setdefault(metric, []).append(is_met)
    given = tuple(credit for version in earlier[-1].versions for credit in version.statement.level_credits)
    return given, met
