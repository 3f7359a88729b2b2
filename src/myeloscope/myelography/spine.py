"""The spine as seen on the canvas: signal, sac, both sides, and the roots with their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.anatomy import TYPICAL_SPINE, Segment, Side, SpineFormula
from myeloscope.domain.image import Study
from myeloscope.geometry.canvas import Canvas, to_patient
from myeloscope.geometry.ranks import median
from myeloscope.myelography.ladder import Cues, Ladder, fit_ladder
from myeloscope.myelography.lateral import (
    SIGN,
    FloatArray,
    Lateral,
    lateral_images,
    sleeve_evidence,
    sleeve_profile,
)
from myeloscope.myelography.roots import RootPlace, place_roots
from myeloscope.myelography.sac import STEP_MM, Sac, find_sac
from myeloscope.myelography.signal import noise_sigma, remove_noise_floor

FORMULAS = (
    TYPICAL_SPINE,
    SpineFormula(thoracic=11),
    SpineFormula(thoracic=13),
    SpineFormula(lumbar=4),
    SpineFormula(lumbar=6),
)


@dataclass(frozen=True, slots=True, eq=False)
class Spine:
    """What the canvas shows of a spine.

    Attributes
    ----------
    canvas
        The stations joined.
    sigmas
        (stations,) noise of one canvas pixel by the station that gives it.
    sac
        The thecal sac.
    laterals
        The image beside it, patient's right and left.
    chain
        The ladder of roots.
    roots
        The roots in view, for each of ``laterals``.
    """

    canvas: Canvas
    sigmas: FloatArray
    sac: Sac
    laterals: tuple[Lateral, Lateral]
    chain: Ladder
    roots: tuple[tuple[RootPlace, ...], tuple[RootPlace, ...]]

    @property
    def snr(self) -> float:
        """Return the sac's median signal over the noise beside it."""
        noise = np.concatenate([lateral.noise[self.sac.present] for lateral in self.laterals])
        usual = median(noise) if len(noise) else 0.0
        return 1.0 / usual if usual > 0 else 0.0

    def patient_mm(self, s_mm: FloatArray, d_mm: FloatArray, side: Side) -> FloatArray:
        """Return patient positions (N, 3) of points at distances from the sac's edge on a side."""
        width = np.interp(s_mm, self.sac.curve.s_mm, self.sac.width_mm)
        t = SIGN[side] * (width / 2 + np.asarray(d_mm))
        return to_patient(self.canvas, self.sac.curve.at(np.asarray(s_mm, float), t))

    def midline_mm(self, s_mm: FloatArray) -> FloatArray:
        """Return patient positions (N, 3) of points on the sac's midline."""
        return to_patient(self.canvas, self.sac.curve.at(s_mm, np.zeros_like(s_mm)))


def station_noise(canvas: Canvas, study: Study) -> FloatArray:
    """Return (stations,) the noise of a canvas pixel by its station, gains applied."""
    pairs = zip(canvas.gains, study.stations, strict=True)
    return np.array([gain * noise_sigma(station.pixels) for gain, station in pairs])


def see_spine(
    canvas: Canvas, sigmas: FloatArray, anchors_z: Mapping[Segment, float]
) -> Spine | None:
    """Find the sac, its sides and its roots; ``None`` where there is no sac.

    Parameters
    ----------
    canvas
        The stations joined.
    sigmas
        (stations,) noise of a canvas pixel by the station that gives it.
    anchors_z
        Roots named by the user: root -> LPS z of its exit, mm.
    """
    pixels = remove_noise_floor(canvas.pixels, _by_pixel(sigmas, canvas))
    sac = find_sac(pixels, canvas.covered, canvas.spacing_mm)
    if sac is None or not sac.present.any():
        return None
    laterals = lateral_images(pixels, canvas.covered, sac, float(sigmas.min()))
    profiles = [sleeve_profile(lateral) for lateral in laterals]
    evidence = [sleeve_evidence(profile, sac.present) for profile in profiles]
    anchors = _anchors_along(canvas, sac, anchors_z)
    chain = fit_ladder(_cues(sac, evidence[0] + evidence[1]), FORMULAS, anchors)
    right, left = (
        place_roots(chain, lateral, profile, seen)
        for lateral, profile, seen in zip(laterals, profiles, evidence, strict=True)
    )
    return Spine(canvas, sigmas, sac, laterals, chain, (right, left))


def _by_pixel(sigmas: FloatArray, canvas: Canvas) -> NDArray[np.float32]:
    """Return (rows, columns) the noise of every pixel; the last station's where there is none."""
    *upper, last = sigmas.astype(np.float32)
    whole = np.full(canvas.station.shape, last)
    for index, sigma in enumerate(upper):
        np.copyto(whole, sigma, where=canvas.station == index)
    return whole


def _cues(sac: Sac, evidence: FloatArray) -> Cues:
    """Thin what was seen along the sac out to whole mm."""
    at = np.arange(0, len(evidence), round(1 / STEP_MM))
    end = sac_end(sac)
    return Cues(evidence[at], sac.width_mm[at], sac.present[at], end, sac.skull_mm)


MOST_TAPER = 0.75
"""A sac that ends tapers: its last 6 mm are no wider than this share of it 35 to 60 mm higher."""


def sac_end(sac: Sac) -> float | None:
    """Return where the sac ends along its curve, mm.

    ``None`` if it leaves the image, or its signal is lost before it has tapered.
    """
    last = int(np.flatnonzero(sac.present)[-1])
    if last >= len(sac.present) - round(10 / STEP_MM):
        return None
    at = [max(last - round(mm / STEP_MM), 0) for mm in (60.0, 35.0, 6.0)]
    above, tip = sac.width_mm[at[0] : at[1] + 1], sac.width_mm[at[2] : last + 1]
    return last * STEP_MM if median(tip) <= MOST_TAPER * median(above) else None


def _anchors_along(
    canvas: Canvas, sac: Sac, anchors_z: Mapping[Segment, float]
) -> dict[Segment, float]:
    """Return where along the sac its midline passes the heights the user named."""
    if not anchors_z:
        return {}
    z = to_patient(canvas, sac.curve.points)[:, 2]
    return {root: float(np.abs(z - at).argmin() * STEP_MM) for root, at in anchors_z.items()}
