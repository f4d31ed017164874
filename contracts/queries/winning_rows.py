"""Which row of a rate card prices each class, and why the other rows that fit it lose."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from contracts import models as terms
from contracts.queries import card_terms, commercial_words
from contracts.rules import errors, rate_cards

CLASSES_MAX = 300


@dataclass(frozen=True, kw_only=True)
class Loser:
    """A row that fits a class, but is less specific than the one that wins."""

    row: str
    price: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClassPrice:
    """A class with the row that prices it; without one, a resolution of it is held."""

    name: str
    winner: str
    price: str
    losers: tuple[Loser, ...]

    @property
    def is_priced(self) -> bool:
        """Whether some row prices it."""
        return bool(self.winner)


def list_winners(*, version: terms.ContractVersion) -> list[ClassPrice]:
    """Return every class that a case of this version could have, with the row that wins it and those that lose; at most 300.

    Source: design.md section 5: the most specific row wins, by query type first, then channel, then outcome.
    """
    stored = list(version.rate_card_rows.select_related("query_type", "channel").prefetch_related("tiers").order_by("pk"))
    try:
        card = card_terms.freeze_card(rows=stored)
    except errors.InvalidInput:
        return []
    channels = terms.Channel.objects.filter(is_assisted=True).order_by("name")
    if not version.prices_voice:
        channels = channels.filter(is_voice=False)
    outcomes = ["confirmed", "assumed"] if any(row.outcome for row in card.rows) else [None]
    named = {"confirmed": _(", confirmed"), "assumed": _(", assumed"), None: ""}
    classes = [
        (query_type, channel, outcome)
        for query_type in terms.QueryType.objects.order_by("name")
        for channel in channels
        for outcome in outcomes
    ]
    return [
        _price_class(card, stored, f"{query_type.name}, {channel.name}{named[outcome]}", (query_type.code, channel.code, outcome))
        for query_type, channel, outcome in classes[:CLASSES_MAX]
    ]


def _price_class(card: rate_cards.RateCard, stored: list[terms.RateCardRow], name: str, wanted: tuple[str, str, str | None]) -> ClassPrice:
    ranked = card.rank_rows(query_type=wanted[0], channel=wanted[1], outcome=wanted[2])
    if not ranked:
        return ClassPrice(name=name, winner="", price="", losers=())
    first = stored[ranked[0]]
    losers = tuple(
        Loser(
            row=_name(stored[position]),
            price=commercial_words.describe_price(row=stored[position]),
            reason=_why(card.rows[ranked[0]], card.rows[position]),
        )
        for position in ranked[1:]
    )
    return ClassPrice(name=name, winner=_name(first), price=commercial_words.describe_price(row=first), losers=losers)


def _why(winner: rate_cards.RateCardRow, loser: rate_cards.RateCardRow) -> str:
    if winner.query_type != loser.query_type:
        return _("the query type of the winner is closer")
    if winner.channel != loser.channel:
        return _("the winner names the channel")
    return _("the winner names the outcome")


def _name(row: terms.RateCardRow) -> str:
    return f"{row}, {row.get_outcome_display().lower()}" if row.outcome else str(row)
