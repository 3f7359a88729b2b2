"""The data folder that the commands of a reader study share."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from myeloscope.store.folder import Store, open_store

DEFAULT = Path("myeloscope-data")


def add_data(made: ArgumentParser) -> None:
    """Add ``--data`` and ``--database`` to a command's parser."""
    made.add_argument(
        "--data", type=Path, default=DEFAULT, metavar="DIR",
        help=f"data folder, made if need be (default: {DEFAULT})",
    )  # fmt: skip
    made.add_argument(
        "--database", metavar="URL",
        help="a PostgreSQL database, postgresql://USER@HOST/NAME, remembered in the data folder "
        "(default: an SQLite file there)",
    )  # fmt: skip


@contextmanager
def opened(data: Path, database: str | None) -> Iterator[Store]:
    """Give the store in a data folder."""
    store = open_store(data, database)
    try:
        yield store
    finally:
        store.close()


def console_actor() -> str:
    """Return the name under which the audit log keeps what is done at the console."""
    return f"console:{getpass.getuser()}"[:64]
