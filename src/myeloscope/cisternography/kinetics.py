"""The course of activity beside the canal: fed by it from the beginning, late, or in balance.

Activity in a pool that takes from the canal beside it at a steady rate and loses a share each hour
is the canal's course, summed over the time before and fading at that share: one compartment.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from myeloscope.cisternography.activity import Activity
from myeloscope.cisternography.bounds import BOUNDS, Bounds
from myeloscope.cisternography.canal import Canal
from myeloscope.cisternography.signs import Spot

Floats = NDArray[np.float64]

RATES = np.concatenate([np.arange(0.0, 2.0, 0.1), np.geomspace(2.0, 12.0, 9)])
"""Shares that a pool loses, 1/h, that are tried."""
STEP_H = 0.02
MISFIT, LEAST = 0.07, 0.02
"""What a ratio may be off beside its Poisson error: a share of itself, and of the canal's."""


def course_of(canal: Canal, activities: Sequence[Activity], spot: Spot) -> tuple[Floats, Floats]:
    """Return hours, and the canal's activity beside a spot then, without decay.

    What one view shows is not what the mean of two does: it is taken from the times around.
    """
    hours = np.array([a.straight.moment.hours for a in activities])
    scale = np.array([a.straight.moment.scale for a in activities])
    row = int(np.abs(canal.s - spot.s_mm).argmin())
    rows = slice(max(row - 2, 0), row + 3)
    level = np.array([float(a.canal[rows].mean()) for a in activities]) * scale
    paired = np.array([len(a.straight.moment.views) == 2 for a in activities])
    if paired.any():
        level = np.interp(hours, hours[paired], level[paired])
    return hours, level


def in_balance(
    canal: Canal, activities: Sequence[Activity], spot: Spot, bounds: Bounds = BOUNDS
) -> bool:
    """Return whether activity follows the canal's within the hour, as in a cyst open to the sac.

    What has leaked gathers, and is absorbed over hours; what is in balance with the canal stays at
    one share of its activity. Every share lost up to ``bounds.absorbed`` must fit the course worse
    than a greater one by ``bounds.balance`` (difference of chi squared).
    """
    hours, level = course_of(canal, activities, spot)
    ratios, sure = np.array(spot.ratios), np.abs(np.nan_to_num(spot.certainties))
    used = np.isfinite(ratios) & (level > 0)
    if used.sum() < 3 or np.nanmax(ratios) < bounds.faint:
        return False
    errors = np.hypot(np.abs(ratios) / np.maximum(sure, 0.3), MISFIT * np.abs(ratios)) + LEAST
    fits = []
    for begin in (0.0, float(level[used][0])):
        pools = _pools(np.concatenate([[0.0], hours[used]]), np.concatenate([[begin], level[used]]))
        shapes = pools / level[used] / errors[used]
        seen = ratios[used] / errors[used]
        fed = np.maximum(shapes @ seen, 0.0) / np.maximum((shapes**2).sum(axis=1), 1e-12)
        fits.append(((seen - fed[:, None] * shapes) ** 2).sum(axis=1))
    misfit = np.minimum(*fits)
    slow = bounds.absorbed >= RATES
    return bool(misfit[slow].min() - misfit[~slow].min() >= bounds.balance)


def _pools(hours: Floats, level: Floats) -> Floats:
    """Return what pools of all :data:`RATES` hold at the hours after the first, fed by a course.

    Shape (rates, hours - 1); the course is linear between its hours.
    """
    fine = np.arange(0.0, hours[-1] + STEP_H, STEP_H)
    fed = np.interp(fine, hours, level)
    rows = []
    for at in hours[1:]:
        before = fine <= at
        kept = np.exp(-RATES[:, None] * (at - fine[before])[None])
        rows.append(STEP_H * (kept * fed[before]).sum(axis=1))
    return np.stack(rows, axis=1)


def onset_of(
    canal: Canal, activities: Sequence[Activity], spot: Spot, bounds: Bounds = BOUNDS
) -> float | None:
    """Return how much of the activity expected in the first hours was there.

    A leak is fed from the canal beside it from the beginning: what is in it at a time is
    proportional to the canal's activity there summed over the time before. The time at which it is
    measured gives the factor, each earlier one of the first hours is held against it, its error
    added, so that doubt speaks for a leak; the least stands. ``None`` without an early image, or
    where too little would be expected to be seen.
    """
    hours, level = course_of(canal, activities, spot)
    ratios, sure = np.array(spot.ratios), np.nan_to_num(spot.certainties)
    later = np.flatnonzero((hours > bounds.early_h) & (sure >= bounds.certain))
    if hours[0] > bounds.early_h or np.isnan(ratios[0]) or len(later) == 0:
        return None
    fed = np.concatenate([[level[0] * hours[0]], level[0] * hours[0] + np.cumsum(
        np.diff(hours) * 0.5 * (level[1:] + level[:-1]))])  # fmt: skip
    pool = np.nan_to_num(ratios) * level
    first = spot.best if spot.best in later else int(later[0])
    factor = pool[first] / max(fed[first], 1e-12)
    parts = []
    for early in range(first):
        expected = factor * fed[early]
        error = abs(pool[early]) / max(abs(sure[early]), 0.3) if sure[early] else 0.0
        error = max(error, 0.015 * level[early])
        if hours[early] <= bounds.early_bladder_h and expected >= 2.5 * error:
            parts.append(float((pool[early] + error) / expected))
    return min(parts, default=None)
