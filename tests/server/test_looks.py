"""A second look over the API: open, judge, report; for its owner alone, never for blinded eyes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread

from myeloscope import phantom
from myeloscope.cli.phantom import write_phantom
from myeloscope.store.folder import open_store
from myeloscope.store.looks import LOOKS, Looks
from myeloscope.trial.protocol import Protocol
from tests.dicom.validators import call, iod_errors
from tests.leaks import three_leaks
from tests.server.study import Town, settle

DAY_AFTER = "2999-01-01T00:00:00.000000+00:00"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the zip of a simulated study: leaks at T2, T6 and L1, and a cyst."""
    folder = tmp_path_factory.mktemp("phantom") / "one"
    write_phantom(phantom.make(three_leaks()), "one", folder)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path in sorted(folder.glob("*.dcm")):
            archive.write(path, path.name)
    return made.getvalue()


@pytest.fixture(scope="module")
def looking(
    images: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Town, dict[str, Any]]]:
    """Give a town in which liz has a study open for a second look."""
    store = open_store(tmp_path_factory.mktemp("looks") / "data")
    town = settle(store)
    yield town, town["liz"].must("POST", "/api/looks", files=_files(images))
    store.close()


def _files(content: bytes) -> dict[str, tuple[str, bytes]]:
    return {"images": ("images.zip", content)}


def _judged(look: dict[str, Any], *words: str) -> list[dict[str, Any]]:
    """Return judgements of the evidence in its order; a changed one moves to the other side."""
    made = []
    for each, word in zip(look["evidence"], words, strict=False):
        moved = {**each["mark"], "side": "right"} if word == "changed" else None
        made.append({"finding": each["finding"], "judgement": word, "mark": moved})
    return made


def _grades(look: dict[str, Any]) -> dict[str, int | None]:
    return {each["region"]: each["grade"] for each in look["regions"]}


def test_the_automatic_reading_is_shown_with_its_evidence(
    looking: tuple[Town, dict[str, Any]],
) -> None:
    town, look = looking
    first = look["evidence"][0]
    assert [each["mark"]["kind"] for each in look["evidence"]] == [
        *["leak"] * 3,
        "perineurial-cyst",
    ]
    assert len(look["left"]) == 4
    assert "sac's width" in first["rule"]
    rows = [row for row, _ in first["outline"]]
    assert min(rows) < first["mark"]["row"] < max(rows)
    place = f"/api/looks/{look['id']}"
    study = look["study"]["uid"]
    shown = town["liz"].must("GET", f"{place}/studies/{study}/metadata")
    assert len(shown) == look["study"]["images"] == 2
    assert all("00100010" not in each for each in shown)
    uids = "/series/{}/instances/{}/frames/1".format(
        *(shown[0][tag]["Value"][0] for tag in ("0020000E", "00080018"))
    )
    frame = town["liz"].ask("GET", f"{place}/studies/{study}{uids}")
    size = shown[0]["00280010"]["Value"][0] * shown[0]["00280011"]["Value"][0]
    assert len(frame.content) == 2 * size
    for wrong in (
        f"{place}/studies/1.2/metadata",
        f"{place}/studies/{study}/series/1/instances/1/frames/1",
    ):
        assert town["liz"].ask("GET", wrong).status_code == 404
    # a myelogram's sac is by far its brightest part
    assert look["sac_median"] > shown[0]["00281050"]["Value"][0]


def test_what_is_said_of_findings_becomes_a_report(
    looking: tuple[Town, dict[str, Any]], tmp_path: Path
) -> None:
    town, look = looking
    liz, place = town["liz"], f"/api/looks/{look['id']}"
    some = {"findings": _judged(look, "accepted", "changed", "rejected")}
    saved = liz.must("PUT", place, json=some)
    assert len(saved["left"]) == 1
    assert _grades(saved) == {"cervical": 0, "thoracic": 3, "lumbar": 0}
    refused = liz.ask("GET", f"{place}/report")
    assert (refused.status_code, refused.json()["value"]) == (409, "1 left")
    whole = {
        "findings": _judged(look, "accepted", "changed", "rejected", "accepted"),
        "added": [{"kind": "leak", "region": "cervical", "side": "left", "segment": "C6",
                   "grade": 1, "image": 0, "row": 100.0, "column": 250.0}],
        "regions": {"lumbar": {"grade": 1, "confidence": 40}},
        "comment": "seen with the axial images",
    }  # fmt: skip
    saved = liz.must("PUT", place, json=whole)
    assert saved["left"] == []
    assert _grades(saved) == {"cervical": 1, "thoracic": 3, "lumbar": 1}
    assert liz.must("GET", place) == saved
    assert liz.must("GET", "/api/looks")[0]["left"] == 0
    answer = liz.ask("GET", f"{place}/report")
    assert answer.headers["content-type"] == "application/dicom"
    path = tmp_path / "sr.dcm"
    path.write_bytes(answer.content)
    assert iod_errors(path) == []
    said = call("dsrdump", "+Pl", path)
    assert said.returncode == 0, said.stdout
    for text in (
        "Reader^liz",
        "second-look; automatic findings by a person: 2 accepted, 1 changed, 1 rejected, 1 added",
        "seen with the axial images",
        "leak C6 left",
    ):
        assert text in said.stdout, text
    made = dcmread(path)
    assert made.StudyInstanceUID == look["study_uid"]
    names = _tracking(made)
    assert names == {"case", "cervical", "thoracic", "lumbar", "leak T6 left", "leak T2 right",
                     "perineurial-cyst T9 right", "leak C6 left"}  # fmt: skip


def _tracking(made: Dataset) -> set[str]:
    """Return the names of all measurement groups."""
    found = set()
    for item in made.ContentSequence:
        for inner in item.get("ContentSequence", ()):
            for each in inner.get("ContentSequence", ()):
                if each.ConceptNameCodeSequence[0].CodeMeaning == "Tracking Identifier":
                    found.add(each.TextValue)
    return found


def test_a_look_is_its_owners(looking: tuple[Town, dict[str, Any]]) -> None:
    town, look = looking
    place = f"/api/looks/{look['id']}"
    for method, path in (("GET", place), ("DELETE", place), ("GET", f"{place}/report")):
        assert town["ann"].ask(method, path).status_code == 404
    assert town["ann"].must("GET", "/api/looks") == []
    strange = {"findings": [{"finding": "1.2.3", "judgement": "accepted"}]}
    refused = town["liz"].ask("PUT", place, json=strange)
    assert refused.status_code == 422
    assert "one of the reading's findings" in refused.json()["rule"]


def test_what_is_no_study_is_refused(looking: tuple[Town, dict[str, Any]]) -> None:
    town, _ = looking
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("a.txt", "nothing")
    for content in (b"nothing", empty.getvalue()):
        answer = town["ann"].ask("POST", "/api/looks", files=_files(content))
        assert answer.status_code == 422, answer.text
    assert list(_looks(town).of(town["ann"].id)) == []


def _looks(town: Town) -> Looks:
    return Looks(town.site.store.folder / LOOKS)


def test_who_reads_a_study_blinded_gets_no_second_look_at_it(images: bytes, tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    town = settle(store)
    with zipfile.ZipFile(io.BytesIO(images)) as archive:
        uid = dcmread(io.BytesIO(archive.read(archive.namelist()[0]))).StudyInstanceUID
    town.site.trials.create("t2", "One phantom", Protocol(), (town["liz"].id,), town["root"].id)
    listed = f"study_uid,case,truth\n{uid},one,1\n".encode()
    files = {**_files(images), "cases": ("cases.csv", listed)}
    town["liz"].must("POST", "/api/trials/t2/cases", files=files)
    reader = {"id": "reader 1", "kind": "person", "users": [town["ann"].id]}
    town["liz"].must("POST", "/api/trials/t2/readers", json=reader)
    refused = town["ann"].ask("POST", "/api/looks", files=_files(images))
    assert (refused.status_code, "blinded" in refused.text) == (403, True)
    assert list(_looks(town).of(town["ann"].id)) == []
    store.close()


def test_looks_go_when_closed_or_a_day_old(looking: tuple[Town, dict[str, Any]]) -> None:
    town, look = looking
    looks, bob = _looks(town), town["bob"].id
    name = looks.new(bob, town.site.clock())
    assert town["bob"].must("GET", "/api/looks") == []
    assert town["bob"].ask("GET", f"/api/looks/{name}").status_code == 404
    place = looks.place(bob, name)
    for each in ("looked.json", "images.zip"):
        (place / each).write_bytes((looks.place(town["liz"].id, look["id"]) / each).read_bytes())
    town["bob"].must("GET", f"/api/looks/{name}")
    town["bob"].must("DELETE", f"/api/looks/{name}")
    assert not place.exists()
    for _ in range(20):
        looks.new(bob, town.site.clock())
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a", "b")
    full = town["bob"].ask("POST", "/api/looks", files=_files(made.getvalue()))
    assert full.status_code == 409
    looks.sweep(DAY_AFTER)
    assert list(looks.of(bob)) == []
