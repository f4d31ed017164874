"""Drawing reviews: random, repeatable, once per day, and given to people who did not do the work."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from agents.models import Assessment, Notification, SampledCase, SampleDraw, ScorecardItem, Team
from agents.operations.quality_work import activate_scorecard, draw_reviews
from agents.queries import review_pages
from agents.rules import sampling
from tests import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOON
FIRST, END = date(2016, 4, 11), date(2016, 4, 18)
WISH = draw_reviews.Wish(size=6, agent_min=1, second_count=2)


@pytest.fixture
def team() -> Team:
    factories.make_scorecard()
    other = factories.make_user(name="Omar Weiss", roles=["lead"])
    made = factories.make_team(lead=factories.make_user(name="Dana Okafor", roles=["lead"]))
    factories.make_team(name="Network B", lead=other)
    version = factories.make_contract_version()
    for count in (10, 5, 2):
        agent = factories.make_agent(team=made)
        for number in range(count):
            factories.make_resolution(agent=agent, version=version, resolved_at=NOW - timedelta(days=4, minutes=number))
        factories.make_resolution(agent=agent, version=version, resolved_at=NOW - timedelta(days=2))
    return made


def draw(team: Team, **asked: object) -> SampleDraw:
    """Draw a week's reviews."""
    return draw_reviews.draw_reviews(
        **{"team": team, "period_from": FIRST, "period_to": END, "wish": WISH, "person": team.lead, "as_of": NOW, **asked}
    )


def test_a_draw_queues_reviews_and_keeps_what_repeats_it(team: Team) -> None:
    made = draw(team)
    cases = review_pages.list_cases(draw=made)
    check = review_pages.check_draw(draw=made, cases=cases)

    assert len(cases) == 6
    assert {case.agent_id for case in cases} == set(team.memberships.values_list("agent", flat=True))
    assert made.frame_count == 17
    assert sampling.hash_frame(text=made.frame) == made.frame_hash
    assert (check.is_same, check.is_frame_whole) == (True, True)
    assert made.due_on == date(2016, 4, 27)
    assert Assessment.objects.filter(reviewer=team.lead, is_second=False).count() == 6
    assert Assessment.objects.filter(is_second=True, reviewer__name="Omar Weiss").count() == 2


def test_the_seed_is_made_anew_and_only_the_other_reviewer_is_told(team: Team) -> None:
    first = draw(team)
    second = draw(team, period_from=END, period_to=END + timedelta(days=2), wish=draw_reviews.Wish(size=1, agent_min=0, second_count=0))

    assert len(first.seed) == 64
    assert first.seed != second.seed
    assert [notice.person.name for notice in Notification.objects.filter(kind="reviews_drawn")] == ["Omar Weiss"]


def test_the_same_days_are_not_drawn_twice(team: Team) -> None:
    draw(team)

    with pytest.raises(draw_reviews.UnableToDraw, match="was drawn from on some of these days already"):
        draw(team, period_from=END - timedelta(days=1), period_to=END + timedelta(days=1))
    assert SampleDraw.objects.count() == 1
    assert SampledCase.objects.count() == 6


def test_days_must_be_over(team: Team) -> None:
    today = date(2016, 4, 20)
    with pytest.raises(draw_reviews.UnableToDraw, match="These days are not over yet"):
        draw(team, period_to=today + timedelta(days=1))
    assert draw(team, period_to=today).period_to == today


def test_nobody_reviews_their_own_work(team: Team) -> None:
    agent = team.memberships.order_by("pk")[0].agent
    agent.user = team.lead
    agent.save()

    assert agent.pk not in {case.agent_id for case in draw(team).cases.all()}


def test_without_a_second_lead_none_is_asked_for(team: Team) -> None:
    Team.objects.exclude(pk=team.pk).update(lead=None)
    with pytest.raises(draw_reviews.UnableToDraw, match="no second reviewer"):
        draw(team)
    assert not SampleDraw.objects.exists()


def test_without_a_scorecard_or_lead_nothing_is_drawn(team: Team) -> None:
    with pytest.raises(draw_reviews.UnableToDraw, match="No scorecard is in force"):
        draw(team, period_from=date(2014, 1, 1), period_to=date(2014, 1, 8))
    team.lead = None
    with pytest.raises(draw_reviews.UnableToDraw, match="has no lead"):
        draw(team)


def test_a_minimum_that_does_not_fit_is_refused(team: Team) -> None:
    with pytest.raises(draw_reviews.UnableToDraw, match="2 of each of 3 agents are 6 reviews, and 5 were asked for"):
        draw(team, wish=draw_reviews.Wish(size=5, agent_min=2, second_count=0))


def test_a_draw_cannot_be_changed_even_in_the_database(team: Team) -> None:
    made = draw(team)
    with pytest.raises(DatabaseError), transaction.atomic():
        SampleDraw.objects.filter(pk=made.pk).update(seed="mine")
    with pytest.raises(DatabaseError), transaction.atomic():
        SampledCase.objects.filter(draw=made).delete()


def test_weights_that_are_not_one_cannot_be_activated_and_active_items_cannot_change() -> None:
    version = factories.make_scorecard()
    draft = version.scorecard.versions.create(number=2, effective_from=date(2017, 1, 1))
    ScorecardItem.objects.create(version=draft, position=1, section="One", title="All", weight_bp=9_999)
    draft.status = "active"
    with pytest.raises(IntegrityError, match="weigh 9999, not 10000"), transaction.atomic():
        draft.save()
    with pytest.raises(DatabaseError, match="belongs to a version that is active"), transaction.atomic():
        ScorecardItem.objects.filter(version=version).update(weight_bp=1)


def test_activating_a_card_ends_the_one_before_and_refuses_wrong_weights() -> None:
    before = factories.make_scorecard()
    draft = before.scorecard.versions.create(number=2, effective_from=date(2017, 1, 1))
    ScorecardItem.objects.create(version=draft, position=1, section="One", title="Most", weight_bp=9_900)
    with pytest.raises(activate_scorecard.UnableToActivateScorecard, match="weigh 99 percent together"):
        activate_scorecard.activate_scorecard(version_id=draft.pk)
    ScorecardItem.objects.create(version=draft, position=2, section="One", title="Rest", weight_bp=100)
    activate_scorecard.activate_scorecard(version_id=draft.pk)

    before.refresh_from_db()
    assert (before.status, before.effective_to) == ("ended", date(2017, 1, 1))
    assert draw_reviews.scorecard_in_force(on=date(2016, 12, 31)) == before
    assert draw_reviews.scorecard_in_force(on=date(2017, 1, 1)) == draft
    with pytest.raises(activate_scorecard.UnableToActivateScorecard, match="only a draft is activated"):
        activate_scorecard.activate_scorecard(version_id=draft.pk)
    early = before.scorecard.versions.create(number=3, effective_from=date(2016, 6, 1))
    ScorecardItem.objects.create(version=early, position=1, section="One", title="All", weight_bp=10_000)
    with pytest.raises(activate_scorecard.UnableToActivateScorecard, match="begin after that day"):
        activate_scorecard.activate_scorecard(version_id=early.pk)
