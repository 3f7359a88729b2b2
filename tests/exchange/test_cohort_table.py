"""The tables of a cohort: one pass over the rows, equal bytes, and a disk that is full."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from myeloscope.exchange.cohort_table import GROUP, write_table

COLUMNS = {"study_uid": str, "grade": int, "score": float, "positive": bool}


def _rows(count: int) -> list[tuple[str, int, float | None, bool]]:
    return [(f"1.2.{n}", n % 4, None if n % 7 == 0 else n / 8, n % 2 == 0) for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, 2 * GROUP + 17])
def test_both_files_hold_every_row_in_order(tmp_path: Path, count: int) -> None:
    rows = _rows(count)
    assert write_table(tmp_path, "regions", COLUMNS, iter(rows)) == count
    assert pl.read_parquet(tmp_path / "regions.parquet").rows() == rows
    with (tmp_path / "regions.csv").open(newline="") as stream:
        told = list(csv.reader(stream))
    assert told[0] == list(COLUMNS)
    assert [line[0] for line in told[1:]] == [row[0] for row in rows]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["regions.csv", "regions.parquet"]


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        write_table(folder, "regions", COLUMNS, iter(_rows(3 * GROUP)))
    for name in ("regions.csv", "regions.parquet"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_full_disk_is_the_operating_systems_error(tmp_path: Path, ending: str) -> None:
    (tmp_path / f".regions.{ending}.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"[Nn]o space left"):
        write_table(tmp_path, "regions", COLUMNS, iter(_rows(GROUP)))
    assert not (tmp_path / "regions.parquet").exists()
