"""Pay runs as approvers and auditors see and move them."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import User
from billing.models import PayRun, Settlement, VarianceThreshold
from billing.operations import book_resolutions, calculate_pay_run, review_pay_run
from tests import factories
from tests.billing import pay_world

AFTER_APRIL = datetime(2016, 5, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> pay_world.World:
    """Two agents who worked in March, one of them a little in April, beside somebody new; March is calculated."""
    world = pay_world.make_world(agent_count=2)
    for agent in world.agents:
        pay_world.work_a_week(agent)
        pay_world.resolve(world, agent, 4)
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    calculate(world)
    return world


@pytest.fixture
def approver(client: Client) -> User:
    return sign_in(client, "approver")


def sign_in(client: Client, role: str) -> User:
    user = factories.make_user(name=f"The {role}", roles=[role])
    client.force_login(user)
    return user


def calculate(world: pay_world.World, month: object = factories.MARCH, as_of: datetime = pay_world.AFTER_MARCH, **extra: object) -> PayRun:
    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=month, as_of=as_of, **extra)  # type: ignore[arg-type]
    return PayRun.objects.get(pk=report.run_id)


def step(client: Client, run: PayRun, name: str, **more: str) -> str:
    """Take a step and return what the page says then."""
    response = client.post(reverse("run_step", args=[run.pk]), {"step": name, **more}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_run_goes_from_calculated_to_paid_through_review(world: pay_world.World, approver: User, client: Client) -> None:
    run = PayRun.objects.get()
    assert "run is in review" in step(client, run, "review")
    assert "why this run may be paid" in step(client, run, "approve")
    assert "run is approved" in step(client, run, "approve", reason="Totals agree\x00 with the hours.")
    assert "run is posted" in step(client, run, "post")
    run.refresh_from_db()
    assert (run.status, run.review_by, run.approved_by, run.approval_reason) == (
        "posted",
        approver,
        approver,
        "Totals agree with the hours.",
    )
    assert set(Settlement.objects.values_list("status", flat=True)) == {"posted"}


def test_who_prepared_a_run_is_told_that_another_has_to_approve(world: pay_world.World, approver: User, client: Client) -> None:
    run = calculate(world, as_of=pay_world.AFTER_MARCH.replace(hour=13), prepared_by=approver)
    review_pay_run.send_to_review(run_id=run.pk, person=approver, as_of=pay_world.AFTER_MARCH)
    assert "so another approver has to approve it" in client.get(reverse("pay_run", args=[run.pk])).content.decode()
    assert "cannot approve it; ask another approver" in step(client, run, "approve", reason="Mine.")
    run.refresh_from_db()
    assert run.status == "in_review"


def test_only_a_calculated_run_is_sent_to_review(world: pay_world.World, approver: User) -> None:
    run = PayRun.objects.get()
    review_pay_run.send_to_review(run_id=run.pk, person=approver, as_of=pay_world.AFTER_MARCH)
    with pytest.raises(review_pay_run.UnableToReview, match="is in review; only a calculated run"):
        review_pay_run.send_to_review(run_id=run.pk, person=approver, as_of=pay_world.AFTER_MARCH)


def test_the_next_month_is_compared_and_flagged(world: pay_world.World, approver: User, client: Client) -> None:
    less, gone = world.agents
    newcomer = pay_world.add_agent(world, name="Nia Novak")
    for agent in (less, newcomer):
        pay_world.work_a_week(agent, first=pay_world.MARCH_7.replace(month=4), days=1)
    run = calculate(world, factories.APRIL, AFTER_APRIL)
    assert run.variance is not None
    flagged = {found["name"]: found["flags"] for found in run.variance["flagged"]}
    assert flagged == {less.name: ["agent_swing"], gone.name: ["missing_agent"], "Nia Novak": ["new_agent"]}
    assert run.variance["totals"][0]["flags"] == ["total_swing"]

    page = client.get(reverse("pay_run", args=[run.pk]), {"show": "missing_agent"}).content.decode()
    assert gone.name in page
    assert "Nia Novak" not in page
    table = client.get(reverse("pay_run", args=[run.pk]), {"format": "csv", "sort": "-change"}).content.decode().splitlines()
    assert table[1].startswith("Nia Novak,USD,0,100.00,,100.00,New")
    assert len(table) == 4


def test_the_page_says_from_which_change_on_each_flag_is_raised(world: pay_world.World, approver: User, client: Client) -> None:
    VarianceThreshold.objects.filter(flag="zero_pay").update(is_active=False)
    VarianceThreshold.objects.filter(flag="guardrail_hits").update(count_min=2)
    run = calculate(world, as_of=pay_world.AFTER_MARCH.replace(hour=13))
    # What is changed afterwards raised no flag of this run.
    VarianceThreshold.objects.filter(flag="total_swing").update(percent_bp=5_000)

    page = client.get(reverse("pay_run", args=[run.pk])).content.decode()

    told = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.split("From which change on")[1].split("</dl>")[0])
    assert [f"{name}: {words}" for name, words in told] == [
        "Paid before, not now: paid in the period before, not in this one",
        "New: paid in this period, not in the one before; nobody is new in the first run of a site",
        "No pay: not flagged",
        "Large change of an agent&#x27;s pay: from 25% and 100.00 up or down",
        "Guardrail: from 2 lines that guardrails made",
        "Large change of the total: from 10% up or down",
    ]


def test_an_agent_who_could_not_be_computed_is_named_with_the_sentence(world: pay_world.World, approver: User, client: Client) -> None:
    lost = factories.make_agent(name="Lost Agent", site=world.site)
    pay_world.work_a_week(lost)
    run = calculate(world, as_of=pay_world.AFTER_MARCH.replace(hour=13))
    page = client.get(reverse("pay_run", args=[run.pk])).content.decode()
    assert "1 agent could not be computed" in page
    assert "Lost Agent has no active pay plan in March 2016" in page
    step(client, run, "review")
    assert "could not pay Lost Agent" in step(client, run, "approve", reason="Fine.")
    assert "run is approved" in step(client, run, "approve", reason="Lost Agent is paid by hand.", despite="1")


def test_progress_is_told_until_the_last_part_is_done(world: pay_world.World, approver: User, client: Client) -> None:
    run = PayRun.objects.get()
    PayRun.objects.update(status="calculating")
    run.shards.update(status="waiting")
    address = reverse("pay_run", args=[run.pk])
    assert "0 of 1 part done" in client.get(address, {"part": "progress"}, headers={"HX-Request": "true"}).content.decode()
    assert "every 1s" in client.get(address).content.decode()


def test_who_watched_a_run_sees_all_of_it_when_it_is_done(world: pay_world.World, approver: User, client: Client) -> None:
    run = PayRun.objects.get()
    address, watching = f"{reverse('pay_run', args=[run.pk])}?part=progress", {"HTTP_HX_REQUEST": "true"}
    PayRun.objects.update(status="calculating")
    assert 'id="progress"' in client.get(address, **watching).content.decode()
    PayRun.objects.update(status="calculated")
    assert client.get(address, **watching).headers["HX-Refresh"] == "true"


def test_an_approver_is_met_by_what_waits_in_few_queries(
    world: pay_world.World, approver: User, client: Client, django_assert_max_num_queries: Any
) -> None:
    run = PayRun.objects.get()
    with django_assert_max_num_queries(12):
        page = client.get(reverse("home")).content.decode()
    assert f"Pay of March 2016, {world.site.name}" in page
    assert "for 2 agents, 0 flagged. Calculated: look at what is flagged" in page
    step(client, run, "review")
    assert "In review: it can be approved." in client.get(reverse("home")).content.decode()
    PayRun.objects.all().update(prepared_by=approver)
    assert "You prepared it, so another approver has to approve it." in client.get(reverse("home")).content.decode()


def test_an_approver_is_told_of_a_month_that_nobody_calculated(
    world: pay_world.World, approver: User, client: Client, settings: Any
) -> None:
    settings.PPR_NOW = pay_world.AFTER_MARCH
    assert "is not calculated" not in client.get(reverse("home")).content.decode()
    settings.PPR_NOW = AFTER_APRIL
    page = client.get(reverse("home")).content.decode()
    assert "Pay of April 2016 is not calculated" in page
    assert f"{world.site.name}. The nightly job does it" in page


def test_a_dry_run_tells_totals_and_writes_nothing(world: pay_world.World, approver: User, client: Client) -> None:
    before = pay_world.picture(world.site)
    response = client.post(reverse("pay_runs"), {"site": world.site.pk, "period": "2016-03", "try": "1"})
    assert "Dry run of March 2016" in response.content.decode()
    assert pay_world.picture(world.site) == before


def test_a_month_that_is_no_month_or_not_over_is_refused_in_words(world: pay_world.World, approver: User, client: Client) -> None:
    for period, words in (("16-3", "2016-03"), ("9999-12", "2016-03"), ("2090-01", "until then it accrues")):
        response = client.post(reverse("pay_runs"), {"site": world.site.pk, "period": period})
        assert response.status_code == 422
        assert words in response.content.decode()
    assert PayRun.objects.count() == 1


def test_an_approver_starts_a_run_and_becomes_who_prepared_it(world: pay_world.World, approver: User, client: Client) -> None:
    response = client.post(reverse("pay_runs"), {"site": world.site.pk, "period": "2016-03"}, follow=True)
    assert response.status_code == 200
    run = PayRun.objects.get()
    assert (run.status, run.prepared_by) == ("calculated", approver)


def test_an_auditor_reads_and_changes_nothing(world: pay_world.World, client: Client) -> None:
    sign_in(client, "auditor")
    run = PayRun.objects.get()
    page = client.get(reverse("pay_run", args=[run.pk])).content.decode()
    assert "A pay approver takes the steps" in page
    assert client.post(reverse("run_step", args=[run.pk]), {"step": "review"}).status_code == 404
    assert client.post(reverse("pay_runs"), {"site": world.site.pk, "period": "2016-03"}).status_code == 404
    run.refresh_from_db()
    assert run.status == "calculated"


@pytest.mark.parametrize("role", ["agent", "lead", "contract_admin", "client"])
def test_nobody_else_finds_runs(world: pay_world.World, client: Client, role: str) -> None:
    sign_in(client, role)
    run = PayRun.objects.get()
    assert client.get(reverse("pay_runs")).status_code == 404
    assert client.get(reverse("pay_run", args=[run.pk])).status_code == 404
    assert client.post(reverse("run_step", args=[run.pk]), {"step": "approve", "reason": "x"}).status_code == 404


def test_the_pages_take_the_same_queries_for_any_number_of_agents(
    world: pay_world.World, approver: User, client: Client, django_assert_max_num_queries: object
) -> None:
    run = PayRun.objects.get()
    for address in (reverse("pay_runs"), reverse("pay_run", args=[run.pk])):
        with django_assert_max_num_queries(12) as counted:  # type: ignore[operator]
            client.get(address)
        first = len(counted)
        pay_world.add_agent(world)
        with django_assert_max_num_queries(first):  # type: ignore[operator]
            client.get(address)


def test_runs_are_searched_filtered_and_paged(world: pay_world.World, approver: User, client: Client) -> None:
    address = reverse("pay_runs")
    assert "March 2016" in client.get(address, {"find": "manch", "status": "calculated"}).content.decode()
    assert "No pay run fits" in client.get(address, {"status": "paid"}).content.decode()
    assert "No pay run fits" in client.get(address, {"after": "2016-03-01_1"}).content.decode()
    assert "Manchester,2016-03,calculated,2,1,1," in client.get(address, {"format": "csv"}).content.decode()


def test_what_was_calculated_again_after_the_page_was_opened_is_looked_at_first(
    world: pay_world.World, approver: User, client: Client
) -> None:
    run = PayRun.objects.get()
    step(client, run, "review")
    seen = client.get(reverse("pay_run", args=[run.pk])).context["run"].inputs_hash
    pay_world.work_a_week(world.agents[0], first=pay_world.MARCH_7.replace(day=14), days=1)
    review_pay_run.send_to_review(
        run_id=calculate(world, as_of=pay_world.AFTER_MARCH.replace(hour=13)).pk, person=approver, as_of=pay_world.AFTER_MARCH
    )

    assert "calculated again after you opened the page" in step(client, run, "approve", reason="Fine.", seen=seen)
    run.refresh_from_db()
    assert run.status == "in_review"
    assert "run is approved" in step(client, run, "approve", reason="Fine.", seen=run.inputs_hash)
