"""Accounts, server-side sessions, one-time links and the throttle of failed logins.

Cookies and links are random and kept as SHA-256 only. Every change is told to the audit log in
the same transaction.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from myeloscope.store.chain import Row
from myeloscope.store.database import Database
from myeloscope.store.log import Log
from myeloscope.store.schema import ACCOUNT, LINK, SESSION, THROTTLE
from myeloscope.trial.refusals import ForbiddenError, refused

SESSION_HOURS = 12
IDLE_MINUTES = 60
LINK_MINUTES = 60
FREE_FAILURES = 5
"""Failed logins before each further one makes the next wait, twice as long each time."""
LONGEST_WAIT_S = 900
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class Account:
    """One person who may log in."""

    id: str
    name: str
    administrator: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One login; ``csrf`` is the word that every change must repeat."""

    id: str
    account: Account
    csrf: str
    created: str
    seen: str
    expires: str
    agent: str


class Accounts:
    """The accounts of one database."""

    def __init__(self, database: Database, log: Log) -> None:
        self._database = database
        self._log = log

    def create(self, name: str, password: str | None, at: str, by: str = "system", *,
               administrator: bool = False) -> Account:  # fmt: skip
        """Create an account; ``password`` is a hash, or ``None`` until a link sets it.

        Raises
        ------
        TrialError
            If the name is taken or not of 2 to 32 small letters, digits and ``. _ -``.
        """
        if not _NAME.fullmatch(name):
            raise refused(
                "an account's name has 2 to 32 of a-z, 0-9, '.', '_', '-'", name[:40], "name",
                "choose another",
            )  # fmt: skip
        made = Account(secrets.token_hex(16), name, administrator, disabled=False)
        values = {
            **{key: getattr(made, key) for key in Account.__slots__},
            "password": password,
            "created": at,
        }
        try:
            with self._database.write() as connection:
                connection.execute(insert(ACCOUNT), values)
                self._tell(
                    connection, at, by, "account-created", {"account": made.id, "name": name}
                )
        except IntegrityError as error:
            raise refused(
                "each account has a name of its own", name, "name", "choose another"
            ) from error
        return made

    def every(self) -> tuple[Account, ...]:
        """Return all accounts by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(*_ACCOUNT).order_by(ACCOUNT.c.name))
            return tuple(Account(*row) for row in rows)

    def named(self, name: str) -> tuple[Account, str | None] | None:
        """Return an account and the hash of its password by name."""
        query = select(*_ACCOUNT, ACCOUNT.c.password).where(ACCOUNT.c.name == name)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else (Account(*row[:4]), row[4])

    def of_identity(self, issuer: str, subject: str) -> Account | None:
        """Return the account of an OpenID identity, which is issuer and subject, never a name."""
        query = select(*_ACCOUNT).where(ACCOUNT.c.issuer == issuer, ACCOUNT.c.subject == subject)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else Account(*row)

    def set_password(self, account: str, password: str, at: str, by: str) -> None:
        """Replace a password's hash and end every session of the account."""
        with self._database.write() as connection:
            self._update(connection, account, {"password": password})
            connection.execute(delete(SESSION).where(SESSION.c.account == account))
            self._tell(connection, at, by, "password-set", {"account": account})

    def bind(self, account: str, issuer: str, subject: str, at: str, by: str) -> None:
        """Let an OpenID identity log in as an account.

        Raises
        ------
        TrialError
            If it is another account's.
        """
        facts = {"account": account, "issuer": issuer}
        try:
            with self._database.write() as connection:
                self._update(connection, account, {"issuer": issuer, "subject": subject})
                self._tell(connection, at, by, "identity-bound", facts)
        except IntegrityError as error:
            raise refused(
                "an identity belongs to one account", subject, issuer, "bind another one"
            ) from error

    def disable(self, account: str, at: str, by: str) -> None:
        """Let an account log in no more, and end its sessions."""
        with self._database.write() as connection:
            self._update(connection, account, {"disabled": True})
            connection.execute(delete(SESSION).where(SESSION.c.account == account))
            self._tell(connection, at, by, "account-disabled", {"account": account})

    def log_in(self, account: Account, at: str, agent: str) -> tuple[Session, str]:
        """Begin a session and return it with its cookie; the cookie is always a new one."""
        if account.disabled:
            raise ForbiddenError(
                "an account must not be disabled", value=account.name, place="login",
                remedy="ask the administrator",
            )  # fmt: skip
        cookie = secrets.token_urlsafe(32)
        made = Session(
            secrets.token_hex(16), account, secrets.token_urlsafe(32), at, at,
            later(at, hours=SESSION_HOURS), agent[:200],
        )  # fmt: skip
        values = {key: getattr(made, key) for key in ("id", "csrf", "created", "seen", "expires")}
        values |= {"agent": made.agent, "account": account.id, "digest": _digest(cookie)}
        with self._database.write() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.expires <= at))
            connection.execute(insert(SESSION), values)
            self._tell(connection, at, account.id, "logged-in", {"session": made.id})
        return made, cookie

    def session(self, cookie: str, at: str) -> Session | None:
        """Return the session of a cookie, if it has not ended; a minute's use is written down."""
        query = (
            select(SESSION, *_ACCOUNT)
            .join(ACCOUNT, SESSION.c.account == ACCOUNT.c.id)
            .where(SESSION.c.digest == _digest(cookie), SESSION.c.expires > at)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None or row.seen <= later(at, minutes=-IDLE_MINUTES):
            return None
        account = Account(*row[-4:])
        if account.disabled:
            return None
        if row.seen <= later(at, minutes=-1):
            with self._database.write() as connection:
                connection.execute(update(SESSION).where(SESSION.c.id == row[0]).values(seen=at))
        return Session(row[0], account, row.csrf, row[4], row.seen, row.expires, row.agent)

    def sessions(self, account: str) -> tuple[Session, ...]:
        """Return the sessions of an account, newest first."""
        query = (
            select(SESSION, *_ACCOUNT)
            .join(ACCOUNT, SESSION.c.account == ACCOUNT.c.id)
            .where(SESSION.c.account == account)
            .order_by(SESSION.c.created.desc())
        )
        with self._database.read() as connection:
            return tuple(
                Session(r[0], Account(*r[-4:]), r.csrf, r[4], r.seen, r.expires, r.agent)
                for r in connection.execute(query)
            )

    def end_session(self, session: str, account: str, at: str) -> bool:
        """End one of an account's own sessions; return whether there was one."""
        chosen = (SESSION.c.id == session) & (SESSION.c.account == account)
        with self._database.write() as connection:
            ended = connection.execute(delete(SESSION).where(chosen)).rowcount > 0
            if ended:
                self._tell(connection, at, account, "session-ended", {"session": session})
        return ended

    def make_link(self, at: str, account: str | None = None, *, administrator: bool = False) -> str:
        """Return the secret of a one-time link, valid an hour."""
        secret = secrets.token_urlsafe(32)
        values = {
            "digest": _digest(secret),
            "account": account,
            "administrator": administrator,
            "expires": later(at, minutes=LINK_MINUTES),
        }
        with self._database.write() as connection:
            connection.execute(insert(LINK), values)
        return secret

    def use_link(self, secret: str, at: str) -> tuple[str | None, bool] | None:
        """Use up a link; return its account and whether it makes an administrator."""
        chosen = LINK.c.digest == _digest(secret)
        with self._database.write() as connection:
            row = connection.execute(select(LINK).where(chosen, LINK.c.expires > at)).first()
            connection.execute(delete(LINK).where(chosen))
        return None if row is None else (row.account, row.administrator)

    def waits(self, keys: tuple[str, ...], at: str) -> bool:
        """Return whether a login by this name or address must wait."""
        query = select(THROTTLE.c.key).where(THROTTLE.c.key.in_(keys), THROTTLE.c.until > at)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def failed(self, keys: tuple[str, ...], at: str) -> None:
        """Count a failed login for a name and an address."""
        with self._database.write() as connection:
            self._database.lock(connection, "throttle")
            for key in keys:
                query = select(THROTTLE.c.failures).where(THROTTLE.c.key == key)
                before = connection.execute(query).scalar() or 0
                wait = min(2 ** max(before + 1 - FREE_FAILURES, 0) - 1, LONGEST_WAIT_S)
                values = {"failures": before + 1, "until": later(at, seconds=wait)}
                chosen = update(THROTTLE).where(THROTTLE.c.key == key).values(values)
                if not before:
                    connection.execute(insert(THROTTLE), {"key": key, **values})
                else:
                    connection.execute(chosen)
            self._tell(connection, at, "stranger", "login-failed", {})

    def succeeded(self, keys: tuple[str, ...]) -> None:
        """Forget the failures of a name and an address."""
        with self._database.write() as connection:
            connection.execute(delete(THROTTLE).where(THROTTLE.c.key.in_(keys)))

    def _update(self, connection: Connection, account: str, values: Mapping[str, object]) -> None:
        chosen = update(ACCOUNT).where(ACCOUNT.c.id == account).values(**values)
        if not connection.execute(chosen).rowcount:
            raise ForbiddenError(
                "an account is one that was created", value=account, place="account",
                remedy="see the list",
            )  # fmt: skip

    def _tell(
        self, connection: Connection, at: str, by: str, kind: str, facts: Mapping[str, str]
    ) -> None:
        payload = json.dumps(dict(facts), sort_keys=True)
        self._log.note_within(connection, Row(0, at, by, None, kind, payload))


_ACCOUNT = [ACCOUNT.c[name] for name in Account.__slots__]


def later(at: str, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> str:
    """Return a moment some time after another, both ISO 8601."""
    step = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return (datetime.fromisoformat(at) + step).isoformat(timespec="microseconds")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
