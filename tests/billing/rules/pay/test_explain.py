"""A reason runs the line's own rule again and must give the stored amount; its words are fit for the person paid."""

from fractions import Fraction

import pytest

from billing.calculator import run
from billing.rules import money
from billing.rules.pay import earnings, explain, explain_words, formulas, ladders
from tests.billing.calculator import cases, test_pay_october

FILES = sorted(f"pay/{path.stem}" for path in (cases.CASES / "pay").glob("*.yaml"))
DOCUMENTS = [case["document"] for _, case in cases.load_cases(*FILES) if "answer" in case]


def explain_document(document):
    plain = run.answer_one(document=document)
    told = run.answer_one(document={**document, "explain": True})
    steps = told.pop("explanation")
    assert told == plain
    return plain, steps


@pytest.mark.parametrize("document", [*DOCUMENTS, test_pay_october.build_document()])
def test_every_line_of_every_case_is_explained_to_its_exact_amount(document):
    answer, steps = explain_document(document)
    for agent in answer["agents"]:
        for position, line in enumerate(agent["lines"]):
            own = [step for step in steps if (step["inputs"]["agent"], step["inputs"]["line"]) == (agent["agent"], position)]
            *climbed, rounding = own
            assert rounding["rule"] == "round"
            assert Fraction(rounding["inputs"]["exact"]) == Fraction(line["exact"])
            assert Fraction(rounding["result"]) == Fraction(line["amount"])
            last = climbed[-1]["result"] if climbed else "0"
            assert Fraction(last) == Fraction(line["exact"])
    assert all(step["words"].endswith(".") and list(step) == ["rule", "inputs", "result", "words"] for step in steps)


def test_the_cases_use_every_rule():
    used = set()
    for document in [*DOCUMENTS, test_pay_october.build_document()]:
        used |= {step["rule"] for step in run.answer_one(document={**document, "explain": True})["explanation"]}
    assert {rule.replace(".", "_") for rule in formulas.FORMULAS} - used == set()


def test_why_59_52():
    inputs = {"basis": "2.4", "credit": "1", "share": "0.2", "count": "124", "price_basis": "list", "tier_1_up_to": "400"}
    steps = explain.explain_line(rule="unit.each_share", inputs=inputs, exact_amount=Fraction("59.52"), amount=Fraction("59.52"))
    assert [(step.sign, step.value, step.style, step.name) for step in steps] == [
        ("", Fraction("2.4"), "money", "List price"),
        ("×", Fraction(1), "percent", "Your credit"),
        ("×", Fraction("0.2"), "percent", "Your share"),
        ("=", Fraction("0.48"), "money", "One resolution"),
        ("×", Fraction(124), "count", "Resolutions verified in the period"),
        ("=", Fraction("59.52"), "money", "This line"),
    ]
    assert steps[1].note == "You resolved these on your own."
    assert steps[-1].is_result


def test_quality_says_why_it_cannot_lower_pay():
    inputs = {"unit": "10", "tier_uplift": "0", "multiplier": "1", "provisional": "yes", "n": "9"}
    assert "Only 9 results so far" in explain.explain_line(rule="quality", inputs=inputs)[2].note


@pytest.mark.parametrize(("hours", "note"), [("44.5", "Hours tested: 44.5."), ("217/6", "Hours tested: 36.17.")])
def test_a_floor_says_for_which_hours_it_is_required(hours, note):
    inputs = {"required": "322.625", "credited": "300", "hours": hours}
    assert explain.explain_line(rule="floor", inputs=inputs)[0].note == note


def test_a_floor_says_that_it_rounds_up():
    steps = explain.explain_line(rule="floor", inputs={"required": "29/12", "credited": "0"}, amount=Fraction("2.42"))
    assert steps[-1].note == "Rounded up, so that no required cent is missing."


REST = {"pay": "100", "hours": "10", "rest_hours": "1/3", "min_wage": "16.9"}


@pytest.mark.parametrize(
    ("rule", "inputs", "amount", "note"),
    [
        ("rest", REST, "5.64", "Rounded up, so that no required cent is missing."),
        ("rest.min_wage", {"rest_hours": "1/3", "min_wage": "16.9"}, "5.64", "Rounded up, so that no required cent is missing."),
        ("rest", {**REST, "pay": "170"}, "5.67", "Rounded once, here at the end. Nothing was lost or added."),
    ],
)
def test_a_rest_break_says_that_it_rounds_up_where_the_minimum_wage_decided(rule, inputs, amount, note):
    assert explain.explain_line(rule=rule, inputs=inputs, amount=Fraction(amount))[-1].note == note


def test_the_last_step_shows_the_amount_as_the_line_does():
    week = {"week": "2026-10-05", "category": "productive", "hours": "30.0001"}
    document = {
        "kind": "pay",
        "currency": "USD",
        "rule_pack": {"min_wage": "7.25"},
        "period": {"start": "2026-10-05", "end": "2026-10-12"},
        "plan": {"base_hourly": "7"},
        "agents": [{"agent": "A", "time": [week]}],
    }
    _, steps = explain_document(document)
    assert [step["words"] for step in steps if step["rule"] == "round"] == [
        "Base pay: 210.0007, rounded once to 210.00.",
        "Minimum wage top-up: 7.500025, rounded up to 7.51 because it is a minimum.",
    ]


def test_an_amount_that_its_inputs_do_not_give_is_not_explained_away():
    with pytest.raises(explain.UnableToExplain):
        explain.explain_line(rule="hours.rate", inputs={"hours": "8", "rate": "10"}, exact_amount=Fraction(81))


@pytest.mark.parametrize(
    ("rule", "inputs"), [("hours.rate", {"hours": "8"}), ("hours.gone", {}), ("hours.rate", {"hours": "8", "rate": "1/0"})]
)
def test_what_cannot_be_recomputed_says_so(rule, inputs):
    with pytest.raises(ladders.UnableToRecompute):
        explain.recompute(rule=rule, inputs=inputs)


def test_numbers_of_any_length_are_read_back():
    share = Fraction(10**70 + 1, 3**80)
    made = earnings.earn(kind="base", label="x", rule="hours.rate", source="x", inputs={"hours": share, "rate": Fraction(1, 7**60)})
    line = earnings.round_earning(earning=made, rounding=money.Round(places=2))
    assert explain.recompute(rule=line.rule, inputs=line.inputs) == made.exact


def test_every_name_is_a_short_phrase():
    named = [*explain_words.NAMES.values(), *explain_words.RULE_NAMES.values()]
    assert all(found.name[0].isupper() and not found.name.endswith(".") for found in named)
    assert all(found.note == "" or found.note.endswith(".") for found in named)
    assert all(rule in formulas.FORMULAS for rule, _ in [*explain_words.RULE_NAMES, *explain_words.RESULTS])
