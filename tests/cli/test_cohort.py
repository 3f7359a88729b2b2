"""``myeloscope cohort`` as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from benchmarks.cohort_data import copies, originals
from myeloscope.cli import main as program
from myeloscope.cli.cohort import main
from myeloscope.errors import ExitCode, UsageError


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of four studies, one of them damaged, and a file of another kind."""
    folder = tmp_path_factory.mktemp("studies")
    made = originals(tmp_path_factory.mktemp("originals"), 2, 9200)
    places = list(copies(made, 4, folder))
    for file in places[3].glob("*.dcm"):
        file.write_bytes(file.read_bytes()[:-200_000])
    (folder / "notes.txt").write_text("hello")
    return folder


@pytest.fixture(scope="module")
def out(studies: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a cohort that was read."""
    folder = tmp_path_factory.mktemp("cohort") / "out"
    assert main([str(studies), "--out", str(folder), "--only", "json", "--workers", "1"]) == 0
    return folder


def test_a_plan_says_what_would_be_read_and_reads_nothing(
    studies: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(studies), "--out", str(tmp_path / "out"), "--only", "json", "--workers", "2"]
    assert main([*arguments, "--plan"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("found: 4 studies, ")
    assert "passed over: 1 files: a file must be DICOM" in lines[1]
    assert lines[2] == "to read: 4"
    assert "with 2 at a time; disk: about" in lines[3]
    assert not (tmp_path / "out" / "studies").exists()


def test_each_study_has_its_folder_and_the_damaged_one_its_reason(out: Path) -> None:
    regions = pl.read_csv(out / "regions.csv")
    uids = regions["study_uid"].unique(maintain_order=True).to_list()
    assert uids == sorted(uids)
    assert len(uids) == 3
    for uid in uids:
        assert sorted(file.name for file in (out / "studies" / uid).iterdir()) == ["reading.json"]
        reading = json.loads((out / "studies" / uid / "reading.json").read_bytes())
        told = regions.filter(study_uid=uid).select("region", "grade").rows()
        assert told == [(name, r["grade"]) for name, r in reading["regions"].items()]
    (failure,) = pl.read_csv(out / "failures.csv").rows()
    assert failure[1] == "unreadable"
    assert "found" in failure[3]
    assert "3 of 4 studies read; unreadable: 1." in (out / "index.html").read_text()


def test_a_second_start_reads_nothing_and_verifies_what_is_there(
    studies: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (out / "manifest.jsonl").read_bytes()
    arguments = [str(studies), "--out", str(out), "--only", "json", "--workers", "1"]
    assert main([*arguments, "--verify", "2"]) == 0
    told = capsys.readouterr().out
    assert "3 of 4 studies read" in told
    assert "verified: 2 of 2 are the same" in told
    assert (out / "manifest.jsonl").read_bytes() == before
    assert not list(out.glob(".verify-*"))


def test_a_reading_that_was_tampered_with_is_found(
    studies: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = next((out / "studies").rglob("reading.json"))
    held = file.read_bytes()
    file.write_bytes(held.replace(b'"score": 0.', b'"score": 1.', 1))
    arguments = [str(studies), "--out", str(out), "--only", "json", "--workers", "1"]
    try:
        assert main([*arguments, "--verify", "9"]) == ExitCode.INTERNAL
    finally:
        file.write_bytes(held)
    assert file.parent.name in capsys.readouterr().err


def test_truth_and_people_s_reads_give_statistics(studies: Path, out: Path, tmp_path: Path) -> None:
    uids = pl.read_csv(out / "regions.csv")["study_uid"].unique(maintain_order=True).to_list()
    cases = tmp_path / "cases.csv"
    cases.write_text(
        "study_uid,case,truth\n" + "".join(f"{u},c{i},{i % 2}\n" for i, u in enumerate(uids[:2]))
    )
    reads = tmp_path / "reads.csv"
    rows = [
        f"c{case},{case},MRM,anna,{grade},{level},"
        for case, grade in ((0, 0), (1, 2))
        for level in "CTL"
    ]
    reads.write_text("\n".join(["case,truth,modality,reader,grade,level,level_truth", *rows]))
    arguments = [str(studies), "--out", str(out), "--only", "json", "--workers", "1"]
    assert main([*arguments, "--cases", str(cases), "--reads", str(reads)]) == 0
    table = pl.read_csv(out / "analysis" / "statistics.csv", infer_schema=False)
    assert set(table["reader"].drop_nulls()) >= {"anna", "myeloscope"}
    page = (out / "index.html").read_text()
    assert 'href="analysis/report.html"' in page
    assert (out / "analysis" / "report.html").is_file()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--workers", "2", "--scheduler", "tls://x:1"], "--workers beside --scheduler"),
        (["--scheduler", "tcp://10.1.1.1:1"], "reached by tls"),
        (["--memory", "10"], "512 MiB"),
        (["--reads", "x.csv"], "--reads without --cases"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    options: list[str], what: str, studies: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        main([str(studies), "--out", str(tmp_path / "out"), *options])
    assert what in str(caught.value)


@pytest.mark.parametrize("count", ["0", "-1", "two"])
def test_a_number_of_workers_is_one_or_more(count: str, tmp_path: Path) -> None:
    assert program(["cohort", "x", "--out", str(tmp_path), "--workers", count]) == ExitCode.USAGE


def test_a_source_without_studies_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("hello")
    code = program(["cohort", str(tmp_path / "in"), "--out", str(tmp_path / "out")])
    assert code == ExitCode.INPUT
    err = capsys.readouterr().err
    assert "holds at least one study" in err
    assert "notes.txt" in err


def test_dask_is_loaded_only_for_more_than_one_worker() -> None:
    program = (
        "import sys; from myeloscope.cli.cohort import parser; parser(); "
        "import myeloscope.cli.cohort_work; "
        "print([m for m in ('dask', 'distributed') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n"
