"""Keys that a process remembers, and counts of requests: quick, and no weaker for it."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from agents import models as work
from agents.operations.deliveries import api_keys
from ppr_portal import cache as counters
from ppr_portal.api.throttles import ApiKeyThrottle
from tests.ppr_portal.api import deliveries
from tests.ppr_portal.api.deliveries import deliver, event


@pytest.fixture
def key(db: None) -> str:
    cache.clear()
    api_keys.forget_proven_keys()
    return deliveries.make_program(source=deliveries.make_source())


def test_a_key_that_was_used_a_moment_ago_opens_nothing_once_it_is_revoked_here(key: str) -> None:
    assert deliver(key, [event("1")]).status_code == 207
    api_keys.revoke_api_keys(keys=work.ApiKey.objects.all(), revoked_at=timezone.now())

    assert deliver(key, [event("2")]).status_code == 401


@pytest.mark.parametrize(
    ("change", "status"), [({"revoked_at": timezone.now()}, 401), ({"scopes": []}, 403), ({"key_hash": "0" * 64}, 401)]
)
def test_what_another_process_changed_holds_here_after_two_seconds(
    key: str, change: dict[str, object], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api_keys.BELIEVED_SECONDS <= 2.0
    assert deliver(key, [event("1")]).status_code == 207
    work.ApiKey.objects.update(**change)
    monkeypatch.setattr(api_keys, "BELIEVED_SECONDS", 0.0)

    assert deliver(key, [event("2")]).status_code == status
    assert deliveries.stored() == [("1", "closed", "C-1")]


def test_a_wrong_key_is_never_remembered(key: str) -> None:
    wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
    assert deliver(key, [event("1")]).status_code == 207
    for _ in range(2):
        assert deliver(wrong, [event("2")]).status_code == 401
    assert len(api_keys._proven) == 1


def test_a_known_key_is_not_looked_up_again_and_its_use_is_still_noted(key: str, django_assert_num_queries: object) -> None:
    at = timezone.now()
    assert api_keys.find_api_key(text=key, used_at=at) is not None
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert api_keys.find_api_key(text=key, used_at=at) is not None
    later = at + api_keys.USE_IS_NOTED_EVERY
    assert api_keys.find_api_key(text=key, used_at=later) is not None
    assert work.ApiKey.objects.get().last_used_at == later


def test_requests_of_two_windows_share_one_rate(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [7200.0]
    monkeypatch.setattr(ApiKeyThrottle, "THROTTLE_RATES", {"api_key": "4/hour"})
    monkeypatch.setattr(ApiKeyThrottle, "timer", lambda throttle: at[0])

    def ask(seconds: float) -> int:
        at[0] = seconds
        return int(deliver(key, [event("1")]).status_code)

    assert [ask(10_799.0) for _ in range(5)] == [207, 207, 207, 207, 429]
    assert ask(10_800.0) == 429, "a second later the four before still count"
    refused = deliver(key, [event("1")])
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert [ask(12_600.0) for _ in range(3)] == [207, 207, 429], "half of the four are out of reach"
    assert ask(14_400.0 + 3_600.0) == 207


def test_the_shared_cache_counts_in_one_trip(valkey_url: str) -> None:
    shared = counters.PortalCache(valkey_url, {})
    shared.clear()
    told = [counters.count(cache=shared, key="now", before="then", seconds=60) for _ in range(3)]
    assert told == [(1, 0), (2, 0), (3, 0)]
    assert shared.decr("now") == 2
    assert counters.count(cache=shared, key="next", before="now", seconds=60) == (1, 2)
    assert shared._cache.get_client("x").ttl(shared.make_key("now")) in range(1, 61)
