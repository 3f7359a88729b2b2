"""Names of levels along the canal, from what a cisternogram shows of the body, or from an MRM.

A straight line (stature and place) is fitted to landmarks, each with its own uncertainty: the
canal's lower end, the opening into the skull, the injection, the kidneys; a prior on stature
closes what is missing. Places are mm along the canal from its first straight row downward.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.anatomy import Segment, SpineFormula
from myeloscope.domain.reading import Reading

Floats = NDArray[np.float64]

# Where roots leave the sac in a picture from in front, mm below the upper edge of C1, for the
# stature of the PAM50 template: heights of levels (ANATOMY) shortened by the usual curves of neck,
# chest, loin and sacrum lying down; thoracic and lumbar roots by their vertebra (Suh 2005).
TEMPLATE: Mapping[Segment, float] = {
    Segment(name): at
    for name, at in (
        *(("C1", 3.0), ("C2", 22.0), ("C3", 40.0), ("C4", 56.0), ("C5", 72.0), ("C6", 88.0)),
        *(("C7", 103.0), ("C8", 119.0), ("T1", 137.0), ("T2", 159.0), ("T3", 181.0)),
        *(("T4", 204.0), ("T5", 228.0), ("T6", 253.0), ("T7", 279.0), ("T8", 306.0)),
        *(("T9", 333.0), ("T10", 361.0), ("T11", 389.0), ("T12", 418.0), ("L1", 443.0)),
        *(("L2", 476.0), ("L3", 508.0), ("L4", 540.0), ("L5", 567.0), ("S1", 592.0)),
        *(("S2", 613.0), ("S3", 632.0)),
    )
}
STATURE, STATURE_SD = 0.93, 0.055
# landmark: place on the template, SD of where it lies in people (mm)
LANDMARKS: Mapping[str, tuple[float, float]] = {
    "skull": (-44.0, 14.0),
    "end": (611.0, 17.0),
    "injection": (515.0, 24.0),
    "kidneys": (455.0, 22.0),
    "neck": (135.0, 20.0),
}
"""Where the basal cisterns widen, some 30 mm above the foramen magnum; where the tapering end of
the sac (S2, Park 1996) holds a third of the activity above (S1-S2); L3/4, one level more or less;
L1/2; where the sac begins to be a tenth wider than in the chest, at T1 (widths of the PAM50
template, ANATOMY)."""


FAR_SD = 3.0
"""A landmark that lies further off is taken for something else."""
# Angle of the roots to the axis, degrees, on C1..C8, T1..T12, L1..L5, S1.. (Hasegawa 1996 and a
# projection study of T11-L5, Spine 2012; neck and chest estimated): what has left the sac at a
# root runs down along it.
ANGLES: Mapping[str, tuple[float, float]] = {
    "C": (95, 75),
    "T": (70, 50),
    "L": (46, 26),
    "S": (20, 18),
}


RISES_MM, FALLS_MM = -2.0, 16.0
"""Most that a root comes up, and down, beside the canal, mm along it."""


@dataclass(frozen=True)
class Ladder:
    """Levels along the canal.

    Attributes
    ----------
    exits_mm
        Where each root leaves, mm along the canal.
    sd_mm
        Uncertainty of a place, by root, mm.
    formula
        The spine assumed.
    used
        Landmarks that were used.
    note
        The same in words.
    """

    exits_mm: Mapping[Segment, float]
    sd_mm: Mapping[Segment, float]
    formula: SpineFormula
    used: tuple[str, ...]
    note: str

    @cached_property
    def _roots(self) -> tuple[tuple[Segment, ...], Floats, Floats]:
        """Return the roots, where they leave, and the tangents of their angles to the axis."""
        roots = tuple(self.exits_mm)
        return roots, np.array(list(self.exits_mm.values())), np.array([*map(tangent, roots)])

    def nearest(self, s: float) -> Segment:
        """Return the root whose exit is nearest to a place along the canal."""
        roots, exits, _ = self._roots
        return roots[int(np.abs(exits - s).argmin())]

    def root_of(self, s: float, aside_mm: float) -> Segment:
        """Return the root that activity belongs to, at a place and so far beside the sac's edge.

        It lies below the root's exit by what the root descends on its way there.
        """
        roots, exits, tangents = self._roots
        down = np.minimum(np.maximum(aside_mm / tangents, RISES_MM), FALLS_MM)
        return roots[int(np.abs(exits + down - s).argmin())]

    def span(self, s: float) -> tuple[Segment, Segment]:
        """Return the roots that one SD of the naming leaves open at a place."""
        sd = self.sd_mm[self.nearest(s)]
        return self.nearest(s - sd), self.nearest(s + sd)

    def lungs(self) -> tuple[float, float] | None:
        """Return from where to where lungs lie beside the canal, T1 to T10, mm along it."""
        at = self.exits_mm
        if Segment.T1 not in at or Segment.T10 not in at:
            return None
        return at[Segment.T1], at[Segment.T10]

    def injection(self, seen: tuple[float, float]) -> tuple[float, float]:
        """Return where the dose was put, mm along the canal, and its SD.

        The brightest canal of the first image has run down to the sac's end where people sit or lie
        head up; the usual place, L3/4, corrects it, each by its uncertainty.
        """
        usual, spread = LANDMARKS["injection"]
        above, below = TEMPLATE[Segment.L3], TEMPLATE[Segment.L4]
        part = (usual - above) / (below - above)
        if Segment.L3 not in self.exits_mm or Segment.L4 not in self.exits_mm:
            return seen
        low, high = self.exits_mm[Segment.L3], self.exits_mm[Segment.L4]
        place = low + part * (high - low)
        weights = np.array([seen[1] ** -2.0, 1.0 / (spread**2 + self.sd_mm[Segment.L3] ** 2)])
        middle = float(weights @ np.array([seen[0], place]) / weights.sum())
        return middle, float(weights.sum() ** -0.5)

    def uncertainty_roots(self) -> float:
        """Return the middle uncertainty in roots."""
        places = list(self.exits_mm.values())
        step = (places[-1] - places[0]) / max(len(places) - 1, 1)
        return float(np.median(list(self.sd_mm.values())) / max(step, 1.0))


@cache
def tangent(root: Segment) -> float:
    """Return how far beside the axis a root comes for each mm that it comes down."""
    letter, number = root.value[0], int(root.value[1:])
    first, last = ANGLES[letter]
    count = {"C": 8, "T": 12, "L": 5, "S": 5}[letter]
    angle = first + (last - first) * min((number - 1) / (count - 1), 1.0)
    return math.tan(math.radians(angle))


def name_levels(found: Mapping[str, tuple[float, float]], levels: Reading | None = None) -> Ladder:
    """Return the levels from landmarks found along the canal.

    Parameters
    ----------
    found
        Landmark -> (place along the canal, how well it was seen, SD), mm.
    levels
        An MR myelography reading of the same patient, whose spacing of roots replaces the
        template's. Its sac ends where it was followed to, not where the sac does.
    """
    segments, places, formula, own = _steps(levels)
    prior = np.array([1.0, 0.02]) if own else np.array([STATURE, STATURE_SD])
    landmarks = _moved(places, segments) if own else dict(LANDMARKS)
    used = [name for name in found if name in landmarks]
    # a row for each landmark, for stature, and, without any landmark, for a first row at the neck
    rows = np.array([*((landmarks[name][0], 1.0) for name in used), (1.0, 0.0), (0.0, 1.0)])
    values = np.array([*(found[name][0] for name in used), prior[0], -20.0])
    sds = [np.hypot(landmarks[name][1], found[name][1]) for name in used]
    weights = 1 / np.array([*sds, prior[1], 150.0])
    solved, spread = _robust_line(rows, values, weights)
    off = np.abs(rows @ solved - values) * weights
    used = [name for name, gap in zip(used, off, strict=False) if gap < FAR_SD]
    exits: dict[Segment, float] = {
        seg: float(solved[0] * at + solved[1]) for seg, at in zip(segments, places, strict=True)
    }
    unsure: dict[Segment, float] = {
        seg: float(np.sqrt(np.array([at, 1.0]) @ spread @ np.array([at, 1.0]) + 16.0))
        for seg, at in zip(segments, places, strict=True)
    }
    source = "the MR myelography reading given" if levels is not None else "mean anatomy"
    note = f"by {source}, placed by {', '.join(used) or 'nothing seen'}"
    return Ladder(exits, unsure, formula, tuple(used), note)


def _robust_line(rows: Floats, values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the solution of weighted rows and its covariance; far rows lose their weight.

    Cauchy's weights, by which a landmark mistaken for another pulls little.
    """
    trust = np.ones(len(values))
    for _ in range(12):
        a = rows * (weights * np.sqrt(trust))[:, None]
        solved = np.linalg.lstsq(a, values * weights * np.sqrt(trust), rcond=None)[0]
        off = (rows @ solved - values) * weights
        trust = 1 / (1 + (off / 1.5) ** 2)
        trust[-2:] = 1.0
    return np.asarray(solved, np.float64), np.asarray(np.linalg.inv(a.T @ a), np.float64)


def _steps(
    levels: Reading | None,
) -> tuple[list[Segment], list[float], SpineFormula, bool]:
    """Return roots, their places, the spine, and whether they are the patient's own (an MRM's)."""
    if levels is None:
        return list(TEMPLATE), list(TEMPLATE.values()), SpineFormula(), False
    seen: dict[Segment, list[float]] = {}
    for root in levels.roots:
        height = root.position_mm[2]
        if root.segment is not None and height is not None:
            seen.setdefault(root.segment, []).append(-height)
    order = [segment for segment in levels.numbering.formula.segments if segment in seen]
    if len(order) < 6:
        return list(TEMPLATE), list(TEMPLATE.values()), levels.numbering.formula, False
    places = [float(np.mean(seen[segment])) for segment in order]
    return order, places, levels.numbering.formula, True


def _moved(places: Sequence[float], segments: Sequence[Segment]) -> dict[str, tuple[float, float]]:
    """Return the landmarks in the MRM's own heights, by the roots they belong to."""
    at = dict(zip(segments, places, strict=True))
    made = {}
    for name, root, sd in (
        ("end", Segment.L5, 15.0),
        ("injection", Segment.L4, 20.0),
        ("kidneys", Segment.L1, 18.0),
        ("neck", Segment.T1, 20.0),
    ):
        if root in at:
            shift = LANDMARKS[name][0] - TEMPLATE[root]
            made[name] = (at[root] + 0.93 * shift, sd)
    if Segment.C2 in at:
        made["skull"] = (
            at[Segment.C2] + 0.93 * (LANDMARKS["skull"][0] - TEMPLATE[Segment.C2]),
            10.0,
        )
    return made
