"""Corrections of pay as approvers decide and enter them, auditors read them, and nobody else finds them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, User
from billing.models import Adjustment, PayRead, Reversal
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
QUERIES_MAX = 12
LIST = "/corrections/"
NEW = "/corrections/adjustments/new/"
LINE = {"kind": "unit", "label": "Network outage, chat", "amount_micros": 2_400_000}


@pytest.fixture
def agent(settings: Any) -> Agent:
    """Maya Torres, paid for March under a plan that lets half of it be taken back."""
    settings.PPR_NOW = factories.NOON
    agent = factories.make_agent_with_account()
    factories.assign_plan(agent=agent, version=pay_world.make_plan(clawback_bp=5_000))
    return agent


@pytest.fixture
def approver(client: Client) -> User:
    user = factories.make_user(name="Ruth Adeyemi", roles=["approver"])
    client.force_login(user)
    return user


def fallen(agent: Agent, *, number: int = 1) -> Reversal:
    """Return a paid case of an agent that was reopened, proposed on a day of its own."""
    settlement = agent.settlements.first() or factories.make_settlement(
        agent=agent,
        plan_version=pay_world.make_plan(clawback_bp=5_000),
        period_start=factories.MARCH,
        period_end=factories.APRIL,
        status="paid",
        lines=[LINE],
    )
    resolution = factories.make_resolution(agent=agent, version=factories.make_contract_version(), state="reopened", key=f"INC{number}")
    paid = {"paid_micros": 480_000, "currency": "USD", "proposed_at": factories.NOON}
    return Reversal.objects.create(agent=agent, resolution=resolution, cited_line=settlement.lines.get(), **paid)


def decide(client: Client, found: Reversal, **given: str) -> Any:
    return client.post(reverse("reversal", args=[found.pk]), given, follow=True)


def enter(client: Client, code: str, **changed: str) -> Any:
    given = {"agent": code, "direction": "add", "amount_micros": "12.50", "reason": "A bonus of March.", **changed}
    return client.post(NEW, given, follow=True)


@pytest.mark.parametrize(("decision", "status", "said"), [("approve", "approved", "taken back from"), ("refuse", "refused", "stays paid")])
def test_an_approver_decides_a_reversal(agent: Agent, approver: User, client: Client, decision: str, status: str, said: str) -> None:
    found = fallen(agent)
    shown = client.get(reverse("reversal", args=[found.pk])).content.decode()
    answer = decide(client, found, decision=decision, reason="The customer came back.")
    found.refresh_from_db()

    assert "Maya Torres was paid $0.48 for it with March 2016." in shown
    assert "lets up to 50% of it be taken back" in shown
    assert said in answer.content.decode()
    assert (found.status, found.decided_by, found.decision_reason) == (status, approver, "The customer came back.")
    assert [row.pk for row in client.get(LIST, {"show": "decided"}).context["rows"]] == [found.pk]
    assert client.get(LIST).context["rows"] == []


def test_a_decision_without_a_reason_keeps_what_was_chosen_and_decides_nothing(agent: Agent, approver: User, client: Client) -> None:
    found = fallen(agent)
    answer = decide(client, found, decision="refuse", reason=" ")

    assert answer.status_code == 422
    assert "Give the reason in words; the agent reads it." in answer.content.decode()
    assert answer.context["form"]["decision"].value() == "refuse"
    assert Reversal.objects.get().status == "proposed"


def test_a_second_decision_and_one_about_own_pay_say_why_they_are_refused(agent: Agent, approver: User, client: Client) -> None:
    found = fallen(agent)
    decide(client, found, decision="refuse", reason="Paid.")
    again = decide(client, found, decision="approve", reason="Kept words.")
    agent.user, own = approver, fallen(agent, number=2)
    agent.save()
    mine = decide(client, own, decision="approve", reason="Mine.")

    assert (again.status_code, mine.status_code) == (422, 422)
    assert "is refused already" in again.content.decode()
    assert "Kept words." in again.content.decode()
    assert "is about your own pay; somebody else decides it." in mine.content.decode()
    assert client.get(reverse("reversal", args=[own.pk])).context["form"] is None
    assert Reversal.objects.get(pk=own.pk).status == "proposed"


def test_an_amount_is_entered_by_one_approved_by_another_and_withdrawn_until_then(agent: Agent, approver: User, client: Client) -> None:
    assert "once another person approved it" in enter(client, agent.code).content.decode()
    enter(client, agent.code, direction="take", amount_micros="3", reason="Paid twice.")
    first, second = Adjustment.objects.order_by("pk")
    assert [(one.amount_micros, one.currency, one.entered_by) for one in (first, second)] == [
        (12_500_000, "USD", approver),
        (-3_000_000, "USD", approver),
    ]
    assert client.post(reverse("adjustment_approval", args=[first.pk])).status_code == 404

    withdrawn = client.post(reverse("adjustment_withdrawal", args=[second.pk]), follow=True)
    assert "It changes no pay of Maya Torres." in withdrawn.content.decode()

    other = factories.make_user(name="Omar Haddad", roles=["approver"])
    client.force_login(other)
    assert [(todo.title, todo.url) for todo in client.get("/").context["todos"]][-1] == (
        "1 adjustment to approve",
        "/corrections/?show=waiting",
    )
    assert client.post(reverse("adjustment_withdrawal", args=[first.pk])).status_code == 404
    approved = client.post(reverse("adjustment_approval", args=[first.pk]), follow=True)
    assert approved.redirect_chain == [("/corrections/?show=waiting", 302)]
    assert Adjustment.objects.get().approved_by == other

    client.force_login(approver)
    late = client.post(reverse("adjustment_withdrawal", args=[first.pk]), follow=True)
    assert "is approved already" in late.content.decode()


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"code": "nobody"}, "No agent has this name or code."),
        ({"amount_micros": "0"}, "other than zero"),
        ({"amount_micros": "1.005"}, "USD has 2 decimals"),
        ({"reason": " "}, "Give the reason in words"),
        ({"code": "Ben"}, "Ben has no pay plan"),
        ({"code": "Twin"}, "More than one agent has it"),
    ],
)
def test_an_amount_that_is_refused_keeps_what_was_typed(
    agent: Agent, approver: User, client: Client, changed: dict[str, str], refusal: str
) -> None:
    for name in ("Ben", "Twin", "Twin"):
        factories.make_agent(name=name)
    answer = enter(client, **{"code": agent.code, **changed})

    assert answer.status_code == 422
    assert refusal in answer.content.decode()
    assert answer.context["form"]["agent"].value() == changed.get("code", agent.code)
    assert not Adjustment.objects.exists()


def test_an_auditor_reads_and_changes_nothing(agent: Agent, client: Client) -> None:
    found, auditor = fallen(agent), factories.make_user(name="The auditor", roles=["auditor"])
    entered = Adjustment.objects.create(
        agent=agent, period_start=factories.APRIL, amount_micros=1_000_000, currency="USD", reason="x", entered_by=auditor
    )
    client.force_login(auditor)
    page = client.get(LIST).content.decode()

    assert "INC1" in page
    assert NEW not in page
    assert client.get(reverse("reversal", args=[found.pk])).context["form"] is None
    assert decide(client, found, decision="approve", reason="Yes.").status_code == 404
    assert client.post(NEW).status_code == 404
    assert client.post(reverse("adjustment_approval", args=[entered.pk])).status_code == 404
    assert client.post(reverse("adjustment_withdrawal", args=[entered.pk])).status_code == 404
    assert (Reversal.objects.get().status, Adjustment.objects.get().approved_by) == ("proposed", None)
    assert set(PayRead.objects.values_list("route", "agent")) == {("corrections", agent.pk), ("reversal", agent.pk)}


@pytest.mark.parametrize("role", ["lead", "agent", "client", "contract_admin"])
def test_nobody_else_finds_it(agent: Agent, client: Client, role: str) -> None:
    found = fallen(agent)
    client.force_login(agent.user if role == "agent" and agent.user else factories.make_user(roles=[role]))

    assert {client.get(page).status_code for page in (LIST, NEW, reverse("reversal", args=[found.pk]))} == {404}
    assert decide(client, found, decision="approve", reason="Yes.").status_code == 404
    assert Reversal.objects.get().status == "proposed"


@pytest.mark.parametrize("show", ["", "waiting", "decided", "approved"])
def test_an_empty_list_says_what_would_stand_there(agent: Agent, approver: User, client: Client, show: str) -> None:
    words = {"": "No reversal waits", "waiting": "No adjustment waits", "decided": "Nothing was decided yet"}
    page = client.get(LIST, {"show": show}).content.decode()

    assert words.get(show, "Nothing was decided yet") in page
    assert "Nothing fits" in client.get(LIST, {"show": show, "find": "x"}).content.decode()


def test_a_long_list_is_cut_searched_and_downloaded_in_few_queries(
    agent: Agent, approver: User, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(31):
        fallen(agent, number=number)
    fallen(factories.make_agent(name="Ben"), number=99)
    client.get(LIST)
    with django_assert_max_num_queries(QUERIES_MAX):
        first = client.get(LIST).context
    second = client.get(LIST + first["next_url"]).context
    lines = client.get(LIST, {"format": "csv"}).content.decode().splitlines()

    assert (len(first["rows"]), len(second["rows"]), [chip.count for chip in first["chips"]]) == (30, 2, [32, 0, 0, 0])
    assert [row.agent.name for row in client.get(LIST, {"find": "ben"}).context["rows"]] == ["Ben"]
    assert (len(lines), lines[1].split(",")[:6]) == (33, ["reversal", "Maya Torres", agent.code, "INC0", "USD", "-0.48"])


def test_reversals_wait_on_the_first_page_of_an_approver(agent: Agent, approver: User, client: Client) -> None:
    fallen(agent)
    told = [todo for todo in client.get("/").context["todos"] if todo.url == LIST]

    assert [(todo.title, todo.act) for todo in told] == [("1 reversal to decide", "Decide")]


@pytest.mark.parametrize(("decision", "said"), [("approve", "taking it back from April 2016"), ("refuse", "decided that it stays paid")])
def test_the_agent_reads_what_was_decided_and_why(agent: Agent, approver: User, client: Client, decision: str, said: str) -> None:
    decide(client, fallen(agent), decision=decision, reason="The customer called again.")
    assert agent.user is not None
    client.force_login(agent.user)
    page = client.get("/").content.decode()

    assert said in page
    assert "The customer called again." in page
