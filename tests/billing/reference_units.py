"""The part of the slow, plain reading of the pay rules that prices units, tier by tier."""

from collections import defaultdict
from fractions import Fraction


def pay_units(unit, credits, position):
    """Return pay by week at the first rate, the rest by week, and quantity and pay by tier."""
    tiers = unit.get("tiers") or [{"up_to": None, **{key: unit[key] for key in ("share", "unit_amount") if key in unit}}]
    first, rest = defaultdict(Fraction), defaultdict(Fraction)
    by_tier = [[Fraction(0), Fraction(0)] for _ in tiers]
    ordered = sorted(credits, key=lambda credit: (credit["at"], credit["resolution"]))
    sizes = [measure_one(unit, credit) for credit in ordered]
    start = {"period": Fraction(0), "year": position, "transaction": Fraction(0)}[unit.get("accumulate", "period")]
    alone = unit.get("accumulate") == "transaction"
    reached, done = start + sum(sizes), start
    for credit, size in zip(ordered, sizes, strict=True):
        begin = Fraction(0) if alone else done
        end = size if alone else reached
        done += size
        whole_basis = credit["price"] * credit["credit"] if alone else sum(one["price"] * one["credit"] for one in ordered)
        at_first = value_of(unit, tiers, 0, credit, size, size, whole_basis)
        paid = Fraction(0)
        for place, slice_size in slices(unit, tiers, begin, size, end):
            worth = value_of(unit, tiers, place, credit, slice_size, size, whole_basis)
            paid += worth
            by_tier[place][0] += slice_size
            by_tier[place][1] += worth
        first[credit["week"]] += at_first
        rest[credit["week"]] += paid - at_first
    if unit.get("mode") == "interpolated" and "share" in tiers[0] and not alone:
        return share_out(ordered, sum(paid for _, paid in by_tier)), defaultdict(Fraction), by_tier
    return first, rest, by_tier


def withhold(unit, credits, position, multiplier):
    """Return by week what suspended units lose: what higher tiers added, and positive quality; never base unit pay."""
    taken = defaultdict(Fraction)
    suspended = {(credit["at"], credit["resolution"]) for credit in credits if credit.get("suspended")}
    for credit, parts in slice_units(unit, credits, position):
        if (credit["at"], credit["resolution"]) in suspended:
            for at_first, worth in parts:
                taken[credit["week"]] += max(Fraction(0), worth - at_first) + worth * max(Fraction(0), multiplier - 1)
    return taken


def slice_units(unit, credits, position):
    """Return each unit with what each of its slices is worth at the first tier and at its own."""
    tiers = unit.get("tiers") or [{"up_to": None, **{key: unit[key] for key in ("share", "unit_amount") if key in unit}}]
    ordered = sorted(credits, key=lambda credit: (credit["at"], credit["resolution"]))
    sizes = [measure_one(unit, credit) for credit in ordered]
    alone = unit.get("accumulate") == "transaction"
    done = position if unit.get("accumulate") == "year" else Fraction(0)
    reached = done + sum(sizes)
    found = []
    for credit, size in zip(ordered, sizes, strict=True):
        begin, end = (Fraction(0), size) if alone else (done, reached)
        done += size
        cut = slices(unit, tiers, begin, size, end)
        found.append((credit, [tuple(value_of(unit, tiers, at, credit, part, size, None) for at in (0, place)) for place, part in cut]))
    return found


def share_out(credits, total):
    """Give each week of what tiers are worth as a share of the whole basis its part by its own basis."""
    weeks = defaultdict(Fraction)
    for credit in credits:
        weeks[credit["week"]] += credit["price"] * credit["credit"]
    whole = sum(weeks.values())
    return defaultdict(Fraction, {week: total * part / whole for week, part in weeks.items() if whole})


def measure_one(unit, credit):
    return credit["credit"] if unit.get("measure", "count") == "count" else credit["price"] * credit["credit"]


def slices(unit, tiers, begin, size, reached):
    """Return which part of a unit lies in which tier."""
    if unit.get("mode", "marginal") == "whole":
        return [(next(place for place, tier in enumerate(tiers) if tier["up_to"] is None or reached <= tier["up_to"]), size)]
    if size == 0:
        return [(next(place for place, tier in enumerate(tiers) if tier["up_to"] is None or begin <= tier["up_to"]), size)]
    parts, lower = [], Fraction(0)
    for place, tier in enumerate(tiers):
        upper = tier["up_to"]
        inside = (begin + size if upper is None else min(begin + size, upper)) - max(begin, lower)
        if inside > 0:
            parts.append((place, inside))
        if upper is None:
            break
        lower = upper
    return parts


def value_of(unit, tiers, place, credit, slice_size, size, whole_basis):
    """Return what a slice of a unit is worth at one tier."""
    tier = tiers[place]
    if unit.get("mode") == "interpolated":
        width = tier["up_to"] - (tiers[place - 1]["up_to"] if place else 0)
        return (tier["amount"] if "amount" in tier else tier["share"] * whole_basis) * slice_size / width
    part = slice_size / size if size else Fraction(1)
    return part * credit["credit"] * (tier["unit_amount"] if "unit_amount" in tier else tier["share"] * credit["price"])
