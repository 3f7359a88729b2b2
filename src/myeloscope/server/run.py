"""Serving a site: addresses, TLS, the proxy that is trusted, and the first start's link."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from myeloscope.errors import InputError, UsageError
from myeloscope.server.app import make_app
from myeloscope.server.site import Site, is_loopback


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens.

    Attributes
    ----------
    host, port
        Address and port; port 0 takes a free one.
    certificate, key
        Files for TLS.
    proxy
        Address of the only proxy whose forwarded headers are believed.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    certificate: Path | None = None
    key: Path | None = None
    proxy: str | None = None

    def __post_init__(self) -> None:
        """Refuse to send passwords over a network in the clear."""
        if (self.certificate is None) is not (self.key is None):
            raise UsageError(
                "TLS needs a certificate and its key", value="one of them",
                place="--tls-certificate, --tls-key", remedy="give both",
            )  # fmt: skip
        if not is_loopback(self.host) and self.certificate is None and self.proxy is None:
            raise UsageError(
                "other machines reach the server over TLS only", value=self.host, place="--host",
                remedy="give --tls-certificate and --tls-key, or --proxy for one that does TLS",
            )  # fmt: skip

    @property
    def scheme(self) -> str:
        """Return ``https`` where this server itself does TLS."""
        return "http" if self.certificate is None else "https"


def listen(address: Address) -> socket.socket:
    """Return a bound socket, so that a taken port is refused before anything starts.

    Raises
    ------
    InputError
        If the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # the protocol is named: only then is TCP_NODELAY set on connections, and no answer waits 40 ms
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address.host, address.port))
    except (OSError, OverflowError) as error:
        bound.close()
        raise InputError(
            "the server needs a free port of this machine", value=str(error)[:120],
            place=f"{address.host}:{address.port}", remedy="choose another --port or --host",
        ) from error  # fmt: skip
    return bound


def make_server(site: Site, address: Address) -> uvicorn.Server:
    """Return the server of a site; it answers on sockets that are given to its ``run``."""
    config = uvicorn.Config(
        make_app(site),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=address.proxy is not None,
        forwarded_allow_ips=address.proxy or "",
        ssl_certfile=None if address.certificate is None else str(address.certificate),
        ssl_keyfile=None if address.key is None else str(address.key),
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=32768,
    )
    return uvicorn.Server(config)


def first_link(site: Site) -> str | None:
    """Return the secret of the link that makes the administrator; ``None`` if there is one."""
    if any(account.administrator for account in site.accounts.every()):
        return None
    return site.accounts.make_link(site.clock(), administrator=True)
