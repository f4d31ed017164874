"""Lint of a rate card: each price, classes without one, and voice priced by accident."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from contracts.rules import rate_cards
from contracts.rules.lint import findings, prices, shapes

ZERO = Fraction(0)
NAMED_MAX = 5

# What a document calls voice where it does not say so itself.
VOICE_CHANNELS = frozenset(("voice", "phone", "call", "telephone"))


@dataclass(frozen=True, kw_only=True)
class ClassCount:
    """Resolved cases of one class in a period; zero for a class that is known, but had none."""

    query_type: str | None = None
    channel: str | None = None
    outcome: str | None = None
    count: Fraction = ZERO

    @property
    def name(self) -> str:
        """The class as people say it."""
        return _name(self.query_type, self.channel, self.outcome)


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """What is known beside the card; empty is not known, and what needs it is not looked at.

    Args:
        counts: the classes that exist, with what the last period had of each.
        period: what the counts are of, as people say it after "last": period, quarter.
        period_count: billing periods in it; tiers start anew with each of them.
        is_typical: whether the counts are those of a usual period, so that tiers far beyond them are out of reach.
        costs: what one case costs us, written as a card of plain prices; the most specific row counts.
        jump_max: most that one case more may add, in the major unit; None: twice its ordinary price.
        is_voice_priced: whether the version says that phone cases have a price.
        voice_channels: channels that are voice.
    """

    counts: tuple[ClassCount, ...] = ()
    period: str = "period"
    period_count: int = 1
    is_typical: bool = True
    costs: rate_cards.RateCard = field(default_factory=lambda: rate_cards.RateCard(rows=()))
    jump_max: Fraction | None = None
    is_voice_priced: bool = False
    voice_channels: frozenset[str] = VOICE_CHANNELS


NOTHING_KNOWN = CardFacts()


def lint_rate_card(*, card: rate_cards.RateCard, facts: CardFacts = NOTHING_KNOWN) -> list[findings.Finding]:
    """Find what would bill by accident, not bill at all, or surprise the client.

    Args:
        card: the price table of one version.
        facts: what is known of volumes, costs and voice.

    Returns: findings with paths inside a document that holds `rows`.
    Source: design.md sections 4 and 5.

    >>> phone = rate_cards.RateCardRow(channel="phone", price=rate_cards.PerUnit(unit_amount=Fraction(6)))
    >>> [(found.code, found.path) for found in lint_rate_card(card=rate_cards.RateCard(rows=(phone,)))]
    [('voice_by_accident', ('rows', 0, 'channel'))]
    """
    if not card.rows:
        return [_tell_no_rows()]
    won = _count_rows(card, facts.counts)
    found = []
    for position, row in enumerate(card.rows):
        known = shapes.PriceFacts(
            name=_name(row.query_type, row.channel, row.outcome).capitalize(),
            count=won[position] if facts.counts and facts.is_typical else None,
            unit_cost=_find_cost(row, facts.costs),
            jump_max=facts.jump_max,
            period=facts.period,
            period_count=facts.period_count,
        )
        found += [one.inside("rows", position) for one in prices.lint_price(price=row.price, steps=row.steps, facts=known)]
    return found + _lint_coverage(card, facts) + _lint_voice(card, facts)


def _count_rows(card: rate_cards.RateCard, counts: Sequence[ClassCount]) -> list[Fraction]:
    won = [ZERO] * len(card.rows)
    for one in counts:
        position = card.find_row(query_type=one.query_type, channel=one.channel, outcome=one.outcome)
        if position is not None:
            won[position] += one.count
    return won


def _find_cost(row: rate_cards.RateCardRow, costs: rate_cards.RateCard) -> Fraction | None:
    position = costs.find_row(query_type=row.query_type, channel=row.channel, outcome=row.outcome)
    return None if position is None else shapes.first_unit_amount(price=costs.rows[position].price)


def _lint_coverage(card: rate_cards.RateCard, facts: CardFacts) -> list[findings.Finding]:
    priced = [one for one in facts.counts if facts.is_voice_priced or one.channel not in facts.voice_channels]
    missing = [one for one in priced if card.find_row(query_type=one.query_type, channel=one.channel, outcome=one.outcome) is None]
    found = [_tell_missing(one, facts) for one in missing if one.count]
    unseen = [one for one in missing if not one.count]
    return found + ([_tell_unseen(unseen)] if unseen else [])


def _tell_missing(one: ClassCount, facts: CardFacts) -> findings.Finding:
    position = facts.costs.find_row(query_type=one.query_type, channel=one.channel, outcome=one.outcome)
    cost = None if position is None else shapes.first_unit_amount(price=facts.costs.rows[position].price)
    lost = None if cost is None else cost * one.count
    told = f", and working on them costs us {findings.show_amount(lost)}" if lost is not None else ""
    return findings.Finding(
        code="class_without_price",
        severity="error",
        path=("rows",),
        what=f"{one.name.capitalize()} has no price. Last {facts.period} had {findings.show_cases(one.count)} of it{told}: "
        "they would be resolved and not invoiced.",
        remedy=f"Add a row for {one.name}, or one for any query type and any channel.",
        amount=lost,
        amount_of=f"at last {facts.period}'s volume" if lost is not None else "",
    )


def _tell_unseen(unseen: Sequence[ClassCount]) -> findings.Finding:
    named = "; ".join(one.name for one in unseen[:NAMED_MAX])
    more = f" and {len(unseen) - NAMED_MAX} more" if len(unseen) > NAMED_MAX else ""
    return findings.Finding(
        code="class_without_price",
        severity="warning",
        path=("rows",),
        what=f"No row prices {named}{more}. A case of that kind would be resolved and not invoiced.",
        remedy="Add a row for any query type and any channel, or one for each of these.",
    )


def _lint_voice(card: rate_cards.RateCard, facts: CardFacts) -> list[findings.Finding]:
    named = [position for position, row in enumerate(card.rows) if row.channel in facts.voice_channels]
    if not facts.is_voice_priced:
        return [_tell_voice(position, card.rows[position]) for position in named] + _lint_voice_counts(card, facts)
    found = []
    for position, row in enumerate(card.rows):
        has_own = any(card.rows[other].query_type in (row.query_type, None) for other in named)
        if row.channel is None and facts.voice_channels and not has_own:
            found.append(_tell_shared_voice(position, row))
    return found


def _tell_voice(position: int, row: rate_cards.RateCardRow) -> findings.Finding:
    amount = shapes.first_unit_amount(price=row.price)
    return findings.Finding(
        code="voice_by_accident",
        severity="error",
        path=("rows", position, "channel"),
        what=f"{_name(row.query_type, row.channel, row.outcome).capitalize()} has a price, but this version does not price voice: "
        "phone cases are held, or billed without anybody having agreed to it.",
        remedy="Say that the version prices voice (prices_voice), or take the row out.",
        amount=amount,
        amount_of="per phone case" if amount is not None else "",
    )


def _lint_voice_counts(card: rate_cards.RateCard, facts: CardFacts) -> list[findings.Finding]:
    """Find phone cases of the period that a row for any channel would price, although voice has no price."""
    found = []
    for one in facts.counts:
        position = card.find_row(query_type=one.query_type, channel=one.channel, outcome=one.outcome)
        if one.channel not in facts.voice_channels or not one.count or position is None or card.rows[position].channel is not None:
            continue
        unit = shapes.first_unit_amount(price=card.rows[position].price)
        found.append(
            findings.Finding(
                code="voice_by_accident",
                severity="error",
                path=("rows", position, "channel"),
                what=f"This row names no channel, so it prices {one.name} too: {findings.show_cases(one.count)} of last {facts.period}. "
                "This version does not price voice.",
                remedy="Name the channels that have a price, or say that the version prices voice (prices_voice) and give it a row.",
                amount=None if unit is None else unit * one.count,
                amount_of="" if unit is None else f"at last {facts.period}'s volume and the first price",
            )
        )
    return found


def _tell_shared_voice(position: int, row: rate_cards.RateCardRow) -> findings.Finding:
    amount = shapes.first_unit_amount(price=row.price)
    what = "any query type" if row.query_type is None else row.query_type
    return findings.Finding(
        code="voice_by_accident",
        severity="warning",
        path=("rows", position, "channel"),
        what=f"This version prices voice, but {what} by phone has no price of its own: it falls to this row for any channel.",
        remedy="Add a row for the phone channel, even if the price is the same.",
        amount=amount,
        amount_of="per phone case" if amount is not None else "",
    )


def _tell_no_rows() -> findings.Finding:
    return findings.Finding(
        code="class_without_price",
        severity="error",
        path=("rows",),
        what="The rate card has no rows: nothing that is resolved can be invoiced.",
        remedy="Add at least one row.",
    )


def _name(query_type: str | None, channel: str | None, outcome: str | None) -> str:
    told = f"{query_type or 'any query type'} by {channel or 'any channel'}"
    return f"{told}, {outcome}" if outcome else told
