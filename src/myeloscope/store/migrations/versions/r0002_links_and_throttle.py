"""One-time links, and the throttle of failed logins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "link",
        sa.Column("digest", sa.String(64)),
        sa.Column("account", sa.String(64)),
        sa.Column("administrator", sa.Boolean, nullable=False),
        sa.Column("expires", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_link"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name="fk_link_account_account"),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(128)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("until", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_throttle"),
    )
