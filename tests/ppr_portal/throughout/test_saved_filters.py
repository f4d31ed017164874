"""Filters that people keep: theirs alone, one a page opens with, and nothing that is deleted is gone at once."""

import pytest
from django.db import IntegrityError, transaction

from agents.models import SavedFilter
from agents.operations.people import saved_filters
from tests import factories

pytestmark = pytest.mark.django_db
NOON = factories.NOON


def save(person, *, name="Open ones", query="state=open", page="disputes", is_default=False):
    return saved_filters.save_filter(person=person, page=page, name=name, query=query, is_default=is_default, as_of=NOON)


@pytest.fixture
def maya():
    return factories.make_user(roles=["approver"])


def test_the_same_name_replaces_and_another_person_has_their_own(maya):
    first = save(maya)
    assert save(maya, query="state=all&after=x&find=").pk == first.pk
    assert save(factories.make_user()).pk != first.pk
    assert SavedFilter.objects.get(pk=first.pk).query == "state=all"


@pytest.mark.parametrize(
    ("name", "query"), [("", "a=1"), ("  ", "a=1"), ("Name", ""), ("Name", "after=3&format=csv"), ("Name", f"a={'x' * 1000}")]
)
def test_what_is_no_filter_is_refused(maya, name, query):
    with pytest.raises(saved_filters.UnableToSaveFilter):
        save(maya, name=name, query=query)
    assert not SavedFilter.objects.exists()


def test_thirty_are_enough(maya):
    for number in range(saved_filters.FILTERS_MAX):
        save(maya, name=f"F{number}")
    with pytest.raises(saved_filters.UnableToSaveFilter, match="delete one"):
        save(maya, name="One more")
    save(maya, name="F0", query="state=all")
    save(maya, name="Elsewhere", page="invoices")


def test_a_page_opens_with_one_filter(maya):
    first, second = save(maya, is_default=True), save(maya, name="Other", query="state=all", is_default=True)
    assert list(SavedFilter.objects.filter(is_default=True)) == [second]
    saved_filters.set_default(person=maya, filter_id=first.pk, is_default=True)
    assert list(SavedFilter.objects.filter(is_default=True)) == [first]
    # Saved again under its name it stays what the page opens with.
    save(maya, query="state=escalated")
    assert SavedFilter.objects.get(is_default=True).query == "state=escalated"
    saved_filters.set_default(person=maya, filter_id=first.pk, is_default=False)
    assert not SavedFilter.objects.filter(is_default=True).exists()


def test_the_database_holds_one_default_of_a_page(maya):
    save(maya, is_default=True)
    with pytest.raises(IntegrityError, match="saved_filter_one_default"), transaction.atomic():
        SavedFilter.objects.create(person=maya, page="disputes", name="X", query="a=1", is_default=True, saved_at=NOON)


def test_deleted_ones_come_back_beside_one_that_took_their_name(maya):
    first = save(maya, is_default=True)
    saved_filters.delete_filter(person=maya, filter_id=first.pk, as_of=NOON)
    assert saved_filters.delete_filter(person=maya, filter_id=first.pk, as_of=NOON) is None
    save(maya, query="state=all")
    back = saved_filters.restore_filter(person=maya, filter_id=first.pk)
    assert (back.name, back.is_default) == ("Open ones 2", False)
    assert saved_filters.restore_filter(person=maya, filter_id=first.pk) is None


def test_nobody_touches_anothers(maya, client):
    theirs = save(factories.make_user())
    client.force_login(maya)
    for act in ("default", "deletion", "restoring"):
        assert client.post(f"/filters/{theirs.pk}/{act}/", {"is_default": "1"}).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.deleted_at, theirs.is_default) == (None, False)


def test_a_filter_is_saved_opened_deleted_and_brought_back_by_pressing(maya, client):
    client.force_login(maya)
    told = {"page": "disputes", "query": "state=all&after=5", "name": "Everything", "is_default": "on"}
    assert client.post("/filters/", told)["Location"] == "/disputes/?state=all"
    kept = SavedFilter.objects.get()
    # Opened bare the page goes on with it; a link of the page itself, or of the component, takes it away.
    assert client.get("/disputes/")["Location"] == "/disputes/?state=all"
    assert client.get("/disputes/", headers={"referer": "http://testserver/disputes/?state=all"}).status_code == 200
    assert "Without filter" in client.get("/disputes/?all=1").content.decode()
    page = client.get("/disputes/?state=all").content.decode()
    assert "Delete “Everything”" in page
    answer = client.post(f"/filters/{kept.pk}/deletion/", follow=True)
    assert "The filter is deleted." in answer.content.decode()
    assert client.get("/disputes/").status_code == 200
    assert client.post(f"/filters/{kept.pk}/restoring/")["Location"] == "/disputes/?state=all"


@pytest.mark.parametrize("told", [{"page": "home", "query": "a=1", "name": "x"}, {"page": "", "query": "a=1", "name": "x"}])
def test_a_page_without_filters_keeps_none(maya, client, told):
    client.force_login(maya)
    assert client.post("/filters/", told).status_code == 404


def test_a_nameless_filter_is_refused_in_words(maya, client):
    client.force_login(maya)
    answer = client.post("/filters/", {"page": "disputes", "query": "state=all", "name": "\x00"}, follow=True)
    assert "Give the filter a name" in answer.content.decode()
