"""`rate_card`: which row of a price table wins which usage, and what it all costs."""

from typing import Any

from pydantic import StrictBool

from billing.calculator import fields, price, price_fields
from billing.rules import explain, money, rate_card
from contracts.rules import exact, rate_cards


class RowField(fields.Document):
    """A row of the card; a field that it lacks means any."""

    query_type: fields.Code = None
    channel: fields.Code = None
    outcome: fields.Code = None
    price: price_fields.PriceField
    steps: price_fields.StepsField = price_fields.StepsField()
    booked: price_fields.BookedField | None = None
    last_in_period: StrictBool | None = None

    def to_terms(self) -> rate_cards.RateCardRow:
        """Return the frozen row."""
        return rate_cards.RateCardRow(
            query_type=self.query_type,
            channel=self.channel,
            outcome=self.outcome,
            price=self.price.to_terms(),
            steps=self.steps.to_terms(),
        )


class UsageField(fields.Document):
    """Resolutions of one kind, counted, or listed as events."""

    query_type: fields.Code = None
    channel: fields.Code = None
    outcome: fields.Code = None
    quantity: fields.Exact | None = None
    events: list[fields.NonNegative] | None = None


class Document(fields.MoneyDocument):
    """A rate card and a period's usage."""

    rows: list[RowField]
    usage: list[UsageField]
    last_in_period: StrictBool | None = None


def answer(document: Document) -> dict[str, Any]:
    """Price one period's usage."""
    card = rate_cards.RateCard(rows=tuple(row.to_terms() for row in document.rows))
    rated = rate_card.rate_usage(
        card=card,
        usage=[_build_usage(item) for item in document.usage],
        rounding=document.rounding,
        states={place: _build_state(row=row, document=document) for place, row in enumerate(document.rows)},
    )
    shown = {
        **fields.amounts_of(amount=rated.amount, exact_amount=rated.exact, rounding=document.rounding),
        "lines": [_show_line(line=line, document=document) for line in rated.lines],
    }
    return fields.explained(answer=shown, document=document, steps=_tell(rated=rated, document=document))


def _build_usage(item: UsageField) -> rate_card.Usage:
    return rate_card.Usage(
        query_type=item.query_type,
        channel=item.channel,
        outcome=item.outcome,
        quantity=item.quantity,
        events=None if item.events is None else tuple(item.events),
    )


def _build_state(*, row: RowField, document: Document) -> rate_card.RowState:
    said = document.last_in_period if row.last_in_period is None else row.last_in_period
    return rate_card.RowState(
        booked=row.booked.to_terms() if row.booked else price_fields.NOTHING_BOOKED,
        credits_available=row.steps.credits or price_fields.ZERO,
        is_last_in_period=row.steps.counts_minimum(last_in_period=said),
    )


def _show_line(*, line: rate_card.CardLine, document: Document) -> dict[str, Any]:
    rounding: money.Round = document.rounding
    shown: dict[str, Any] = {
        "row": line.row,
        "kind": "unpriced" if line.row is None else "row",
        "quantity": explain.show(line.quantity),
        **fields.amounts_of(amount=line.amount, exact_amount=line.exact, rounding=rounding),
        "usage": list(line.usage),
    }
    if line.rated is not None:
        shown["lines"] = [price.show_line(line=inner, rounding=rounding) for inner in line.rated.lines]
    return shown


def _tell(*, rated: rate_card.CardRated, document: Document) -> list[explain.Step]:
    told = []
    for line in rated.lines:
        counted = exact.format_exact(value=line.quantity)
        usage = ", ".join(str(place) for place in line.usage)
        words = (
            f"No row prices usage {usage}." if line.row is None else f"Row {line.row} is the most specific for usage {usage}: {counted}."
        )
        inputs: dict[str, explain.Shown] = {"row": line.row, "usage": usage, "quantity": line.quantity}
        told.append(explain.Step(rule="match", inputs=inputs, result=line.exact, words=words))
        if line.rated is not None:
            told.extend(price.tell(rated=line.rated, rounding=document.rounding))
    words = "The lines, each rounded by itself, add up to"
    inputs = {"lines": len(rated.lines), "exact": rated.exact}
    return [*told, fields.tell_total(inputs=inputs, amount=rated.amount, rounding=document.rounding, words=words)]
