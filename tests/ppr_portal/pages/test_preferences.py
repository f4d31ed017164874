"""How each person has the portal written: language, time zone, numbers, times, colors; and what stays the same for everybody."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agents.models import User
from tests import factories
from tests.ppr_portal.company import Company

CHOICES = {"language": "es", "time_zone": "Europe/Madrid", "number_format": "space", "clock": "24", "theme": "dark"}


def keep(client: Client, **choices: str) -> Any:
    """Send the form with some choices, the others open."""
    return client.post(reverse("preferences"), {**dict.fromkeys(CHOICES, ""), **choices})


def test_a_page_is_written_as_its_reader_chose(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    page = reverse("statement", args=[company.agent.pk, factories.MARCH])
    before = client.get(page)
    assert '<html lang="en-US"' in before.content.decode()

    assert keep(client, **CHOICES).status_code == 302
    assert "Guardado." in client.get(reverse("preferences")).content.decode()
    response = client.get(page)
    text = response.content.decode()

    assert response["Content-Language"] == "es"
    assert '<html lang="es" data-theme="dark"' in text
    assert "Media por hora" in text
    assert "Average hour" not in text


def test_an_open_choice_leaves_it_to_the_browser(company: Company, client: Client) -> None:
    client.force_login(company.lead)
    page = reverse("more")

    assert "All your pages" in client.get(page).content.decode()
    assert "Todas las páginas propias" in client.get(page, headers={"accept-language": "es-MX,es;q=0.9"}).content.decode()
    assert "All your pages" in client.get(page, headers={"accept-language": "fr"}).content.decode()

    keep(client, language="en-us")
    assert "All your pages" in client.get(page, headers={"accept-language": "es"}).content.decode()


def test_the_language_of_a_page_ends_with_its_request(client: Client, db: None) -> None:
    assert "Iniciar sesión" in client.get(reverse("account_login"), headers={"accept-language": "es"}).content.decode()

    assert translation.get_language() == settings.LANGUAGE_CODE


@pytest.mark.parametrize(
    ("field", "value"), [("language", "xx"), ("time_zone", "Mars/Olympus"), ("number_format", "roman"), ("clock", "13"), ("theme", "pink")]
)
def test_what_is_not_offered_is_refused_and_nothing_is_kept(company: Company, client: Client, field: str, value: str) -> None:
    client.force_login(company.auditor)

    response = keep(client, **{field: value})

    assert response.status_code == 422
    assert getattr(User.objects.get(pk=company.auditor.pk), field) == ""


def test_times_are_in_the_chosen_zone_and_workdays_stay_those_of_the_site(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    home = reverse("home")
    before = client.get(home).context["viewer"]

    keep(client, time_zone="Asia/Tokyo")
    response = client.get(home)

    assert before.time_place == before.person.site_name
    assert response.context["viewer"].time_place == "Tokyo"
    assert response.context["viewer"].person.zone == before.person.zone


def test_files_are_the_same_for_everybody(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    file = reverse("statement_csv", args=[company.agent.pk, factories.MARCH])
    before = client.get(file).content

    keep(client, **CHOICES)

    assert client.get(file, headers={"accept-language": "es"}).content == before
    client.force_login(company.lead)
    keep(client, **CHOICES)
    assert client.get(f"{reverse('team')}?format=csv").content.decode().lstrip("\ufeff").startswith("agent")


def test_a_stranger_chooses_a_language_before_signing_in(client: Client, db: None) -> None:
    sign_in = reverse("account_login")
    assert "Sign in" in client.get(sign_in).content.decode()

    response = client.post(reverse("language"), {"language": "es", "next": sign_in})

    assert (response.status_code, response["Location"]) == (302, sign_in)
    assert "Iniciar sesión" in client.get(sign_in).content.decode()


@pytest.mark.parametrize("chosen", ["xx", "", "en\r\nSet-Cookie: a=b"])
def test_an_unknown_language_leaves_no_cookie(client: Client, db: None, chosen: str) -> None:
    response = client.post(reverse("language"), {"language": chosen, "next": "https://elsewhere.example/"})

    assert response["Location"] == "/"
    assert "ppr_language" not in response.cookies


def test_colors_are_kept_with_the_person(company: Company, client: Client) -> None:
    client.force_login(company.lead)

    client.post(reverse("appearance"), {"theme": "dark", "next": "/"})
    client.cookies.pop("ppr_theme")
    assert 'data-theme="dark"' in client.get(reverse("more")).content.decode()

    client.post(reverse("appearance"), {"theme": "system", "next": "/"})
    assert "data-theme=" not in client.get(reverse("more")).content.decode().split("<body>")[0]


def test_preferences_ask_the_database_no_more(company: Company, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(company.agent.user)
    keep(client, **CHOICES)

    with django_assert_max_num_queries(4):
        client.get(reverse("preferences"))
