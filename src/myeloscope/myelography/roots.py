"""Every root of both sides: where its sleeve leaves the sac, how long it is, whether it is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.myelography.ladder import Ladder
from myeloscope.myelography.lateral import FloatArray, Lateral
from myeloscope.myelography.normal import NormalRoot, ladder
from myeloscope.myelography.sac import STEP_MM

SEARCH_MM = 5.0
"""How far from the ladder's exit the sleeve of one side is looked for."""


@dataclass(frozen=True, slots=True)
class RootPlace:
    """One root of one side.

    Attributes
    ----------
    s_mm
        Where its sleeve leaves the sac, along the sac.
    normal
        What is expected of it.
    visible
        Whether a sleeve stands out of the noise there.
    sleeve_mm
        Distance from the sac's edge to the end of its signal, across the axis; 0 if not visible.
    """

    segment: Segment
    side: Side
    s_mm: float
    normal: NormalRoot
    visible: bool
    sleeve_mm: float

    def line_mm(self, d_mm: FloatArray) -> FloatArray:
        """Return the s of the root's course at distances d from the edge (level beyond 25 mm)."""
        return np.asarray(self.s_mm + self.normal.slope * np.clip(d_mm, 0.0, 25.0))


def courses_mm(roots: Sequence[RootPlace], d_mm: FloatArray) -> FloatArray:
    """Return (roots, N) the s of every root's course at distances (N,) from the edge."""
    s, slope = np.array([(root.s_mm, root.normal.slope) for root in roots]).T[..., None]
    return np.asarray(s + slope * np.clip(d_mm, 0.0, 25.0))


def place_roots(
    chain: Ladder, lateral: Lateral, profile: FloatArray, evidence: FloatArray
) -> tuple[RootPlace, ...]:
    """Return the roots in view on one side, downward, each moved to the nearest sleeve seen."""
    expected: Mapping[Segment, NormalRoot] = dict(ladder(chain.formula))
    places = []
    length = (len(profile) - 1) * STEP_MM
    for segment, exit_mm in chain.exits_mm.items():
        if not 0.0 <= exit_mm <= length:
            continue
        low = max(0, round((exit_mm - SEARCH_MM) / STEP_MM))
        high = min(len(profile), round((exit_mm + SEARCH_MM) / STEP_MM) + 1)
        distance = np.abs(np.arange(low, high) * STEP_MM - exit_mm)
        at = low + int((evidence[low:high] - 0.1 * distance).argmax())
        visible = bool(evidence[at] > 0.3)
        s = at * STEP_MM if visible else exit_mm
        row = expected[segment]
        sleeve = _sleeve_length(lateral, s, row) if visible else 0.0
        places.append(RootPlace(segment, lateral.side, float(s), row, visible, sleeve))
    return tuple(places)


def _sleeve_length(lateral: Lateral, s_mm: float, row: NormalRoot) -> float:
    """Return how far from the edge the signal along a root's course stays above its quarter."""
    smooth, first, last = lateral.smooth, lateral.column(0.5), lateral.column(25.0)
    d = lateral.d_mm[first:last]
    slopes = np.array([[0.5 * row.slope], [row.slope], [1.5 * row.slope]])
    lines = np.rint((s_mm + slopes * d) / STEP_MM).astype(np.intp)
    np.clip(lines, 0, len(smooth) - 1, out=lines)
    best = np.maximum(smooth[lines, np.arange(first, last)].max(axis=0), 0.0)
    level = max(0.25 * float(best[:6].max()), 3 * float(lateral.noise[lines[-1, 0]]) * 0.2)
    below = np.flatnonzero(best < level)
    return float(d[below[0]] if len(below) else d[-1])


NEIGHBOURS_MM = 110.0
"""How far along the sac roots tell how long this patient's sleeves are there: about four roots."""
FEWEST = 5


def expected_sleeve_mm(root: RootPlace, roots: Sequence[RootPlace]) -> float:
    """Return how far out a normal sleeve of this patient would end at a root, mm.

    Half of it is what is usual in adults, half what the visible sleeves around it show: persons
    differ about as much as single sleeves are measured wrong.

    Parameters
    ----------
    root
        The root; what it shows itself does not count.
    roots
        The roots of both sides.
    """
    shares = [
        other.sleeve_mm / other.normal.sleeve_mm
        for other in roots
        if other.visible
        and other.segment is not root.segment
        and abs(other.s_mm - root.s_mm) <= NEIGHBOURS_MM
    ]
    if len(shares) < FEWEST:
        return root.normal.sleeve_mm
    return root.normal.sleeve_mm * (1.0 + float(np.clip(np.median(shares), 0.4, 1.6))) / 2
