"""What an agent's dispute changes on the client's bill: proposed by one person, carried out by another, once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from agents.models import CaseEvent, ClientContact
from billing import models as pay
from billing.operations import answer_dispute, change_bill, open_dispute
from billing.operations.open_dispute import Claim
from tests import factories
from tests.billing import billing_world as world_of
from tests.billing.evidence.evidence_world import finalize

pytestmark = pytest.mark.django_db
AT = world_of.APRIL_6


@pytest.fixture
def world() -> world_of.Billed:
    """Three counted cases of March at 3, 3 and 2."""
    world = world_of.make_billed()
    world_of.resolve(world, 3)
    return world


def resolutions(world: world_of.Billed) -> list:  # type: ignore[type-arg]
    return [line.resolution for line in pay.BookedLine.objects.filter(version=world.version).order_by("position")]


def answered(resolution, proposal, *, status="accepted"):  # type: ignore[no-untyped-def]
    """Let an agent dispute a resolution, and a lead accept it with a change of the bill."""
    agent = factories.make_agent_with_account()
    plan = factories.make_plan_version()
    factories.make_settlement(agent=agent, plan_version=plan)
    dispute = open_dispute.open_dispute(
        agent=agent, person=agent.user, as_of=AT, claim=Claim(words="Not mine."), resolution_id=resolution.pk
    )  # type: ignore[arg-type]
    lead = factories.make_user(name="Dana Okafor", roles=["lead"])
    answer_dispute.answer_dispute(dispute_id=dispute.pk, person=lead, status=status, words="True.", as_of=AT, bill=proposal)
    return pay.BillChange.objects.get(dispute=dispute), lead


def tell_opening(resolution):  # type: ignore[no-untyped-def]
    """Let the help desk have told of the case, as of every case that is imported."""
    case = resolution.case
    CaseEvent.objects.create(
        source=case.source, key=f"opened-{case.pk}", body_hash="0", case=case, type="opened", contract=case.contract,
        occurred_at=case.opened_at, received_at=case.opened_at,
    )  # fmt: skip


def uncount(resolution, **more):  # type: ignore[no-untyped-def]
    return change_bill.Proposal(**{"effect": "uncount", "resolution_id": resolution.pk, "reason": "It was internal.", **more})


def approve(change, person=None):  # type: ignore[no-untyped-def]
    person = person or factories.make_user(name="Ruth Adeyemi", roles=["approver"])
    return change_bill.approve_bill_change(change_id=change.pk, person=person, as_of=AT)


def test_a_billed_case_comes_back_as_a_credit_note(world: world_of.Billed) -> None:
    invoice = finalize(world)
    third = resolutions(world)[2]
    change, _ = answered(third, uncount(third))
    assert not pay.CreditNote.objects.exists()

    done = approve(change)

    assert (done.outcome, done.invoice, done.credit_note.subtotal_micros) == ("credited", invoice, 2_000_000)
    assert done.credit_note.reason == f"Dispute D-{change.dispute_id}: It was internal."
    assert not CaseEvent.objects.filter(type="excluded").exists()


def test_a_part_of_its_price_can_be_given_back_and_no_more_than_it(world: world_of.Billed) -> None:
    finalize(world)
    first, second, _ = resolutions(world)

    assert approve(answered(first, uncount(first, amount_micros=1_000_000))[0]).credit_note.subtotal_micros == 1_000_000
    with pytest.raises(answer_dispute.UnableToAnswerDispute, match="at most what the case still stands with"):
        answered(second, uncount(second, amount_micros=3_000_001))
    assert pay.BillChange.objects.count() == 1


def test_a_case_that_no_final_invoice_bills_is_excluded_and_the_draft_follows(world: world_of.Billed) -> None:
    world_of.draft()
    first = resolutions(world)[0]
    tell_opening(first)
    change, _ = answered(first, uncount(first, code="duplicate"))

    assert approve(change).outcome == "excluded"

    told = CaseEvent.objects.get(case=first.case, type="excluded")
    assert (told.code, told.key) == ("duplicate", f"dispute/D-{change.dispute_id}/excluded")
    assert not pay.CreditNote.objects.exists()


@pytest.mark.parametrize(
    ("state", "events"), [("pending", ["customer_acknowledged"]), ("reopened", ["solution_offered", "customer_acknowledged"])]
)
def test_a_case_that_should_count_is_told_so_to_the_record(world: world_of.Billed, state: str, events: list[str]) -> None:
    world_of.draft()
    waiting = factories.make_resolution(agent=None, version=world.version, resolved_at=world_of.MARCH_10, state=state)
    tell_opening(waiting)
    change, _ = answered(waiting, change_bill.Proposal(effect="count", resolution_id=waiting.pk, reason="The customer says so."))

    assert approve(change).outcome == "counted"
    told = CaseEvent.objects.filter(case=waiting.case).exclude(type="opened").order_by("sequence")
    assert list(told.values_list("type", flat=True)) == events


def test_a_change_is_made_once_and_by_another_person(world: world_of.Billed) -> None:
    finalize(world)
    first = resolutions(world)[0]
    change, lead = answered(first, uncount(first))
    with pytest.raises(change_bill.UnableToChangeBill, match="proposed the bill change"):
        approve(change, lead)
    with pytest.raises(change_bill.UnableToChangeBill, match="a dispute of Maya Torres"):
        approve(change, change.dispute.agent.user)
    approve(change)
    with pytest.raises(change_bill.UnableToChangeBill, match="approved already"):
        approve(change)
    with pytest.raises(IntegrityError), transaction.atomic():
        pay.BillChange.objects.filter(pk=change.pk).update(reason="Another one.")

    assert pay.CreditNote.objects.count() == 1


def test_a_case_is_given_back_once_whoever_asks(world: world_of.Billed) -> None:
    invoice = finalize(world)
    first, second, _ = resolutions(world)
    contact = factories.make_user(roles=["client"])
    ClientContact.objects.create(client=world.client, user=contact)
    approve(answered(first, uncount(first))[0])
    claim = Claim(words="We saw it again.")
    with pytest.raises(open_dispute.UnableToOpenDispute, match="given once"):
        open_dispute.question_case(invoice_id=invoice.pk, resolution_id=first.pk, person=contact, as_of=AT, claim=claim)

    open_dispute.question_case(invoice_id=invoice.pk, resolution_id=second.pk, person=contact, as_of=AT, claim=claim)
    with pytest.raises(answer_dispute.UnableToAnswerDispute, match="given back once"):
        answered(second, uncount(second))


def test_a_draft_says_when_a_credited_case_falls_all_the_same(world: world_of.Billed) -> None:
    finalize(world)
    first = resolutions(world)[0]
    change = approve(answered(first, uncount(first))[0])
    world_of.resolve(world, 1, first=world_of.MARCH_10 + timedelta(days=31))
    world_of.fall(first)

    world_of.draft(world_of.MAY_6)

    words = [issue["words"] for issue in pay.Invoice.objects.get(status="draft").issues if issue["code"] == "given_back_twice"]
    assert words == [
        f"Case {first.case.key} was credited by {change.credit_note.number} for dispute D-{change.dispute_id} and falls by correction now; "
        "it would be given back twice."
    ]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": " "}, "Say why the bill changes"),
        ({"code": "boredom"}, "is no exclusion"),
        ({"resolution_id": 0}, "no such case"),
        ({"effect": "count"}, "counts already"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_answered(world: world_of.Billed, more: dict[str, object], words: str) -> None:
    finalize(world)
    first = resolutions(world)[0]
    with pytest.raises(answer_dispute.UnableToAnswerDispute, match=words):
        answered(first, uncount(first, **more))
    assert pay.Dispute.objects.get().status == "open"
    assert not pay.BillChange.objects.exists()


def test_a_refused_dispute_changes_no_bill(world: world_of.Billed) -> None:
    finalize(world)
    first = resolutions(world)[0]
    with pytest.raises(answer_dispute.UnableToAnswerDispute, match="changes no bill"):
        answered(first, uncount(first), status="refused")


def test_a_client_who_asked_at_the_same_moment_does_not_get_it_twice(world: world_of.Billed) -> None:
    invoice = finalize(world)
    third = resolutions(world)[2]
    contact = factories.make_user(name="Robin Alder", roles=["client"])
    ClientContact.objects.create(client=world.client, user=contact)
    change, _ = answered(third, uncount(third))
    # Neither saw the other: both were asked before either was decided.
    pay.BillChange.objects.filter(pk=change.pk).update(resolution=resolutions(world)[0])
    asked = open_dispute.question_case(
        invoice_id=invoice.pk, resolution_id=third.pk, person=contact, as_of=AT, claim=Claim(words="Not solved.")
    )
    pay.BillChange.objects.filter(pk=change.pk).update(resolution=third)
    with pytest.raises(change_bill.UnableToChangeBill, match=f"Dispute D-{asked.pk} is about the same case"):
        approve(change)
    done = {"outcome": "excluded", "approved_at": AT, "approved_by": factories.make_user(roles=["approver"])}
    pay.BillChange.objects.filter(pk=change.pk).update(**done)

    with pytest.raises(answer_dispute.UnableToAnswerDispute, match=f"Dispute D-{change.dispute_id} is about the same case"):
        answer_dispute.answer_dispute(
            dispute_id=asked.pk, person=done["approved_by"], status="accepted", words="True.", as_of=AT, amount_micros=1_000_000
        )
    assert not pay.CreditNote.objects.exists()
