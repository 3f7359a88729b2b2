"""A site on a real socket, and requests that no client library would send."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from myeloscope.server.run import Address, listen, make_server
from myeloscope.server.site import Site


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it came over the wire; header names in small letters."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first header of a name."""
        return next((value for key, value in self.headers if key == name), None)


@contextmanager
def running(site: Site, address: Address | None = None) -> Iterator[int]:
    """Serve a site and give its port."""
    where = address or Address(port=0)
    bound = listen(where)
    server = make_server(site, where)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()


def send(port: int, raw: bytes) -> Answered:
    """Send bytes as they are, and return what is answered to them."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(raw)
        received = b"".join(iter(lambda: wire.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return Answered(int(first.split()[1]), tuple((k.lower(), v) for k, _, v in pairs), body)


def request(port: int, method: str, target: str, *headers: str, host: str = "127.0.0.1") -> bytes:
    """Return a request as bytes; neither target nor headers are checked or made safe."""
    lines = (f"{method} {target} HTTP/1.1", f"Host: {host}:{port}", "Connection: close", *headers)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
