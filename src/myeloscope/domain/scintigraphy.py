"""What a planar gamma-camera image records beside its pixels.

A planar image has no place in the patient. Its :class:`~myeloscope.domain.image.PlaneGeometry` is
therefore the detector's own plane: mm to the patient's left, (nothing), mm up from the image's
middle, in the order of LPS, so that the same code turns pixels into mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TC99M_HALF_LIFE_H = 6.0067
"""Half-life of Tc-99m, h (Decay Data Evaluation Project, evaluation of 2004: 6.0067(10) h)."""


class View(StrEnum):
    """Side of the body that a detector faced."""

    ANTERIOR = "anterior"
    POSTERIOR = "posterior"
    UNKNOWN = "unknown"


class ViewLabel(StrEnum):
    """What in a header says which way a detector faced (PS3.3 C.8.4.11)."""

    CODE = "view-code"
    ORIENTATION = "orientation"
    ANGLE = "start-angle"


class IndirectSignKind(StrEnum):
    """A sign of a leak that shows no place; it never raises a grade (DESIGN)."""

    EARLY_BLADDER = "early-bladder"
    SLOW_ASCENT = "slow-ascent"
    FAST_CLEARANCE = "fast-clearance"


@dataclass(frozen=True, slots=True)
class NuclearAcquisition:
    """How one planar image was acquired; ``None`` where the header does not say.

    Attributes
    ----------
    view
        Side of the body that the detector faced.
    started
        ISO 8601 date and time of acquisition.
    hours
        Hours from the injection to the middle of the acquisition.
    duration_s
        How long each point was seen, s; a sweep's is the time that the detector takes to pass.
    nuclide, half_life_h
        Name of the nuclide, and its half-life.
    dose_mbq
        Activity injected, MBq.
    window_kev
        Lower and upper limit of the energy window.
    whole_body
        The image was swept over the body.
    times_from
        Where ``hours`` comes from, in words.
    """

    view: View = View.UNKNOWN
    started: str | None = None
    hours: float | None = None
    duration_s: float | None = None
    nuclide: str | None = None
    half_life_h: float = TC99M_HALF_LIFE_H
    dose_mbq: float | None = None
    window_kev: tuple[float, float] | None = None
    whole_body: bool = False
    times_from: str = ""
