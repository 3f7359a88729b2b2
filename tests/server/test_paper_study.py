"""The source paper's whole study by API calls: two readers, a panel, the algorithm, lock, unblind.

Readers call what Table 1 prints. It prints levels, not grades: a called level is entered as grade
1, the least that counts as positive, and everything below is about calls.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from myeloscope import cli, phantom
from myeloscope.cli.phantom import write_phantom, write_ric
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.domain.paper import TABLE_1
from myeloscope.errors import ExitCode
from myeloscope.phantom.ric_making import make_ric
from myeloscope.phantom.ric_spec import RicRuin, RicSpec
from myeloscope.pipeline.run import Watch
from myeloscope.server.automatic import read_automatically
from myeloscope.store.folder import Store
from myeloscope.trial.state import Case, Examination, Truth
from tests.server.study import Person, Town, image
from tests.trial.study import BOTH

Levels = tuple[Region, ...]
PAPER = "/api/trials/{trial}"
# PAPER: reader 1 called 2 of 15 controls positive, reader 2 one of those two (thoracic).
CONTROL_CALLS: dict[str, tuple[Levels, Levels]] = {
    "control-1": ((Region.THORACIC,), (Region.THORACIC,)),
    "control-2": ((Region.THORACIC,), ()),
}


def _called(levels: Levels) -> dict[str, Any]:
    return {"regions": {region: {"grade": int(region in levels)} for region in Region}}


def _people_of_the_paper() -> Iterator[tuple[str, tuple[Levels, Levels, Levels | None]]]:
    """Yield each person and the calls of reader 1, reader 2 and, in patients, RIC."""
    for row in TABLE_1:
        yield f"patient-{row.patient}", (row.reader1, row.reader2, row.ric)
    for number in range(1, 16):
        one, two = CONTROL_CALLS.get(f"control-{number}", ((), ()))
        yield f"control-{number}", (one, two, None)


def _paper_cases(store: Store) -> tuple[tuple[Case, ...], dict[str, str]]:
    """Return the paper's 30 people with an image each, and who each running number is."""
    made, names = [], {}
    for number, (name, calls) in enumerate(_people_of_the_paper(), start=1):
        done = [Examination(Technique.MRM, 0, (image(store, f"MRM{number}"),))]
        if calls[2] is not None:
            done.append(Examination(Technique.RIC, 0, (image(store, f"RIC{number}"),)))
        case = Case(f"case-{number:04d}", tuple(done), Truth(name.startswith("patient")))
        names[case.id] = name
        made.append(case)
    return tuple(made), names


def _set_up(town: Town) -> str:
    root, liz = town["root"], town["liz"]
    protocol = {"techniques": list(BOTH.techniques), "scales": list(BOTH.scales)}
    given = {"title": "MRM and RIC", "leads": [liz.id], "protocol": protocol}
    trial: str = root.must("POST", "/api/trials", json=given)["id"]
    panel = [town[name].id for name in ("cat", "dan", "eve")]
    ric = Technique.RIC.value
    for reader in (
        {"id": "reader 1", "kind": "person", "users": [town["ann"].id]},
        {"id": "reader 2", "kind": "person", "users": [town["bob"].id]},
        {"id": "RIC", "kind": "panel", "users": panel, "techniques": [ric]},
    ):
        liz.must("POST", f"/api/trials/{trial}/readers", json=reader)
    return trial


def _read_all(person: Person, trial: str, calls: dict[str, dict[str, Any]]) -> None:
    """Read the whole work list: start, save, lock."""
    listed = person.must("GET", f"/api/trials/{trial}/reads?limit=500")["reads"]
    for line in listed:
        place = f"/api/trials/{trial}/reads/{line['id']}"
        person.must("POST", f"{place}/start")
        answer = calls[line["id"]]
        person.must("PUT", f"{place}/draft", json={"base": 0, "answer": answer, "active_s": 60})
        person.must("POST", f"{place}/lock", json={"base": 1})


def _panel_reads(town: Town, trial: str, calls: dict[str, dict[str, Any]]) -> None:
    """Let the panel vote on each study, agree, and lock it together."""
    members = [town[name] for name in ("cat", "dan", "eve")]
    for line in members[0].must("GET", f"/api/trials/{trial}/reads?limit=500")["reads"]:
        place = f"/api/trials/{trial}/reads/{line['id']}"
        members[0].must("POST", f"{place}/start")
        for member in members:
            member.must("POST", f"{place}/vote", json={"answer": calls[line["id"]]})
        members[1].must("PUT", f"{place}/draft", json={"base": 0, "answer": calls[line["id"]]})
        for member in members:
            member.must("POST", f"{place}/lock", json={"base": 1})


def _calls(town: Town, trial: str, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return read -> what the paper's reader says of it, from what only the log knows."""
    people = dict(_people_of_the_paper())
    index = {"reader 1": 0, "reader 2": 1, "RIC": 2}
    return {
        name: _called(people[names[own.case]][index[own.reader]] or ())
        for name, read in town.site.store.log.trial(trial).reads.items()
        for own in [read.assignment]
        if own.reader in index
    }


def _finish(town: Town, trial: str) -> None:
    liz = town["liz"]
    head = liz.must("POST", f"/api/trials/{trial}/lock", json={})["head"]
    assert town["root"].must("POST", "/api/audit/verify")["head"] == head
    liz.must("POST", f"/api/trials/{trial}/unblind")


def _analysed(town: Town, trial: str, folder: Path) -> list[dict[str, str]]:
    """Return the rows that ``analyze`` writes of the export."""
    made = town["liz"].ask("GET", f"/api/trials/{trial}/export")
    assert made.status_code == 200
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        archive.extractall(folder)
    table, out = folder / "readings.csv", folder / "out"
    assert cli.main(["analyze", str(table), "--out", str(out)]) == ExitCode.OK
    with (out / "statistics.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def _shown(town: Town, trial: str) -> list[dict[str, str]]:
    """Return the rows that the server shows, as the CSV writes cells."""
    shown = town["liz"].must("GET", f"/api/trials/{trial}/results")
    assert shown["unblinded"]
    return [{key: str(cell) for key, cell in row.items()} for row in shown["statistics"]]


def _plain(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{key: cell for key, cell in row.items() if cell != ""} for row in rows]


def _value(rows: list[dict[str, str]], **wanted: str) -> float:
    fits = [row for row in rows if all(row.get(key, "") == cell for key, cell in wanted.items())]
    assert fits, wanted
    return float(fits[0]["value"])


def test_the_papers_study_by_api_gives_the_papers_figures(town: Town, tmp_path: Path) -> None:
    trial = _set_up(town)
    made, names = _paper_cases(town.site.store)
    liz = town["liz"]
    town.site.trials.add_cases(trial, made, liz.id)
    liz.must("POST", f"/api/trials/{trial}/assign", json={"seed": 2008})
    liz.must("POST", f"/api/trials/{trial}/open")
    calls = _calls(town, trial, names)
    _read_all(town["ann"], trial, calls)
    _read_all(town["bob"], trial, calls)
    _panel_reads(town, trial, calls)
    done = {
        line["reader"]: line["locked"] for line in liz.must("GET", f"/api/trials/{trial}/progress")
    }
    assert done == {"reader 1": 30, "reader 2": 30, "RIC": 15}
    _finish(town, trial)
    rows = _analysed(town, trial, tmp_path)
    assert _plain(rows) == _shown(town, trial)
    # PAPER, "Printed results"; a call is a grade of 1 or more.
    for reader, sensitivity, specificity in (("reader 1", 0.867, 0.867), ("reader 2", 0.8, 0.933)):
        about = {"modality": "MRM", "reader": reader, "threshold": "1", "level": ""}
        assert _value(rows, statistic="sensitivity", **about) == pytest.approx(
            sensitivity, abs=5e-4
        )
        assert _value(rows, statistic="specificity", **about) == pytest.approx(
            specificity, abs=5e-4
        )
    ric = {"modality": "RIC", "reader": "RIC", "threshold": "1", "level": ""}
    assert _value(rows, statistic="sensitivity", **ric) == pytest.approx(0.933, abs=5e-4)
    kappas = [
        float(row["value"])
        for row in rows
        if row["statistic"] == "cohen_kappa" and row["threshold"] == "1" and not row["level"]
        if row["modality"] == "MRM" and not row["modality_2"]
    ]
    assert any(kappa == pytest.approx(0.867, abs=5e-4) for kappa in kappas), kappas


def _upload(folder: Path, seeds: tuple[int, ...]) -> tuple[bytes, bytes]:
    """Return phantoms as a zip, and their list of cases."""
    rows, packed = ["study_uid,case,truth,level_truth_C,level_truth_T,level_truth_L"], io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for seed in seeds:
            made = phantom.make(phantom.demo_spec(seed))
            write_phantom(made, f"one-{seed}", folder / str(seed))
            nuclear = make_ric(RicSpec(phantom.demo_spec(seed), ruin=RicRuin.NONE))
            write_ric(nuclear, f"one-{seed}", folder / str(seed) / "ric")
            for path in sorted((folder / str(seed)).rglob("*.dcm")):
                archive.write(path, f"{seed}/{path.name}")
            rows += [f"{uid},one-{seed},1,0,1,1" for uid in (made.study.uid, nuclear.study.uid)]
    return packed.getvalue(), ("\n".join(rows) + "\n").encode()


def _check_first_frame(person: Person, place: str) -> None:
    """See that the frame of a reader's first image has the size that its metadata says."""
    shown = person.must("GET", f"{place}/reads")["reads"][0]
    read = person.must("GET", f"{place}/reads/{shown['id']}")
    study = f"{place}/reads/{shown['id']}/studies/{read['study']['uid']}"
    first = person.must("GET", f"{study}/metadata")[0]
    series, instance = (first[tag]["Value"][0] for tag in ("0020000E", "00080018"))
    frame = person.ask("GET", f"{study}/series/{series}/instances/{instance}/frames/1")
    size = first["00280010"]["Value"][0] * first["00280011"]["Value"][0]
    assert len(frame.content) == 2 * size


def test_uploaded_studies_are_read_by_people_and_the_algorithm(
    small_town: Town, tmp_path: Path
) -> None:
    town = small_town
    liz = town["liz"]
    trial = _set_up(town)
    place = f"/api/trials/{trial}"
    machine = {"id": "myeloscope", "kind": ReaderKind.ALGORITHM, "users": []}
    liz.must("POST", f"{place}/readers", json={**machine, "techniques": list(Technique)})
    images, listed = _upload(tmp_path, (8, 9))
    files = {"images": ("s.zip", images), "cases": ("cases.csv", listed)}
    page = liz.must("POST", f"{place}/cases", files=files)
    assert (page["total"], [case["examinations"] for case in page["cases"]]) == (2, [2, 2])
    liz.must("POST", f"{place}/assign", json={"seed": 1})
    liz.must("POST", f"{place}/open")
    site = town.site
    assert len(list(read_automatically(site.store, site.trials, trial, Watch()))) == 4
    _check_first_frame(town["ann"], place)
    calls = dict.fromkeys(
        site.store.log.trial(trial).reads, _called((Region.THORACIC, Region.LUMBAR))
    )
    for name in ("ann", "bob"):
        _read_all(town[name], trial, calls)
    _panel_reads(town, trial, calls)
    _finish(town, trial)
    rows = _analysed(town, trial, tmp_path)
    assert _plain(rows) == _shown(town, trial)
    for modality in ("MRM", "RIC"):
        by_machine = {"modality": modality, "reader": "myeloscope", "threshold": "1", "level": ""}
        assert _value(rows, statistic="sensitivity", **by_machine) == 1.0
    written = [path for path in (tmp_path / "readings").glob("*.json") if "votes" not in path.name]
    readings = [json.loads(path.read_text()) for path in written]
    kinds = sorted(reading["reader"]["kind"] for reading in readings)
    assert kinds == ["algorithm"] * 4 + ["panel"] * 2 + ["person"] * 4
    text = "".join(path.read_text() for path in (tmp_path / "readings").glob("*.json"))
    assert "one-8" not in text
    assert "PHANTOM" not in text
