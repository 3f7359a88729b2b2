"""Servers that several rooms test with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from myeloscope.store.folder import Store, open_store
from tests.postgresql import Server, running_server


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let everything that needs just some database run on PostgreSQL."""
    parser.addoption(
        "--database", choices=("sqlite", "postgresql"), default="sqlite",
        help="database of tests that need only one (tests of the store always use both)",
    )  # fmt: skip


@pytest.fixture
def one_url(request: pytest.FixtureRequest) -> str | None:
    """Return the address of a new database of the kind that ``--database`` names."""
    if request.config.getoption("--database") == "sqlite":
        return None
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a PostgreSQL server of the tests' own."""
    with running_server(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """Return the address of a new database of each kind; ``None`` for the folder's own file."""
    if request.param == "sqlite":
        return None
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture
def store(tmp_path: Path, database_url: str | None) -> Iterator[Store]:
    """Give an empty store on each kind of database."""
    made = open_store(tmp_path / "data", database_url)
    yield made
    made.close()
