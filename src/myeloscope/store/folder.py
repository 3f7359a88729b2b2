"""The data folder: database, image files, and, apart from both, the keys."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from myeloscope.errors import InputError, OutputError
from myeloscope.store.database import Database, sqlite_url
from myeloscope.store.log import Log
from myeloscope.store.migrate import upgrade
from myeloscope.store.objects import Objects

DATABASE = "myeloscope.sqlite"
OBJECTS = "objects"
KEYS = "keys"
AUDIT_KEY = "audit.key"
IDENTITY_KEY = "identity.key"
ADDRESS = "database.url"
REIDENTIFICATION = "reidentification.jsonl"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that is kept.

    Attributes
    ----------
    folder
        The data folder.
    database, log, objects
        Where accounts, the audit log with the trials, and files lie.
    """

    folder: Path
    database: Database
    log: Log
    objects: Objects

    @property
    def keys(self) -> Path:
        """Return the folder of keys and the re-identification table."""
        return self.folder / KEYS

    def key(self, name: str) -> bytes:
        """Return one of the keys.

        Raises
        ------
        InputError
            If it is not there.
        """
        return read_key(self.keys / name)

    def keep_apart(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Append rows to the re-identification table, which lies with the keys."""
        path = self.keys / REIDENTIFICATION
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.writelines(f"{json.dumps(dict(row), ensure_ascii=False)}\n" for row in rows)
            stream.flush()
            os.fsync(stream.fileno())

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def open_store(folder: Path, url: str | None = None) -> Store:
    """Return the store in a data folder, which is made, with keys and schema, if need be.

    Parameters
    ----------
    folder
        The data folder.
    url
        Address of a PostgreSQL database; it is remembered in the folder. By default an SQLite
        file in the folder.

    Raises
    ------
    InputError, OutputError
        If the database cannot be opened, or the folder not be made.
    """
    try:
        for each in (folder, folder / KEYS, folder / OBJECTS):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_new(folder):
            for name in (AUDIT_KEY, IDENTITY_KEY):
                make_key(folder / KEYS / name)
        address = _address(folder, url)
        database = Database(address)
    except OSError as error:
        raise OutputError(
            "a data folder can be made and written", value=error.strerror or "no access",
            place=str(folder), remedy="choose another --data",
        ) from error  # fmt: skip
    upgrade(database)
    log = Log(database, read_key(folder / KEYS / AUDIT_KEY))
    return Store(folder, database, log, Objects(folder / OBJECTS))


def read_key(path: Path) -> bytes:
    """Return a key.

    Raises
    ------
    InputError
        If the file is not there or holds no key.
    """
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise InputError(
            "a key is a readable file of hexadecimal digits", value=type(error).__name__,
            place=str(path), remedy="restore it from the keys' backup",
        ) from error  # fmt: skip


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def make_key(path: Path) -> None:
    """Draw a key into a new private file, unless there is one."""
    if not path.exists():
        write_private(path, secrets.token_hex(KEY_BYTES).encode() + b"\n")


def _is_new(folder: Path) -> bool:
    """Return whether no database was ever opened here; keys are made only then."""
    return not (folder / DATABASE).exists() and not (folder / ADDRESS).exists()


def _address(folder: Path, url: str | None) -> str:
    """Return the address of the database, remembering one that was given."""
    kept, file = folder / ADDRESS, folder / DATABASE
    if url is not None:
        if not kept.exists():
            write_private(kept, url.encode() + b"\n")
        return url
    if kept.exists():
        return kept.read_text(encoding="utf-8").strip()
    if not file.exists():
        write_private(file, b"")  # SQLite gives its other files the same mode
    return sqlite_url(file)
