"""The resolution calculator: order and repeats of a document's events, explanations, and faults with their place."""

import copy
import itertools

import pytest

from billing.calculator import run

DOCUMENT = {
    "kind": "resolution",
    "as_of": "2026-10-20T00:00:00-04:00",
    "events": [
        {"type": "opened", "at": "2026-10-05T09:00:00-04:00", "channel": "chat"},
        {"type": "contact", "at": "2026-10-05T09:00:00-04:00", "direction": "in", "medium": "live", "agent": "A-1", "talk_seconds": "300"},
        {"type": "solution_offered", "at": "2026-10-05T09:00:00-04:00", "agent": "A-1"},
        {"type": "customer_acknowledged", "at": "2026-10-05T09:00:00-04:00"},
    ],
}


def test_order_and_repeats_of_events_without_ids_change_nothing() -> None:
    answer = run.answer_one(document=DOCUMENT)
    assert (answer["state"], answer["verified_at"], answer["fcr"]) == ("confirmed", "2026-10-05T09:00:00-04:00", "yes")
    for events in itertools.permutations(DOCUMENT["events"]):
        assert run.answer_one(document={**DOCUMENT, "events": [*events, events[0], *events]}) == answer


def test_events_keep_their_offset_and_names() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["events"] = [{"type": "closed", "id": "e-9", "at": "2026-10-05T09:00:00-04:00", "agent": "A-1"}]
    answer = run.answer_one(document=document)
    assert answer["verified_at"] == "2026-10-08T09:00:00-04:00"
    assert [step.get("event") for step in answer["history"]] == ["e-9", None]
    assert answer["episodes"][0]["event"] == "e-9"


def test_an_explanation_tells_each_step_and_changes_nothing() -> None:
    told = run.answer_one(document={**DOCUMENT, "explain": True})
    steps = told.pop("explanation")
    assert told == run.answer_one(document=DOCUMENT)
    assert [step["rule"] for step in steps] == ["solution_offered", "customer_acknowledged", "unit", "fcr"]
    assert [step["result"] for step in steps] == ["pending", "confirmed", True, "yes"]


@pytest.mark.parametrize(
    ("policy", "path"),
    [
        ({"verified_by": "nobody"}, "/policy/verified_by"),
        ({"silence_window_hours": "-1"}, "/policy/silence_window_hours"),
        ({"silence_window_hours": "1/7"}, "/policy/silence_window_hours"),
        ({"reduced_price_percent": "50"}, "/policy/reduced_price_percent"),
        ({"reopen_effect": "reduced_price", "reduced_price_percent": "101"}, "/policy/reduced_price_percent"),
        ({"reopen_effect": "reduced_price", "reduced_price_percent": "1/3"}, "/policy/reduced_price_percent"),
        ({"timezone": "Mars/Olympus"}, "/policy/timezone"),
        (
            {"business_hours": {"timezone": "Mars/Olympus", "weekly": [{"day": "monday", "start": "09:00", "end": "17:00"}]}},
            "/policy/business_hours/timezone",
        ),
        ({"business_hours": {"weekly": [{"day": "monday", "start": "9", "end": "17:00"}]}}, "/policy/business_hours/weekly/0/start"),
        ({"business_hours": {"weekly": [{"day": "monday", "start": "09:00", "end": "24:01"}]}}, "/policy/business_hours/weekly/0/end"),
        ({"overrides": [{"silence_window_hours": "2"}]}, "/policy/overrides/0"),
        ({"overrides": [{"channel": "chat", "reopen_effect": "reduced_price"}]}, "/policy/overrides/0/reduced_price_percent"),
    ],
)
def test_a_fault_of_the_policy_names_its_place(policy: dict[str, object], path: str) -> None:
    with pytest.raises(run.UnableToCalculate) as refused:
        run.answer_one(document={**DOCUMENT, "policy": policy})
    assert [fault["path"] for fault in refused.value.faults] == [path]


def test_every_fault_of_the_events_is_named_at_once() -> None:
    events = [
        {"type": "solved", "at": "2026-10-05T09:00:00Z"},
        {"type": "closed", "at": "yesterday"},
        {"type": "closed", "at": "2026-10-05T09:00:00Z", "who": "A"},
    ]
    with pytest.raises(run.UnableToCalculate) as refused:
        run.answer_one(document={**DOCUMENT, "events": events})
    assert [fault["path"] for fault in refused.value.faults] == ["/events/0/type", "/events/1/at", "/events/2/who"]


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ({"who_may_verify": "customer only"}, {"verified_by": "customer_only"}),
        ({"who_may_verify": "QA sample"}, {"verified_by": "qa_sample"}),
        ({"unit_and_cap": "per customer per day"}, {"unit_cap": "per_customer_per_day"}),
        ({"delivery_model": "front-line triage"}, {"delivery_model": "front_line_triage"}),
        ({"silence_window": "24 h"}, {"silence_window_hours": "24"}),
        ({"reopen_window": "2 days"}, {"reopen_window_hours": "48"}),
        ({"repeat_contact": "own channel only"}, {"repeat_scope": "own_channel"}),
        ({"reopen_effect": "new unit"}, {"reopen_effect": "new_unit"}),
        ({"no_further_action_possible": "does not count"}, {"counts_no_further_action": False}),
        ({"which_facts_price_it": "as of opening"}, {"priced_as_of": "opening"}),
        (
            {"overrides": [{"channel": "chat", "silence_window": "1 day"}]},
            {"overrides": [{"channel": "chat", "silence_window_hours": "24"}]},
        ),
    ],
    ids=lambda value: next(iter(value)),
)
def test_a_policy_in_the_words_of_the_design_is_the_policy_of_the_fields(words, fields):
    events = [*DOCUMENT["events"], {"type": "customer_returned", "at": "2026-10-08T09:00:00-04:00", "channel": "email"}]
    answers = [run.answer_one(document={**DOCUMENT, "events": events, "policy": policy}) for policy in (words, fields)]
    assert answers[0] == answers[1]


def test_events_in_words_are_the_events_of_the_codes() -> None:
    told = copy.deepcopy(DOCUMENT)
    for event in told["events"]:
        event["type"] = event["type"].replace("_", " ").capitalize()
    told["events"][1]["direction"] = "inbound"
    assert run.answer_one(document=told) == run.answer_one(document=DOCUMENT)


@pytest.mark.parametrize(
    ("policy", "path"),
    [
        ({"silence_window": "72"}, "/policy/silence_window"),
        ({"silence_window": 72}, "/policy/silence_window"),
        ({"silence_window": "24 h", "silence_window_hours": "24"}, "/policy/silence_window"),
        ({"verified_by": "customer_only", "who_may_verify": "customer only"}, "/policy/who_may_verify"),
        ({"no_further_action_possible": "perhaps"}, "/policy/counts_no_further_action"),
        ({"who_may_verify": 1}, "/policy/verified_by"),
        ({"who verifies": "customer only"}, "/policy/who verifies"),
    ],
)
def test_words_that_leave_a_knob_open_are_refused(policy, path):
    with pytest.raises(run.UnableToCalculate) as refused:
        run.answer_one(document={**DOCUMENT, "policy": policy})
    assert [fault["path"] for fault in refused.value.faults] == [path]


@pytest.mark.parametrize("words", ["wrong queue", "client outage", "greeting only", "self-service", "Wrong Queue", "spam"])
def test_what_excludes_a_case_is_read_in_words(words):
    code = words.lower().replace(" ", "_").replace("-", "_")
    for said, excluded in ((words, None), (words, [code]), (code, [words]), (words, [words])):
        events = [*DOCUMENT["events"], {"type": "excluded", "at": "2026-10-05T10:00:00-04:00", "code": said}]
        policy = {} if excluded is None else {"policy": {"exclusions": excluded}}
        answer = run.answer_one(document={**DOCUMENT, "events": events, **policy})
        assert (answer["state"], answer["payable"]) == ("void", False)
