"""The paper's data, held against PAPER.md's printed table and totals."""

from __future__ import annotations

import pytest

from myeloscope.domain.anatomy import Region
from myeloscope.domain.paper import (
    CONTROLS,
    FIGURE_CASES,
    PRINTED,
    TABLE_1,
    PaperQuantity,
    PaperReader,
    Treatment,
)

# PAPER.md, "Table 1, as data", character by character.
PRINTED_TABLE = """\
1,42,F,T/L,-,T,EBP,3
2,33,M,C/T,T/L,T,EBP,4
3,52,F,-,-,T,EBP,1
4,53,F,L,L,L,EBP,1
5,45,M,C,C/T,C/T,EBP,2
6,36,M,-,-,-,conservative,0
7,40,F,T,T,T,EBP,1
8,28,F,T,T,T,EBP,3
9,26,F,T/L,T/L,T,EBP,2
10,17,M,L,L,L,conservative,0
11,33,F,T,T/L,C/T,EBP,2
12,44,F,C/T,C/T,T,EBP,1
13,42,F,L,L,C/L,EBP,1
14,32,F,L,L,T/L,EBP,1
15,40,M,T,T,C/T,EBP,2
"""


def _written(levels: tuple[Region, ...]) -> str:
    return "/".join(level.letter for level in levels) or "-"


def test_table_1_is_the_printed_table() -> None:
    rows = [
        f"{p.patient},{p.age},{p.sex},{_written(p.reader1)},{_written(p.reader2)},"
        f"{_written(p.ric)},{p.treatment},{p.ebp_count}\n"
        for p in TABLE_1
    ]
    assert "".join(rows) == PRINTED_TABLE


@pytest.mark.parametrize(
    ("reader", "positive"),
    [(PaperReader.READER_1, 13), (PaperReader.READER_2, 12), (PaperReader.RIC, 14)],
)
def test_positive_patients_are_those_of_the_text(reader: PaperReader, positive: int) -> None:
    assert sum(bool(p.levels(reader)) for p in TABLE_1) == positive


def test_patches_and_treatment_agree_in_every_row() -> None:
    assert all((p.ebp_count > 0) == (p.treatment is Treatment.EBP) for p in TABLE_1)


def test_controls_as_printed() -> None:
    assert (CONTROLS.n, CONTROLS.reader1_positive, CONTROLS.reader2_positive) == (15, 2, 1)
    assert CONTROLS.both_positive == 1


def test_each_printed_figure_stands_once() -> None:
    keys = [(f.quantity, f.reader) for f in PRINTED]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("quantity", "reader", "text"),
    [
        (PaperQuantity.SENSITIVITY_LOW, "reader 1", "0.694"),
        (PaperQuantity.ACCURACY_HIGH, "reader 2", "1.000"),
        (PaperQuantity.THORACIC, "reader 1", "7"),
        (PaperQuantity.KAPPA, "reader 1 vs reader 2", "0.867"),
        (PaperQuantity.AGE_MEAN, "patients", "37.6"),
    ],
)
def test_printed_text_keeps_its_digits(quantity: PaperQuantity, reader: str, text: str) -> None:
    assert [f.text for f in PRINTED if (f.quantity, f.reader) == (quantity, reader)] == [text]


def test_pictured_women_have_the_printed_ages() -> None:
    assert [(c.figure, c.age) for c in FIGURE_CASES] == [("Fig 2A, B", 28), ("Fig 3", 33)]
