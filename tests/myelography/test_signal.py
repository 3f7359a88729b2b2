"""Noise and its floor against simulated Rician images of known sigma."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.myelography.signal import noise_sigma, remove_noise_floor


def rician(
    amplitude: float, sigma: float, shape: tuple[int, int] = (256, 256)
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rng = np.random.default_rng(5)
    real = amplitude + sigma * rng.standard_normal(shape)
    return np.hypot(real, sigma * rng.standard_normal(shape)).astype(np.float32)


@pytest.mark.parametrize("sigma", [0.5, 4.0, 37.0])
def test_sigma_of_air_is_found(sigma: float) -> None:
    assert noise_sigma(rician(0.0, sigma)) == pytest.approx(sigma, rel=0.03)


def test_a_bright_column_hardly_moves_sigma() -> None:
    image = rician(0.0, 2.0)
    image[:, 120:136] += 400.0
    assert noise_sigma(image) == pytest.approx(2.0, rel=0.1)


def test_masked_air_is_left_out() -> None:
    image = rician(0.0, 3.0)
    image[:, :200] = 0.0
    assert noise_sigma(image) == pytest.approx(3.0, rel=0.1)


@pytest.mark.parametrize("shape", [(2, 2), (64, 64)])
def test_a_constant_image_has_no_noise(shape: tuple[int, int]) -> None:
    assert noise_sigma(np.full(shape, 7.0, dtype=np.float32)) == 0.0


@pytest.mark.parametrize("amplitude", [0.0, 3.0, 10.0, 50.0])
def test_floor_is_gone_on_average(amplitude: float) -> None:
    # E[m^2] = A^2 + 2 sigma^2 (Gudbjartsson & Patz 1995)
    mean = float(remove_noise_floor(rician(amplitude, 1.0), 1.0).mean())
    assert mean == pytest.approx(amplitude, abs=0.25)
