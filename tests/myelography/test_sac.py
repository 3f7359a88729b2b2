"""The sac's midline and silhouette edges against closed-form columns."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.myelography.sac import find_sac, opens_wide
from myeloscope.myelography.signal import noise_sigma, remove_noise_floor
from tests.myelography.scenes import SPACING, column


@pytest.mark.parametrize("width", [9.0, 14.0, 20.0, 26.0])
@pytest.mark.parametrize("bend", [0.0, 12.0])
def test_silhouette_width_of_an_ellipse(width: float, bend: float) -> None:
    image = column(width, bend_mm=bend, sigma=3.0)
    sigma = noise_sigma(image)
    sac = find_sac(remove_noise_floor(image, sigma), np.ones(image.shape, bool), SPACING)
    assert sac is not None
    inner = slice(60, -60)
    assert np.median(sac.width_mm[inner]) == pytest.approx(width, abs=0.3 + 0.03 * width)
    middle = 100.0 + bend * np.sin(sac.curve.points[inner, 0] * SPACING / 90.0)
    assert np.abs(sac.curve.points[inner, 1] * SPACING - middle).max() < 0.7


def test_a_bright_blob_beside_the_sac_does_not_widen_it() -> None:
    image = column(15.0)
    rows, columns = np.indices(image.shape)
    ball = np.hypot(rows - 400, columns - 222) * SPACING
    image = np.maximum(image, 150.0 * (ball < 6.0)).astype(np.float32)
    sac = find_sac(image, np.ones(image.shape, bool), SPACING)
    assert sac is not None
    assert np.abs(sac.width_mm[60:-60] - 15.0).max() < 1.6


def test_no_sac_in_a_tiny_or_uncovered_image() -> None:
    tiny = np.zeros((20, 20), dtype=np.float32)
    assert find_sac(tiny, np.ones(tiny.shape, bool), SPACING) is None
    image = column()
    assert find_sac(image, np.zeros(image.shape, bool), SPACING) is None


def test_sac_that_ends_is_absent_below() -> None:
    image = column(15.0)
    image[600:] = 0.0
    sac = find_sac(image, np.ones(image.shape, bool), SPACING)
    assert sac is not None
    end = np.flatnonzero(sac.present)[-1] * 0.5
    assert end == pytest.approx(300.0, abs=6.0)


def test_the_skull_is_cut_off_but_a_local_or_one_sided_bulge_is_not() -> None:
    edge = np.full(600, 7.5)
    present = np.ones(600, bool)
    short = edge.copy()
    short[30:40] = 15.0
    assert not opens_wide(short, short, present).any()
    skull = edge.copy()
    skull[10:90] = 20.0
    assert not opens_wide(skull, edge, present).any()
    wide = opens_wide(skull, skull, present)
    assert wide[:90].all()
    assert not wide[110:].any()
    assert not opens_wide(edge[:20], edge[:20], present[:20]).any()
