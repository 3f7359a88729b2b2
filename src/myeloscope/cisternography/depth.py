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
DEPTHS_MM = np.arange(-150.0, 151.0, 1.0)
"""Depths that are tried: a body's."""
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

    def may_be_organ(self, bounds: Bounds = BOUNDS) -> bool:
        """Return whether it may lie as far in front or behind as organs and skin do."""
        return max(-self.least_mm, self.greatest_mm) >= bounds.organ_mm

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


@dataclass(frozen=True, slots=True)
class _Opposed:
    """A spot's factors in front and behind at one time, with their errors, and the canal's zero.

    ``zero`` is the logarithm of the canal's anterior over its posterior factor.
    """

    front: float
    back: float
    front_error: float
    back_error: float
    zero: float
    zero_error: float

    @property
    def relative_error(self) -> float:
        """Return the error of the factors' ratio, as a share of it."""
        front = self.front_error / max(self.front, self.front_error)
        return float(np.hypot(front, self.back_error / max(self.back, self.back_error)))


def depth_over(
    canal: Canal, activities: Sequence[Activity], spot: Spot, bounds: Bounds = BOUNDS
) -> Depth | None:
    """Return the depth by all times at which a spot is fairly certain, ``None`` without both views.

    Noise differs from time to time; what the model of window and views lacks does in part.
    """
    certain = np.nan_to_num(spot.certainties)
    times = {spot.best, *np.flatnonzero(certain >= FAIRLY * bounds.certain).tolist()}
    found = [_opposed(canal, activities[i], spot) for i in sorted(times)]
    return _likely([each for each in found if each is not None], SYSTEMATIC_MM, bounds)


def _likely(seen: Sequence[_Opposed], systematic_mm: float, bounds: Bounds) -> Depth | None:
    """Return the depth that fits best, and from where to where it fits within two SD.

    At a depth the front's factor is the back's times a known ratio; what it is off by has an error
    that is known even where one view shows nothing (Fieller 1954), so that a spot which only one
    view shows is not taken for one of any depth.
    """
    if not seen:
        return None
    slope = -2.0 * bounds.attenuation
    misfit = np.zeros_like(DEPTHS_MM)
    for each in seen:
        ratio = np.exp(each.zero + slope * DEPTHS_MM)
        error2 = each.front_error**2 + (ratio * each.back_error) ** 2
        more = np.hypot(each.zero_error, slope * systematic_mm) / each.relative_error
        misfit += (each.front - ratio * each.back) ** 2 / error2 / (1 + more**2)
    middle = int(misfit.argmin())
    # times that agree less than their errors allow have larger ones (Birge 1932)
    scatter = max(float(misfit[middle]) / max(len(seen) - 1, 1), 1.0)
    fits = DEPTHS_MM[misfit <= misfit[middle] + 4.0 * scatter]
    return Depth(float(DEPTHS_MM[middle]), float(fits[0]), float(fits[-1]))


def depth_of(canal: Canal, activity: Activity, spot: Spot, bounds: Bounds = BOUNDS) -> Depth | None:
    """Return the depth of a spot at one time by its counts alone; ``None`` without both views."""
    seen = _opposed(canal, activity, spot)
    return None if seen is None else _likely([seen], 0.0, bounds)


def _opposed(canal: Canal, activity: Activity, spot: Spot) -> _Opposed | None:
    """Return what both views show of a spot at one time; ``None`` without both views.

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
    return _Opposed(
        front=float(a[0]),
        back=float(p[0]),
        front_error=float(a_error[0]),
        back_error=float(p_error[0]),
        zero=float(np.log(a[1] / p[1])),
        zero_error=float(np.hypot(a_error[1] / a[1], p_error[1] / p[1])),
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
