"""SQLite's ``INSERT OR REPLACE`` deletes without asking the DELETE trigger: it is refused too."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_SQLITE = """
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""


def upgrade() -> None:
    """Guard SQLite's log against replaced rows; PostgreSQL has no such statement."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SQLITE)
