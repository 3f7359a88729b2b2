"""Logging in, sessions, passwords, accounts, the audit log."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from fastapi import Path, Query, Request, Response
from pydantic import Field

from myeloscope.server.admission import Here, RefusalError, SignedIn
from myeloscope.server.answers import (
    AccountOut,
    AuditRow,
    Done,
    HeadOut,
    Invitation,
    Me,
    SessionOut,
    account_out,
    me_out,
)
from myeloscope.server.site import LEAST_PASSWORD, Site
from myeloscope.store.accounts import SESSION_HOURS, Account

PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""Text without control characters, which no name has and PostgreSQL does not take."""
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=PLAIN)]
Password = Annotated[str, Field(min_length=1, max_length=200)]
NewPassword = Annotated[str, Field(min_length=LEAST_PASSWORD, max_length=200)]
Secret = Annotated[str, Field(min_length=1, max_length=100)]
Id = Annotated[str, Path(pattern="^[0-9a-f]{1,64}$")]
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Login:
    """Name and password."""

    name: Name
    password: Password


@dataclass(frozen=True, slots=True)
class SetUp:
    """The secret of a one-time link and a new password; ``name`` for the first administrator."""

    secret: Secret
    password: NewPassword
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The old password and the new one."""

    old: Password
    new: NewPassword


@dataclass(frozen=True, slots=True)
class NewAccount:
    """The name of an account to make, and whether it administers the server."""

    name: Name
    administrator: bool = False


@dataclass(frozen=True, slots=True)
class OpenIdentity:
    """An OpenID identity: issuer and subject, never a name or address."""

    issuer: Annotated[str, Field(min_length=1, max_length=255, pattern=PLAIN)]
    subject: Annotated[str, Field(min_length=1, max_length=255, pattern=PLAIN)]


def health() -> Done:
    """Answer that the server is up."""
    return Done()


def log_in(here: Here, request: Request, response: Response, given: Login) -> Me:
    """Begin a session; the cookie is a new one whatever was sent."""
    site, at = here.site, here.site.clock()
    client = request.client.host if request.client is not None else "?"
    keys = (f"name:{given.name[:64]}", f"address:{client}")
    if site.accounts.waits(keys, at):
        raise RefusalError(429, "after failed logins the next one waits", "try again later")
    found = site.accounts.named(given.name)
    account = _verified(site, found, given.password)
    if account is None or account.disabled:
        site.accounts.failed(keys, at)
        raise RefusalError(401, "name and password must fit", "try again")
    site.accounts.succeeded(keys)
    return begin(site, account, request, response)


def begin(site: Site, account: Account, request: Request, response: Response) -> Me:
    """Begin a session and set its cookie."""
    agent = request.headers.get("user-agent", "")
    session, cookie = site.accounts.log_in(account, site.clock(), agent)
    response.set_cookie(
        site.settings.cookie,
        cookie,
        max_age=SESSION_HOURS * 3600,
        path="/",
        secure=site.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return me_out(session)


def _verified(
    site: Site, found: tuple[Account, str | None] | None, password: str
) -> Account | None:
    """Return the account if the password is its own; a stranger's name takes as long."""
    account, hashed = found if found is not None else (None, None)
    known = hashed or site.hasher.hash(secrets.token_hex(8))
    try:
        site.hasher.verify(known, password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return account if hashed else None


def set_up(here: Here, request: Request, response: Response, given: SetUp) -> Me:
    """Use a one-time link and log in."""
    site, at = here.site, here.site.clock()
    found = site.accounts.use_link(given.secret, at)
    if found is None:
        raise RefusalError(403, "a link works once, within an hour", "ask for a new one")
    owner, administrator = found
    hashed = site.hasher.hash(given.password)
    if owner is None:
        name = given.name or "administrator"
        account = site.accounts.create(name, hashed, at, administrator=administrator)
    else:
        site.accounts.set_password(owner, hashed, at, owner)
        account = next(each for each in site.accounts.every() if each.id == owner)
    return begin(site, account, request, response)


def me(guest: SignedIn) -> Me:
    """Return who is logged in."""
    return me_out(guest.session)


def log_out(guest: SignedIn, response: Response) -> Done:
    """End this session."""
    guest.site.accounts.end_session(guest.session.id, guest.id, guest.site.clock())
    response.delete_cookie(guest.site.settings.cookie, path="/")
    return Done()


def list_sessions(guest: SignedIn) -> list[SessionOut]:
    """Return my sessions, newest first."""
    return [
        SessionOut(s.id, s.created, s.seen, s.expires, s.agent, s.id == guest.session.id)
        for s in guest.site.accounts.sessions(guest.id)
    ]


def end_session(guest: SignedIn, session: Id) -> Done:
    """End one of my sessions; another's answers as one that is not there."""
    if not guest.site.accounts.end_session(session, guest.id, guest.site.clock()):
        raise RefusalError(404, "a session is one of your own", "see the list")
    return Done()


def change_password(guest: SignedIn, given: PasswordChange) -> Done:
    """Change my password; every session ends, this one too."""
    site = guest.site
    found = site.accounts.named(guest.session.account.name)
    if _verified(site, found, given.old) is None:
        raise RefusalError(403, "the old password must fit", "try again")
    site.accounts.set_password(guest.id, site.hasher.hash(given.new), site.clock(), guest.id)
    return Done()


def list_accounts(guest: SignedIn) -> list[AccountOut]:
    """Return all accounts."""
    return [account_out(account) for account in guest.site.accounts.every()]


def create_account(guest: SignedIn, given: NewAccount) -> Invitation:
    """Make an account; whoever gets its link sets the password."""
    accounts, at = guest.site.accounts, guest.site.clock()
    made = accounts.create(given.name, None, at, guest.id, administrator=given.administrator)
    return Invitation(account_out(made), accounts.make_link(at, made.id))


def renew_link(guest: SignedIn, account: Id) -> Invitation:
    """Make a new one-time link for an account."""
    accounts = guest.site.accounts
    for found in accounts.every():
        if found.id == account:
            return Invitation(account_out(found), accounts.make_link(guest.site.clock(), account))
    raise RefusalError(404, "an account is one that was created", "see the list")


def bind_identity(guest: SignedIn, account: Id, given: OpenIdentity) -> Done:
    """Let an OpenID identity log in as an account."""
    at = guest.site.clock()
    guest.site.accounts.bind(account, given.issuer, given.subject, at, guest.id)
    return Done()


def disable_account(guest: SignedIn, account: Id) -> Done:
    """Let an account log in no more and end its sessions."""
    guest.site.accounts.disable(account, guest.site.clock(), guest.id)
    return Done()


def list_audit(
    guest: SignedIn,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
) -> list[AuditRow]:
    """Return rows of the audit log; what was read is not for administrators."""
    rows = guest.site.store.log.rows(after=after, limit=limit)
    return [AuditRow(row.seq, row.at, row.actor, row.trial, row.kind, row.mac) for row in rows]


def verify_audit(guest: SignedIn) -> HeadOut:
    """Check every row of the audit log and return its head."""
    return HeadOut(str(guest.site.store.log.verify()))
