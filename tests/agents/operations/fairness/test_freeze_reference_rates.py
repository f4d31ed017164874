"""Reference rates are counted from before the period, per class and over all, once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agents.models import QaReview, ReferenceRate, Resolution, Survey
from agents.operations.fairness.freeze_reference_rates import freeze_reference_rates
from agents.queries.quality import load_metrics
from contracts.models import ContractVersion
from tests import factories

pytestmark = pytest.mark.django_db

APRIL = date(2016, 4, 1)
AS_OF = datetime(2016, 4, 1, 12, tzinfo=UTC)


def observe(version: ContractVersion, *, count: int, favorable: int, at: datetime, channel: str = "chat") -> list[Resolution]:
    """Make verified resolutions of one agent with surveys, the first of them favorable."""
    agent = factories.make_agent()
    source = factories.make_source(code="voice", vendor="simulated")
    found = []
    for number in range(count):
        resolution = factories.make_resolution(
            agent=agent, version=version, resolved_at=at, verified_at=at, fcr="yes" if number % 2 else "no"
        )
        Resolution.objects.filter(pk=resolution.pk).update(channel=factories.make_channel(code=channel))
        Survey.objects.create(
            source=source, key=f"{resolution.pk}", resolution=resolution, agent=agent, is_favorable=number < favorable, answered_at=at
        )
        found.append(resolution)
    return found


def rates() -> dict[tuple[str, str | None], tuple[int, int]]:
    rows = ReferenceRate.objects.values_list("metric", "channel__code", "success_count", "observation_count")
    return {(metric, channel): (successes, n) for metric, channel, successes, n in rows}


def test_a_class_with_thirty_results_has_a_rate_of_its_own() -> None:
    version = factories.make_contract_version()
    observe(version, count=30, favorable=24, at=datetime(2016, 3, 10, tzinfo=UTC))
    observe(version, count=29, favorable=10, at=datetime(2016, 3, 10, tzinfo=UTC), channel="email")
    report = freeze_reference_rates(period_start=APRIL, as_of=AS_OF)
    assert rates() == {
        ("csat", None): (34, 59),
        ("csat", "chat"): (24, 30),
        ("fcr", None): (29, 59),
        ("fcr", "chat"): (15, 30),
    }
    assert (report.new_count, report.missing_metrics) == (4, ("qa",))
    assert set(ReferenceRate.objects.values_list("basis", flat=True)) == {"Counted from 2015-10-02 to 2016-03-31, all agents"}


def test_only_what_came_before_the_period_began_anywhere_is_counted() -> None:
    version = factories.make_contract_version()
    factories.make_site(timezone="Asia/Manila")
    starts_in_manila = datetime(2016, 3, 31, 16, tzinfo=UTC)
    observe(version, count=1, favorable=1, at=starts_in_manila - timedelta(seconds=1))
    observe(version, count=1, favorable=0, at=starts_in_manila)
    observe(version, count=1, favorable=0, at=starts_in_manila - timedelta(weeks=26, seconds=1))
    freeze_reference_rates(period_start=APRIL, as_of=AS_OF)
    assert rates()["csat", None] == (1, 1)


def test_frozen_rates_stay_and_a_missing_metric_can_follow() -> None:
    version = factories.make_contract_version()
    (resolution,) = observe(version, count=1, favorable=1, at=datetime(2016, 3, 10, tzinfo=UTC))
    freeze_reference_rates(period_start=APRIL, as_of=AS_OF)
    observe(version, count=1, favorable=0, at=datetime(2016, 3, 11, tzinfo=UTC))
    assert resolution.agent is not None
    QaReview.objects.create(
        source=factories.make_source(),
        key="1",
        resolution=resolution,
        agent=resolution.agent,
        score=90,
        is_passed=True,
        reviewed_at=datetime(2016, 3, 12, tzinfo=UTC),
    )
    report = freeze_reference_rates(period_start=APRIL, as_of=AS_OF)
    assert rates() == {("csat", None): (1, 1), ("fcr", None): (0, 1), ("qa", None): (1, 1)}
    assert (report.new_count, report.missing_metrics) == (1, ())


def test_without_earlier_results_nothing_is_made_up() -> None:
    report = freeze_reference_rates(period_start=APRIL, as_of=AS_OF)
    assert (report.new_count, report.missing_metrics) == (0, ("csat", "fcr", "qa"))
    assert ReferenceRate.objects.count() == 0


def test_metrics_come_with_the_rates_they_are_compared_with() -> None:
    version = factories.make_contract_version()
    observe(version, count=30, favorable=24, at=datetime(2016, 3, 10, tzinfo=UTC))
    freeze_reference_rates(period_start=APRIL, as_of=AS_OF)
    chats = observe(version, count=3, favorable=2, at=datetime(2016, 4, 10, tzinfo=UTC))
    agent = chats[0].agent
    assert agent is not None
    Survey.objects.filter(resolution=chats[2]).update(answered_at=datetime(2016, 5, 1, tzinfo=UTC))
    found = load_metrics(
        agent_ids=[agent.pk], start=datetime(2016, 4, 1, tzinfo=UTC), end=datetime(2016, 5, 1, tzinfo=UTC), period_start=APRIL
    )
    assert found.rows() == [
        (agent.pk, "csat", "network/outage", "chat", 2, 2, 30, 24, 30, 24),
        (agent.pk, "fcr", "network/outage", "chat", 3, 1, 30, 15, 30, 15),
    ]
    later = load_metrics(
        agent_ids=[agent.pk], start=datetime(2016, 4, 1, tzinfo=UTC), end=datetime(2016, 5, 1, tzinfo=UTC), period_start=date(2016, 6, 1)
    )
    assert later["pool_n"].to_list() == [None, None]
