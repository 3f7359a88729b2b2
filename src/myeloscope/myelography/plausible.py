"""Whether an image is a myelogram at all: no grade is given to what only looks like one.

Heavy T2 weighting leaves free fluid alone, so what lies beside the sac is mostly noise; an ordinary
T2 image shows fat and muscle there. What was clipped at its largest value hides what lies in and
beside the sac, and an image without noise was made by other means than a scanner's.
"""

from __future__ import annotations

import numpy as np

from myeloscope.domain.image import Study
from myeloscope.geometry.ranks import median
from myeloscope.myelography.sac import STEP_MM
from myeloscope.myelography.spine import Spine

MOST_TISSUE = 0.35
"""Median signal beside the sac over the sac's, noise floor removed: phantoms and three simulators
apart from them have -0.07 to 0.16, a real T2 volume averaged over 50 mm has 0.6."""
BESIDE_MM = (8.0, 30.0)
"""Where that is measured: further out, coil correction may raise the noise to the sac's level."""
MOST_EQUAL = 0.5
"""Share of the pixels beside the sac that may have one and the same value, at most: noise differs,
even where a scanner's filter has smoothed it to a thousandth of the sac's signal."""
ALIKE = 1e-5
"""Difference over the sac's signal up to which two values are the same."""
MOST_CLIPPED = 0.5
"""Share of the sac's midline at the largest value of its image."""


def why_not_plausible(spine: Spine, study: Study) -> str | None:
    """Return why an image in which a bright column was found is no myelogram, or ``None``."""
    if spine.snr <= 0 or _equal(spine) > MOST_EQUAL:
        return "the image has no noise: it was clipped or processed"
    tissue = _beside(spine)
    if tissue > MOST_TISSUE:
        return (
            f"not heavily T2-weighted: half of what lies beside the sac has {tissue:.0%} of its "
            f"signal or more, in MR myelography {MOST_TISSUE:.0%} at most"
        )
    clipped = _clipped(spine, study)
    if clipped > MOST_CLIPPED:
        return f"clipped: {clipped:.0%} of the sac's midline has the image's largest value"
    return None


def _beside(spine: Spine) -> float:
    """Return the median signal beside the sac over the sac's; 0 where nothing was acquired."""
    sac, values = spine.sac, []
    for lateral, tissue in zip(spine.laterals, sac.background.T, strict=True):
        band = (lateral.d_mm > BESIDE_MM[0]) & (lateral.d_mm < BESIDE_MM[1])
        share = (tissue / np.maximum(sac.brightness, 1e-12))[:, None]
        # signal is what exceeds the tissue, over what the sac exceeds it by
        whole = share + lateral.signal[:, band] * (1.0 - share)
        values.append(whole[lateral.seen[:, band]])
    beside = np.concatenate(values)
    return median(beside) if len(beside) else 0.0


def _equal(spine: Spine) -> float:
    """Return the share of the canvas's pixels beside the sac that have their median value."""
    sac, canvas = spine.sac, spine.canvas
    rows = np.flatnonzero(sac.present)[:: round(2.0 / STEP_MM)]
    away = np.arange(*BESIDE_MM, 2.0) + sac.width_mm[rows, None] / 2
    across = np.concatenate([-away, away], axis=1)
    places = np.rint(sac.curve.at(sac.curve.s_mm[rows, None], across)).astype(int)
    row, column = np.moveaxis(places, -1, 0)
    height, width = canvas.pixels.shape
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    row, column = row[inside], column[inside]
    beside = canvas.pixels[row, column][canvas.station[row, column] >= 0]
    alike = ALIKE * np.median(sac.brightness[rows])
    return float(np.mean(np.abs(beside - np.median(beside)) <= alike)) if len(beside) else 0.0


def _clipped(spine: Spine, study: Study) -> float:
    """Return the share of the sac's midline at the largest value of the station that shows it."""
    canvas = spine.canvas
    points = np.rint(spine.sac.curve.points[spine.sac.present]).astype(int)
    rows, columns = np.clip(points, 0, np.array(canvas.pixels.shape) - 1).T
    largest = np.array(
        [gain * s.pixels.max() for gain, s in zip(canvas.gains, study.stations, strict=True)]
    )
    at = largest[canvas.station[rows, columns]]
    return float(np.mean(canvas.pixels[rows, columns] >= at * (1 - 1e-4)))
