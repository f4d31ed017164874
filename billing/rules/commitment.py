"""A minimum commitment: charges use it up at list price, more costs a factor, less is trued up."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules import explain, money
from billing.rules.prices import lines
from contracts.rules import errors, exact

ZERO = Fraction(0)
ONE = Fraction(1)


class InvalidCommitment(errors.InvalidInput):
    """A commitment or factor below zero."""


@dataclass(frozen=True, kw_only=True)
class CommitmentLine:
    """A part of the total: of a charge at list price, of a charge beyond the commitment, or the true-up."""

    kind: str
    charge: int | None
    amount: Fraction
    exact: Fraction


@dataclass(frozen=True, kw_only=True)
class Committed:
    """The total under a commitment, its lines, and the steps; the true-up is zero where the commitment is used up."""

    amount: Fraction
    exact: Fraction
    minimum: Fraction
    true_up: CommitmentLine
    lines: tuple[CommitmentLine, ...]
    steps: tuple[explain.Step, ...]


def apply_commitment(
    *, minimum: Fraction, charges: Sequence[Fraction], rounding: money.Round, share: Fraction = ONE, overage_factor: Fraction = ONE
) -> Committed:
    """Bill charges against a minimum commitment.

    Args:
        minimum: major unit, for the whole period, zero or more.
        charges: major unit, in the order in which they use up the commitment; a negative one gives back.
        rounding: how the total is rounded; lines are differences of its rounded running value.
        share: the part of the period, as `proration.share_of_days` gives it.
        overage_factor: what a charge beyond the commitment costs, times list price; zero or more.

    Returns: the total; lines of zero are left out.
    Raises: InvalidCommitment if the minimum or the factor is below zero.
    Source: design.md section 5, "minimum commitment (pro rata by days)"; formats.md, `commitment`.

    >>> total = apply_commitment(
    ...     minimum=Fraction(100), charges=[Fraction(80), Fraction(50)], overage_factor=Fraction(2), rounding=money.Round(places=2)
    ... )
    >>> [(line.kind, int(line.amount)) for line in total.lines]
    [('charge', 80), ('charge', 20), ('overage', 60)]
    """
    if minimum < 0:
        raise InvalidCommitment("A commitment is zero or more.", path=("minimum",))
    if overage_factor < 0:
        raise InvalidCommitment("A factor is zero or more; 1 is list price.", path=("overage_factor",))
    promised = minimum * share
    found: list[tuple[str, int | None, Fraction]] = []
    running = ZERO
    for place, charge in enumerate(charges):
        before, running = running, running + charge
        found.append(("charge", place, min(running, promised) - min(before, promised)))
        found.append(("overage", place, (max(running, promised) - max(before, promised)) * overage_factor))
    found.append(("true_up", None, promised - min(running, promised)))
    rounded = lines.round_running(amounts=[amount for _, _, amount in found], rounding=rounding)
    written = [
        CommitmentLine(kind=kind, charge=place, amount=amount, exact=unrounded)
        for (kind, place, unrounded), amount in zip(found, rounded, strict=True)
    ]
    return Committed(
        amount=sum(rounded, ZERO),
        exact=sum((line.exact for line in written), ZERO),
        minimum=promised,
        true_up=written[-1],
        lines=tuple(line for line in written if line.exact),
        steps=_tell(minimum=minimum, share=share, promised=promised, factor=overage_factor, charges=charges, written=written),
    )


def _tell(
    *,
    minimum: Fraction,
    share: Fraction,
    promised: Fraction,
    factor: Fraction,
    charges: Sequence[Fraction],
    written: Sequence[CommitmentLine],
) -> tuple[explain.Step, ...]:
    first = explain.Step(
        rule="minimum",
        inputs={"minimum": minimum, "share_of_period": share},
        result=promised,
        words=f"The commitment for this part of the period is {_show(promised)}.",
    )
    words = {
        "charge": "within the commitment, at list price",
        "overage": f"beyond the commitment, at {_show(factor)} times list price",
        "true_up": "of the commitment was not used up",
    }
    rest = [
        explain.Step(
            rule=line.kind,
            inputs={"commitment": promised} if line.charge is None else {"charge": line.charge, "amount": charges[line.charge]},
            result=line.exact,
            words=f"{_show(line.exact)} {words[line.kind]}.",
        )
        for line in written
        if line.exact
    ]
    return (first, *rest)


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
