"""The page of the events API: its example runs, and it names every field, kind, limit and vendor."""

import json
import pathlib
import re

import pytest
from django.core.cache import cache

from agents.intake import delivered
from agents.intake.vendors.translators import TRANSLATORS
from agents.models import CaseEvent
from ppr_portal.api import documents
from tests.ppr_portal.api import deliveries

PAGE = (pathlib.Path(__file__).parents[3] / "docs" / "events-api.md").read_text(encoding="utf-8")
EXAMPLE, ANSWER = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[:2])


@pytest.mark.django_db
def test_the_example_gives_the_answer_that_the_page_shows() -> None:
    cache.clear()
    key = deliveries.make_program(source=deliveries.make_source())

    answer = deliveries.deliver(key, EXAMPLE)

    assert answer.status_code == 207
    assert answer.json() == ANSWER


def test_every_field_is_documented_and_in_the_example() -> None:
    documented = re.findall(r"^\| `(\w+)` \| (?:yes)? ?\| ", PAGE, re.MULTILINE)

    assert documented == list(delivered.FIELDS)
    assert {name for event in EXAMPLE for name in event} - {"colour"} == set(delivered.FIELDS)


def test_every_kind_limit_and_vendor_is_documented() -> None:
    assert [kind for kind in CaseEvent.Type.values if f"`{kind}`" not in PAGE] == []
    assert f"{documents.DOCUMENTS_MAX:,} events" in PAGE
    assert [vendor for vendor in TRANSLATORS if PAGE.count(f"| `{vendor}` |") != 2] == []
