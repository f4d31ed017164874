"""An invoice's arithmetic: credits and coupons spread over fees, tax rounded once, then credit notes and prepaid credits."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules import explain, money
from billing.rules.prices import lines
from contracts.rules import errors, exact

ZERO = Fraction(0)
HUNDRED = 100


class InvalidInvoice(errors.InvalidInput):
    """A coupon for a fee that the invoice does not have, or a credit below zero."""


@dataclass(frozen=True, kw_only=True)
class Fee:
    """A fee before tax, in the major unit; below zero where it gives back."""

    amount: Fraction
    tax_percent: Fraction = ZERO


@dataclass(frozen=True, kw_only=True)
class Coupon:
    """An amount off some fees, by their positions from 0; None is off all of them."""

    amount: Fraction
    fee_indexes: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Sum:
    """An amount of the invoice, rounded and exact."""

    amount: Fraction
    exact: Fraction


@dataclass(frozen=True, kw_only=True)
class FeeLine:
    """A fee after credits and coupons, and its own tax; net amounts add up to the subtotal, taxes need not."""

    net: Sum
    tax: Sum


@dataclass(frozen=True, kw_only=True)
class Invoiced:
    """An invoice's sums in the order they arise, and its lines. `due` is what is left to pay."""

    fees: Sum
    progressive_billing_credit: Sum
    coupons: Sum
    coupons_applied: tuple[Fraction, ...]
    subtotal: Sum
    tax: Sum
    gross: Sum
    credit_notes: Sum
    prepaid_credits: Sum
    due: Sum
    lines: tuple[FeeLine, ...]
    steps: tuple[explain.Step, ...]


def compute_invoice(
    *,
    fees: Sequence[Fee],
    rounding: money.Round,
    progressive_billing_credit: Fraction = ZERO,
    coupons: Sequence[Coupon] = (),
    credit_notes: Fraction = ZERO,
    prepaid_credits: Fraction = ZERO,
) -> Invoiced:
    """Compute what an invoice comes to.

    The progressive credit, then each coupon in order, is spread unrounded over its fees pro rata to what is left of
    them, not below zero. The tax of all net fees is rounded once. Credit notes, then prepaid credits, each take the
    gross amount down to zero.

    Args:
        fees: in order, before tax.
        rounding: how each sum is rounded.
        progressive_billing_credit: what earlier invoices of the period billed, major unit, zero or more.
        coupons: in the order they apply, amounts zero or more.
        credit_notes: major unit, zero or more.
        prepaid_credits: major unit, zero or more.

    Returns: every sum, and the lines.
    Raises: InvalidInvoice if an amount is below zero or a coupon names a fee that is not there.
    Source: design.md section 5, "Invoice"; formats.md, `invoice`.

    >>> bill = compute_invoice(fees=[Fee(amount=Fraction(100), tax_percent=Fraction(20))], rounding=money.Round(places=2))
    >>> str(bill.due.amount)
    '120'
    """
    _check(fees=fees, coupons=coupons, credits_given=(progressive_billing_credit, credit_notes, prepaid_credits))
    left = [fee.amount for fee in fees]
    everywhere = range(len(fees))
    progressive = _spread(amount=progressive_billing_credit, left=left, over=everywhere)
    applied = tuple(
        _spread(amount=coupon.amount, left=left, over=everywhere if coupon.fee_indexes is None else coupon.fee_indexes)
        for coupon in coupons
    )
    taxes = [net * fee.tax_percent / HUNDRED for net, fee in zip(left, fees, strict=True)]
    subtotal, tax = _sum_up(left, rounding), _sum_up(taxes, rounding)
    gross = Sum(amount=subtotal.amount + tax.amount, exact=subtotal.exact + tax.exact)
    noted = _pay(rest=gross, available=credit_notes, rounding=rounding)
    after_notes = Sum(amount=gross.amount - noted.amount, exact=gross.exact - noted.exact)
    prepaid = _pay(rest=after_notes, available=prepaid_credits, rounding=rounding)
    invoiced = Invoiced(
        fees=_sum_up([fee.amount for fee in fees], rounding),
        progressive_billing_credit=_sum_up([progressive], rounding),
        coupons=_sum_up(applied, rounding),
        coupons_applied=applied,
        subtotal=subtotal,
        tax=tax,
        gross=gross,
        credit_notes=noted,
        prepaid_credits=prepaid,
        due=Sum(amount=after_notes.amount - prepaid.amount, exact=after_notes.exact - prepaid.exact),
        lines=_write_lines(nets=left, taxes=taxes, rounding=rounding),
        steps=(),
    )
    return dataclasses.replace(invoiced, steps=_tell(invoiced=invoiced, fees=fees, coupons=coupons))


def _check(*, fees: Sequence[Fee], coupons: Sequence[Coupon], credits_given: tuple[Fraction, Fraction, Fraction]) -> None:
    for name, given in zip(("progressive_billing_credit", "credit_notes", "prepaid_credits"), credits_given, strict=True):
        if given < 0:
            raise InvalidInvoice("A credit is zero or more.", path=(name,))
    for place, fee in enumerate(fees):
        if fee.tax_percent < 0:
            raise InvalidInvoice("A tax is zero percent or more.", path=("fees", place, "tax_percent"))
    for place, coupon in enumerate(coupons):
        if coupon.amount < 0:
            raise InvalidInvoice("A coupon is zero or more.", path=("coupons", place, "amount"))
        for position, index in enumerate(coupon.fee_indexes or ()):
            path = ("coupons", place, "fee_indexes", position)
            if not 0 <= index < len(fees):
                which = f"fees count from 0 to {len(fees) - 1}" if fees else "the invoice has no fees"
                raise InvalidInvoice(f"There is no fee {index}; {which}.", path=path)
            if index in (coupon.fee_indexes or ())[:position]:
                raise InvalidInvoice(f"Fee {index} is named twice.", path=path)


def _spread(*, amount: Fraction, left: list[Fraction], over: Sequence[int]) -> Fraction:
    """Take an amount off some fees, pro rata to what is left of them; return what was taken."""
    pool = sum((max(left[place], ZERO) for place in over), ZERO)
    taken = min(amount, pool)
    if taken:
        for place in over:
            left[place] -= taken * max(left[place], ZERO) / pool
    return taken


def _sum_up(amounts: Sequence[Fraction], rounding: money.Round) -> Sum:
    total = sum(amounts, ZERO)
    return Sum(amount=rounding.apply(total), exact=total)


def _pay(*, rest: Sum, available: Fraction, rounding: money.Round) -> Sum:
    """Pay with what is there, down to zero; its amount is rounded by itself, so that what is shown is what is taken."""
    return Sum(amount=min(rounding.apply(available), max(rest.amount, ZERO)), exact=min(available, max(rest.exact, ZERO)))


def _write_lines(*, nets: Sequence[Fraction], taxes: Sequence[Fraction], rounding: money.Round) -> tuple[FeeLine, ...]:
    rounded = lines.round_running(amounts=nets, rounding=rounding)
    return tuple(
        FeeLine(net=Sum(amount=amount, exact=net), tax=Sum(amount=rounding.apply(tax), exact=tax))
        for amount, net, tax in zip(rounded, nets, taxes, strict=True)
    )


def _tell(*, invoiced: Invoiced, fees: Sequence[Fee], coupons: Sequence[Coupon]) -> tuple[explain.Step, ...]:
    given = [
        explain.Step(
            rule="coupon",
            inputs={"amount": coupon.amount, "fee_indexes": "all" if coupon.fee_indexes is None else str(list(coupon.fee_indexes))},
            result=-taken,
            words=f"A coupon of {_show(coupon.amount)} takes {_show(taken)} off its fees.",
        )
        for coupon, taken in zip(coupons, invoiced.coupons_applied, strict=True)
    ]
    progressive, notes, prepaid = invoiced.progressive_billing_credit.exact, invoiced.credit_notes.exact, invoiced.prepaid_credits.exact
    subtotal, tax = _show(invoiced.subtotal.amount), _show(invoiced.tax.amount)
    nets = {f"net_{place}": line.net.exact for place, line in enumerate(invoiced.lines)}
    taxes = {f"tax_{place}": line.tax.exact for place, line in enumerate(invoiced.lines)}
    left = invoiced.gross.amount - invoiced.credit_notes.amount
    told = [
        explain.Step(rule="fees", inputs={"count": len(fees)}, result=invoiced.fees.exact, words="The fees added up."),
        explain.Step(
            rule="progressive_billing_credit",
            inputs={"fees": invoiced.fees.exact},
            result=-progressive,
            words="What earlier invoices of the period billed.",
        ),
        *given,
        explain.Step(rule="subtotal", inputs=nets, result=invoiced.subtotal.exact, words=f"The net fees, rounded to {subtotal}."),
        explain.Step(rule="tax", inputs=taxes, result=invoiced.tax.exact, words=f"The tax of all net fees, rounded once to {tax}."),
        explain.Step(rule="credit_notes", inputs={"gross": invoiced.gross.amount}, result=-notes, words="Credit notes, down to zero."),
        explain.Step(rule="prepaid_credits", inputs={"rest": left}, result=-prepaid, words="Prepaid credits pay the rest, down to zero."),
    ]
    return tuple(step for step in told if step.result or step.rule in ("fees", "subtotal", "tax"))


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
