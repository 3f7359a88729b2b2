"""What the reading computes its own way for speed, against numpy and scipy."""

from itertools import product

import numpy as np
import pytest
from scipy.ndimage import binary_propagation, map_coordinates

from myeloscope.myelography.candidates import connected_with
from myeloscope.myelography.features import _correlation
from myeloscope.myelography.sac import STEP_COST, best_path
from myeloscope.myelography.typical import ABOVE_MM, BROADER, LONGER, prominent


@pytest.mark.parametrize("share", [0.3, 0.55, 0.8])
def test_signal_connected_with_seeds_is_scipys(share: float) -> None:
    rng = np.random.default_rng(3)
    mask = rng.uniform(size=(40, 50)) < share
    seeds = rng.uniform(size=mask.shape) < 0.03
    expected = binary_propagation(seeds & mask, mask=mask)
    found = connected_with(seeds, mask)
    assert found.sum() == expected.sum() > 0
    assert np.array_equal(found, expected)
    assert not connected_with(np.zeros_like(mask), mask).any()


def test_prominent_sleeves_are_the_typical_ones_scaled_up() -> None:
    typical = np.random.default_rng(4).uniform(size=(3, 47, 26)) * np.linspace(1.0, 0.0, 26)
    rows, columns = np.mgrid[-15:32, :26]
    grid = np.stack([rows / BROADER + ABOVE_MM, columns / LONGER])
    for patch, found, longest in zip(
        typical, prominent(typical, 0.3, np.array([30.0, 9.0, 4.5])), (26, 9, 5), strict=True
    ):
        expected = map_coordinates(patch, grid, order=1) > max(0.3, 0.2 * patch[:, :3].max())
        expected[:, longest:] = False
        assert np.array_equal(found, expected)


def test_the_best_path_is_that_of_all_paths() -> None:
    score = np.random.default_rng(5).normal(scale=0.1, size=(6, 4))
    paths = [p for p in product(range(4), repeat=6) if np.abs(np.diff(p)).max() <= 1]
    worth = [score[range(6), p].sum() - STEP_COST * np.abs(np.diff(p)).sum() for p in paths]
    assert best_path(score).tolist() == list(paths[int(np.argmax(worth))])


def test_a_correlation_is_numpys_where_there_is_one() -> None:
    rng = np.random.default_rng(6)
    a = rng.normal(size=30)
    b = a + rng.normal(size=30)
    assert _correlation(a, b) == np.corrcoef(a, b)[0, 1]
    assert _correlation(a, -b) == _correlation(a, np.ones(30)) == _correlation(a[:3], b[:3]) == 0.0
