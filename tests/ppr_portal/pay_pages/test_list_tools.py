"""What stands around a list: what an address asks for, and where its links lead."""

from django.test import RequestFactory

from ppr_portal.pages import list_tools

STATES = (("", "To do", 3), ("done", "Done", None))


def test_an_address_is_read_without_what_it_leaves_empty() -> None:
    request = RequestFactory().get("/", {"find": "%20Ana\x00 ", "state": " ", "sort": "name"})

    assert list_tools.read_asked(request, "state", "find") == {"find": "%20Ana"}


def test_chips_keep_what_else_was_asked_only_where_they_are_told_to() -> None:
    asked = {"find": "A&B", "state": "done"}
    alone = list_tools.chips(name="state", states=STATES, asked=asked)
    keeping = list_tools.chips(name="state", states=STATES, asked=asked, keeps=True, part="#rows")

    assert [(chip.label, chip.url, chip.count, chip.is_current) for chip in alone] == [
        ("To do", "?", 3, False),
        ("Done", "?state=done", None, True),
    ]
    assert [chip.url for chip in keeping] == ["?find=A%26B#rows", "?find=A%26B&state=done#rows"]


def test_a_list_leads_on_back_and_to_its_file() -> None:
    asked = {"state": "done", "find": "A&B"}

    assert list_tools.links(asked=asked, after="2016-03-01_4", next_after="2016-03-02_7", part="#rows") == {
        "kept": [("state", "done")],
        "next_url": "?state=done&find=A%26B&after=2016-03-02_7#rows",
        "first_url": "?state=done&find=A%26B#rows",
        "csv_url": "?state=done&find=A%26B&format=csv",
    }


def test_the_only_page_of_a_list_leads_nowhere() -> None:
    links = list_tools.links(asked={}, after="", next_after="")

    assert (links["kept"], links["next_url"], links["first_url"], links["csv_url"]) == ([], "", "", "?format=csv")
