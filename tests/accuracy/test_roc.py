from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn.metrics import roc_auc_score

from myeloscope.accuracy import (
    auc,
    auc_contributions,
    auc_difference,
    auc_difference_figure,
    auc_figure,
    delong_covariance,
    obuchowski_covariance,
    roc_components,
)

SCORES = arrays(np.int64, 12, elements=st.integers(0, 3))
TRUTH = np.array([1, 0] * 6, dtype=np.int8)


def _by_pairs(scores: np.ndarray, truth: np.ndarray) -> float:
    x, y = scores[truth == 1][:, None], scores[truth == 0]
    return float(((x > y) + (x == y) / 2).mean())


@settings(deadline=None)
@given(SCORES)
def test_area_is_the_share_of_pairs_in_order(scores: np.ndarray) -> None:
    row = auc(scores, TRUTH)
    assert row.value == pytest.approx(_by_pairs(scores, TRUTH))
    assert row.value == pytest.approx(roc_auc_score(TRUTH, scores))
    turned = auc(-scores, TRUTH)
    assert turned.value == pytest.approx(1 - (row.value or 0))
    assert turned.se == pytest.approx(row.se)


@settings(deadline=None)
@given(SCORES, SCORES)
def test_covariance_is_delongs_by_definition(one: np.ndarray, two: np.ndarray) -> None:
    both = np.stack([one, two])
    x, y = both[:, TRUTH == 1], both[:, TRUTH == 0]
    order = (x[:, :, None] > y[:, None, :]) + (x[:, :, None] == y[:, None, :]) / 2
    expected = np.cov(order.mean(axis=2)) / 6 + np.cov(order.mean(axis=1)) / 6
    assert delong_covariance(roc_components(x, y)) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(SCORES, SCORES, st.permutations(range(12)))
def test_one_unit_per_patient_is_delong(one: np.ndarray, two: np.ndarray, names: list[int]) -> None:
    plain, clustered = auc(one, TRUTH), auc(one, TRUTH, names)
    assert clustered.method == "obuchowski-cluster"
    assert clustered.se == pytest.approx(plain.se, abs=1e-9)
    a, b = auc_difference(one, two, TRUTH), auc_difference(one, two, TRUTH, names)
    assert (a.value, a.se) == pytest.approx((b.value, b.se), abs=1e-9)


def _patients(
    generator: np.random.Generator, n: int, spread: float = 1.0
) -> tuple[np.ndarray, ...]:
    """Return scores, truth and patient of 3 units in n patients, correlated within patients."""
    patient = np.repeat(np.arange(n), 3)
    truth = (generator.random((n, 3)) < generator.choice([0.1, 0.6], size=(n, 1))).ravel()
    effect = np.repeat(generator.normal(0, spread, n), 3)
    return truth + effect + generator.normal(size=3 * n), truth.astype(np.int8), patient


def test_cluster_error_is_near_the_jackknife_by_patient() -> None:
    scores, truth, patient = _patients(np.random.default_rng(7), 150)
    left_out = [_by_pairs(scores[patient != i], truth[patient != i]) for i in range(150)]
    jackknife = math.sqrt(149**2 / 150 * np.var(left_out, ddof=1))
    row = auc(scores, truth, patient)
    assert row.se == pytest.approx(jackknife, rel=0.03)
    assert row.se != pytest.approx(auc(scores, truth).se, rel=0.05)


def test_cluster_intervals_cover() -> None:
    generator = np.random.default_rng(8)
    truth_area = float(stats.norm.cdf(1 / math.sqrt(4)))
    # A pair within a patient shares the patient's effect, but such pairs are few among all.
    rows = [auc(*_patients(generator, 150)) for _ in range(500)]
    covered = np.mean([row.ci_low <= truth_area <= row.ci_high for row in rows])  # type: ignore[operator]
    assert covered == pytest.approx(0.95, abs=3.5 * math.sqrt(0.95 * 0.05 / 500))


def test_delong_covers_and_keeps_its_level() -> None:
    generator = np.random.default_rng(9)
    truth = np.repeat([1, 0], 60)
    area = float(stats.norm.cdf(1.2 / math.sqrt(2)))
    covered, rejected = 0, 0
    for _ in range(700):
        base = generator.normal(size=120) * 0.7
        one, two = (truth * 1.2 + base + generator.normal(size=120) * math.sqrt(0.51) for _ in "ab")
        row, paired = auc(one, truth), auc_difference(one, two, truth)
        covered += row.ci_low <= area <= row.ci_high  # type: ignore[operator]
        rejected += paired.p < 0.05  # type: ignore[operator]
    error = 3.5 * math.sqrt(0.95 * 0.05 / 700)
    assert covered / 700 == pytest.approx(0.95, abs=error)
    assert rejected / 700 == pytest.approx(0.05, abs=error)


def test_area_of_one() -> None:
    row = auc([0, 0, 2, 3], [0, 0, 1, 1])
    assert row.value == 1
    assert row.se == 0
    assert row.ci_low is None
    assert row.note == "interval undefined: AUC is 1, its variance is 0"
    same = auc_difference([0, 0, 2, 3], [0, 1, 2, 3], [0, 0, 1, 1])
    assert same.value == 0
    assert same.test is None
    assert "variance of the difference is 0" in same.note


def test_one_class_absent_and_missing_scores() -> None:
    assert auc([1, 2], [1, 1]).undefined == "no case without the condition was read"
    assert auc([1, 2], [0, 0]).undefined == "no case with the condition was read"
    assert auc([np.nan], [0]).undefined == "nothing was read"
    assert auc_difference([1, 2], [1, 2], [1, 1]).undefined is not None
    row = auc([1, 2, np.nan, 0], [1, 0, 1, -1])
    assert row.n == 2
    assert "one case only in a class" in row.note
    paired = auc_difference([1, 2], [2, 1], [1, 0])
    assert paired.value == -1
    assert paired.se is None
    with pytest.raises(ValueError, match="both classes"):
        roc_components(np.zeros((1, 0)), np.zeros((1, 2)))
    parts = roc_components([1.0, 2.0], [0.0, 1.0])
    one = np.zeros(2, dtype=np.int64)
    assert np.isnan(obuchowski_covariance(parts, one, one)).all()


@settings(deadline=None)
@given(SCORES, SCORES)
def test_figures_of_sums_are_the_areas(one: np.ndarray, two: np.ndarray) -> None:
    case = np.arange(12) // 2
    first = one.astype(float)
    first[3] = np.nan
    sums = auc_contributions([first], TRUTH, case).sum(axis=0, keepdims=True)
    assert auc_figure(sums)[0] == pytest.approx(auc(first, TRUTH).value)
    both = auc_contributions([first, two.astype(float)], TRUTH, case)
    figure = auc_difference_figure(2 * len(np.unique(first[np.isfinite(first)])))
    expected = auc_difference(first, two, TRUTH).value
    assert figure(both.sum(axis=0, keepdims=True))[0] == pytest.approx(expected)
