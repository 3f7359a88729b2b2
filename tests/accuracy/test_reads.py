from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from myeloscope.accuracy.reads import (
    LEVELS,
    Grid,
    Reads,
    Source,
    case_grid,
    natural_key,
    worst_case,
)
from myeloscope.domain.grade import Grade
from myeloscope.domain.reading import case_grade


def grid(grade: np.ndarray, truth: np.ndarray, score: np.ndarray | None = None) -> Grid:
    asked = np.ones(grade.shape, dtype=bool)
    return Grid(truth.astype(np.int8), grade.astype(np.int8), asked, np.arange(len(truth)), score)


def test_natural_order() -> None:
    names = ["reader10", "10", "b", "reader2", "2", "a"]
    assert sorted(names, key=natural_key) == ["a", "b", "reader2", "reader10", "2", "10"]


@settings(deadline=None)
@given(arrays(np.int8, (5, 3), elements=st.integers(-1, 3)))
def test_case_grade_is_the_domains_rule(levels: np.ndarray) -> None:
    made = case_grid(grid(levels.reshape(15, 1), np.zeros(15)), np.zeros(5, dtype=np.int8))
    for row, found in zip(levels, made.grade[:, 0], strict=True):
        expected = case_grade(tuple(Grade(int(g)) if g >= 0 else None for g in row))
        assert (None if found < 0 else Grade(int(found))) == expected


def test_case_score_is_the_highest_of_the_levels_read() -> None:
    grade = np.array([0, 2, -1, 0, 0, -1, 0, 1, 0])[:, None]
    score = np.array([0.1, 0.9, np.nan, 0.1, 0.2, np.nan, 0.3, np.nan, 0.1])[:, None]
    made = case_grid(grid(grade, np.zeros(9), score), np.zeros(3, dtype=np.int8))
    assert made.score is not None
    assert made.score[0, 0] == 0.9
    assert np.isnan(made.score[1:, 0]).all()  # missing case, and a level read without a score


def test_worst_case_counts_the_missing_as_wrong() -> None:
    grade = np.array([[-1, 2], [-1, 0], [-1, -1]])
    made = worst_case(grid(grade, np.array([1, 0, -1]), np.where(grade < 0, np.nan, 0.5)))
    assert made.grade.tolist() == [[0, 2], [3, 0], [-1, -1]]
    assert made.score is not None
    assert made.score[0, 0] < -1e300
    assert made.score[1, 0] > 1e300
    assert np.isnan(made.score[2]).all()
    assert worst_case(grid(grade, np.array([1, 0, -1]))).score is None
    scored = worst_case(grid(grade, np.array([1, 0, -1]), np.full((3, 2), 0.5)))
    assert scored.score is not None
    assert (scored.score == 0.5).all()  # a read with a score is there, if without a grade


def test_ranking_is_the_grade_without_scores() -> None:
    made = grid(np.array([[2], [-1]]), np.zeros(2))
    assert made.ranking(0)[0] == 2
    assert np.isnan(made.ranking(0)[1])


def test_pairs_and_modalities() -> None:
    sources = (Source("MRM", "1"), Source("MRM", "2"), Source("RIC", "panel"))
    reads = Reads(("a",), sources, grid(np.zeros((1, 3)), np.zeros(1)))
    assert reads.pairs == ((0, 1), (0, 2), (1, 2))
    assert reads.modalities == {"MRM": (0, 1), "RIC": (2,)}
    assert LEVELS == ("C", "T", "L")


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="same units"):
        grid(np.zeros((2, 1)), np.zeros(3))
