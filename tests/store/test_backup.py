"""Files by content, backup while in use, restore on either database."""

from __future__ import annotations

import stat
import tarfile
import threading
from pathlib import Path

import pytest

from myeloscope.errors import InputError, OutputError
from myeloscope.store.accounts import Accounts
from myeloscope.store.backup import backup, restore
from myeloscope.store.folder import Store
from myeloscope.store.objects import Objects
from tests.postgresql import Server

AT = "2026-01-01T00:00:00+00:00"


def test_objects_are_what_their_names_say(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    name = objects.put(b"pixels")
    assert objects.put(b"pixels") == name
    assert objects.get(name) == b"pixels"
    assert list(objects.names()) == [name]
    path = tmp_path / name[:2] / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"other")
    with pytest.raises(InputError, match="altered content"):
        objects.get(name)
    with pytest.raises(InputError, match="No such file"):
        objects.get("0" * 64)
    with pytest.raises(InputError, match="not a name"):
        objects.get("../../etc/passwd")


def _filled(store: Store) -> str:
    Accounts(store.database, store.log).create("ann", "hash", AT)
    return store.objects.put(b"pixels")


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_backup_made_in_use_is_whole_on_either_database(
    store: Store, tmp_path: Path, target: str, postgresql: Server
) -> None:
    name = _filled(store)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            store.log.note("me", "busy", AT, {})

    thread = threading.Thread(target=write)
    thread.start()
    archive, keys = tmp_path / "b.tar", tmp_path / "k.tar"
    backup(store, archive, keys)
    stop.set()
    thread.join()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (archive, keys)} == {0o600}
    with tarfile.open(archive) as opened:
        assert not [member for member in opened.getnames() if "key" in member]
    url = postgresql.new_database() if target == "postgresql" else None
    copy = restore(archive, keys, tmp_path / "copy", url)
    assert copy.objects.get(name) == b"pixels"
    assert Accounts(copy.database, copy.log).every() == Accounts(store.database, store.log).every()
    rows = copy.log.rows()
    assert rows == store.log.rows(limit=len(rows))
    assert copy.log.note("me", "goes-on", AT, {}).seq == len(rows) + 1
    assert copy.log.verify().seq == len(rows) + 1
    copy.close()


def test_backups_replace_nothing_and_restore_into_nothing(store: Store, tmp_path: Path) -> None:
    archive, keys = tmp_path / "b.tar", tmp_path / "k.tar"
    backup(store, archive, keys)
    with pytest.raises(OutputError, match="a backup is written to a new file; found File exists"):
        backup(store, archive, tmp_path / "other.tar")
    with pytest.raises(OutputError, match="restored into a new folder"):
        restore(archive, keys, store.folder)
    with pytest.raises(InputError, match="an archive that 'myeloscope backup' wrote"):
        restore(keys, keys, tmp_path / "copy")
    (tmp_path / "junk").write_bytes(b"junk")
    with pytest.raises(InputError, match="ReadError"):
        restore(tmp_path / "junk", tmp_path / "junk", tmp_path / "third")


def test_an_archive_that_was_tampered_with_is_not_taken(store: Store, tmp_path: Path) -> None:
    _filled(store)
    archive, keys = tmp_path / "b.tar", tmp_path / "k.tar"
    backup(store, archive, keys)
    archive.write_bytes(archive.read_bytes().replace(b"account-created", b"account-removed"))
    with pytest.raises(InputError, match="row 1 altered"):
        restore(archive, keys, tmp_path / "copy")
