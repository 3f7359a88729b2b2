"""The coverage gate can fail, and names the room that falls short."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.house import coverage_gate


def _report(path: str, *, hit: int, of: int, branch: bool = True) -> dict[str, Any]:
    summary = {
        "covered_lines": hit,
        "num_statements": of,
        "covered_branches": 0,
        "num_branches": 0,
    }
    entry = {"summary": summary, "missing_lines": [7] * (of - hit), "missing_branches": []}
    return {"meta": {"branch_coverage": branch}, "files": {path: entry}}


@pytest.mark.parametrize(
    ("path", "hit", "of"),
    [
        ("src/myeloscope/domain/reading.py", 999, 1000),
        ("src/myeloscope/geometry/plane.py", 99, 100),
        ("src/myeloscope/grading/scale.py", 99, 100),
        ("src/myeloscope/report/html.py", 89, 100),
        ("src/myeloscope/errors.py", 89, 100),
    ],
)
def test_a_room_below_its_bound_is_named(path: str, hit: int, of: int) -> None:
    complaints = coverage_gate.shortfalls(_report(path, hit=hit, of=of))
    assert complaints[0].startswith(coverage_gate.room_of(path))
    assert "[7" in complaints[1]


@pytest.mark.parametrize(
    ("path", "hit", "of"),
    [
        ("src/myeloscope/domain/reading.py", 10, 10),
        ("src/myeloscope/report/html.py", 90, 100),
        ("src/myeloscope/report/__init__.py", 0, 0),
    ],
)
def test_a_room_at_its_bound_passes(path: str, hit: int, of: int) -> None:
    assert coverage_gate.shortfalls(_report(path, hit=hit, of=of)) == []


def test_lines_alone_are_not_enough() -> None:
    report = _report("src/myeloscope/domain/reading.py", hit=10, of=10, branch=False)
    assert coverage_gate.shortfalls(report) == ["branch coverage was not measured"]


@pytest.mark.parametrize(("hit", "status"), [(10, 0), (1, 1)])
def test_exit_status(
    hit: int, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "coverage.json"
    file.write_text(json.dumps(_report("src/myeloscope/cli/read.py", hit=hit, of=10)))
    assert coverage_gate.main([str(file)]) == status
    assert "cli" in capsys.readouterr().out
