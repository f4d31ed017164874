"""Real payloads of the vendors, file by file: posted twice and shuffled, each ends as what the table says."""

import pathlib
import random
from typing import Any

import pytest
import yaml
from django.core.cache import cache

from agents import models as work
from tests.ppr_portal.api import help_desks

pytestmark = pytest.mark.django_db

ROOT = pathlib.Path(__file__).parents[3]
PAYLOADS = ROOT.parent / "shared" / "payloads"
TABLE: dict[str, dict[str, Any]] = {
    row["file"]: row for row in yaml.safe_load((pathlib.Path(__file__).parent / "cases" / "payloads.yaml").read_text(encoding="utf-8"))
}
FOUND = sorted(f"{path.parent.name}/{path.name}" for path in PAYLOADS.glob("*/*") if path.parent.name in help_desks.VENDORS)
# It tells another ticket 1 than its neighbor does; in one desk, the second of the two would be held as changed.
OTHER_TICKET_1 = "freshdesk/python-freshdesk.v2.all_tickets.json"
# Names, addresses and numbers of customers that the payloads hold.
PRIVATE = ("@", "Dylan", "Rachel", "jane", "Fixture Requester", "+1234567890", "Dummyname", "Requester Bob", "Calculon", "hi Bob")


def test_the_table_knows_every_payload_that_is_found() -> None:
    assert set(FOUND) <= set(TABLE)
    assert {file.partition("/")[0] for file in TABLE} == set(help_desks.VENDORS)


def test_every_payload_posted_twice_and_shuffled_ends_as_the_table_says() -> None:
    first = help_desks.make_desk("zendesk")
    codes = {file: f"desk-{number:02}" for number, file in enumerate(FOUND)}
    for file, code in codes.items():
        help_desks.add_desk(file.partition("/")[0], like=first, code=code)
    twice = [*FOUND, *FOUND]
    random.Random(7).shuffle(twice)
    for file in twice:
        cache.clear()
        _post_and_compare(file, codes[file])

    for file, code in codes.items():
        assert help_desks.said(code=code) == TABLE[file].get("events", []), file
        assert help_desks.waiting(code=code) == TABLE[file].get("held", []), file


def _post_and_compare(file: str, code: str) -> None:
    row = TABLE[file]
    is_known = bool(help_desks.said(code=code))
    answer = help_desks.send(file.partition("/")[0], (PAYLOADS / file).read_bytes(), code=code)
    if "kept" in row:
        assert (answer.status_code, answer.json()["kept"]) == (202, row["kept"]), file
        return
    event_count, held_count = len(row.get("events", [])), len(row.get("held", []))
    new_count, known_count = (0, event_count) if is_known else (event_count, 0)
    assert answer.status_code == 200, file
    assert answer.json() == {
        "counts": {"accepted": new_count, "duplicate": known_count, "held": held_count, "rejected": 0},
        "ignored": row.get("ignored", []),
    }, file


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("vendor", help_desks.VENDORS)
def test_payloads_of_one_desk_twice_and_shuffled_end_as_if_once_in_order(vendor: str, seed: int) -> None:
    cache.clear()
    help_desks.make_desk(vendor)
    files = [file for file in FOUND if file.startswith(f"{vendor}/") and file != OTHER_TICKET_1]
    twice = [*files, *files]
    random.Random(seed).shuffle(twice)
    for file in twice:
        help_desks.send(vendor, (PAYLOADS / file).read_bytes())

    rows = [TABLE[file] for file in files]
    assert sorted(help_desks.said()) == sorted({line for row in rows for line in row.get("events", [])})
    assert set(help_desks.waiting()) == {line for row in rows for line in row.get("held", [])}
    assert work.RawDelivery.objects.count() == sum("kept" in row for row in rows)
    assert all(count == 2 for count in work.RawDelivery.objects.values_list("delivery_count", flat=True))
    _assert_private_words_are_gone()


def _assert_private_words_are_gone() -> None:
    """Look through every stored word but the bodies that are kept for inspection."""
    models = (work.Case, work.CaseEvent, work.HeldRow, work.SourceIdentity, work.ImportRun, work.ChangedCase)
    stored = "\n".join(str(row) for model in models for row in model.objects.values_list())
    assert [word for word in PRIVATE if word in stored] == []
