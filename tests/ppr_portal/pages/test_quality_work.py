"""Pages of quality work: what people do in the browser's forms, what nobody else reads, and how many queries a page takes."""

import csv
import io
import pathlib
import re
from datetime import date

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from agents import access
from agents.models import Assessment, CheckIn, CoachingSession, Feedback, ImprovementPlan, QaReview, SampleDraw, TrainingTask
from agents.operations.quality_work import check_ins, coaching
from agents.queries import review_pages
from billing.models import Dispute
from tests import factories
from tests.ppr_portal.company import NOW, Company

QUERIES_MAX = 12
SECRET = "Only for me, nobody else"


def as_lead(company: Company, client: Client) -> Client:
    client.force_login(company.lead)
    return client


def as_agent(company: Company, client: Client) -> Client:
    assert company.agent.user is not None
    client.force_login(company.agent.user)
    return client


def own_review(company: Company) -> Assessment:
    """Return a review of the lead that nobody scores a second time."""
    second = Assessment.objects.filter(is_second=True).values("sampled")
    return Assessment.objects.filter(sampled__draw=company.sample, is_second=False).exclude(sampled__in=second).earliest("pk")


def answers(review: Assessment, answer: str = "yes") -> dict[str, str]:
    """Answer every item alike, as the form sends it."""
    return {f"item-{item.pk}": answer for item in review.sampled.draw.scorecard_version.items.all()}


def test_a_review_is_kept_then_published_and_the_agent_reads_answers_and_disputes_it(company: Company, client: Client) -> None:
    review = own_review(company)
    page = reverse("review", args=[review.pk])
    lead = as_lead(company, client)
    lead.post(page, {"draft": "yes", "went_well": "Calm.", **dict(list(answers(review).items())[:1])})
    refused = lead.post(page, {"went_well": "Calm."})
    assert refused.status_code == 422
    assert "2 items have no answer" in refused.content.decode()
    assert lead.post(page, {**answers(review), "to_try": "Say when."}, follow=True).status_code == 200

    made = QaReview.objects.get(assessment=review)
    agent = made.agent
    client.force_login(agent.user)
    item = Feedback.objects.get(review=made)
    inbox = client.get("/feedback/?kind=qa").content.decode()
    assert "100 of 100" in inbox
    assert reverse("review_dispute", args=[made.pk]) in inbox
    client.post(reverse("feedback_acknowledgement", args=[item.pk]))
    client.post(reverse("feedback_answer", args=[item.pk]), {"words": "I did say when."})
    client.post(reverse("review_dispute", args=[made.pk]), {"reason": "wrong_score", "words": "The day is in the mail."})
    made.refresh_from_db()
    assert made.set_aside_at is not None
    assert Dispute.objects.get(qa_review=made).status == "open"
    assert "Disputed, open" in client.get("/feedback/").content.decode()

    lead = as_lead(company, client)
    assert "I did say when." in lead.get("/answers/").content.decode()
    assert "set aside, does not count" in lead.get("/reviews/?state=published").content.decode()


def test_published_reviews_are_listed_to_those_who_may_open_them_and_counted_no_further_than_read(
    company: Company, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = Assessment.objects.filter(is_second=True).values("sampled")
    reviews = Assessment.objects.filter(sampled__draw=company.sample).exclude(sampled__in=second).order_by("pk")
    for review in reviews:
        as_lead(company, client).post(reverse("review", args=[review.pk]), answers(review))
    Assessment.objects.filter(pk=reviews[0].pk).update(reviewer=company.other_lead)
    published = Assessment.objects.filter(status="published")
    assert published.count() > 1
    for user in (company.lead, company.other_lead, company.auditor, company.admin, company.agent.user):
        may_open = access.assessments_for(user, on=NOW.date())
        listed = access.published_assessments_for(user, on=NOW.date())
        assert set(listed) == set(may_open.filter(status="published"))
        assert set(access.own_assessments_for(user)) == set(Assessment.objects.filter(reviewer=user))
    chip = as_lead(company, client).get("/reviews/?state=published").context["chips"][2]
    assert (chip.count, chip.is_more) == (published.count(), False)
    monkeypatch.setattr(review_pages, "COUNT_MAX", 1)
    page = client.get("/reviews/?state=published")
    chip = page.context["chips"][2]
    assert (chip.count, chip.is_more) == (1, True)
    assert "1+" in page.content.decode()


def test_nobody_else_opens_a_review_that_is_not_published(company: Company, client: Client) -> None:
    review = own_review(company)
    for user in (company.other_lead, company.auditor, company.admin, review.sampled.agent.user):
        client.force_login(user)
        assert client.get(reverse("review", args=[review.pk])).status_code == 404
        assert client.post(reverse("review", args=[review.pk]), answers(review)).status_code == 404
    assert not QaReview.objects.filter(assessment=review).exists()


def test_a_second_reviewer_scores_without_seeing_the_first(company: Company, client: Client) -> None:
    second = Assessment.objects.filter(sampled__draw=company.sample, is_second=True).earliest("pk")
    first = Assessment.objects.get(sampled=second.sampled, is_second=False)
    as_lead(company, client).post(reverse("review", args=[first.pk]), answers(first, "partly"))
    client.force_login(second.reviewer)
    page = client.get(reverse("review", args=[second.pk]))
    assert page.context["other"] is None
    assert "sheet__other" not in page.content.decode()
    client.post(reverse("review", args=[second.pk]), answers(second))

    page = client.get(reverse("review", args=[second.pk]))
    assert page.context["other"] == first
    assert page.context["same_count"] == 0
    found = client.get("/reviews/calibration/").context["found"]
    assert (found.all.same_count, found.all.count, found.all.kappa) == (0, 3, 0)
    assert len(found.differing) == 3


def test_a_lead_says_how_many_and_chance_which(company: Company, client: Client) -> None:
    lead = as_lead(company, client)
    wanted = {"team": company.team.pk, "period_from": "2016-04-18", "last": "2016-04-19", "size": 5, "agent_min": 1, "second_count": 0}
    # Last week was drawn from, so the days since then are proposed.
    proposed = lead.get("/reviews/draws/new/").context["form"].initial
    assert (proposed["period_from"], proposed["last"]) == (date(2016, 4, 18), date(2016, 4, 19))
    refused = lead.post("/reviews/draws/new/", {**wanted, "last": "2016-04-20"})
    assert (refused.status_code, SampleDraw.objects.count()) == (422, 1)
    assert "not over yet" in refused.content.decode()
    done = lead.post("/reviews/draws/new/", {**wanted, "seed": "mine", "case": "INC1"}, follow=True)
    made = SampleDraw.objects.latest("pk")
    assert made.seed != "mine"
    assert made.seed in done.content.decode()
    assert done.context["check"].is_same
    assert lead.get(reverse("review_draw_frame", args=[made.pk])).content.decode() == made.frame
    other = lead.post("/reviews/draws/new/", {**wanted, "team": company.other_team.pk})
    assert other.status_code == 422


def test_a_talk_is_planned_noted_acknowledged_and_followed_up(company: Company, client: Client) -> None:
    lead = as_lead(company, client)
    form = {"agent": company.agent.pk, "planned_on": "2016-04-19", "goal": "Say when", "metric": "fcr", "follow_up_on": "2016-05-10"}
    lead.post("/coaching/new/", form)
    talk = CoachingSession.objects.latest("pk")
    acts = reverse("coaching_act", args=[talk.pk])
    lead.post(acts, {"act": "note", "words": "Private thought", "shared": "no"})
    lead.post(acts, {"act": "note", "words": "Shared praise", "shared": "yes"})
    lead.post(acts, {"act": "hold"})
    assert lead.post(acts, {"act": "follow_up", "outcome": "", "words": "x"}).status_code == 422
    assert lead.post(acts, {"act": "acknowledge"}).status_code == 404

    agent = as_agent(company, client)
    page = agent.get(reverse("coaching_session", args=[talk.pk])).content.decode()
    assert "Shared praise" in page
    assert "Private thought" not in page
    assert agent.post(acts, {"act": "cancel"}).status_code == 404
    agent.post(acts, {"act": "acknowledge", "words": "Fine with me."})
    client.force_login(company.auditor)
    assert "Private thought" not in client.get(reverse("coaching_session", args=[talk.pk])).content.decode()
    assert client.post(acts, {"act": "cancel"}).status_code == 404

    as_lead(company, client).post(acts, {"act": "follow_up", "outcome": "reached", "words": "It helped."})
    talk.refresh_from_db()
    assert (talk.status, talk.agent_words, talk.outcome) == ("closed", "Fine with me.", "reached")


def test_a_lead_coaches_nobody_of_another_team(company: Company, client: Client) -> None:
    client.force_login(company.other_lead)
    form = {"agent": company.agent.pk, "planned_on": "2016-04-21", "goal": "Say when", "metric": "", "follow_up_on": "2016-05-10"}
    assert client.post("/coaching/new/", form).status_code == 422
    assert client.post(reverse("coaching_act", args=[company.talk.pk]), {"act": "hold"}).status_code == 404
    assert client.post(reverse("improvement_step", args=[company.improvement.pk]), {"kind": "ended", "words": "x"}).status_code == 404
    assert client.post(reverse("training_act", args=[company.task.pk]), {"act": "cancel"}).status_code == 404
    assert CoachingSession.objects.count() == 1


def test_a_plan_goes_step_by_step(company: Company, client: Client) -> None:
    page = reverse("improvement_step", args=[company.improvement.pk])
    as_agent(company, client).post(page, {"words": "The queue was full."})
    lead = as_lead(company, client)
    assert lead.post(page, {"kind": "extended", "words": "Leave", "review_on": "soon"}).status_code == 422
    lead.post(page, {"kind": "extended", "words": "Leave", "review_on": "2016-06-01"})
    lead.post(page, {"kind": "reached", "words": "As agreed."})
    assert [step.kind for step in company.improvement.steps.all()] == ["opened", "comment", "extended", "reached"]
    form = {"agent": company.agent.pk, "reason": "a", "goal": "b", "support": "c", "metric": "", "review_on": "2016-06-02"}
    lead.post("/improvement/new/", form)
    assert ImprovementPlan.objects.filter(agent=company.agent, status="open").count() == 1


def test_training_is_given_to_a_team_and_done_by_the_agent(company: Company, client: Client) -> None:
    lead = as_lead(company, client)
    lead.post("/training/new/", {"team": company.team.pk, "title": "Read the guide", "minutes": 20, "due_on": "2016-05-01"})
    assert TrainingTask.objects.filter(title="Read the guide").count() == 5
    task = TrainingTask.objects.get(title="Read the guide", agent=company.agent)
    acts = reverse("training_act", args=[task.pk])
    assert lead.post(acts, {"act": "done"}).status_code == 404
    agent = as_agent(company, client)
    agent.post(acts, {"act": "see"})
    agent.post(acts, {"act": "done", "words": "Clear."})
    task.refresh_from_db()
    assert (task.agent_words, task.done_at is not None) == ("Clear.", True)
    assert "Read the guide" in agent.get("/training/?state=done").content.decode()
    agent.post(acts, {"act": "undo"})
    as_lead(company, client).post(acts, {"act": "cancel"})
    task.refresh_from_db()
    assert task.cancelled_by == company.lead


def test_a_check_in_is_read_by_its_agent_alone(company: Company, client: Client) -> None:
    agent = as_agent(company, client)
    agent.post("/check-ins/", {"day": "hard", "words": SECRET})
    note = CheckIn.objects.get()
    assert SECRET in agent.get("/check-ins/").content.decode()
    pages = ["/team/", f"/team/agents/{company.agent.pk}/", "/team/changes/", "/coaching/", "/training/", "/answers/", "/load/"]
    pages += [f"/load/?agent={company.agent.pk}", f"/performance/?agent={company.agent.pk}", "/search/?q=Only", "/agents/?find=Maya"]
    pages += [f"{page}{'&' if '?' in page else '?'}format=csv" for page in pages] + ["/check-ins/"]
    for user in (company.lead, company.colleague.user, company.auditor, company.approver, company.admin, company.client):
        client.force_login(user)
        for page in pages:
            assert SECRET not in client.get(page).content.decode(errors="ignore"), (user, page)
        assert client.post(reverse("check_in_deletion", args=[note.pk])).status_code == 404
    as_agent(company, client).post(reverse("check_in_deletion", args=[note.pk]))
    assert not CheckIn.objects.exists()


def test_check_ins_are_known_to_no_other_module_and_not_to_the_administration() -> None:
    root = pathlib.Path(__file__).resolve().parents[3]
    own = {
        "agents/models/check_ins.py",
        "agents/models/__init__.py",
        "agents/operations/quality_work/check_ins.py",
        "agents/queries/check_ins.py",
    }
    sources = [path for app in ("agents", "billing", "contracts", "ppr_portal") for path in (root / app).rglob("*.py")]
    naming = {str(path.relative_to(root)) for path in sources if re.search(r"\bCheckIn\b", path.read_text(encoding="utf-8"))}
    assert {name for name in naming if "/migrations/" not in name} == own
    assert not any("agents_checkin" in path.read_text(encoding="utf-8") for path in sources if "migrations" not in path.parts)
    assert CheckIn not in admin.site._registry
    assert not [model for model in apps.get_models() if model._meta.model_name == "checkinevent"]


LISTS = ("reviews", "coaching", "improvement_plans", "training", "feedback_answers", "load_map", "week_changes", "review_calibration")


@pytest.mark.parametrize("name", LISTS)
def test_lead_pages_take_few_queries_however_much_there_is(
    company: Company, client: Client, django_assert_max_num_queries, name: str
) -> None:
    for number in range(35):
        agent = factories.make_agent(name=f"Agent {number:02d}", team=company.team)
        factories.make_talk(agent=agent, coach=company.lead, planned_on=NOW.date())
        factories.make_training_task(agent=agent, by=company.lead)
        factories.make_improvement_plan(agent=agent, by=company.lead)
        factories.make_feedback(agent=agent, answer="Thanks.", answered_at=NOW)
    lead = as_lead(company, client)
    with django_assert_max_num_queries(QUERIES_MAX):
        assert lead.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["review", "review_draw", "coaching_session", "improvement_plan", "team_agent"])
def test_single_pages_take_few_queries(company: Company, client: Client, django_assert_max_num_queries, name: str) -> None:
    pk = {
        "review": own_review(company).pk,
        "review_draw": company.sample.pk,
        "coaching_session": company.talk.pk,
        "improvement_plan": company.improvement.pk,
        "team_agent": company.agent.pk,
    }[name]
    lead = as_lead(company, client)
    with django_assert_max_num_queries(QUERIES_MAX):
        assert lead.get(reverse(name, args=[pk])).status_code == 200


def test_lists_are_paged_searched_and_exported(company: Company, client: Client) -> None:
    for number in range(35):
        factories.make_talk(
            agent=factories.make_agent(name=f"Agent {number:02d}", team=company.team), coach=company.lead, planned_on=NOW.date()
        )
    lead = as_lead(company, client)
    first = lead.get("/coaching/")
    second = lead.get(f"/coaching/{first.context['next_url']}")
    assert len(first.context["rows"]) == 30
    assert ["more rows follow" in page.content.decode() for page in (first, second)] == [True, False]
    assert {row.pk for row in first.context["rows"]}.isdisjoint(row.pk for row in second.context["rows"])
    assert len(first.context["rows"]) + len(second.context["rows"]) == 36
    assert [row.agent.name for row in lead.get("/coaching/?find=Agent 07").context["rows"]] == ["Agent 07"]
    assert lead.get("/coaching/", {"find": first.context["rows"][0].goal[3:]}).context["rows"][0] == first.context["rows"][0]
    rows = list(csv.DictReader(io.StringIO(lead.get("/coaching/?format=csv").content.decode("utf-8-sig"))))
    assert len(rows) == 36
    assert "No talks here" in lead.get("/coaching/?find=zzz").content.decode()


def test_the_map_tells_busy_time_where_waiting_is_recorded_and_pace_where_it_is_not(company: Company, client: Client) -> None:
    lead = as_lead(company, client)
    page = lead.get("/team/load/")
    assert page.context["is_pace"]
    monday = NOW.replace(day=11, hour=10, minute=0)
    agent = company.newcomer
    factories.make_time(agent=agent, category="productive", started_at=monday, hours=0.75)
    factories.make_time(agent=agent, category="available_waiting", started_at=monday.replace(minute=45), hours=0.25)
    page = lead.get("/team/load/")
    cell = next(row for row in page.context["rows"] if row.hour == 10).cells[0]
    assert not page.context["is_pace"]
    assert 0 < cell.occupancy < 1
    rows = list(csv.DictReader(io.StringIO(lead.get("/team/load/?format=csv").content.decode("utf-8-sig"))))
    assert {row["weekday"] for row in rows} <= {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}


def test_what_changed_names_both_weeks_and_their_intervals(company: Company, client: Client) -> None:
    page = as_lead(company, client).get("/team/changes/")
    maya = next(row for row in page.context["rows"] if row.name == "Maya Torres")
    assert maya.verified_before == 0
    assert maya.verified_after > 0
    assert all(metric.change.verdict in ("missing", "unclear", "rose", "fell") for metric in maya.metrics)
    assert "$" not in page.content.decode()


def test_who_reads_everything_sees_what_changed_in_one_team(company: Company, client: Client) -> None:
    empty = factories.make_team(name="A team of nobody")
    client.force_login(company.auditor)
    first = client.get("/team/changes/")
    page = client.get(f"/team/changes/?team={company.lead.led_teams.get().pk}&by=month")
    assert first.context["choice"].chosen == empty
    assert not first.context["rows"]
    assert "Maya Torres" in {row.name for row in page.context["rows"]}
    assert page.context["csv_url"] == f"?team={page.context['choice'].chosen.pk}&by=month&format=csv"
    assert as_lead(company, client).get(f"/team/changes/?team={empty.pk}").status_code == 404


@pytest.mark.parametrize("page", ["/team/", "/team/changes/", "/team/load/"])
def test_a_lead_who_reads_everything_comes_to_the_team_that_they_lead(company: Company, client: Client, page: str) -> None:
    stranger = factories.make_team(name="A team of nobody")
    company.lead.groups.add(Group.objects.get_or_create(name="auditor")[0])
    lead = as_lead(company, client)
    response, other = lead.get(page), lead.get(f"{page}?team={stranger.pk}")
    own, asked = ((one.context.get("choice") or one.context["page"].choice) for one in (response, other))

    assert (own.shown_ids, asked.shown_ids) == ([company.team.pk], [stranger.pk])
    assert stranger in own.teams
    # The map of hours has room for one team; the others show all that somebody leads.
    assert ("All your teams" in response.content.decode()) == (page != "/team/load/")


def test_an_auditor_comes_to_the_first_team(company: Company, client: Client) -> None:
    first = factories.make_team(name="A team of nobody", lead=company.auditor)
    client.force_login(company.auditor)

    assert client.get("/team/").context["page"].title == first.name


def test_a_private_note_is_in_no_export(company: Company, client: Client) -> None:
    coaching.add_note(session_id=company.talk.pk, author=company.lead, words="Private thought", is_shared=False, as_of=NOW)
    check_ins.note_check_in(agent=company.agent, day="hard", words=SECRET, as_of=NOW)
    for user in (company.lead, company.agent.user, company.auditor):
        client.force_login(user)
        for page in ("/coaching/?format=csv", "/feedback/?format=csv", "/improvement/?format=csv", "/training/?format=csv"):
            answer = client.get(page)
            assert answer["Content-Type"].startswith("text/csv")
            text = answer.content.decode()
            assert "Private thought" not in text
            assert SECRET not in text
