from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

from myeloscope.accuracy import (
    GroupCoefficient,
    Weights,
    agreement,
    complete_kappas,
    group_agreement,
    group_contributions,
    group_figure,
    krippendorff_metric_alpha,
    light_kappa,
    pair_table,
    ratings,
)

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability": 12 units, 4 observers
KRIPPENDORFF = (
    np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ]
    ).T
    - 1
)
GRADES = arrays(np.int64, (7, 3), elements=st.integers(-1, 3))


def test_krippendorffs_example() -> None:
    data = ratings(KRIPPENDORFF, 5)
    values = [
        group_agreement(data, "krippendorff_alpha", weights).value
        for weights in ("unweighted", "quadratic")
    ]
    assert values == pytest.approx([0.743, 0.849], abs=5e-4)
    metric = krippendorff_metric_alpha(data)
    assert metric.value == pytest.approx(0.815, abs=5e-4)
    assert metric.n == 11  # the unit with one read is dropped


def test_fleiss_is_that_of_statsmodels() -> None:
    grades = np.random.default_rng(1).integers(0, 4, (30, 5))
    data = ratings(grades, 4)
    fleiss, conger, light = complete_kappas(data)
    assert fleiss.value == pytest.approx(fleiss_kappa(data.counts.astype(int), method="fleiss"))
    assert fleiss.value == pytest.approx(group_agreement(data, "fleiss_kappa").value)
    assert conger.method == light.method == "complete"
    bennett = group_agreement(data, "bennett_s").value
    assert bennett == pytest.approx(fleiss_kappa(data.counts.astype(int), method="randolph"))


def test_a_single_read_counts_for_chance_only() -> None:
    whole = ratings([[0, 0], [1, 1], [2, 1]], 4)
    more = ratings([[0, 0], [1, 1], [2, 1], [3, -1]], 4)
    percents = [group_agreement(data, "percent_agreement").value for data in (whole, more)]
    assert percents == pytest.approx([2 / 3, 2 / 3])
    assert group_agreement(whole, "gwet_ac").value != group_agreement(more, "gwet_ac").value
    alphas = [group_agreement(data, "krippendorff_alpha").value for data in (whole, more)]
    assert alphas[0] == alphas[1]


def test_cases_without_reads_do_not_count() -> None:
    one = group_agreement(ratings([[0, 0], [1, 2], [-1, -1]], 4), "gwet_ac")
    two = group_agreement(ratings([[0, 0], [1, 2]], 4), "gwet_ac")
    assert one == two


def test_two_complete_readers_have_the_pairwise_values() -> None:
    grades = np.random.default_rng(3).integers(0, 4, (40, 2))
    data, table = ratings(grades, 4), pair_table(grades[:, 0], grades[:, 1], 4)
    twins = [("gwet_ac", "gwet_ac"), ("conger_kappa", "cohen_kappa"), ("fleiss_kappa", "scott_pi")]
    for group, pair in [*twins, ("krippendorff_alpha", "krippendorff_alpha")]:
        for weights in Weights:
            one = group_agreement(data, group, weights).value
            assert one == pytest.approx(agreement(table, pair, weights).value)


@pytest.mark.parametrize(
    ("grades", "reason"),
    [
        ([[0], [1]], "one reader only"),
        ([[0, -1], [-1, 1]], "no case was read by two"),
        ([[2, 2], [2, 2]], "all reads in one grade"),
    ],
)
def test_undefined(grades: list[list[int]], reason: str) -> None:
    data = ratings(grades, 4)
    row = group_agreement(data, "fleiss_kappa")
    assert row.undefined == reason
    assert krippendorff_metric_alpha(data).undefined is not None
    assert all(row.undefined for row in complete_kappas(data))


def test_one_grade_leaves_the_coefficients_of_even_chance() -> None:
    data = ratings([[2, 2], [2, 2]], 4)
    for kind in ("percent_agreement", "gwet_ac", "bennett_s"):
        row = group_agreement(data, kind)
        assert row.value == 1
        assert "perfect agreement" in row.note


def test_a_reader_without_reads_and_one_case() -> None:
    assert group_agreement(ratings([[0, 1, -1], [0, 0, -1]], 4), "conger_kappa").undefined == (
        "a reader read nothing"
    )
    row = group_agreement(ratings([[0, 1]], 4), "gwet_ac")
    assert row.note == "standard error and interval undefined: one case only"
    with pytest.raises(ValueError, match="off the scale"):
        ratings([[4]], 4)
    with pytest.raises(ValueError, match="shape"):
        ratings([1, 2], 4)


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_weighted_complete_kappas(weights: str) -> None:
    grades = np.random.default_rng(2).integers(0, 4, (40, 4))
    data = ratings(grades, 4)
    fleiss, conger, light = complete_kappas(data, weights)
    pairs = [
        cohen_kappa_score(grades[:, i], grades[:, j], labels=[0, 1, 2, 3], weights=weights)
        for i, j in combinations(range(4), 2)
    ]
    assert light.value == pytest.approx(np.mean(pairs))  # scikit-learn
    assert (light.weights, light.method) == (weights, "complete")
    assert fleiss.value == pytest.approx(group_agreement(data, "fleiss_kappa", weights).value)
    assert conger.value == pytest.approx(group_agreement(data, "conger_kappa", weights).value)
    assert fleiss.test is None  # the null variance is that of the unweighted kappa


def test_light_is_the_mean_of_the_defined_pairs() -> None:
    grades = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 1]])
    row = light_kappa(grades, 2)
    assert row.note == "mean of 2 of 3 pairs"
    assert row.value == 0
    assert light_kappa(np.zeros((3, 2), int), 2).undefined == "all reads in one grade"
    assert light_kappa(np.zeros((0, 2), int), 2).undefined == "no case was read by all"


@settings(deadline=None)
@given(GRADES, st.sampled_from(list(GroupCoefficient)), st.sampled_from(list(Weights)))
def test_order_of_readers_and_cases_does_not_matter(
    grades: np.ndarray, kind: GroupCoefficient, weights: Weights
) -> None:
    one = group_agreement(ratings(grades, 4), kind, weights)
    two = group_agreement(ratings(grades[::-1, ::-1], 4), kind, weights)
    assert (one.value is None) == (two.value is None)
    if one.value is not None:
        assert one.value == pytest.approx(two.value, abs=1e-9)
        assert math.isfinite(one.se or 0.0)


@settings(deadline=None)
@given(GRADES, st.sampled_from(list(GroupCoefficient)), st.sampled_from(list(Weights)))
def test_figure_of_sums_is_the_coefficient(
    grades: np.ndarray, kind: GroupCoefficient, weights: Weights
) -> None:
    data = ratings(grades, 4)
    expected = group_agreement(data, kind, weights).value
    if expected is not None:
        sums = group_contributions(data).sum(axis=0, keepdims=True)
        (value,) = group_figure(kind, weights, 4)(sums)
        assert value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("kind", ["gwet_ac", "fleiss_kappa", "conger_kappa", "krippendorff_alpha"])
def test_intervals_cover_with_missing_reads(kind: str) -> None:
    """Readers who see a case's grade with errors, a fifth of the reads missing at random."""

    def study(n: int, generator: np.random.Generator) -> np.ndarray:
        true = generator.choice(4, p=[0.5, 0.2, 0.2, 0.1], size=n)
        error = generator.choice([-1, 0, 1], p=[0.15, 0.7, 0.15], size=(n, 4))
        grades = np.clip(true[:, None] + error, 0, 3)
        return np.where(generator.random((n, 4)) < 0.2, -1, grades)

    truth = group_agreement(ratings(study(400_000, np.random.default_rng(1)), 4), kind, "linear")
    generator = np.random.default_rng(2)
    rows = [group_agreement(ratings(study(100, generator), 4), kind, "linear") for _ in range(600)]
    covered = np.mean([row.ci_low <= truth.value <= row.ci_high for row in rows])  # type: ignore[operator]
    assert covered == pytest.approx(0.95, abs=3.5 * math.sqrt(0.95 * 0.05 / 600))
