from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from myeloscope.accuracy.proportion import (
    Interval,
    ProportionMethod,
    proportion_interval,
    student_quantile,
)

STATSMODELS = {
    ProportionMethod.WALD_CLIPPED: "normal",
    ProportionMethod.WILSON: "wilson",
    ProportionMethod.CLOPPER_PEARSON: "beta",
    ProportionMethod.JEFFREYS: "jeffreys",
}


@pytest.mark.parametrize(("method", "peer"), STATSMODELS.items())
@pytest.mark.parametrize(("x", "n"), [(0, 20), (1, 29), (13, 15), (15, 15), (81, 263), (500, 1000)])
def test_intervals_are_those_of_statsmodels(
    method: ProportionMethod, peer: str, x: int, n: int
) -> None:
    made = proportion_interval(x, n, method)
    assert (made.low, made.high) == pytest.approx(proportion_confint(x, n, method=peer), abs=1e-12)


def test_only_the_clipped_wald_interval_is_cut() -> None:
    assert proportion_interval(14, 15, "wald").high > 1
    assert not proportion_interval(14, 15, "wald").cut
    assert proportion_interval(14, 15, "wald-clipped") == Interval(
        proportion_interval(14, 15, "wald").low, 1.0, cut=True
    )
    assert not proportion_interval(8, 15, "wald-clipped").cut


def _coverage(method: ProportionMethod, n: int, p: np.ndarray) -> np.ndarray:
    """Return the exact coverage at each p: the sum of the probabilities of x that cover it."""
    made = [proportion_interval(x, n, method) for x in range(n + 1)]
    low, high = (np.array([getattr(i, end) for i in made])[:, None] for end in ("low", "high"))
    covered = (low <= p) & (p <= high)
    chance = stats.binom.pmf(np.arange(n + 1)[:, None], n, p)
    return np.asarray((covered * chance).sum(axis=0))


P = (np.arange(4000) + 0.5) / 4000


@pytest.mark.parametrize(
    ("n", "wald", "wilson", "exact"),
    [(5, 0.641, 0.955, 0.990), (15, 0.819, 0.953, 0.980), (30, 0.875, 0.952, 0.973)],
)
def test_mean_coverage_is_the_published_one(
    n: int, wald: float, wilson: float, exact: float
) -> None:
    # Agresti, Coull, Am Stat 1998;52:119, table 1: means over p uniform on (0, 1)
    assert _coverage(ProportionMethod.WALD, n, P).mean() == pytest.approx(wald, abs=6e-4)
    assert _coverage(ProportionMethod.WILSON, n, P).mean() == pytest.approx(wilson, abs=6e-4)
    found = _coverage(ProportionMethod.CLOPPER_PEARSON, n, P)
    assert found.mean() == pytest.approx(exact, abs=6e-4)
    assert found.min() >= 0.95  # exact means: never below nominal


@pytest.mark.parametrize("method", [ProportionMethod.AGRESTI_COULL, ProportionMethod.JEFFREYS])
def test_mean_coverage_is_near_nominal(method: ProportionMethod) -> None:
    # Brown, Cai, DasGupta 2001, section 4: both have mean coverage close to or above nominal
    assert 0.945 <= _coverage(method, 30, P).mean() <= 0.965


@settings(deadline=None)
@given(st.integers(1, 400), st.data(), st.sampled_from(list(ProportionMethod)))
def test_interval_mirrors_and_holds_the_estimate(
    n: int, data: st.DataObject, method: ProportionMethod
) -> None:
    x = data.draw(st.integers(0, n))
    made, mirrored = proportion_interval(x, n, method), proportion_interval(n - x, n, method)
    assert (made.low, made.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-9)
    if method is not ProportionMethod.JEFFREYS:  # equal tails leave out the ends 0 and 1
        assert made.low - 1e-12 <= x / n <= made.high + 1e-12


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_counts_are_refused(x: int, n: int) -> None:
    with pytest.raises(ValueError, match=r"must lie in 0\.\.n"):
        proportion_interval(x, n)


def test_student_quantile() -> None:
    assert student_quantile(14) == pytest.approx(2.144786687916927)  # R: qt(0.975, 14)
