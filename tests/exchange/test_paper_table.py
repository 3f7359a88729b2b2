"""The CSV form of Table 1: read as the paper's data, refused with row, column, value and rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myeloscope.domain.paper import TABLE_1, PaperReader
from myeloscope.errors import InputError
from myeloscope.exchange.paper_table import COLUMNS, parse_paper_table, read_paper_table

HEADER = "patient,age,sex,reader1,reader2,ric,treatment,ebp_count"


def _written(empty: str = "-") -> str:
    rows = [
        ",".join(
            (
                str(p.patient), str(p.age), p.sex,
                *("/".join(x.letter for x in p.levels(r)) or empty for r in PaperReader),
                p.treatment, str(p.ebp_count),
            )
        )
        for p in TABLE_1
    ]  # fmt: skip
    return "\n".join([HEADER, *rows]) + "\n"


def test_columns_are_those_of_the_issue() -> None:
    assert ",".join(COLUMNS) == HEADER


@pytest.mark.parametrize("empty", ["-", ""])
def test_the_papers_table_reads_as_the_papers_data(tmp_path: Path, empty: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xef\xbb\xbf" + _written(empty).replace("\n", "\r\n").encode())
    assert read_paper_table(path) == TABLE_1


def test_columns_may_stand_in_any_order_and_levels_are_put_in_order() -> None:
    text = "sex,patient,age,reader1,reader2,ric,treatment,ebp_count\nF,3,40,L/C,,T,EBP,1\n\n"
    (patient,) = parse_paper_table(text, "t")
    assert (patient.patient, patient.sex) == (3, "F")
    assert [level.letter for level in patient.reader1] == ["C", "L"]


@pytest.mark.parametrize(
    ("row", "column", "value", "rule"),
    [
        ("0,40,F,T,T,T,EBP,1", "patient", "'0'", "whole number from 1 to 9999"),
        ("x,40,F,T,T,T,EBP,1", "patient", "'x'", "whole number"),
        ("2,140,F,T,T,T,EBP,1", "age", "'140'", "whole number from 0 to 120"),
        ("2,37.5,F,T,T,T,EBP,1", "age", "'37.5'", "whole number"),
        ("2,40,W,T,T,T,EBP,1", "sex", "'W'", "must be F or M"),
        ("2,40,F,S,T,T,EBP,1", "reader1", "'S'", "must be C, T, L joined by /"),
        ("2,40,F,T,T/T,T,EBP,1", "reader2", "'T/T'", "each at most once"),
        ("2,40,F,T,T,T/,EBP,1", "ric", "'T/'", "must be C, T, L joined by /"),
        ("2,40,F,T,T,T,surgery,1", "treatment", "'surgery'", "must be EBP or conservative"),
        ("2,40,F,T,T,T,EBP,0", "ebp_count", "'0'", "treatment EBP has at least 1 patch"),
        ("2,40,F,T,T,T,conservative,2", "ebp_count", "'2'", "treatment conservative has no patch"),
        ("1,40,F,T,T,T,EBP,1", "patient", "'1'", "a patient stands in one row"),
    ],
)
def test_a_bad_cell_is_refused_with_its_place(row: str, column: str, value: str, rule: str) -> None:
    text = f"{HEADER}\n1,42,F,T/L,-,T,EBP,3\n{row}\n"
    with pytest.raises(InputError) as caught:
        parse_paper_table(text, "t.csv")
    message = str(caught.value)
    assert f"t.csv, row 3, column {column}: " in message
    assert rule in message
    assert f"found {value}" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the header must name each of"),
        ("patient,age\n1,2\n", "the header must name each of"),
        (HEADER + ",age\n", "the header must name each of"),
        (HEADER + "\n", "at least one patient"),
        (HEADER + "\n1,2\n", "a row has 8 cells; found 2"),
        (HEADER + "\n1," + "9" * 200_000 + ",F,T,T,T,EBP,1\n", "the table must be CSV"),
    ],
)
def test_a_bad_table_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=r"t\.csv") as caught:
        parse_paper_table(text, "t.csv")
    assert words in str(caught.value)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="readable file"):
        read_paper_table(tmp_path / "none.csv")
    with pytest.raises(InputError, match="readable file"):
        read_paper_table(tmp_path)
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8; found byte 0xff"):
        read_paper_table(tmp_path / "b.csv")


@given(st.text(max_size=80))
def test_no_text_crashes_the_reader(text: str) -> None:
    message = ""
    try:
        parse_paper_table(f"{HEADER}\n{text}", "t")
    except InputError as error:
        message = str(error)
    assert "\n" not in message
