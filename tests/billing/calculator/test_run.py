"""The calculator's frame: what is refused, where, and that one bad document stops no other."""

import json
import re
import sys
import types

import pytest

from billing.calculator import json_documents, run

GOOD = {"kind": "prorate", "currency": "USD", "amounts": ["100"], "days": "1", "period_days": "4"}
BILLING_KINDS = [
    "price",
    "rate_card",
    "commitment",
    "service_credit",
    "prorate",
    "invoice",
    "credit_note",
    "allocate",
    "periods",
    "fair_piece_rate",
    "thirteenth_month",
]


def faults_of(document):
    with pytest.raises(run.UnableToCalculate) as refused:
        run.answer_one(document=document)
    return refused.value.faults


def test_a_failing_item_becomes_its_faults_and_the_others_are_computed():
    answers = run.answer_all(documents=[GOOD, {**GOOD, "days": "x"}, "text", GOOD])
    assert [answer.get("amount") for answer in answers] == ["25.00", None, None, "25.00"]
    assert answers[1]["error"][0]["path"] == "/days"
    assert answers[2]["error"] == [{"path": "", "message": 'a document is an object with a "kind"'}]


def test_a_document_that_divides_by_zero_loses_no_other_answer(monkeypatch):
    class Document(run.BaseModel):
        days: str

    dividing = types.SimpleNamespace(Document=Document, answer=lambda document: {"days": 1 // int(document.days)})
    monkeypatch.setitem(sys.modules, "dividing", dividing)
    monkeypatch.setitem(run.KINDS, "dividing", "dividing")
    answers = run.answer_all(documents=[GOOD, {"kind": "dividing", "days": "0"}, {"kind": "dividing", "days": "1"}])
    assert answers[0]["amount"] == "25.00"
    assert answers[1] == {"error": [{"path": "", "message": run.UNFORESEEN}]}
    assert answers[2] == {"days": 1}


@pytest.mark.parametrize(
    ("written", "path", "words"),
    [
        ('"days": "1", "period_days": "4", "amounts": ["100"], "days": "2"', "/days", '"days" is written twice'),
        ('"days": "1", "period_days": "4", "amounts": ["100"], "kind": "price"', "/kind", '"kind" is written twice'),
        ('"days": "1", "period_days": "4", "amounts": ["100"], "round": {"places": 2, "places": 3}', "/round/places", "written twice"),
        ('"days": "1", "period_days": "4", "amounts": ["1", -Infinity]', "/amounts/1", "-Infinity is not a number"),
        ('"days": NaN, "period_days": "4", "amounts": ["100"]', "/days", "NaN is not a number"),
        ('"days": "1", "period_days": "4", "amounts": ["\\ud800"]', "/amounts/0", "half of a character"),
        ('"days": "1", "period_days": "4", "amounts": [], "\\udfff": 1', "", "half of a character"),
    ],
)
def test_a_field_written_twice_or_a_number_that_is_none_fails_its_own_document_alone(written, path, words):
    text = f'[{json.dumps(GOOD)}, {{"kind": "prorate", "currency": "USD", {written}}}, NaN]'
    good, refused, nothing = run.answer_all(documents=json_documents.read_documents(written=text.encode()))
    assert good["amount"] == "25.00"
    assert [fault["path"] for fault in refused["error"]] == [path]
    assert words in refused["error"][0]["message"]
    assert nothing["error"][0]["path"] == ""


@pytest.mark.parametrize("document", [{}, {"kind": 5}, {"kind": None}, {"kind": "prices"}, {"kind": ""}])
def test_a_document_without_a_known_kind_is_refused(document):
    assert [fault["path"] for fault in faults_of(document)] == ["/kind"]


def test_every_fault_of_a_document_is_named_at_once():
    found = faults_of({"kind": "prorate", "currency": "usd", "amounts": ["1", "one"], "day": "1", "period_days": "0"})
    assert sorted(fault["path"] for fault in found) == ["/amounts/1", "/currency", "/day", "/days", "/period_days"]


def test_terms_that_contradict_themselves_are_named_together_with_every_other_fault():
    closed = {"shape": "graduated", "tiers": [{"up_to": "5"}, {"up_to": "5"}]}
    rows = [{"price": closed}, {"channel": "chat", "price": {**closed, "tiers": []}, "steps": {"percent_discount": "101"}}]
    found = faults_of({"kind": "rate_card", "currency": "usd", "rows": rows, "usage": []})
    told = ["/currency", "/rows/0/price/tiers/1/up_to", "/rows/1/price/tiers", "/rows/1/steps/percent_discount"]
    assert [fault["path"] for fault in found] == told


def test_every_item_that_credits_too_much_is_named():
    items = [{"fee_amount": "1", "credited_amount": "2"}, {"fee_amount": "1", "credited_amount": "1", "coupon_on_fee": "2"}]
    found = faults_of({"kind": "credit_note", "currency": "USD", "items": items})
    assert [fault["path"] for fault in found] == ["/items/0/credited_amount", "/items/1/coupon_on_fee"]


def test_a_policy_that_contradicts_itself_is_named_together_with_faults_of_events():
    document = {
        "kind": "resolution",
        "policy": {"reopen_effect": "reduced_price"},
        "events": [{"type": "opened"}],
        "as_of": "2026-10-05T09:00:00Z",
    }
    assert [fault["path"] for fault in faults_of(document)] == ["/policy/reduced_price_percent", "/events/0/at"]


def test_a_coupon_on_an_invoice_without_fees_is_told_so():
    found = faults_of({"kind": "invoice", "currency": "USD", "fees": [], "coupons": [{"amount": "1", "fee_indexes": [0]}]})
    assert [(fault["path"], fault["message"]) for fault in found] == [
        ("/coupons/0/fee_indexes/0", "There is no fee 0; the invoice has no fees.")
    ]


@pytest.mark.parametrize(
    ("wrong", "path", "words"),
    [
        ({"steps": {"maximun": "1"}}, "/steps/maximun", 'did you mean "maximum"?'),
        ({"minimum": "1"}, "/minimum", '"minimum" belongs to another part or shape'),
        ({"qty": "1"}, "/qty", "there is no such field here; see docs/calculator.md"),
        ({"x" * 500: "1"}, "/" + "x" * 500, "there is no such field here; see docs/calculator.md"),
    ],
)
def test_the_field_that_was_probably_meant_is_named(wrong, path, words):
    price = {"shape": "per_unit", "unit_amount": "1"}
    [fault] = faults_of({"kind": "price", "currency": "USD", "quantity": "1", "price": price, **wrong})
    assert fault["path"] == path
    assert words in fault["message"]


def test_a_path_escapes_what_json_pointers_escape():
    assert faults_of({**GOOD, "a/b~c": 1})[0]["path"] == "/a~1b~0c"


@pytest.mark.parametrize(
    "value", ["1e3", "1_000", "1,5", "", " ", "+", "--1", "0x10", "NaN", "inf", "1/0", "1/-2", 10**61, "9" * 61, 1.5, True, None, [], {}]
)
def test_what_is_not_an_exact_number_is_refused(value):
    assert faults_of({**GOOD, "days": value})[0]["path"] == "/days"


@pytest.mark.parametrize(
    ("value", "amount"), [("2", "50.00"), (2, "50.00"), (" 2 ", "50.00"), ("+2.0", "50.00"), ("4/2", "50.00"), (".5", "12.50")]
)
def test_decimals_fractions_and_whole_json_numbers_are_exact(value, amount):
    assert run.answer_one(document={**GOOD, "days": value})["amount"] == amount


@pytest.mark.parametrize("value", [{"places": "2"}, {"places": 2.0}, {"places": True}, {"places": 31}, {"mode": "up"}, {"digits": 2}, []])
def test_a_rounding_that_is_none_is_refused(value):
    assert faults_of({**GOOD, "round": value})[0]["path"].startswith("/round")


@pytest.mark.parametrize(("mode", "amount"), [("half_up", "-0.13"), ("half_even", "-0.12"), ("ceiling", "-0.12"), ("floor", "-0.13")])
def test_each_rounding_mode_on_a_negative_tie(mode, amount):
    document = {**GOOD, "amounts": ["-0.5"], "round": {"mode": mode}}
    assert run.answer_one(document=document)["amount"] == amount


def test_a_rounding_without_places_takes_the_currency_s():
    assert run.answer_one(document={**GOOD, "currency": "JPY", "round": {"mode": "floor"}, "amounts": ["7"]})["amount"] == "1"


@pytest.mark.parametrize("name", BILLING_KINDS)
def test_a_kind_describes_itself_as_json_schema(name):
    schema = json.loads(json.dumps(run.describe(name=name)))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["kind"] == {"const": name}
    assert schema["required"][0] == "kind"
    assert schema["additionalProperties"] is False
    assert "explain" in schema["properties"]


def test_a_schema_writes_times_of_day_and_null_as_documents_do():
    parts = run.describe(name="resolution")["$defs"]
    assert {parts["OpenField"]["properties"][name]["type"] for name in ("start", "end")} == {"string"}
    assert {"type": "null"} in run.describe(name="price")["properties"]["round"]["anyOf"]
    assert "anyOf" not in run.describe(name="price")["properties"]["currency"]


@pytest.mark.parametrize(
    "written",
    [
        "1",
        "+1",
        " 1.10 ",
        "0",
        "-0",
        "-0.00",
        "+0",
        ".5",
        ".0",
        "5.",
        "0.",
        "00.0100",
        "7/12",
        "0/7",
        "-0/7",
        "10/3",
        "-1",
        "-.1",
        "-1/2",
        "-0.01",
        "",
    ],
)
@pytest.mark.parametrize("name", ["days", "period_days", "amounts"])
def test_a_schema_takes_the_numbers_that_documents_may_hold(name, written):
    schema = run.describe(name="prorate")["properties"][name]
    pattern = schema.get("items", schema)["pattern"]
    try:
        run.answer_one(document={**GOOD, name: [written] if name == "amounts" else written})
        is_taken = True
    except run.UnableToCalculate:
        is_taken = False
    assert bool(re.search(pattern, written, re.ASCII)) is is_taken


def test_a_kind_that_is_none_has_no_schema():
    with pytest.raises(run.UnableToCalculate):
        run.describe(name="prices")


def test_an_explanation_comes_only_where_it_is_asked_for():
    assert "explanation" not in run.answer_one(document=GOOD)
    told = run.answer_one(document={**GOOD, "explain": True})["explanation"]
    assert told == [
        {
            "rule": "prorate",
            "inputs": {"amount": "100", "days": "1", "period_days": "4"},
            "result": "25",
            "words": "100 for 1 of 4 days.",
        },
        {
            "rule": "total",
            "inputs": {"lines": 1, "exact": "25"},
            "result": "25.00",
            "words": "The lines, each rounded by itself, add up to 25.00.",
        },
    ]


def test_an_optional_field_that_is_null_has_its_default():
    document = {"kind": "price", "currency": "USD", "quantity": "2", "round": None, "explain": None, "steps": None, "booked": None}
    price = {"shape": "graduated", "zero_usage_flat": None, "tiers": [{"up_to": None, "unit_amount": "1.5", "flat_amount": None}]}
    assert run.answer_one(document={**document, "price": price})["amount"] == "3.00"


def test_a_required_field_that_is_null_is_refused():
    assert faults_of({**GOOD, "amounts": None})[0]["path"] == "/amounts"
