from __future__ import annotations

import math

import numpy as np
import pytest

from myeloscope.accuracy import (
    agreement,
    cluster_agreement,
    cluster_proportion,
    identical_level_set,
    pair_table,
)


def test_units_alone_in_their_clusters_are_a_simple_sample() -> None:
    hits = [1, 1, 0, 1, 0, 1, 1]
    row = cluster_proportion("sensitivity", hits, range(7))
    assert row.value == pytest.approx(5 / 7)
    assert row.se == pytest.approx(math.sqrt(5 / 7 * 2 / 7 / 6))
    assert row.deff == pytest.approx(1)
    assert row.df == 6


def test_copies_within_clusters_double_the_design_effect() -> None:
    hits = np.repeat([1, 1, 0, 1, 0, 1, 1, 0, 1, 1], 2)
    row = cluster_proportion("sensitivity", hits, np.repeat(range(10), 2))
    assert row.deff == pytest.approx(19 / 9)  # the same variance, over p (1 - p) / 19 not / 9


@pytest.mark.parametrize(
    ("hits", "clusters", "said"),
    [
        ([1, 1, 1], [1, 2, 3], "interval undefined: the proportion is 1"),
        ([0, 0, 0], [1, 2, 3], "interval undefined: the proportion is 0"),
        ([1, 0, 1], [4, 4, 4], "standard error and interval undefined: one patient only"),
    ],
)
def test_proportions_at_the_edges(hits: list[int], clusters: list[int], said: str) -> None:
    row = cluster_proportion("sensitivity", hits, clusters)
    assert row.value is not None
    assert row.ci_low is None
    assert row.note == said


def test_no_level_was_read() -> None:
    assert (
        cluster_proportion("sensitivity", [], []).undefined
        == "no such level of known truth was read"
    )
    row = cluster_agreement([-1, 0], [0, -1], [1, 2], 4)
    assert row.undefined == "no level was read by both"
    assert cluster_agreement([0, 0], [0, 0], [1, 2], 4).undefined == "both used one grade only"
    alone = cluster_agreement([0, 1], [0, 0], [1, 1], 4)
    assert alone.note == "standard error and interval undefined: one patient only"


def test_kappa_of_units_alone_has_the_plain_error_with_one_degree_less() -> None:
    generator = np.random.default_rng(5)
    one, two = generator.integers(0, 4, (2, 50))
    row = cluster_agreement(one, two, range(50), 4, "gwet_ac", "quadratic")
    plain = agreement(pair_table(one, two, 4), "gwet_ac", "quadratic")
    assert row.value == plain.value
    assert row.se == pytest.approx((plain.se or 0) * math.sqrt(50 / 49))
    assert (row.method, row.df) == ("cluster", 49)


def test_perfect_agreement_over_levels() -> None:
    row = cluster_agreement([0, 1, 2], [0, 1, 2], [1, 2, 3], 4, "percent_agreement")
    assert row.value == 1
    assert "perfect agreement" in row.note


def test_identical_level_set_of_the_paper() -> None:
    # STATISTICS part 1: identical level sets R1 = R2 in 11/15; here 2 of 3, one with a gap
    one = [[0, 1, 0], [1, 1, 0], [0, 0, 0], [0, -1, 0]]
    two = [[0, 1, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]
    row = identical_level_set(one, two)
    assert row.value == pytest.approx(2 / 3)
    assert row.n == 3
    assert row.method == ""
    assert row.note == "Wilson interval"
    nothing = identical_level_set([[-1, 0, 0]], [[0, 0, 0]])
    assert nothing.undefined == "no case was read by both"
    assert nothing.note == "undefined: no case was read by both"


def _patients(generator: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return calls of two readers on 3 levels of n patients, alike within patients."""
    hard = generator.beta(2, 1, (n, 1))
    level = generator.random((n, 3)) < 0.5
    calls = [np.where(generator.random((n, 3)) < hard, level, ~level) for _ in "ab"]
    return calls[0].astype(int).ravel(), calls[1].astype(int).ravel(), np.repeat(np.arange(n), 3)


def test_cluster_intervals_cover() -> None:
    generator = np.random.default_rng(6)
    # A call is right with probability h ~ Beta(2, 1): mean 2/3; two agree with
    # E(h^2 + (1 - h)^2) = 1 - 2 E h (1 - h) = 1 - 2 (2/3 - 1/2) = 2/3, kappa 2 * 2/3 - 1 = 1/3.
    proportions, kappas, naive = [], [], []
    for _ in range(800):
        one, two, patient = _patients(generator, 60)
        same = one == two
        proportions.append(cluster_proportion("accuracy", same, patient))
        kappas.append(cluster_agreement(one, two, patient, 2))
        error = math.sqrt(same.mean() * (1 - same.mean()) / 180)
        naive.append(abs(same.mean() - 2 / 3) < 1.96 * error)
    allowed = 3.5 * math.sqrt(0.95 * 0.05 / 800)
    for rows, truth in ((proportions, 2 / 3), (kappas, 1 / 3)):
        covered = np.mean([row.ci_low <= truth <= row.ci_high for row in rows])  # type: ignore[operator]
        assert covered == pytest.approx(0.95, abs=allowed)
    assert np.mean(naive) < 0.95 - allowed / 2  # the error without clusters is too small here
