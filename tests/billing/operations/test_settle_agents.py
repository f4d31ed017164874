"""What agents share is made once for each plan version, pack and period, and is nobody else's."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from billing.operations import settle_agents
from billing.operations.settled import Settled
from billing.queries import pay_periods
from billing.queries.pay_inputs import raw
from billing.queries.pay_inputs.scope import Scope
from contracts.rules import rule_packs
from tests import factories
from tests.billing import pay_world

# The wage rises in the middle of March.
RISES = date(2016, 3, 15)
PACK = rule_packs.RulePack(
    min_wages=(
        rule_packs.DatedRate(starts_on=date(2015, 1, 1), rate=Fraction(9)),
        rule_packs.DatedRate(starts_on=RISES, rate=Fraction(20)),
    )
)


@pytest.mark.django_db
def test_who_is_paid_for_a_part_of_the_period_has_columns_of_that_part() -> None:
    world = pay_world.make_busy_world(resolution_counts=(1, 1, 1, 1), as_of=pay_world.AFTER_MARCH)
    period = pay_periods.period_of(site=world.site, day=factories.MARCH)
    scope = Scope(site=world.site, agent_ids=[agent.pk for agent in world.agents], period=period, as_of=pay_world.AFTER_MARCH)
    loaded = raw.load_inputs(scope=scope)
    # Under one plan version and pack: all of March, its first half, all of March again, and the days after the rise.
    periods = (period, replace(period, end=RISES), period, replace(period, start=RISES))
    inputs = [one for one in loaded.agents if isinstance(one, raw.AgentInputs)]
    agents = [replace(one, pack=PACK, period=replace(part, weekday=one.period.weekday)) for one, part in zip(inputs, periods, strict=True)]

    settled = [one for one in settle_agents.settle(agents=agents, loaded=loaded) if isinstance(one, Settled)]

    # Two wages within a period are beyond columns; within each half there is one.
    assert [one.sheet is not None for one in settled] == [False, True, False, True]
