"""Webhooks: believed with the vendor's signature only, never from another time, and safe to repeat."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from agents import models as work
from agents.operations.deliveries import receive_events, receive_hook
from ppr_portal.api import hooks
from ppr_portal.api.throttles import SourceThrottle
from tests.ppr_portal.api import desk_samples, help_desks
from tests.ppr_portal.api.help_desks import VENDORS, send

pytestmark = pytest.mark.django_db

TIMED = ("zendesk", "chatwoot", "hubspot", "front")


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_signed_webhook_is_stored_once(vendor: str) -> None:
    help_desks.make_desk(vendor)
    sample, told = desk_samples.SOLVED[vendor]

    first, second = send(vendor, sample), send(vendor, sample)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["counts"]["accepted"] == len(told)
    assert second.json()["counts"] == {"accepted": 0, "duplicate": len(told), "held": 0, "rejected": 0}
    assert help_desks.said() == told


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_webhook_without_proof_is_refused_and_nothing_of_it_is_kept(vendor: str) -> None:
    help_desks.make_desk(vendor)
    sample, _ = desk_samples.SOLVED[vendor]
    body = help_desks.encode(sample)
    path = help_desks.path_of(vendor)

    refused = [
        send(vendor, sample, secret="another"),
        Client().post(path, body, content_type="application/json"),
        Client().post(path, body, content_type="application/json", headers=dict.fromkeys(help_desks.sign(vendor, body), "é")),
    ]
    if vendor != "freshdesk":
        refused.append(Client().post(path, body + b" ", content_type="application/json", headers=help_desks.sign(vendor, body)))

    assert {answer.status_code for answer in refused} == {401}
    assert not work.CaseEvent.objects.exists()
    assert not work.RawDelivery.objects.exists()


@pytest.mark.parametrize("vendor", TIMED)
# Half a minute off the bound, for a delivery that is slow to arrive.
@pytest.mark.parametrize("age", [timedelta(minutes=5, seconds=30), timedelta(minutes=-5, seconds=-30)])
def test_a_signature_of_another_time_is_refused(vendor: str, age: timedelta) -> None:
    help_desks.make_desk(vendor)
    sample, _ = desk_samples.SOLVED[vendor]

    assert send(vendor, sample, age=age).status_code == 401
    assert send(vendor, sample, age=age * 0.8).status_code == 200


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_secret_can_be_replaced_and_revoked(vendor: str) -> None:
    source = help_desks.make_desk(vendor)
    sample, _ = desk_samples.SOLVED[vendor]
    work.HookSecret.objects.create(source=source, value="the next", created_at=timezone.now())

    assert [send(vendor, sample, secret=secret).status_code for secret in (help_desks.SECRET, "the next")] == [200, 200]
    work.HookSecret.objects.filter(value=help_desks.SECRET).update(revoked_at=timezone.now())
    assert [send(vendor, sample, secret=secret).status_code for secret in (help_desks.SECRET, "the next")] == [401, 200]


@pytest.mark.parametrize("accept", ["text/plain", "application/xml", "nonsense"])
def test_what_a_help_desk_accepts_as_an_answer_loses_no_webhook(accept: str) -> None:
    help_desks.make_desk("zammad")
    sample, told = desk_samples.SOLVED["zammad"]

    assert send("zammad", sample, accept=accept).json()["counts"]["accepted"] == len(told)
    address, body = f"{help_desks.path_of('zammad')}?format=xml", help_desks.encode(sample)
    answer = Client().post(address, body, content_type="text/plain", headers={**help_desks.sign("zammad", body), "accept": accept})
    assert answer.json()["counts"]["duplicate"] == len(told)


def test_a_stranger_learns_nothing_of_which_sources_there_are() -> None:
    help_desks.make_desk("zammad")
    body = b"{}"
    headers = help_desks.sign("zammad", body, secret="guess")
    answers = [
        Client().post(path, body, content_type="application/json", headers=headers)
        for path in ("/hooks/zammad/our-zammad/", "/hooks/zammad/nobody/", "/hooks/intercom/our-zammad/")
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert len({answer.content for answer in answers}) == 1
    for path in ("/hooks/unheard/of/", "/hooks/zammad/%00/"):
        assert Client().post(path, body, content_type="application/json").status_code == 404


def test_chatwoot_may_send_the_secret_and_front_may_sign_as_a_rule() -> None:
    help_desks.make_desk("chatwoot")
    body = help_desks.encode(desk_samples.SOLVED["chatwoot"][0])
    headers = {"x-webhook-secret": help_desks.SECRET}
    assert Client().post(help_desks.path_of("chatwoot"), body, content_type="application/json", headers=headers).status_code == 200


def test_front_as_a_rule_signs_the_body_alone_and_a_challenge_is_answered() -> None:
    help_desks.make_desk("front")
    body = help_desks.encode(desk_samples.SOLVED["front"][0])
    headers = {"x-front-signature": help_desks._base64(help_desks.SECRET, body, "sha1")}
    assert Client().post(help_desks.path_of("front"), body, content_type="application/json", headers=headers).status_code == 200

    answer = send("front", {"type": "sync", "authorization": {"id": "cmp_abc"}}, x_front_challenge="tell me")
    assert answer.json() == {"challenge": "tell me"}


def test_what_is_not_understood_is_kept_as_it_came_and_deleted_in_time() -> None:
    help_desks.make_desk("zammad")
    body = b'{"ticket": {"id": 7, "created_at": "yesterday"}}'

    answers = [send("zammad", body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 202]
    kept = work.RawDelivery.objects.get()
    assert (bytes(kept.body), kept.delivery_count, kept.reason) == (body, 3, "not_understood")
    assert kept.message == '"yesterday" is no time such as 2025-01-08T12:15:45Z.'
    assert send("zammad", b'{"ticket": {"id": 7, "created_at": "a\\u0000b"}}').status_code == 202
    assert work.RawDelivery.objects.latest("pk").message == '"ab" is no time such as 2025-01-08T12:15:45Z.'
    work.RawDelivery.objects.latest("pk").delete()
    assert receive_hook.delete_old_deliveries(now=kept.last_received_at + receive_hook.KEPT_FOR) == 0
    assert receive_hook.delete_old_deliveries(now=kept.last_received_at + receive_hook.KEPT_FOR + timedelta(seconds=1)) == 1


def test_a_body_over_the_limit_is_refused() -> None:
    help_desks.make_desk("zammad")

    assert send("zammad", b" " * (hooks.BYTES_MAX + 1)).status_code == 413
    assert send("zammad", b" " * hooks.BYTES_MAX).status_code == 202


def test_webhooks_beyond_the_rate_wait_and_strangers_do_not_use_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SourceThrottle, "THROTTLE_RATES", {"hook": "2/hour"})
    help_desks.make_desk("zammad")
    sample, _ = desk_samples.SOLVED["zammad"]

    assert [send("zammad", sample, secret="guess").status_code for _ in range(3)] == [401, 401, 401]
    assert [send("zammad", sample).status_code for _ in range(3)] == [200, 200, 429]


def test_a_doubtful_webhook_waits_once_and_counts_when_a_person_says_so() -> None:
    help_desks.make_desk("freshdesk")
    untimed = {"freshdesk_webhook": {"ticket_id": "11", "triggered_event": "{status:{from:4,to:6}}", "requester_name": "Bob"}}

    assert [send("freshdesk", untimed).json()["counts"]["held"] for _ in range(2)] == [1, 1]
    held = work.HeldRow.objects.get()
    assert (held.case_key, held.reason) == ("11", "missing_time")

    receive_events.retry_held_events(held_ids=[held.pk], as_of=timezone.now())
    assert list(work.CaseEvent.objects.values_list("type", flat=True)) == ["reopened"]
    assert send("freshdesk", untimed).json()["counts"] == {"accepted": 0, "duplicate": 1, "held": 0, "rejected": 0}
    assert help_desks.waiting() == []


def test_a_known_event_with_another_body_is_held_for_nobody_reads_the_answer() -> None:
    help_desks.make_desk("front")
    sample, _ = desk_samples.SOLVED["front"]
    send("front", sample)
    other: dict[str, Any] = {**sample, "source": {"_meta": {"type": "rule"}, "data": None}}

    assert send("front", other).json()["counts"]["held"] == 1
    assert help_desks.waiting() == ["cnv_1 changed"]
    assert [send("front", other).json()["counts"]["held"], work.HeldRow.objects.count()] == [1, 1]


def test_the_mapping_of_a_source_says_what_the_vendors_words_mean() -> None:
    source = help_desks.make_desk("hubspot")
    stage = {"subscriptionType": "ticket.propertyChange", "objectId": 5, "occurredAt": 1_700_000_000_000, "eventId": 9}
    stage |= {"propertyName": "hs_pipeline_stage", "propertyValue": "14863823a", "sourceId": "userId:7"}
    assert send("hubspot", [stage]).json()["counts"]["held"] == 1
    mapping = work.Mapping.objects.create(source=source, number=1, date_format="%Y", timezone="UTC")
    work.MappingValue.objects.create(mapping=mapping, target="state", value="14863823a", meaning="closed")

    assert send("hubspot", [stage]).json()["counts"]["accepted"] == 1
    assert help_desks.said() == ["5 closed 2023-11-14T22:13:20Z by user 7"]
    assert help_desks.waiting() == []
