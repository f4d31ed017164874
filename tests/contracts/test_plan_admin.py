"""The administration of plans: the plan in words with an example, what changed, the law with its sources, and who may see it."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import translation

from agents.queries import schedule_words
from contracts import rule_packs
from contracts.operations import versions
from contracts.queries import law_names, law_words
from ppr_portal import roles
from tests import factories


@pytest.fixture
def admin(client: Client) -> Client:
    roles.ensure_roles()
    client.force_login(factories.make_user(roles=["contract_admin"], is_staff=True))
    return client


@pytest.mark.django_db
def test_a_version_is_shown_in_words_with_an_example_its_law_and_what_it_changes(admin: Client) -> None:
    version = factories.make_plan_version()
    draft = versions.clone_version(version=version, effective_from=date(2026, 10, 1))
    draft.base_hourly_micros = 15_000_000
    draft.save()
    page = admin.get(f"/admin/contracts/payplanversion/{draft.pk}/change/").content.decode()
    for told in (
        "You work 20 days of 8 hours",
        "2,462.98",
        "29 USC 206(a)(1)(C)",
        "Verified: read in an official source",
        "15.00",
        "Back-test",
    ):
        assert told in page


@pytest.mark.django_db
def test_the_law_is_shown_to_those_who_read_plans_and_to_nobody_else(admin: Client, client: Client) -> None:
    page = admin.get("/admin/contracts/payplan/law/").content.decode()
    for told in ("United States, California", "Not verified: read in a secondary source", "The premium hour for a missed break"):
        assert told in page
    client.force_login(factories.make_user(roles=["lead"], is_staff=True))
    assert client.get("/admin/contracts/payplan/law/").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["agents/planassignment", "agents/planacknowledgement", "agents/specialday", "billing/exchangerate", "django_celery_beat/periodictask"],
)
def test_every_list_of_plans_opens(admin: Client, path: str) -> None:
    assert admin.get(f"/admin/{path}/").status_code == 200


def test_every_number_of_every_pack_says_how_sure_it_is_and_where_it_stands() -> None:
    for code in rule_packs.list_rule_packs():
        told = law_words.describe_pack(pack=rule_packs.load_rule_pack(code=code, on=date(2026, 10, 5)))
        assert told.not_covered
        assert all(number.citation and number.status and number.starts_on for number in told.numbers)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"minute": "0", "hour": "2"}, "every night at 02:00 New York time"),
        ({"minute": "30", "hour": "6"}, "every day at 06:30 New York time"),
        ({"minute": "59", "hour": "5"}, "every night at 05:59 New York time"),
        ({"minute": "0", "hour": "22"}, "every night at 22:00 New York time"),
        ({"minute": "*/5", "hour": "*"}, "every 5 minutes"),
        ({"minute": "*", "hour": "*"}, "every minute"),
        ({"minute": "10", "hour": "*"}, "every hour, 10 minutes past"),
        ({"minute": "0", "hour": "3", "day_of_week": "1"}, "every Monday at 03:00 New York time"),
        ({"minute": "0", "hour": "3", "day_of_month": "1"}, "on day 1 of each month at 03:00 New York time"),
        ({"minute": "0,30", "hour": "3"}, "as its package says"),
        ({"minute": "0", "hour": "3", "month_of_year": "1"}, "as its package says"),
    ],
)
def test_a_schedule_is_told_as_people_say_it(values: dict[str, str], words: str) -> None:
    given = {"day_of_month": "*", "day_of_week": "*", "month_of_year": "*", **values}
    crontab = SimpleNamespace(**given, timezone="America/New_York", human_readable="as its package says")
    assert schedule_words.describe_schedule(task=SimpleNamespace(crontab=crontab)) == words


def test_every_number_and_gap_of_every_pack_has_words_and_a_unit() -> None:
    with translation.override("es"):
        for code in rule_packs.list_rule_packs():
            pack = rule_packs.load_rule_pack(code=code, on=date(2026, 10, 5))
            assert {number.parameter for number in pack.numbers} <= set(law_names.NAMES)
            words = {number.value for number in pack.numbers if not number.value.replace(".", "", 1).replace(":", "").isdecimal()}
            assert words <= set(law_names.VALUES)
            assert set(pack.not_covered) <= set(law_names.NOT_COVERED)
            assert not set(law_words.describe_pack(pack=pack).not_covered) & set(law_names.NOT_COVERED)


@pytest.mark.parametrize(
    ("parameter", "value", "pack", "english", "spanish"),
    [
        ("ot_week", "40", "us-ca", "40 hours", "40 horas"),
        ("min_wage", "12.21", "uk", "12.21\u00a0GBP an hour", "12,21\u00a0GBP por hora"),
        ("min_wage", "1", "own", "1 an hour", "1 por hora"),
        ("night_share", "0.10", "ph", "10% of their pay", "10\u00a0% de su pago"),
        ("holiday_pct", "12.07", "uk", "12.07% of the hours worked", "12,07\u00a0% de las horas trabajadas"),
        ("day_mults.rest_day", "1.30", "ph", "1.3 times the hourly rate", "1,3 veces la tarifa por hora"),
        ("night_start", "22:00", "ph", "22:00", "22:00"),
        ("floor_mode", "workweek_average", "us-federal", "on the average of each workweek", "sobre el promedio de cada semana laboral"),
        ("canteen_rate", "3", "own", "3", "3"),
    ],
)
def test_a_number_of_pay_law_is_written_with_its_unit(parameter: str, value: str, pack: str, english: str, spanish: str) -> None:
    assert law_names.write_value(parameter=parameter, value=value, pack=pack) == english
    with translation.override("es"):
        assert law_names.write_value(parameter=parameter, value=value, pack=pack) == spanish
