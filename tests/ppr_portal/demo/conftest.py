"""Fixtures on the demo company, which is set up once and shared."""

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.ppr_portal.demo import demo_database


@pytest.fixture(scope="session")
def demo_name(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name a database that holds the demo company."""
    with django_db_blocker.unblock():
        return demo_database.ensure(var_dir=tmp_path_factory.mktemp("var"))


@pytest.fixture
def demo(demo_name: str, django_db_blocker: Any) -> Iterator[None]:
    """Run a test on the demo company, and take back whatever it writes."""
    with django_db_blocker.unblock(), demo_database.in_use(name=demo_name), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def var_dir(tmp_path: pathlib.Path) -> pathlib.Path:
    """A directory for what the demo leaves beside the database."""
    return tmp_path / "var"
