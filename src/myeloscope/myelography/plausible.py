"""Whether an image is a myelogram at all: no grade is given to what only looks like one.

Heavy T2 weighting leaves free fluid alone, so half of an image is noise; an ordinary T2 image shows
fat and muscle beside the sac. What was clipped at its largest value hides what lies in and beside
the sac, and an image without noise was made by other means than a scanner's.
"""

from __future__ import annotations

import numpy as np

from myeloscope.domain.image import Study
from myeloscope.myelography.spine import Spine

MOST_TISSUE = 0.35
"""Median of the image over the sac's brightness: phantoms have 0.01 to 0.12 (SNR 80 to 10), a real
T2 volume averaged over 50 mm has 0.7."""
MOST_SNR = 800.0
"""The sac's signal over the noise beside it: phantoms have 8 to 130; a cleaned image has more."""
MOST_CLIPPED = 0.2
"""Share of the sac's midline at the largest value of its image."""


def why_not_plausible(spine: Spine, study: Study) -> str | None:
    """Return why an image in which a bright column was found is no myelogram, or ``None``."""
    if not 0 < spine.snr < MOST_SNR:
        return "the image has no noise: it was clipped or processed"
    present = spine.sac.present
    bright = float(np.median(spine.sac.brightness[present]))
    tissue = float(np.median(spine.canvas.pixels[spine.canvas.covered])) / max(bright, 1e-12)
    if tissue > MOST_TISSUE:
        return (
            f"not heavily T2-weighted: half of the image has {tissue:.0%} of the sac's signal or "
            f"more, in MR myelography {MOST_TISSUE:.0%} at most"
        )
    clipped = _clipped(spine, study)
    if clipped > MOST_CLIPPED:
        return f"clipped: {clipped:.0%} of the sac's midline has the image's largest value"
    return None


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
