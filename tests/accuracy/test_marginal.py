from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import SquareTable

from myeloscope.accuracy import marginal_homogeneity

SKIN = np.array([[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]])


@pytest.mark.parametrize(("index", "method"), [(0, "stuart_maxwell"), (1, "bhapkar")])
def test_is_that_of_statsmodels(index: int, method: str) -> None:
    row = marginal_homogeneity(SKIN)[index]
    peer = SquareTable(SKIN, shift_zeros=False).homogeneity(method=method)
    assert row.statistic == method
    assert (row.test, row.df, row.p) == pytest.approx((peer.statistic, peer.df, peer.pvalue))


def test_cohen_1968_by_hand() -> None:
    # STATISTICS 2.2: 16000 / 1184 = 13.51 (irr drops categories with equal margins: 12.8)
    stuart, _ = marginal_homogeneity([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert stuart.value == pytest.approx(16000 / 1184)
    assert stuart.df == 2


def test_an_unused_grade_costs_a_degree_of_freedom_not_the_test() -> None:
    wide = np.zeros((4, 4), dtype=int)
    wide[np.ix_([0, 1, 3], [0, 1, 3])] = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    one, two = marginal_homogeneity(wide)
    narrow = marginal_homogeneity([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert (one.value, two.value) == pytest.approx((narrow[0].value, narrow[1].value))
    assert one.df == 2


def test_two_grades_are_mcnemar() -> None:
    stuart, bhapkar = marginal_homogeneity([[20, 5], [12, 30]])
    assert stuart.value == pytest.approx(49 / 17)
    assert bhapkar.value == pytest.approx(49 / 17 / (1 - 49 / 17 / 67))


def test_undefined() -> None:
    for row in marginal_homogeneity(np.diag([3, 4, 0])):
        assert row.undefined == "no discordant pair"
    for row in marginal_homogeneity(np.zeros((2, 2))):
        assert row.undefined == "no case was read by both"
    stuart, bhapkar = marginal_homogeneity([[0, 7], [0, 0]])
    assert stuart.value == pytest.approx(7)
    assert bhapkar.undefined == "the margins share no grade"
