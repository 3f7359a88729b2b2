"""From any released schema to today's, in place."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from myeloscope.errors import InputError
from myeloscope.store.database import Database

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring a database to a revision; data stays.

    Raises
    ------
    InputError
        If the database comes from a newer program.
    """
    with database.write() as connection:
        known = {script.revision for script in _scripts().walk_revisions()}
        found = revision_of(connection)
        if found is not None and found not in known:
            raise InputError(
                "a database is of this program's version or older", value=found,
                place="database", remedy="use the newer program that made it",
            )  # fmt: skip
        command.upgrade(_config(connection), revision)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a database, ``None`` for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> tuple[str, ...]:
    """Return every revision, oldest first."""
    return tuple(script.revision for script in _scripts().walk_revisions())[::-1]


def check(database: Database) -> None:
    """Refuse a schema that differs from the tables that the program declares."""
    with database.write() as connection:
        command.check(_config(connection))


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(SCRIPTS))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
