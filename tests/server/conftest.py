"""A site with people for each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from myeloscope.store.folder import Store, open_store
from tests.server.study import Town, settle


@pytest.fixture
def town(store: Store) -> Town:
    """Return a site on each kind of database, with everybody logged in."""
    return settle(store)


@pytest.fixture
def quiet_store(tmp_path: Path) -> Iterator[Store]:
    """Give a store on SQLite, for what does not depend on the database."""
    made = open_store(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def small_town(quiet_store: Store) -> Town:
    """Return a site on SQLite, with everybody logged in."""
    return settle(quiet_store)
