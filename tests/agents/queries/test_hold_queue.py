"""The hold queue: each thing once, money once and by currency, and pages that stay right."""

from datetime import timedelta

import pytest

from agents import models as work
from agents.operations.deliveries import receive_hook
from agents.operations.holds import holds
from agents.queries import hold_queue
from agents.queries.hold_queue import Filters
from tests import factories

pytestmark = pytest.mark.django_db

NOON = factories.NOON


def clocks() -> hold_queue.Clocks:
    return hold_queue.Clocks(business=NOON, expires_after=holds.EXPIRES_AFTER, kept_for=receive_hook.KEPT_FOR)


def hold(resolution: work.Resolution, reason: str, micros: int | None, currency: str = "USD", days: int = 1) -> work.Hold:
    return work.Hold.objects.create(
        resolution=resolution,
        reason=reason,
        message=f"{resolution.case.key} waits.",
        opened_at=NOON - timedelta(days=days),
        expires_at=NOON,
        amount_micros=micros,
        currency=currency,
    )


def unmapped(value: str, *prices: tuple[int | None, str]) -> work.SourceIdentity:
    """Make a name that holds resolutions of some prices."""
    name = work.SourceIdentity.objects.create(source=factories.make_source(), space="resolver", value=value)
    for micros, currency in prices:
        made = factories.make_resolution(agent=None, version=factories.make_contract_version(currency=currency))
        work.Resolution.objects.filter(pk=made.pk).update(identity=name)
        hold(made, "unmapped_identity", micros, currency)
    return name


def test_a_name_is_one_thing_with_the_money_of_all_it_holds_by_currency() -> None:
    unmapped("Resolver  1", (2_400_000, "USD"), (1_100_000, "USD"), (5_000_000, "EUR"), (None, "USD"))
    (item,) = hold_queue.list_page(filters=Filters(), clocks=clocks(), after=None).rows

    assert (item.kind, item.title, item.unit_count) == ("name", "Resolver  1", 4)
    assert item.amounts == {"EUR": 5_000_000, "USD": 3_500_000}
    total = hold_queue.total(filters=Filters(), clocks=clocks())
    assert (total.item_count, total.amounts, total.unpriced_count) == (1, {"EUR": 5_000_000, "USD": 3_500_000}, 1)


def test_a_resolution_held_for_two_reasons_counts_once_in_the_total_and_in_each_reason() -> None:
    held = factories.make_resolution(agent=factories.make_agent(), version=factories.make_contract_version())
    for reason in ("rows_held", "no_price"):
        hold(held, reason, 2_400_000)
    groups = hold_queue.group_by_reason(filters=Filters(), clocks=clocks())

    assert {group.reason: group.amounts for group in groups} == {"rows_held": {"USD": 2_400_000}, "no_price": {"USD": 2_400_000}}
    assert hold_queue.total(filters=Filters(), clocks=clocks()).amounts == {"USD": 2_400_000}


def test_pay_that_was_taken_back_is_never_added_to_client_prices() -> None:
    held = factories.make_resolution(agent=factories.make_agent(), version=factories.make_contract_version())
    hold(held, "reversed_but_payable", 480_000)
    (group,) = hold_queue.group_by_reason(filters=Filters(), clocks=clocks())

    assert (group.is_pay, group.amounts) == (True, {"USD": 480_000})
    assert hold_queue.total(filters=Filters(), clocks=clocks()).amounts == {}


def test_filters_narrow_and_pages_follow_each_other_without_gap_or_repeat() -> None:
    owner = factories.make_user()
    version = factories.make_contract_version()
    for days in range(1, 8):
        found = hold(factories.make_resolution(agent=None, version=version), "no_price", None, days=days * 10)
        work.Hold.objects.filter(pk=found.pk).update(owner=owner if days == 1 else None)
    unmapped("Someone", (1, "USD"))

    def count(**parts: object) -> int:
        return hold_queue.total(filters=Filters(**parts), clocks=clocks()).item_count  # type: ignore[arg-type]

    assert (count(), count(kind="name"), count(reason="no_price"), count(age_days=30)) == (8, 1, 7, 5)
    assert (count(owner=str(owner.pk)), count(owner="none"), count(find="someone"), count(find="%")) == (1, 7, 1, 0)
    assert (count(client_id=version.contract.client_id), count(source_id=10**9)) == (7, 0)
    seen: list[str] = []
    position = None
    while True:
        page = hold_queue.list_page(filters=Filters(), clocks=clocks(), after=position, limit=3)
        seen += [item.code for item in page.rows]
        if page.next_position is None:
            break
        position = hold_queue.Position.parse(str(page.next_position))
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize("text", ["", "x", "2016-04-20T16:00:00+00:00_row_x", "2016-04-20_row_1", "2016-04-20T16:00:00+00:00_thing_1"])
def test_a_place_that_is_none_is_the_beginning(text: str) -> None:
    assert hold_queue.Position.parse(text) is None
