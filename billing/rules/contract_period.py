"""What a billing period comes to: rated charges and, in one order, everything that the contract puts around them.

The order: rated → minimum of a row → forecast floor → volume bands → minimum commitment → service credits → earn-back →
taxes. The floor and the bands are about counts and come first, so that what they charge uses up the commitment and the
client never pays twice for the same missing work. Service credits are a share of all charges. Taxes are on the net.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from billing.rules import commitment, earn_back, forecast_floor, money, service_credit, volume_bands
from billing.rules.prices import lines
from contracts.rules import commercials, exact

ZERO, ONE, HUNDRED = Fraction(0), Fraction(1), 100

Kind = Literal[
    "rated", "minimum", "forecast_floor", "volume_above", "volume_below", "overage", "true_up", "service_credit", "earn_back", "tax"
]


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What one row of the card was rated at in the period.

    Args:
        row: the stored row, or its position on a card that is not stored.
        label: whose price it is, as people read it.
        count: resolutions that count, zero or more.
        amount: major unit, exact, after every step but the minimum.
        minimum: the least that the row costs in a whole billing period; None: no least.
    """

    row: int
    label: str
    count: int
    amount: Fraction
    minimum: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class Attained:
    """What was measured of one service level's metric in the period."""

    successes: int
    count: int

    @property
    def rate(self) -> Fraction | None:
        """The part that succeeded; None without any result."""
        return Fraction(self.successes, self.count) if self.count else None


@dataclass(frozen=True, kw_only=True)
class PeriodFacts:
    """What is known of the period beside its charges.

    Args:
        share: part of the billing period that the terms were in force, by days.
        forecast: what the client forecast for the period; None: nothing.
        attained: by metric of a service level; a missing one was not measured.
        credits_before: credits of the period that lies as many periods back as a level must be met.
        met_since: by metric, whether it was met in each period after that one, without this one.
    """

    share: Fraction = ONE
    forecast: int | None = None
    attained: Mapping[str, Attained] = field(default_factory=dict)
    credits_before: tuple[earn_back.LevelCredit, ...] = ()
    met_since: Mapping[str, Sequence[bool]] = field(default_factory=dict)


NOTHING_KNOWN = PeriodFacts()


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One line of a period: its kind, what it is for, exact and rounded amounts in the major unit, and why in words.

    Args:
        row: the row of the card; None for a line about the whole period.
        quantity: what was counted; None for a line about money alone.
        metric: the service level that a credit is about, the band of additional or missing units, or the name of a tax; empty
            otherwise. It tells lines of one kind apart.
    """

    kind: Kind
    label: str
    exact: Fraction
    words: str
    amount: Fraction = ZERO
    row: int | None = None
    quantity: Fraction | None = None
    metric: str = ""


@dataclass(frozen=True, kw_only=True)
class PeriodStatement:
    """The lines of one version in one period; rounded lines add up to the rounded sums.

    Args:
        lines: in the order in which they arise.
        net: all lines but taxes, rounded.
        tax: all taxes, rounded once.
        levels_met: by metric, whether the level was met; a level that was not measured is missing.
        level_credits: what each missed level gives, after the cap, major unit.
    """

    lines: tuple[StatementLine, ...]
    net: Fraction
    tax: Fraction
    levels_met: Mapping[str, bool]
    level_credits: tuple[earn_back.LevelCredit, ...]

    @property
    def total(self) -> Fraction:
        """Net and tax together, major unit."""
        return self.net + self.tax


def state_period(
    *, charges: Sequence[Charge], terms: commercials.CommercialTerms, rounding: money.Round, facts: PeriodFacts = NOTHING_KNOWN
) -> PeriodStatement:
    """Write the lines of one contract version in one billing period.

    Args:
        charges: what each row was rated at, in the order in which they use up a commitment.
        terms: the version's commercial terms.
        rounding: how sums are rounded; each line is the difference of the rounded running sum.
        facts: what else is known of the period.

    Returns: the lines, none of zero but the rated ones, and their sums.
    Raises: InvalidInput if a count or term is out of range.
    Source: design.md section 5; docs/adr/0031-order-of-a-billing-period.md.

    >>> terms = commercials.CommercialTerms(commitment=commercials.Commitment(amount=Fraction(100)))
    >>> charge = Charge(row=1, label="Anything", count=30, amount=Fraction(60))
    >>> [(one.kind, int(one.amount)) for one in state_period(charges=[charge], terms=terms, rounding=money.Round(places=2)).lines]
    [('rated', 60), ('true_up', 40)]
    """
    count = Fraction(sum(charge.count for charge in charges))
    written = [*_rated(charges, facts.share), *_floor(terms, facts, count), *_bands(terms, facts, count)]
    written += _commitment(terms, facts, written)
    base = max(_total(written), ZERO)
    met = _levels_met(terms, facts)
    credits_given = _credits(terms, met, base)
    written += [_credit_line(one, terms, facts) for one in credits_given if one.amount]
    written += _earned_back(terms, facts, met)
    net = lines.round_running(amounts=[line.exact for line in written], rounding=rounding)
    finished = [_with_amount(line, amount) for line, amount in zip(written, net, strict=True)]
    taxes = _taxes(terms, sum(net, ZERO))
    tax = lines.round_running(amounts=[line.exact for line in taxes], rounding=rounding)
    finished += [_with_amount(line, amount) for line, amount in zip(taxes, tax, strict=True)]
    return PeriodStatement(
        lines=tuple(finished), net=sum(net, ZERO), tax=sum(tax, ZERO), levels_met=met, level_credits=tuple(credits_given)
    )


def _rated(charges: Sequence[Charge], share: Fraction) -> list[StatementLine]:
    """Write what each row was rated at, and what is missing to its minimum, which two versions of one period share by their days."""
    written = []
    for charge in charges:
        words = f"{charge.count:,} resolutions of {charge.label} were rated at {_show(charge.amount)}."
        written.append(
            StatementLine(
                kind="rated", label=charge.label, exact=charge.amount, words=words, row=charge.row, quantity=Fraction(charge.count)
            )
        )
        least = None if charge.minimum is None else charge.minimum * share
        if least is not None and charge.amount < least:
            words = f"{_show(charge.amount)} is below the minimum of {_show(least)} for {charge.label}."
            written.append(StatementLine(kind="minimum", label=charge.label, exact=least - charge.amount, words=words, row=charge.row))
    return written


def _floor(terms: commercials.CommercialTerms, facts: PeriodFacts, count: Fraction) -> list[StatementLine]:
    floor = terms.forecast_floor
    if floor is None or facts.forecast is None:
        return []
    forecast = facts.forecast * facts.share
    missing = forecast_floor.count_missing(count=count, forecast=forecast, share=floor.share)
    if not missing:
        return []
    words = (
        f"{_show(count)} of {_show(forecast)} forecast resolutions came; {_show(floor.share * HUNDRED)} percent are paid for, "
        f"so {_show(missing)} at {_show(floor.unit_amount)} are added."
    )
    amount = forecast_floor.floor_amount(count=count, forecast=forecast, share=floor.share, unit_amount=floor.unit_amount)
    return [StatementLine(kind="forecast_floor", label="Forecast floor", exact=amount, words=words, quantity=missing)]


def _bands(terms: commercials.CommercialTerms, facts: PeriodFacts, count: Fraction) -> list[StatementLine]:
    bands = terms.volume_bands
    if bands is None:
        return []
    told = {"above": ("volume_above", "Additional volume", "more"), "below": ("volume_below", "Reduced volume", "fewer")}
    written = []
    for line in volume_bands.apply_bands(terms=bands, count=count, share=facts.share):
        kind, label, how = told[line.side]
        words = (
            f"{_show(line.quantity)} resolutions {how} than the dead band around {_show(bands.baseline * facts.share)} "
            f"fall into band {line.band + 1}, at {_show(line.unit_amount)} each."
        )
        made = StatementLine(kind=kind, label=label, exact=line.exact, words=words, quantity=line.quantity, metric=f"band {line.band + 1}")  # type: ignore[arg-type]
        written.append(made)
    return [line for line in written if line.exact]


def _commitment(terms: commercials.CommercialTerms, facts: PeriodFacts, charged: Sequence[StatementLine]) -> list[StatementLine]:
    agreed = terms.commitment
    if agreed is None:
        return []
    committed = commitment.apply_commitment(
        minimum=agreed.amount,
        charges=[line.exact for line in charged],
        rounding=money.Round(places=6),
        share=facts.share,
        overage_factor=agreed.overage_factor,
    )
    beyond = sum((line.exact for line in committed.lines if line.kind == "overage"), ZERO)
    at_price = _total(charged) - sum((line.exact for line in committed.lines if line.kind == "charge"), ZERO)
    written = []
    if beyond != at_price:
        words = (
            f"{_show(at_price)} lies beyond the commitment of {_show(committed.minimum)} and costs "
            f"{_show(agreed.overage_factor)} times its price, {_show(beyond)}."
        )
        written.append(StatementLine(kind="overage", label="Beyond the commitment", exact=beyond - at_price, words=words))
    if committed.true_up.exact:
        words = f"{_show(committed.true_up.exact)} of the commitment of {_show(committed.minimum)} was not used up."
        written.append(StatementLine(kind="true_up", label="Minimum commitment", exact=committed.true_up.exact, words=words))
    return written


def _levels_met(terms: commercials.CommercialTerms, facts: PeriodFacts) -> dict[str, bool]:
    """Say which levels were met; with too few results nothing is missed, and without any it was not measured."""
    met = {}
    for level in terms.service_credits.levels if terms.service_credits else ():
        attained = facts.attained.get(level.metric)
        if attained is not None and attained.rate is not None:
            met[level.metric] = attained.count < level.count_min or attained.rate >= level.target
    return met


def _credits(terms: commercials.CommercialTerms, met: Mapping[str, bool], base: Fraction) -> list[earn_back.LevelCredit]:
    """Credit each missed level, together at most what is at risk; the cap takes the same part of each."""
    agreed = terms.service_credits
    missed = [level for level in agreed.levels if met.get(level.metric) is False] if agreed else []
    if agreed is None or not missed:
        return []
    credited = service_credit.credit_defaults(
        invoice_amount=base,
        at_risk_percent=agreed.at_risk * HUNDRED,
        defaults=[
            service_credit.Default(pool_percent=level.pool * HUNDRED, allocation_percent=level.allocation * HUNDRED) for level in missed
        ],
    )
    before = sum(credited.by_default, ZERO)
    part = credited.exact / before if before else ZERO
    return [
        earn_back.LevelCredit(level=level.metric, amount=given * part) for level, given in zip(missed, credited.by_default, strict=True)
    ]


def _credit_line(credit: earn_back.LevelCredit, terms: commercials.CommercialTerms, facts: PeriodFacts) -> StatementLine:
    level = next(one for one in terms.service_credits.levels if one.metric == credit.level) if terms.service_credits else None
    attained = facts.attained[credit.level]
    target = _show(level.target * HUNDRED) if level else ""
    words = (
        f"{attained.successes:,} of {attained.count:,} is below the promised {target} percent of {credit.level}; "
        f"the client is credited {_show(credit.amount)}."
    )
    return StatementLine(
        kind="service_credit", label=f"Service credit: {credit.level}", exact=-credit.amount, words=words, metric=credit.level
    )


def _earned_back(terms: commercials.CommercialTerms, facts: PeriodFacts, met: Mapping[str, bool]) -> list[StatementLine]:
    agreed = terms.service_credits
    if agreed is None or agreed.earn_back_periods is None:
        return []
    since = {level: (*facts.met_since.get(level, ()), met.get(level, False)) for level in {one.level for one in facts.credits_before}}
    returned = earn_back.earn_back(credits_given=facts.credits_before, met_since=since, periods=agreed.earn_back_periods)
    return [
        StatementLine(
            kind="earn_back",
            label=f"Earned back: {one.level}",
            exact=one.amount,
            words=f"{one.level} was met in {agreed.earn_back_periods} periods in a row, so its credit of {_show(one.amount)} comes back.",
            metric=one.level,
        )
        for one in returned
    ]


def _taxes(terms: commercials.CommercialTerms, net: Fraction) -> list[StatementLine]:
    return [
        StatementLine(
            kind="tax",
            label=tax.name,
            exact=net * tax.rate,
            words=f"{tax.name}: {_show(tax.rate * HUNDRED)} percent of {_show(net)}.",
            metric=tax.name,
        )
        for tax in terms.taxes
        if net * tax.rate
    ]


def _with_amount(line: StatementLine, amount: Fraction) -> StatementLine:
    return StatementLine(**{**vars(line), "amount": amount})


def _total(written: Sequence[StatementLine]) -> Fraction:
    return sum((line.exact for line in written), ZERO)


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
