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
def quiet_store(tmp_path: Path, one_url: str | None) -> Iterator[Store]:
    """Give a store on one database, for what does not depend on its kind."""
    made = open_store(tmp_path / "data", one_url)
    yield made
    made.close()


@pytest.fixture
def small_town(quiet_store: Store) -> Town:
    """Return a site on one database, with everybody logged in."""
    return settle(quiet_store)
