"""Everything that answers need: the store, the settings, the hasher; made once, passed on."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address

from argon2 import PasswordHasher

from myeloscope.store.accounts import Accounts
from myeloscope.store.folder import Store
from myeloscope.store.trials import Clock, Trials, now

MOST_BODY = 1 << 20
MOST_UPLOAD = 4 << 30
LEAST_PASSWORD = 12


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """The identity provider: its issuer address, and the client that it knows us as."""

    issuer: str
    client_id: str
    client_secret: str


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
    openid
        The identity provider, if there is one.
    """

    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})
    secure: bool = False
    most_upload: int = MOST_UPLOAD
    openid: OpenIdSettings | None = None

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
    """

    store: Store
    trials: Trials
    accounts: Accounts
    settings: ServerSettings = field(default_factory=ServerSettings)
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    clock: Clock = now


def make_site(
    store: Store,
    settings: ServerSettings | None = None,
    hasher: PasswordHasher | None = None,
    clock: Clock = now,
) -> Site:
    """Return the site of a store."""
    return Site(
        store,
        Trials(store.log, clock),
        Accounts(store.database, store.log),
        settings or ServerSettings(),
        hasher or PasswordHasher(),
        clock,
    )


def is_loopback(host: str) -> bool:
    """Return whether an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
