"""Backup while in use, and restore: one archive of the data, a second one of the keys.

The archive holds every table as JSON lines as of one moment, and the files that the audit log of
that moment knows. It can be restored on SQLite and on PostgreSQL alike.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Table, insert, select

from myeloscope.errors import InputError, OutputError
from myeloscope.store.folder import KEYS, Store, open_store, write_private
from myeloscope.store.log import BATCH
from myeloscope.store.migrate import revision_of, revisions
from myeloscope.store.schema import ACCOUNT, AUDIT

FORMAT = "myeloscope.backup/1"
MANIFEST = "manifest.json"
TABLES = (ACCOUNT, AUDIT)
"""What is kept; logins, links and waiting times end with the server they belong to."""


def backup(store: Store, target: Path, keys: Path) -> None:
    """Write the data to one new archive and the keys to another, both readable by us alone.

    Raises
    ------
    OutputError
        If a file exists or cannot be written.
    """
    try:
        with _private_tar(target) as archive:
            with store.database.read() as connection:
                manifest = {"format": FORMAT, "revision": revision_of(connection)}
                _add(archive, MANIFEST, json.dumps(manifest).encode())
                for table in TABLES:
                    _add(archive, f"tables/{table.name}.jsonl", _lines(connection, table))
            # Files are only ever added, and before the row that names them: none is missing here.
            for name in store.objects.names():
                _add(archive, f"objects/{name}", store.objects.get(name))
        with _private_tar(keys) as archive:
            for path in sorted(store.keys.iterdir()):
                _add(archive, f"{KEYS}/{path.name}", path.read_bytes())
    except OSError as error:
        raise OutputError(
            "a backup is written to a new file", value=error.strerror or "no access",
            place=str(error.filename or target), remedy="choose another name",
        ) from error  # fmt: skip


def restore(archive: Path, keys: Path, folder: Path, url: str | None = None) -> Store:
    """Make a data folder from a backup and its keys, check the audit log, and return the store.

    Raises
    ------
    InputError
        If the archives are not what :func:`backup` wrote, or the log in them is broken.
    OutputError
        If the folder is not new or empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise OutputError(
            "a backup is restored into a new folder", value="a folder that holds something",
            place=str(folder), remedy="choose another --data",
        )  # fmt: skip
    try:
        (folder / KEYS).mkdir(mode=0o700, parents=True)
        folder.chmod(0o700)
        for name, content in _members(keys, f"{KEYS}/"):
            write_private(folder / KEYS / name, content)
        store = open_store(folder, url)
        _fill(store, archive)
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise InputError(
            "a backup is an archive that 'myeloscope backup' wrote", value=type(error).__name__,
            place=str(archive), remedy="give the archive and the keys' archive of one backup",
        ) from error  # fmt: skip
    store.log.verify()
    return store


def _fill(store: Store, archive: Path) -> None:
    manifest = dict(_members(archive, MANIFEST))
    told = json.loads(manifest[""])
    if told["format"] != FORMAT or told["revision"] not in revisions():
        raise ValueError(FORMAT)
    tables = dict(_members(archive, "tables/"))
    with store.database.write() as connection:
        for table in TABLES:
            rows = [json.loads(line) for line in tables[f"{table.name}.jsonl"].splitlines()]
            for start in range(0, len(rows), BATCH):
                connection.execute(insert(table), rows[start : start + BATCH])
    for name, content in _members(archive, "objects/"):
        if store.objects.put(content) != name:
            raise ValueError(name)


def _lines(connection: Connection, table: Table) -> bytes:
    query = select(table).order_by(*table.primary_key.columns)
    found = connection.execute(query).mappings()
    return "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in found).encode()


@contextmanager
def _private_tar(path: Path) -> Iterator[tarfile.TarFile]:
    """Give a new archive to fill; it is on disk at the end, and gone after an error."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    whole = False
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with tarfile.open(mode="w", fileobj=stream) as archive:
                yield archive
            stream.flush()
            os.fsync(stream.fileno())
        whole = True
    finally:
        if not whole:
            path.unlink()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _members(path: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    """Yield name (without prefix) and content of the members under a prefix; plain files only."""
    with tarfile.open(path) as archive:
        for entry in archive:
            name = entry.name.removeprefix(prefix)
            if not entry.isfile() or name == entry.name or "/" in name:
                continue
            stream = archive.extractfile(entry)
            if stream is not None:
                yield name, stream.read()
