"""Lint of documents: case files, the shapes that are read, what is refused, and the engine's own totals at every bound."""

import pathlib
from datetime import date
from fractions import Fraction

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from billing.calculator import lint, run
from billing.rules.prices import shapes
from contracts import lint_sentences, yaml_text
from contracts.rules import exact, rate_cards
from contracts.rules.lint import tiers

CASES = pathlib.Path(__file__).parents[1] / "rules" / "cases" / "lint"
TODAY = date(2026, 11, 21)


def read_cases() -> list[dict]:
    return [case for path in sorted(CASES.glob("*.yaml")) for case in yaml_text.read_yaml(text=path.read_text(encoding="utf-8"))]


def found_in(document: object) -> list[dict]:
    return [finding for result in lint.lint_document(document=document, today=TODAY) for finding in result.to_json()]


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case["name"])
def test_a_document_has_exactly_these_findings(case: dict) -> None:
    expected = [
        (one["code"], one["severity"], one["path"], exact.parse_exact(text=str(one["amount"])) if "amount" in one else None)
        for one in case["findings"]
    ]
    found = [
        (one["code"], one["severity"], one["path"], exact.parse_exact(text=one["at_stake"]["exact"]) if one["at_stake"] else None)
        for one in found_in(case["document"])
    ]
    assert found == expected


def test_every_finding_says_what_and_what_to_do() -> None:
    told = [finding for case in read_cases() for finding in found_in(case["document"])]
    assert all(finding["what"].endswith(".") and finding["remedy"].endswith(".") for finding in told)
    assert all(finding["at_stake"]["of"] for finding in told if finding["at_stake"])
    assert {finding["code"] for finding in told} >= {"total_falls", "cliff", "voice_by_accident", "draw_without_end"}


def test_every_finding_is_told_in_spanish_too() -> None:
    told = [finding for case in read_cases() for finding in found_in(case["document"])]
    texts = {text for finding in told for text in (finding["what"], finding["remedy"], (finding["at_stake"] or {"of": ""})["of"])}
    with translation.override("es"):
        assert sorted(text for text in texts if text and lint_sentences.tell(text) == text) == []
        assert lint_sentences.tell(
            "One case more makes the invoice 297.80 lower. Delivery by chat: 1,500 cases cost 3,600.00, but 1,501 cost 3,302.20."
        ) == ("Uno más (caso) y la factura baja 297,80. Delivery by chat: 1.500 casos cuestan 3.600,00, pero 1.501 cuestan 3.302,20.")


def test_the_words_are_those_of_a_person() -> None:
    falls = {"shape": "volume", "tiers": [{"up_to": "1500", "unit_amount": "2.40"}, {"unit_amount": "2.20"}]}
    row = {"query_type": "delivery", "channel": "chat", "price": falls}
    assert found_in(falls)[0]["what"] == (
        "One case more makes the invoice 297.80 lower: 1,500 cases cost 3,600.00, but 1,501 cost 3,302.20."
    )
    finding = found_in({"kind": "rate_card", "currency": "USD", "rows": [row]})[0]
    assert finding["what"].startswith("One case more makes the invoice 297.80 lower. Delivery by chat: 1,500 cases cost 3,600.00")
    assert finding["remedy"].endswith("As it is, the invoice is back at 3,600.00 only with 1,637 cases.")
    assert finding["at_stake"] == {
        "amount": "297.80",
        "exact": "297.8",
        "currency": "USD",
        "of": "each time the count passes the bound",
    }


def test_the_pay_document_of_an_agent_lends_its_pools_and_prices() -> None:
    plan = {
        "unit": {"mode": "whole", "tiers": [{"up_to": "10", "share": "0.5"}, {"share": "0.1"}]},
        "quality": {"low": {"score": "0.7", "multiplier": "0.8"}, "high": {"score": "0.9", "multiplier": "1.2"}},
    }
    agent = {
        "agent": "A-1",
        "scores": [{"code": "csat", "successes": "1", "n": "2", "pool": "0.75"}],
        "credits": [{"resolution": "R-1", "price": "1"}, {"resolution": "R-2", "price": "3"}],
    }
    found = found_in({"kind": "pay", "currency": "USD", "plan": plan, "agents": [agent]})
    # 10 at a share of 0.5 of 2.00 are 10.00; 11 at 0.1 are 2.20. The pool of 0.75 earns 0.9.
    assert [(one["code"], one["at_stake"]["exact"]) for one in found] == [("total_falls", "7.8"), ("punishes_expected", "10")]


def test_each_document_of_a_list_is_read_and_placed() -> None:
    found = found_in([{"plan": {"unit": {"share": "0.1"}}}, {"unit": {"share": "0"}}])
    assert [one["path"] for one in found] == ["/1/unit/share"]


@pytest.mark.parametrize(
    ("document", "path", "said"),
    [
        ({"kind": "pay", "plan": {"unit": {"shares": "0.1"}}}, "/plan/unit/shares", "no such field"),
        ({"unit": {"shares": "0.1"}}, "/unit/shares", "no such field"),
        ({"unit": {"tiers": [{"up_to": "5", "share": "1"}, {"up_to": "5", "share": "2"}]}}, "/unit/tiers/1/up_to", "ascend"),
        ({"kind": "rate_card", "rows": [{"price": {"shape": "per_unit", "unit_amount": 1.5}}]}, "/rows/0/price/unit_amount", "as text"),
        ({"kind": "rate_card", "rows": [{"price": {"shape": "steps"}}]}, "/rows/0/price/shape", "choose one of"),
        ({"kind": "invoice", "fees": []}, "/kind", "lint reads pay, rate_card, price"),
        ({"plan": {}, "rule_pack": "us-xx"}, "/rule_pack", "choose one of"),
        ({}, "", "no pay plan"),
        ("text", "", "an object"),
        ([{"plan": {"unit": {}}}], "/0/plan/unit", "exactly one"),
        ({"versions": {}}, "/versions", "a list"),
        ({"versions": [], "rows": []}, "/rows", "no such field"),
        ({"versions": [{"effective_from": "soon", "plan": {}}]}, "/versions/0/effective_from", "YYYY-MM-DD"),
        ({"versions": [{"plan": {}}], "rule_pack": "us-zz"}, "/rule_pack", "us-zz"),
        (
            {"versions": [{"plan": {}}, {"plan": {}, "lint": {"price": "x"}}], "lint": {"price": "1"}},
            "/versions/1/lint/price",
            "not a number",
        ),
        ({"versions": [{"plan": {}}], "lint": {"price": "x"}}, "/lint/price", "not a number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(document: object, path: str, said: str) -> None:
    with pytest.raises(run.UnableToCalculate) as refused:
        lint.lint_document(document=document, today=TODAY)
    assert [fault["path"] for fault in refused.value.faults] == [path]
    assert said in refused.value.faults[0]["message"]


AMOUNTS = st.integers(0, 500).map(lambda cents: Fraction(cents, 100))


@st.composite
def tables(draw: st.DrawFn) -> tuple[rate_cards.Tier, ...]:
    bounds = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=4)))
    return tuple(
        rate_cards.Tier(
            up_to=bound if bound is None else Fraction(bound),
            unit_amount=draw(AMOUNTS),
            flat_amount=draw(AMOUNTS),
            block_size=draw(st.none() | st.integers(1, 7).map(Fraction)),
        )
        for bound in [*bounds, None]
    )


def total_of(price: rate_cards.Price, count: Fraction) -> Fraction:
    return sum((part.exact for part in shapes.price_shape(price=price, quantity=count)), Fraction(0))


@given(table=tables())
def test_lint_sees_the_totals_that_the_engine_would_bill(table: tuple[rate_cards.Tier, ...]) -> None:
    volume, graduated = rate_cards.Volume(tiers=table), rate_cards.Graduated(tiers=table)
    for price, steps in ((volume, tiers.list_volume_steps(tiers=table)), (graduated, tiers.list_graduated_steps(tiers=table))):
        assert len(steps) == len(table) - 1
        for step in steps:
            assert (step.before, step.after) == (total_of(price, step.bound), total_of(price, step.bound + 1))


@given(table=tables())
def test_a_graduated_price_never_falls_and_a_volume_price_falls_only_where_it_is_said(table: tuple[rate_cards.Tier, ...]) -> None:
    graduated = [total_of(rate_cards.Graduated(tiers=table), Fraction(count)) for count in range(1, 70)]
    assert graduated == sorted(graduated)
    falls = {step.bound for step in tiers.list_volume_steps(tiers=table) if step.change < 0}
    volume = [total_of(rate_cards.Volume(tiers=table), Fraction(count)) for count in range(1, 70)]
    assert {Fraction(count) for count in range(1, 69) if volume[count] < volume[count - 1]} == falls
