"""Service credits: what missed service levels take off an invoice, within the share at risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules import explain
from contracts.rules import errors, exact

ZERO = Fraction(0)
HUNDRED = 100


class InvalidServiceCredit(errors.InvalidInput):
    """A percentage or an amount below zero."""


@dataclass(frozen=True, kw_only=True)
class Default:
    """A missed service level: its pool, and the part of the pool allocated to it, in percent."""

    pool_percent: Fraction
    allocation_percent: Fraction


@dataclass(frozen=True, kw_only=True)
class ServiceCredit:
    """The credit, exact, in the major unit: what each default gives, what the cap takes back, and the steps."""

    exact: Fraction
    at_risk: Fraction
    by_default: tuple[Fraction, ...]
    over_cap: Fraction
    steps: tuple[explain.Step, ...]


def credit_defaults(*, invoice_amount: Fraction, at_risk_percent: Fraction, defaults: Sequence[Default]) -> ServiceCredit:
    """Add up the credits of missed service levels, at most the amount at risk.

    Args:
        invoice_amount: major unit, zero or more.
        at_risk_percent: the part of the invoice at risk, zero or more.
        defaults: the missed service levels.

    Returns: Σ at risk × pool × allocation, at most the amount at risk; not rounded.
    Raises: InvalidServiceCredit if a number is below zero.
    Source: design.md section 5, "service credits capped at an at-risk share"; formats.md, `service_credit`.

    >>> missed = [Default(pool_percent=Fraction(200), allocation_percent=Fraction(25))]
    >>> credit_defaults(invoice_amount=Fraction(1000), at_risk_percent=Fraction(10), defaults=missed).exact
    Fraction(50, 1)
    """
    _refuse_negative(invoice_amount, "an invoice amount", "invoice_amount")
    _refuse_negative(at_risk_percent, "a percentage", "at_risk_percent")
    for place, default in enumerate(defaults):
        _refuse_negative(default.pool_percent, "a percentage", "defaults", place, "pool_percent")
        _refuse_negative(default.allocation_percent, "a percentage", "defaults", place, "allocation_percent")
    at_risk = invoice_amount * at_risk_percent / HUNDRED
    by_default = tuple(at_risk * default.pool_percent / HUNDRED * default.allocation_percent / HUNDRED for default in defaults)
    over_cap = max(sum(by_default, ZERO) - at_risk, ZERO)
    steps = (
        explain.Step(
            rule="at_risk",
            inputs={"invoice_amount": invoice_amount, "at_risk_percent": at_risk_percent},
            result=at_risk,
            words=f"{_show(at_risk_percent)} percent of {_show(invoice_amount)} is at risk.",
        ),
        *(_tell_default(default=default, at_risk=at_risk, given=given) for default, given in zip(defaults, by_default, strict=True)),
        *(_tell_cap(at_risk=at_risk, over_cap=over_cap) if over_cap else ()),
    )
    return ServiceCredit(exact=sum(by_default, ZERO) - over_cap, at_risk=at_risk, by_default=by_default, over_cap=over_cap, steps=steps)


def _tell_default(*, default: Default, at_risk: Fraction, given: Fraction) -> explain.Step:
    pool, allocation = _show(default.pool_percent), _show(default.allocation_percent)
    return explain.Step(
        rule="default",
        inputs={"at_risk": at_risk, "pool_percent": default.pool_percent, "allocation_percent": default.allocation_percent},
        result=given,
        words=f"{allocation} percent of a pool of {pool} percent of {_show(at_risk)}.",
    )


def _tell_cap(*, at_risk: Fraction, over_cap: Fraction) -> tuple[explain.Step, ...]:
    words = f"No more than {_show(at_risk)} is at risk."
    return (explain.Step(rule="cap", inputs={"at_risk": at_risk}, result=-over_cap, words=words),)


def _refuse_negative(value: Fraction, what: str, *path: str | int) -> None:
    if value < 0:
        raise InvalidServiceCredit(f"{what.capitalize()} is zero or more.", path=path)


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
