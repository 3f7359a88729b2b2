"""How scanners of different makers store pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myeloscope.domain.image import FloatImage
from myeloscope.phantom.matter import Image


@dataclass(frozen=True, slots=True)
class PixelCoding:
    """Stored form of pixels: value = slope * stored + intercept (DICOM PS3.3 C.11.1).

    ``rescaled`` is false where the file says nothing about slope and intercept.
    """

    bits_stored: int
    signed: bool
    slope: float
    intercept: float
    rescaled: bool
    window_center: float
    window_width: float


def draw_coding(rng: np.random.Generator) -> tuple[PixelCoding, float]:
    """Draw a coding and the value that the sac's mean signal shall have in it.

    Styles seen in practice: 12 bits with a slope, 12 bits without, 16 bits signed, 16 bits with
    slope and intercept (ANATOMY names the first; the others are estimates). Windows follow PAPER.
    """
    center, width = float(rng.integers(600, 801)), float(rng.integers(1800, 2001))
    style = int(rng.integers(0, 4))
    sac = float(rng.uniform(800, 1700))
    if style == 0:
        slope = round(float(rng.uniform(0.6, 4.0)), 6)
        return PixelCoding(12, False, slope, 0.0, True, center, width), sac
    if style == 1:
        return PixelCoding(12, False, 1.0, 0.0, False, center, width), min(sac, 1200.0)
    if style == 2:
        return PixelCoding(16, True, 1.0, 0.0, False, center, width), sac
    slope = round(float(rng.uniform(0.02, 0.4)), 6)
    intercept = float(rng.integers(-50, 1))
    return PixelCoding(16, False, slope, intercept, True, center, width), sac


def quantise(image: Image, coding: PixelCoding) -> FloatImage:
    """Return rescaled values of an image after rounding and clipping to the stored range."""
    low = -(2 ** (coding.bits_stored - 1)) if coding.signed else 0
    high = low + 2**coding.bits_stored - 1
    stored = np.clip(np.rint((image - coding.intercept) / coding.slope), low, high)
    return (stored * coding.slope + coding.intercept).astype(np.float32)
