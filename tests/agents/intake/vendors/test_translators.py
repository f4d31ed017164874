"""Translators of webhooks: whatever a help desk sends becomes events or a sentence that says why not; nothing crashes them."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.intake.delivered import DeliveredEvent
from agents.intake.vendors import story, translators
from agents.intake.vendors.story import Hook, NotUnderstood
from tests.ppr_portal.api import desk_samples

NOW = datetime(2016, 3, 8, tzinfo=UTC)
ODD = st.sampled_from(
    [None, "", "x", "{}", "N/A", 0, -1, 1.5, 10**30, True, [], {}, [None], {"id": None}, "0001-01-01T00:00:00+10:00", "\x00"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)


def tell(vendor: str, document: Any, **headers: str) -> story.Story:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    hook = Hook(source="desk", document=document, headers=told, received_at=NOW, body_sha256="0" * 64)
    return translators.translate(vendor=vendor, hook=hook)


def kinds(tale: story.Story) -> list[tuple[str, str | None, bool]]:
    return [(event.type, event.agent, event.automated) for event in tale.events]


@pytest.mark.parametrize("vendor", translators.TRANSLATORS)
@given(document=JSON)
def test_any_json_is_told_or_refused_with_a_sentence(vendor: str, document: Any) -> None:
    _tell_or_refuse(vendor, document)


@pytest.mark.parametrize("vendor", translators.TRANSLATORS)
@given(data=st.data())
def test_a_damaged_webhook_is_told_or_refused_with_a_sentence(vendor: str, data: st.DataObject) -> None:
    document = copy.deepcopy(desk_samples.SOLVED[vendor][0])
    for _ in range(data.draw(st.integers(1, 3))):
        place, step = data.draw(st.sampled_from(list(_places(document)) or [(document, None)]))
        if step is not None:
            place[step] = copy.deepcopy(data.draw(ODD))
    _tell_or_refuse(vendor, document)


def _tell_or_refuse(vendor: str, document: Any) -> None:
    sentence, told = "", []
    try:
        told = tell(vendor, document).events
    except NotUnderstood as refusal:
        sentence = str(refusal)
    assert not sentence or sentence.endswith(".")
    assert all(isinstance(event, DeliveredEvent) for event in told)
    assert len({event.id for event in told}) == len(told)


def _places(document: Any) -> Any:
    steps = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for step, value in steps:
        yield document, step
        yield from _places(value)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("OPEN", "SOLVED", ["solution_offered"]),
        ("SOLVED", "CLOSED", ["closed"]),
        ("SOLVED", "OPEN", ["reopened"]),
        ("SOLVED", "PENDING", ["reopened"]),
        ("NEW", "OPEN", []),
        ("OPEN", "DELETED", ["excluded"]),
    ],
)
def test_zendesk_states_move_as_they_came_and_went(before: str, after: str, told: list[str]) -> None:
    document = {**desk_samples.SOLVED["zendesk"][0], "event": {"previous": before, "current": after}}

    assert [event.type for event in tell("zendesk", document).events] == told


def test_zendesk_itself_is_a_system_user_and_an_unknown_state_is_refused() -> None:
    document = copy.deepcopy(desk_samples.SOLVED["zendesk"][0])
    document["detail"]["actor_id"] = "-1"
    assert kinds(tell("zendesk", document)) == [("solution_offered", "zendesk", True)]

    document["event"]["current"] = "SIMMERING"
    with pytest.raises(NotUnderstood, match="simmering"):
        tell("zendesk", document)


def test_zendesk_comments_are_contacts_of_whoever_wrote_them() -> None:
    document = {**desk_samples.SOLVED["zendesk"][0], "type": "zen:event-type:ticket.comment_added"}

    def comment(author: str, is_staff: bool, is_public: bool = True) -> list[tuple[str | None, str | None]]:
        document["event"] = {"comment": {"author": {"id": author, "is_staff": is_staff}, "is_public": is_public, "body": "secret"}}
        return [(event.direction, event.agent) for event in tell("zendesk", document).events]

    assert comment("90", False) == [("in", None)]
    assert comment("70", True) == [("out", "70")]
    assert comment("70", True, is_public=False) == []


def test_front_names_the_source_of_an_event_and_marks_rules() -> None:
    document = copy.deepcopy(desk_samples.SOLVED["front"][0])
    document["source"] = {"_meta": {"type": "rule"}, "data": {"id": "rul_1"}}
    document["conversation"]["assignee"] = {"id": "tea_1"}

    assert kinds(tell("front", document)) == [("opened", None, False), ("closed", "rule", True)]


def test_hubspot_marks_what_a_program_changed() -> None:
    change = {**desk_samples.SOLVED["hubspot"][0][0], "changeSource": "AUTOMATION_PLATFORM", "sourceId": "enrollmentId:1"}

    assert kinds(tell("hubspot", [change])) == [("closed", "automation_platform", True)]
    assert kinds(tell("hubspot", [{**change, "propertyValue": ""}])) == [("reopened", "automation_platform", True)]


def test_hubspot_holds_a_ticket_closed_before_it_was_opened() -> None:
    times = {"createdate": "2021-02-16T20:31:05Z", "closed_date": "2020-11-10T14:54:50Z"}
    tale = tell("hubspot", {"id": "5", "properties": times})

    assert [doubt.reason for doubt in tale.doubts.values()] == ["status_disagrees"]


def test_helpscout_tells_the_event_by_its_header() -> None:
    document = {**desk_samples.SOLVED["helpscout"][0], "status": "active", "userUpdatedAt": "2016-03-07T15:00:00Z", "_embedded": {}}

    assert [event.type for event in tell("helpscout", document).events] == ["opened"]
    assert [event.type for event in tell("helpscout", document, x_helpscout_event="convo.status").events] == ["opened", "reopened"]
    assert [event.type for event in tell("helpscout", document, x_helpscout_event="convo.merged").events] == ["opened", "merged"]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1518307966.678, "2018-02-11T00:12:46.678000+00:00"),
        (1_518_307_966_678, "2018-02-11T00:12:46.678000+00:00"),
        ("2025-01-08T12:15:45.789012345Z", "2025-01-08T12:15:45.789012+00:00"),
        ("2014-12-31T12:27:09+10:00", "2014-12-31T12:27:09+10:00"),
    ],
)
def test_times_are_read_as_vendors_write_them(value: Any, read: str) -> None:
    found = story.instant(value)
    assert found is not None
    assert found.isoformat() == read


@pytest.mark.parametrize("value", ["2021-07-23T18:02:48", "yesterday", -5, 0, 10**20, "1970-01-01T00:00:00Z", [], {}])
def test_what_is_no_time_is_refused(value: Any) -> None:
    with pytest.raises(NotUnderstood):
        story.instant(value)
