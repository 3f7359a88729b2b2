"""The ladder of roots: where each root leaves the sac, and its name, from the whole pattern.

The exits of the roots C1 to S2 form a chain down the sac. Its likelihood joins the sleeves seen on
both sides, the spacing expected between neighbours, the course of the sac's width, the sac's end
and where stations usually lie; Viterbi's algorithm finds the best chain for each stature and
each spine formula, and the posterior over all of them says how sure the names are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from myeloscope.domain.anatomy import Segment, SpineFormula
from myeloscope.geometry.ranks import percentile
from myeloscope.myelography.normal import ladder

FloatArray = NDArray[np.float64]

STATURES = (0.80, 0.86, 0.92, 0.98, 1.04, 1.10)
"""Scale of all spacings tried; the spread between adults is about 0.07."""
MARGIN_MM = 160
"""How far beyond both ends of the image the chain may run, mm."""
STATURE_MEAN = 0.93
"""The coronal projection of a curved spine is 4 to 8 % shorter than the straightened template."""
C3_MM = -10.0
"""Where C3 usually lies when the skull is not in view: just above two stations' upper edge."""
ALONE_C3_MM, ALONE_S2_MM = 0.0, 0.0
"""Where, of a single station, C3 lies below the upper edge, or S2 below the lower one."""
C1_BELOW_SKULL_MM = 4.0
"""C1's roots leave between the occiput and the atlas, just below the foramen magnum."""
WIDTH_WEIGHT = 0.6
"""What the sac's width at one root counts for: the widths of neighbours tell the same."""
GAP_SD = 0.085
"""Spread of one gap around the expected one, as a share of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Cues:
    """What was seen along the sac, at whole mm of ``s`` from the top.

    Attributes
    ----------
    sleeve
        (N,) log-likelihood ratio of a root's exit at s, both sides together.
    width_mm
        (N,) sac width.
    present
        (N,) whether the sac was seen.
    sac_end_mm
        Where the sac ends, if that was seen.
    skull_mm
        Where the sac opens into the skull, if that was seen.
    """

    sleeve: FloatArray
    width_mm: FloatArray
    present: NDArray[np.bool_]
    sac_end_mm: float | None
    skull_mm: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """The best chain of roots.

    Attributes
    ----------
    exits_mm
        Root -> distance along the sac of its exit, mm, also outside the image.
    formula
        Spine formula of the best chain.
    stature
        Scale of the spacings of the best chain.
    shift_probability
        Posterior of the names being right (0) or shifted by so many roots (key), summed over all
        chains.
    anchors_mm
        Roots pinned by the user.
    """

    exits_mm: Mapping[Segment, float]
    formula: SpineFormula
    stature: float
    shift_probability: Mapping[int, float]
    anchors_mm: Mapping[Segment, float]


def fit_ladder(
    cues: Cues,
    formulas: tuple[SpineFormula, ...],
    anchors: Mapping[Segment, float] | None = None,
) -> Ladder:
    """Fit the chain of roots to the cues.

    Parameters
    ----------
    cues
        What was seen along the sac.
    formulas
        Spine formulas to consider; the first is the expected one.
    anchors
        Roots pinned by the user: root -> s of its exit, mm.

    Returns
    -------
    Ladder
    """
    usual, *others = formulas
    pins = anchors or {}
    halves: list[_HalfChain] = []
    seen = np.flatnonzero(cues.present)
    for placement in placements(len(cues.sleeve), int(seen[0]) if len(seen) else 0):
        likelihood = _emissions(cues, usual, pins, placement)
        tried = [_half_chain(likelihood, usual, stature) for stature in STATURES]
        stature = max(tried, key=lambda half: half.score).stature
        for formula in others:
            likelihood = _emissions(cues, formula, pins, placement)
            tried.append(_half_chain(likelihood, formula, stature))
        halves += tried
    top = max(half.score for half in halves)
    best = max((_chain(h) for h in halves if h.score > top - ALIKE), key=lambda chain: chain.score)
    middle = _middle(best)
    chains = [_chain(half, middle - MOST_SHIFT) for half in halves if half.score > top - NEGLIGIBLE]
    exits = {name: float(s) for name, s in zip(best.names, best.exits, strict=True)}
    return Ladder(
        exits,
        best.formula,
        best.stature,
        _shift_probability(best, middle, chains),
        dict(anchors or {}),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """The best chain for one stature and formula, with its max-marginals."""

    names: tuple[Segment, ...]
    formula: SpineFormula
    stature: float
    exits: NDArray[np.intp]
    score: float
    marginal: FloatArray
    """(roots, N + 2 MARGIN) best score of a chain with that root at that place, where asked for."""


def placements(length_mm: int, begins_mm: int = 0) -> tuple[tuple[Segment, float], ...]:
    """Return where stations usually lie: for each way, a root and where its exit is expected, mm.

    Two stations reach from the neck to the loin; a single one is the upper or the lower of them.
    A short strip may lie anywhere. Images longer than a spine that are dark at the top, to where
    fluid begins, show the head above it.
    """
    if length_mm >= _TALL_MM and begins_mm >= _HEAD_MM:
        return ((Segment.C3, begins_mm + C3_BELOW_CISTERNS_MM),)
    if length_mm >= _LONG_MM:
        return ((Segment.C3, C3_MM),)
    if length_mm >= _STRIP_MM:
        return ((Segment.C3, ALONE_C3_MM), (Segment.S2, length_mm + ALONE_S2_MM))
    return ((Segment.C3, np.nan),)


def _emissions(
    cues: Cues,
    formula: SpineFormula,
    anchors: Mapping[Segment, float],
    placement: tuple[Segment, float],
) -> FloatArray:
    """Return the log-likelihood (roots, N + 2 MARGIN) of each root's exit at each place."""
    names, rows = zip(*ladder(formula), strict=True)
    n = len(cues.sleeve)
    s = np.arange(-MARGIN_MM, n + MARGIN_MM, dtype=float)
    widths = np.array([row.width_mm for row in rows]) * _width_scale(cues, placement)
    spread = np.array([row.width_sd_mm for row in rows])[:, None]
    misfit = ((cues.width_mm[None, :] - widths[:, None]) / spread) ** 2
    seen = cues.sleeve + WIDTH_WEIGHT * (1.0 - np.minimum(misfit, 7.0))
    score = np.zeros((len(rows), len(s)))
    score[:, MARGIN_MM : MARGIN_MM + n] = np.where(cues.present, seen, -1.0)
    if cues.skull_mm is not None:
        score[:, s < cues.skull_mm - 8.0] -= 4.0
        c1 = cues.skull_mm + C1_BELOW_SKULL_MM
        score[names.index(Segment.C1)] -= 0.5 * ((s - c1) / 7.0) ** 2
    elif np.isfinite(placement[1]):
        score[names.index(placement[0])] -= 0.5 * ((s - placement[1]) / 25.0) ** 2
    score[names.index(Segment.S2)] += _end_prior(cues, s)
    for name, at in anchors.items():
        if name in names:
            score[names.index(name)] -= 0.5 * ((s - at) / 2.0) ** 2
    return score


@dataclass(frozen=True, slots=True, eq=False)
class _HalfChain:
    """A chain swept from the top down: enough for its score."""

    formula: SpineFormula
    stature: float
    emission: FloatArray
    down: FloatArray
    prior: float

    @property
    def gaps(self) -> tuple[float, ...]:
        """Return the expected distances between neighbouring exits, mm."""
        return _gaps(self.formula, self.stature)

    @property
    def score(self) -> float:
        """Return the score of the best chain."""
        return float(self.down[-1].max()) + self.prior


def _half_chain(emission: FloatArray, formula: SpineFormula, stature: float) -> _HalfChain:
    prior = -0.5 * ((stature - STATURE_MEAN) / 0.07) ** 2
    prior += _FORMULA_LOG_PRIOR if formula != SpineFormula() else 0.0
    down = _sweep(emission, _gaps(formula, stature), len(emission))
    return _HalfChain(formula, stature, emission, down, prior)


def _gaps(formula: SpineFormula, stature: float) -> tuple[float, ...]:
    return tuple(row.gap_mm * stature for _, row in ladder(formula)[:-1])


def _chain(half: _HalfChain, first: int = 0) -> _Chain:
    """Sweep a chain from below as well, for the score of each root from one on at each place."""
    count = len(half.emission) - max(first, 0)
    up = _sweep(half.emission[::-1, ::-1], half.gaps[::-1], count)[::-1, ::-1]
    marginal = half.down + up - half.emission + half.prior
    names = tuple(name for name, _ in ladder(half.formula))
    exits = marginal.argmax(axis=1) - MARGIN_MM
    return _Chain(names, half.formula, half.stature, exits, float(marginal.max()), marginal)


NEGLIGIBLE = 12.0
"""Chains whose score is this much lower add less than 1 in 400 to any probability."""
ALIKE = 0.01
"""Difference of scores that may be one of rounding."""
_FORMULA_LOG_PRIOR = float(np.log(0.02))
"""Each transitional formula is seen in about 2 % of adults (LSTV and rib counts together)."""


def _sweep(emission: FloatArray, gaps: tuple[float, ...], count: int) -> FloatArray:
    """Return the best score of a chain from the first root down to each root at each place.

    Only the first ``count`` roots are looked at.
    """
    costs, before, shortest = _steps(gaps)
    # a chain that leaves room for the roots above and below it has no other places
    starts = before + shortest
    ends = before + emission.shape[1] - (shortest[-1] - shortest)
    if np.any(starts >= ends):
        starts, ends = np.full_like(starts, before), np.full_like(ends, before + emission.shape[1])
    total = np.full((len(emission), before + emission.shape[1]), IMPOSSIBLE, np.float32)
    own = emission.astype(np.float32)
    spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
    start, end = spans[0]
    total[0, start:end] = own[0, start - before : end - before]
    steps = zip(costs[: count - 1], spans[1:count], strict=True)
    for k, ((first, cost), (start, end)) in enumerate(steps):
        # row i, column j: the place i + j of the root above, without a copy
        begin = (k * total.shape[1] + start - first - len(cost) + 1) * total.itemsize
        shape, step = (len(cost), end - start), total.itemsize
        come_from: NDArray[np.float32] = np.ndarray(shape, total.dtype, total, begin, (step, step))
        best = np.maximum.reduce(come_from + cost, axis=0)
        np.add(own[k + 1, start - before : end - before], best, out=total[k + 1, start:end])
    return total[:, before:].astype(float)


IMPOSSIBLE = -1e6
"""Score of a place that no chain can take."""


@cache
def _steps(
    gaps: tuple[float, ...],
) -> tuple[tuple[tuple[int, NDArray[np.float32]], ...], int, NDArray[np.intp]]:
    """Return each gap's steps, the most room they need, and the least way to each root, mm."""
    costs = tuple(_step_costs(gap) for gap in gaps)
    before = max(first + len(cost) for first, cost in costs)
    return costs, before, np.cumsum([0, *(first for first, _ in costs)])


@cache
def _step_costs(gap: float) -> tuple[int, NDArray[np.float32]]:
    """Return the shortest step, mm, to an exit expected at a gap, and (n, 1) the costs of steps.

    The first cost is that of the longest step, the last that of the shortest.
    """
    spread = GAP_SD * gap + 0.7
    steps = np.arange(max(1, int(gap - 3 * spread)), int(gap + 3 * spread) + 2)
    costs = (-0.5 * ((steps - gap) / spread) ** 2).astype(np.float32)
    return int(steps[0]), np.ascontiguousarray(costs[::-1, None])


_LONG_MM, _STRIP_MM = 400, 180
"""Lengths from which an image is two stations joined, and one station."""
_TALL_MM, _HEAD_MM = 620, 80
"""Length that no spine from C3 to S2 fills, and what is dark above the cisterns of a head."""
C3_BELOW_CISTERNS_MM = 85.0
"""From the top of the fluid in the skull to C3's exit."""


def _end_prior(cues: Cues, s: FloatArray) -> FloatArray:
    """Return the log-likelihood of S2's exit by the sac's end (most often at S2, Park 1996)."""
    if cues.sac_end_mm is not None:
        return -0.5 * np.minimum(((cues.sac_end_mm - s - 12.0) / 15.0) ** 2, 9.0)
    return -0.5 * (np.clip(len(cues.sleeve) - 12.0 - s, 0, 60) / 15.0) ** 2


def _width_scale(cues: Cues, placement: tuple[Segment, float]) -> float:
    """Return this sac's width over the average one's, by its narrow thoracic middle.

    A single station shows some of that at the end that faces the other one.
    """
    length = len(cues.width_mm)
    if length < _STRIP_MM:
        return 1.0
    part = slice(0, length)
    if length < _LONG_MM:
        part = slice(length // 2, length) if placement[0] is Segment.C3 else slice(0, length // 2)
    width = cues.width_mm[part][cues.present[part]]
    return min(max(percentile(width, 20.0) / 14.0, 0.7), 1.4) if len(width) else 1.0


MOST_SHIFT = 2
"""Roots by which names may be off at most, for all that is asked."""


def _middle(chain: _Chain) -> int:
    """Return the index of the root in the middle of those below the image's upper edge."""
    inside = [k for k in range(len(chain.names)) if chain.exits[k] > 0]
    return inside[len(inside) // 2] if inside else len(chain.names) // 2


def _shift_probability(best: _Chain, middle: int, chains: list[_Chain]) -> dict[int, float]:
    """Return how probable it is that the names are right, or shifted by one or two roots.

    ``middle`` is the index of the root at which the chains are compared.
    """
    at = int(best.exits[middle]) + MARGIN_MM
    window = slice(max(at - 4, 0), at + 5)
    logs = {}
    for shift in range(-MOST_SHIFT, MOST_SHIFT + 1):
        k = middle + shift
        rows = [c.marginal[k, window].max() for c in chains if 0 <= k < len(c.names)]
        logs[shift] = float(logsumexp(np.array(rows) / _TEMPERATURE)) if rows else -np.inf
    norm = logsumexp(np.array(list(logs.values())))
    return {shift: float(np.exp(value - norm)) for shift, value in logs.items()}


_TEMPERATURE = 2.0
"""Cues along one spine are not independent: scores are halved before they become probabilities."""
