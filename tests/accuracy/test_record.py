from __future__ import annotations

import pytest

from myeloscope.accuracy import COLUMNS, Statistic, undefined


def test_columns_are_those_of_the_issue() -> None:
    assert ",".join(COLUMNS) == (
        "statistic,endpoint,modality,modality_2,reader,reader_2,level,weights,threshold,method,"
        "effects,term,value,se,se_null,ci_low,ci_high,cut,test,df,df_2,p,deff,n,note"
    )


def test_a_row_has_every_column() -> None:
    row = Statistic(statistic="auc", value=0.9, n=3).about(modality="A", threshold=1)
    cells = row.as_row()
    assert tuple(cells) == COLUMNS
    assert (cells["modality"], cells["threshold"], cells["value"]) == ("A", 1, 0.9)
    assert row.undefined is None


def test_undefined_says_why() -> None:
    row = undefined("auc", "one class only", method="delong", n=4)
    assert row.value is None
    assert row.note == "undefined: one class only"
    assert row.undefined == "one class only"
    assert (row.method, row.n) == ("delong", 4)


def test_records_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Statistic(statistic="auc").value = 1.0  # type: ignore[misc]
