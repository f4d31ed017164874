"""One billing period of one contract as it stands now: booked charges and everything that the contract puts around them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db import connection

from billing.queries import service_levels
from billing.rules import contract_period, earn_back, money, periods, version_period
from contracts.models import Contract, ContractVersion, VersionStatus
from contracts.queries import terms
from contracts.rules import commercials

ZERO = Fraction(0)
# By version and stored row: the count of resolutions and the exact amount in the major unit.
Charges = Mapping[int, Mapping[int, tuple[int, Fraction]]]

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
    """What one version of the contract brings to the period, and what was measured and credited before beside its charges."""

    version_id: int
    number: int
    currency: str
    days: int
    statement: contract_period.PeriodStatement
    facts: contract_period.PeriodFacts = contract_period.NOTHING_KNOWN


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


@dataclass(frozen=True, kw_only=True)
class InForce:
    """A version and the days on which it is in force: pairs of first day and the day after the last, None without an end."""

    version_id: int
    number: int
    spans: tuple[tuple[date, date | None], ...]


@dataclass(frozen=True, kw_only=True)
class Books:
    """What periods of a contract are stated from: its versions, what each row was rated at by first day of a period, and what
    was attained of its service levels between two days."""

    contract: Contract
    versions: tuple[InForce, ...]
    loaded: Mapping[int, terms.ContractTerms]
    read_charges: Callable[[date], Charges]
    read_attained: Callable[[date, date], Mapping[str, contract_period.Attained]]


def open_books(*, contract: Contract) -> Books:
    """Read the versions of a contract that are or were in force, with their terms, once for all of its periods."""
    stored = ContractVersion.objects.filter(contract=contract).exclude(status=VersionStatus.DRAFT).order_by("number")
    versions = list_in_force(versions=stored)
    ids = [version.version_id for version in versions]
    return Books(
        contract=contract,
        versions=versions,
        loaded=terms.load_contract_terms(version_ids=ids),
        read_charges=lambda start: _read_charges(ids, start),
        read_attained=lambda start, end: service_levels.read_attained(contract=contract, start=start, end=end),
    )


def list_in_force(*, versions: Iterable[ContractVersion]) -> tuple[InForce, ...]:
    """Return versions with the days on which they are in force."""
    return tuple(InForce(version_id=one.pk, number=one.number, spans=((one.effective_from, one.effective_to),)) for one in versions)


def state_contract_period(*, books: Books, day: date, with_earn_back: bool = True) -> ContractPeriod:
    """State the billing period of a contract that a day belongs to; the simulator brings books of its own.

    Args:
        books: versions, their terms and what they were rated at.
        day: a day of the period, in the contract's time zone.
        with_earn_back: whether credits of earlier periods come back; those periods are stated without.

    Returns: the period with one statement for each version that is in force in it or was rated in it.
    """
    period = _period_on(books, day)
    charged = books.read_charges(period.start_date)
    attained = books.read_attained(period.start_date, period.end_date)
    last = _last_in_force(books, period)
    stated = []
    for version in books.versions:
        days = _days_in_force(version, period)
        if not days and version.version_id not in charged:
            continue
        agreed = books.loaded[version.version_id]
        # What comes back, comes back once, by the terms in force at the end of the period.
        credits_before, met_since = _look_back(books, agreed.around, period) if with_earn_back and version is last else ((), {})
        facts = contract_period.PeriodFacts(attained=attained, credits_before=credits_before, met_since=met_since)
        statement = state_version(agreed=agreed, charged=charged.get(version.version_id, {}), period=period, days=days, facts=facts)
        stated.append(
            VersionStatement(
                version_id=version.version_id, number=version.number, currency=agreed.currency, days=days, statement=statement, facts=facts
            )
        )
    return ContractPeriod(contract_id=books.contract.pk, start_date=period.start_date, end_date=period.end_date, versions=tuple(stated))


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
    return version_period.state_version(
        card=agreed.card,
        row_ids=agreed.row_ids,
        around=agreed.around,
        currency=agreed.currency,
        charged=charged,
        start=period.start_date,
        end=period.end_date,
        days=days,
        facts=facts or contract_period.NOTHING_KNOWN,
    )


def find_period(*, agreed: commercials.CommercialTerms, day: date) -> periods.Period:
    """Return the billing period that a day belongs to, by a version's calendar."""
    return periods.period_of_day(day=day, calendar=agreed.calendar, anchor=agreed.anchor)


def find_start(*, books: Books, day: date) -> date:
    """Return the first day of the billing period that a day of a contract belongs to."""
    return _period_on(books, day).start_date


def list_ended(*, books: Books, since: date, today: date) -> list[date]:
    """Return the first days of the billing periods that ended while a contract was in force, from the one that a day belongs to.

    Args:
        books: of the contract whose periods they are.
        since: a day of the first period.
        today: the first day after the last period at the latest, in the contract's time zone.
    """
    found: list[date] = []
    period = _period_on(books, since)
    while period.end_date <= today:
        if _last_in_force(books, period):
            found.append(period.start_date)
        period = _period_on(books, period.end_date)
    return found


def _period_on(books: Books, day: date) -> periods.Period:
    """Find the period by the calendar of the version in force on the day, else of the one that begins next; after all, by months."""
    spans = [(first, end, version) for version in books.versions for first, end in version.spans]
    lasting = [(first, version.number, version) for first, end, version in spans if end is None or day < end]
    if not lasting:
        return periods.period_of_day(day=day, calendar="month")
    # A version that begins within a week has cases of that week, which is its first period although no version is in force when it begins.
    *_, version = min(lasting, key=lambda one: one[:2])
    return find_period(agreed=books.loaded[version.version_id].around, day=day)


def _days_in_force(version: InForce, period: periods.Period) -> int:
    days = 0
    for first, end in version.spans:
        ends = period.end_date if end is None else min(end, period.end_date)
        days += max((ends - max(first, period.start_date)).days, 0)
    return days


def _last_in_force(books: Books, period: periods.Period) -> InForce | None:
    """Return the version that is in force last in a period."""
    last_days = {
        version: max(period.end_date if end is None else min(end, period.end_date) for _, end in version.spans)
        for version in books.versions
        if _days_in_force(version, period)
    }
    return max(last_days, key=lambda version: (last_days[version], version.number), default=None)


def _read_charges(version_ids: Sequence[int], period_start: date) -> Charges:
    """Add up the booked lines of a period by version and row; each payable resolution counts where its last line stands."""
    found: dict[int, dict[int, tuple[int, Fraction]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(CHARGES, {"versions": list(version_ids), "start": period_start})
        for version_id, row_id, count, amount in cursor.fetchall():
            found.setdefault(version_id, {})[row_id] = (count, money.from_micros(micros=amount))
    return found


def _look_back(
    books: Books, agreed: commercials.CommercialTerms, period: periods.Period
) -> tuple[tuple[earn_back.LevelCredit, ...], dict[str, list[bool]]]:
    """Return the credits of the period that may be earned back now, and which levels were met in those after it."""
    count = agreed.service_credits.earn_back_periods if agreed.service_credits else None
    if not count:
        return (), {}
    earlier: list[ContractPeriod] = []
    day = period.start_date
    for _ in range(count):
        before = state_contract_period(books=books, day=day - timedelta(days=1), with_earn_back=False)
        earlier.append(before)
        day = before.start_date
    met: dict[str, list[bool]] = {}
    for one in reversed(earlier[:-1]):
        for metric, is_met in _met_in(one).items():
            met.setdefault(metric, []).append(is_met)
    given: dict[str, Fraction] = {}
    for credit in (credit for version in earlier[-1].versions for credit in version.statement.level_credits):
        given[credit.level] = given.get(credit.level, ZERO) + credit.amount
    return tuple(earn_back.LevelCredit(level=level, amount=amount) for level, amount in given.items()), met


def _met_in(period: ContractPeriod) -> dict[str, bool]:
    """Say which levels were met by all versions that a period had."""
    met: dict[str, bool] = {}
    for version in period.versions:
        for metric, is_met in version.statement.levels_met.items():
            met[metric] = met.get(metric, True) and is_met
    return met
