"""Signal beside the sac that a root's normal sleeve does not explain, cut up by root."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (
    binary_dilation,
    binary_opening,
    find_objects,
    label,
    percentile_filter,
)

from myeloscope.geometry.ranks import median, medians, percentile
from myeloscope.myelography.lateral import FloatArray, Lateral
from myeloscope.myelography.roots import RootPlace, courses_mm
from myeloscope.myelography.sac import STEP_MM
from myeloscope.myelography.typical import (
    ABOVE_MM,
    COURSE_MM,
    OUT_MM,
    course_slopes,
    own_patches,
    prominence,
    prominent,
    typical_patches,
)

BoolImage = NDArray[np.bool_]
Roots = tuple[tuple[RootPlace, ...], tuple[RootPlace, ...]]
DETACHED_MM = 8.0
"""Signal that begins further than this beyond the normal tip has no tie to the root."""
BLURRED_NOISE = 0.28
"""Spread of white noise of pixels of about 0.5 mm after the blur by 0.7 mm, over its own."""
CELL_AREA = STEP_MM * STEP_MM


@dataclass(frozen=True, slots=True, eq=False)
class SearchedSide:
    """One side prepared for the search.

    Attributes
    ----------
    smooth
        (N, M) signal smoothed by 0.7 mm.
    spread
        (N,) standard deviation of ``smooth`` where there is nothing, noise and texture.
    normal
        (N, M) where a normal sleeve, even a prominent one, may be bright.
    cell
        (N, M) index of the root whose corridor a place belongs to.
    mask
        (N, M) where there is signal.
    mass, brightness
        (n,) how each root's signal near the sac compares with its neighbours', as logarithms.
    """

    lateral: Lateral
    roots: tuple[RootPlace, ...]
    smooth: FloatArray
    spread: FloatArray
    normal: BoolImage
    cell: NDArray[np.int16]
    mask: BoolImage
    mass: FloatArray
    brightness: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Signal of one root's corridor that its normal sleeve does not explain.

    ``rows`` and ``columns`` cut the region out of the side's image; ``region`` is its mask there,
    ``excess`` the part outside the normal sleeve, ``run_mm`` the length along the sac of the
    connected signal it was cut from. ``tied`` is what goes on from a round outpouching of the root.
    """

    side: SearchedSide
    root: RootPlace
    rows: slice
    columns: slice
    region: BoolImage
    excess: BoolImage
    run_mm: float
    tied: bool = False

    @property
    def is_detached(self) -> bool:
        """Return whether it begins further than 8 mm beyond the normal tip: other fluid does."""
        if self.tied:
            return False
        begins = self.side.lateral.d_mm[self.columns][self.region.any(axis=0)].min()
        return bool(begins > self.root.normal.sleeve_mm + DETACHED_MM)

    @property
    def area_mm2(self) -> float:
        """Return the area not explained by the normal sleeve, mm^2."""
        return float(self.excess.sum()) * CELL_AREA


def prepare(laterals: tuple[Lateral, Lateral], roots: Roots) -> tuple[SearchedSide, SearchedSide]:
    """Smooth both sides, measure their quiet spread and mark signal, normal sleeves, corridors."""
    smooths = tuple(lateral.smooth for lateral in laterals)
    spreads = tuple(
        _quiet_spread(smooth, lateral) for smooth, lateral in zip(smooths, laterals, strict=True)
    )
    _, patches = _own(smooths, laterals, roots, COURSE_MM)
    roots = _along_own_course(roots, typical_patches(patches))
    cells, patches = _own(smooths, laterals, roots)
    quiet = np.stack(
        [
            spread[[min(round(r.s_mm / STEP_MM), len(spread) - 1) for r in places]]
            for spread, places in zip(spreads, roots, strict=True)
        ]
    )
    longest = np.array([place.normal.longest_mm for place in roots[0]])
    may_be = prominent(typical_patches(patches), 0.04, longest)
    stands_out = prominence(patches, quiet)
    right, left = (
        SearchedSide(
            laterals[i],
            roots[i],
            smooths[i],
            spreads[i],
            _explained(laterals[i], roots[i], may_be),
            cells[i],
            _signal(smooths[i], spreads[i], laterals[i]),
            stands_out.mass[i],
            stands_out.brightness[i],
        )
        for i in (0, 1)
    )
    return right, left


def _own(
    smooths: tuple[FloatArray, ...],
    laterals: tuple[Lateral, Lateral],
    roots: Roots,
    out_mm: int | None = None,
) -> tuple[tuple[NDArray[np.int16], ...], FloatArray]:
    """Return both sides' corridors, and the patches (2, n, 47, 26) around the exits in them.

    Both end ``out_mm`` from the sac, if that is given.
    """
    reach = OUT_MM if out_mm is None else out_mm
    columns = slice(None if out_mm is None else laterals[0].column(out_mm + 0.5))
    cells = tuple(
        _cells(len(lateral.signal), lateral.d_mm[columns], places)
        for lateral, places in zip(laterals, roots, strict=True)
    )
    sides = zip(smooths, cells, laterals, roots, strict=True)
    return cells, np.stack([own_patches(*side, reach) for side in sides])


def _along_own_course(roots: Roots, typical: FloatArray) -> Roots:
    """Return the roots with the slopes that this patient's sleeves show."""
    slopes = course_slopes(typical, np.array([place.normal.slope for place in roots[0]]))
    right, left = (
        tuple(
            replace(place, normal=replace(place.normal, slope=float(slope)))
            for place, slope in zip(side, slopes, strict=True)
        )
        for side in roots
    )
    return right, left


def _signal(smooth: FloatArray, spread: FloatArray, lateral: Lateral) -> BoolImage:
    """Mark signal: well above the quiet spread, and what is connected with that."""
    low = np.maximum(4.0 * spread, 0.04)[:, None]
    high = np.maximum(6.0 * spread, 0.06)[:, None]
    open_mask = (smooth > low) & lateral.seen
    open_mask[:, : lateral.column(0.5)] = False
    return connected_with((smooth > high) & open_mask, open_mask)


def connected_with(seeds: BoolImage, mask: BoolImage) -> BoolImage:
    """Return the pieces of a mask, connected across edges, that hold a seed.

    ``scipy.ndimage.binary_propagation`` gives the same, one step of growth after the other.
    """
    pieces, count = label(mask)
    held = np.zeros(count + 1, dtype=bool)
    held[pieces[seeds & mask]] = True
    return held.take(pieces)


def _explained(lateral: Lateral, roots: tuple[RootPlace, ...], may_be: BoolImage) -> BoolImage:
    """Mark where normal sleeves may be, by what is usual in adults and typical of this one.

    ``may_be`` (n, 47, 26) says of each root where a prominent sleeve may be, around its exit.
    """
    normal = _normal_zone(lateral, roots)
    for root, mask in zip(roots, may_be, strict=True):
        _mark_prominent(normal, lateral, root, mask)
    return normal


def _mark_prominent(zone: BoolImage, lateral: Lateral, root: RootPlace, mask: BoolImage) -> None:
    """Mark a patch of 1 mm samples on the zone, in place."""
    step = round(1 / STEP_MM)
    fine = np.repeat(np.repeat(mask, step, axis=0), step, axis=1)
    top = round(root.s_mm / STEP_MM) - ABOVE_MM * step
    left = lateral.column(0.5)
    first, last = max(0, top), min(len(zone), top + len(fine))
    zone[first:last, left : left + fine.shape[1]] |= fine[first - top : last - top]


def _quiet_spread(smooth: FloatArray, lateral: Lateral) -> FloatArray:
    """Return the spread of the signal 8 to 45 mm outside the sac, robust to bright structures.

    It is the noise there, times by how much tissue and texture exceed the blurred noise: over
    150 mm along the sac the quieter rows count (their 35th percentile), so that a large leak or an
    organ does not hide itself.
    """
    step = round(2 / STEP_MM)
    far = smooth[::step, lateral.column(8.0) : lateral.column(45.0)]
    spread = 1.4826 * medians(np.abs(far - medians(far)[:, None]))
    over_noise = spread / np.maximum(lateral.noise[::step], 1e-6)
    quiet = percentile_filter(over_noise, 35, size=75, mode="nearest")
    along = np.interp(np.arange(len(smooth)), np.arange(0, len(smooth), step), quiet)
    return np.asarray(lateral.noise * np.clip(along, BLURRED_NOISE, 10.0))


def _normal_zone(lateral: Lateral, roots: tuple[RootPlace, ...]) -> BoolImage:
    """Mark where normal sleeves may be: up to one spread longer than usual, tapering."""
    zone = np.zeros(lateral.signal.shape, dtype=bool)
    zone[:, : lateral.column(1.5)] = True
    for root in roots:
        tip = root.normal.sleeve_mm + root.normal.sleeve_sd_mm
        first, last = np.searchsorted(lateral.d_mm, (0.0, tip), side="right")
        d = lateral.d_mm[first:last]
        half = 2.6 * (1 - d / tip) + 1.0 + 0.25 * root.normal.slope * d
        course = root.line_mm(d)
        top, bottom = float((course - half).min()), float((course + half).max())
        rows = slice(max(0, int(top / STEP_MM)), max(0, int(bottom / STEP_MM) + 1))
        part = zone[rows, first:last]
        s = (rows.start + np.arange(len(part))) * STEP_MM
        part |= np.abs(s[:, None] - course) <= half
    return zone


def _cells(count: int, d_mm: FloatArray, roots: tuple[RootPlace, ...]) -> NDArray[np.int16]:
    """Return (count, columns) the root whose course runs nearest, measured along the sac."""
    lines = courses_mm(roots, d_mm)
    borders = np.floor((lines[1:] + lines[:-1]) / 2 / STEP_MM).astype(np.intp) + 1
    at = np.clip(borders, 0, count) * len(d_mm) + np.arange(len(d_mm))
    begun = np.zeros((count + 1) * len(d_mm), dtype=np.int16)
    np.add.at(begun, at.ravel(), 1)
    return np.cumsum(begun.reshape(count + 1, -1)[:-1], axis=0, dtype=np.int16)


def find_candidates(side: SearchedSide, least_mm2: float = 4.0) -> tuple[Candidate, ...]:
    """Return every stretch of unexplained signal of at least an area, one for each root it lies at.

    A stretch begins where the signal stands well out of its surroundings and runs on to a quarter
    of its own brightness. One that spans several corridors is cut along them; a piece with less
    than half of a neighbour's share stays with the neighbour.
    """
    seeds, _ = label(side.mask & ~side.normal, structure=np.ones((3, 3)))
    taken = np.zeros(seeds.shape, dtype=bool)
    boxes = find_objects(seeds)
    order = sorted(range(len(boxes)), key=lambda k: -float(side.smooth[boxes[k]].max()))
    found = []
    for index in order:
        seed = seeds[boxes[index]] == index + 1
        if seed.sum() * CELL_AREA < least_mm2 or (seed & taken[boxes[index]]).mean() > 0.5:
            continue
        box = _grown((boxes[index][0], boxes[index][1]), seeds.shape)
        region = _grow(side, seeds[box] == index + 1, box) & ~taken[box]
        taken[box] |= region
        region &= ~_merged_fluid(side, region, box)
        found += _cut(side, region, box, least_mm2)
    return tuple(found)


Box = tuple[slice, slice]


def _grown(box: Box, shape: tuple[int, ...]) -> Box:
    """Return a box with 15 mm more on every side."""
    more = round(15.0 / STEP_MM)
    rows, columns = box
    return (
        slice(max(0, rows.start - more), min(shape[0], rows.stop + more)),
        slice(max(0, columns.start - more), min(shape[1], columns.stop + more)),
    )


def _grow(side: SearchedSide, seed: BoolImage, box: Box) -> BoolImage:
    """Return the signal connected with a seed down to a quarter of the seed's brightness."""
    smooth = side.smooth[box]
    bright = percentile(smooth[seed], 90.0)
    level = np.maximum(0.25 * bright, np.maximum(3.0 * side.spread[box[0]], 0.03))[:, None]
    mask = (smooth > level) & side.lateral.seen[box]
    mask[:, : max(0, side.lateral.column(0.5) - box[1].start)] = False
    return connected_with(seed, mask)


def _merged_fluid(side: SearchedSide, region: BoolImage, box: Box) -> BoolImage:
    """Mark compact fluid far from the sac that a region only touches: organs beside a leak.

    After an opening by 1.5 mm, a piece that begins more than 10 mm from the sac, is larger than
    30 mm^2 and half as bright again as the unexplained signal nearer the sac is not the leak's:
    leaks fade outward.
    """
    smooth, d_mm = side.smooth[box], side.lateral.d_mm[box[1]]
    none = np.zeros_like(region)
    near = region & ~side.normal[box] & (d_mm < 14.0)
    if near.sum() < 4 or not (region & (d_mm > 10.0)).any():
        return none
    solid = binary_opening(region, iterations=2)
    pieces, _ = label(solid)
    usual = percentile(smooth[near], 75.0)
    for index, place in enumerate(find_objects(pieces), start=1):
        piece = pieces[place] == index
        begins = float(d_mm[place[1]][piece.any(axis=0)].min())
        bright = median(smooth[place][piece])
        if begins > 10.0 and piece.sum() * CELL_AREA > 30.0 and bright > 1.5 * usual:
            none[place] |= piece
    return np.asarray(binary_dilation(none, iterations=3)) if none.any() else none


def _cut(side: SearchedSide, region: BoolImage, box: Box, least_mm2: float) -> list[Candidate]:
    """Cut a region along the roots' corridors into candidates of at least an area."""
    excess = region & ~side.normal[box]
    if excess.sum() * CELL_AREA < least_mm2:
        return []
    cells = side.cell[box]
    if _is_compact(excess):
        cells = np.full_like(cells, np.bincount(cells[excess]).argmax())
    else:
        cells = _merge_small(side, cells, excess)
    run_mm = float(excess.any(axis=1).sum()) * STEP_MM
    pieces = [
        Candidate(side, side.roots[cell], box[0], box[1], region & here, excess & here, run_mm)
        for cell in np.unique(cells[excess])
        for here in (cells == cell,)
    ]
    return [piece for piece in pieces if piece.area_mm2 >= least_mm2]


def _is_compact(region: BoolImage) -> bool:
    """Return whether a region fills its own ellipse and is about as long as it is wide: a ball."""
    high, wide = (np.ptp(np.flatnonzero(region.any(axis=axis))) + 1 for axis in (1, 0))
    fills = region.sum() / (np.pi / 4 * high * wide)
    return bool(0.85 < fills < 1.2 and 0.6 < high / wide < 1.7)


OWN_MASS, OWN_BRIGHTNESS = 0.7, 0.5
"""Logarithms of a root's signal near the sac, and of the brightest next to it, over its neighbours'
from which on it leaks itself: twice as much, and half as bright again."""


def _merge_small(
    side: SearchedSide, cells: NDArray[np.int16], excess: BoolImage
) -> NDArray[np.int16]:
    """Give corridors with little of a region to the adjoining one with the most.

    A leak belongs to the root at which it leaves the sac, wherever it spreads further out: what
    counts is by how much each root's signal near the sac exceeds its neighbours' (``mass``, as a
    logarithm) and, where none does by half, the unexplained area. A root with twice its neighbours'
    signal, bright where it leaves the sac, keeps its own: leaks of neighbouring roots run into each
    other.
    """
    merged = cells.copy()
    found = [int(k) for k in np.unique(cells[excess])]
    weights = {k: max(float(np.expm1(side.mass[k])), 0.0) for k in found}
    if max(weights.values()) < 0.5:
        weights = {k: float((excess & (cells == k)).sum()) for k in found}
    for cell in sorted(weights, key=lambda k: weights[k]):
        beside = [k for k in (cell - 1, cell + 1) if k in weights]
        if not beside:
            continue
        target = max(beside, key=lambda k: weights[k])
        if weights[cell] < weights[target] / 2 and not _leaks_itself(side, cell):
            merged[merged == cell] = target
            weights[target] += weights.pop(cell)
    return merged


def _leaks_itself(side: SearchedSide, cell: int) -> bool:
    """Return whether a root's signal near the sac, and right next to it, exceed its neighbours'."""
    return bool(side.mass[cell] >= OWN_MASS and side.brightness[cell] >= OWN_BRIGHTNESS)
