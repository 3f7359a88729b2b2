"""Whittaker smoothing: what it keeps, what it takes, what it ignores."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import grey_closing

from myeloscope.myelography.smooth import closed, whittaker, whittaker_inner


def test_a_straight_line_stays() -> None:
    line = np.linspace(3.0, 9.0, 200)
    assert np.allclose(whittaker(line, np.ones(200), 40.0), line, atol=1e-6)


def test_half_the_amplitude_passes_at_the_stated_wavelength() -> None:
    # response of the penalty: 1 / (1 + (length w / 2 pi)^4), Eilers 2003
    s = np.arange(2000.0)
    wave = np.sin(2 * np.pi * s / 50.0)
    passed = whittaker(wave, np.ones(2000), 50.0)
    assert np.abs(passed[500:1500]).max() == pytest.approx(0.5, abs=0.01)


def test_gaps_are_bridged() -> None:
    line = np.linspace(0.0, 10.0, 100)
    weights = np.ones(100)
    weights[40:60] = 0.0
    broken = np.where(weights > 0, line, 99.0)
    assert np.allclose(whittaker(broken, weights, 30.0), line, atol=1e-3)


def test_weights_that_are_none_are_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="finite and 0 or more"):
        whittaker(np.ones(50), np.full(50, -9.0), 30.0)


def test_bumps_upward_are_ignored() -> None:
    edge = np.full(400, 7.0)
    edge[180:210] += 6.0
    rng = np.random.default_rng(1)
    noisy = edge + 0.1 * rng.standard_normal(400)
    smooth = whittaker_inner(noisy, np.ones(400), 90.0, 1.0)
    assert np.abs(smooth - 7.0).max() < 0.35


@pytest.mark.parametrize("size", [1, 3, 5, 9])
def test_closing_is_that_of_scipy_where_its_window_has_a_middle(size: int) -> None:
    lines = np.random.default_rng(size).normal(size=(6, 40))
    assert np.array_equal(closed(lines, size), grey_closing(lines, size=(1, size)))


@pytest.mark.parametrize("size", [2, 4, 8])
def test_closing_bridges_gaps_shorter_than_its_window(size: int) -> None:
    lines = np.ones((2, 40))
    lines[0, 20 : 20 + size - 1] = 0.0
    lines[1, 20 : 20 + size] = 0.0
    assert np.array_equal(closed(lines, size)[0], np.ones(40))
    assert np.array_equal(closed(lines, size)[1], lines[1])
    assert np.array_equal(closed(lines[:, ::-1], size), closed(lines, size)[:, ::-1])
