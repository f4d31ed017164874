"""Which override wins, and policies that contradict themselves."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.rules import business_hours, resolution_policy
from contracts.rules.resolution_policy import PolicyOverride, ResolutionPolicy

HOUR = timedelta(hours=1)
ONE_HOUR_A_WEEK = business_hours.BusinessHours(
    timezone="UTC", weekly=(business_hours.OpenHours(weekday=0, start_minute=540, end_minute=600),)
)
POLICY = ResolutionPolicy(
    overrides=(
        PolicyOverride(channel="email", silence_window=1 * HOUR),
        PolicyOverride(query_type="billing", silence_window=2 * HOUR),
        PolicyOverride(query_type="billing", channel="email", silence_window=3 * HOUR),
        PolicyOverride(query_type="billing/refund", silence_window=4 * HOUR, reopen_effect="new_unit"),
    )
)


@pytest.mark.parametrize(
    ("query_type", "channel", "hours"),
    [
        ("shipping", "chat", 72),
        ("shipping", "email", 1),
        ("billing", "chat", 2),
        ("billing/invoice", "chat", 2),
        ("billing/invoice", "email", 3),
        ("billing/refund", "email", 4),
        ("billingx", "chat", 72),
        (None, "email", 1),
        (None, None, 72),
    ],
)
def test_the_most_specific_query_type_wins_then_the_channel(query_type: str | None, channel: str | None, hours: int) -> None:
    found = resolution_policy.effective_policy(policy=POLICY, query_type=query_type, channel=channel)
    assert found.silence_window == hours * HOUR
    assert found.overrides == ()


def test_an_override_changes_only_what_it_names() -> None:
    found = resolution_policy.effective_policy(policy=POLICY, query_type="billing/refund", channel="chat")
    assert (found.reopen_effect, found.reopen_window, found.verified_by) == ("new_unit", timedelta(days=7), "customer_or_silence")


def test_an_override_of_a_reduced_price_drops_the_part_that_stays() -> None:
    policy = ResolutionPolicy(
        reopen_effect="reduced_price", reduced_price_bp=5_000, overrides=(PolicyOverride(channel="chat", reopen_effect="new_unit"),)
    )
    assert resolution_policy.effective_policy(policy=policy, query_type=None, channel="chat").reduced_price_bp is None
    assert resolution_policy.effective_policy(policy=policy, query_type=None, channel="email").reduced_price_bp == 5_000


@pytest.mark.parametrize(
    ("knobs", "path"),
    [
        ({"silence_window": -HOUR}, ("silence_window",)),
        ({"reopen_window": -HOUR}, ("reopen_window",)),
        ({"repeat_window": -HOUR}, ("repeat_window",)),
        ({"silence_clock": "business"}, ("hours",)),
        ({"reopen_clock": "business"}, ("hours",)),
        ({"repeat_clock": "business"}, ("hours",)),
        ({"repeat_clock": "business", "hours": ONE_HOUR_A_WEEK, "repeat_window": 261 * HOUR}, ("repeat_window",)),
        ({"reopen_effect": "reduced_price"}, ("reduced_price_bp",)),
        ({"reopen_effect": "reduced_price", "reduced_price_bp": 10_001}, ("reduced_price_bp",)),
        ({"reduced_price_bp": 5_000}, ("reduced_price_bp",)),
        ({"timezone": "Mars/Olympus"}, ("timezone",)),
        ({"overrides": (PolicyOverride(),)}, ("overrides", 0)),
        ({"overrides": (PolicyOverride(channel="chat"), PolicyOverride(channel="chat"))}, ("overrides", 1)),
        ({"overrides": (PolicyOverride(channel="chat", silence_window=-HOUR),)}, ("overrides", 0, "silence_window")),
    ],
)
def test_refuses_knobs_that_contradict_each_other(knobs: dict[str, Any], path: tuple[str | int, ...]) -> None:
    with pytest.raises(resolution_policy.InvalidPolicy) as refused:
        ResolutionPolicy(**knobs)
    assert refused.value.path == path
