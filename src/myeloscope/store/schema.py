"""The tables. The audit log is the only record of trials: what a trial is follows from its rows."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("trial", String(64)),
    Column("kind", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("mac", String(64), nullable=False),
    Index("ix_audit_trial_seq", "trial", "seq"),
)
"""Append-only (triggers refuse UPDATE and DELETE); each row's ``mac`` covers the one before."""

ACCOUNT = Table(
    "account",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("password", Text),
    Column("administrator", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("issuer", String(255)),
    Column("subject", String(255)),
    Column("created", String(40), nullable=False),
    UniqueConstraint("issuer", "subject", name="uq_account_issuer_subject"),
)
"""``password`` is an argon2id hash; ``issuer`` and ``subject`` are an OpenID identity."""

SESSION = Table(
    "session",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("account", String(64), ForeignKey("account.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created", String(40), nullable=False),
    Column("seen", String(40), nullable=False),
    Column("expires", String(40), nullable=False),
    Column("agent", String(200), nullable=False),
)
"""``digest`` is the SHA-256 of the cookie, so that a copy of the table opens nothing."""

LINK = Table(
    "link",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("account", String(64), ForeignKey("account.id")),
    Column("administrator", Boolean, nullable=False),
    Column("expires", String(40), nullable=False),
)
"""One-time links: the first administrator's, and those that set a password."""

THROTTLE = Table(
    "throttle",
    METADATA,
    Column("key", String(128), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", String(40), nullable=False),
)
"""Failed logins by account name and by address, and until when the next try waits."""
