"""A credit note's arithmetic: what is credited of each fee, less its coupons, and the tax that goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules import explain, money
from contracts.rules import errors, exact

ZERO = Fraction(0)
HUNDRED = 100


class InvalidCreditNote(errors.InvalidInput):
    """An item that credits more than its fee, or has a number below zero."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """A fee credited in whole or in part: amounts before tax, in the major unit.

    Raises: InvalidCreditNote if it credits more than its fee, or has a number below zero.
    """

    fee_amount: Fraction
    credited_amount: Fraction
    coupon_on_fee: Fraction = ZERO
    tax_percent: Fraction = ZERO

    def __post_init__(self) -> None:
        for name in ("fee_amount", "credited_amount", "coupon_on_fee", "tax_percent"):
            if getattr(self, name) < 0:
                raise InvalidCreditNote(f"{name} is zero or more.", path=(name,))
        if self.coupon_on_fee > self.fee_amount:
            raise InvalidCreditNote(f"A coupon takes at most the fee of {_show(self.fee_amount)}.", path=("coupon_on_fee",))
        if self.credited_amount > self.fee_amount:
            raise InvalidCreditNote(f"At most the fee of {_show(self.fee_amount)} can be credited.", path=("credited_amount",))

    @property
    def net(self) -> Fraction:
        """What is credited less its part of the coupon, before tax."""
        return self.credited_amount * (1 - self.coupon_on_fee / self.fee_amount) if self.fee_amount else ZERO


@dataclass(frozen=True, kw_only=True)
class CreditNote:
    """A credit note: rounded and exact sums, each item's exact net and tax, and the steps."""

    amount: Fraction
    exact: Fraction
    subtotal: Fraction
    subtotal_exact: Fraction
    tax: Fraction
    tax_exact: Fraction
    nets: tuple[Fraction, ...]
    taxes: tuple[Fraction, ...]
    steps: tuple[explain.Step, ...]


def compute_credit_note(*, items: Sequence[Item], rounding: money.Round, prior_tax_adjustments: Fraction = ZERO) -> CreditNote:
    """Compute what a credit note comes to.

    Args:
        items: the fees credited; credited amounts are before the coupon, at most the fee.
        rounding: how subtotal and tax are rounded, once each.
        prior_tax_adjustments: rounded minus exact tax of the invoice's earlier credit notes, added up; so the last
            one absorbs their rounding.

    Returns: subtotal + tax.
    Source: design.md section 5, "Invoice"; formats.md, `credit_note`.

    >>> item = Item(fee_amount=Fraction(100), coupon_on_fee=Fraction(20), credited_amount=Fraction(50), tax_percent=Fraction(10))
    >>> str(compute_credit_note(items=[item], rounding=money.Round(places=2)).amount)
    '44'
    """
    nets = tuple(item.net for item in items)
    taxes = tuple(net * item.tax_percent / HUNDRED for net, item in zip(nets, items, strict=True))
    subtotal_exact, tax_exact = sum(nets, ZERO), sum(taxes, ZERO) - prior_tax_adjustments
    subtotal, tax = rounding.apply(subtotal_exact), rounding.apply(tax_exact)
    return CreditNote(
        amount=subtotal + tax,
        exact=subtotal_exact + tax_exact,
        subtotal=subtotal,
        subtotal_exact=subtotal_exact,
        tax=tax,
        tax_exact=tax_exact,
        nets=nets,
        taxes=taxes,
        steps=_tell(items=items, nets=nets, subtotal=subtotal, tax=tax, tax_exact=tax_exact, adjustments=prior_tax_adjustments),
    )


def _tell(
    *, items: Sequence[Item], nets: Sequence[Fraction], subtotal: Fraction, tax: Fraction, tax_exact: Fraction, adjustments: Fraction
) -> tuple[explain.Step, ...]:
    each = [
        explain.Step(
            rule="net",
            inputs={"credited_amount": item.credited_amount, "coupon_on_fee": item.coupon_on_fee, "fee_amount": item.fee_amount},
            result=net,
            words=f"{_show(item.credited_amount)} credited, less its part of a coupon of {_show(item.coupon_on_fee)}, is {_show(net)}.",
        )
        for item, net in zip(items, nets, strict=True)
    ]
    sums = [
        explain.Step(rule="subtotal", inputs={"net": sum(nets, ZERO)}, result=subtotal, words="The net amounts added up, rounded once."),
        explain.Step(
            rule="tax",
            inputs={"exact": tax_exact, "prior_tax_rounding_adjustments": adjustments},
            result=tax,
            words="Tax of the net amounts, less what rounding added to earlier notes, rounded once.",
        ),
    ]
    return (*each, *sums)


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
