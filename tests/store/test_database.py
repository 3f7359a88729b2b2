"""Connections, migrations and the data folder."""

from __future__ import annotations

import stat
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, text

from myeloscope.errors import InputError, OutputError
from myeloscope.store.chain import ROOT, Row, mac_of
from myeloscope.store.database import Database
from myeloscope.store.folder import DATABASE, Store, open_store, read_key
from myeloscope.store.migrate import check, revision_of, revisions, upgrade
from myeloscope.store.schema import ACCOUNT, AUDIT

AT = "2026-01-01T00:00:00+00:00"


def _modes(folder: Path) -> set[str]:
    return {oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*") if path.is_file()}


def test_what_is_promised_of_sqlite_is_in_force(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    for give in (store.database.read, store.database.write):
        with give() as connection:
            found = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        full = 2
        assert found == {
            "journal_mode": "wal", "synchronous": full, "foreign_keys": 1, "busy_timeout": 20_000,
        }  # fmt: skip
    store.log.note("me", "test", "2026-01-01T00:00:00+00:00", {})
    assert _modes(tmp_path / "data") == {"0o600"}
    store.close()


def test_readers_that_write_do_not_collide(store: Store) -> None:
    """Four threads read, then write what they read plus one; every increment counts."""
    at = "2026-01-01T00:00:00+00:00"

    def work() -> None:
        for _ in range(20):
            store.log.note("me", "count", at, {"n": 1})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.log.head().seq == 80
    assert store.log.verify() == store.log.head()


def test_writers_of_one_process_take_turns(store: Store) -> None:
    """Forty writers at once, each of whom holds the database for a while: nobody is turned away."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with store.database.write() as connection:
                store.log.note_within(connection, Row(0, AT, "me", None, "count", "{}"))
                time.sleep(0.02)
        except InputError as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert store.log.head().seq == 40


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/x", "oracle+nothing://x/y"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(InputError, match="a database is SQLite or PostgreSQL"):
        Database(url)


def test_a_database_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the database must answer"):
        open_store(tmp_path / "data", "postgresql://nobody:secret@127.0.0.1:1/none")


def test_the_password_of_a_database_stays_out_of_messages(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_store(tmp_path / "data", "postgresql://nobody:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("revision", revisions())
def test_migration_from_every_released_schema_keeps_the_data(
    tmp_path: Path, database_url: str | None, revision: str
) -> None:
    database = Database(database_url or f"sqlite:///{tmp_path / 'old.sqlite'}")
    upgrade(database, revision)
    row = Row(1, "2026-01-01T00:00:00+00:00", "me", None, "test", "{}")
    mac = mac_of(row, ROOT, b"key")
    values = {name: getattr(row, name) for name in Row.__slots__} | {"mac": mac}
    person = {
        "id": "a", "name": "ann", "password": None, "administrator": True, "disabled": False,
        "issuer": None, "subject": None, "created": row.at,
    }  # fmt: skip
    with database.write() as connection:
        assert revision_of(connection) == revision
        connection.execute(insert(AUDIT), values)
        connection.execute(insert(ACCOUNT), person)
    upgrade(database)
    check(database)
    with database.read() as connection:
        assert revision_of(connection) == revisions()[-1]
        assert dict(connection.execute(AUDIT.select()).mappings().one()) == values
        assert dict(connection.execute(ACCOUNT.select()).mappings().one()) == person
        assert {"audit", "account", "session", "link", "throttle"} < set(
            inspect(connection).get_table_names()
        )
    database.close()


def test_a_newer_database_is_left_alone(store: Store) -> None:
    with store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match="this program's version or older; found 9999"):
        upgrade(store.database)


def test_a_folder_remembers_its_database(tmp_path: Path, database_url: str | None) -> None:
    first = open_store(tmp_path / "data", database_url)
    first.log.note("me", "test", "2026-01-01T00:00:00+00:00", {})
    first.close()
    again = open_store(tmp_path / "data")
    assert again.log.head().seq == 1
    assert (tmp_path / "data" / DATABASE).exists() is (database_url is None)
    again.close()


def test_a_lost_key_is_not_replaced(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    store.close()
    (store.keys / "audit.key").unlink()
    with pytest.raises(InputError, match="restore it from the keys' backup"):
        open_store(tmp_path / "data")
    (store.keys / "audit.key").write_text("zz")
    with pytest.raises(InputError, match="a readable file of hexadecimal digits"):
        read_key(store.keys / "audit.key")


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="a data folder can be made"):
        open_store(tmp_path / "file" / "data")
