"""Performance, what-if, signals and back-test: what each person reads, what acts do, and a fixed number of queries."""

import csv
import dataclasses
import io
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Case, GamingSignal, GuardrailDecision
from agents.operations.jobs import kept_answers
from billing.models import Settlement
from billing.operations import back_test_job
from billing.queries import back_test, class_names
from billing.queries import what_if as trials
from contracts.models import ContractVersion, PayPlanLimit, PayPlanVersion
from contracts.operations import versions
from ppr_portal.pages.trials import back_tests, what_if
from ppr_portal.pages.work import signals
from tests import factories
from tests.ppr_portal.company import NOW, Company

PERFORMANCE_QUERIES_MAX = 12
# All that a pay run reads of an agent, and the limits of today.
TRIAL_QUERIES_MAX = 12
SIGNALS_QUERIES_MAX = 8
BACK_TEST_QUERIES_MAX = 12
SIGN_IN_QUERIES = 4


@pytest.fixture
def agent_client(company: Company, client: Client) -> Client:
    client.force_login(company.agent.user)
    return client


def test_an_agent_reads_each_metric_and_its_money(company: Company, agent_client: Client, django_assert_max_num_queries) -> None:
    agent_client.get("/performance/")
    with django_assert_max_num_queries(PERFORMANCE_QUERIES_MAX):
        page = agent_client.get("/performance/")
    line = company.agent.settlements.get(status="accruing").lines.get(kind="quality")

    assert page.context["effect"].micros == line.amount_micros
    assert {card.metric.code for card in page.context["cards"]} == {"csat"}
    assert page.context["cards"][0].metric.n == 9
    assert page.context["classes"][0].name == "Network outage, chat"


def test_the_parts_of_the_effect_add_up(agent_client: Client) -> None:
    effect = agent_client.get("/performance/").context["effect"]

    assert effect.total == effect.typical_effect + sum(row.effect for row in effect.rows) + effect.protection


def test_an_earlier_period_is_one_press_away_and_a_missing_one_is_no_page(agent_client: Client) -> None:
    page = agent_client.get("/performance/")

    assert "period=2016-03" in page.context["earlier_url"]
    assert agent_client.get("/performance/?period=2016-03").context["period"].start == factories.MARCH
    assert agent_client.get("/performance/?period=1999-01").status_code == 404


def test_a_lead_reads_performance_without_pay(company: Company, client: Client) -> None:
    client.force_login(company.lead)
    page = client.get(f"/performance/?agent={company.agent.pk}")

    assert page.context["effect"] is None
    assert "$" not in page.content.decode()


def test_a_plan_whose_limits_make_no_sense_leaves_the_usual_ones_on_every_page(company: Company, agent_client: Client) -> None:
    before = PayPlanVersion.objects.get()
    version = versions.clone_version(version=before, effective_from=factories.APRIL)
    PayPlanLimit.objects.create(version=version, limit="daily_rest", act=Decimal(30))
    before.effective_to = factories.APRIL
    before.save()
    # What was activated before such limits were refused.
    version.status = PayPlanVersion.objects.get(pk=before.pk).status
    version.save()

    for page in ("/", "/load/", "/what-if/"):
        assert agent_client.get(page).status_code == 200, page
    assert agent_client.get("/what-if/").context["result"].difference_micros == 0


def test_nothing_changed_brings_nothing_and_costs_few_queries(
    company: Company, agent_client: Client, django_assert_max_num_queries
) -> None:
    agent_client.get("/what-if/")
    with django_assert_max_num_queries(TRIAL_QUERIES_MAX):
        page = agent_client.get("/what-if/")

    result = page.context["result"]
    assert result.difference_micros == 0
    assert result.now_micros == company.agent.settlements.get(status="accruing").total_micros


def test_more_resolutions_bring_what_the_pipeline_pays(agent_client: Client) -> None:
    page = agent_client.get("/what-if/?more_0=4")
    result = page.context["result"]

    # 4 × 2.40: beyond the third at 25%, and quality on top.
    assert {row.name: row.difference_micros for row in result.rows}["Resolutions"] == 1_920_000
    assert {row.name: row.difference_micros for row in result.rows}["Higher tiers"] == 480_000
    assert all(row.sums for row in result.rows if row.is_changed)
    assert page.context["form"]["good_csat"].value() == 7


def test_more_hours_than_the_limits_leave_are_refused_in_words(agent_client: Client) -> None:
    page = agent_client.get("/what-if/?hours=400")

    assert page.context["result"].difference_micros == 0
    assert "Your limits leave" in page.content.decode()


def test_fewer_resolutions_than_there_are_cannot_be_tried(agent_client: Client) -> None:
    form = agent_client.get("/what-if/").context["form"]
    refused = agent_client.get("/what-if/?more_0=-1")

    assert all(field.min_value == 0 for field in form.fields.values())
    assert refused.context["form"].errors.keys() == {"more_0"}
    assert refused.context["result"].difference_micros == 0


def test_a_metric_without_weight_is_not_offered(company: Company) -> None:
    trial = trials.read_trial(agent=company.agent, as_of=NOW)
    assert isinstance(trial, trials.Trial)
    terms = trial.situation.terms
    assert terms.quality is not None
    quality = dataclasses.replace(terms.quality, weights={"csat": Fraction(0)})
    situation = dataclasses.replace(trial.situation, terms=dataclasses.replace(terms, quality=quality))
    weightless = dataclasses.replace(trial, situation=situation)
    forms = [what_if.TrialForm(None, trial=one, names=class_names.load_class_names()) for one in (trial, weightless)]

    assert [["good_csat" in form.fields] for form in forms] == [[True], [False]]
    assert [metric.code for metric in trial.unpaid_metrics] == []
    assert [metric.code for metric in weightless.unpaid_metrics] == ["csat"]


def test_htmx_gets_only_the_result_of_a_trial(agent_client: Client) -> None:
    page = agent_client.get("/what-if/?more_0=1", HTTP_HX_REQUEST="true").content.decode()

    assert "<html" not in page
    assert "What it would bring" in page


def test_an_agent_without_work_reads_why_there_is_nothing_to_try(company: Company, client: Client) -> None:
    client.force_login(company.newcomer.user)

    assert "Nothing to try yet" in client.get("/what-if/").content.decode()


def test_a_lead_reviews_own_teams_and_nobody_reviews_themselves(company: Company, client: Client, django_assert_max_num_queries) -> None:
    for number in range(20):
        factories.make_signal(agent=factories.make_agent(name=f"Agent {number}", team=company.team))
    other = factories.make_signal(agent=company.outsider)
    client.force_login(company.lead)
    with django_assert_max_num_queries(SIGNALS_QUERIES_MAX):
        page = client.get("/signals/")

    assert len(page.context["rows"]) == 21
    assert other.pk not in {row.signal.pk for row in page.context["rows"]}
    assert client.get("/signals/?find=maya").context["rows"][0].signal == company.signal


def test_a_decision_has_a_reason_and_can_be_taken_back(company: Company, client: Client) -> None:
    client.force_login(company.lead)
    address = reverse("signal_decision", args=[company.signal.pk])

    refused = client.post(address, {"decision": "dismissed", "reason": " "})
    assert (refused.status_code, GamingSignal.objects.get(pk=company.signal.pk).status) == (422, "open")

    client.post(address, {"decision": "dismissed", "reason": "Callers without a form."})
    assert GamingSignal.objects.get(pk=company.signal.pk).status == "dismissed"
    client.post(address, {"undo": "yes"})
    assert GamingSignal.objects.get(pk=company.signal.pk).status == "open"


@pytest.mark.parametrize("role", ["auditor", "approver", "agent", "other_lead", "client", "nobody"])
def test_nobody_else_decides(company: Company, client: Client, role: str) -> None:
    client.force_login(company.user_of(role))
    answer = client.post(reverse("signal_decision", args=[company.signal.pk]), {"decision": "dismissed", "reason": "Mine"})

    assert answer.status_code == 404
    assert GamingSignal.objects.get(pk=company.signal.pk).status == "open"


def test_a_split_case_names_the_case_that_it_belongs_with(company: Company, client: Client, django_assert_max_num_queries) -> None:
    version = ContractVersion.objects.earliest("pk")
    first, second, other = (factories.make_resolution(agent=company.agent, version=version) for _one in range(3))
    for hours, one, customer in ((9, first, "a"), (5, second, "a"), (5, other, "b")):
        Case.objects.filter(pk=one.case_id).update(customer_hash=customer, opened_at=one.resolved_at - timedelta(hours=hours))
    found = factories.make_signal(agent=company.agent, kind="splitting")
    found.resolutions.set([second, other])
    client.force_login(company.lead)
    with django_assert_max_num_queries(SIGNALS_QUERIES_MAX + SIGN_IN_QUERIES):
        page = client.get(reverse("signal", args=[found.pk]))

    assert {one.resolution: (one.earlier, apart) for one, _about, apart in page.context["evidence"]} == {
        second: (first, 4 * 3600),
        other: (None, None),
    }
    assert reverse("resolution", args=[first.pk]) in page.content.decode()
    assert "Belongs with" not in client.get(reverse("signal", args=[company.signal.pk])).content.decode()


def test_the_csv_of_signals_has_the_rows_of_every_page(company: Company, client: Client, monkeypatch) -> None:
    factories.make_signal(agent=company.outsider)
    monkeypatch.setattr(signals, "PAGE_ROWS", 1)
    client.force_login(company.auditor)
    first = client.get("/signals/")
    second = client.get(f"/signals/{first.context['next_url']}")
    shown = [row.signal.agent.name for page in (first, second) for row in page.context["rows"]]
    rows = list(csv.DictReader(io.StringIO(client.get("/signals/?format=csv").content.decode("utf-8-sig"))))

    assert (len(shown), second.context["next_url"]) == (2, "")
    assert [row["agent"] for row in rows] == shown
    assert {(row["marked"], row["observed"]) for row in rows} == {("20", "40")}


def back_test_of(role: str, company: Company, client: Client, query: str = ""):
    client.force_login(company.user_of(role))
    return client.get(reverse("plan_back_test", args=[PayPlanVersion.objects.earliest("pk").pk]) + query)


def test_an_admin_sees_differences_and_an_approver_pay_too(company: Company, client: Client, django_assert_max_num_queries) -> None:
    admin = back_test_of("admin", company, client)
    with django_assert_max_num_queries(BACK_TEST_QUERIES_MAX + SIGN_IN_QUERIES):
        approver = back_test_of("approver", company, client)

    assert admin.context["view"].summary.agent_count == 5
    assert (admin.context["shows_pay"], approver.context["shows_pay"]) == (False, True)
    rows = list(csv.DictReader(io.StringIO(back_test_of("admin", company, client, "?format=csv").content.decode("utf-8-sig"))))
    assert [row["difference"] for row in rows] == ["0.00"] * 5
    assert "now" not in rows[0]


def test_a_back_test_shows_who_would_have_more_the_largest_difference_first(company: Company, client: Client, monkeypatch) -> None:
    version = PayPlanVersion.objects.earliest("pk")
    draft = versions.clone_version(version=version, effective_from=factories.APRIL.replace(month=6))
    draft.tiers.update(share_bp=3_000)
    address = reverse("plan_back_test", args=[draft.pk]) + "?month=2016-03"
    client.force_login(company.approver)
    page = client.get(f"{address}&show=more")
    differences = [row.difference_micros for row in page.context["rows"]]

    assert [chip.count for chip in page.context["chips"]] == [5, len(differences), 0, 5 - len(differences)]
    assert differences == sorted(differences, reverse=True)
    assert differences[-1] > 0
    assert client.get(f"{address}&show=less").context["rows"] == []
    monkeypatch.setattr(back_tests, "ROWS_MAX", 2)
    first = client.get(f"{address}&show=more")
    second = client.get(reverse("plan_back_test", args=[draft.pk]) + first.context["next_url"].partition("#")[0])
    assert [row.difference_micros for page in (first, second) for row in page.context["rows"]] == differences[:4]
    rows = list(csv.DictReader(io.StringIO(client.get(f"{address}&show=more&format=csv").content.decode("utf-8-sig"))))
    assert [round(float(row["difference"]) * 1_000_000) for row in rows] == differences


def test_a_back_test_is_worked_out_anew_where_somebody_wants_that(company: Company, client: Client) -> None:
    version = PayPlanVersion.objects.earliest("pk")
    address = reverse("plan_back_test", args=[version.pk]) + "?month=2016-03"
    client.force_login(company.admin)
    assert client.get(address).context["view"].summary.agent_count == 5
    Agent.objects.filter(pk=company.outsider.pk).update(employed_from=factories.APRIL)
    assert client.get(address).context["view"].summary.agent_count == 5
    answer = client.post(address)
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert client.get(address).context["view"].summary.agent_count == 4

    client.force_login(company.lead)
    assert client.post(address).status_code == 404


def test_a_long_back_test_shows_how_far_it_is_until_it_is_there(company: Company, client: Client, monkeypatch) -> None:
    monkeypatch.setattr(back_test_job, "UNITS_AT_ONCE_MAX", -1)
    cache.clear()
    version, month = PayPlanVersion.objects.earliest("pk"), Settlement.objects.latest("period_start").period_start
    asked = {"version": version, "month": month, "as_of": NOW}
    back_test_job.read_or_start(**asked, start=lambda: None)
    waiting = back_test_of("admin", company, client)
    assert 'hx-trigger="every 1s"' in waiting.content.decode()
    assert "No month to try it on" not in waiting.content.decode()
    assert back_test_of("admin", company, client, "?format=csv").status_code == 302

    back_test_job.work_out(**asked)
    client.force_login(company.user_of("admin"))
    assert client.get(waiting.context["watch_url"], headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert back_test_of("admin", company, client).context["view"].summary.agent_count == 5


def test_what_stops_a_back_test_is_told_in_the_reader_s_language(company: Company, client: Client) -> None:
    """A worker, who speaks English, kept it: of one agent, of the whole, and where it broke."""
    version = PayPlanVersion.objects.earliest("pk")
    key = back_test_job.key_of(version=version, month=factories.MARCH)
    address = reverse("plan_back_test", args=[version.pk]) + "?month=2016-03"
    said = "Maya has no active pay plan in March 2016; assign one and calculate again."
    told = "Maya no tiene un plan de pago activo en marzo de 2016; asignar uno y calcular de nuevo."
    client.force_login(company.admin)
    client.get(address)
    found = dataclasses.replace(cache.get(key), failures=(back_test.Failed(name="Maya", reason=said),))
    refused, stopped = (kept_answers.Refused(message=message) for message in (said, back_test_job.STOPPED))
    for kept, words in ((found, told), (refused, told), (stopped, "Un error interno detuvo la prueba retrospectiva")):
        cache.set(key, kept)
        assert words in client.get(address, headers={"accept-language": "es"}).content.decode()


def test_a_lead_lifts_a_stop_with_a_reason_and_an_agent_does_not(company: Company, client: Client) -> None:
    stop = GuardrailDecision.objects.get(effect="stop_assignment")
    address = reverse("decision_lift", args=[stop.pk])
    client.force_login(company.auditor)
    assert client.post(address, {"reason": "No"}).status_code == 404

    client.force_login(company.lead)
    shown = client.get(f"/load/?agent={stop.agent_id}").content.decode()
    assert f"lift-{stop.pk}" in shown
    # To the lead it speaks of the agent, and to nobody else as "you".
    assert "until they have rested" in shown
    assert "until you have rested" not in shown
    assert "no person decided it" in shown
    name = stop.agent.name
    assert (
        f"The lead of the team of {name} or the owner can lift it before it ends, on this page, with a reason that {name} reads." in shown
    )
    client.post(address, {"reason": "   "})
    assert GuardrailDecision.objects.get(pk=stop.pk).lifted_at is None
    client.post(address, {"reason": "Rested at home, the clock was wrong."})
    lifted = GuardrailDecision.objects.get(pk=stop.pk)
    assert (lifted.lifted_at, lifted.lifted_by) == (NOW, company.lead)
    assert (
        "can lift it before it ends"
        not in client.get(f"/load/?agent={stop.agent_id}").content.decode().split(f'id="decision-{stop.pk}"')[1].split("</article>")[0]
    )


def test_an_agent_reads_who_could_lift_a_decision_and_where(company: Company, client: Client) -> None:
    acting = GuardrailDecision.objects.filter(level="act", lifted_at=None).latest("starts_at")
    GuardrailDecision.objects.filter(pk=acting.pk).update(ends_at=None)
    client.force_login(acting.agent.user)
    assert (
        "The lead of your team or the owner can lift it before it ends, on the page of your load" in client.get("/load/").content.decode()
    )
    home = client.get(reverse("home")).content.decode()
    assert "Who can lift it" in home
    assert "the lead of your team or the owner, on the page of your load" in home
