"""Logging in with OpenID Connect: authorization code with PKCE, ID token checked whole.

OpenID Connect Core 1.0 (3.1), Discovery 1.0 (4), RFC 7636 (PKCE), RFC 9207 (``iss`` in the answer).
What a login must remember until the browser comes back is sealed into a cookie, so that the
server keeps nothing and only the browser that began a login can end it.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from myeloscope.errors import UsageError
from myeloscope.server.site import Identity, OpenIdError, is_loopback

WELL_KNOWN = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures that are believed; none without a public key."""
LOGIN_S = 600
"""How long somebody may take at the provider, s."""
TIMEOUT_S = 10.0
KEPT_S = 3600.0
"""How long the provider's description and keys are believed, s."""
LEEWAY_S = 60
SCOPE = "openid"


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """The identity provider: its issuer address, and the client that it knows us as."""

    issuer: str
    client_id: str
    client_secret: str

    def __post_init__(self) -> None:
        """Refuse a provider that is reached in the clear."""
        parts = urlsplit(self.issuer)
        local = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not local:
            raise UsageError(
                "an identity provider is reached over TLS", value=self.issuer[:80],
                place="--openid-issuer", remedy="give its https:// address",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Metadata:
    """What the provider publishes of itself."""

    authorize: str
    token: str
    keys: KeySet
    until: float


@dataclass(slots=True)
class OpenId:
    """A provider and our client at it.

    Attributes
    ----------
    settings
        Who is who.
    clock
        Seconds since 1970.
    """

    settings: OpenIdSettings
    clock: Callable[[], float] = time.time
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _known: _Metadata | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, back: str) -> tuple[str, str]:
        """Return the provider's address to send a browser to, and what its cookie must keep.

        Raises
        ------
        OpenIdError
            If the provider does not answer as it should.
        """
        found = self._metadata()
        kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        with self._client(back) as client:
            address, _ = client.create_authorization_url(
                found.authorize,
                state=kept["state"],
                nonce=kept["nonce"],
                code_verifier=kept["verifier"],
            )
        return str(address), self._seal({**kept, "until": str(self.clock() + LOGIN_S)})

    def finish(self, kept: str, asked: Mapping[str, str], back: str) -> Identity:
        """Return who logged in, from what the browser's cookie kept and brought back.

        Raises
        ------
        OpenIdError
            If anything does not fit.
        """
        known = self._unseal(kept)
        if float(known.get("until", "0")) <= self.clock():
            raise OpenIdError("a login ends within ten minutes, in the browser that began it")
        if not hmac.compare_digest(known["state"].encode(), asked.get("state", "").encode()):
            raise OpenIdError("the provider's answer belongs to another login")
        if asked.get("iss", self.settings.issuer) != self.settings.issuer:
            raise OpenIdError("the answer comes from another provider")
        if "code" not in asked:
            raise OpenIdError("the provider must say who logged in")
        token = self._exchange(asked["code"], known["verifier"], back)
        return self._identity(token, known["nonce"])

    def _exchange(self, code: str, verifier: str, back: str) -> str:
        try:
            with self._client(back) as client:
                told = client.fetch_token(
                    self._metadata().token,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
        except (httpx2.HTTPError, AuthlibBaseError, ValueError) as error:
            raise OpenIdError("the provider must accept the code it gave") from error
        token = told.get("id_token")
        if not isinstance(token, str):
            raise OpenIdError("the provider must send an ID token")
        return token

    def _identity(self, token: str, nonce: str) -> Identity:
        """Return who an ID token names (OpenID Connect Core 1.0, 3.1.3.7)."""
        client = self.settings.client_id
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self.clock()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = self._decode(token)
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise OpenIdError("the provider's ID token must be valid and for this login") from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else client) != client:
            raise OpenIdError("the provider's ID token is for another client")
        return Identity(self.settings.issuer, str(claims["sub"]))

    def _decode(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that the provider signed, maybe with a key of today."""
        try:
            return jwt.decode(token, self._metadata().keys, algorithms=ALGORITHMS).claims
        except InvalidKeyIdError:
            with self._lock:
                self._known = None
            return jwt.decode(token, self._metadata().keys, algorithms=ALGORITHMS).claims

    def _client(self, back: str) -> OAuth2Client:
        return OAuth2Client(
            self.settings.client_id,
            self.settings.client_secret,
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )

    def _metadata(self) -> _Metadata:
        """Return what the provider publishes, at most an hour old."""
        with self._lock:
            if self._known is None or self._known.until <= self.clock():
                self._known = self._discover()
            return self._known

    def _discover(self) -> _Metadata:
        issuer = self.settings.issuer
        try:
            told = _json(issuer.rstrip("/") + WELL_KNOWN)
            if told["issuer"] != issuer:
                raise ValueError(issuer)
            authorize, token = str(told["authorization_endpoint"]), str(told["token_endpoint"])
            keys = KeySet.import_key_set({"keys": list(_json(str(told["jwks_uri"]))["keys"])})
        except (httpx2.HTTPError, JoseError, KeyError, TypeError, ValueError) as error:
            raise OpenIdError("the provider must describe itself and its keys") from error
        return _Metadata(authorize, token, keys, self.clock() + KEPT_S)

    def _seal(self, record: Mapping[str, str]) -> str:
        body = base64.urlsafe_b64encode(json.dumps(dict(record)).encode()).decode()
        return f"{body}.{self._mac(body)}"

    def _unseal(self, sealed: str) -> dict[str, str]:
        body, _, mac = sealed.rpartition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(body).encode()):
            raise OpenIdError("a login ends in the browser that began it")
        found: dict[str, str] = json.loads(base64.urlsafe_b64decode(body))
        return found

    def _mac(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), "sha256").hexdigest()


def _json(address: str) -> dict[str, Any]:
    answer = httpx2.get(address, timeout=TIMEOUT_S, follow_redirects=False)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
