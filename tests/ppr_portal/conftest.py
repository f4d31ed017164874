"""Fixtures for tests that start real processes."""

import pathlib
import tempfile
from collections.abc import Iterator

import pytest

from ppr_portal import embedded


@pytest.fixture
def place() -> Iterator[pathlib.Path]:
    """An empty var directory. Not under pytest's own, which every new run of pytest closes to the account that PostgreSQL runs under."""
    yield from make_place()


@pytest.fixture(scope="module")
def cluster() -> Iterator[pathlib.Path]:
    """One var directory for all tests of a module: a cluster is made once, then started and stopped."""
    yield from make_place()


@pytest.fixture
def var_dir(cluster: pathlib.Path) -> Iterator[pathlib.Path]:
    """The module's var directory, its servers stopped after each test."""
    yield cluster
    embedded.stop(var_dir=cluster)
    embedded.leave(var_dir=cluster, wait_seconds=10)


def make_place() -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory(prefix="ppr-test-") as folder:
        path = pathlib.Path(folder)
        path.chmod(0o755)
        yield path
        embedded.stop(var_dir=path)
