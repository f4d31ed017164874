"""Spoiled documents: each is answered or refused with its places, and never ends in a traceback.

Every document of the case files is spoiled in ways that its own text decides, so a run is like the one before it, and a new case brings
only spoilt documents of its own.
"""

import copy
import functools
import json
import pathlib
import random
import zlib
from typing import Any

import pytest

from billing.calculator import run
from tests.billing.calculator import cases

TESTS = pathlib.Path(__file__).parents[2]
WAYS = 3
WRONG: tuple[Any, ...] = (
    *(None, "", " ", "x", "NaN", "-1", "0", "1", "2", "1e9", "1/0", "1/3", "100", "9" * 60, "9" * 61, "0." + "0" * 55 + "1"),
    *(1.5, True, -1, 0, 10**70, [], {}, [None], [[]], {"a": 1}, "\x00", "a" * 500, "refund/chat", "../x", "off", "week"),
    *("2026-02-30", "0001-01-01", "9999-12-31", "2026-10-05", "2026-10-05T00:00:00", "2026-10-06T12:00:00+14:00"),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-10-06T12:00:00+24:00", "usd", "JPY", "monday 24:00", "percent_bonus"),
)
NAMES = ("amount", "quantity", "events", "week", "day", "until", "credit", "prior_strength", "tiers", "up_to", "x/y~z")
LIBRARY_WORDS = ("Input should", "Value error", "Extra inputs", "Traceback", "<class", "NoneType")


@functools.cache
def load_documents() -> list[dict[str, Any]]:
    """Return the documents of every case file, as JSON would hold them."""
    files = sorted(TESTS.glob("*/rules/cases/**/*.yaml"))
    found = [case for file in files for case in cases.read_yaml(file) if isinstance(case, dict)]
    documents = [json.loads(json.dumps(case["document"], default=str)) for case in found if "kind" in (case.get("document") or {})]
    return [document for document in documents if document["kind"] in run.KINDS]


def spoil(document: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return a copy with one to three things wrong."""
    chance = random.Random(seed)
    spoilt = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 2, 3))):
        places = [place for place in list_places(spoilt) if place and place[0] != "kind"]
        if not places:
            break
        place = chance.choice(places)
        holder = follow(spoilt, place[:-1])
        value = holder[place[-1]]
        way = chance.random()
        if way < 0.5:
            holder[place[-1]] = copy.deepcopy(chance.choice(WRONG))
        elif way < 0.6:
            del holder[place[-1]]
        elif way < 0.7 and isinstance(holder, dict):
            holder[chance.choice(NAMES)] = copy.deepcopy(chance.choice(WRONG))
        elif way < 0.85 and isinstance(value, list) and value:
            value.insert(chance.randrange(len(value) + 1), copy.deepcopy(chance.choice(value)))
        else:
            holder[place[-1]] = copy.deepcopy(follow(spoilt, chance.choice(places)))
    return spoilt


def list_places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, part in inner for found in list_places(part, (*place, key)))]


def follow(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        document = document[key]
    return document


def is_place(document: Any, pointer: str) -> bool:
    """Say whether a JSON pointer names something in a document, or a field that is missing from an object of it."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for position, part in enumerate(parts):
        if isinstance(document, dict) and (part in document or position == len(parts) - 1):
            document = document.get(part)
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return False
    return pointer == "" or pointer.startswith("/")


@pytest.mark.parametrize("kind", run.KINDS)
def test_a_spoilt_document_is_answered_or_refused_with_its_places(kind):
    refused = 0
    for document in load_documents():
        if document["kind"] != kind:
            continue
        for way in range(WAYS):
            spoilt = spoil(document, zlib.crc32(json.dumps(document, sort_keys=True).encode()) + way)
            try:
                told = run.answer_one(document={**spoilt, "explain": True})
            except run.UnableToCalculate as error:
                refused += 1
                assert_that_faults_can_be_found(spoilt, error.faults)
                continue
            answer = run.answer_one(document=spoilt)
            assert json.loads(json.dumps(answer, allow_nan=False)) == answer, spoilt
            assert {name: part for name, part in told.items() if name != "explanation"} == {
                name: part for name, part in answer.items() if name != "explanation"
            }, spoilt
    assert refused


def assert_that_faults_can_be_found(spoilt: dict[str, Any], faults: list[dict[str, str]]) -> None:
    assert faults, spoilt
    for fault in faults:
        assert sorted(fault) == ["message", "path"]
        assert is_place(spoilt, fault["path"]), (fault, spoilt)
        assert fault["message"], spoilt
        assert not any(words in fault["message"] for words in LIBRARY_WORDS), (fault, spoilt)


def test_a_refusal_quotes_the_beginning_of_a_long_text():
    document = {"kind": "pay", "currency": "U" * 5000, "period": {"start": "2026-10-05", "end": "2026-10-12"}, "agents": []}
    with pytest.raises(run.UnableToCalculate) as refused:
        run.answer_one(document=document)
    (fault,) = refused.value.faults
    assert fault["path"] == "/currency"
    assert fault["message"].startswith('"' + "U" * 60 + '…" is not a currency code')
