"""Connections to SQLite or PostgreSQL that neither lose an acknowledged row nor deadlock.

SQLite: WAL with ``synchronous=FULL`` (NORMAL can lose the last commits on power loss); writers
begin with ``BEGIN IMMEDIATE``, because a read that turns into a write fails at once when another
wrote meanwhile, whatever the timeout. PostgreSQL: writers of the audit log lock its table.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from myeloscope.errors import InputError

BUSY_MS = 20_000
"""How long a write waits for another program's, ms."""
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
)
WRITE = "myeloscope_write"
MOST_CONNECTIONS = 40
"""As many as requests that are answered at once."""


class UnavailableError(InputError):
    """The database does not answer now; it may, later."""


class Database:
    """A database and how to talk to it.

    Parameters
    ----------
    url
        ``sqlite:///FILE`` or ``postgresql+psycopg://...``.

    Raises
    ------
    InputError
        If the address is none, or another kind of database.
    """

    def __init__(self, url: str) -> None:
        self._reader = _engine(url)
        self._writer = self._reader.execution_options(**{WRITE: True})
        # SQLite lets writers poll until one is lucky; in one process they can take turns.
        self._turn = threading.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """Return whether this is SQLite."""
        return self._reader.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database."""
        with _answering(self._reader), self._reader.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose changes are on disk when the block ends without an error."""
        with self._turn, _answering(self._reader), self._writer.begin() as connection:
            yield connection

    def lock(self, connection: Connection, table: str) -> None:
        """Let no one else write a table until the transaction ends."""
        if not self.is_sqlite:  # BEGIN IMMEDIATE has locked the whole file
            connection.execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()


def sqlite_url(path: Path) -> str:
    """Return the address of an SQLite file."""
    return f"sqlite:///{path}"


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
        if name not in ("sqlite", "postgresql"):
            raise ArgumentError(f"{name} is not supported")
        if name == "sqlite":
            engine = create_engine(parsed, pool_size=MOST_CONNECTIONS)
            event.listen(engine, "connect", _set_pragmas)
            event.listen(engine, "begin", _begin)
            return engine
        options = {"pool_size": MOST_CONNECTIONS, "pool_pre_ping": True}
        return create_engine(parsed.set(drivername="postgresql+psycopg"), **options)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise InputError(
            "a database is SQLite or PostgreSQL", value=str(error).splitlines()[0][:120],
            place="--database", remedy="write sqlite:///FILE or postgresql://USER@HOST/NAME",
        ) from error  # fmt: skip


@contextmanager
def _answering(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (OperationalError, TimeoutError) as error:
        raise UnavailableError(
            "the database must answer", value=_first_line(error),
            place=engine.url.render_as_string(), remedy="check that it runs and may be written",
        ) from error  # fmt: skip


def _first_line(error: SQLAlchemyError) -> str:
    """Return what the driver says; the statement and its values stay out."""
    return str(getattr(error, "orig", error)).splitlines()[0][:160]


def _set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Python's own BEGIN comes only before the first write; ours comes first, see _begin.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
