"""What quality observed is counted from what pay reads anyway: the same counts and rates as the statement that reads it alone."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.models import QaReview, ReferenceRate, Resolution, Survey
from agents.queries import quality as metrics
from billing.queries import instants, pay_periods
from billing.queries.pay_inputs import few, known, quality
from billing.queries.pay_inputs.scope import Scope
from tests import factories

pytestmark = pytest.mark.django_db
AT = datetime(2016, 3, 10, 12, tzinfo=UTC)
AS_OF = datetime(2016, 3, 20, tzinfo=UTC)


@pytest.fixture
def scope():
    """Two agents: classes with and without a rate of their own, one of no class, answers on older and on later resolutions."""
    version = factories.make_contract_version()
    ada, ben = factories.make_agent(), factories.make_agent()
    source = factories.make_source(code="voice", vendor="simulated")
    phone, chat = factories.make_channel(code="phone"), factories.make_channel(code="chat")
    moments = (AT, AT, AT + timedelta(days=1), AT - timedelta(days=40), AS_OF, AS_OF + timedelta(seconds=1))
    for agent in (ada, ben):
        for number, verified_at in enumerate(moments):
            fcr = ("yes", "no", "not_applicable")[number % 3]
            made = factories.make_resolution(agent=agent, version=version, resolved_at=verified_at - timedelta(hours=1), fcr=fcr)
            values = ({"channel": phone}, {"channel": chat}, {"channel": None, "query_type": None})[(number + agent.pk) % 3]
            Resolution.objects.filter(pk=made.pk).update(**values)
            common = {"source": source, "key": str(made.pk), "resolution": made, "agent": agent}
            Survey.objects.create(**common, is_favorable=number != 1, answered_at=verified_at if number != 3 else AT)
            set_aside = AT if number == 2 else None
            QaReview.objects.create(**common, score=90, is_passed=number != 0, reviewed_at=AT, set_aside_at=set_aside)
    # It fell after it was verified: nobody pays it, and it counts.
    fallen = factories.make_resolution(agent=ada, version=version, resolved_at=AT, fcr="no")
    Resolution.objects.filter(pk=fallen.pk).update(is_payable=False, state="reopened", channel=chat)
    for metric, channel, n in (("csat", None, 100), ("csat", chat, 40), ("fcr", None, 60), ("fcr", phone, 30)):
        query_type = None if channel is None else factories.make_query_type()
        ReferenceRate.objects.create(
            metric=metric, period_start=factories.MARCH, query_type=query_type, channel=channel, success_count=n // 2, observation_count=n
        )
    period = pay_periods.period_of(site=ada.site, day=factories.MARCH)
    return Scope(site=ada.site, agent_ids=[ada.pk, ben.pk], period=period, as_of=AS_OF)


def digests(found: quality.Observations, scope: Scope) -> list[str]:
    return [found.digest(agent_id=agent_id) for agent_id in scope.agent_ids]


def test_the_counts_are_those_of_the_statement(scope: Scope) -> None:
    until = AS_OF + instants.MICROSECOND
    frame = metrics.load_metrics(agent_ids=scope.agent_ids, start=scope.period.starts_at, end=until, period_start=scope.period.start)
    expected = digests(quality.Observations(frame=frame, period_name="March 2016"), scope)

    rows = few.read_few(scope=scope, currencies=())
    read = known.read_known(scope=scope, codes=rows.codes, is_sharing=rows.is_sharing, is_listed=True)
    found = digests(quality.read_observations(scope=scope, known=read, rates=rows.references), scope)

    assert found == expected
    assert set(frame["metric"]) == {"csat", "fcr", "qa"}


def test_what_fell_is_seen_and_is_not_paid(scope: Scope) -> None:
    rows = few.read_few(scope=scope, currencies=())
    read = known.read_known(scope=scope, codes=rows.codes, is_sharing=rows.is_sharing, is_listed=True)

    assert set(read.rows["state"]) == {"confirmed"}
    assert read.seen.height == read.rows.height + 1
