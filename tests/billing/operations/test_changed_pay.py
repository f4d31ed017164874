"""Who approves a run is told what was recorded since it was calculated: hours, surveys and reviews that no later run reads."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from agents.models import TimeEntry
from billing import tasks
from billing.models import ApprovalLimit, Earning, PayRun, Settlement
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run, changed_pay, review_pay_run
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
AFTER = pay_world.AFTER_MARCH
LATER = AFTER + timedelta(hours=2)
LEFT_ON, NEXT_DAY = date(2016, 3, 16), datetime(2016, 3, 16, 12, tzinfo=UTC)


@pytest.fixture
def world():
    return pay_world.make_busy_world(resolution_counts=(24, 4), as_of=AFTER)


@pytest.fixture
def approver():
    return factories.make_user(roles=["approver"])


def calculate_month(world, as_of=AFTER):
    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=as_of)
    return PayRun.objects.get(pk=report.run_id)


def calculate_final(world, as_of=NEXT_DAY):
    agent = world.agents[0]
    type(agent).objects.filter(pk=agent.pk).update(employed_to=LEFT_ON)
    agent.refresh_from_db()
    run = calculate_pay_run.open_final_run(agent=agent, as_of=as_of)
    assert calculate_pay_run.work_on_pay_run(run_id=run.pk)
    return PayRun.objects.get(pk=run.pk)


def record_hours(agent):
    pay_world.work_a_week(agent, first=pay_world.MARCH_7 + timedelta(days=7), days=1)


def correct_hours(agent):
    entry = TimeEntry.objects.filter(agent=agent).order_by("started_at").first()
    TimeEntry.objects.filter(pk=entry.pk).update(ended_at=entry.ended_at + timedelta(hours=1))


def answer_survey(agent):
    pay_world.answer_surveys(list(agent.resolutions.all()), favorable=1)


def fall(agent):
    agent.resolutions.filter(pk=agent.resolutions.first().pk).update(is_payable=False, state="reopened")


@pytest.mark.parametrize("calculate", [calculate_month, calculate_final])
@pytest.mark.parametrize("change", [record_hours, correct_hours, answer_survey, fall])
def test_what_changed_after_the_calculation_is_told_at_approval_until_it_is_calculated_again(world, approver, calculate, change):
    agent, run = world.agents[0], calculate(world)
    before = Settlement.objects.get(run=run, agent=agent).total_micros
    change(agent)

    with pytest.raises(approve_pay_run.PayChanged, match=f"What the pay of {agent.name} rests on changed since .* was calculated") as told:
        approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=LATER, reason="Fine.")
    [found] = told.value.changed
    assert (found.agent_id, found.run_micros, found.currency) == (agent.pk, before, "USD")
    assert found.now_micros != before
    assert set(Settlement.objects.filter(run=run).values_list("status", flat=True)) == {"calculated"}

    book_resolutions.book_resolutions(as_of=LATER)
    again = calculate(world, as_of=LATER)
    assert Settlement.objects.get(run=again, agent=agent).total_micros == found.now_micros
    assert approve_pay_run.approve_pay_run(run_id=again.pk, person=approver, as_of=LATER).changed == []


def test_a_run_is_approved_as_it_was_calculated_by_who_says_why(world, approver):
    agent, run = world.agents[0], calculate_month(world)
    before = Settlement.objects.get(run=run, agent=agent).total_micros
    record_hours(agent)

    with pytest.raises(approve_pay_run.PayChanged):
        approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=LATER, despite_changes=True, reason=" ")
    done = approve_pay_run.approve_pay_run(
        run_id=run.pk, person=approver, as_of=LATER, despite_changes=True, reason="An adjustment follows."
    )

    assert (done.status, [one["name"] for one in done.changed]) == ("approved", [agent.name])
    assert Settlement.objects.get(run=run, agent=agent).total_micros == before


def test_what_another_agent_left_alone_or_another_month_holds_changes_nothing(world, approver):
    run = calculate_month(world)
    pay_world.work_a_week(world.agents[0], first=pay_world.MARCH_7.replace(month=4), days=1)

    assert approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=LATER).status == "approved"


def test_who_came_who_went_and_who_can_be_computed_now_are_told(world, approver):
    lost = factories.make_agent(name="Lost Agent", site=world.site)
    pay_world.work_a_week(lost)
    run = calculate_month(world)
    assert changed_pay.list_changed(run=run, as_of=LATER) == ()

    factories.assign_plan(agent=lost, version=world.plan)
    came = pay_world.add_agent(world, name="Came Late")
    pay_world.work_a_week(came)
    went = world.agents[0]
    TimeEntry.objects.filter(agent=went).delete()
    went.resolutions.update(is_payable=False, state="void")

    told = {one.agent_id: one for one in changed_pay.list_changed(run=run, as_of=LATER)}
    assert set(told) == {lost.pk, came.pk, went.pk}
    assert (told[came.pk].run_micros, told[lost.pk].run_micros, told[went.pk].now_micros) == (None, None, None)
    assert told[came.pk].now_micros == told[lost.pk].now_micros == 500_000_000


def test_who_can_no_longer_be_computed_is_told_with_the_sentence(world, approver):
    run = calculate_month(world)
    agent = world.agents[0]
    agent.plan_assignments.all().delete()

    [told] = changed_pay.list_changed(run=run, as_of=LATER)
    assert (told.agent_id, told.now_micros) == (agent.pk, None)
    assert "has no active pay plan in March 2016" in told.message


def employ_from(agent, day):
    type(agent).objects.filter(pk=agent.pk).update(employed_from=day)


def test_who_starts_after_the_period_by_now_is_told_and_paid_no_more(world, approver):
    agent, run = world.agents[0], calculate_month(world)
    before = Settlement.objects.get(run=run, agent=agent).total_micros
    employ_from(agent, date(2016, 4, 1))

    with pytest.raises(approve_pay_run.PayChanged, match=agent.name) as told:
        approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=LATER, reason="Fine.")
    [found] = told.value.changed
    assert (found.agent_id, found.run_micros, found.now_micros) == (agent.pk, before, None)
    sentence = (
        f"{agent.name} has hours, cases or decided amounts of March 2016, but is employed from April 1, 2016 on; correct the first day or "
        "what is recorded, then calculate again. Who was hired again gets the new first day once this month is approved."
    )
    assert found.message == sentence

    # Named as long as work is recorded, so that nobody is paid nothing for it unseen.
    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=LATER)
    assert [failure.message for failure in report.failures] == [sentence]
    assert not Settlement.objects.filter(agent=agent).exists()
    assert not Earning.objects.filter(agent=agent).exists()
    employ_from(agent, date(2016, 3, 31))
    assert Settlement.objects.get(run=calculate_month(world), agent=agent).total_micros == before


def test_who_starts_later_and_has_no_work_in_the_period_is_neither_paid_nor_named(world):
    agent, run = world.agents[0], calculate_month(world)
    employ_from(agent, date(2016, 4, 1))
    TimeEntry.objects.filter(agent=agent).delete()
    agent.resolutions.update(is_payable=False, state="void")
    [told] = changed_pay.list_changed(run=run, as_of=LATER)
    assert (told.agent_id, told.now_micros, told.message) == (agent.pk, None, "")

    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=LATER)

    assert (report.agent_count, report.failures) == (1, ())
    assert not Settlement.objects.filter(agent=agent).exists()


def test_the_second_approver_is_told_what_changed_after_the_first(world, approver):
    ApprovalLimit.objects.create(currency="USD", amount_micros=0)
    run = calculate_month(world)
    assert approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=LATER, reason="First.").status == "in_review"
    record_hours(world.agents[1])

    with pytest.raises(approve_pay_run.PayChanged):
        approve_pay_run.approve_pay_run(run_id=run.pk, person=factories.make_user(roles=["approver"]), as_of=LATER)


def test_the_page_tells_it_before_anybody_approves(world, approver, client, settings):
    settings.PPR_NOW = LATER
    client.force_login(approver)
    run = calculate_month(world)
    review_pay_run.send_to_review(run_id=run.pk, person=approver, as_of=AFTER)
    address = reverse("pay_run", args=[run.pk])
    assert "since this run was calculated" not in client.get(address).content.decode()
    record_hours(world.agents[0])

    tasks.refresh_pay.delay()

    page = client.get(address).content.decode()
    assert "The pay of 1 agent changed since this run was calculated" in page
    assert "Approve it as it was calculated" in page
    assert world.agents[1].name not in client.get(address, {"show": "pay_changed"}).content.decode().split('id="agents"')[1]


def test_a_refusal_at_approval_puts_it_on_the_page(world, approver, client, settings):
    settings.PPR_NOW = LATER
    client.force_login(approver)
    run = calculate_month(world)
    review_pay_run.send_to_review(run_id=run.pk, person=approver, as_of=AFTER)
    record_hours(world.agents[0])
    step = reverse("run_step", args=[run.pk])

    page = client.post(step, {"step": "approve", "reason": "Fine."}, follow=True).content.decode()
    assert "calculate it again, or approve it as it is and say why" in page
    assert "The pay of 1 agent changed since this run was calculated" in page
    page = client.post(step, {"step": "approve", "reason": "An adjustment follows.", "despite_changes": "1"}, follow=True).content.decode()
    assert "The run is approved" in page
    assert "The pay of 1 agent had changed" in page


def test_what_changed_after_the_page_was_opened_is_looked_at_first(world, approver, client, settings):
    settings.PPR_NOW = LATER
    client.force_login(approver)
    run = calculate_month(world)
    review_pay_run.send_to_review(run_id=run.pk, person=approver, as_of=AFTER)
    record_hours(world.agents[0])
    tasks.refresh_pay.delay()

    def approve(page):
        fields = {"step": "approve", "reason": "Small.", "despite_changes": "1", "seen_changes": page.context["changes_mark"]}
        return client.post(reverse("run_step", args=[run.pk]), fields, follow=True)

    opened = client.get(reverse("pay_run", args=[run.pk]))
    record_hours(world.agents[1])
    refused = approve(opened)
    run.refresh_from_db()
    assert (run.status, len(run.changed)) == (PayRun.Status.IN_REVIEW, 2)
    assert "changed since" in refused.content.decode()

    approve(refused)

    run.refresh_from_db()
    assert (run.status, len(run.changed)) == (PayRun.Status.APPROVED, 2)


def test_a_run_that_is_withdrawn_meanwhile_keeps_nothing(world):
    run = calculate_final(world)
    changed = changed_pay.list_changed(run=run, as_of=LATER)
    Settlement.objects.filter(run=run).update(run=None, status="accruing")
    PayRun.objects.all().delete()

    changed_pay.keep_changed(run=run, changed=changed)

    assert not PayRun.objects.exists()
