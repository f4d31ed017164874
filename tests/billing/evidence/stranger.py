"""Recount an invoice as a stranger does: the standard library, the zip, and what its README.txt says. Nothing of ours is imported.

It knows the shapes per_unit, graduated and volume, commitments, taxes, earlier bills and prepaid amounts that are used up.
"""

import csv
import io
import json
import sys
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def fraction(text):
    return Fraction(text.rstrip("%")) / (100 if text.endswith("%") else 1)


def cents(value):
    """Round half away from zero to two decimals."""
    scaled = Decimal(value.numerator * 1000) / Decimal(value.denominator)
    return Fraction((scaled / 1000).quantize(Decimal("0.01"), ROUND_HALF_UP))


def total(row, count):
    """T(n) of section 3."""
    if row["shape"] == "per_unit":
        return count * fraction(row["unit_amount"])
    paid, before = Fraction(0), 0
    for tier in row["tiers"]:
        end = count if tier["up_to"] is None else min(count, tier["up_to"])
        is_in = count > before or before == 0
        if row["shape"] == "graduated" and is_in and count:
            paid += (end - before) * fraction(tier["unit_amount"]) + fraction(tier["flat_amount"])
        if row["shape"] == "volume" and is_in and count and end == count:
            return count * fraction(tier["unit_amount"]) + fraction(tier["flat_amount"])
        before = end if tier["up_to"] is None else tier["up_to"]
    return paid


def rounded(lines):
    """Round the running sum of section 4."""
    running = shown = Fraction(0)
    for key, quantity, amount in lines:
        running += amount
        yield key, quantity, amount, cents(running) - shown
        shown = cents(running)


def period_lines(period, stated, version, cases):
    """Section 4, without floors, bands and service credits."""
    lines = []
    for place, row in enumerate(version["rate_card"], start=1):
        count = sum(
            1
            for case in cases
            if case["counted"] == "yes"
            and (case["period_start"], case["version"], case["row"]) == (period["start"], str(version["number"]), str(place))
        )
        if count:
            lines.append(((period["start"], version["number"], "rated", place), Fraction(count), total(row, count)))
    if version["commitment"]:
        promised = fraction(version["commitment"]["amount"]) * stated["days"] / stated["period_days"]
        so_far = sum((amount for _, _, amount in lines), Fraction(0))
        beyond = (so_far - promised) * (fraction(version["commitment"]["overage_factor"]) - 1)
        if so_far > promised and beyond:
            lines.append(((period["start"], version["number"], "overage", ""), Fraction(0), beyond))
        if so_far < promised:
            lines.append(((period["start"], version["number"], "true_up", ""), Fraction(0), promised - so_far))
    return rounded(lines)


def recount(path):
    """Return the lines and sums by the README, and those of the invoice."""
    with zipfile.ZipFile(path) as opened:
        files = {name: opened.read(name).decode() for name in opened.namelist()}
    invoice, terms, facts = (json.loads(files[f"{name}.json"]) for name in ("invoice", "terms", "facts"))
    cases = list(csv.DictReader(io.StringIO(files["cases.csv"])))
    versions = {version["number"]: version for version in terms["versions"]}
    found = {}
    for period in facts["periods"]:
        for stated in period["versions"]:
            for key, quantity, amount, shown in period_lines(period, stated, versions[stated["version"]], cases):
                found[key] = [quantity, amount, shown]
    for line in csv.DictReader(io.StringIO(files["billed.csv"])):
        key = (line["period_start"], int(line["version"]), line["kind"], int(line["row"]) if line["row"] else "")
        at = found.setdefault(key, [Fraction(0)] * 3)
        found[key] = [now - Fraction(line[name] or 0) for now, name in zip(at, ("quantity", "exact", "amount"), strict=True)]
    lines = {key: tuple(amounts) for key, amounts in found.items() if any(amounts)}
    subtotal = sum((shown for _, _, shown in lines.values()), Fraction(0))
    tax = cents(
        sum(
            (
                fraction(tax["rate"]) * sum(shown for key, (_, _, shown) in lines.items() if key[1] == version["number"])
                for version in terms["versions"]
                for tax in version["taxes"]
            ),
            Fraction(0),
        )
    )
    left = sum((Fraction(one["amount"]) for one in facts["prepaid"]["grants"]), Fraction(0))
    left -= sum((Fraction(one["amount"]) for one in facts["prepaid"]["uses"]), Fraction(0))
    due = subtotal + tax - max(min(left, subtotal + tax), Fraction(0))
    told = {
        (line["period_start"], line["version"], line["kind"], line["row"]): tuple(
            Fraction(line[name] or 0) for name in ("quantity", "exact", "amount")
        )
        for line in invoice["lines"]
    }
    stated_lines = {key: amounts for key, amounts in told.items() if any(amounts)}
    return (lines, subtotal, tax, due), (stated_lines, *(Fraction(invoice[name]) for name in ("subtotal", "tax", "due")))


if __name__ == "__main__":
    mine, theirs = recount(sys.argv[1])
    print(*(f"{float(value):.2f}" for value in mine[1:]))
    sys.exit(mine != theirs)
