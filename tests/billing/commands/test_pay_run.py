"""The pay_run command: totals, failed agents and seconds on the terminal; one sentence when it cannot be done."""

import io

import pytest
from django.core.management import CommandError, call_command

from agents.models import PlanAssignment
from billing.models import BookedLine, PayRun, Settlement
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings):
    settings.PPR_NOW = pay_world.AFTER_MARCH
    return pay_world.make_busy_world(resolution_counts=(4,))


def pay_run(*arguments):
    out = io.StringIO()
    call_command("pay_run", *arguments, stdout=out)
    return " ".join(out.getvalue().split())


def test_it_books_calculates_and_prints_the_total(world):
    printed = pay_run("2016-03")
    assert "Pay run of March 2016" in printed
    assert "Manchester 1 4 USD 502.04 0" in printed
    assert (BookedLine.objects.count(), Settlement.objects.get().total_micros) == (4, 502_040_000)


def test_a_dry_run_writes_nothing(world):
    printed = pay_run("2016-03", "--site", world.site.code, "--dry-run")
    assert "dry run, nothing was written" in printed
    assert "USD 502.04 0" in printed
    assert [model.objects.count() for model in (BookedLine, PayRun, Settlement)] == [0, 0, 0]


def test_an_agent_who_fails_is_named(world):
    PlanAssignment.objects.all().delete()
    name = world.agents[0].name
    assert f"Not paid: {name} has no active pay plan in March 2016; assign one and calculate again." in pay_run("2016-03")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("2016",), '"2016" is not a period; write year and month, for example 2026-10.'),
        (("2016-03", "--site", "nowhere"), 'There is no site "nowhere"; sites are: '),
        (("2016-04",), "April 2016 of Manchester ends on 2016-04-30; until then it accrues."),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(world, arguments, sentence):
    with pytest.raises(CommandError) as refused:
        pay_run(*arguments)
    assert str(refused.value).startswith(sentence)


def test_one_site_that_is_refused_does_not_stop_the_others(world):
    closed = factories.make_site(name="Aalborg")
    PayRun.objects.create(
        site=closed, period_start=factories.MARCH, period_end=factories.APRIL, as_of=pay_world.AFTER_MARCH, status=PayRun.Status.PAID
    )
    with pytest.raises(CommandError, match="March 2016 of Aalborg is paid"):
        pay_run("2016-03")
    assert Settlement.objects.count() == 1
