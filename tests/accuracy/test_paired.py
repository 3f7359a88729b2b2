from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import contingency_tables

from myeloscope.accuracy import mcnemar, noninferiority, tango_difference, tango_score

Z2 = 1.959963984540054**2


@pytest.mark.parametrize(("b", "c"), [(0, 1), (3, 2), (5, 12), (40, 13)])
def test_mcnemar_is_that_of_statsmodels(b: int, c: int) -> None:
    exact, midp, corrected, uncorrected = mcnemar(b, c, 60)
    table = [[60 - b - c, b], [c, 0]]
    peer = contingency_tables.mcnemar(table, exact=True)
    assert exact.p == pytest.approx(peer.pvalue)
    for row, correction in ((corrected, True), (uncorrected, False)):
        peer = contingency_tables.mcnemar(table, exact=False, correction=correction)
        assert (row.test, row.p) == pytest.approx((peer.statistic, peer.pvalue))
    # mid-p by its definition: the exact p less the probability of the table seen
    seen = stats.binom.pmf(min(b, c), b + c, 0.5)
    assert midp.p == pytest.approx(2 * stats.binom.cdf(min(b, c), b + c, 0.5) - seen)


def test_equal_discordance_is_no_evidence() -> None:
    # R's mcnemar.test takes no correction where b = c: chi-square 0, p 1
    assert [row.p for row in mcnemar(2, 2, 60)] == [1.0] * 4


def test_mcnemar_without_discordant_pairs() -> None:
    exact, midp, corrected, uncorrected = mcnemar(0, 0, 9)
    assert (exact.p, midp.p) == (1.0, 1.0)
    assert corrected.undefined == uncorrected.undefined == "no discordant pair"
    assert {row.undefined for row in mcnemar(0, 0, 0)} == {"no case was called by both"}


def test_tango_of_the_paper() -> None:
    # STATISTICS part 1, PropCIs 0.3-0: R1 -.067 (-.298, .151), R2 -.133 (-.379, .098)
    for c, expected in ((1, (-0.298, 0.151)), (2, (-0.379, 0.098))):
        row = tango_difference(0, c, 15)
        assert row.value == pytest.approx(-c / 15)
        assert (row.ci_low, row.ci_high) == pytest.approx(expected, abs=5e-4)


def test_tango_without_discordant_pairs_has_a_closed_form() -> None:
    row = tango_difference(0, 0, 45)
    end = Z2 / (45 + Z2)  # Tango 1998, section 3
    assert (row.ci_low, row.ci_high) == pytest.approx((-end, end))


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 60))
def test_tango_limits_solve_the_score_equation(b: int, c: int, more: int) -> None:
    n = b + c + more
    row, turned = tango_difference(b, c, n), tango_difference(c, b, n)
    assert row.ci_low is not None
    assert row.ci_high is not None
    assert turned.ci_low is not None
    assert turned.ci_high is not None
    turned_round = (-turned.ci_high, -turned.ci_low)
    assert (row.ci_low, row.ci_high) == pytest.approx(turned_round, abs=1e-9)
    assert tango_score(b, c, n, row.ci_low) == pytest.approx(Z2**0.5, abs=1e-6)
    assert tango_score(b, c, n, row.ci_high) == pytest.approx(-(Z2**0.5), abs=1e-6)


@pytest.mark.parametrize(("b", "c"), [(7, 0), (0, 7), (4, 3)])
def test_tango_where_every_pair_is_discordant(b: int, c: int) -> None:
    row = tango_difference(b, c, 7)
    assert row.ci_low is not None
    assert row.ci_high is not None
    assert -1 <= row.ci_low <= (b - c) / 7 <= row.ci_high <= 1
    assert row.ci_low < row.ci_high


def test_noninferiority_follows_the_interval() -> None:
    row = noninferiority(3, 4, 200, margin=0.10)
    assert row.ci_low is not None
    assert row.ci_low > -0.10
    assert row.note == "margin 0.1: non-inferiority shown; p one-sided"
    assert row.p is not None
    assert row.p < 0.025
    paper = noninferiority(0, 1, 15)
    assert "not shown" in paper.note
    assert paper.p == pytest.approx(0.3335, abs=1e-4)
    assert noninferiority(0, 0, 0).undefined == "no case was called by both"


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="discordant pairs"):
        mcnemar(3, 3, 5)
    with pytest.raises(ValueError, match="margin"):
        noninferiority(1, 1, 5, margin=0.0)


def _tables(p: tuple[float, float], n: int, size: int) -> np.ndarray:
    rest = 1 - sum(p)
    return np.random.default_rng(20).multinomial(n, [*p, rest], size=size)


def test_type_1_error_under_the_null() -> None:
    """McNemar: exact stays below 5 %, mid-p near it (Fagerland 2013)."""
    drawn = _tables((0.15, 0.15), 60, 4000)
    pairs, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
    rows = [mcnemar(int(b), int(c), 60) for b, c in pairs]
    error = np.sqrt(0.05 * 0.95 / 4000)
    share = [
        sum(t for row, t in zip(rows, times, strict=True) if row[i].p < 0.05) / 4000  # type: ignore[operator]
        for i in (0, 1, 3)
    ]
    assert share[0] <= 0.05
    assert 0.03 <= share[1] <= 0.05 + 3 * error
    assert share[0] < share[1] <= share[2] <= 0.05 + 4 * error


def test_noninferiority_errs_in_one_of_forty_at_the_margin() -> None:
    drawn = _tables((0.05, 0.15), 150, 4000)
    pairs, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
    shown = [noninferiority(int(b), int(c), 150).p < 0.025 for b, c in pairs]  # type: ignore[operator]
    share = times[np.array(shown)].sum() / 4000
    assert share == pytest.approx(0.025, abs=3.5 * np.sqrt(0.025 * 0.975 / 4000))


def test_tango_covers() -> None:
    drawn = _tables((0.05, 0.12), 50, 3000)
    pairs, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
    rows = [tango_difference(int(b), int(c), 50) for b, c in pairs]
    covered = [row.ci_low <= -0.07 <= row.ci_high for row in rows]  # type: ignore[operator]
    # Tango 1998, table III: close to nominal for n >= 25
    assert times[np.array(covered)].sum() / 3000 == pytest.approx(0.95, abs=0.015)
