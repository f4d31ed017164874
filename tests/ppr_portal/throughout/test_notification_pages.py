"""The list of what somebody was told, where it leads, and how they want to be told."""

from datetime import timedelta

import pytest
from django.utils import translation

from agents.models import Notification, NotificationPreference
from ppr_portal.pages import keyset
from tests import factories

pytestmark = pytest.mark.django_db
NOON = factories.NOON


def tell(person, *, count=1, **extra):
    given = {
        "kind": "dispute_withdrawn",
        "facts": {"number": 7, "party": "Maya Torres"},
        "path": "/disputes/",
        "channel": "in_app",
        **extra,
    }
    rows = [Notification(person=person, key=f"k{number}", noted_at=NOON + timedelta(minutes=number), **given) for number in range(count)]
    return Notification.objects.bulk_create(rows)


@pytest.fixture
def maya(client):
    person = factories.make_user(name="Maya Torres", roles=["agent"])
    client.force_login(person)
    return person


def test_the_list_is_cut_into_pages_in_a_fixed_number_of_queries(client, maya, django_assert_max_num_queries):
    tell(maya, count=keyset.PAGE_ROWS * 3)
    tell(factories.make_user())
    with django_assert_max_num_queries(6):
        answer = client.get("/notifications/")
    assert answer.context["new_count"] == keyset.PAGE_ROWS * 3
    seen = [row.pk for row in answer.context["rows"]]
    while answer.context["next_url"]:
        answer = client.get(f"/notifications/{answer.context['next_url']}")
        seen += [row.pk for row in answer.context["rows"]]
    assert seen == sorted(Notification.objects.filter(person=maya).values_list("pk", flat=True), reverse=True)


def test_the_count_costs_no_query_of_its_own(client, maya, django_assert_num_queries):
    tell(maya, count=3)
    with django_assert_num_queries(2):
        part = client.get("/notifications/count/", headers={"HX-Request": "true"}).content.decode()
    assert ">3<" in part


def test_opening_one_reads_it_and_leads_on(client, maya):
    mine, other = tell(maya, count=2)
    assert client.get(f"/notifications/{mine.pk}/")["Location"] == "/disputes/"
    assert list(Notification.objects.filter(read_at=None)) == [other]
    theirs = tell(factories.make_user())[0]
    assert client.get(f"/notifications/{theirs.pk}/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_what_came_since_stays_new(client, maya):
    tell(maya, count=2)
    newest = client.get("/notifications/").context["newest"]
    late = tell(maya, kind="dispute_answered", facts={"number": 7, "status_label": "refused"})[0]
    client.post("/notifications/reading/", {"up_to": newest})
    assert list(Notification.objects.filter(person=maya, read_at=None)) == [late]


@pytest.mark.parametrize("asked", [{}, {"up_to": "x"}, {"up_to": "9" * 30}, {"undo": "never"}, {"undo": "2016-01-01"}])
def test_nonsense_marks_nothing(client, maya, asked):
    tell(maya)
    assert client.post("/notifications/reading/", asked).status_code == 302
    assert Notification.objects.filter(read_at=None).count() == 1


def test_wishes_are_offered_by_role_and_kept(client, maya):
    page = client.get("/notifications/preferences/").content.decode()
    assert "My pay plan changes" in page
    assert "A pay run waits for approval" not in page
    client.post("/notifications/preferences/", {"dispute_withdrawn": "off", "plan_to_acknowledge": "digest"})
    assert dict(NotificationPreference.objects.values_list("kind", "channel")) == {
        "dispute_withdrawn": "off",
        "plan_to_acknowledge": "digest",
    }
    refused = client.post("/notifications/preferences/", {"plan_to_acknowledge": "off"})
    assert refused.status_code == 422
    assert "nothing was changed" in refused.content.decode()


def test_a_kind_that_is_gone_is_told_by_what_is_left_of_it(client, maya):
    tell(maya, kind="long_gone", facts={})
    assert "Something changed" in client.get("/notifications/").content.decode()


def test_an_empty_list_says_so(client, maya):
    assert "Nobody has told you anything yet" in client.get("/notifications/").content.decode()
    assert "Nothing is new" in client.get("/notifications/?show=new").content.decode()


def test_the_words_are_in_the_language_of_the_reader(client, maya, settings):
    tell(maya)
    english = client.get("/notifications/").content.decode()
    maya.language = "es"
    maya.save(update_fields=["language"])
    assert "Dispute D-7 was withdrawn" in english
    # The language stays active in the thread of the test otherwise.
    with translation.override(settings.LANGUAGE_CODE):
        assert client.get("/notifications/").headers["Content-Language"] == "es"
