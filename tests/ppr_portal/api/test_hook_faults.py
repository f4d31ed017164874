"""Webhooks that are odd, late or out of order: nothing in them is dropped in silence, and nobody is credited with another's closing."""

import copy
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from agents import models as work
from agents.operations.deliveries import receive_hook
from agents.operations.holds import held_things, replay_rows
from ppr_portal.api import bodies
from tests.ppr_portal.api import deliveries, desk_samples, help_desks
from tests.ppr_portal.api.help_desks import said, send, waiting

pytestmark = pytest.mark.django_db

CLOSED_AT = "2016-03-07T14:30:00Z"
LATER = "2016-03-07T16:00:00Z"


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


@pytest.mark.parametrize(
    ("vendor", "document"),
    [
        ("zendesk", {"ticket": "junk"}),
        ("zendesk", {"tickets": [1]}),
        ("zendesk", {"audit": {"ticket_id": 5, "created_at": LATER, "events": ["x"]}}),
        ("zendesk", {"audit": {"ticket_id": 5, "created_at": LATER}}),
        ("hubspot", [*desk_samples.SOLVED["hubspot"][0], "junk"]),
        ("freshdesk", [7]),
        ("helpscout", {**desk_samples.SOLVED["helpscout"][0], "_embedded": {"threads": {"id": 1}}}),
    ],
)
def test_a_webhook_of_which_a_part_cannot_be_read_is_kept_whole(vendor: str, document: Any) -> None:
    help_desks.make_desk(vendor)

    assert send(vendor, document).status_code == 202
    assert (said(), work.RawDelivery.objects.count()) == ([], 1)


def test_two_contents_under_one_id_in_one_webhook_are_one_event_and_one_held() -> None:
    help_desks.make_desk("hubspot")
    closed = desk_samples.SOLVED["hubspot"][0][0]
    both = [closed, {**closed, "propertyValue": ""}]

    assert send("hubspot", both).json()["counts"] == {"accepted": 1, "duplicate": 0, "held": 1, "rejected": 0}
    assert send("hubspot", both[::-1]).json()["counts"] == {"accepted": 0, "duplicate": 1, "held": 1, "rejected": 0}
    assert waiting() == ["31 changed"]


def _zammad(**changes: Any) -> dict[str, Any]:
    ticket = {"id": 31, "state": "open", "customer_id": 90, "group": "First", "created_at": "2016-03-07T14:00:00Z"}
    return {"ticket": {**ticket, "updated_at": "2016-03-07T14:00:00Z", **changes}}


def test_a_zammad_ticket_may_move_to_another_group() -> None:
    help_desks.make_desk("zammad")
    closed = _zammad(group="Second", state="closed", updated_by_id=70, updated_at=CLOSED_AT, close_at=CLOSED_AT)
    for document in (_zammad(), _zammad(group="Second", updated_at="2016-03-07T14:05:00Z"), closed):
        assert send("zammad", document).status_code == 200

    assert (said(), waiting()) == (["31 opened 2016-03-07T14:00:00Z", "31 closed 2016-03-07T14:30:00Z by user 70"], [])
    assert list(work.CaseEvent.objects.order_by("pk").values_list("queue", flat=True)) == ["", "Second"]


def _helpscout(**changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(desk_samples.SOLVED["helpscout"][0])
    return {**document, "mailboxId": 1, **changes}


CLOSINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "zammad": (
        _zammad(state="closed", updated_by_id=70, updated_at=CLOSED_AT, close_at=CLOSED_AT),
        _zammad(state="closed", updated_by_id=71, updated_at=LATER, close_at=CLOSED_AT, group="Second"),
    ),
    "helpscout": (
        _helpscout(userUpdatedAt=CLOSED_AT),
        _helpscout(userUpdatedAt=LATER, mailboxId=2, tags=[{"tag": "billing"}]),
    ),
}


@pytest.mark.parametrize("vendor", CLOSINGS)
def test_a_change_of_a_closed_case_is_no_closing_of_whoever_made_it(vendor: str) -> None:
    help_desks.make_desk(vendor)
    closing, change = CLOSINGS[vendor]

    assert [send(vendor, document).json()["counts"]["held"] for document in (closing, change, change)] == [0, 0, 0]
    assert (said()[-1], waiting()) == ("31 closed 2016-03-07T14:30:00Z by user 70", [])


@pytest.mark.parametrize("vendor", CLOSINGS)
def test_a_change_that_comes_before_the_closing_waits_for_it(vendor: str) -> None:
    help_desks.make_desk(vendor)
    closing, change = CLOSINGS[vendor]

    send(vendor, change)
    assert waiting() == ["31 changed_since_closed"]
    assert not work.CaseEvent.objects.filter(type="closed").exists()
    send(vendor, closing)

    assert (said()[-1], waiting()) == ("31 closed 2016-03-07T14:30:00Z by user 70", [])


def _keep_and_try_again(vendor: str, document: dict[str, Any], *, now: datetime) -> held_things.Understood:
    source = help_desks.make_desk(vendor)
    body = help_desks.encode(document)
    receive_hook.keep_raw_delivery(source=source, vendor=vendor, body=body, content_type="", reason="not_understood", message="Why.")
    return held_things.replay_deliveries(delivery_ids=work.RawDelivery.objects.values_list("pk", flat=True), as_of=now)


def test_what_a_help_desk_said_in_the_head_alone_is_not_understood_without_it() -> None:
    report = _keep_and_try_again("helpscout", _helpscout(status="active", userUpdatedAt=LATER), now=timezone.now())

    assert (report.understood_count, len(report.still_kept), said()) == (0, 1, [])
    assert work.RawDelivery.objects.get().released_at is None


def test_what_says_no_time_is_dated_by_its_arrival_and_not_by_when_it_was_tried_again() -> None:
    untimed = {"freshdesk_webhook": {"ticket_id": "11", "triggered_event": "{status:{from:4,to:6}}"}}
    arrived_at = timezone.now()

    assert _keep_and_try_again("freshdesk", untimed, now=arrived_at + timedelta(days=9)).understood_count == 1

    held = work.HeldRow.objects.get(reason="missing_time")
    assert datetime.fromisoformat(f"{held.row['occurred_at']}") - arrived_at < timedelta(minutes=1)


def _in_pieces(path: str, body: bytes, headers: dict[str, str]) -> Any:
    """Post a body as a server hands on one whose sender did not say how long it is."""
    sent: dict[str, Any] = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    return Client().post(path, b"", content_type="application/json", headers={**headers, "transfer-encoding": "chunked"}, **sent)


def test_a_body_that_comes_in_pieces_is_read_whole_and_never_beyond_the_limit() -> None:
    source = help_desks.make_desk("zammad")
    body = help_desks.encode(desk_samples.SOLVED["zammad"][0])

    assert _in_pieces(help_desks.path_of("zammad"), body, help_desks.sign("zammad", body)).status_code == 200
    assert said()[-1] == "31 closed 2016-03-07T14:30:00Z by user 70"

    bearer = {"authorization": f"Bearer {deliveries.make_program(source=source)}"}
    event = {**deliveries.event("e-1", case="32"), "source": source.code}
    assert deliveries.statuses(_in_pieces(deliveries.EVENTS, help_desks.encode([event]), bearer)) == ["accepted"]
    assert _in_pieces(deliveries.EVENTS, b" " * (bodies.BYTES_MAX + 1), bearer).status_code == 413


def test_a_state_that_the_mapping_says_tells_nothing_is_no_matter_of_ours() -> None:
    source = help_desks.make_desk("zammad")
    mapping = work.Mapping.objects.create(source=source, number=1, date_format="%Y", timezone="UTC")
    work.MappingValue.objects.create(mapping=mapping, target="state", value="on hold", meaning="none")

    answer = send("zammad", _zammad(state="on hold"))

    assert (answer.status_code, answer.json()["ignored"]) == (200, ["The source's mapping says that this state tells nothing."])
    assert said() == ["31 opened 2016-03-07T14:00:00Z"]


def _explained(source: work.Source, value: str, meaning: str) -> None:
    mapping = work.Mapping.objects.create(source=source, number=1, date_format="%Y", timezone="UTC")
    work.MappingValue.objects.create(mapping=mapping, target="state", value=value, meaning=meaning)


STAGE = {"subscriptionType": "ticket.propertyChange", "objectId": 5, "occurredAt": 1_457_361_000_000, "eventId": 9}
NUMBERED: dict[str, tuple[Any, str]] = {
    "hubspot": ([{**STAGE, "propertyName": "hs_pipeline_stage", "propertyValue": "148", "sourceId": "userId:70"}], "148"),
    "zammad": (_zammad(state=None, state_id=4, updated_by_id=70, updated_at=CLOSED_AT, close_at=CLOSED_AT), "4"),
}


@pytest.mark.parametrize("vendor", NUMBERED)
def test_a_number_of_a_state_that_is_explained_later_is_never_taken_for_a_return(vendor: str) -> None:
    source = help_desks.make_desk(vendor)
    document, value = NUMBERED[vendor]
    assert send(vendor, document).json()["counts"]["held"] == 1
    _explained(source, value, "closed")
    held = work.HeldRow.objects.get()

    replay_rows.replay_rows(held_ids=[held.pk], as_of=timezone.now())
    assert not work.CaseEvent.objects.filter(type="worked").exists()
    send(vendor, document)

    assert (said()[-1].partition(" ")[2], waiting()) == ("closed 2016-03-07T14:30:00Z by user 70", [])
