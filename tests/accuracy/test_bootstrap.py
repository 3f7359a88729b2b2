from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from myeloscope.accuracy import (
    BINARY,
    Coefficient,
    Resampling,
    Statistic,
    Weights,
    bootstrap,
    draw,
    pair_contributions,
    pair_figure,
)
from myeloscope.accuracy.bootstrap import Figure
from myeloscope.accuracy.figures import difference_figure, per_case

scipy_bootstrap: Any = stats.bootstrap
BASE = Statistic(statistic="cohen_kappa", weights="quadratic", modality="A", se=9.0, note="x")
KAPPA = pair_figure(Coefficient.COHEN, Weights.QUADRATIC)


def _grades(seed: int = 1, n: int = 120) -> np.ndarray:
    generator = np.random.default_rng(seed)
    one = generator.integers(0, 4, n)
    two = np.clip(one + generator.choice([-1, 0, 0, 1], n), 0, 3)
    return np.stack([one, two]).astype(np.int8)


def test_is_near_scipys_bca_and_percentile() -> None:
    one, two = _grades()
    cells = pair_contributions(one, two, 4)
    rows = bootstrap(BASE, draw(cells, Resampling(20_000, 3)), KAPPA)

    def kappa(index: np.ndarray, axis: int = -1) -> np.ndarray:
        return KAPPA(cells[index.astype(int)].sum(axis=-2).reshape(-1, 16))

    for row, method in zip(rows, ("percentile", "BCa"), strict=True):
        peer = scipy_bootstrap(
            (np.arange(120),),
            kappa,
            n_resamples=4000,
            method=method,
            batch=500,
            rng=np.random.default_rng(1),
            vectorized=True,
        )
        ends = np.ravel([peer.confidence_interval.low, peer.confidence_interval.high])
        assert [row.ci_low, row.ci_high] == pytest.approx(ends, abs=0.008)


def test_rows_keep_the_identity_and_nothing_else() -> None:
    one, two = _grades()
    rows = bootstrap(BASE, draw(pair_contributions(one, two, 4), Resampling(200)), KAPPA)
    assert [row.method for row in rows] == ["bootstrap-percentile", "bootstrap-bca"]
    for row in rows:
        assert (row.statistic, row.modality, row.weights) == ("cohen_kappa", "A", "quadratic")
        assert row.note == ""
        assert row.se is not None
        assert row.se < 1


def test_equal_seeds_give_equal_resamples_whatever_the_order_of_cases() -> None:
    one, two = _grades()
    cells = pair_contributions(one, two, 4)
    first = draw(cells, Resampling(300, 5)).sums
    assert np.array_equal(first, draw(cells[::-1], Resampling(300, 5)).sums)
    assert not np.array_equal(first, draw(cells, Resampling(300, 6)).sums)
    assert (first.sum(axis=1) == 120).all()


def test_leaving_one_out() -> None:
    cells = np.array([[1.0, 0], [0, 1], [1, 0]])
    made = draw(cells, Resampling(40))
    assert made.total.tolist() == [[2, 1]]
    assert sorted(made.without.tolist()) == [[1, 1], [2, 0]]
    assert sorted(made.multiplicity.tolist()) == [1, 2]


@pytest.mark.parametrize(
    ("cells", "figure", "said"),
    [
        ([[3.0, 0, 3]] * 9, difference_figure, "all resamples are alike"),
        ([[1.0, 0, 0, 0]] * 8 + [[0.0, 1, 0, 0]], BINARY["sensitivity"], ""),
        ([[1.0, 0, 0, 0]] * 8 + [[0.0, 0, 0, 1]], BINARY["youden"], "all resamples are alike"),
    ],
)
def test_fallback_is_stated(cells: list[list[float]], figure: Figure, said: str) -> None:
    percentile, bca = bootstrap(BASE, draw(cells, Resampling(500, 1)), figure)
    if said:
        assert bca.note.startswith(f"fallback: percentile, as {said}")
        assert (bca.ci_low, bca.ci_high) == (percentile.ci_low, percentile.ci_high)
    else:
        assert bca.note == ""


def test_other_fallbacks() -> None:
    cells = np.array([[1.0, 0, 0, 0]] * 30 + [[0.0, 1, 0, 0]] * 4 + [[0.0, 0, 0, 1]])
    _, bca = bootstrap(BASE, draw(cells, Resampling(500, 1)), BINARY["youden"])
    assert bca.note.startswith("fallback: percentile, as the figure does not exist without some")
    assert "resamples undefined" in bca.note

    def outside(sums: np.ndarray) -> np.ndarray:
        return np.zeros(1) if len(sums) == 1 else np.asarray(sums[:, 0])

    _, bca = bootstrap(BASE, draw(cells, Resampling(500, 1)), outside)
    assert "on one side" in bca.note

    def flat(sums: np.ndarray) -> np.ndarray:
        return np.where(np.abs(sums[:, 0] - 30) < 2, 30.0, sums[:, 0])

    _, bca = bootstrap(BASE, draw(cells, Resampling(500, 1)), flat)
    assert "no single case moves" in bca.note


def test_undefined_in_the_data_or_in_most_resamples() -> None:
    cells = np.array([[1.0, 0, 0, 0]] * 9)
    rows = bootstrap(BASE, draw(cells, Resampling(100)), BINARY["specificity"])
    assert {row.undefined for row in rows} == {"the figure does not exist in the data"}

    def rarely(sums: np.ndarray) -> np.ndarray:
        return np.where(sums[:, 0] == 5, 0.5, np.nan)

    cells = np.array([[1.0, 0]] * 5 + [[0.0, 1]] * 25)
    rows = bootstrap(BASE, draw(cells, Resampling(200)), rarely)
    assert {row.undefined for row in rows} == {"the figure does not exist in most resamples"}


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        Resampling(39)
    with pytest.raises(ValueError, match="contributions"):
        draw(np.zeros((0, 3)), Resampling(40))


def test_clusters_are_resampled_whole() -> None:
    shares = per_case(np.array([[1.0, 0], [1, 0], [0, 1]]), np.array([4, 4, 9]))
    assert shares.tolist() == [[2, 0], [0, 1]]
    drawn = draw(shares, Resampling(50)).sums
    assert set(map(tuple, drawn.tolist())) <= {(4.0, 0.0), (2.0, 1.0), (0.0, 2.0)}


def test_bca_covers_a_skewed_proportion() -> None:
    generator = np.random.default_rng(11)
    covered = 0
    for seed in range(400):
        hits = generator.random(80) < 0.85
        cells = np.stack([hits, ~hits, np.zeros(80), np.zeros(80)], axis=1)
        _, bca = bootstrap(BASE, draw(cells, Resampling(400, seed)), BINARY["sensitivity"])
        covered += bca.ci_low <= 0.85 <= bca.ci_high  # type: ignore[operator]
    # a discrete figure: Efron, Tibshirani 1993, ch. 14 find BCa a little below nominal
    assert 0.90 <= covered / 400 <= 0.98
