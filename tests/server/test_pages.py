"""The workstation's files as the server sends them."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from myeloscope.server.pages import add_pages


def test_a_checkout_without_the_viewer_says_how_to_build_it(tmp_path: Path) -> None:
    app = FastAPI()
    add_pages(app, tmp_path / "none")
    client = TestClient(app)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "run scripts/setup" in answer.text
    assert client.get("/static/index.html").status_code == 404


def test_the_page_and_what_it_loads_are_sent(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>x</title>")
    (tmp_path / "assets" / "a.js").write_text("1")
    app = FastAPI()
    add_pages(app, tmp_path)
    client = TestClient(app)
    for path in ("/", "/set-up"):
        assert "<title>x</title>" in client.get(path).text
    assert client.get("/static/assets/a.js").text == "1"
