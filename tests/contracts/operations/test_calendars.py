"""Business calendars: read, kept once in use, told further holidays ahead, and carried in terms documents."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from contracts import models as terms
from contracts.operations import import_terms, list_holidays, versions
from contracts.queries import calendar_words, export_terms, lint, resolution_terms, words
from contracts.rules import business_hours, resolution_policy
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar() -> terms.BusinessCalendar:
    """New York, weekdays from 9 to 17 with a lunch break on Friday; holidays of 2026 are listed."""
    client = terms.Client.objects.create(code="larch", name="Larch")
    made = terms.BusinessCalendar.objects.create(
        client=client, code="larch-office", name="Larch office", timezone="America/New_York", holidays_until=date(2026, 12, 31)
    )
    for weekday in range(1, 5):
        made.hours.create(weekday=weekday, opens_at="09:00", closes_at="17:00")
    made.hours.create(weekday=5, opens_at="09:00", closes_at="12:00")
    made.hours.create(weekday=5, opens_at="13:00", closes_at="24:00")
    made.holidays.create(day=date(2026, 11, 26), name="Thanksgiving Day")
    return made


@pytest.fixture
def draft(calendar: terms.BusinessCalendar) -> terms.ContractVersion:
    contract = terms.Contract.objects.create(client=calendar.client, code="larch-it", name="IT desk", timezone="America/New_York")
    version = terms.ContractVersion.objects.create(contract=contract, number=1, effective_from=date(2016, 1, 1), currency="USD")
    terms.ResolutionPolicy.objects.create(
        version=version, calendar=calendar, silence_clock="business", reopen_clock="business", fcr_optimum_bp=8_200
    )
    terms.RateCardRow.objects.create(version=version, unit_amount_micros=1_000_000)
    return version


def refuses(act: Callable[[], Any]) -> str:
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        act()
    return str(refused.value)


def test_a_policy_is_read_with_its_calendar(draft: terms.ContractVersion) -> None:
    terms.ResolutionPolicyOverride.objects.create(
        policy=draft.resolution_policy,
        channel=factories.make_channel(),
        silence_clock="calendar",
        exclusions=["spam"],
        counts_no_further_action=False,
    )
    policy = resolution_terms.freeze_policy(policy=draft.resolution_policy)
    assert policy.hours_of("silence") == business_hours.BusinessHours(
        timezone="America/New_York",
        weekly=(
            *(business_hours.OpenHours(weekday=day, start_minute=540, end_minute=1020) for day in range(4)),
            business_hours.OpenHours(weekday=4, start_minute=540, end_minute=720),
            business_hours.OpenHours(weekday=4, start_minute=780, end_minute=1440),
        ),
        holidays=frozenset({date(2026, 11, 26)}),
    )
    assert policy.hours_of("repeat") is None
    chat = resolution_policy.effective_policy(policy=policy, query_type=None, channel="chat")
    assert (chat.hours_of("silence"), chat.exclusions, chat.counts_no_further_action) == (None, frozenset({"spam"}), False)


def test_a_version_in_force_keeps_its_calendar_raw_sql_included(calendar: terms.BusinessCalendar, draft: terms.ContractVersion) -> None:
    hours, thanksgiving = calendar.hours.earliest("pk"), calendar.holidays.get()
    hours.opens_at = "08:00"
    hours.save()
    versions.activate_version(version=draft)
    rows = terms.BusinessCalendar.objects.filter(pk=calendar.pk)
    for act in (
        lambda: rows.update(timezone="UTC"),
        lambda: rows.update(holidays_until=date(2026, 12, 30)),
        lambda: terms.CalendarHours.objects.filter(pk=hours.pk).update(opens_at="09:00"),
        lambda: terms.CalendarHours.objects.filter(pk=hours.pk).delete(),
        lambda: calendar.hours.create(weekday=7, opens_at="09:00", closes_at="10:00"),
        lambda: terms.Holiday.objects.filter(pk=thanksgiving.pk).delete(),
        lambda: terms.Holiday.objects.filter(pk=thanksgiving.pk).update(day=date(2027, 11, 25)),
        lambda: calendar.holidays.create(day=date(2026, 12, 31), name="On the last listed day"),
    ):
        assert "in force" in refuses(act)
    rows.update(name="Larch, weekdays")
    calendar.holidays.create(day=date(2027, 1, 1), name="The day after it")
    rows.update(holidays_until=date(2027, 12, 31))
    assert "after its last listed day" in refuses(lambda: calendar.holidays.create(day=date(2027, 7, 5), name="Too late"))


def test_a_calendar_of_a_draft_can_be_changed_and_of_an_ended_version_not(
    calendar: terms.BusinessCalendar, draft: terms.ContractVersion
) -> None:
    calendar.holidays.get().delete()
    versions.activate_version(version=draft)
    versions.end_version(version=draft, effective_to=date(2017, 1, 1))
    assert "in force" in refuses(lambda: calendar.hours.all().delete())


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda calendar, policy: calendar.hours.all().delete(), "never open"),
        (lambda calendar, policy: calendar.hours.create(weekday=1, opens_at="16:59", closes_at="18:00"), "overlap"),
        (lambda calendar, policy: policy.update(calendar=None), "the policy has none"),
        (
            lambda calendar, policy: type(calendar).objects.update(client=terms.Client.objects.create(code="other", name="Other")),
            "another client's",
        ),
    ],
)
def test_a_calendar_that_cannot_be_read_stops_the_activation(
    calendar: terms.BusinessCalendar, draft: terms.ContractVersion, spoil: Callable[..., Any], said: str
) -> None:
    spoil(calendar, terms.ResolutionPolicy.objects.filter(version=draft))
    with pytest.raises(versions.UnableToActivate, match=said):
        versions.activate_version(version=terms.ContractVersion.objects.get(pk=draft.pk))
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_hours_are_times_of_a_day(calendar: terms.BusinessCalendar) -> None:
    assert "open_before_they_close" in refuses(lambda: calendar.hours.create(weekday=6, opens_at="10:00", closes_at="10:00"))
    assert "lie_in_a_week" in refuses(lambda: calendar.hours.create(weekday=8, opens_at="10:00", closes_at="11:00"))


def test_the_next_public_holidays_are_listed_to_the_end_of_their_year(
    calendar: terms.BusinessCalendar, draft: terms.ContractVersion
) -> None:
    versions.activate_version(version=draft)
    calendar.holiday_country = "US"
    calendar.save()
    calendar.holidays.create(day=date(2027, 7, 4), name="Our own name for it")
    listed = list_holidays.list_holidays(calendar=calendar)
    assert (listed.first_day, listed.last_day) == (date(2027, 1, 1), date(2027, 12, 31))
    calendar.refresh_from_db()
    assert calendar.holidays_until == date(2027, 12, 31)
    names = dict(calendar.holidays.values_list("day", "name"))
    assert (names[date(2027, 11, 25)], names[date(2027, 7, 4)]) == ("Thanksgiving Day", "Our own name for it")
    assert listed.count == calendar.holidays.count() - 2
    assert list_holidays.list_holidays(calendar=calendar).first_day == date(2028, 1, 1)


@pytest.mark.parametrize("country", ["", "XX", "US-ZZ"])
def test_an_unknown_country_lists_nothing(calendar: terms.BusinessCalendar, country: str) -> None:
    calendar.holiday_country = country
    calendar.save()
    with pytest.raises(list_holidays.UnableToListHolidays, match="write the holidays yourself"):
        list_holidays.list_holidays(calendar=calendar)
    calendar.refresh_from_db()
    assert (calendar.holidays.count(), calendar.holidays_until) == (1, date(2026, 12, 31))


def test_words_say_the_hours_the_holidays_and_what_is_kept(
    calendar: terms.BusinessCalendar, draft: terms.ContractVersion, settings: Any
) -> None:
    # Months before the listed holidays end, which is said too when it comes near.
    settings.PPR_NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
    said = calendar_words.describe_calendar(calendar=calendar)
    assert said[0] == (
        "Open Monday, Tuesday, Wednesday and Thursday 09:00 to 17:00; Friday 09:00 to 12:00 and 13:00 to 24:00, in America/New_York."
    )
    assert said[1].startswith("Closed on 1 holiday, listed up to December 31, 2026.")
    assert len(said) == 2
    versions.activate_version(version=draft)
    assert calendar_words.describe_calendar(calendar=calendar)[-1].startswith("A version in force names this calendar")
    policy = " ".join(words.describe_contract_version(version=draft))
    assert "Business hours are those of Larch office, with holidays listed up to December 31, 2026." in policy
    assert "72 business hours after the last message" in policy
    assert "At best 82% could be resolved at first contact" in policy


def test_terms_carry_calendars_there_and_back(calendar: terms.BusinessCalendar, draft: terms.ContractVersion) -> None:
    versions.activate_version(version=draft)
    text = export_terms.export_terms()
    assert "larch-office" in text
    again = import_terms.import_terms(text=text)
    assert (again.created, again.updated) == ([], [])
    with pytest.raises(import_terms.UnableToImport, match="named by a version in force"):
        import_terms.import_terms(text=text.replace("Thanksgiving Day", "Turkey Day"))


def test_a_calendar_that_nobody_was_promised_is_brought_to_the_document(calendar: terms.BusinessCalendar) -> None:
    text = export_terms.export_terms().replace("2026-11-26", "2026-11-27").replace("Thanksgiving Day", "Day after")
    assert import_terms.import_terms(text=text).updated == ["business calendar larch-office"]
    assert list(calendar.holidays.values_list("day", "name")) == [(date(2026, 11, 27), "Day after")]
    assert calendar.hours.count() == 6


def test_a_whole_document_makes_the_calendar_before_the_version_that_names_it(draft: terms.ContractVersion) -> None:
    versions.activate_version(version=draft)
    text = export_terms.export_terms().replace("larch", "birch")
    assert "business calendar birch-office" in import_terms.import_terms(text=text).created
    made = terms.ResolutionPolicy.objects.get(version__contract__code="birch-it")
    assert (made.calendar.code, made.version.status) == ("birch-office", "active")  # type: ignore[union-attr]


def test_the_page_lists_holidays_and_moves_the_last_day_after_them(
    calendar: terms.BusinessCalendar, draft: terms.ContractVersion, client: Client
) -> None:
    versions.activate_version(version=draft)
    client.force_login(factories.make_user(name="Sam", is_staff=True, is_superuser=True))
    page = reverse("admin:contracts_businesscalendar_change", args=[calendar.pk])
    body = client.get(page).content.decode()
    assert "A version in force names this calendar" in body
    posted = {
        "name": calendar.name,
        "holidays_until": "2027-06-30",
        "holiday_country": "US",
        "hours-TOTAL_FORMS": "0",
        "hours-INITIAL_FORMS": "0",
        "holidays-TOTAL_FORMS": "1",
        "holidays-INITIAL_FORMS": "0",
        "holidays-0-calendar": str(calendar.pk),
        "holidays-0-day": "2027-05-31",
        "holidays-0-name": "Memorial Day",
    }
    assert client.post(page, posted).status_code == 302
    calendar.refresh_from_db()
    assert (calendar.holidays_until, calendar.holidays.filter(day=date(2027, 5, 31)).count()) == (date(2027, 6, 30), 1)
    client.get(reverse("admin:contracts_businesscalendar_list_next_holidays", args=[calendar.pk]))
    calendar.refresh_from_db()
    assert calendar.holidays_until == date(2027, 12, 31)
    assert calendar.holidays.filter(day=date(2027, 7, 4)).exists()


@pytest.mark.parametrize(
    ("at", "is_warned"), [(datetime(2027, 1, 1, 4, 59, tzinfo=UTC), False), (datetime(2027, 1, 1, 5, tzinfo=UTC), True)]
)
def test_a_calendar_whose_last_listed_holiday_lies_behind_is_told(
    calendar: terms.BusinessCalendar, draft: terms.ContractVersion, settings: Any, at: datetime, is_warned: bool
) -> None:
    settings.PPR_NOW = at
    found = [one for one in lint.lint_version(version=draft, evidence=lint.NOTHING_KNOWN) if one.code == "holidays_end"]
    assert [(one.severity, one.path) for one in found] == [("warning", ("policy", "calendar"))] * is_warned
    told = " ".join(calendar_words.describe_calendar(calendar=calendar))
    assert ("which lies behind" in told) is is_warned
