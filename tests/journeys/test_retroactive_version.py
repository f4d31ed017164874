"""From a delivered event to a stated period, and back: a version for days past prices anew what it covers, line by line."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache

from agents.models import Resolution
from agents.operations.resolutions import fold_changed_cases
from billing.models import BookedLine
from billing.operations import refresh_changed
from billing.queries import contract_period
from contracts import models as terms
from contracts.operations import versions
from tests.billing import pay_world
from tests.ppr_portal.api import deliveries

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
MARCH_31 = date(2016, 3, 31)
AS_OF = pay_world.MARCH_7 + timedelta(days=20)


def take_up() -> None:
    fold_changed_cases.fold_changed_cases(as_of=AS_OF)
    refresh_changed.refresh_changed(as_of=AS_OF)


def state(contract: terms.Contract) -> list[tuple[str, Fraction]]:
    return [
        (line.kind, line.amount)
        for line in contract_period.state_contract_period(books=contract_period.open_books(contract=contract), day=MARCH_31).lines
    ]


def solve(key: str, agent: str, case: str, day: int) -> None:
    at = datetime(2016, 3, day, 10, tzinfo=NEW_YORK)
    solved = deliveries.event(f"{case}-1", at=at.isoformat(), agent=agent, query_type="desk/one", channel="chat", case=case)
    said_yes = deliveries.event(f"{case}-2", "customer_acknowledged", at=(at + timedelta(hours=1)).isoformat(), case=case)
    assert deliveries.statuses(deliveries.deliver(key, [solved, said_yes])) == ["accepted", "accepted"]


def test_a_version_for_days_past_states_the_period_anew() -> None:
    cache.clear()
    world = pay_world.make_world(agent_count=1)
    key = deliveries.make_program(source=deliveries.make_source())
    for case, day in (("early", 8), ("late", 18)):
        solve(key, world.agents[0].code, case, day)
    take_up()
    resolution = Resolution.objects.get(case__key="late")
    before = resolution.price_version
    contract = before.contract
    price = BookedLine.objects.get(resolution=resolution).amount_micros
    assert state(contract) == [("rated", Fraction(2 * price, 1_000_000))]

    draft = versions.clone_version(version=before, effective_from=date(2016, 3, 15))
    draft.rate_card_rows.update(unit_amount_micros=price + 1_000_000)
    versions.activate_version(version=draft)
    take_up()

    resolution.refresh_from_db()
    assert resolution.price_version == draft
    lines = BookedLine.objects.filter(resolution=resolution).order_by("revision")
    assert [(line.version_id, line.amount_micros, line.reason) for line in lines] == [
        (before.pk, price, ""),
        (before.pk, -price, "other_terms"),
        (draft.pk, price + 1_000_000, "other_terms"),
    ]
    assert BookedLine.objects.filter(resolution__case__key="early").count() == 1
    assert sum(amount for _, amount in state(contract)) == Fraction(2 * price + 1_000_000, 1_000_000)

    count = BookedLine.objects.count()
    take_up()
    assert BookedLine.objects.count() == count
