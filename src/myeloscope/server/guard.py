"""What every request passes first: Host, origin, size; and the headers every answer carries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from myeloscope.server.site import MOST_BODY, ServerSettings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; font-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
NO_STORE = "no-store"
UPLOADS = ("/cases", "/looks", "/dossier")
"""Ends of the paths of the only routes that take more than a mebibyte."""


class Guard:
    """ASGI middleware that refuses what no route should have to think of."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse, one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message), scope["path"], self._settings)
            await send(message)

        refusal = _refusal(scope, self._settings)
        if refusal is not None:
            await _answer(protected, *refusal)
            return
        counted = _Counted(receive, _most(scope, self._settings))
        await self._app(scope, counted, protected)


class _Counted:
    """Receives a body and stops where it is too large, whatever its header says."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most
        self._most = most

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise HTTPException(413, _too_large(self._most))
        return message


def _most(scope: Scope, settings: ServerSettings) -> int:
    return settings.most_upload if scope["path"].endswith(UPLOADS) else MOST_BODY


def _refusal(scope: Scope, settings: ServerSettings) -> tuple[int, str] | None:
    """Return status and rule for a request that must not go on."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if _without_port(host) not in settings.hosts:
        return 400, "the Host header names this server"
    if scope["method"] in SAFE:
        return None
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return 403, "a change comes from this site's own pages"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return 403, "a change comes from this site's own pages"
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _most(scope, settings):
        return 413, _too_large(_most(scope, settings))
    return None


def _too_large(most: int) -> str:
    return f"a body has at most {most} bytes"


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdecimal() else host.lower()


def _protect(headers: MutableHeaders, path: str, settings: ServerSettings) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if not path.startswith("/static/"):
        headers["Cache-Control"] = NO_STORE
    for name in ("server", "etag", "last-modified"):
        if name in headers:
            del headers[name]


async def _answer(send: Send, status: int, rule: str) -> None:
    record = {"rule": rule, "value": "", "place": "request", "remedy": "send another"}
    body = json.dumps(record).encode()
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
