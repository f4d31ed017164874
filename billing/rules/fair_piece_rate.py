"""The fair piece rate: what one piece must pay so that an average worker earns the minimum wage and more."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules import explain
from contracts.rules import errors, exact

UPLIFT = Fraction(6, 5)


class InvalidOutput(errors.InvalidInput):
    """A test of output that gives no average."""


@dataclass(frozen=True, kw_only=True)
class FairPieceRate:
    """The rate per piece, exact, in the major unit, with the outputs behind it and the steps."""

    exact: Fraction
    average_output: Fraction
    adjusted_output: Fraction
    steps: tuple[explain.Step, ...]


def average_output(*, outputs: Sequence[Fraction]) -> Fraction:
    """Return the mean output per hour of a representative test.

    Args:
        outputs: pieces per hour of each worker tested, zero or more.

    Returns: their mean, exact, fractions of a piece included.
    Raises: InvalidOutput if nobody was tested, nobody made a piece, or an output is below zero.
    Source: UK National Minimum Wage Regulations 2015, reg. 42.

    >>> average_output(outputs=[Fraction(10), Fraction(13)])
    Fraction(23, 2)
    """
    if not outputs:
        raise InvalidOutput("A test needs the output of at least one worker.", path=("outputs",))
    for place, output in enumerate(outputs):
        if output < 0:
            raise InvalidOutput("An output is zero or more pieces.", path=("outputs", place))
    if not any(outputs):
        raise InvalidOutput("Nobody made a piece in this test, so it gives no average; repeat the test.", path=("outputs",))
    return sum(outputs, Fraction(0)) / len(outputs)


def find_fair_rate(*, minimum_wage: Fraction, output: Fraction, uplift: Fraction = UPLIFT) -> FairPieceRate:
    """Return the fair rate per piece: minimum wage × uplift ÷ average output.

    Args:
        minimum_wage: major unit per hour, zero or more.
        output: average pieces per hour, more than zero.
        uplift: 1.2 unless the law of the day says otherwise; more than zero.

    Returns: the rate, not rounded; a legal minimum is rounded up when it is shown.
    Raises: InvalidOutput if a number is out of range.
    Source: UK National Minimum Wage Regulations 2015, reg. 43; pay_rules.md section 4.

    >>> find_fair_rate(minimum_wage=Fraction("12.21"), output=Fraction(12)).exact
    Fraction(1221, 1000)
    """
    if minimum_wage < 0:
        raise InvalidOutput("A minimum wage is zero or more.", path=("minimum_wage",))
    if output <= 0:
        raise InvalidOutput("The average output is more than zero pieces per hour.", path=("average_output",))
    if uplift <= 0:
        raise InvalidOutput("The uplift is more than zero.", path=("uplift",))
    adjusted = output / uplift
    rate = minimum_wage / adjusted
    steps = (
        explain.Step(
            rule="adjusted_output",
            inputs={"average_output": output, "uplift": uplift},
            result=adjusted,
            words=f"{_show(output)} pieces an hour, divided by {_show(uplift)}.",
        ),
        explain.Step(
            rule="fair_piece_rate",
            inputs={"minimum_wage": minimum_wage, "adjusted_output": adjusted},
            result=rate,
            words=f"{_show(minimum_wage)} an hour, divided by {_show(adjusted)} pieces.",
        ),
    )
    return FairPieceRate(exact=rate, average_output=output, adjusted_output=adjusted, steps=steps)


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
