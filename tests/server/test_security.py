"""One test for each way in that an attacker would try; all are refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from myeloscope.errors import UsageError
from myeloscope.server.app import make_app
from myeloscope.server.guard import NO_STORE
from myeloscope.server.permissions import RULES
from myeloscope.server.run import Address
from myeloscope.server.site import make_site
from myeloscope.store.folder import open_store
from tests.server.live import request, running, send
from tests.server.study import BASE, PASSWORD, Person, Town, first_read, opened_trial
from tests.server.test_permissions import BODIES


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Give the port of a real socket with a site behind it, for what changes nothing."""
    store = open_store(tmp_path_factory.mktemp("live") / "data")
    with running(make_site(store)) as found:
        yield found
    store.close()


def _image(person: Person, read: str) -> dict[str, str]:
    """Return the UIDs of a read's first image."""
    study: str = person.must("GET", read)["study"]["uid"]
    first = person.must("GET", f"{read}/studies/{study}/metadata")[0]
    return {
        "study": study,
        "series": first["0020000E"]["Value"][0],
        "instance": first["00080018"]["Value"][0],
    }


def _body(name: str) -> dict[str, Any]:
    return {"json": BODIES[name]} if name in BODIES else {}


def test_idor_nobody_reaches_anothers_read_image_or_session(small_town: Town) -> None:
    town = small_town
    _, read = opened_trial(town)
    known = {"trial": "t1", "read": read.rpartition("/")[2], **_image(town["ann"], read)}
    for name in ("bob", "cat", "liz", "root", "stranger"):
        before = town.site.store.log.head()
        for rule in (rule for rule in RULES.values() if "{read}" in rule.path):
            answers = [
                town[name].ask(rule.method, rule.path.format(**ids), **_body(rule.name))
                for ids in (known, {**known, "read": "0" * 32})
            ]
            assert [each.status_code for each in answers] == [403, 403], (name, rule.name)
            assert answers[0].json() == answers[1].json(), "as if the read did not exist"
        assert town.site.store.log.head() == before
    own = first_read(town["bob"], "/api/trials/t1")
    mixed = f"/api/trials/t1/reads/{own}/studies/{known['study']}/metadata"
    assert town["bob"].ask("GET", mixed).status_code == 404
    session = town["ann"].must("GET", "/api/sessions")[0]["id"]
    assert town["bob"].ask("DELETE", f"/api/sessions/{session}").status_code == 404
    assert town["ann"].client.get("/api/me").status_code == 200


def test_csrf_a_change_needs_the_sessions_word_and_our_own_origin(small_town: Town) -> None:
    town = small_town
    opened_trial(town)
    some = dict.fromkeys(("read", "session", "look"), "0" * 32)
    ids = {**some, "trial": "t1", "account": town["bob"].id}
    before = town.site.store.log.head()
    for rule in (rule for rule in RULES.values() if rule.changes):
        path, root = rule.path.format(**ids), town["root"]
        foreign: tuple[dict[str, str], ...] = (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:81"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        )
        for headers in foreign:
            refused = root.ask(rule.method, path, headers=headers, **_body(rule.name))
            assert refused.status_code == 403, (rule.name, headers)
            assert "own pages" in refused.json()["rule"]
        if rule.name in ("log_in", "set_up"):
            continue
        for word in ("", town["liz"].csrf, root.csrf[:-1], root.csrf + "x"):
            refused = root.ask(
                rule.method, path, headers={"X-CSRF-Token": word}, **_body(rule.name)
            )
            assert refused.status_code == 403, (rule.name, word)
            assert "session's word" in refused.json()["rule"]
    assert town.site.store.log.head() == before


def test_csrf_a_form_of_another_site_cannot_log_in(small_town: Town) -> None:
    client = TestClient(make_app(small_town.site), base_url=BASE)
    text = json.dumps({"name": "ann", "password": PASSWORD})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        sent = client.post("/api/login", content=text, headers={"Content-Type": kind})
        assert sent.status_code == 422, kind
    assert "set-cookie" not in sent.headers


TRAVERSALS = (
    "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/..%5capp.py",
    "/static//etc/passwd", "/static/%00", "/../../keys/audit.key", "/static/....//app.py",
    "/api/trials/..%2f..%2fkeys", "/api/trials/t1/reads/..%2f..%2f..%2faccounts",
    "/api/trials/t1/reads/%2e%2e/cases", "//etc/passwd", "/static/%252e%252e/app.py",
)  # fmt: skip


@pytest.mark.parametrize("target", TRAVERSALS)
def test_traversal_no_path_leaves_the_pages(port: int, target: str) -> None:
    found = send(port, request(port, "GET", target))
    assert found.status in (400, 401, 403, 404), (target, found.body[:200])
    assert b"import" not in found.body
    assert b"root:" not in found.body


def test_session_fixation_a_login_never_keeps_the_cookie_it_came_with(small_town: Town) -> None:
    site = small_town.site
    client = TestClient(make_app(site), base_url=BASE)
    client.cookies.set(site.settings.cookie, "chosen-by-the-attacker")
    logged = client.post("/api/login", json={"name": "ann", "password": PASSWORD})
    assert logged.status_code == 200
    first = logged.cookies[site.settings.cookie]
    assert first != "chosen-by-the-attacker"
    client.cookies.clear()
    client.cookies.set(site.settings.cookie, first)
    again = client.post("/api/login", json={"name": "ann", "password": PASSWORD})
    assert again.cookies[site.settings.cookie] != first
    attacker = TestClient(make_app(site), base_url=BASE)
    attacker.cookies.set(site.settings.cookie, "chosen-by-the-attacker")
    assert attacker.get("/api/me").status_code == 401


REDIRECTS = (
    "//evil.example/", "//evil.example/%2e%2e", "/\\evil.example", "/static//evil.example/..",
    "/api/health/", "/set-up/", "/?next=https://evil.example", "/set-up?next=//evil.example",
    "/api/me/?return=https://evil.example", "/https://evil.example/", "/static",
)  # fmt: skip


@pytest.mark.parametrize("target", REDIRECTS)
def test_open_redirect_no_answer_leads_elsewhere(port: int, target: str) -> None:
    found = send(port, request(port, "GET", target))
    assert found.header("location") is None
    assert found.header("refresh") is None
    assert found.status not in range(300, 400)


def test_header_injection_nothing_sent_becomes_a_header(small_town: Town, port: int) -> None:
    sly = "x%0d%0aSet-Cookie:%20sly=1%0d%0a%0d%0a<html>"
    targets = (f"/{sly}", f"/static/{sly}", f"/api/trials/{sly}", f"/api/audit?after={sly}")
    for target in targets:
        found = send(port, request(port, "GET", target))
        assert found.header("set-cookie") is None
    for raw in (
        request(port, "GET", "/api/health", "X-A: b\r\n\tSet-Cookie: sly=1"),
        request(port, "GET", "/api/health", "X-A: b\nHost: evil.example"),
        request(port, "GET", "/api/health", "Content-Length: 3", "Transfer-Encoding: chunked"),
        request(port, "GET", "/api/health", "Host: evil.example"),
    ):
        found = send(port, raw)
        assert found.header("set-cookie") is None
        assert found.status in (200, 400), found.body
    liz, title = small_town["liz"], "A\r\nSet-Cookie: sly=1\r\n\r\n<html>"
    place, _ = opened_trial(small_town)
    given = {"title": title, "leads": [liz.id]}
    small_town["root"].must("POST", "/api/trials", json=given)
    liz.must("POST", f"{place}/lock", json={"reason": title})
    liz.must("POST", f"{place}/unblind")
    exported = liz.ask("GET", f"{place}/export")
    assert exported.headers["content-disposition"] == 'attachment; filename="trial.zip"'
    assert "set-cookie" not in exported.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example#127.0.0.1", "", "127.0.0.2"]
)
def test_dns_rebinding_another_name_is_no_name_of_ours(port: int, host: str) -> None:
    for target in ("/", "/api/health", "/openapi.json", "/static/page.css", "/api/me"):
        found = send(port, request(port, "GET", target, host=host))
        assert found.status == 400, (host, target)
    without = f"GET /api/health HTTP/1.0\r\nX-Forwarded-Host: 127.0.0.1:{port}\r\n\r\n"
    assert send(port, without.encode()).status == 400


def test_dns_rebinding_our_own_names_are_answered(port: int) -> None:
    for host in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        assert send(port, request(port, "GET", "/api/health", host=host)).status == 200
    absolute = send(port, request(port, "GET", "http://evil.example/api/health"))
    assert absolute.status in (200, 404), "the Host header decides, not the target"


def test_every_answer_about_a_patient_is_kept_nowhere(small_town: Town, port: int) -> None:
    _, read = opened_trial(small_town)
    image = _image(small_town["ann"], read)
    study = f"{read}/studies/{image['study']}"
    frame = f"{study}/series/{image['series']}/instances/{image['instance']}/frames/1"
    for path in (read, f"{study}/metadata", frame, "/api/trials", "/"):
        headers = small_town["ann"].ask("GET", path).headers
        assert headers["cache-control"] == NO_STORE, path
        assert "etag" not in headers
        assert "last-modified" not in headers
    told = send(port, request(port, "GET", "/api/health"))
    assert told.header("server") is None


def test_sniffing_tls_is_needed_off_this_machine() -> None:
    with pytest.raises(UsageError, match="over TLS only"):
        Address(host="0.0.0.0")
