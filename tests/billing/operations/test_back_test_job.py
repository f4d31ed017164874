"""A long back-test is worked out once by a worker, watched meanwhile, and kept; nothing is written to the database."""

import pytest
from django.core.cache import cache

from agents.models import JobRun
from agents.operations.jobs import kept_answers
from billing import tasks
from billing.models import Settlement
from billing.operations import back_test_job
from billing.queries import back_test
from contracts.models import PayPlanVersion
from contracts.operations import versions
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch) -> pay_world.World:
    """Three agents, and every back-test is long; agents are paid one after the other."""
    monkeypatch.setattr(back_test_job, "UNITS_AT_ONCE_MAX", -1)
    monkeypatch.setattr(back_test, "AGENTS_AT_ONCE", 1)
    cache.clear()
    return pay_world.make_busy_world(resolution_counts=(2, 4, 6), as_of=pay_world.AFTER_MARCH)


def ask(version: PayPlanVersion, started: list[int]) -> back_test_job.State:
    return back_test_job.read_or_start(
        version=version, month=factories.MARCH, as_of=pay_world.AFTER_MARCH, start=lambda: started.append(version.pk)
    )


def work_out(version: PayPlanVersion) -> None:
    back_test_job.work_out(version=version, month=factories.MARCH, as_of=pay_world.AFTER_MARCH)


def test_a_short_one_is_worked_out_at_once(world: pay_world.World, monkeypatch) -> None:
    monkeypatch.setattr(back_test_job, "UNITS_AT_ONCE_MAX", 0)
    started: list[int] = []
    found = ask(world.plan, started)

    assert isinstance(found, back_test_job.Found)
    assert (found.summary.agent_count, started) == (3, [])


def test_a_long_one_asks_for_a_worker_once_and_shows_what_it_found(world: pay_world.World) -> None:
    started: list[int] = []
    assert ask(world.plan, started) == ask(world.plan, started) == kept_answers.Waiting()
    assert started == [world.plan.pk]
    work_out(world.plan)
    found = ask(world.plan, started)

    assert isinstance(found, back_test_job.Found)
    at_once = back_test.run_back_test(version=world.plan, month=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    assert (found.summary, found.failures) == (at_once.summary, at_once.failures)
    assert found.agents == back_test_job.in_columns(outcomes=at_once.outcomes, currency="USD")
    assert (started, Settlement.objects.count()) == ([world.plan.pk], 0)


def test_the_page_hears_of_each_part(world: pay_world.World) -> None:
    told: list[tuple[int, int]] = []
    back_test.run_back_test(
        version=world.plan,
        month=factories.MARCH,
        as_of=pay_world.AFTER_MARCH,
        tell=lambda done, all_of_them: told.append((done, all_of_them)),
    )

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_draft_that_was_changed_is_worked_out_anew(world: pay_world.World) -> None:
    draft = versions.clone_version(version=world.plan, effective_from=factories.APRIL)
    started: list[int] = []
    ask(draft, started)
    work_out(draft)
    draft.tiers.update(share_bp=5_000)

    assert ask(draft, started) == kept_answers.Waiting()
    assert started == [draft.pk, draft.pk]
    work_out(draft)
    found = ask(draft, started)
    assert isinstance(found, back_test_job.Found)
    assert found.agents.difference_micros(0) == 1_440_000


def test_a_version_that_cannot_be_read_says_why(world: pay_world.World) -> None:
    draft = versions.clone_version(version=world.plan, effective_from=factories.APRIL)
    draft.basis = "fixed"
    draft.save()
    work_out(draft)
    found = ask(draft, [])

    assert isinstance(found, kept_answers.Refused)
    assert "needs the amount of each class" in found.message


def test_the_job_is_recorded_and_a_late_copy_does_nothing(world: pay_world.World) -> None:
    for _ in range(2):
        tasks.back_test(version_id=world.plan.pk, month=factories.MARCH.isoformat())

    assert isinstance(ask(world.plan, []), back_test_job.Found)
    assert [job.outcome for job in JobRun.objects.filter(job__startswith="back_test")] == ["done", "done"]
