"""Counts of the STARD flow diagram."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from myeloscope.accuracy.reads import Grid, Reads, Source
from myeloscope.accuracy.stard import IndexResult, stard_flows


def _reads(truth: list[int], grade: list[list[int]], asked: list[list[bool]]) -> Reads:
    cases = len(truth)
    grid = Grid(
        np.array(truth, np.int8), np.array(grade, np.int8), np.array(asked), np.arange(cases)
    )
    sources = tuple(Source("MRM", str(i + 1)) for i in range(len(grade[0])))
    return Reads(tuple(f"c{i}" for i in range(cases)), sources, grid)


def test_counts_of_a_table_made_by_hand() -> None:
    reads = _reads(
        truth=[1, 1, 0, 0, -1, 1],
        grade=[[3], [0], [1], [0], [2], [-1]],
        asked=[[True], [True], [True], [True], [True], [True]],
    )
    (flow,) = stard_flows(reads)
    negative, positive, inconclusive = flow.branches
    assert (flow.eligible, flow.no_index_test, flow.index_test) == (6, 0, 6)
    assert (negative.n, negative.present, negative.absent) == (2, 1, 1)
    assert (positive.n, positive.no_reference, positive.reference) == (3, 1, 2)
    assert (inconclusive.n, inconclusive.present) == (1, 1)


def test_threshold_moves_cases_and_no_row_is_no_index_test() -> None:
    reads = _reads([1, 0], [[1, 2], [-1, 3]], [[True, True], [False, True]])
    one, two = stard_flows(reads, threshold=2)
    assert one.no_index_test == 1
    assert [b.n for b in one.branches] == [1, 0, 0]
    assert [b.n for b in two.branches] == [0, 2, 0]


@pytest.mark.parametrize("threshold", [0, 4])
def test_a_threshold_off_the_scale_is_refused(threshold: int) -> None:
    with pytest.raises(ValueError, match="a threshold is 1, 2 or 3"):
        stard_flows(_reads([1], [[1]], [[True]]), threshold)


@settings(deadline=None)
@given(
    arrays(np.int8, (7,), elements=st.integers(-1, 1)),
    arrays(np.int8, (7, 2), elements=st.integers(-1, 3)),
    st.sampled_from([1, 2, 3]),
)
def test_nobody_gets_lost(
    truth: np.typing.NDArray[np.int8], grade: np.typing.NDArray[np.int8], threshold: int
) -> None:
    asked = (grade >= 0) | (np.arange(14).reshape(7, 2) % 3 == 0)
    grid = Grid(truth, grade, asked, np.arange(7))
    names = tuple("abcdefg")
    for flow in stard_flows(Reads(names, (Source("M", "1"), Source("M", "2")), grid), threshold):
        assert flow.no_index_test + sum(b.n for b in flow.branches) == flow.eligible == 7
        assert [b.result for b in flow.branches] == list(IndexResult)
        for branch in flow.branches:
            assert branch.present + branch.absent + branch.no_reference == branch.n
