"""Everything that answers need: the store, the settings, the hasher; made once, passed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol

from argon2 import PasswordHasher

from myeloscope.store.accounts import Accounts
from myeloscope.store.folder import Store
from myeloscope.store.trials import Clock, Trials, now

MOST_BODY = 1 << 20
MOST_UPLOAD = 4 << 30
LEAST_PASSWORD = 12


class OpenIdError(Exception):
    """A login at the identity provider that came to nothing, and which rule it broke."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to an identity provider: issuer and subject, never a name or address."""

    issuer: str
    subject: str


class IdentityProvider(Protocol):
    """Where people may log in instead of with a password."""

    def begin(self, back: str) -> tuple[str, str]:
        """Return an address to send the browser to, and what its cookie must keep."""
        ...

    def finish(self, kept: str, asked: Mapping[str, str], back: str) -> Identity:
        """Return who logged in, or raise :class:`OpenIdError`."""
        ...


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the server is reached.

    Attributes
    ----------
    hosts
        Values of the Host header that are answered (with or without a port); a name that is not
        here is refused, so that no other site's name can be pointed at us.
    secure
        Whether browsers reach us over TLS: cookies are then Secure.
    most_upload
        Largest upload of studies, bytes.
    """

    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})
    secure: bool = False
    most_upload: int = MOST_UPLOAD

    @property
    def cookie(self) -> str:
        """Return the cookie's name; the prefix binds it to this host, path / and TLS."""
        return "__Host-myeloscope" if self.secure else "myeloscope"


@dataclass(frozen=True, slots=True)
class Site:
    """One server.

    Attributes
    ----------
    store, trials, accounts
        What is kept.
    settings
        How it is reached.
    hasher
        Argon2id with its parameters.
    clock
        Gives the present moment.
    openid
        The identity provider, if there is one.
    """

    store: Store
    trials: Trials
    accounts: Accounts
    settings: ServerSettings = field(default_factory=ServerSettings)
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    clock: Clock = now
    openid: IdentityProvider | None = None


def make_site(
    store: Store,
    settings: ServerSettings | None = None,
    hasher: PasswordHasher | None = None,
    clock: Clock = now,
    openid: IdentityProvider | None = None,
) -> Site:
    """Return the site of a store."""
    return Site(
        store,
        Trials(store.log, clock),
        Accounts(store.database, store.log),
        settings or ServerSettings(),
        hasher or PasswordHasher(),
        clock,
        openid,
    )


def is_loopback(host: str) -> bool:
    """Return whether an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
