"""Accounts over the web: logging in and out, waiting, one-time links, sessions, passwords."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi.testclient import TestClient

from myeloscope.errors import InputError, UsageError
from myeloscope.server.app import make_app
from myeloscope.server.run import Address, first_link, listen
from myeloscope.server.site import ServerSettings, Site, is_loopback, make_site
from myeloscope.store.accounts import FREE_FAILURES, LONGEST_WAIT_S, later
from myeloscope.store.folder import Store
from myeloscope.store.trials import now
from tests.server.live import request, running, send
from tests.server.study import BASE, PASSWORD, Town

NEW = "another long password"


def _browser(site: Site, base: str = BASE) -> TestClient:
    return TestClient(make_app(site), base_url=base)


def _log_in(client: TestClient, name: str, password: str = PASSWORD) -> int:
    answer = client.post("/api/login", json={"name": name, "password": password})
    return int(answer.status_code)


def test_the_first_start_makes_the_administrator_with_a_link_once(quiet_store: Store) -> None:
    site = make_site(quiet_store, hasher=PasswordHasher.from_parameters(CHEAPEST))
    secret = first_link(site)
    assert secret is not None
    client = _browser(site)
    given = {"secret": secret, "password": PASSWORD, "name": "root"}
    made = client.post("/api/set-up", json=given)
    assert (made.status_code, made.json()["administrator"]) == (200, True)
    assert client.get("/api/me").json()["name"] == "root"
    again = client.post("/api/set-up", json={**given, "name": "other"})
    assert (again.status_code, again.json()["rule"]) == (403, "a link works once, within an hour")
    assert first_link(site) is None


def test_a_link_ends_after_an_hour(quiet_store: Store) -> None:
    site = make_site(quiet_store)
    secret = first_link(site)
    late = replace(site, clock=lambda: later(now(), minutes=61))
    given = {"secret": secret, "password": PASSWORD}
    assert _browser(late).post("/api/set-up", json=given).status_code == 403


def test_an_invited_person_sets_a_password_and_an_old_link_is_renewed(small_town: Town) -> None:
    root = small_town["root"]
    made = root.must("POST", "/api/accounts", json={"name": "fay"})
    assert "fay" in [each["name"] for each in root.must("GET", "/api/accounts")]
    assert _log_in(_browser(small_town.site), "fay", "") == 422
    assert _log_in(_browser(small_town.site), "fay", "any password at all") == 401
    newer = root.must("POST", f"/api/accounts/{made['account']['id']}/link")
    client = _browser(small_town.site)
    set_up = client.post("/api/set-up", json={"secret": newer["secret"], "password": NEW})
    assert set_up.status_code == 200
    assert set_up.json()["name"] == "fay"
    assert _log_in(client, "fay", NEW) == 200
    assert root.ask("POST", "/api/accounts/" + "0" * 32 + "/link").status_code == 404


def test_failed_logins_wait_longer_and_longer_even_with_the_right_password(
    small_town: Town,
) -> None:
    site = small_town.site
    client = _browser(site)
    for _ in range(FREE_FAILURES):
        assert _log_in(client, "ann", "wrong") == 401
    assert _log_in(client, "ann", "wrong") == 401
    assert _log_in(client, "ann") == 429
    assert _log_in(client, "bob") == 429, "the address waits, whatever the name"
    patient = _browser(replace(site, clock=lambda: later(now(), seconds=2)))
    assert _log_in(patient, "ann") == 200
    for _ in range(30):
        site.accounts.failed(("name:ann",), now())
    assert site.accounts.waits(("name:ann",), later(now(), seconds=LONGEST_WAIT_S - 5))
    assert not site.accounts.waits(("name:ann",), later(now(), seconds=LONGEST_WAIT_S + 5))


def test_a_name_that_is_not_there_answers_like_a_wrong_password(small_town: Town) -> None:
    client = _browser(small_town.site)
    answers = [
        client.post("/api/login", json={"name": name, "password": "wrong"})
        for name in ("ann", "nobody")
    ]
    assert answers[0].status_code == answers[1].status_code == 401
    assert answers[0].json() == answers[1].json()


def test_sessions_are_listed_and_ended_one_by_one(small_town: Town) -> None:
    ann = small_town["ann"]
    other = _browser(small_town.site)
    assert _log_in(other, "ann") == 200
    listed = ann.must("GET", "/api/sessions")
    assert [each["current"] for each in listed] == [False, True]
    ann.must("DELETE", f"/api/sessions/{listed[0]['id']}")
    assert other.get("/api/me").status_code == 401
    assert ann.ask("DELETE", f"/api/sessions/{listed[0]['id']}").status_code == 404
    ann.must("POST", "/api/logout")
    assert ann.client.get("/api/me").status_code == 401


def test_a_new_password_ends_every_session(small_town: Town) -> None:
    ann, other = small_town["ann"], _browser(small_town.site)
    assert _log_in(other, "ann") == 200
    wrong = ann.ask("POST", "/api/password", json={"old": "wrong", "new": NEW})
    assert wrong.status_code == 403
    short = ann.ask("POST", "/api/password", json={"old": PASSWORD, "new": "short"})
    assert short.status_code == 422
    assert "short" not in short.json()["value"]
    ann.must("POST", "/api/password", json={"old": PASSWORD, "new": NEW})
    assert (ann.client.get("/api/me").status_code, other.get("/api/me").status_code) == (401, 401)
    assert (_log_in(other, "ann"), _log_in(other, "ann", NEW)) == (401, 200)


def test_a_disabled_account_is_out_at_once(small_town: Town) -> None:
    root, ann = small_town["root"], small_town["ann"]
    root.must("POST", f"/api/accounts/{ann.id}/disable")
    assert ann.client.get("/api/me").status_code == 401
    assert _log_in(_browser(small_town.site), "ann") == 401


def test_cookies_are_hidden_from_scripts_and_bound_to_the_site(quiet_store: Store) -> None:
    settings = ServerSettings(frozenset({"reads.example.org"}), secure=True)
    site = make_site(quiet_store, settings, PasswordHasher.from_parameters(CHEAPEST))
    site.accounts.create("ann", site.hasher.hash(PASSWORD), now())
    client = _browser(site, "https://reads.example.org")
    given = {"name": "ann", "password": PASSWORD}
    cookie = client.post("/api/login", json=given).headers["set-cookie"]
    assert cookie.startswith("__Host-myeloscope=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    assert client.get("/api/health").headers["strict-transport-security"] == "max-age=31536000"


def test_health_and_pages_are_for_anyone(small_town: Town) -> None:
    client = _browser(small_town.site)
    assert client.get("/api/health").json() == {"done": True}
    for path in ("/", "/set-up"):
        page = client.get(path)
        assert (page.status_code, page.headers["content-type"][:9]) == (200, "text/html")


@pytest.mark.parametrize(
    ("host", "own"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("x.org", False)],
)
def test_loopback_is_told_from_the_rest(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_addresses_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="TLS needs a certificate and its key"):
        Address(certificate=Path("cert.pem"))
    with pytest.raises(InputError, match="a free port"):
        listen(Address(host="::1", port=70000))
    first = listen(Address(port=0))
    try:
        first.listen()
        with pytest.raises(InputError, match="a free port"):
            listen(Address(port=first.getsockname()[1]))
    finally:
        first.close()


def test_only_a_named_proxy_is_believed(small_town: Town) -> None:
    site = small_town.site
    forged = ("X-Forwarded-For: 203.0.113.9", "Content-Type: application/json")
    body = b'{"name":"ann","password":"wrong"}'
    for proxy, key in ((None, "address:127.0.0.1"), ("127.0.0.1", "address:203.0.113.9")):
        with running(site, Address(port=0, proxy=proxy)) as port:
            for _ in range(FREE_FAILURES + 1):
                raw = request(port, "POST", "/api/login", *forged, f"Content-Length: {len(body)}")
                assert send(port, raw + body).status == 401
        assert site.accounts.waits((key,), now())
        site.accounts.succeeded(("name:ann", key))
