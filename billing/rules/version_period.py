"""One version of a contract in one billing period: from what its rows were rated at to the keyed lines of an invoice."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from billing.rules import contract_period, invoice_lines, money, proration
from contracts.rules import commercials, rate_cards

ZERO = Fraction(0)
HUNDRED = 100


def state_version(
    *,
    card: rate_cards.RateCard,
    row_ids: Sequence[int],
    around: commercials.CommercialTerms,
    currency: str,
    charged: Mapping[int, tuple[int, Fraction]],
    start: date,
    end: date,
    days: int,
    facts: contract_period.PeriodFacts,
) -> contract_period.PeriodStatement:
    """Write the statement of one version from what its rows were rated at.

    Args:
        card: the version's rate card.
        row_ids: a number for each row of the card, in order.
        around: the version's commercial terms.
        currency: of every amount.
        charged: by row number, the count of resolutions and the exact amount in the major unit.
        start: first day of the billing period.
        end: first day after it.
        days: days of the period on which the version is in force.
        facts: attained levels and earlier credits; share and forecast are filled in here.

    Returns: the lines and sums; see `contract_period.state_period`.
    Source: design.md section 5.

    >>> card = rate_cards.RateCard(rows=(rate_cards.RateCardRow(price=rate_cards.PerUnit(unit_amount=Fraction(2))),))
    >>> period = {"start": date(2016, 3, 1), "end": date(2016, 4, 1), "days": 31, "facts": contract_period.NOTHING_KNOWN}
    >>> around = commercials.NOTHING_AGREED
    >>> int(state_version(card=card, row_ids=[7], around=around, currency="USD", charged={7: (3, Fraction(6))}, **period).net)
    6
    """
    floor = around.forecast_floor
    return contract_period.state_period(
        charges=_list_charges(card, row_ids, charged),
        terms=around,
        rounding=money.Round(places=money.currency_places(currency=currency)),
        facts=contract_period.PeriodFacts(
            share=proration.share_of_days(days=Fraction(days), period_days=Fraction((end - start).days)),
            forecast=None if floor is None else floor.counts.get(start),
            attained=facts.attained,
            credits_before=facts.credits_before,
            met_since=facts.met_since,
        ),
    )


def key_lines(
    *, statement: contract_period.PeriodStatement, origin: date, version_id: int, taxes: Sequence[commercials.Tax]
) -> Iterator[tuple[invoice_lines.LineKey, invoice_lines.Amount]]:
    """Give each line of a statement the key that tells it apart on invoices; taxes are added per invoice instead.

    Args:
        statement: of one version in one period.
        origin: first day of the period.
        version_id: the version.
        taxes: of the version; their rates together stand on each line.

    Source: design.md section 5, "Corrections".

    >>> stated = contract_period.state_period(
    ...     charges=[contract_period.Charge(row=7, label="Chat", count=3, amount=Fraction(6))],
    ...     terms=commercials.NOTHING_AGREED, rounding=money.Round(places=2))
    >>> [key.kind for key, _ in key_lines(statement=stated, origin=date(2016, 3, 1), version_id=1, taxes=())]
    ['rated']
    """
    percent = sum((tax.rate for tax in taxes), ZERO) * HUNDRED
    for line in statement.lines:
        if line.kind != "tax":
            key = invoice_lines.LineKey(origin=origin, version_id=version_id, kind=line.kind, row_id=line.row or 0, metric=line.metric)
            yield (
                key,
                invoice_lines.Amount(
                    label=line.label,
                    exact=line.exact,
                    rounded=line.amount,
                    quantity=line.quantity,
                    words=line.words,
                    tax_percent=percent,
                ),
            )


def _list_charges(
    card: rate_cards.RateCard, row_ids: Sequence[int], charged: Mapping[int, tuple[int, Fraction]]
) -> list[contract_period.Charge]:
    """Give every row that was rated, or that has a minimum, in the order of the card."""
    listed = []
    for row_id, row in zip(row_ids, card.rows, strict=True):
        count, amount = charged.get(row_id, (0, ZERO))
        if row_id in charged or row.steps.minimum:
            label = f"{row.query_type or 'any query type'}, {row.channel or 'any channel'}" + (f", {row.outcome}" if row.outcome else "")
            listed.append(contract_period.Charge(row=row_id, label=label, count=count, amount=amount, minimum=row.steps.minimum))
    return listed
