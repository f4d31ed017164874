"""First contacts counted by day are the full count: at any time, by any group, whatever changed since."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db.models import Exists, OuterRef, QuerySet
from django.test import Client

from agents import tasks
from agents.models import (
    Case,
    CaseEvent,
    FirstContactChange,
    FirstContactCount,
    FirstContactDay,
    Resolution,
    ShiftBand,
    Site,
    TeamMembership,
)
from agents.operations.resolutions.count_first_contacts import count_first_contacts
from agents.queries import first_contact_report, first_contacts
from agents.queries.first_contact_report import FirstContacts
from contracts.models import Channel, QueryType
from tests import factories
from tests.ppr_portal.company import NOW, Company

SPANS = ((date(2016, 1, 1), date(2016, 12, 31)), (date(2016, 3, 10), date(2016, 3, 14)), (date(2016, 3, 31), date(2016, 3, 31)))


def of_client(client: str) -> QuerySet[Resolution]:
    found = Resolution.objects.all()
    return found.filter(case__contract__client__code=client) if client else found


def as_read(client: str, dimension: str, first: date, last: date) -> FirstContacts:
    return first_contact_report.read_days(resolutions=of_client(client), client=client, dimension=dimension, first=first, last=last)


def in_full(client: str, dimension: str, first: date, last: date) -> FirstContacts:
    asked = first_contacts.list_asked_on(resolutions=of_client(client), first=first, last=last)
    return first_contact_report.count_now(resolutions=asked, dimension=dimension)


def plain(found: FirstContacts) -> tuple[Any, ...]:
    """Return what a report says, in one order."""
    groups = sorted((one.key, one.name, one.tally, sorted(one.delivery_models)) for one in found.groups)
    return groups, dict(found.inhibitors), sorted((one.source, one.staged_count, one.case_count) for one in found.sources)


def check_all(company: Company) -> None:
    """Hold every report to the full count."""
    for dimension in first_contacts.DIMENSIONS:
        for client in ("", company.invoice.contract.client.code):
            for first, last in SPANS:
                assert plain(as_read(client, dimension, first, last)) == plain(in_full(client, dimension, first, last)), (dimension, client)


@pytest.fixture
def counted(company: Company) -> Company:
    Resolution.objects.filter(agent=company.agent, pk__in=some(company, 3)).update(fcr="no", fcr_reason="transferred", inhibitor="transfer")
    report = count_first_contacts(as_of=NOW)
    assert report.day_count > 30
    assert report.changed_count == FirstContactDay.objects.count() > 0
    return company


def some(company: Company, count: int) -> list[int]:
    """Return resolutions of March."""
    return list(Resolution.objects.filter(agent=company.agent, resolved_at__month=3).order_by("pk").values_list("pk", flat=True)[:count])


def test_counted_days_are_the_full_count_and_a_second_count_changes_nothing(counted: Company, django_assert_num_queries: Any) -> None:
    assert not FirstContactChange.objects.exists()
    check_all(counted)
    again = count_first_contacts(as_of=NOW)
    assert (again.day_count, again.changed_count, FirstContactCount.objects.count()) == (0, 0, 1)
    with django_assert_num_queries(4):
        as_read("", "team", *SPANS[0])


def moved_claim(company: Company, chance: random.Random) -> None:
    one = Resolution.objects.get(pk=chance.choice(some(company, 20)))
    moment = one.resolved_at + timedelta(hours=chance.choice((-30, -3, 5, 26)))
    Resolution.objects.filter(pk=one.pk).update(resolved_at=moment)


def other_answer(company: Company, chance: random.Random) -> None:
    answers = {
        "yes": chance.choice(("first_message", "status_only")),
        "no": "transferred",
        "pending": "unverified",
        "not_applicable": chance.choice(("escalated_appropriately", "excluded", "later_episode")),
    }
    answer = chance.choice(list(answers))
    inhibitor = chance.choice(("", "transfer", "policy")) if answer == "no" else ""
    changed = Resolution.objects.filter(pk__in=chance.sample(some(company, 20), 3))
    changed.update(fcr=answer, fcr_reason=answers[answer], inhibitor=inhibitor)


def other_group(company: Company, chance: random.Random) -> None:
    changes = (
        {"queue": chance.choice(("", "Night desk", "Day, desk"))},
        {"delivery_model": chance.choice(("", "direct", "call_back"))},
        {"agent": chance.choice((None, company.colleague, company.outsider))},
        {"query_type": chance.choice(list(QueryType.objects.order_by("pk")))},
        {"channel": None},
    )
    Resolution.objects.filter(pk__in=chance.sample(some(company, 20), 2)).update(**chance.choice(changes))


def told_stage(company: Company, chance: random.Random) -> None:
    """A help desk says where the time went after the case was claimed solved."""
    case = Resolution.objects.get(pk=chance.choice(some(company, 20))).case
    facts = {"key": "told late", "body_hash": "told late", "code": "research", "handle_seconds": 60}
    CaseEvent.objects.create(source=case.source, case=case, type="stage_time", occurred_at=NOW, received_at=NOW, **facts)


def other_client(company: Company, chance: random.Random) -> None:
    """A case without a version in force comes under another client's contract; its resolution says the same as before."""
    case = Resolution.objects.get(pk=chance.choice(some(company, 20))).case
    other = factories.make_contract_version(client_name="Fern Care").contract
    Case.objects.filter(pk=case.pk).update(contract=other)


def one_by_one(asked: QuerySet[Resolution], dimension: str) -> Counter[tuple[Any, ...]]:
    """Count as `count_with_stages` does what it looks up for all cases at once: the cases of each source, with and without stage times."""
    told = CaseEvent.objects.filter(case=OuterRef("case"), type="stage_time", handle_seconds__isnull=False)
    found: Counter[tuple[Any, ...]] = Counter()
    for source_id in Case.objects.order_by().values_list("source", flat=True).distinct():
        of_source = asked.filter(case__source=source_id)
        for is_staged, rows in ((True, of_source.filter(Exists(told))), (False, of_source.filter(~Exists(told)))):
            for row in first_contacts.count_by(resolutions=rows, dimension=dimension):
                found[(*grouped(row), source_id, is_staged)] += row.counted.count
    return found


def grouped(row: first_contacts.FcrRow) -> tuple[Any, ...]:
    return row.key, row.name, row.counted.answer, row.counted.reason, row.counted.optimum, row.inhibitor, row.delivery_model


def test_cases_are_counted_together_as_one_by_one(company: Company) -> None:
    first, second, third, fourth, fifth, *others = some(company, 20)
    Resolution.objects.filter(pk=first).update(policy_version=None, query_type=None, channel=None, agent=None)
    moved = factories.make_contract_version(client_name="Fern Care").contract
    Case.objects.filter(resolutions__in=[first, second]).update(contract=moved)
    other_desk = factories.make_source(code="other-desk")
    Case.objects.filter(resolutions__in=[second, third, *others[:4]]).update(source=other_desk)
    again = Resolution.objects.get(pk=fourth)
    again.pk, again.number = None, 7
    again.save()
    for number, (pk, seconds) in enumerate(
        ((second, 60), (third, None), (fourth, 0), (fifth, 30), (fifth, 40), *((pk, 5) for pk in others))
    ):
        facts = {"key": f"stage-{number}", "body_hash": f"stage-{number}", "code": "research", "handle_seconds": seconds}
        case = Case.objects.get(resolutions=pk)
        CaseEvent.objects.create(source=case.source, case=case, type="stage_time", occurred_at=NOW, received_at=NOW, **facts)
    for dimension in first_contacts.DIMENSIONS:
        for asked in (Resolution.objects.all(), of_client(moved.client.code), Resolution.objects.filter(agent__in=[company.agent])):
            expected = one_by_one(asked, dimension)
            assert expected.total() == asked.count() > 0
            for is_few in (True, False):
                counted: Counter[tuple[Any, ...]] = Counter()
                for row in first_contacts.count_with_stages(resolutions=asked, dimension=dimension, is_few=is_few):
                    counted[(*grouped(row), row.source_id, True)] += row.staged_count
                    counted[(*grouped(row), row.source_id, False)] += row.counted.count - row.staged_count
                assert +counted == expected, (dimension, is_few)
        assert len({key[-2] for key in one_by_one(Resolution.objects.all(), dimension)}) == 2
    nobody = Resolution.objects.filter(agent__in=[])
    assert first_contacts.count_with_stages(resolutions=nobody, dimension="client", is_few=True) == ()


@pytest.mark.parametrize("change", [told_stage, other_client])
def test_what_a_case_becomes_is_counted_though_its_resolution_stays(
    counted: Company, change: Callable[[Company, random.Random], None]
) -> None:
    change(counted, random.Random(1))
    assert FirstContactChange.objects.exists()
    check_all(counted)
    assert count_first_contacts(as_of=NOW).changed_count > 0
    check_all(counted)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_is_in_the_report_at_once_and_in_the_days_after_the_next_count(
    counted: Company, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    for _ in range(8):
        chance.choice((moved_claim, other_answer, other_group))(counted, chance)
    assert FirstContactChange.objects.exists()
    check_all(counted)
    assert count_first_contacts(as_of=NOW).changed_count > 0
    monkeypatch.setattr(first_contact_report, "COUNTED_ANEW_MAX", -1)
    check_all(counted)
    assert count_first_contacts(as_of=NOW).changed_count == 0


def new_team(company: Company) -> None:
    moved_on = date(2016, 3, 16)
    TeamMembership.objects.filter(agent=company.agent).update(effective_to=moved_on)
    TeamMembership.objects.create(agent=company.agent, team=company.other_team, effective_from=moved_on)


def no_team(company: Company) -> None:
    TeamMembership.objects.filter(agent=company.colleague).delete()


def shifts(company: Company) -> None:
    ShiftBand.objects.create(site=company.agent.site, name="Early", starts_at=time(6))
    ShiftBand.objects.create(site=company.agent.site, name="Late", starts_at=time(14))


def other_zone(company: Company) -> None:
    Site.objects.filter(pk=company.agent.site_id).update(timezone="Asia/Manila")


def self_service(company: Company) -> None:
    Channel.objects.filter(pk__in=Resolution.objects.values("channel")[:1]).update(is_assisted=False)


def new_topic(company: Company) -> None:
    QueryType.objects.filter(code__startswith="network").update(code="net/other")


@pytest.mark.parametrize("change", [new_team, no_team, shifts, other_zone, self_service, new_topic])
def test_what_people_and_terms_become_is_counted_by_the_next_count(counted: Company, change: Callable[[Company], None]) -> None:
    change(counted)
    assert not FirstContactChange.objects.exists()
    assert count_first_contacts(as_of=NOW).changed_count > 0
    check_all(counted)


def test_who_is_hired_moves_no_day_that_was_counted(counted: Company) -> None:
    hired = factories.make_agent(site=counted.agent.site)
    TeamMembership.objects.create(agent=hired, team=counted.team, effective_from=date(2017, 1, 1))
    assert count_first_contacts(as_of=NOW).changed_count == 0


def test_a_group_is_read_under_its_present_name(counted: Company) -> None:
    counted.team.code, counted.team.name = "network-z", "Network Z"
    counted.team.save()
    assert ("network-z", "Network Z") in {(one.key, one.name) for one in as_read("", "team", *SPANS[0]).groups}


def test_much_that_changed_is_told_and_counted_by_the_job(
    counted: Company, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PPR_NOW = NOW + timedelta(minutes=5)
    monkeypatch.setattr(first_contact_report, "COUNTED_ANEW_MAX", 0)
    client.force_login(counted.auditor)
    asked = {"from": "2016-03-01", "to": "2016-03-31"}
    before = client.get("/fcr/", asked).context
    Resolution.objects.filter(pk__in=some(counted, 3)).update(fcr="yes", fcr_reason="first_message", inhibitor="")
    late = client.get("/fcr/", asked)
    assert (late.context["total"], late.context["counted_at"]) == (before["total"], NOW)
    assert "Many cases changed since" in late.content.decode()
    tasks.count_first_contacts.delay()
    after = client.get("/fcr/", asked).context
    assert (after["total"].yes_count, after["counted_at"]) == (before["total"].yes_count + 3, None)
    assert FirstContactCount.objects.get().counted_at == NOW + timedelta(minutes=5)
