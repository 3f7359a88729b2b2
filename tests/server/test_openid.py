"""OpenID Connect against a provider on this machine, honest and not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi.testclient import TestClient

from myeloscope import cli
from myeloscope.errors import ExitCode, UsageError
from myeloscope.server.app import make_app
from myeloscope.server.openid import LEEWAY_S, LOGIN_S, OpenId, OpenIdSettings
from myeloscope.server.openid_routes import FAILED, HOME, UNKNOWN
from myeloscope.server.site import Site, make_site
from myeloscope.store.folder import Store
from tests.server.provider import CLIENT, SECRET, Claims, Provider, a_key, running_provider
from tests.server.study import BASE

BACK = "/api/openid/back"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as found:
        yield found


@dataclass(frozen=True, slots=True)
class Place:
    """A site, its provider, and a browser of ann's, who has an account and an identity."""

    site: Site
    provider: Provider
    browser: TestClient

    def go(self) -> str:
        """Go to the provider and return where it sends the browser back to."""
        there = self.browser.get("/api/openid").headers["location"]
        assert there.startswith(f"{self.provider.issuer}/authorize?")
        return str(httpx2.get(there).headers["location"]).removeprefix(BASE)

    def log_in(self) -> str:
        """Go there and back, and return where the browser is led then."""
        led: str = self.browser.get(self.go()).headers["location"]
        return led

    @property
    def known(self) -> bool:
        """Return whether the browser is logged in."""
        return bool(self.browser.get("/api/me").status_code == 200)


@pytest.fixture
def place(quiet_store: Store, provider: Provider) -> Place:
    openid = OpenId(OpenIdSettings(provider.issuer, CLIENT, SECRET))
    hasher = PasswordHasher.from_parameters(CHEAPEST)
    site = make_site(quiet_store, hasher=hasher, openid=openid)
    account = site.accounts.create("ann", None, site.clock())
    site.accounts.bind(account.id, provider.issuer, "subject-1", site.clock(), "root")
    client = TestClient(make_app(site), base_url=BASE, follow_redirects=False)
    return Place(site, provider, client)


def test_there_and_back_is_a_login(place: Place) -> None:
    assert place.browser.get("/api/login").json() == {"password": True, "openid": True}
    assert place.log_in() == HOME
    assert place.browser.get("/api/me").json()["name"] == "ann"
    assert [name for name in place.browser.cookies if name.endswith("-openid")] == []


def test_what_is_asked_is_code_with_pkce_state_and_nonce(place: Place) -> None:
    first, second = (place.browser.get("/api/openid") for _ in range(2))
    asked = [parse_qs(urlsplit(each.headers["location"]).query) for each in (first, second)]
    assert asked[0]["response_type"] == ["code"]
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["redirect_uri"] == [BASE + BACK]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_an_identity_is_issuer_and_subject_and_nothing_else(place: Place) -> None:
    place.provider.subject = "subject 2"
    place.provider.claims = {"email": "ann@example.org", "preferred_username": "ann"}
    assert place.log_in() == f"{UNKNOWN}subject%202"
    assert not place.known


def test_a_disabled_account_is_unknown(place: Place) -> None:
    ann = place.site.accounts.named("ann")
    assert ann is not None
    place.site.accounts.disable(ann[0].id, place.site.clock(), "root")
    assert place.log_in().startswith(UNKNOWN)


LIES: dict[str, Claims] = {
    "issuer": {"iss": "https://evil.example"},
    "audience": {"aud": "another-client"},
    "audiences": {"aud": [CLIENT, "another-client"]},
    "authorized-party": {"aud": [CLIENT, "another-client"], "azp": "another-client"},
    "expired": {"exp": int(time.time()) - LEEWAY_S - 5},
    "from-the-future": {"iat": int(time.time()) + 3600},
    "nonce": {"nonce": "another-login"},
    "no-nonce": {"nonce": None},
    "no-subject": {"sub": None},
    "no-expiry": {"exp": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_id_token_that_lies_is_refused(place: Place, lie: str) -> None:
    place.provider.claims = LIES[lie]
    assert place.log_in() == FAILED
    assert not place.known


def test_several_audiences_need_us_as_the_authorized_party(place: Place) -> None:
    place.provider.claims = {"aud": [CLIENT, "another-client"], "azp": CLIENT}
    assert place.log_in() == HOME


@pytest.mark.parametrize("how", ["another-key", "unsigned", "symmetric", "missing"])
def test_a_signature_that_is_not_the_providers_is_refused(place: Place, how: str) -> None:
    provider = place.provider
    if how == "another-key":
        provider.signer = a_key("one", 1)
    elif how == "unsigned":
        provider.algorithm = "none"
    elif how == "symmetric":
        provider.algorithm = "HS256"
    else:
        provider.silent = True
    assert place.log_in() == FAILED
    assert not place.known


def test_a_key_that_was_changed_is_fetched_anew(place: Place) -> None:
    assert place.log_in() == HOME
    place.browser.cookies.clear()
    place.provider.key = a_key("two")
    assert place.log_in() == HOME


def test_a_login_ends_only_in_the_browser_that_began_it(place: Place) -> None:
    back = place.go()
    victim = TestClient(make_app(place.site), base_url=BASE, follow_redirects=False)
    assert victim.get(back).headers["location"] == FAILED
    forged = place.browser.cookies["myeloscope-openid"].rpartition(".")[0] + "." + "0" * 64
    victim.cookies.set("myeloscope-openid", forged)
    assert victim.get(back).headers["location"] == FAILED
    assert victim.get("/api/me").status_code == 401


def test_an_answer_is_used_once_and_belongs_to_its_login(place: Place) -> None:
    older, newer = place.go(), place.go()
    assert place.browser.get(older).headers["location"] == FAILED
    kept = dict(place.browser.cookies)
    assert place.browser.get(newer).headers["location"] == HOME
    place.browser.cookies.clear()
    place.browser.cookies.update(kept)
    assert place.browser.get(newer).headers["location"] == FAILED


@pytest.mark.parametrize(
    "change", [("code=", "code=x"), ("state=", "state=x"), ("iss=", "iss=x"), ("code=", "error=")]
)
def test_an_answer_that_was_changed_is_refused(place: Place, change: tuple[str, str]) -> None:
    assert place.browser.get(place.go().replace(*change)).headers["location"] == FAILED
    assert not place.known


def test_a_login_that_took_too_long_is_refused(quiet_store: Store, provider: Provider) -> None:
    now = [time.time()]
    openid = OpenId(OpenIdSettings(provider.issuer, CLIENT, SECRET), lambda: now[0])
    site = make_site(quiet_store, openid=openid)
    client = TestClient(make_app(site), base_url=BASE, follow_redirects=False)
    place = Place(site, provider, client)
    back = place.go()
    now[0] += LOGIN_S + 1
    assert client.get(back).headers["location"] == FAILED


@pytest.mark.parametrize(
    "metadata", [{"issuer": "https://evil.example"}, {"token_endpoint": None, "jwks_uri": None}]
)
def test_a_provider_that_describes_another_is_refused(place: Place, metadata: Claims) -> None:
    place.provider.metadata = metadata
    assert place.browser.get("/api/openid").headers["location"] == FAILED


def test_a_provider_that_is_down_is_said_so(quiet_store: Store) -> None:
    openid = OpenId(OpenIdSettings("http://127.0.0.1:9", CLIENT, SECRET))
    app = make_app(make_site(quiet_store, openid=openid))
    client = TestClient(app, base_url=BASE, follow_redirects=False)
    assert client.get("/api/openid").headers["location"] == FAILED


def test_without_a_provider_there_is_no_way_there(quiet_store: Store) -> None:
    client = TestClient(make_app(make_site(quiet_store)), base_url=BASE, follow_redirects=False)
    assert client.get("/api/login").json() == {"password": True, "openid": False}
    assert [client.get(path).status_code for path in ("/api/openid", BACK)] == [404, 404]


def test_a_provider_is_reached_over_tls_or_on_this_machine() -> None:
    with pytest.raises(UsageError, match="over TLS"):
        OpenIdSettings("http://id.example.org", CLIENT, SECRET)
    assert OpenIdSettings("https://id.example.org", CLIENT, SECRET).client_id == CLIENT


def test_the_options_of_a_provider_belong_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["serve", "--data", str(tmp_path), "--port", "0", "--openid-issuer", "https://id.org"]
    assert cli.main(words) == ExitCode.USAGE
    assert "issuer, client and secret" in capsys.readouterr().err
    words += ["--openid-client", CLIENT, "--openid-secret", str(tmp_path / "no")]
    assert cli.main(words) == ExitCode.INPUT
    assert "a secret is a readable text file" in capsys.readouterr().err
    (tmp_path / "secret").write_text(SECRET)
    words[-1], words[words.index("https://id.org")] = str(tmp_path / "secret"), "http://id.org"
    assert cli.main(words) == ExitCode.USAGE
    assert "over TLS" in capsys.readouterr().err
