"""Everybody is told a thing once, the way they want it, and what the law needs cannot be switched off."""

from datetime import timedelta

import pytest

from agents.models import GuardrailDecision, Notification, NotificationPreference, SavedFilter
from agents.notice_kinds import KINDS
from agents.operations.fairness import tell_decisions
from agents.operations.jobs import retention
from agents.operations.people import notification_acts, saved_filters, tell_due
from agents.operations.people.notify import Told, UnableToNotify, notify, notify_each
from tests import factories

pytestmark = pytest.mark.django_db
NOON = factories.NOON


def tell(people, *, kind="dispute_withdrawn", key="D-1", **extra):
    facts = {"number": 1, "party": "Maya Torres", "due_on": "2016-04-27", "status_label": "refused", "author": "Dana", **extra}
    return notify(kind=kind, people=[person.pk for person in people], key=key, facts=facts, path="/disputes/1/", as_of=NOON)


def test_nobody_is_told_the_same_twice():
    maya, dana = factories.make_user(), factories.make_user()
    assert tell([maya, maya]) == 1
    assert tell([maya, dana]) == 1
    assert tell([maya], key="D-2") == 1
    assert tell([maya], kind="dispute_answered") == 1
    assert Notification.objects.filter(person=maya).count() == 3


def test_who_has_left_is_told_nothing():
    assert tell([factories.make_user(is_active=False)]) == 0


@pytest.mark.parametrize(
    ("kind", "wish", "kept"),
    [
        ("dispute_withdrawn", None, "digest"),
        ("dispute_withdrawn", "mail", "mail"),
        ("dispute_withdrawn", "in_app", "in_app"),
        ("dispute_withdrawn", "off", None),
        ("dispute_answered", None, "mail"),
        ("dispute_answered", "digest", "digest"),
        # Rows that the page would refuse count as no wish.
        ("dispute_answered", "off", "mail"),
        ("dispute_answered", "in_app", "mail"),
    ],
)
def test_a_wish_counts_where_the_kind_leaves_one(kind, wish, kept):
    maya = factories.make_user()
    if wish:
        NotificationPreference.objects.create(person=maya, kind=kind, channel=wish)
    assert tell([maya], kind=kind) == (kept is not None)
    assert list(Notification.objects.values_list("channel", flat=True)) == ([kept] if kept else [])


@pytest.mark.parametrize(("kind", "channel"), [("dispute_answered", "off"), ("statement_ready", "off"), ("nothing", "mail"), ("pace", "x")])
def test_a_wish_that_nobody_has_is_refused_and_nothing_is_kept(kind, channel):
    with pytest.raises(notification_acts.InvalidPreference):
        notification_acts.save_preferences(person=factories.make_user(), channels={"dispute_withdrawn": "mail", kind: channel})
    assert not NotificationPreference.objects.exists()


def test_a_wish_can_be_changed():
    maya = factories.make_user()
    for channel in ("mail", "off", "off"):
        notification_acts.save_preferences(person=maya, channels={"dispute_withdrawn": channel})
    assert list(NotificationPreference.objects.values_list("kind", "channel")) == [("dispute_withdrawn", "off")]


@pytest.mark.parametrize(
    ("kind", "path", "words"),
    [
        ("horoscope", "/", "nothing that people are told"),
        ("statement_ready", "/", "without the fact"),
        ("dispute_withdrawn", "//evil.example", "cannot lead"),
    ],
)
def test_what_has_no_words_or_leads_elsewhere_is_refused(kind, path, words):
    maya = factories.make_user()
    with pytest.raises(UnableToNotify, match=words):
        notify(kind=kind, people=[maya.pk], key="k", facts={"number": 1, "party": "Maya"}, path=path, as_of=NOON)
    assert not Notification.objects.exists()


def test_one_faulty_fact_of_many_tells_nobody():
    maya = factories.make_user()
    good = Told(person_id=maya.pk, key="a", facts={"number": 1, "party": "Maya"}, path="/")
    with pytest.raises(UnableToNotify):
        notify_each(kind="dispute_withdrawn", told=[good, Told(person_id=maya.pk, key="b", facts={}, path="/")], as_of=NOON)
    assert not Notification.objects.exists()


def test_many_are_told_in_as_many_queries_as_one(django_assert_num_queries):
    people = [factories.make_user() for _ in range(20)]
    told = [Told(person_id=person.pk, key="k", facts={"number": 1, "party": "Maya"}, path="/") for person in people]
    with django_assert_num_queries(4):
        assert notify_each(kind="dispute_withdrawn", told=told, as_of=NOON) == 20


def test_reading_marks_what_was_seen_and_can_be_taken_back():
    maya, dana = factories.make_user(), factories.make_user()
    for key in "abc":
        tell([maya, dana], key=key)
    first, second, third = Notification.objects.filter(person=maya).order_by("pk")
    assert notification_acts.mark_read(person=maya, as_of=NOON, up_to=first.pk, only=first.pk) == 1
    later = NOON + timedelta(minutes=1)
    assert notification_acts.mark_read(person=maya, as_of=later, up_to=second.pk) == 1
    assert set(Notification.objects.filter(read_at=None)) == {third, *Notification.objects.filter(person=dana)}
    assert notification_acts.mark_new(person=maya, read_at=later) == 1
    second.refresh_from_db()
    assert second.read_at is None
    assert notification_acts.mark_new(person=dana, read_at=NOON) == 0


def test_an_agent_is_told_of_what_acts_and_the_lead_of_a_stop():
    lead = factories.make_user(roles=["lead"])
    agent = factories.make_agent_with_account(team=factories.make_team(lead=lead))
    silent = factories.make_agent(name="No Sign-in")
    decisions = [
        factories.make_decision(agent=agent),
        factories.make_decision(agent=agent, effect="premium_suspended"),
        factories.make_decision(agent=agent, level="warn", effect="prompt"),
        factories.make_decision(agent=silent),
    ]
    assert tell_decisions.tell_decisions(decisions=decisions, as_of=NOON) == 3
    assert tell_decisions.tell_decisions(decisions=decisions, as_of=NOON) == 0
    assert sorted(Notification.objects.filter(person=agent.user).values_list("facts__effect_label", flat=True)) == [
        "No new contacts",
        "Premium suspended",
    ]
    assert Notification.objects.get(person=lead).path == f"/load/?agent={agent.pk}"


def test_every_limit_has_a_short_name_for_translation():
    from agents.notice_kinds import LABELS
    from agents.rules.load_words import LIMIT_WORDS

    assert set(tell_decisions.LIMITS) == set(LIMIT_WORDS)
    assert set(tell_decisions.EFFECTS) == set(GuardrailDecision.Effect.values)
    assert {*tell_decisions.LIMITS.values(), *tell_decisions.EFFECTS.values()} <= set(LABELS)


@pytest.mark.parametrize(("days", "count"), [(-8, 0), (-7, 1), (0, 1), (31, 1), (32, 0)])
def test_a_new_plan_version_is_told_from_a_month_before_until_a_week_after(days, count):
    agent = factories.make_agent_with_account()
    factories.assign_plan(agent=agent, version=factories.make_plan_version(), since=NOON.date() + timedelta(days=days))
    assert tell_due.tell_due(as_of=NOON) == count
    assert tell_due.tell_due(as_of=NOON) == 0


def test_who_has_read_the_plan_is_not_told():
    from agents.operations.people.acknowledge_plan import acknowledge_plan

    agent, version = factories.make_agent_with_account(), factories.make_plan_version()
    factories.assign_plan(agent=agent, version=version, since=NOON.date())
    acknowledge_plan(agent=agent, version_id=version.pk, sentences=["Pay."], as_of=NOON)
    assert tell_due.tell_due(as_of=NOON) == 0


def test_an_owner_is_told_once_a_day_how_much_expires():
    owner = factories.make_user()
    version = factories.make_contract_version()
    agent = factories.make_agent()
    for number in range(2):
        factories.make_resolution(agent=agent, version=version).holds.create(
            reason=f"r{number}", message="m", owner=owner, opened_at=NOON, expires_at=NOON + timedelta(days=1, hours=number)
        )
    assert tell_due.tell_due(as_of=NOON) == 1
    assert tell_due.tell_due(as_of=NOON + timedelta(hours=1)) == 0
    assert Notification.objects.get().facts == {"held_count": 2, "expires_on": "2016-04-22"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_every_kind_reaches_people_by_a_way_that_it_leaves(kind):
    assert kind.channel in kind.channels
    assert len(kind.code) <= 32
    assert not (kind.is_required and "off" in kind.channels)


@pytest.mark.parametrize(("days", "left"), [(365, 1), (366, 0)])
def test_what_was_read_is_deleted_after_a_year_and_what_is_new_never(days, left):
    maya = factories.make_user()
    for key in "ab":
        tell([maya], key=key)
    Notification.objects.filter(key="a").update(read_at=NOON)
    at = NOON + timedelta(days=days)
    assert retention.apply_retention(as_of=at, now=at).listed_count == 1 - left
    assert Notification.objects.count() == 1 + left


@pytest.mark.parametrize(("days", "left"), [(30, 1), (31, 0)])
def test_a_deleted_filter_can_be_brought_back_for_a_month(days, left):
    found = saved_filters.save_filter(person=factories.make_user(), page="disputes", name="F", query="a=1", is_default=False, as_of=NOON)
    saved_filters.delete_filter(person=found.person, filter_id=found.pk, as_of=NOON)
    at = NOON + timedelta(days=days)
    retention.apply_retention(as_of=at, now=at)
    assert SavedFilter.objects.count() == left
