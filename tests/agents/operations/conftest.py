"""The help desk of most tests here, and the agent whom its records name."""

import pytest

from agents.models import Agent, Source
from tests.agents import desk


@pytest.fixture
def source(db: None) -> Source:
    """The desk, with its mapping and what that speaks of."""
    return desk.make_desk()


@pytest.fixture
def agent(source: Source) -> Agent:
    """An agent whom the desk calls Resolver 1."""
    return desk.map_resolver()
