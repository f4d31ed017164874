"""What a client gets for what it pays: cost per resolution and contact, saving against a baseline, and what quality is worth.

The saving compares what the same resolutions would have cost before with what was paid. Quality is worth something beside
the price, so that the return moves with it even where the price stays as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from agents.rules import metrics
from contracts.rules import errors

ZERO = Fraction(0)


class InvalidValueFacts(errors.InvalidInput):
    """Counts or a baseline from which no value can be worked out."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What one channel was like before: cost of a contact, contacts that a resolution took, rates, and what a repeat costs."""

    contact_cost: Fraction
    contacts_per_resolution: Fraction
    fcr: Fraction | None = None
    csat: Fraction | None = None
    repeat_cost: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """What was counted of one channel in a period; money in the major unit."""

    channel: str
    resolution_count: int = 0
    paid: Fraction = ZERO
    contact_count: int = 0
    fcr_yes_count: int = 0
    fcr_count: int = 0
    favorable_count: int = 0
    answer_count: int = 0
    baseline: Baseline | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """A rate with what it rests on; `rate` and `interval` (Wilson, 95%) are None without any observation."""

    count: int
    n: int
    rate: Fraction | None
    interval: metrics.Interval | None
    before: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class ChannelValue:
    """What one channel comes to. None: it cannot be known, for want of a count or of a baseline.

    `cost_before` is what its resolutions would have cost before. `repeats_avoided` are cases that would have come back at
    the rate of before, below zero where more come back now; `quality` is what they are worth, between the ends of the
    interval of FCR.
    """

    facts: ChannelFacts
    per_resolution: Fraction | None
    per_contact: Fraction | None
    before_per_resolution: Fraction | None
    cost_before: Fraction | None
    saving: Fraction | None
    fcr: Share
    csat: Share
    repeats_avoided: Fraction | None
    quality: Fraction | None
    quality_low: Fraction | None
    quality_high: Fraction | None


@dataclass(frozen=True, kw_only=True)
class ContractValue:
    """What a period of a contract comes to.

    `paid` is everything; `compared_paid` the part that is held against a baseline, other charges included. `saving`,
    `value` and `roi` are None while no channel has a baseline. `uncompared_count` are resolutions of channels without one.
    """

    channels: tuple[ChannelValue, ...]
    other_charges: Fraction
    paid: Fraction
    resolution_count: int
    contact_count: int
    per_resolution: Fraction | None
    per_contact: Fraction | None
    uncompared_count: int
    compared_paid: Fraction
    cost_before: Fraction | None
    saving: Fraction | None
    quality: Fraction | None
    quality_low: Fraction | None
    quality_high: Fraction | None
    roi: Fraction | None
    roi_low: Fraction | None
    roi_high: Fraction | None
    fcr: Share
    csat: Share


def value_channel(*, facts: ChannelFacts) -> ChannelValue:
    """Work out what one channel comes to.

    Args:
        facts: counts, zero or more; a part is never more than its whole. `paid` may be below zero after corrections.

    Returns: exact amounts in the major unit.
    Raises: InvalidValueFacts if a count is below zero or a part above its whole, or a baseline is out of range.
    Source: design.md section 10, "Value to the client"; docs/value.md.

    >>> before = Baseline(contact_cost=Fraction(6), contacts_per_resolution=Fraction(3, 2))
    >>> found = value_channel(facts=ChannelFacts(channel="chat", resolution_count=10, paid=Fraction(70), baseline=before))
    >>> found.per_resolution, found.cost_before, found.saving
    (Fraction(7, 1), Fraction(90, 1), Fraction(20, 1))
    """
    _check(facts)
    before = facts.baseline
    before_each = None if before is None else before.contact_cost * before.contacts_per_resolution
    cost_before = None if before_each is None else before_each * facts.resolution_count
    fcr = share(count=facts.fcr_yes_count, n=facts.fcr_count, before=before.fcr if before else None)
    avoided, quality, low, high = _quality(fcr, before)
    return ChannelValue(
        facts=facts,
        per_resolution=_per(facts.paid, facts.resolution_count),
        per_contact=_per(facts.paid, facts.contact_count),
        before_per_resolution=before_each,
        cost_before=cost_before,
        saving=None if cost_before is None else cost_before - facts.paid,
        fcr=fcr,
        csat=share(count=facts.favorable_count, n=facts.answer_count, before=before.csat if before else None),
        repeats_avoided=avoided,
        quality=quality,
        quality_low=low,
        quality_high=high,
    )


def value_contract(*, channels: Sequence[ChannelFacts], other_charges: Fraction = ZERO) -> ContractValue:
    """Work out what a period of a contract comes to.

    The saving is what the compared resolutions would have cost before, less what was paid for them and less all other
    charges, which no channel carries. The return is (saving + quality) ÷ what was paid for it.

    Args:
        channels: one each.
        other_charges: what the contract charges beside its resolutions, such as a minimum; service credits take off.

    Returns: exact amounts in the major unit.
    Raises: InvalidValueFacts as `value_channel` does, or if a channel is told twice.
    Source: design.md section 10; docs/value.md.

    >>> before = Baseline(contact_cost=Fraction(6), contacts_per_resolution=Fraction(3, 2))
    >>> chat = ChannelFacts(channel="chat", resolution_count=10, paid=Fraction(70), baseline=before)
    >>> found = value_contract(channels=[chat], other_charges=Fraction(5))
    >>> found.saving, found.roi
    (Fraction(15, 1), Fraction(1, 5))
    """
    names = [facts.channel for facts in channels]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValueFacts(f'The channel "{name}" is told twice; add its counts up first.', path=("channels",))
    found = tuple(value_channel(facts=facts) for facts in channels)
    paid = sum((value.facts.paid for value in found), ZERO) + other_charges
    resolution_count = sum(facts.resolution_count for facts in channels)
    contact_count = sum(facts.contact_count for facts in channels)
    compared = [value for value in found if value.cost_before is not None and value.facts.resolution_count]
    compared_paid = sum((value.facts.paid for value in compared), ZERO) + other_charges
    cost_before = _sum(value.cost_before for value in compared)
    quality, low, high = (_sum(getattr(value, name) for value in found) for name in ("quality", "quality_low", "quality_high"))
    saving = None if cost_before is None else cost_before - compared_paid
    return ContractValue(
        channels=found,
        other_charges=other_charges,
        paid=paid,
        resolution_count=resolution_count,
        contact_count=contact_count,
        per_resolution=_per(paid, resolution_count),
        per_contact=_per(paid, contact_count),
        uncompared_count=resolution_count - sum(value.facts.resolution_count for value in compared),
        compared_paid=compared_paid,
        cost_before=cost_before,
        saving=saving,
        quality=quality,
        quality_low=low,
        quality_high=high,
        roi=_return(saving, quality, compared_paid),
        roi_low=_return(saving, low, compared_paid),
        roi_high=_return(saving, high, compared_paid),
        fcr=_together(value.fcr for value in found),
        csat=_together(value.csat for value in found),
    )


def share(*, count: int, n: int, before: Fraction | None = None) -> Share:
    """Return a rate with its n and its Wilson interval; without observations there is none, and it is not zero.

    Args:
        count: favorable observations, 0 to n.
        n: observations, zero or more.
        before: the rate that it is held against, 0 to 1.

    Raises: UnableToMeasure if there are more favorable observations than observations.
    Source: design.md section 7: wherever a rate is shown, n and its Wilson interval are shown.

    >>> share(count=0, n=0).rate is None, share(count=3, n=4).rate
    (True, Fraction(3, 4))
    """
    if n == 0:
        return Share(count=count, n=0, rate=None, interval=None, before=before)
    successes, observations = Fraction(count), Fraction(n)
    return Share(
        count=count,
        n=n,
        rate=metrics.rate(successes=successes, n=observations),
        interval=metrics.wilson_interval(successes=successes, n=observations),
        before=before,
    )


def _quality(fcr: Share, before: Baseline | None) -> tuple[Fraction | None, Fraction | None, Fraction | None, Fraction | None]:
    """Return the repeats avoided and what they are worth: as counted, and at both ends of the interval."""
    if before is None or before.fcr is None or fcr.rate is None or fcr.interval is None:
        return None, None, None, None
    avoided = (fcr.rate - before.fcr) * fcr.n
    if before.repeat_cost is None:
        return avoided, None, None, None
    low, high = ((end - before.fcr) * fcr.n * before.repeat_cost for end in (fcr.interval.low, fcr.interval.high))
    return avoided, avoided * before.repeat_cost, low, high


def _together(shares: Iterable[Share]) -> Share:
    """Add rates up over channels; the rate of before is their mean by n, unknown unless every counted channel has one."""
    counted = [found for found in shares if found.n]
    n = sum(found.n for found in counted)
    known = [(found.before, found.n) for found in counted if found.before is not None]
    before = sum((rate * weight for rate, weight in known), ZERO) / n if n and len(known) == len(counted) else None
    return share(count=sum(found.count for found in counted), n=n, before=before)


def _per(amount: Fraction, count: int) -> Fraction | None:
    return amount / count if count else None


def _sum(amounts: Iterable[Fraction | None]) -> Fraction | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if known else None


def _return(saving: Fraction | None, quality: Fraction | None, paid: Fraction) -> Fraction | None:
    return None if saving is None or paid <= 0 else (saving + (quality or ZERO)) / paid


def _check(facts: ChannelFacts) -> None:
    parts = (
        (facts.fcr_yes_count, facts.fcr_count, "first contact resolutions"),
        (facts.favorable_count, facts.answer_count, "favorable answers"),
        (0, facts.resolution_count, "resolutions"),
        (0, facts.contact_count, "contacts"),
    )
    for part, whole, what in parts:
        if not 0 <= part <= whole:
            raise InvalidValueFacts(f"{facts.channel}: {part} {what} of {whole} cannot be; correct the counts.", path=(facts.channel,))
    before = facts.baseline
    if before is None:
        return
    if before.contact_cost <= 0 or before.contacts_per_resolution < 1:
        raise InvalidValueFacts(
            f"{facts.channel}: a contact costs more than zero, and a resolution takes at least one; correct the baseline.",
            path=(facts.channel, "baseline"),
        )
    if any(rate is not None and not 0 <= rate <= 1 for rate in (before.fcr, before.csat)) or (before.repeat_cost or ZERO) < 0:
        raise InvalidValueFacts(
            f"{facts.channel}: a rate is between 0 and 1, and a repeat costs zero or more; correct the baseline.",
            path=(facts.channel, "baseline"),
        )
