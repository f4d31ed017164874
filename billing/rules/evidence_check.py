"""Hold a stated invoice beside a recomputed one: line by line, tax by tax, sum by sum."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from billing.rules import evidence, invoice_lines
from contracts.rules import exact

ZERO = Fraction(0)
SUMS = ("subtotal", "tax", "gross", "credits", "due")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One stated figure and the recomputed one, with what they are about; `None` where one side has none."""

    words: str
    stated: Fraction | None
    recomputed: Fraction | None
    is_equal: bool
    is_money: bool = True


def compare_bills(*, stated: evidence.Bill, recomputed: evidence.Bill) -> tuple[Compared, ...]:
    """Compare every line, tax and sum of two bills.

    Args:
        stated: what the invoice says.
        recomputed: what its evidence gives.

    Returns: one entry per line, tax and sum, in the order of the invoice; a line of nothing and no line are the same.
    Source: docs/evidence.md.

    >>> empty = {"amounts": {}, "taxes": (), "subtotal": ZERO, "tax": ZERO, "gross": ZERO, "credits": ZERO, "counted_count": 0}
    >>> told = [evidence.Bill(**empty, due=Fraction(due)) for due in (1, 2)]
    >>> [one.words for one in compare_bills(stated=told[0], recomputed=told[1]) if not one.is_equal]
    ['due']
    """
    keys = (*stated.amounts, *(key for key in recomputed.amounts if key not in stated.amounts))
    found = [_line(key, stated.amounts.get(key), recomputed.amounts.get(key)) for key in keys]
    taxes = [{(tax.name, tax.percent): tax for tax in bill.taxes} for bill in (stated, recomputed)]
    found += [_tax(name, percent, taxes) for name, percent in (*taxes[0], *(key for key in taxes[1] if key not in taxes[0]))]
    found += [_sum(name.replace("credits", "prepaid credits used"), getattr(stated, name), getattr(recomputed, name)) for name in SUMS]
    counts = [Fraction(bill.counted_count) for bill in (stated, recomputed)]
    return (*found, replace(_sum("resolutions counted", *counts), is_money=False))


def _line(key: invoice_lines.LineKey, stated: invoice_lines.Amount | None, recomputed: invoice_lines.Amount | None) -> Compared:
    known = stated or recomputed
    assert known is not None
    words = f"{key.origin:%Y-%m-%d} {key.kind}: {known.label}" + (f", {key.metric}" if key.kind.startswith("volume") else "")
    if known.quantity is not None:
        words += f", {_show(known.quantity)} resolutions"
    figures = [_figures(amount) for amount in (stated, recomputed)]
    return Compared(
        words=words,
        stated=stated.rounded if stated else None,
        recomputed=recomputed.rounded if recomputed else None,
        is_equal=figures[0] == figures[1],
    )


def _figures(amount: invoice_lines.Amount | None) -> tuple[Fraction, ...]:
    if amount is None:
        return (ZERO, ZERO, ZERO)
    return (amount.quantity or ZERO, amount.exact, amount.rounded)


def _tax(name: str, percent: Fraction, taxes: list[dict[tuple[str, Fraction], invoice_lines.TaxAmount]]) -> Compared:
    stated, recomputed = (found.get((name, percent)) for found in taxes)
    known = stated or recomputed
    assert known is not None
    return Compared(
        words=f"{name} {_show(percent)}% of {_show(known.net)}",
        stated=stated.amount if stated else None,
        recomputed=recomputed.amount if recomputed else None,
        is_equal=stated == recomputed,
    )


def _sum(words: str, stated: Fraction, recomputed: Fraction) -> Compared:
    return Compared(words=words, stated=stated, recomputed=recomputed, is_equal=stated == recomputed)


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)


def count_by_reason(*, reasons: Mapping[tuple[bool, str], int]) -> tuple[str, ...]:
    """Say how many cases are counted and how many are not, by reason, most frequent first.

    Args:
        reasons: how many cases, by whether they are counted and why.

    Source: docs/evidence.md.

    >>> count_by_reason(reasons={(True, "counted"): 3, (False, "pending"): 1})
    ('3 counted', '1 not counted: pending')
    """
    ordered = sorted(reasons.items(), key=lambda item: (not item[0][0], -item[1], item[0][1]))
    return tuple(
        f"{count:,} {'counted' if is_counted else 'not counted'}" + ("" if reason == "counted" else f": {reason}")
        for (is_counted, reason), count in ordered
    )
