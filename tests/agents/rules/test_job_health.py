"""Jobs and sources: both sides of each bound, in the order in which one word goes before another."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.rules import job_health
from agents.rules.job_health import JobFacts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def facts(**values):
    return JobFacts(**{"is_enabled": True, "last_at": NOW - HOUR, "due_at": NOW + MINUTE, **values})


@pytest.mark.parametrize(
    ("told", "health"),
    [
        (facts(), "fine"),
        (facts(is_enabled=False, has_failed=True), "off"),
        (facts(has_failed=True), "failed"),
        (facts(has_failed=True, is_running=True), "running"),
        (facts(is_running=True), "running"),
        (facts(last_at=None, due_at=None), "never"),
        (facts(last_at=None, due_at=NOW - 5 * MINUTE), "never"),
        (facts(last_at=None, due_at=NOW - 5 * MINUTE - SECOND), "late"),
        # A job of every minute has five minutes of grace, one of every two hours has one hour.
        (facts(last_at=NOW - 6 * MINUTE, due_at=NOW - 5 * MINUTE), "fine"),
        (facts(last_at=NOW - 6 * MINUTE - SECOND, due_at=NOW - 5 * MINUTE - SECOND), "late"),
        (facts(last_at=NOW - 3 * HOUR, due_at=NOW - HOUR), "fine"),
        (facts(last_at=NOW - 3 * HOUR - SECOND, due_at=NOW - HOUR - SECOND), "late"),
        (facts(last_at=NOW - 3 * HOUR - SECOND, due_at=NOW - HOUR - SECOND, is_running=True), "late"),
    ],
)
def test_a_job_is_judged_by_when_it_was_due(told, health):
    assert job_health.judge_job(facts=told, now=NOW) == health


@pytest.mark.parametrize(
    ("hours", "health"),
    [
        ((), "never"),
        ((1, 2), "few"),
        ((1, 2, 3), "fine"),
        ((2, 3, 4), "fine"),
        ((3, 4, 5), "late"),
        ((8, 12, 13), "fine"),
        ((9, 13, 14), "late"),
    ],
)
def test_a_source_is_late_after_twice_its_longest_pause(hours, health):
    assert job_health.judge_source(arrivals=[NOW - hour * HOUR for hour in hours], now=NOW) == health


def test_the_order_of_arrivals_does_not_count():
    arrivals = [NOW - hour * HOUR for hour in (13, 9, 14)]
    assert job_health.judge_source(arrivals=arrivals, now=NOW) == "late"


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(job_health.InvalidHealthFacts, match="time zone"):
        job_health.judge_job(facts=facts(last_at=datetime(2026, 1, 1)), now=NOW)  # noqa: DTZ001 (that is what is refused)
