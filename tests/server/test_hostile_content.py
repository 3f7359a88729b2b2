"""Hostile texts, uploads and guesses: kept as text, refused, or leading nowhere."""

from __future__ import annotations

import csv
import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeAlias

import httpx2
import pytest

from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.server.pages import STATIC
from myeloscope.server.site import MOST_BODY, ServerSettings
from myeloscope.store.folder import Store
from myeloscope.trial.protocol import Order, Reader
from tests.server.study import Person, Town, answer, cases, opened_trial, settle
from tests.trial.study import BOTH

_Any: TypeAlias = Any  # JSON
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"
FORMULAS = ('=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")


class _Scripts(HTMLParser):
    """Collects what a strict CSP forbids: inline scripts, handlers and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self._within = tag if tag in ("script", "style") else None
        self.found += [name for name in names if name.startswith("on") or name == "style"]
        self.found += [str(v) for v in names.values() if str(v).startswith("javascript:")]

    def handle_endtag(self, tag: str) -> None:
        self._within = None

    def handle_data(self, data: str) -> None:
        if self._within is not None and data.strip():
            self.found.append(data)


def _directives(policy: str) -> dict[str, list[str]]:
    parts = (part.split() for part in policy.split(";"))
    return {name: sources for name, *sources in parts}


def _no_script(answered: httpx2.Response) -> None:
    """Hold an answer against what keeps a browser from running what stands in it."""
    policy = _directives(answered.headers["content-security-policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert "unsafe" not in str(policy)
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["content-type"].split(";")[0] != "text/html"


def test_stored_xss_no_text_field_becomes_a_page(small_town: Town) -> None:
    town = small_town
    liz, ann = town["liz"], town["ann"]
    refused = [
        town["root"].ask("POST", "/api/accounts", json={"name": SCRIPT[:30]}),
        town["root"].ask("POST", "/api/login", json={"name": SCRIPT, "password": "x"}),
        liz.ask("GET", f"/api/trials/{SCRIPT}"),
    ]
    trial = town["root"].must(
        "POST", "/api/trials", json={"title": SCRIPT, "leads": [liz.id], "protocol": {}}
    )["id"]
    place = f"/api/trials/{trial}"
    reader = {"id": SCRIPT, "kind": "person", "users": [ann.id]}
    refused.append(liz.ask("POST", f"{place}/readers", json=reader))
    for each in refused:
        assert each.status_code in (401, 403, 404, 409, 422), each.text
        _no_script(each)
    _, read = opened_trial(town)
    given = answer(1, SCRIPT)
    given["regions"]["lumbar"] = {"reason": SCRIPT}
    ann.must("POST", f"{read}/start")
    ann.must("PUT", f"{read}/draft", json={"base": 0, "answer": given})
    ann.must("POST", f"{read}/lock", json={"base": 1})
    ann.must("POST", f"{read}/amend", json={"reason": SCRIPT})
    ann.must("PUT", f"{read}/draft", json={"base": 1, "answer": given})
    ann.must("POST", f"{read}/lock", json={"base": 2})
    liz.must("POST", "/api/trials/t1/lock", json={"reason": SCRIPT})
    liz.must("POST", "/api/trials/t1/unblind")
    stored = ann.ask("GET", read)
    assert json.loads(stored.text)["draft"]["comment"] == SCRIPT
    for path in ("/api/trials", "/api/trials/t1", "/api/trials/t1/table", "/api/trials/t1/export"):
        _no_script(liz.ask("GET", path))
    _no_script(stored)
    _no_script(town["root"].ask("GET", "/api/audit?limit=1000"))


@pytest.mark.parametrize("page", sorted(STATIC.glob("**/*.html")), ids=lambda path: path.name)
def test_stored_xss_our_pages_hold_no_inline_script_and_write_no_markup(page: Path) -> None:
    seen = _Scripts()
    seen.feed(page.read_text(encoding="utf-8"))
    assert seen.found == []
    for script in STATIC.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert sink not in text, script.name


def test_traversal_no_member_of_a_zip_leaves_its_folder(small_town: Town, tmp_path: Path) -> None:
    place, made = _draft(small_town), io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("../../evil.dcm", "/tmp/evil.dcm", "..\\..\\evil.dcm", "a/../../../evil.dcm"):
            archive.writestr(name, b"\0" * 128 + b"DICM")
    answered = _upload(small_town, place, made.getvalue())
    assert answered.status_code == 422, answered.text
    assert not list(tmp_path.rglob("*evil*"))
    assert not Path("/tmp/evil.dcm").exists()


def _draft(town: Town) -> str:
    given = {"title": "Uploads", "leads": [town["liz"].id]}
    return f"/api/trials/{town['root'].must('POST', '/api/trials', json=given)['id']}"


def _upload(town: Town, place: str, content: bytes, listed: bytes | None = None) -> httpx2.Response:
    rows = listed or b"study_uid,case,truth\n1.2.3,one,1\n"
    files = {"images": ("images.zip", content), "cases": ("cases.csv", rows)}
    return town["liz"].ask("POST", f"{place}/cases", files=files)


def test_zip_bombs_end_as_a_refusal(small_town: Town) -> None:
    place, made = _draft(small_town), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(3):
            archive.writestr(f"{number}.dcm", b"\0" * (100 << 20))
    bomb = made.getvalue()
    assert len(bomb) < 2 << 20
    flat = _upload(small_town, place, bomb)
    assert (flat.status_code, "250 to 1" in flat.text) == (422, True), flat.text
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("bomb.zip", bomb)
    assert _upload(small_town, place, nested.getvalue()).status_code == 422
    listed = b"study_uid,case,truth\n" + b"1.2.3,one,1\n" * 200_000
    assert _upload(small_town, place, bomb, listed).status_code == 422
    assert small_town["liz"].must("GET", f"{place}/cases")["total"] == 0
    assert not list(small_town.site.store.folder.glob("upload-*"))


def test_large_bodies_end_at_their_limit_whatever_they_claim(quiet_store: Store) -> None:
    most = 2 << 20
    town = settle(quiet_store, ServerSettings(most_upload=most))
    place = _draft(town)
    told = _upload(town, place, b"\0" * (most + 1))
    assert told.status_code == 413
    long = town["ann"].ask("POST", "/api/login", content=b" " * (MOST_BODY + 1))
    assert long.status_code == 413
    false = town["ann"].ask("POST", "/api/login", content=b"{}", headers={"Content-Length": "x"})
    assert false.status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 65536

    streamed = town["ann"].ask("POST", "/api/login", content=endless())
    assert (streamed.status_code, "at most" in streamed.json()["rule"]) == (413, True)


def test_csv_formulas_in_an_export_are_text(small_town: Town) -> None:
    town = small_town
    place, _ = opened_trial(town)
    ann, liz = town["ann"], town["liz"]
    reads = ann.must("GET", f"{place}/reads")["reads"]
    for line, formula in zip(reads, FORMULAS, strict=False):
        read = f"{place}/reads/{line['id']}"
        ann.must("POST", f"{read}/start")
        given = {"base": 0, "answer": answer(0, formula)}
        ann.must("PUT", f"{read}/draft", json=given)
        ann.must("POST", f"{read}/lock", json={"base": 1})
    liz.must("POST", f"{place}/lock", json={"reason": "enough"})
    liz.must("POST", f"{place}/unblind")
    exported = liz.ask("GET", f"{place}/export").content
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        tables = [archive.read(name).decode() for name in archive.namelist() if ".csv" in name]
    cells = [cell for table in tables for row in csv.reader(io.StringIO(table)) for cell in row]
    assert sum(cell.lstrip("'") in FORMULAS for cell in cells) >= min(len(reads), 3)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def _leaves(record: _Any) -> Iterator[str]:
    if isinstance(record, dict):
        for value in record.values():
            yield from _leaves(value)
    elif isinstance(record, list):
        for value in record:
            yield from _leaves(value)
    else:
        yield str(record)


def _said(person: Person, place: str, read: str) -> set[str]:
    """Return every telling word that the server says of a read and its images."""
    record = person.must("GET", f"{place}/reads/{read}")
    study = f"{place}/reads/{read}/studies/{record['study']['uid']}/metadata"
    metadata = person.ask("GET", study)
    words = {read, *_leaves(record), *_leaves(metadata.json()), *metadata.headers.values()}
    return {word for word in words if len(word) > 8}


def test_linking_nothing_shows_that_reads_are_of_one_person(small_town: Town) -> None:
    """MRM, RIC and repeats of a case share nothing that other cases do not share too."""
    town, trials, liz = small_town, small_town.site.trials, small_town["liz"].id
    protocol = replace(BOTH, order=Order.FREE_IN_BLOCK, block_size=1000, repeats=2)
    trials.create("t1", "A study", protocol, (liz,), liz)
    reads_both = Reader("r", ReaderKind.PERSON, (town["ann"].id,), tuple(Technique))
    trials.add_reader("t1", reads_both, liz)
    trials.add_cases("t1", cases(town.site.store, 3), liz)
    trials.assign("t1", 7, liz)
    state = trials.open("t1", liz)
    said = {name: _said(town["ann"], "/api/trials/t1", name) for name in state.reads}
    case_of = {name: read.assignment.case for name, read in state.reads.items()}
    for one, other in itertools.combinations(said, 2):
        elsewhere = {w for name, ws in said.items() for w in ws if case_of[name] != case_of[one]}
        if case_of[one] == case_of[other]:
            assert said[one] & said[other] <= elsewhere, (one, other)
    everything = " ".join(word for words in said.values() for word in words)
    for case in state.cases.values():
        assert case.id not in everything
        for technique in Technique:
            image = case.images(technique, 0)[0]
            for secret in (image.study_uid, image.series_uid, image.sop_uid, image.sha256):
                assert secret not in everything
