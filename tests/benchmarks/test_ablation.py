"""Taking a part out of the reading changes what is read, and everything is there again after."""

from __future__ import annotations

import pytest

from benchmarks.ablation import PARTS, main, run_one


def test_a_part_that_is_out_changes_the_reading() -> None:
    whole, again = run_one(2), run_one(2)
    assert list(whole) == list(PARTS)
    assert whole == again
    plain = whole["nothing (as it is)"]
    assert whole["the trees (an area of 25 mm2 instead)"].false_leaks > plain.false_leaks


def test_the_table_has_a_row_for_each_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--first", "3", "--count", "1", "--jobs", "1"]) == 0
    table = capsys.readouterr().out
    assert all(f"| {part} |" in table for part in PARTS)
