"""A version on real history: equal terms change nothing, other windows change the cases that they must, other prices their count."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest

from agents import models as work
from agents.operations.resolutions import resolve_cases
from billing.models import BookedLine, Settlement
from billing.operations import book_resolutions
from billing.queries import contract_period
from billing.queries.simulator import simulate_version
from billing.queries.simulator.sides import UnableToSimulate
from contracts import models as terms
from contracts.operations import versions
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db

AS_OF = pay_world.AFTER_MARCH
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARCH_8 = datetime.fromisoformat("2016-03-08T10:00:00-05:00")


@dataclass(kw_only=True)
class World:
    """Pay's small company, whose cases have events."""

    pay: pay_world.World
    agent: work.Agent
    identity: work.SourceIdentity

    @property
    def version(self) -> terms.ContractVersion:
        return self.pay.contract

    def tell(self, key: str, *told: tuple[datetime, str], channel: str = "chat", **values: object) -> work.Case:
        """Let events happen on a case, the first of which opens it."""
        case = work.Case.objects.create(
            source=self.identity.source, key=key, contract=self.version.contract, opened_at=told[0][0], **values
        )
        for sequence, (at, type_) in enumerate(told):
            work.CaseEvent.objects.create(
                source=case.source, key=f"{key}/{sequence}", body_hash="", case=case, type=type_, occurred_at=at, sequence=sequence,
                agent_identity=self.identity if type_ == "solution_offered" else None, query_type=factories.make_query_type(),
                channel=factories.make_channel(code=channel, name=channel.title()), received_at=at,
            )  # fmt: skip
        return case


def solved(at: datetime, *later: tuple[timedelta, str]) -> list[tuple[datetime, str]]:
    """A case opened an hour before its solution, and what follows."""
    return [(at - HOUR, "opened"), (at, "solution_offered"), *((at + after, type_) for after, type_ in later)]


@pytest.fixture
def world() -> World:
    """Six cases: two confirmed, two silent, one whose customer came back after 60 hours, one just before the month ends."""
    pay = pay_world.make_world()
    (agent,) = pay.agents
    pay_world.work_a_week(agent)
    identity = work.SourceIdentity.objects.create(source=factories.make_source(), space="name", value="Ada", agent=agent)
    found = World(pay=pay, agent=agent, identity=identity)
    for place in range(2):
        found.tell(f"yes-{place}", *solved(MARCH_8 + place * HOUR, (HOUR, "customer_acknowledged")))
        found.tell(f"silent-{place}", *solved(MARCH_8 + place * HOUR))
    found.tell("back", *solved(MARCH_8, (60 * HOUR, "customer_returned")))
    found.tell("late", *solved(MARCH_8 + 20 * DAY + 10 * HOUR))
    resolve_cases.resolve_cases(as_of=AS_OF)
    book_resolutions.book_resolutions(as_of=AS_OF)
    return found


def draft_of(world: World) -> terms.ContractVersion:
    return versions.clone_version(version=world.version, effective_from=factories.APRIL)


def run(
    version: terms.ContractVersion, *, months: tuple[date, ...] = (factories.MARCH,), against: terms.ContractVersion | None = None
) -> simulate_version.Simulation:
    desk = simulate_version.open_desk(version=version, months=months, as_of=AS_OF, against=against)
    return simulate_version.simulate_version(desk=desk, version=version, against=against)


def keys(side: simulate_version.Side) -> set[str]:
    return {key.partition("/")[2] for key in side.rated["case_key"]}


def test_the_months_with_verified_work_can_be_chosen(world: World) -> None:
    assert simulate_version.list_months(contract=world.version.contract) == [factories.MARCH]


def test_equal_terms_change_nothing_and_are_what_is_booked(world: World) -> None:
    found = run(draft_of(world))
    booked = contract_period.state_contract_period(books=contract_period.open_books(contract=world.version.contract), day=factories.MARCH)

    assert not found.is_folded
    assert found.difference == 0
    assert found.now.rated_total == found.then.rated_total == found.booked == Fraction(12)
    assert found.now.total == booked.total
    assert found.now.counts == found.then.counts
    assert [row.difference for row in found.classes] == [0]
    assert found.pay is not None
    assert found.pay.pays[0] == found.pay.pays[1]
    assert found.pay.failures == ()


def test_an_equal_policy_folded_again_is_what_is_booked_to_the_micro(world: World) -> None:
    draft = draft_of(world)
    # A channel that no case came in on, so that the policies differ and the events are folded again.
    factories.make_channel(code="fax", name="Fax")
    draft.resolution_policy.overrides.create(channel=terms.Channel.objects.get(code="fax"), silence_window_hours=1)
    found = run(draft)
    amounts = dict(BookedLine.objects.values_list("resolution", "amount_micros"))

    assert found.is_folded
    assert found.difference == 0
    for side in (found.now, found.then):
        assert dict(side.rated.select("resolution_id", "amount_micros").iter_rows()) == amounts
    assert (
        found.now.periods[0].lines
        == contract_period.state_contract_period(
            books=contract_period.open_books(contract=world.version.contract), day=factories.MARCH
        ).lines
    )
    assert found.pay is not None
    assert found.pay.pays[0] == found.pay.pays[1]


def test_a_shorter_window_takes_the_silence_before_the_return(world: World) -> None:
    draft = draft_of(world)
    draft.resolution_policy.silence_window_hours = 48
    draft.resolution_policy.reopen_window_hours = 48
    draft.resolution_policy.save()
    found = run(draft)

    assert keys(found.then) - keys(found.now) == {"back"}
    assert keys(found.now) - keys(found.then) == set()
    assert (found.now.counts.reopened, found.then.counts.reopened) == (1, 0)
    assert found.difference == Fraction("2.40")


def test_a_longer_window_moves_the_case_at_the_end_of_the_month(world: World) -> None:
    draft = draft_of(world)
    draft.resolution_policy.silence_window_hours = 120
    draft.resolution_policy.save()
    found = run(draft)

    assert keys(found.now) - keys(found.then) == {"late"}
    assert keys(found.then) - keys(found.now) == set()
    assert (found.now.counts.pending, found.then.counts.pending) == (0, 1)
    assert found.difference == -Fraction("2.40")
    # The fifth unit was paid at the second tier, 25% of 2.40, and quality is 1.
    assert found.pay is not None
    assert found.pay.pays[1].total["USD"] - found.pay.pays[0].total["USD"] == -Fraction("0.60")


def test_a_higher_price_changes_the_bill_by_the_count_and_pay_by_its_share(world: World) -> None:
    draft = draft_of(world)
    draft.rate_card_rows.update(unit_amount_micros=3_400_000)
    found = run(draft)

    assert found.then.billed_count == 5
    assert found.difference == 5
    (row,) = found.classes
    assert (row.now_count, row.then_count, row.difference) == (5, 5, 5)
    assert found.pay is not None
    # 3 x 20% and 2 x 25% of one more dollar each.
    assert found.pay.pays[1].own["USD"] - found.pay.pays[0].own["USD"] == Fraction("1.10")
    assert (row.now_pay, row.then_pay) == (found.pay.pays[0].own["USD"], found.pay.pays[1].own["USD"])


def test_two_drafts_stand_side_by_side(world: World) -> None:
    shorter, longer = draft_of(world), draft_of(world)
    for draft, hours in ((shorter, 48), (longer, 120)):
        draft.resolution_policy.silence_window_hours = hours
        draft.resolution_policy.reopen_window_hours = 48
        draft.resolution_policy.save()
    found, back = run(longer, against=shorter), run(shorter, against=longer)

    assert keys(found.now) - keys(found.then) == {"back", "late"}
    assert (found.now.total, found.then.total) == (run(shorter).then.total, run(longer).then.total)
    assert found.difference == -Fraction("4.80") == -back.difference
    assert found.pay is not None
    assert back.pay is not None
    assert found.pay.pays == tuple(reversed(back.pay.pays))


def test_a_version_beside_itself_differs_by_nothing(world: World) -> None:
    draft = draft_of(world)
    draft.resolution_policy.silence_window_hours = 120
    draft.resolution_policy.save()
    found = run(draft, against=draft)

    assert found.difference == 0
    assert found.now.billed_count == found.then.billed_count == 4


def test_a_case_of_another_contract_repeats_one_of_ours_and_is_in_no_sum(world: World) -> None:
    """Only the contract's own cases are folded; whom its customers turned to elsewhere is looked at all the same."""
    contract = terms.Contract.objects.create(client=world.version.contract.client, code="other", name="Other", timezone=factories.NEW_YORK)
    other = terms.ContractVersion.objects.create(contract=contract, number=1, effective_from=date(2015, 1, 1), currency="USD")
    terms.ResolutionPolicy.objects.create(version=other)
    terms.ContractVersion.objects.filter(pk=other.pk).update(status="active")
    world.tell("asked", *solved(MARCH_8), customer_hash="k1")
    elsewhere = world.tell("asks", *solved(MARCH_8 + 60 * HOUR), customer_hash="k1")
    work.Case.objects.filter(pk=elsewhere.pk).update(contract=contract)
    resolve_cases.resolve_cases(as_of=AS_OF)
    draft = draft_of(world)
    draft.resolution_policy.silence_window_hours = 48
    draft.resolution_policy.reopen_window_hours = 1
    draft.resolution_policy.repeat_window_hours = 48
    draft.resolution_policy.save()
    found = run(draft)

    assert "asked" not in keys(found.now)
    assert "asked" in keys(found.then)
    assert not {"asks"} & (keys(found.now) | keys(found.then))
    assert found.now.counts.total == found.then.counts.total == 7


def test_what_the_agents_get_by_hours_is_no_pay_of_the_resolutions(world: World) -> None:
    found = run(draft_of(world))

    assert found.pay is not None
    # 40 h x 12.50, and 3 x 20% and 2 x 25% of 2.40.
    assert found.pay.pays[0].total == {"USD": Fraction("502.64")}
    assert found.pay.pays[0].own == {"USD": Fraction("2.64")}
    assert found.pay.agent_count == 1


def test_the_statement_of_the_draft_has_its_commitment_and_taxes(world: World) -> None:
    draft = draft_of(world)
    terms.MinimumCommitment.objects.create(version=draft, amount_micros=100_000_000)
    terms.TaxRate.objects.create(version=draft, name="Sales tax", rate_ppm=100_000)
    found = run(draft)

    assert [(line.kind, line.amount) for line in found.then.periods[0].lines] == [("rated", 12), ("true_up", 88), ("tax", 10)]
    assert (found.now.total, found.then.net, found.then.total) == (12, 100, 110)


def test_what_would_have_no_price_is_counted(world: World) -> None:
    draft = draft_of(world)
    draft.rate_card_rows.update(channel=factories.make_channel(code="mail", name="Mail"))
    found = run(draft)

    assert found.then.unpriced.no_price == 5
    assert (found.then.billed_count, found.then.total) == (0, 0)
    assert found.pay is not None
    assert found.pay.pays[1].own == {"USD": 0}


def test_what_waits_for_a_person_is_billed_and_paid_to_nobody(world: World) -> None:
    work.Hold.objects.create(
        resolution=work.Resolution.objects.get(case__key="yes-0"), reason="possible_duplicate", message="Look.", expires_at=AS_OF,
        opened_at=AS_OF,
    )  # fmt: skip
    found = run(draft_of(world))

    assert found.held_count == 1
    assert found.then.billed_count == 5
    assert found.pay is not None
    # 3 x 20% and 1 x 25% of 2.40.
    assert [one.own["USD"] for one in found.pay.pays] == [Fraction("2.04"), Fraction("2.04")]


def test_nothing_is_written(world: World) -> None:
    draft = draft_of(world)
    draft.resolution_policy.silence_window_hours = 24
    draft.resolution_policy.save()
    before = (BookedLine.objects.count(), list(work.Resolution.objects.order_by("pk").values()), work.ResolutionTransition.objects.count())
    run(draft)

    assert before == (
        BookedLine.objects.count(), list(work.Resolution.objects.order_by("pk").values()), work.ResolutionTransition.objects.count()
    )  # fmt: skip
    assert not Settlement.objects.exists()


def test_another_currency_and_a_missing_policy_are_refused(world: World) -> None:
    draft = draft_of(world)
    draft.currency = "EUR"
    draft.save()
    with pytest.raises(UnableToSimulate, match="one currency"):
        run(draft)

    draft.resolution_policy.delete()
    with pytest.raises(UnableToSimulate, match="no resolution policy"):
        run(terms.ContractVersion.objects.get(pk=draft.pk))


def test_knobs_are_turned_one_by_one(world: World) -> None:
    draft = draft_of(world)
    desk = simulate_version.open_desk(version=draft, months=(factories.MARCH,), as_of=AS_OF)
    points = simulate_version.try_knobs(desk=desk, version=draft)
    billed = {(point.knob, point.value): (point.side.billed_count, point.is_own) for point in points}

    # After 60 hours the customer is back within 7 days, however short the silence.
    assert billed == {
        ("silence", 24): (5, False),
        ("silence", 48): (5, False),
        ("silence", 72): (5, True),
        ("silence", 120): (4, False),
        ("reopen", 3): (5, False),
        ("reopen", 7): (5, True),
        ("reopen", 14): (5, False),
        ("reopen_rate", Fraction(-1, 2)): (5, False),
        ("reopen_rate", Fraction(-1, 4)): (5, False),
        ("reopen_rate", 0): (5, True),
        ("reopen_rate", Fraction(1, 4)): (5, False),
        ("reopen_rate", Fraction(1, 2)): (5, False),
    }
    assert all(point.pay is not None and point.pay.own["USD"] > 0 for point in points)
