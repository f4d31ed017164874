"""What a delivery changes reaches the accrual of its agent, and of nobody else, without anybody asking for it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from agents import models as work
from agents.operations.resolutions import fold_changed_cases
from billing import models as pay
from billing.operations import refresh_changed
from ppr_portal.tasks import take_up_changes
from tests.billing import pay_world
from tests.ppr_portal.api import deliveries

pytestmark = pytest.mark.django_db
MARCH_12 = pay_world.MARCH_7 + timedelta(days=5)


def _take_up() -> refresh_changed.ChangeReport:
    fold_changed_cases.fold_changed_cases(as_of=MARCH_12)
    return refresh_changed.refresh_changed(as_of=MARCH_12)


def test_an_event_reaches_the_accrual_of_its_agent_alone() -> None:
    cache.clear()
    world = pay_world.make_world(agent_count=2)
    source = deliveries.make_source()
    for agent in world.agents:
        pay_world.work_a_week(agent)
        work.SourceIdentity.objects.create(source=source, space="agent", value=agent.code, agent=agent)
    key, ada = deliveries.make_program(source=source), world.agents[0]
    solved = deliveries.event("1", at="2016-03-11T10:00:00-05:00", agent=ada.code, query_type="desk/one", channel="chat")
    assert deliveries.statuses(deliveries.deliver(key, [solved])) == ["accepted"]

    first = _take_up()

    assert first == refresh_changed.ChangeReport(case_count=1, agent_count=1, changed_count=1)
    assert [found.state for found in work.Resolution.objects.all()] == ["pending"]
    assert list(pay.Settlement.objects.values_list("agent", "status")) == [(ada.pk, "accruing")]
    assert not pay.BookedLine.objects.exists()

    yes = deliveries.event("2", "customer_acknowledged", at="2016-03-11T11:00:00-05:00")
    deliveries.deliver(key, [yes])
    _take_up()

    assert [found.state for found in work.Resolution.objects.all()] == ["confirmed"]
    assert pay.BookedLine.objects.count() == 1
    assert pay.Earning.objects.filter(agent=ada).count() == 1
    assert not work.ChangedCase.objects.exists()
    assert _take_up().case_count == 0


def test_nothing_changed_is_nothing_to_do() -> None:
    report = refresh_changed.refresh_changed(as_of=datetime(2016, 4, 1, tzinfo=UTC))

    assert (report.case_count, report.agent_count, report.changed_count) == (0, 0, 0)
    take_up_changes()


def test_what_fails_on_the_way_into_pay_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    source = deliveries.make_source()
    deliveries.deliver(deliveries.make_program(source=source), [deliveries.event("1")])
    fold_changed_cases.fold_changed_cases(as_of=MARCH_12)

    def fail(**_: Any) -> None:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patch:
        patch.setattr(refresh_changed.changed_agents, "list_agents_of_cases", fail)
        with pytest.raises(RuntimeError):
            _take_up()
    assert work.ChangedCase.objects.count() == 1
    assert _take_up().case_count == 1
