"""What others rest on cannot be deleted, and its page says so without reading those records."""

import html
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Mapping, Source
from contracts.admin import keeping
from tests import factories

pytestmark = pytest.mark.django_db
QUERIES_MAX = 60


@pytest.fixture
def owner(client: Client) -> Client:
    """Sign the owner of the installation in."""
    client.force_login(factories.make_user(is_staff=True, is_superuser=True))
    return client


def test_what_stands_in_the_way_is_told_kind_by_kind(owner: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries) -> None:
    version = factories.make_contract_version()
    agent = factories.make_agent()
    for _ in range(3):
        factories.make_resolution(agent=agent, version=version)
    monkeypatch.setattr(keeping, "COUNTED_MAX", 2)
    with django_assert_max_num_queries(QUERIES_MAX):
        page = owner.get(reverse("admin:agents_agent_delete", args=[agent.pk])).content.decode()
    owner.post(reverse("admin:agents_agent_delete", args=[agent.pk]), {"post": "yes"})

    assert "Resolutions (2+)" in page
    assert Agent.objects.filter(pk=agent.pk).exists()


def test_a_source_with_a_mapping_and_what_nothing_rests_on(owner: Client) -> None:
    source, unused = factories.make_source(code="used"), factories.make_source(code="unused")
    Mapping.objects.create(source=source, number=1, date_format="iso", timezone="UTC")
    assert "Mappings (1)" in owner.get(reverse("admin:agents_source_delete", args=[source.pk])).content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [source.pk, unused.pk], "post": "yes"}
    owner.post(reverse("admin:agents_source_changelist"), chosen)
    assert Source.objects.filter(pk__in=[source.pk, unused.pk]).count() == 2

    owner.post(reverse("admin:agents_source_delete", args=[unused.pk]), {"post": "yes"})
    assert list(Source.objects.filter(pk__in=[source.pk, unused.pk])) == [source]


@pytest.mark.parametrize("selected", [2, 12])
def test_many_are_asked_about_at_once_and_some_of_them_named(
    owner: Client, django_assert_max_num_queries, monkeypatch: pytest.MonkeyPatch, selected: int
) -> None:
    monkeypatch.setattr(keeping, "NAMED_MAX", 1)
    version = factories.make_contract_version()
    agents = [factories.make_agent() for _ in range(selected)]
    for agent in agents[:-1]:
        factories.make_resolution(agent=agent, version=version)
    chosen = {"action": "delete_selected", "_selected_action": [agent.pk for agent in agents], "post": "yes"}
    with django_assert_max_num_queries(QUERIES_MAX):
        page = html.unescape(owner.post(reverse("admin:agents_agent_changelist"), chosen).content.decode())

    more = ", …" if selected > 2 else ""
    assert f"{agents[0]}{more}: Resolutions ({selected - 1})" in page
    assert Agent.objects.filter(pk__in=[agent.pk for agent in agents]).count() == selected


def test_a_person_is_given_roles_by_their_names(owner: Client) -> None:
    person = factories.make_user(roles=["lead"], last_login=datetime(2016, 4, 20, tzinfo=UTC))
    page = owner.get(reverse("admin:agents_user_change", args=[person.pk])).content.decode()

    assert "team lead" in page
    assert 'type="checkbox" name="groups"' in page
