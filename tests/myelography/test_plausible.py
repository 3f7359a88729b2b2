"""What only looks like a myelogram has no grade, and the reason is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from myeloscope import phantom
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Reading
from myeloscope.myelography.read import DERIVED_NOTE, FRAMES_NOTE, read_study
from myeloscope.settings import ReadSettings

Pixels = NDArray[np.float64]


@pytest.fixture(scope="module")
def study() -> Study:
    return phantom.make(phantom.demo_spec()).study


def read_changed(study: Study, change: Callable[[Pixels], Pixels]) -> Reading:
    stations = tuple(
        replace(s, pixels=change(s.pixels.astype(float)).astype(np.float32)) for s in study.stations
    )
    return read_study(replace(study, stations=stations), ReadSettings())


def sac_level(study: Study) -> float:
    """Return about the sac's brightness: twice what a sixth of its silhouette has."""
    return float(np.quantile(study.stations[0].pixels, 0.97))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p, sac: np.minimum(p, 0.4 * sac), "clipped: "),
        (lambda p, sac: p + 1.5 * sac, "not heavily T2-weighted: "),
        (lambda p, sac: np.where(p > 0.5 * sac, 1000.0, 0.0), "no noise"),
        (lambda p, sac: np.round(p / sac) * sac, "no noise"),
        (lambda p, sac: -p, "no thecal sac found"),
    ],
)
def test_no_region_has_a_grade(
    study: Study, change: Callable[[Pixels, float], Pixels], reason: str
) -> None:
    reading = read_changed(study, lambda pixels: change(pixels, sac_level(study)))
    assert [region.grade for region in reading.regions.values()] == [None] * 3
    assert all(reason in (region.reason or "") for region in reading.regions.values())
    assert any(reason in warning for warning in reading.quality.warnings)
    assert reading.findings == ()


def test_noise_that_a_filter_has_smoothed_away_almost_is_noise_still(study: Study) -> None:
    def filtered(pixels: Pixels) -> Pixels:
        dark = pixels < 0.1 * sac_level(study)
        quiet = np.median(pixels[dark])
        return np.where(dark, quiet + (pixels - quiet) / 100, pixels)

    reading = read_changed(study, filtered)
    assert (reading.quality.snr or 0) > 800
    assert all(region.assessable for region in reading.regions.values())


@pytest.mark.parametrize("level", [0.05, 0.2])
def test_a_little_tissue_is_still_a_myelogram(study: Study, level: float) -> None:
    reading = read_changed(study, lambda pixels: pixels + level * sac_level(study))
    assert None not in [region.grade for region in reading.regions.values()]


def test_noise_that_coil_correction_raises_at_the_sides_is_no_tissue(study: Study) -> None:
    """Half of the image is as bright as 0.4 of the sac then; what lies beside the sac is not."""
    rng = np.random.default_rng(5)
    sac = sac_level(study)

    def raised(pixels: Pixels) -> Pixels:
        side = np.abs(np.linspace(-1.0, 1.0, pixels.shape[1]))
        spread = sac * np.clip(2.0 * (side - 0.3), 0.0, 1.0)
        noise = rng.normal(size=(2, *pixels.shape)) * spread
        return np.asarray(np.hypot(pixels + noise[0], noise[1]))

    assert np.median(raised(study.stations[0].pixels.astype(float))) > 0.35 * sac
    reading = read_changed(study, raised)
    assert None not in [region.grade for region in reading.regions.values()]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6, 1e12 / 8000])
def test_the_unit_of_the_pixels_does_not_matter(study: Study, scale: float) -> None:
    plain = read_changed(study, lambda pixels: pixels)
    scaled = read_changed(study, lambda pixels: pixels * scale)
    assert {r: g.grade for r, g in scaled.regions.items()} == {
        r: g.grade for r, g in plain.regions.items()
    }
    assert [f.extent_mm for f in scaled.findings] == pytest.approx(
        [f.extent_mm for f in plain.findings], abs=0.5
    )


def test_what_is_to_be_known_of_the_images_is_a_warning(study: Study) -> None:
    plain = read_study(study, ReadSettings()).quality.warnings
    other = replace(study.stations[1], frame_of_reference_uid="1.2")
    odd = replace(study, stations=(study.stations[0], other), derived=True)
    assert read_study(odd, ReadSettings()).quality.warnings == (DERIVED_NOTE, FRAMES_NOTE, *plain)
