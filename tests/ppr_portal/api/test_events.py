"""The events API: one result per event, the same delivery again changes nothing, and a broken one leaves nothing behind."""

import gzip
import itertools
import json
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents import models as work
from agents.operations.deliveries import api_keys, receive_events
from agents.operations.resolutions import fold_changed_cases
from contracts import models as terms
from ppr_portal import tasks
from ppr_portal.api import bodies
from ppr_portal.api.throttles import ApiKeyThrottle
from tests import factories
from tests.agents import desk
from tests.ppr_portal.api import deliveries
from tests.ppr_portal.api.deliveries import deliver, event, statuses, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> work.Source:
    cache.clear()
    return deliveries.make_source()


@pytest.fixture
def key(source: work.Source) -> str:
    return deliveries.make_program(source=source)


def test_good_and_bad_events_are_answered_one_by_one_in_order(key: str) -> None:
    answer = deliver(
        key,
        [
            event("1", "opened"),
            event("2", "nonsense"),
            event("3", colour="red"),
            event("4", channel="fax"),
            event("5", source="other"),
            7,
            event("6", at="2016-03-07T09:30:00"),
            event("1", "opened"),
        ],
    )

    assert statuses(answer) == ["accepted", "rejected", "rejected", "held", "rejected", "rejected", "rejected", "duplicate"]
    results = answer.json()["results"]
    assert [result.get("path") for result in results] == [None, "type", "colour", None, "source", "", "occurred_at", None]
    assert results[2]["message"] == "is not a field of an event; remove it"
    assert results[3]["reason"] == "unknown_channel"
    assert results[6]["message"] == "does not say its offset from UTC; write for example 2026-10-06T14:03:00-04:00"
    assert answer.json()["counts"] == {"accepted": 1, "duplicate": 1, "held": 1, "rejected": 5}
    assert stored() == [("1", "opened", "C-1")]


def test_the_same_delivery_again_is_known_and_another_body_is_rejected(key: str) -> None:
    assert statuses(deliver(key, [event("1", queue="A"), event("2", case="C-2")])) == ["accepted", "accepted"]
    assert statuses(deliver(key, [event("2", case="C-2"), event("1", queue="A")])) == ["duplicate", "duplicate"]

    changed = deliver(key, [event("1", queue="B"), event("1", case="C-9", queue="A"), event("1", handle_seconds=3, queue="A")])

    assert statuses(changed) == ["rejected", "rejected", "rejected"]
    assert changed.json()["results"][0]["path"] == "id"
    assert work.CaseEvent.objects.get(key="1").queue == "A"
    assert stored() == [("1", "closed", "C-1"), ("2", "closed", "C-2")]


def test_every_field_reaches_the_stored_event(key: str) -> None:
    told = event(
        "1",
        "contact",
        sequence=4,
        agent="ada",
        agent_space="login",
        contract="alder",
        query_type="desk/one",
        channel="chat",
        customer="Bob Dylan",
        queue="Billing",
        transfer_count=2,
        direction="out",
        medium="message",
        content="answer",
        qualified=True,
        appropriate=False,
        hostile=False,
        code="x",
        handle_seconds=61,
    )

    assert statuses(deliver(key, [told])) == ["accepted"]

    found = work.CaseEvent.objects.select_related("agent_identity", "channel", "query_type", "contract", "case").get()
    assert (found.sequence, found.agent_identity.value, found.agent_identity.space) == (4, "ada", "login")
    assert (found.contract.code, found.query_type.code, found.channel.code) == ("alder", "desk/one", "chat")
    assert (found.queue, found.transfer_count, found.direction, found.medium, found.content) == ("Billing", 2, "out", "message", "answer")
    assert (found.is_qualified, found.is_appropriate, found.is_hostile, found.code, found.handle_seconds) == (True, False, False, "x", 61)
    assert len(found.customer_hash) == 32
    assert found.case.customer_hash == found.customer_hash


def test_lines_are_read_each_for_itself(key: str) -> None:
    lines = b"\n".join([json.dumps(event("1")).encode(), b"", b'{"source": "desk", ', json.dumps(event("2")).encode(), b""])

    answer = deliver(key, lines, content_type="application/x-ndjson")

    assert statuses(answer) == ["accepted", "rejected", "accepted"]
    assert answer.json()["results"][1]["message"].startswith("line 3 is no JSON")


def test_a_currency_that_nobody_has_is_rejected(key: str) -> None:
    answer = deliver(key, [event("1", value="12.50", currency="USX"), event("2", value="12.50", currency="JPY")])

    assert statuses(answer) == ["rejected", "accepted"]
    assert answer.json()["results"][0] == {
        "id": "1",
        "status": "rejected",
        "path": "currency",
        "message": "is no currency that ISO 4217 knows; write for example USD",
    }


def test_a_name_that_is_told_twice_is_no_guess(key: str) -> None:
    good, twice = json.dumps(event("1")), json.dumps(event("2"))[:-1] + ', "type": "opened"}'

    answers = [
        deliver(key, f"[{good}, {twice}]".encode()),
        deliver(key, b"\n\xef\xbb\xbf" + f"[{good}, {twice}, 7]".encode()),
        deliver(key, f"{good}\n{twice}".encode(), content_type="application/x-ndjson"),
    ]

    assert [statuses(answer)[:2] for answer in answers] == [["accepted", "rejected"], ["duplicate", "rejected"], ["duplicate", "rejected"]]
    told = {"id": "2", "status": "rejected", "path": "type", "message": "stands there twice; keep the one that is meant"}
    assert [answer.json()["results"][1] for answer in answers] == [told] * 3
    assert statuses(deliver(key, b" \n\xef\xbb\xbf" + f"[{good}]".encode())) == ["duplicate"]


def test_a_body_may_be_packed(key: str) -> None:
    packed = gzip.compress(json.dumps([event("1")]).encode())

    assert statuses(deliver(key, packed, **{"content-encoding": "gzip"})) == ["accepted"]
    assert deliver(key, packed[:-9], **{"content-encoding": "gzip"}).status_code == 415
    assert deliver(key, packed, **{"content-encoding": "br"}).status_code == 415
    pieces = b"".join(gzip.compress(json.dumps(event(number)).encode() + b"\n") for number in ("2", "3"))
    lines = deliver(key, pieces, content_type="application/x-ndjson", **{"content-encoding": "gzip"})
    assert statuses(lines) == ["accepted", "accepted"]
    assert deliver(key, packed + b"more", **{"content-encoding": "gzip"}).status_code == 415
    bomb = gzip.compress(b" " * (bodies.BYTES_MAX + 1))
    assert deliver(key, bomb, **{"content-encoding": "gzip"}).status_code == 413


@pytest.mark.parametrize("body", [b"", b"[", b"[1,]", b"\n\n", b'[{"id": NaN}]'])
def test_what_is_no_json_is_refused_whole(key: str, body: bytes) -> None:
    assert deliver(key, body).status_code == 400
    assert stored() == []


def test_ten_thousand_events_are_taken_and_one_more_is_not(key: str) -> None:
    batch = [event(str(number), "opened", case=f"C-{number}") for number in range(10_001)]

    assert deliver(key, batch).status_code == 413
    lines = b"\n".join(json.dumps(one).encode() for one in batch)
    assert deliver(key, lines, content_type="application/x-ndjson").status_code == 413
    assert stored() == []
    assert deliver(key, batch[:10_000]).json()["counts"]["accepted"] == 10_000


def test_a_body_over_the_limit_is_refused_before_it_is_read(key: str) -> None:
    assert deliver(key, b" " * (bodies.BYTES_MAX + 1)).status_code == 413


def test_no_key_a_wrong_key_and_a_revoked_key_open_nothing(source: work.Source, key: str) -> None:
    assert Client().post(deliveries.EVENTS, "[]", content_type="application/json").status_code == 401
    for wrong in (key[:-1] + ("a" if key[-1] != "a" else "b"), "ppr_", "é", ""):
        assert deliver(wrong, [event("1")]).status_code == 401
    api_keys.revoke_api_keys(keys=work.ApiKey.objects.all(), revoked_at=timezone.now())
    assert deliver(key, [event("1")]).status_code == 401
    assert stored() == []


def test_a_key_without_the_scope_is_refused(source: work.Source, key: str) -> None:
    work.ApiKey.objects.update(scopes=[])

    assert deliver(key, [event("1")]).status_code == 403


def test_a_key_is_stored_as_a_hash_only_and_notes_its_use(key: str) -> None:
    issued = work.ApiKey.objects.get()

    assert key not in json.dumps(list(work.ApiKey.objects.values()), default=str)
    assert issued.last_used_at is None
    deliver(key, [event("1")])
    issued.refresh_from_db()
    assert issued.last_used_at is not None


def test_requests_beyond_the_rate_wait(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ApiKeyThrottle, "THROTTLE_RATES", {"api_key": "2/hour"})

    assert [deliver(key, [event("1")]).status_code for _ in range(3)] == [207, 207, 429]


def test_an_event_waits_for_its_contract_whichever_comes_first(source: work.Source, key: str) -> None:
    terms.Contract.objects.create(client=source.client, code="second", name="Second")

    early = deliver(key, [event("2", agent="ada", customer="Bob Dylan")])
    assert statuses(early) == ["held"]
    assert early.json()["results"][0]["reason"] == "missing_contract"
    assert "Bob" not in json.dumps(work.HeldRow.objects.get().row)
    assert statuses(deliver(key, [event("2", agent="ada", customer="Bob Dylan")])) == ["held"]
    assert work.HeldRow.objects.count() == 1

    assert statuses(deliver(key, [event("1", "opened", contract="alder", at="2016-03-07T09:00:00-05:00")])) == ["accepted"]

    assert stored() == [("1", "opened", "C-1"), ("2", "closed", "C-1")]
    assert not work.HeldRow.objects.filter(released_at=None).exists()
    assert statuses(deliver(key, [event("2", agent="ada", customer="Bob Dylan")])) == ["duplicate"]


def test_a_held_event_counts_once_what_held_it_is_put_right(source: work.Source, key: str) -> None:
    fax = event("1", channel="fax")
    assert statuses(deliver(key, [fax])) == ["held"]
    factories.make_channel(code="fax", name="Fax")

    tried = receive_events.retry_held_events(held_ids=[work.HeldRow.objects.get().pk], as_of=timezone.now())

    assert [outcome.status for outcome in tried.outcomes] == ["accepted"]
    assert not work.HeldRow.objects.filter(released_at=None).exists()
    assert statuses(deliver(key, [fax])) == ["duplicate"]


def test_a_bot_is_marked_in_whatever_order_it_is_told(key: str) -> None:
    deliver(key, [event("1", agent="helper")])
    assert not work.SourceIdentity.objects.get().is_system
    deliver(key, [event("2", agent="helper", automated=True)])
    assert work.SourceIdentity.objects.get().is_system


def test_nothing_is_stored_when_the_database_fails_midway(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''disk full''; END';"
            "CREATE TRIGGER fails BEFORE INSERT ON agents_changedcase FOR EACH ROW EXECUTE FUNCTION fail()"
        )
    client = Client(raise_request_exception=False)
    headers = {"authorization": f"Bearer {key}"}

    answer = client.post(deliveries.EVENTS, json.dumps([event("1"), event("2", channel="fax")]), "application/json", headers=headers)

    assert answer.status_code == 500
    assert (stored(), work.Case.objects.count(), work.HeldRow.objects.count()) == ([], 0, 0)
    assert (work.ImportRun.objects.count(), work.SourceIdentity.objects.count()) == (0, 0)


def test_events_reach_resolutions(key: str, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        deliver(key, [event("1", "opened", at="2016-03-07T09:00:00-05:00"), event("2", agent="ada")])

    found = work.Resolution.objects.values_list("case__key", "state", "identity__value")
    assert list(found) == [("C-1", "assumed", "ada")]
    assert not work.ChangedCase.objects.exists()


def test_a_broker_that_is_away_refuses_no_event(key: str, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> None:
    def fail(**options: object) -> None:
        raise ConnectionError("nobody there")

    monkeypatch.setattr(tasks.take_up_changes, "apply_async", fail)
    with django_capture_on_commit_callbacks(execute=True):
        answer = deliver(key, [event("1")])

    assert statuses(answer) == ["accepted"]
    assert work.ChangedCase.objects.count() == 1


STEPS = ((1, "opened"), (2, "solution_offered"), (3, "reopened"), (4, "closed"))
HISTORY = [(case, day, kind) for case in ("one", "two") for day, kind in STEPS]
ROUNDS = itertools.count()


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([*HISTORY, *HISTORY[:3]]), cut=st.integers(1, len(HISTORY) + 2))
def test_order_repetition_and_batches_change_nothing(key: str, order: list[tuple[str, int, str]], cut: int) -> None:
    mark = next(ROUNDS)
    batch = [
        event(f"{mark}-{case}-{day}", kind, case=f"{mark}-{case}", at=f"2016-03-0{day}T12:00:00Z", agent="ada", customer=case)
        for case, day, kind in order
    ]
    deliver(key, batch[:cut])
    deliver(key, batch[cut:])
    fold_changed_cases.fold_changed_cases(as_of=desk.instant("31 12:00"))

    assert {one for one in stored() if one[0].startswith(f"{mark}-")} == {(one["id"], one["type"], one["case"]) for one in batch}
    found = work.Resolution.objects.filter(case__key__startswith=f"{mark}-").order_by("case__key", "number")
    assert list(found.values_list("case__key", "number", "state", "identity__value")) == [
        (f"{mark}-{case}", number, state, "ada") for case in ("one", "two") for number, state in ((1, "reopened"), (2, "assumed"))
    ]


def test_a_key_with_a_zero_byte_is_no_key(key: str) -> None:
    headers = {"authorization": f"Bearer {key[:8]}\x00{key[8:]}"}
    assert Client().post(deliveries.EVENTS, b"[]", content_type="application/json", headers=headers).status_code == 401


def test_a_key_of_one_clients_source_bills_no_other_client_and_learns_of_none(source: work.Source, key: str) -> None:
    desk.make_contract("birch")

    answer = deliver(key, [event("1", contract="birch"), event("2", contract="beech", case="C-2"), event("3", case="C-3")])

    assert statuses(answer) == ["held", "held", "accepted"]
    first, second = answer.json()["results"][:2]
    assert (first["reason"], first["message"]) == (second["reason"], second["message"].replace("beech", "birch"))
    assert list(work.Case.objects.values_list("contract__code", flat=True)) == ["alder"]
    deliver(key, [event("4", contract="alder")])
    assert stored() == [("3", "closed", "C-3"), ("4", "closed", "C-1")]
    source.client = None
    source.save()
    receive_events.retry_held_events(held_ids=work.HeldRow.objects.values_list("pk", flat=True), as_of=timezone.now())
    assert ("1", "closed", "C-1") in stored()
