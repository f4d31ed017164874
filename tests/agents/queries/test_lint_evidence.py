"""What lint knows of the work: verified cases of the last quarter by class, and the latest pool of each metric."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.conf import LazySettings

from agents import models as work
from agents.queries import lint_evidence
from contracts.models import PayPlanLimit
from contracts.operations import versions
from contracts.queries import lint
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def april(settings: LazySettings) -> None:
    settings.PPR_NOW = factories.NOON


def make_resolved(*, at_days: int, version, **changes: object) -> work.Resolution:
    when = factories.NOON - timedelta(days=at_days)
    made = factories.make_resolution(agent=None, version=version, resolved_at=when, verified_at=when)
    work.Resolution.objects.filter(pk=made.pk).update(is_payable=True, **changes)
    return made


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
    assert "Network/outage by chat, confirmed has no price. Last quarter had 1 case of it" in found[0].what


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


def test_a_plan_with_a_limit_that_nobody_can_keep_stays_a_draft() -> None:
    draft = versions.clone_version(version=factories.make_plan_version(), effective_from=date(2016, 6, 1))
    limit = PayPlanLimit.objects.create(version=draft, limit="daily_rest", act=Decimal(30))
    (found,) = lint_evidence.find_evidence(draft).faults
    assert found.path == ("guardrails", "daily_rest", "act")
    with pytest.raises(versions.UnableToActivate, match="The act of daily_rest is at most 24 hours"):
        versions.activate_version(version=draft)
    limit.delete()
    PayPlanLimit.objects.create(version=draft, limit="daily_rest", act=Decimal(24))
    assert lint_evidence.find_evidence(draft).faults == ()
    assert versions.activate_version(version=draft).status == "active"


def handle(resolution: work.Resolution, *, seconds: int | None, agent: work.Agent, days: int = 1) -> None:
    source = resolution.case.source
    identity, _ = work.SourceIdentity.objects.get_or_create(source=source, space="resolver", value=agent.code, defaults={"agent": agent})
    when = factories.NOON - timedelta(days=days)
    work.CaseEvent.objects.create(
        case=resolution.case,
        source=source,
        key=f"contact-{resolution.pk}-{days}-{seconds}",
        type="contact",
        occurred_at=when,
        received_at=when,
        agent_identity=identity,
        handle_seconds=seconds,
    )


def cost_rate(hourly: int, **changes: object) -> work.CostRate:
    return work.CostRate.objects.create(
        **{"currency": "USD", "starts_on": date(2016, 1, 1), "hourly_micros": hourly * 1_000_000, **changes}
    )


def costs_of(version) -> dict[tuple[str | None, str | None], Fraction]:
    return {(row.query_type, row.channel): row.price.unit_amount for row in lint_evidence.find_evidence(version).costs.rows}


def make_handled(count: int, *, version, agent: work.Agent, seconds: int | None = 1_800, **changes: object) -> None:
    for _ in range(count):
        handle(make_resolved(at_days=1, version=version, **changes), seconds=seconds, agent=agent)


def test_a_case_costs_its_handle_time_at_the_site_and_each_level_its_mean() -> None:
    version, agent = factories.make_contract_version(), factories.make_agent()
    chat, outage = factories.make_channel(), factories.make_query_type()
    cost_rate(30)
    cost_rate(40, site=agent.site)
    cost_rate(99, site=factories.make_site())
    cost_rate(10, currency="EUR", site=agent.site)
    make_handled(20, version=version, agent=agent, channel=chat, query_type=outage)
    expected = Fraction(20)
    assert costs_of(version) == {
        ("network/outage", "chat"): expected,
        ("network/outage", None): expected,
        ("network", "chat"): expected,
        ("network", None): expected,
        (None, "chat"): expected,
        (None, None): expected,
    }


def test_nineteen_measured_cases_say_nothing_and_cases_without_handle_time_are_not_free() -> None:
    version, agent, chat = factories.make_contract_version(), factories.make_agent(), factories.make_channel()
    cost_rate(40)
    make_handled(19, version=version, agent=agent, channel=chat)
    make_handled(5, version=version, agent=agent, channel=chat, seconds=None)
    make_resolved(at_days=1, version=version, channel=chat)
    assert costs_of(version) == {}
    make_handled(1, version=version, agent=agent, channel=chat, seconds=0)
    assert costs_of(version)[None, "chat"] == Fraction(19)


@pytest.mark.parametrize(("days", "known"), [(1, True), (0, False)])
def test_a_cost_counts_from_its_first_day(days: int, known: bool) -> None:
    version, agent = factories.make_contract_version(), factories.make_agent()
    cost_rate(40, starts_on=factories.NOON.date() - timedelta(days=days))
    make_handled(20, version=version, agent=agent)
    assert bool(costs_of(version)) is known


def test_a_price_below_cost_and_a_class_without_a_price_name_last_quarters_money() -> None:
    version, agent = factories.make_contract_version(), factories.make_agent()
    chat, email, outage = factories.make_channel(), factories.make_channel(code="email", name="E-mail"), factories.make_query_type()
    cost_rate(6)
    make_handled(20, version=version, agent=agent, channel=chat, query_type=outage)
    make_handled(20, version=version, agent=agent, channel=email, query_type=outage)
    draft = type(version).objects.create(contract=version.contract, number=9, effective_from=date(2016, 6, 1), currency="USD")
    row = draft.rate_card_rows.create(channel=chat, unit_amount_micros=2_990_000)
    found = {one.code: one for one in lint.lint_version(version=draft)}
    # Half an hour at 6.00 is 3.00: twenty e-mails are unpaid, and each of twenty chats lacks a cent.
    assert (found["class_without_price"].amount, found["class_without_price"].severity) == (Fraction(60), "error")
    assert (found["below_cost"].amount, found["below_cost"].path) == (Fraction(20, 100), ("rows", 0, "price", "unit_amount"))
    row.unit_amount_micros = 3_000_000
    row.save()
    assert [one.code for one in lint.lint_version(version=draft)] == ["class_without_price"]
