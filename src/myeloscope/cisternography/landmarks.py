"""What of the body a cisternogram shows besides the canal: its ends, the injection, the kidneys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from myeloscope.cisternography.activity import Activity
from myeloscope.cisternography.blur import blur_matrix
from myeloscope.cisternography.bounds import BOUNDS, Bounds
from myeloscope.cisternography.canal import Canal, columns_q
from myeloscope.cisternography.planar import STEP_MM

Floats = NDArray[np.float64]


NEAREST_KIDNEY_MM = 40.0
"""Least distance of a kidney's middle from the canal's axis."""
WIDER, LOIN_MM = 1.10, 200.0
"""Width over the chest's at which the neck begins, and what of the canal's lower part is none."""
MIDDLE = len(columns_q()) // 2
"""The column of the axis."""


@dataclass(frozen=True, slots=True)
class Kidney:
    """A kidney in the straight pictures: side (+1 left), middle (mm along the canal, mm aside)."""

    sign: int
    s_mm: float
    q_mm: float
    contrast: float


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Places along the canal, mm, with the SD of how well they are seen; ``None``: not seen.

    ``lungs``: from where to where they lie beside it, mm; known by the levels.
    """

    end: tuple[float, float] | None
    skull: tuple[float, float] | None
    injection: tuple[float, float] | None
    kidneys: tuple[Kidney, ...]
    neck: tuple[float, float] | None = None
    lungs: tuple[float, float] | None = None

    def known(self) -> dict[str, tuple[float, float]]:
        """Return landmark -> (place, SD), for those that were seen."""
        found = {
            "end": self.end,
            "skull": self.skull,
            "injection": self.injection,
            "neck": self.neck,
        }
        made = {name: at for name, at in found.items() if at is not None}
        if self.kidneys:
            middle = float(np.mean([kidney.s_mm for kidney in self.kidneys]))
            made["kidneys"] = (middle, 8.0 if len(self.kidneys) == 2 else 14.0)
        return made


def find_landmarks(
    canal: Canal, activities: Sequence[Activity], bounds: Bounds = BOUNDS
) -> Landmarks:
    """Return the landmarks of a study."""
    end = _lower_end(canal, activities)
    return Landmarks(
        end=end,
        skull=_skull(canal, activities),
        injection=_injection(canal, activities, bounds),
        kidneys=_kidneys(canal, activities, end),
        neck=_neck(canal, activities),
    )


def _lower_end(canal: Canal, activities: Sequence[Activity]) -> tuple[float, float] | None:
    """Return where the canal ends below: its activity falls to half within a short stretch.

    Each time has its own; the median stands. An end at the picture's edge is none.
    """
    ends = []
    for activity in activities:
        rows = np.flatnonzero(activity.valid)
        if len(rows) < 12:
            continue
        last = _falls(activity.canal, int(0.55 * len(activity.canal)))
        if last is None:
            continue
        seen = activity.straight.seen[min(last + int(15 / STEP_MM), len(activity.canal) - 1)]
        if seen[len(seen) // 2] and activity.valid[max(last - int(30 / STEP_MM), 0)]:
            ends.append(float(canal.s[last]))
    return (float(np.median(ends)), 6.0) if ends else None


def _falls(amplitude: Floats, start: int) -> int | None:
    """Return the first row below a start at which activity is a third of what was just above.

    It must stay low for 12 mm: what comes below (bladder) is no canal.
    """
    above, gap, stay = int(60 / STEP_MM), int(15 / STEP_MM), int(12 / STEP_MM)
    rows = np.arange(max(start, above), len(amplitude) - stay)
    if len(rows) == 0:
        return None
    before = sliding_window_view(amplitude, above - gap)[rows - above]
    after = sliding_window_view(amplitude, stay)[rows]
    low = np.flatnonzero(after.max(axis=1) < 0.35 * np.median(before, axis=1))
    return int(rows[low[0]]) if len(low) else None


def _skull(canal: Canal, activities: Sequence[Activity]) -> tuple[float, float] | None:
    """Return where the column opens into the cisterns: activity on both sides almost as bright.

    Between 14 and 26 mm beside the axis there is next to nothing along the spine; the basal
    cisterns fill it. Where they hold little, the bright column ends by itself below the brain.
    Where most times show the canal above that place, it is no skull but the thyroid.
    """
    found = []
    room = int(25.0 / STEP_MM)
    for activity in activities:
        straight = activity.straight
        rows = np.flatnonzero(activity.valid)
        if len(rows) < 12 or rows[0] > 0.55 * len(canal.s):
            continue
        wide = np.flatnonzero(activity.wide[: int(0.55 * len(canal.s))])
        if len(wide):
            found.append(float(canal.s[wide[-1]]))
            continue
        whole = rows[0] >= room and straight.seen[rows[0] - room : rows[0], MIDDLE].all()
        if whole and activity.canal[rows[0]] > 0.15 * np.percentile(activity.canal[rows], 90):
            found.append(float(canal.s[rows[0]]))
    if not found:
        return None
    place = float(np.median(found))
    above = [
        canal.s[np.flatnonzero(a.valid)[0]] < place - 40.0 for a in activities if a.valid.any()
    ]
    return None if np.mean(above) > 0.5 else (place, 14.0)


def _neck(canal: Canal, activities: Sequence[Activity]) -> tuple[float, float] | None:
    """Return where the canal becomes wider than in the chest, going up, and stays so for 20 mm."""
    some = np.any([activity.valid for activity in activities], axis=0)
    rows = np.flatnonzero(some)
    if len(rows) == 0:
        return None
    chest = rows[canal.s[rows] < canal.s[rows[-1]] - LOIN_MM]
    if len(chest) * STEP_MM < 150.0:
        return None
    widths = np.array([np.where(a.valid, a.width, np.nan) for a in activities])[:, rows]
    width = np.interp(np.arange(len(some)), rows, np.nanmedian(widths, axis=0))
    least = WIDER * float(np.percentile(width[chest], 25))
    stay = int(20.0 / STEP_MM)
    for row in range(chest[len(chest) // 2], chest[0] + stay, -1):
        if width[row - stay : row + 1].min() > least:
            return float(canal.s[row]), 6.0
    return None


def _injection(
    canal: Canal, activities: Sequence[Activity], bounds: Bounds
) -> tuple[float, float] | None:
    """Return the middle of the brightest canal in the first image, if that is early."""
    first = activities[0]
    hours = first.straight.moment.hours
    if hours > 1.6 or not first.valid.any():
        return None
    line = gaussian_filter1d(np.where(first.valid, first.canal, 0.0), 10.0 / STEP_MM)
    top = line.max()
    part = line > 0.8 * top
    at = float(np.average(canal.s[part], weights=line[part]))
    return at, 12.0 + 25.0 * hours


def _kidneys(
    canal: Canal, activities: Sequence[Activity], end: tuple[float, float] | None
) -> tuple[Kidney, ...]:
    """Return the kidneys: large ovals 40 to 92 mm beside the canal, as seen best at any time.

    Where the canal's lower end is known they lie 80 to 260 mm above it. Where one is seen the
    other is taken to lie opposite, contrast 0: people have two.
    """
    if end is None:
        low = [canal.s[np.flatnonzero(a.valid)[-1]] - 60.0 for a in activities if a.valid.any()]
        span = (0.3 * float(canal.s[-1]), max(low, default=float(canal.s[-1])))
    else:
        span = (end[0] - 260.0, end[0] - 80.0)
    found: list[Kidney] = []
    blurred = [_ovals(canal, activity) for activity in activities]
    for sign in (1, -1):
        best: Kidney | None = None
        for activity, ovals in zip(activities, blurred, strict=True):
            kidney = _kidney(canal, activity, ovals, sign, span)
            if kidney is not None and (best is None or kidney.contrast > best.contrast):
                best = kidney
        if best is not None:
            found.append(best)
    if len(found) == 2 and abs(found[0].s_mm - found[1].s_mm) > 60:
        found = [max(found, key=lambda kidney: kidney.contrast)]
    if len(found) == 1:
        one = found[0]
        found.append(Kidney(-one.sign, one.s_mm, -one.q_mm, 0.0))
    return tuple(found)


def _ovals(canal: Canal, activity: Activity) -> tuple[Floats, Floats, Floats]:
    """Return a time's counts beside the canal under ovals of a kidney's size, and wider ones.

    And the difference of the two where it is no slope that rises toward the spine, which is a
    leak's or the canal's, and where the crystal saw; -1 elsewhere.
    """
    straight = activity.straight
    fill = np.where(straight.seen, straight.counts, 0.0)
    middle = np.abs(canal.q) < 24
    fill[:, middle] = np.minimum(fill[:, middle], activity.background[:, middle] * 1.3)
    near, wide = _wide_blur(fill, (32.0, 15.0)), _wide_blur(fill, (60.0, 36.0))
    gain = near - wide
    top = (gain >= maximum_filter1d(gain, 5, axis=1)) & straight.seen
    return near, wide, np.where(top, gain, -1.0)


def _kidney(
    canal: Canal, activity: Activity, ovals: tuple[Floats, Floats, Floats], sign: int,
    span: tuple[float, float],
) -> Kidney | None:  # fmt: skip
    """Return one side's kidney at one time, by an oval of 50 by 100 mm less its surroundings."""
    straight = activity.straight
    near, wide, gain = ovals
    zone = (sign * canal.q > NEAREST_KIDNEY_MM) & (sign * canal.q < 92)
    lower = (canal.s > span[0]) & (canal.s < span[1])
    gain = np.where(lower[:, None] & zone, gain, -1.0)
    row, column = np.unravel_index(int(gain.argmax()), gain.shape)
    contrast = float(near[row, column] / max(wide[row, column], 1e-9))
    error = float(np.sqrt(straight.variance[row, column] / 40.0))
    if contrast < 1.12 or gain[row, column] < 6 * error:
        return None
    return Kidney(sign, float(canal.s[row]), float(canal.q[column]), contrast)


def _wide_blur(picture: Floats, sigma_mm: tuple[float, float]) -> Floats:
    """Return a picture under a wide Gaussian: on squares of two by two places, which is as good."""
    rows, columns = (side // 2 for side in picture.shape)
    coarse = picture[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2)
    coarse = coarse.mean(axis=(1, 3), dtype=np.float32)
    down, across = (
        blur_matrix(side, sigma / STEP_MM / 2, 3.0)
        for side, sigma in zip(coarse.shape, sigma_mm, strict=True)
    )
    blurred = down @ coarse @ across
    at = [np.minimum(np.arange(side) // 2, side // 2 - 1) for side in picture.shape]
    return np.asarray(blurred[np.ix_(*at)])
