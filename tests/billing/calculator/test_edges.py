"""Documents at the edges: each is refused with its place and what to write instead, or answered exactly."""

from typing import Any

import pytest

from billing.calculator import run

UNIT = {"kind": "price", "currency": "USD", "quantity": "10", "price": {"shape": "per_unit", "unit_amount": "1"}}
MONTH = {"kind": "periods", "calendar": "month", "at": ["2026-01-31T12:00:00Z"]}
ROW = {"price": {"shape": "per_unit", "unit_amount": "1"}}
CARD = {"kind": "rate_card", "currency": "USD", "rows": [ROW], "usage": [{"quantity": "1"}]}
INVOICE = {"kind": "invoice", "currency": "USD", "fees": [{"amount": "10"}]}
NOTE = {"kind": "credit_note", "currency": "USD", "items": [{"fee_amount": "10", "credited_amount": "5"}]}
SHARES = {"kind": "allocate", "amount": "1", "weights": ["1", "1"], "places": 2}


def tiers(*told: dict[str, Any], shape: str = "graduated") -> dict[str, Any]:
    return {**UNIT, "price": {"shape": shape, "tiers": list(told)}}


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({**UNIT, "quantity": "9" * 61}, "/quantity", "has 61 characters; a number has at most 60"),
    ({**UNIT, "quantity": 1.5}, "/quantity", "write numbers as text"),
    ({**UNIT, "quantity": True}, "/quantity", "write numbers as text"),
    ({**UNIT, "quantity": "1e5"}, "/quantity", "is not a number"),
    ({**UNIT, "quantity": "NaN"}, "/quantity", "is not a number"),
    ({**UNIT, "quantity": "1,000"}, "/quantity", "is not a number"),
    ({**UNIT, "quantity": "1_000"}, "/quantity", "is not a number"),
    ({**UNIT, "quantity": "٣"}, "/quantity", "is not a number"),
    ({**UNIT, "quantity": "1/0"}, "/quantity", "divides by zero"),
    ({**UNIT, "currency": "usd"}, "/currency", "three capital letters"),
    ({**UNIT, "currency": "JYP"}, "/currency", "are not known"),
    ({**UNIT, "round": {"places": "2"}}, "/round/places", "whole number here, without quotes"),
    ({**UNIT, "round": {"places": 2.0}}, "/round/places", "whole number here"),
    ({**UNIT, "round": {"places": 31}}, "/round/places", "at most 30"),
    ({**UNIT, "round": {"places": -31}}, "/round/places", "at least -30"),
    ({**UNIT, "round": {"mode": "up"}}, "/round/mode", "choose one of 'half_up', 'half_even', 'ceiling', 'floor'"),
    ({**UNIT, "explain": "yes"}, "/explain", "true or false"),
    ({**UNIT, "price": {}}, "/price/shape", "required"),
    ({**UNIT, "price": {"shape": "x"}}, "/price/shape", "choose one of"),
    ({**UNIT, "price": []}, "/price", "an object"),
    ({**UNIT, "booked": {"quantity": "-1"}}, "/booked/quantity", "zero or more"),
    ({**UNIT, "steps": {"percent_discount": "101"}}, "/steps/percent_discount", "at most 100 percent"),
    ({**UNIT, "steps": {"credits": "-1"}}, "/steps/credits", "zero or more"),
    ({**UNIT, "events": ["1"]}, "/events", "once"),
    ({**UNIT, "quantity": None, "phases": []}, "/phases", "at least one count"),
    ({**UNIT, "price": {"shape": "per_unit", "unit_amount": None}}, "/price/unit_amount", "a number is needed"),
    ({**UNIT, "price": {**ROW["price"], "tiers": []}}, "/price/tiers", "no such field"),
    ({**UNIT, "price": {**ROW["price"], "tier": None}}, "/price/tier", "no such field"),
    (tiers(), "/price/tiers", "at least one tier"),
    (tiers({"up_to": "5"}, {"up_to": "5"}, {}), "/price/tiers/1/up_to", "Tiers ascend"),
    (tiers({"up_to": "9"}, {"up_to": "5"}, {}, shape="volume"), "/price/tiers/1/up_to", "Tiers ascend"),
    (tiers({"unit_amount": "1"}, {"unit_amount": "2"}), "/price/tiers/0/up_to", "Only the last tier"),
    (tiers({"up_to": "9"}, shape="volume"), "/price/tiers/0/up_to", "The last tier ends at 9, but 10"),
    (tiers({"block_size": "0"}), "/price/tiers/0/block_size", "more than zero"),
    ({**CARD, "rows": [ROW, ROW]}, "/rows/1", "keep one of them"),
    ({**CARD, "rows": [ROW, {"query_type": "", **ROW}]}, "/rows/1", "keep one of them"),
    ({**CARD, "usage": [{}]}, "/usage/0/quantity", "how much"),
    ({**INVOICE, "coupons": [{"amount": "1", "fee_indexes": [1]}]}, "/coupons/0/fee_indexes/0", "no fee 1"),
    ({**INVOICE, "coupons": [{"amount": "1", "fee_indexes": [-1]}]}, "/coupons/0/fee_indexes/0", "no fee -1"),
    ({**INVOICE, "coupons": [{"amount": "1", "fee_indexes": [0, 0]}]}, "/coupons/0/fee_indexes/1", "named twice"),
    ({**NOTE, "items": [{"fee_amount": "10", "credited_amount": "11"}]}, "/items/0/credited_amount", "At most the fee of 10"),
    ({**SHARES, "keys": ["a"]}, "/keys", "one key per weight"),
    ({**SHARES, "places": None}, "/places", "places of a part"),
    ({**MONTH, "at": ["2026-01-31T12:00:00"]}, "/at/0", "with its offset"),
    ({**MONTH, "at": ["2026-01-31T12:00:00+25:00"]}, "/at/0", "ISO 8601"),
    ({**MONTH, "at": ["2026-01-31"]}, "/at/0", "write an instant"),
    ({**MONTH, "at": ["0001-01-01T00:00:00Z"]}, "/at/0", "years 2 to 9998"),
    ({**MONTH, "timezone": "../etc/localtime"}, "/timezone", "no time zone"),
    ({**MONTH, "calendar": "year"}, "/calendar", "choose one of 'week', 'two_weeks', 'half_month', 'month'"),
    ({**MONTH, "calendar": "two_weeks"}, "/anchor", "first day"),
    ({**MONTH, "calendar": "week", "anchor": "2026-02-30"}, "/anchor", "YYYY-MM-DD"),
]

ANSWERED: list[tuple[dict[str, Any], str]] = [
    ({**UNIT, "quantity": "9" * 50}, "9" * 50 + ".00"),
    ({**UNIT, "quantity": " +5. "}, "5.00"),
    ({**UNIT, "quantity": "-5"}, "0.00"),
    ({**UNIT, "quantity": "-10", "booked": {"quantity": "5"}}, "-5.00"),
    ({**UNIT, "quantity": "-0.005", "booked": {"quantity": "1"}}, "-0.01"),
    ({**UNIT, "currency": "JPY", "quantity": "0.5"}, "1"),
    ({**UNIT, "currency": "KWD", "quantity": "0.0005"}, "0.001"),
    ({**UNIT, "currency": "CLF", "quantity": "0.00005"}, "0.0001"),
    ({**UNIT, "quantity": "1250", "round": {"places": -2}}, "1300"),
    ({**UNIT, "quantity": "1250", "round": {"places": -2, "mode": "half_even"}}, "1200"),
    ({**UNIT, "quantity": "-1.001", "booked": {"quantity": "2"}, "round": {"mode": "floor"}}, "-1.01"),
    ({**UNIT, "quantity": "-1.009", "booked": {"quantity": "2"}, "round": {"mode": "ceiling"}}, "-1.00"),
    # A usage discount above the usage leaves nothing to price, and the minimum still counts.
    ({**UNIT, "steps": {"usage_discount": "100", "minimum": "5"}}, "5.00"),
    ({**UNIT, "steps": {"maximum": "3", "minimum": "5"}}, "5.00"),
    ({**UNIT, "steps": {"credits": "100"}}, "0.00"),
    (tiers({"up_to": "0", "unit_amount": "5"}, {"unit_amount": "1"}), "10.00"),
    ({**tiers({"up_to": "5", "flat_amount": "7"}, {}), "quantity": "0"}, "0.00"),
    # A field that another shape has says nothing where it is null.
    ({**UNIT, "price": {"shape": "per_unit", "unit_amount": "1", "tiers": None, "package_size": None, "rate_percent": None}}, "10.00"),
    (tiers({"up_to": None, "unit_amount": "1", "rate_percent": None, "block_size": None}), "10.00"),
    (tiers({"rate_percent": "5", "unit_amount": None, "block_size": None}, shape="graduated_percentage"), "0.50"),
    # An empty code is a field that was left out: any.
    ({**CARD, "rows": [{"query_type": "", "channel": " ", **ROW}], "usage": [{"query_type": "a", "quantity": "2"}]}, "2.00"),
    ({**CARD, "usage": [{"quantity": "5"}, {"quantity": "-2"}]}, "3.00"),
]


@pytest.mark.parametrize(("document", "path", "words"), REFUSED, ids=[f"{row[0]['kind']}{row[1]}-{n}" for n, row in enumerate(REFUSED)])
def test_a_fault_is_named_with_its_place_and_what_to_write(document: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(run.UnableToCalculate) as refused:
        run.answer_one(document=document)
    (fault,) = refused.value.faults

    assert fault["path"] == path
    assert words in fault["message"]
    assert not fault["message"].startswith(("Input should", "Value error"))


@pytest.mark.parametrize(
    "document", [{**UNIT, "currency": "BTC", "round": {"places": 8}}, {**UNIT, "currency": "DEM", "round": {"places": 8}}]
)
def test_a_currency_whose_decimals_are_said_needs_no_code_of_iso(document: dict[str, Any]) -> None:
    _whole, _point, decimals = run.answer_one(document=document)["amount"].partition(".")
    assert len(decimals) == 8


@pytest.mark.parametrize(("document", "amount"), ANSWERED)
def test_an_edge_is_answered_exactly(document: dict[str, Any], amount: str) -> None:
    assert run.answer_one(document=document)["amount"] == amount


def test_every_instant_has_one_period_where_a_day_is_missing_or_a_clock_changes() -> None:
    """Samoa had no 30 December 2011; Brazil's midnight of 4 November 2018 did not exist; 2100 has no 29 February."""
    samoa = {
        "kind": "periods",
        "calendar": "half_month",
        "timezone": "Pacific/Apia",
        "at": ["2011-12-31T09:59:59Z", "2011-12-31T10:00:00Z"],
    }
    brazil = {
        "kind": "periods",
        "calendar": "month",
        "timezone": "America/Sao_Paulo",
        "at": ["2018-11-04T02:59:59Z", "2018-11-04T03:00:00Z"],
    }
    century = {**MONTH, "at": ["2100-02-28T23:59:59.999999Z", "2100-03-01T00:00:00Z", "2024-02-29T23:59:59Z"]}

    assert [found["start_at"] for found in run.answer_one(document=samoa)["periods"]] == [
        "2011-12-16T00:00:00-10:00",
        "2012-01-01T00:00:00+14:00",
    ]
    assert {found["end_at"] for found in run.answer_one(document=brazil)["periods"]} == {"2018-12-01T00:00:00-02:00"}
    assert [found["start"] for found in run.answer_one(document=century)["periods"]] == ["2100-02-01", "2100-03-01", "2024-02-01"]
