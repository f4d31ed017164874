"""The database asks for what foreign keys would ask of each line and earning, raw SQL included: once a statement, or at approval."""

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import Earning, PayRun, Settlement, SettlementLine
from billing.operations import approve_pay_run, calculate_pay_run
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
NOWHERE = 10**9


@pytest.fixture
def paid() -> list[Settlement]:
    """The settlements of two agents with two earnings each."""
    world = pay_world.make_busy_world(resolution_counts=(2, 2), as_of=pay_world.AFTER_MARCH)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    return list(Settlement.objects.order_by("agent"))


def insert(settlement_ids: list[int], agent_ids: list[int], resolution_ids: list[int]) -> None:
    """Insert earnings in one statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO billing_earning
                (settlement_id, agent_id, resolution_id, verified_at, price_micros, credit_micros, line_position)
            SELECT s, a, r, now(), 1, 1, 1 FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS given (s, a, r)""",
            [settlement_ids, agent_ids, resolution_ids],
        )


def test_of_many_rows_one_of_another_agents_settlement_refuses_all(paid: list[Settlement]) -> None:
    ada, ben = paid
    own, others = (list(Earning.objects.filter(agent=one.agent_id).values_list("resolution", flat=True)) for one in paid)
    insert([ada.pk, ben.pk], [ada.agent_id, ben.agent_id], [others[0], own[0]])
    count = Earning.objects.count()

    with pytest.raises(IntegrityError, match=f"there is no settlement {ben.pk} of agent {ada.agent_id}"):
        insert([ben.pk, ben.pk], [ben.agent_id, ada.agent_id], [own[1], others[1]])
    with pytest.raises(IntegrityError, match=f"there is no settlement {NOWHERE} of agent {ada.agent_id}"):
        insert([NOWHERE], [ada.agent_id], [others[1]])
    with pytest.raises(IntegrityError, match=f"there is no settlement {ben.pk} of agent {ada.agent_id}"), transaction.atomic():
        Earning.objects.filter(agent=ada.agent_id).update(settlement=ben.pk)

    assert Earning.objects.count() == count


def test_of_many_lines_one_of_no_settlement_refuses_all(paid: list[Settlement]) -> None:
    ada, _ben = paid
    lines = list(SettlementLine.objects.order_by("pk"))
    copies = [
        SettlementLine(settlement_id=pk, position=900, kind="unit", label="Copy", exact="0", amount_micros=0) for pk in (ada.pk, NOWHERE)
    ]

    with pytest.raises(IntegrityError, match=f"there is no settlement {NOWHERE}"), transaction.atomic():
        SettlementLine.objects.bulk_create(copies)
    with pytest.raises(IntegrityError, match=f"there is no settlement {NOWHERE}"), transaction.atomic():
        SettlementLine.objects.filter(pk=lines[0].pk).update(settlement=NOWHERE)

    assert list(SettlementLine.objects.order_by("pk")) == lines


@pytest.mark.parametrize(("first", "left"), [("billing_settlementline", "earnings"), ("billing_earning", "lines")])
def test_a_settlement_goes_only_after_all_its_rows(paid: list[Settlement], first: str, left: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {first}")
        with pytest.raises(IntegrityError, match=f"a settlement that has {left} cannot be deleted"), transaction.atomic():
            cursor.execute("DELETE FROM billing_settlement")
    Earning.objects.all().delete()

    Settlement.objects.all().delete()

    assert not SettlementLine.objects.exists()


def test_a_settlement_that_pays_what_is_not_there_is_not_approved(paid: list[Settlement]) -> None:
    ada, ben = paid
    PayRun.objects.update(status="approved")
    insert([ada.pk], [ada.agent_id], [NOWHERE])

    with pytest.raises(IntegrityError, match=f"settlement {ada.pk} pays resolution {NOWHERE}, which is not there"), transaction.atomic():
        Settlement.objects.order_by("pk").update(status="approved")
    Settlement.objects.filter(pk=ben.pk).update(status="approved")
    Earning.objects.filter(agent=ada.agent_id, resolution=NOWHERE).delete()
    Settlement.objects.filter(pk=ada.pk).update(status="approved")

    assert set(Settlement.objects.values_list("status", flat=True)) == {"approved"}


def test_the_approver_reads_what_to_do(paid: list[Settlement]) -> None:
    ada, _ben = paid
    insert([ada.pk], [ada.agent_id], [NOWHERE])
    run = PayRun.objects.get()

    with pytest.raises(approve_pay_run.UnableToApprove, match=f"{run} pays a resolution that is no longer there; calculate it again"):
        approve_pay_run.approve_pay_run(run_id=run.pk, person=factories.make_user(roles=["payroll"]), as_of=factories.NOON)

    run.refresh_from_db()
    assert (run.status, set(Settlement.objects.values_list("status", flat=True))) == ("calculated", {"calculated"})


def test_a_settlement_that_is_still_open_is_written_whatever_it_pays(paid: list[Settlement]) -> None:
    ada, _ben = paid
    insert([ada.pk], [ada.agent_id], [NOWHERE])

    Settlement.objects.filter(pk=ada.pk).update(total_micros=5)

    assert Settlement.objects.get(pk=ada.pk).total_micros == 5


def test_an_approved_settlement_takes_no_earning_and_gives_none(paid: list[Settlement]) -> None:
    ada, ben = paid
    own, others = (list(Earning.objects.filter(agent=one.agent_id).values_list("resolution", flat=True)) for one in paid)
    PayRun.objects.update(status="approved")
    Settlement.objects.filter(pk=ada.pk).update(status="approved")

    with pytest.raises(IntegrityError, match=f"settlement {ada.pk} is approved"):
        insert([ben.pk, ada.pk], [ben.agent_id, ada.agent_id], [own[0], others[0]])
    with pytest.raises(IntegrityError, match=f"settlement {ada.pk} is approved"), transaction.atomic():
        Earning.objects.filter(agent=ada.agent_id).update(price_micros=2)
    with pytest.raises(IntegrityError, match=f"settlement {ada.pk} is approved"), transaction.atomic():
        Earning.objects.filter(agent=ada.agent_id).delete()

    assert Earning.objects.count() == 4
