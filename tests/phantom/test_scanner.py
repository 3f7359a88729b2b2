"""The scanner against closed forms and the declared figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from myeloscope.domain.image import PlaneGeometry
from myeloscope.phantom.imaging import sac_signal
from myeloscope.phantom.making import make, scene
from myeloscope.phantom.matter import Detector, Image, Slab
from myeloscope.phantom.scanner import (
    Layer,
    coil_profile,
    draw_faults,
    encode,
    no_faults,
    receive,
)
from myeloscope.phantom.spec import Difficulty, PhantomSpec, Ruin
from myeloscope.phantom.stations import Protocol
from myeloscope.phantom.streams import stream
from myeloscope.phantom.vendor import PixelCoding, draw_coding, quantise

PAPER = Protocol(128, 67.5, 50.0, 2.0, 0.0, 2, 1000.0, 8000.0, 64, 2, 1.5, True)
PLANE = PlaneGeometry((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), 0.527, 0.527)
GRID = Detector(Slab(PLANE, (0.0, 1.0, 0.0), 50.0, 2.0), 128, 128, 2)


def bar() -> Image:
    image = np.zeros(GRID.shape)
    image[100:140, 90:170] = 4.0
    return image


def test_a_perfect_scanner_keeps_place_and_signal() -> None:
    clean = np.abs(encode([Layer(bar(), 1e9)], GRID, PAPER, no_faults(2)))
    assert clean[55:65, 50:80].mean() == pytest.approx(4.0, rel=0.01)
    rows, columns = np.indices(clean.shape)
    # fine rows 100..139 have their middle at 119.5, that is image row (119.5 - 0.5) / 2
    assert (clean * rows).sum() / clean.sum() == pytest.approx(59.5, abs=0.1)
    assert (clean * columns).sum() / clean.sum() == pytest.approx(64.5, abs=0.1)


def test_truncation_rings_by_nine_percent() -> None:
    # Gibbs: the first overshoot of a truncated step is 8.95 % of its height, one pixel from an
    # edge that lies on a pixel's centre (here image row 50: fine row 100.5)
    step = np.roll(bar(), 1, axis=0)
    clean = np.abs(encode([Layer(step, 1e9)], GRID, PAPER, no_faults(2)))
    assert clean[51, 65] / 4.0 == pytest.approx(1.0895, abs=0.02)
    smooth = replace(no_faults(2), filter_strength=1.0)
    assert np.abs(encode([Layer(step, 1e9)], GRID, PAPER, smooth))[51, 65] < 1.05 * 4.0


def test_short_t2_leaves_only_edges() -> None:
    fluid = np.abs(encode([Layer(bar(), 2000.0)], GRID, PAPER, no_faults(2)))
    fat = np.abs(encode([Layer(bar(), 150.0)], GRID, PAPER, no_faults(2)))
    assert fluid[60, 65] == pytest.approx(4.0, rel=0.1)
    assert fat[48:72, 65].max() > 5 * fluid[60, 65]


def test_the_phase_direction_turns_the_decay() -> None:
    down = np.abs(encode([Layer(bar(), 300.0)], GRID, PAPER, no_faults(2)))
    across = np.abs(encode([Layer(bar(), 300.0)], GRID, replace(PAPER, phase_down=False),
                           no_faults(2)))  # fmt: skip
    assert down[40, 65] > 3 * across[40, 65]


def test_unlike_shots_make_a_ghost_half_a_field_away() -> None:
    faults = replace(no_faults(2), shot_gain=np.array([1.1, 0.9]))
    ghost = np.abs(encode([Layer(bar(), 1e9)], GRID, PAPER, faults))
    # lines 1.1 and 0.9 in turn: main image 1.0, ghost 0.1 of the signal at half the lines
    assert ghost[(60 + 64) % 128, 65] == pytest.approx(0.4, rel=0.05)


def test_motion_blurs_edges() -> None:
    sharp = np.abs(encode([Layer(bar(), 1e9)], GRID, PAPER, no_faults(2)))
    faults = draw_faults(stream(1, "motion"), 2, motion_px=4.0)
    blurred = np.abs(encode([Layer(bar(), 1e9)], GRID, PAPER, faults))
    assert np.abs(np.diff(blurred[60])).max() < 0.8 * np.abs(np.diff(sharp[60])).max()


def test_no_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one layer"):
        encode([], GRID, PAPER, no_faults(2))


def test_background_noise_is_rayleigh() -> None:
    # mean of Rayleigh noise is sigma sqrt(pi/2), its SD sigma sqrt(2 - pi/2)
    noise = receive(stream(2, "noise"), np.zeros((256, 256), np.complex64), 3.0)
    assert noise.mean() == pytest.approx(3.0 * np.sqrt(np.pi / 2), rel=0.01)
    assert noise.std() == pytest.approx(3.0 * np.sqrt(2 - np.pi / 2), rel=0.02)


def test_coils_are_smooth_and_positive() -> None:
    profile = coil_profile(stream(3, "coil"), 200, 100)
    assert profile.shape == (200, 100)
    assert profile.min() > 0
    assert np.abs(np.diff(profile, axis=0)).max() < 0.05


@pytest.mark.parametrize("level", list(Difficulty))
def test_sac_snr_on_the_image_is_the_declared_one(level: Difficulty) -> None:
    # The noise SD is read from the corners of the image (Rayleigh), the sac from its inner 60 %.
    spec = PhantomSpec(seed=61, difficulty=level, other_fluid=False, ruin=Ruin.NONE, covers=True)
    made, known = make(spec), scene(spec)
    signals, sigmas = [], []
    for index, station in enumerate(made.study.stations):
        image = station.pixels.astype(np.float64)
        signals.append(sac_signal(image, known.body, known.plans[index]))
        corners = np.concatenate([image[20:120, 20:90].ravel(), image[-120:-20, -90:-20].ravel()])
        sigmas.append(np.sqrt(np.median(corners**2) / (2 * np.log(2))))
    snr = np.median(np.concatenate(signals)) / np.mean(sigmas)
    assert snr == pytest.approx(made.truth.difficulty.sac_snr, rel=0.1)


@pytest.mark.parametrize("seed", range(8))
def test_quantised_pixels_lie_on_the_stored_grid(seed: int) -> None:
    coding, sac = draw_coding(stream(seed, "vendor"))
    image = np.linspace(-500, 90000, 1001).reshape(7, 143)
    pixels = quantise(image, coding).astype(np.float64)
    stored = (pixels - coding.intercept) / coding.slope
    assert np.abs(stored - np.rint(stored)).max() < 0.02
    low = -(2 ** (coding.bits_stored - 1)) if coding.signed else 0
    assert stored.min() >= low - 0.02
    assert stored.max() < low + 2**coding.bits_stored
    assert 600 <= coding.window_center <= 800
    assert sac > 500


def test_quantising_rounds_to_the_nearest() -> None:
    coding = PixelCoding(12, False, 2.0, -10.0, True, 700.0, 1900.0)
    assert quantise(np.array([[0.9, 1.1, -50.0]]), coding).tolist() == [[0.0, 2.0, -10.0]]
