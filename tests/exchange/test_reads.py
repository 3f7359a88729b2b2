from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from myeloscope.accuracy import Source
from myeloscope.errors import InputError, UsageError
from myeloscope.exchange.reads import TableOptions, read_table

CASES = """case,truth,modality,reader,grade
a,1,MRM,2,3
a,1,MRM,10,
b,0,MRM,2,0
b,0,RIC,panel,1
"""
LEVELS = """case,truth,modality,reader,level,level_truth,grade
a,1,MRM,1,C,0,0
a,1,MRM,1,T,1,2
b,0,MRM,1,L,0,0
b,0,MRM,1,C,,0
b,0,MRM,1,T,0,0
"""


def _write(folder: Path, text: str, name: str = "reads.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_cases(tmp_path: Path) -> None:
    reads = read_table(_write(tmp_path, CASES))
    assert reads.names == ("a", "b")
    assert reads.sources == (Source("MRM", "2"), Source("MRM", "10"), Source("RIC", "panel"))
    assert reads.cases.truth.tolist() == [1, 0]
    assert reads.cases.grade.tolist() == [[3, -1, -1], [0, -1, 1]]
    assert reads.cases.asked.tolist() == [[True, True, False], [True, False, True]]
    assert reads.cases.score is None
    assert reads.levels is None


def test_levels(tmp_path: Path) -> None:
    reads = read_table(_write(tmp_path, LEVELS))
    assert reads.levels is not None
    assert reads.levels.grade[:, 0].tolist() == [0, 2, -1, 0, 0, 0]
    assert reads.levels.truth.tolist() == [0, 1, -1, -1, 0, 0]
    assert reads.levels.case.tolist() == [0, 0, 0, 1, 1, 1]
    assert reads.cases.grade[:, 0].tolist() == [2, 0]  # 2 although L was not read


def test_parquet_with_numbers_is_the_same(tmp_path: Path) -> None:
    reads = read_table(_write(tmp_path, CASES))
    frame = pl.read_csv(tmp_path / "reads.csv").with_columns(
        pl.col("truth") == 1, pl.col("grade").cast(pl.Float64)
    )
    path = tmp_path / "reads.parquet"
    frame.write_parquet(path)
    again = read_table(path)
    assert again.sources == reads.sources
    assert np.array_equal(again.cases.grade, reads.cases.grade)
    assert np.array_equal(again.cases.truth, reads.cases.truth)


def test_columns_can_be_mapped_and_carry_spaces(tmp_path: Path) -> None:
    text = "Patient, Dx ,modality,reader,Score,grade\n a ,1,MRM,1, 2 ,x\n b ,0,MRM,1,,y\n"
    options = TableOptions({"case": "Patient", "truth": "Dx", "grade": "Score"})
    reads = read_table(_write(tmp_path, text), options)
    assert reads.names == ("a", "b")
    assert reads.cases.grade[:, 0].tolist() == [2, -1]


def test_scores(tmp_path: Path) -> None:
    text = "case,truth,modality,reader,grade,score\na,1,M,1,2,0.5\nb,0,M,1,0,\n"
    reads = read_table(_write(tmp_path, text))
    assert reads.cases.score is not None
    assert reads.cases.score[0, 0] == 0.5
    assert np.isnan(reads.cases.score[1, 0])
    empty = text.replace("0.5", "")
    assert read_table(_write(tmp_path, empty)).cases.score is None


def test_other_references(tmp_path: Path) -> None:
    text = "case,truth,truth_ric,modality,reader,grade\na,1,0,M,1,2\nb,0,,M,1,0\n"
    path = _write(tmp_path, text)
    assert read_table(path).cases.truth.tolist() == [1, 0]
    assert read_table(path, TableOptions(truth="ric")).cases.truth.tolist() == [0, -1]
    # a table may have a named reference alone, and its levels one of their own or none
    text = LEVELS.replace("truth,modality", "truth_ric,modality")
    reads = read_table(_write(tmp_path, text), TableOptions(truth="ric"))
    assert reads.levels is not None
    assert set(reads.levels.truth.tolist()) == {-1}
    reads = read_table(
        _write(tmp_path, text.replace("level_truth", "level_truth_ric")), TableOptions(truth="ric")
    )
    assert reads.levels is not None
    assert reads.levels.truth.tolist() == [0, 1, -1, -1, 0, 0]


HEAD = "case,truth,modality,reader,grade\n"
LEVEL_HEAD = "case,truth,modality,reader,level,level_truth,grade\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEAD + "a,1,M,1,2\na,1,M,1,3\n",
            "row 3, column case: each read stands in one row, not twice "
            "(case a, modality M, reader 1); found 'a'; row 2 holds it already; keep one",
        ),
        (
            HEAD + "a,1,M,1,2\nb,0,M,1,0\na,0,M,2,2\n",
            "row 4, column truth: the truth of a case is the same in all its rows; found '0'; "
            "case a has '1' above; correct one of them",
        ),
        (
            HEAD + "a,1,M,1,4\n",
            "row 2, column grade: a grade is 0, 1, 2, 3 or empty; found '4'; "
            "correct the cell or leave out the row",
        ),
        (HEAD + "a,1,M,1,1.5\n", "column grade: a grade is 0, 1, 2, 3 or empty; found '1.5'"),
        (HEAD + "a,1,M,1,NA\n", "column grade: a grade is 0, 1, 2, 3 or empty; found 'NA'"),
        (HEAD + "a,1,M,1,-1\n", "column grade: a grade is 0, 1, 2, 3 or empty; found '-1'"),
        (HEAD + "a,yes,M,1,1\n", "row 2, column truth: the truth is 0 or 1; found 'yes'"),
        (HEAD + "a,,M,1,1\n", "row 2, column truth: the truth is 0 or 1; found ''"),
        (HEAD + "a,1,M,1,1\n,1,M,1,1\n", "row 3, column case: case is never empty; found ''"),
        (HEAD + "a,1,,1,1\n", "row 2, column modality: modality is never empty"),
        (HEAD + "a,1,M, ,1\n", "row 2, column reader: reader is never empty"),
        (HEAD, "a table of reads has rows; found none"),
        (
            "case,truth,modality,reader\na,1,M,1\n",
            "the table needs the column grade; found columns",
        ),
        ("case;truth\na;1\n", "the table needs the column case; found columns case;truth"),
        (
            LEVEL_HEAD + "a,1,M,1,T,1,2\na,1,M,1,S,0,0\n",
            "row 3, column level: a level is one of C, T, L; found 'S'",
        ),
        (LEVEL_HEAD + "a,1,M,1,,1,2\n", "row 2, column level: level is never empty"),
        (
            LEVEL_HEAD + "a,1,M,1,T,2,2\n",
            "column level_truth: the truth of a level is 0, 1 or empty",
        ),
        (
            LEVEL_HEAD + "a,1,M,1,T,1,2\na,1,M,2,T,0,2\n",
            "row 3, column level_truth: the truth of a level is the same in all its rows; "
            "found '0'; case a, level T has '1' above",
        ),
        (
            LEVEL_HEAD + "a,1,M,1,T,1,2\na,1,M,1,C,0,0\na,1,M,1,T,1,2\n",
            "row 4, column case: each read stands in one row, not twice "
            "(case a, modality M, reader 1, level T)",
        ),
        (
            "case,truth,modality,reader,level,grade\na,1,M,1,T,2\n",
            "the table needs the column level_truth",
        ),
        (
            "case,truth,modality,reader,grade,score\na,1,M,1,2,inf\n",
            "row 2, column score: a score is a finite number or empty; found 'inf'",
        ),
        (
            "case,truth,modality,reader,grade,score\na,1,M,1,2,high\n",
            "row 2, column score: a score is a finite number or empty; found 'high'",
        ),
        (
            "case,truth,modality,reader,grade,grade\na,1,M,1,2,3\n",
            "each column has a name of its own; found 'grade' twice",
        ),
        (
            "case,truth,modality,reader,grade, grade\na,1,M,1,2,3\n",
            "each column has a name of its own; found 'grade' twice",
        ),
        (
            HEAD + "a,1,M,1,2\nb,0,M,1\n",
            "row 3, column 5: each row has as many cells as the header, 5; found 4",
        ),
        (
            HEAD + "a,1,M,1,2\nb,0,M,1,2,9,9\n",
            "row 3, column 6: each row has as many cells as the header, 5; found 7",
        ),
        ("", "must be a readable CSV"),
    ],
)
def test_bad_tables_are_refused_with_the_rule(tmp_path: Path, text: str, message: str) -> None:
    path = _write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_blank_lines_and_other_line_ends_are_no_reads(tmp_path: Path) -> None:
    text = "case,truth,modality,reader,grade\r\na,1,M,1,2\r\n\r\nb,0,M,1,\r\n,,,,\r\n"
    reads = read_table(_write(tmp_path, text))
    assert reads.cases.grade[:, 0].tolist() == [2, -1]
    with pytest.raises(InputError, match="row 4, column grade"):
        read_table(_write(tmp_path, text.replace("b,0,M,1,", "b,0,M,1,7")))


def test_missing_numbers_of_a_parquet_file(tmp_path: Path) -> None:
    columns = {"case": ["a", "b"], "truth": [1, 0], "modality": ["M"] * 2, "reader": [1, 1]}
    frame = pl.DataFrame(columns | {"grade": [float("nan"), 2.0]})
    frame.write_parquet(tmp_path / "reads.parquet")
    assert read_table(tmp_path / "reads.parquet").cases.grade[:, 0].tolist() == [-1, 2]
    columns["reader"] = [1, None]
    pl.DataFrame(columns | {"grade": [1, None]}).write_parquet(tmp_path / "reads.parquet")
    with pytest.raises(InputError, match="row 3, column reader: reader is never empty"):
        read_table(tmp_path / "reads.parquet")


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="readable CSV"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(InputError, match="readable CSV"):
        read_table(_write(tmp_path, CASES, "reads.parquet"))
    (tmp_path / "latin.csv").write_bytes(CASES.replace("a,1", "\xe4,1").encode("latin-1"))
    with pytest.raises(InputError, match="readable CSV"):
        read_table(tmp_path / "latin.csv")


def test_bad_mappings(tmp_path: Path) -> None:
    path = _write(tmp_path, CASES)
    with pytest.raises(UsageError, match="a mapped column is one of"):
        read_table(path, TableOptions({"colour": "grade"}))
    with pytest.raises(InputError, match="the column mapped to grade must be in the table"):
        read_table(path, TableOptions({"grade": "Score"}))
    with pytest.raises(InputError, match="the table needs the column truth_ric"):
        read_table(path, TableOptions(truth="ric"))


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert read_table(_write(tmp_path, "\ufeff" + CASES)).names == ("a", "b")
