"""An identity provider on this machine: what OpenID Connect asks of one, and how one may lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

Claims: TypeAlias = dict[str, object]
CLIENT, SECRET = "myeloscope", "the client's secret"


@cache
def a_key(name: str, number: int = 0) -> RSAKey:
    """Return a key of a name; another number gives another key."""
    assert number >= 0
    return RSAKey.generate_key(2048, {"kid": name})


@dataclass(slots=True)
class Provider:
    """A provider; tests change what it says.

    Attributes
    ----------
    subject
        Who is logged in there.
    claims
        Claims that replace those of an honest ID token; ``None`` leaves one out.
    signer
        Key that signs, by default the published one.
    algorithm
        ``RS256``; ``none`` and ``HS256`` are what a forger would try.
    metadata
        What replaces the honest description.
    codes
        Codes that were given: what each was asked with.
    """

    issuer: str = ""
    subject: str = "subject-1"
    claims: Claims = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: a_key("one"))
    signer: RSAKey | None = None
    algorithm: str = "RS256"
    metadata: Claims = field(default_factory=dict)
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    silent: bool = False
    """Whether the ID token is left out."""

    def describe(self) -> Claims:
        """Return the provider's description (OpenID Connect Discovery 1.0, 3)."""
        places = {name: f"{self.issuer}/{name}" for name in ("authorize", "token", "keys")}
        return {
            "issuer": self.issuer,
            "authorization_endpoint": places["authorize"],
            "token_endpoint": places["token"],
            "jwks_uri": places["keys"],
            **self.metadata,
        }

    def authorize(self, asked: Mapping[str, str]) -> str:
        """Return where the browser is sent back to, with a code."""
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        told = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(told)}"

    def exchange(self, asked: Mapping[str, str], authorization: str) -> Claims | None:
        """Return tokens for a code, once, to the client that began (RFC 6749, RFC 7636)."""
        wanted = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        began = self.codes.pop(asked.get("code", ""), None)
        if began is None or authorization != wanted:
            return None
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != began["code_challenge"] or asked["redirect_uri"] != began["redirect_uri"]:
            return None
        told: Claims = {"access_token": "unused", "token_type": "Bearer", "expires_in": 60}
        return told if self.silent else {**told, "id_token": self.token(began["nonce"])}

    def token(self, nonce: str) -> str:
        """Return an ID token."""
        honest: Claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": int(time.time()),
            "exp": int(time.time()) + 60,
            "nonce": nonce,
        }
        claims = {k: v for k, v in {**honest, **self.claims}.items() if v is not None}
        signer = self.signer or self.key
        header: Claims = {"alg": self.algorithm, "kid": signer.kid}
        if self.algorithm == "RS256":
            return jwt.encode(header, claims, signer)
        return _forged(header, claims, self.key.as_pem(private=False))


def _forged(header: Claims, claims: Claims, public: bytes) -> str:
    """Return a token with no signature, or with the public key as the secret of an HMAC."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
    text = b".".join(part.rstrip(b"=") for part in parts)
    mac = b"" if header["alg"] == "none" else hmac.digest(public, text, "sha256")
    return (text + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    """Return what answers for a provider."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/authorize":
                self._send(302, b"", provider.authorize(asked))
            elif parts.path == "/keys":
                self._json(200, {"keys": [provider.key.as_dict(private=False)]})
            else:
                self._json(200, provider.describe())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            told = provider.exchange(asked, self.headers.get("Authorization", ""))
            self._json(200, told) if told else self._json(400, {"error": "invalid_grant"})

        def _json(self, status: int, record: object) -> None:
            self._send(status, json.dumps(record).encode())

        def _send(self, status: int, body: bytes, location: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if location is not None:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

    return Handler


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Serve a provider on a free port."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
