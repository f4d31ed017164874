"""What lint knows of the work: verified cases of the last quarter by class, and the latest pool of each metric."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.conf import LazySettings

from agents import models as work
from agents.queries import lint_evidence
from contracts.queries import lint
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def april(settings: LazySettings) -> None:
    settings.PPR_NOW = factories.NOON


def make_resolved(*, at_days: int, version, **changes: object) -> None:
    when = factories.NOON - timedelta(days=at_days)
    made = factories.make_resolution(agent=None, version=version, resolved_at=when, verified_at=when)
    work.Resolution.objects.filter(pk=made.pk).update(is_payable=True, **changes)


def test_verified_cases_of_the_quarter_are_counted_by_class() -> None:
    version, chat, outage = factories.make_contract_version(), factories.make_channel(), factories.make_query_type()
    for days in (1, 91, 92):
        make_resolved(at_days=days, version=version, channel=chat, query_type=outage)
    make_resolved(at_days=1, version=factories.make_contract_version(), channel=chat)
    counts = lint_evidence.find_evidence(version).counts
    assert [(one.query_type, one.channel, one.outcome, one.count) for one in counts] == [("network/outage", "chat", "confirmed", 2)]


def test_a_class_that_was_worked_and_lost_its_price_is_found_with_its_count() -> None:
    version, chat = factories.make_contract_version(), factories.make_channel()
    make_resolved(at_days=1, version=version, channel=chat, query_type=factories.make_query_type())
    draft = type(version).objects.create(contract=version.contract, number=9, effective_from=date(2016, 6, 1), currency="USD")
    draft.rate_card_rows.create(channel=factories.make_channel(code="email", name="E-mail"), unit_amount_micros=1_000_000)
    found = lint.lint_version(version=draft)
    assert [(one.code, one.severity) for one in found] == [("class_without_price", "error")]
    assert "Network/outage by chat, confirmed has no price. Last period had 1 case of it" in found[0].what


def test_the_latest_pool_of_each_metric_counts_and_classes_do_not() -> None:
    for start, good in ((factories.MARCH, 80), (factories.APRIL, 84)):
        work.ReferenceRate.objects.create(metric="csat", period_start=start, success_count=good, observation_count=100, basis="test")
    work.ReferenceRate.objects.create(
        metric="csat",
        period_start=factories.MAY,
        channel=factories.make_channel(),
        success_count=1,
        observation_count=100,
        basis="test",
    )
    plan = factories.make_plan_version()
    assert lint_evidence.find_evidence(plan).pools == {"csat": Fraction(84, 100)}
    # The default curve gives 1 at 86%, so the expected agent would lose.
    assert [one.code for one in lint.lint_version(version=plan)] == ["punishes_expected"]
