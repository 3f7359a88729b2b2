"""Hold each room to its branch coverage: ``python -m tests.house.coverage_gate coverage.json``."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FULL = frozenset({"domain", "geometry", "grading", "trial", "pathway"})
"""Rooms whose every line and branch is tested."""

ELSEWHERE = 90.0
"""Least share of lines and branches tested in any other room, percent."""


def room_of(path: str) -> str:
    """Return the room a source file belongs to; single modules are rooms of their own."""
    parts = Path(path).parts
    return Path(parts[parts.index("myeloscope") + 1]).stem


def room_coverage(report: Mapping[str, Any]) -> dict[str, float]:
    """Return the share of lines and branches tested per room, percent, from coverage's JSON."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path, entry in report["files"].items():
        summary = entry["summary"]
        total = sums[room_of(path)]
        total[0] += summary["covered_lines"] + summary["covered_branches"]
        total[1] += summary["num_statements"] + summary["num_branches"]
    return {room: 100.0 * hit / of if of else 100.0 for room, (hit, of) in sorted(sums.items())}


def shortfalls(report: Mapping[str, Any]) -> list[str]:
    """Return one line per room below its bound, with the files and lines to look at."""
    if not report["meta"]["branch_coverage"]:
        return ["branch coverage was not measured"]
    complaints = []
    for room, share in room_coverage(report).items():
        bound = 100.0 if room in FULL else ELSEWHERE
        if share < bound:
            complaints.append(f"{room}: {share:.1f} % tested, {bound:.0f} % wanted")
            complaints += _missing(report, room)
    return complaints


def _missing(report: Mapping[str, Any], room: str) -> list[str]:
    """Return the untested lines and branches of a room's files."""
    return [
        f"  {path}: lines {entry['missing_lines']}, branches {entry['missing_branches']}"
        for path, entry in report["files"].items()
        if room_of(path) == room and (entry["missing_lines"] or entry["missing_branches"])
    ]


def main(argv: Sequence[str]) -> int:
    """Print each room's share; return 1 where a room falls short."""
    report = json.loads(Path(argv[0]).read_text(encoding="utf-8"))
    for room, share in room_coverage(report).items():
        sys.stdout.write(f"{room:14s} {share:6.1f} %\n")
    complaints = shortfalls(report)
    sys.stdout.writelines(f"{line}\n" for line in complaints)
    return 1 if complaints else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
