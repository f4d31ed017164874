"""A server's collector looks between pages, and not at what is there for good."""

import gc
from collections.abc import Iterator

import pytest

from ppr_portal import collector


@pytest.fixture
def as_before() -> Iterator[None]:
    """Leave the collector as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("as_before")
def test_what_is_loaded_is_looked_at_no_more_and_a_page_is_made_between_two_rounds() -> None:
    collector.settle_collector()

    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == collector.OBJECTS_BETWEEN_ROUNDS
