"""Two readings on one scale along the sac, whatever the scanner's coordinates and root names were.

A person's roots leave the sac at distances that do not change between two examinations; only where
the image begins, and a little the length (posture, curvature), differ. So the distances along the
sac (``s_mm``) of one reading follow from the other's by an offset and a scale near 1. Roots may be
named one too high in one of the readings: every shift of the names is tried, and the one whose
roots and sac widths fit best is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.anatomy import TYPICAL_SPINE, Side
from myeloscope.domain.reading import Position, Reading, SacPoint

MOST_SHIFT = 9
"""Names are tried up to so many roots apart: half a spine may be misnamed by as many."""
MOST_STRETCH = 0.06
"""Scales between 0.94 and 1.06 are believed."""
FEWEST_ROOTS = 6
"""Pairs of roots that a registration needs."""
WIDTH_STEP_MM = 4.0
FEWEST_WIDTHS = 3
FLAT_MM = 1e-6
SHIFT_MM = 0.1
"""What a shift of the names by one root costs, mm of root misfit (own setting)."""
WIDTH_MM = 25.0
"""What a lack of correlation between the sac's widths costs, mm of root misfit (own setting)."""
MOST_ERROR_MM = 5.0
LEAST_CORRELATION = 0.9
"""A map whose roots or widths fit worse is none (own settings). Of 982 maps of phantom pairs
(tuning seeds 5000-5999) 4 correlate less, all of them 27 to 57 mm off; 99.5 % of the right ones
correlate more than 0.96."""
OTHER_PLACE_MM, LEAST_LEAD_MM = 10.0, 0.5
"""A map that lies farther off and costs less than so much more leaves the place open (own)."""
REFINED_MM = tuple(float(step) for step in range(-9, 10))
REFINED_SCALE = (-0.03, -0.02, -0.01, 0.0, 0.01, 0.02, 0.03)
"""Offsets and scales tried around each map of the roots."""
_ORDER = {segment: index for index, segment in enumerate(TYPICAL_SPINE.segments)}
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Registration:
    """Distance along the sac of the later reading = ``scale`` x that of the earlier + ``offset``.

    Attributes
    ----------
    offset_mm, scale
        The map.
    error_mm
        Median distance of paired roots after it.
    roots
        How many pairs it rests on.
    name_shift
        How many roots lower the later reading names the same root.
    """

    offset_mm: float
    scale: float
    error_mm: float
    roots: int
    name_shift: int

    def later(self, s_mm: float) -> float:
        """Return the later reading's distance of a distance of the earlier one, mm."""
        return self.scale * s_mm + self.offset_mm

    def earlier(self, s_mm: float) -> float:
        """Return the earlier reading's distance of a distance of the later one, mm."""
        return (s_mm - self.offset_mm) / self.scale


def register(before: Reading, after: Reading) -> Registration | None:
    """Return the map along the sac, or ``None`` where none fits or two fit alike."""
    if not before.sac or not after.sac:
        return None
    pair = _Pair(before, after)
    fits = [
        fit
        for shift in range(-MOST_SHIFT, MOST_SHIFT + 1)
        if (fit := _fit(pair, shift)) is not None
    ]
    if not fits:
        return None
    refined = sorted((min(_around(fit, pair), key=pair.cost) for fit in fits), key=pair.cost)
    best = refined[0]
    unfit = pair.correlation(best) < LEAST_CORRELATION or best.error_mm > MOST_ERROR_MM
    return None if unfit or _ambiguous(refined, pair) else best


def _ambiguous(refined: Sequence[Registration], pair: _Pair) -> bool:
    """Return whether a map to another place fits as well as the first of them."""
    best = refined[0]
    middle = sum(pair.shared(best) or (0.0, 0.0)) / 2
    return any(
        abs(other.later(middle) - best.later(middle)) > OTHER_PLACE_MM
        and pair.cost(other) - pair.cost(best) < LEAST_LEAD_MM
        for other in refined[1:]
    )


def distance_along(sac: Sequence[SacPoint], position: Position) -> float | None:
    """Return the distance along the sac of the point of its midline next to a position, mm.

    ``None`` where there is no sac. Between two points of the midline it is interpolated.
    """
    if not sac:
        return None
    points = np.array([_plain(p.position_mm) for p in sac])
    s = np.array([p.s_mm for p in sac])
    here = np.array(_plain(position))
    if len(sac) == 1:
        return float(s[0])
    start, step = points[:-1], np.diff(points, axis=0)
    length = np.maximum((step**2).sum(axis=1), 1e-9)
    along = np.clip(((here - start) * step).sum(axis=1) / length, 0.0, 1.0)
    off = ((start + along[:, None] * step - here) ** 2).sum(axis=1)
    nearest = int(np.argmin(off))
    return float(s[nearest] + along[nearest] * (s[nearest + 1] - s[nearest]))


def _plain(position: Position) -> tuple[float, float, float]:
    x, y, z = position
    return x or 0.0, y or 0.0, z or 0.0


class _Pair:
    """Two readings as arrays: places of their visible named roots, and the sac's widths."""

    def __init__(self, before: Reading, after: Reading) -> None:
        self._roots = _places(before), _places(after)
        self._sacs = before.sac, after.sac
        self._at, self._wide = (
            tuple(np.array([getattr(p, name) for p in sac]) for sac in self._sacs)
            for name in ("s_mm", "width_mm")
        )

    def roots(self, shift: int) -> tuple[Floats, Floats]:
        """Return the distances (mm) of the roots that both have, names shifted, both sides."""
        one, other = self._roots
        both = [key for key in one if (key[0] + shift, key[1]) in other]
        return (
            np.array([one[key] for key in both]),
            np.array([other[key[0] + shift, key[1]] for key in both]),
        )

    def cost(self, fit: Registration) -> float:
        """Return how badly a map fits: roots, and how the sac's width runs along it."""
        shifted = SHIFT_MM * abs(fit.name_shift)
        return fit.error_mm + shifted + WIDTH_MM * (1 - self.correlation(fit))

    def shared(self, fit: Registration) -> tuple[float, float] | None:
        """Return the range of the earlier distances that both show."""
        return common_range(fit, *self._sacs)

    def correlation(self, fit: Registration) -> float:
        """Return the correlation of the widths where both show the sac; 0 where they don't.

        A correlation does not mind that the sac has become wider as a whole.
        """
        grid = self.shared(fit)
        if grid is None:
            return 0.0
        s = np.arange(*grid, WIDTH_STEP_MM)
        one = np.interp(s, self._at[0], self._wide[0])
        other = np.interp(fit.scale * s + fit.offset_mm, self._at[1], self._wide[1])
        if len(s) < FEWEST_WIDTHS or np.std(one) < FLAT_MM or np.std(other) < FLAT_MM:
            return 0.0
        return float(np.corrcoef(one, other)[0, 1])


def width_correlation(fit: Registration, before: Reading, after: Reading) -> float:
    """Return the correlation of the sac's widths where both readings show it, else 0."""
    return _Pair(before, after).correlation(fit)


def _places(reading: Reading) -> dict[tuple[int, Side], float]:
    """Return the distance along the sac of every visible named root, by order and side."""
    return {
        (_ORDER[root.segment], root.side): root.s_mm
        for root in reading.roots
        if root.visible and root.segment in _ORDER and root.s_mm is not None
    }


def _fit(pair: _Pair, shift: int) -> Registration | None:
    """Return the map of the roots for one shift of the names, outliers left out."""
    x, y = pair.roots(shift)
    if len(x) < FEWEST_ROOTS or np.ptp(x) < FLAT_MM:
        return None
    scale, offset, kept = 1.0, 0.0, np.ones(len(x), dtype=bool)
    misfit = np.zeros(len(x))
    for _ in range(4):
        scale = float(np.polyfit(x[kept], y[kept], 1)[0])
        scale = float(np.clip(scale, 1 - MOST_STRETCH, 1 + MOST_STRETCH))
        offset = float(np.median(y[kept] - scale * x[kept]))
        misfit = np.abs(y - scale * x - offset)
        kept = misfit <= max(3 * float(np.median(misfit)), 2.0)
    return Registration(offset, scale, float(np.median(misfit)), len(x), shift)


def _around(fit: Registration, pair: _Pair) -> Iterator[Registration]:
    """Yield maps around one: moved, and stretched about the middle of what both readings show."""
    x, y = pair.roots(fit.name_shift)
    low, high = pair.shared(fit) or (0.0, 0.0)
    middle = (low + high) / 2
    for stretch in REFINED_SCALE:
        scale = float(np.clip(fit.scale + stretch, 1 - MOST_STRETCH, 1 + MOST_STRETCH))
        for moved in REFINED_MM:
            offset = fit.later(middle) + moved - scale * middle
            error = float(np.median(np.abs(scale * x + offset - y)))
            yield replace(fit, offset_mm=offset, scale=scale, error_mm=error)


def common_range(
    fit: Registration, before: Sequence[SacPoint], after: Sequence[SacPoint]
) -> tuple[float, float] | None:
    """Return the range of the earlier distances (mm) at which both sacs are shown."""
    if not before or not after:
        return None
    low = max(before[0].s_mm, fit.earlier(after[0].s_mm))
    high = min(before[-1].s_mm, fit.earlier(after[-1].s_mm))
    return (low, high) if high > low else None


def widths_at(sac: Sequence[SacPoint], s: Floats) -> Floats:
    """Return the sac's width at distances along it, mm, linearly between its points."""
    at = np.array([p.s_mm for p in sac])
    width = np.array([p.width_mm for p in sac])
    return np.asarray(np.interp(s, at, width), dtype=np.float64)
