"""How deep activity lies, by what opposed views show of it: at the canal's depth or elsewhere.

Tissue weakens a source by exp(-mu x depth) in either view, so that the logarithm of anterior over
posterior counts is linear in depth: twice mu for each mm (the law behind the geometric mean,
Sorenson 1974). The canal beside it gives the zero. A drop on the skin, the thyroid or the stomach
lies elsewhere; a leak lies beside the canal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.cisternography.activity import Activity
from myeloscope.cisternography.bounds import BOUNDS, Bounds
from myeloscope.cisternography.canal import Canal
from myeloscope.cisternography.planar import STEP_MM, between
from myeloscope.cisternography.signs import Spot

Floats = NDArray[np.float64]

ALONG_MM, OUTER_MM, INNER_MM = 14.0, 55.0, 14.0
"""Half the height of what is fitted, and how far it goes on the spot's side and past the axis."""
SYSTEMATIC_MM = 6.0
"""What the depths of leaks scatter beyond Poisson's error (tuning phantoms and another
simulator's), SD."""
FAIRLY = 0.7
"""Share of the certainty asked for from which on a time tells of depth."""


@dataclass(frozen=True, slots=True)
class Depth:
    """Depth against the canal's, mm to posterior, and its least and greatest at two SD."""

    middle_mm: float
    least_mm: float
    greatest_mm: float

    def away_mm(self) -> float:
        """Return how far from the canal's depth it lies at least, mm."""
        return max(self.least_mm, -self.greatest_mm, 0.0)

    def elsewhere(self, bounds: Bounds = BOUNDS, *, lungs: bool = False) -> bool:
        """Return whether it lies at another depth than what leaks.

        Either surely farther than that, or most probably where thyroid and skin are and surely
        not at the canal's depth. With ``lungs`` in front of it, what lies beside the canal looks as
        if it lay nearer to the front.
        """
        seeming = bounds.lungs_mm if lungs and self.middle_mm < 0 else 0.0
        away = self.away_mm() - seeming
        far = abs(self.middle_mm) - seeming >= bounds.organ_mm and away > 0.0
        return far or away > bounds.depth_mm


def depth_over(
    canal: Canal, activities: Sequence[Activity], spot: Spot, bounds: Bounds = BOUNDS
) -> Depth | None:
    """Return the depth by all times at which a spot is fairly certain, each by its uncertainty.

    Noise differs from time to time; what the model of window and views lacks does in part.
    """
    certain = np.nan_to_num(spot.certainties)
    times = {spot.best, *np.flatnonzero(certain >= FAIRLY * bounds.certain).tolist()}
    found = [depth_of(canal, activities[i], spot, bounds) for i in sorted(times)]
    depths = [depth for depth in found if depth is not None]
    if not depths:
        return None
    sds = np.hypot([0.25 * (d.greatest_mm - d.least_mm) for d in depths], SYSTEMATIC_MM)
    weights = sds**-2.0
    middle = float(weights @ np.array([d.middle_mm for d in depths]) / weights.sum())
    doubt = 2.0 * float(weights.sum() ** -0.5)
    return Depth(middle, middle - doubt, middle + doubt)


def depth_of(canal: Canal, activity: Activity, spot: Spot, bounds: Bounds = BOUNDS) -> Depth | None:
    """Return the depth of a spot at one time; ``None`` without both views.

    In a window around it each view is a sum of the canal's, the background's and the spot's own
    picture (taken from their mean), and of the mean's slope across: views that lie a little apart
    differ by it, most beside the canal. The four factors are found by weighted least squares.
    """
    views = activity.straight.moment.views
    if len(views) != 2:
        return None
    rows = np.flatnonzero(np.abs(canal.s - spot.s_mm) <= ALONG_MM)
    aside = spot.sign * canal.q
    columns = np.flatnonzero((aside >= -INNER_MM) & (aside <= OUTER_MM))
    window = np.ix_(rows, columns)
    excess = np.maximum(activity.excess[window], 0.0) * (aside[columns] > 0)
    background = activity.background[window]
    middle = activity.straight.counts[window] - background - activity.excess[window]
    slope_across = np.gradient(activity.straight.counts[rows], STEP_MM, axis=1)[:, columns]
    parts = np.stack([
        part.ravel() for part in (excess, np.maximum(middle, 0.0), background, slope_across)
    ])  # fmt: skip
    at = _places(canal, activity, rows, columns)
    fits = [_fit(parts, between(view, *at).ravel(), activity) for view in views]
    (a, a_error), (p, p_error) = ((fit[0], fit[1]) for fit in fits)
    if min(a[1], p[1]) <= 0:
        return None
    floor = 1e-6 * max(a[1], p[1])
    zero = float(np.log(a[1] / p[1]))
    slope = -2.0 * bounds.attenuation

    def mm(front: float, back: float) -> float:
        return float((np.log(max(front, floor) / max(back, floor)) - zero) / slope)

    doubt = 2.0 * np.hypot(a_error[1] / a[1], p_error[1] / p[1]) / abs(slope)
    return Depth(
        mm(a[0], p[0]),
        mm(a[0] + 2 * a_error[0], p[0] - 2 * p_error[0]) - doubt,
        mm(a[0] - 2 * a_error[0], p[0] + 2 * p_error[0]) + doubt,
    )


def _places(
    canal: Canal, activity: Activity, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Return rows and columns of a picture for a window of the straight one."""
    straight = activity.straight
    slope = np.gradient(straight.axis, straight.z)[rows, None]
    along = np.sqrt(1 + slope**2)
    x = straight.axis[rows, None] + canal.q[columns] / along
    z = straight.z[rows, None] - canal.q[columns] * slope / along
    moment = straight.moment
    return (moment.top_mm - z) / STEP_MM, (x - moment.left_mm) / STEP_MM


def _fit(parts: Floats, seen: Floats, activity: Activity) -> tuple[Floats, Floats]:
    """Return the factors of the parts in a view and their standard errors.

    Smoothing joins about 4 pi sigma2 / step2 places to one: so much larger is the variance than
    that of independent places.
    """
    blur = 4 * np.pi * activity.straight.moment.spread_mm**2
    variance = np.maximum(seen, seen.mean() * 0.05 + 1e-9) / blur
    weighted = parts / variance
    normal = weighted @ parts.T
    normal += np.diag(1e-9 * np.diag(normal) + 1e-12)
    inverse = np.linalg.inv(normal)
    factors = inverse @ (weighted @ seen)
    joined = max(blur / STEP_MM**2, 1.0)
    return factors, np.sqrt(np.diag(inverse) * joined)
