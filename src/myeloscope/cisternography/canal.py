"""The canal: its axis in each picture, and every picture straightened along it.

The axis is the brightest smooth column from top to bottom, found by dynamic programming in the
picture that shows most of it; the others follow it but for a shift and a turn of the patient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter, minimum_filter1d

from myeloscope.cisternography.blur import Singles, blur_matrix
from myeloscope.cisternography.course import smooth_course
from myeloscope.cisternography.planar import STEP_MM, Moment, between
from myeloscope.geometry.ranks import median

Floats = NDArray[np.float64]
Sampled: TypeAlias = "tuple[Floats, Floats, NDArray[np.bool_]]"
"""Density, its variance and what was seen, across an axis."""

REACH_MM = 110.0
"""How far beside the axis pictures are straightened."""
CORE_MM = 2.6
MOST_SLOPE = 2
"""Columns that the axis may move aside from one pair of rows to the next."""
MOST_RISE_MM = 55.0


@dataclass(frozen=True, slots=True, eq=False)
class Straight:
    """One time straightened: rows along the canal downward, columns from right to left.

    Attributes
    ----------
    moment
        The picture.
    axis
        x of the canal's middle in each row of the straight picture, mm, in the moment's picture.
    z
        z of each row in the moment's picture, mm.
    counts, variance
        Density and its variance, shape (rows, columns).
    seen
        Whether the crystal saw it.
    rise_mm, aside_mm, turn_deg
        How the patient lay otherwise than in the reference picture.
    """

    moment: Moment
    axis: Floats
    z: Floats
    counts: Floats
    variance: Floats
    seen: NDArray[np.bool_]
    rise_mm: float
    aside_mm: float
    turn_deg: float


@dataclass(frozen=True, slots=True, eq=False)
class Canal:
    """The canal in all pictures of a study.

    ``s`` is the distance along the axis of each straight row from the first downward, mm; ``q``
    the place of each column, mm to the patient's left of the axis.
    """

    s: Floats
    q: Floats
    times: tuple[Straight, ...]
    reference: int


def columns_q(reach_mm: float = REACH_MM) -> Floats:
    """Return the places of straight columns, mm to the left of the axis."""
    n = int(reach_mm / STEP_MM)
    return np.asarray(np.arange(-n, n + 1) * STEP_MM, np.float64)


ACROSS = columns_q()
NEAR = columns_q(27.5)
"""Columns in which the canal's edges are looked for."""
CORE = columns_q(15.0)
"""Columns in which its middle is."""
WIDE = np.arange(-90.0, 91.0, 2 * STEP_MM)
"""Columns, two steps apart, of what two times are laid on each other by."""


def ridges_of(moments: Sequence[Moment]) -> list[tuple[Floats, Floats]]:
    """Return, of each picture, the axis's column of each row and how far the canal stands out (SD).

    The pictures have one grid, so that their paths are found side by side.
    """
    responses = [_response(moment) for moment in moments]
    pairs = zip(moments, responses, strict=True)
    paths = _best_paths(np.stack([_gain(moment, response) for moment, response in pairs]))
    at = 0.5 + 2 * np.arange(paths.shape[1])
    every = np.arange(len(moments[0].density))
    low = np.minimum(every // 2, paths.shape[1] - 1)
    made = []
    for path, response in zip(paths, responses, strict=True):
        fine = np.interp(every, at, path)
        made.append((fine, response[low, np.rint(fine).astype(int)]))
    return made


def _response(moment: Moment) -> Floats:
    """Return the mean over a canal's width less its flanks', smoothed along, over its error.

    One row stands for two of the picture's.
    """
    density = gaussian_filter1d(_pairs(moment.density), 4.0 / STEP_MM, axis=0)
    variance = gaussian_filter1d(_pairs(moment.variance), 4.0 / STEP_MM, axis=0)
    core = gaussian_filter1d(density, 3.0 / STEP_MM, axis=1)
    flank = int(24 / STEP_MM)
    padded = np.pad(density, ((0, 0), (flank, flank)), mode="edge")
    n = density.shape[1]
    sides = np.minimum(padded[:, :n], padded[:, 2 * flank :]) * 0.6 + 0.2 * (
        padded[:, :n] + padded[:, 2 * flank :]
    )
    error = np.sqrt(np.maximum(variance, variance.max() * 1e-6) * 0.15)
    return np.where(_pairs(moment.seen) > 0.75, (core - sides) / error, 0.0)


def _pairs(picture: Floats | NDArray[np.bool_]) -> Floats:
    """Return the means of rows two by two."""
    rows = len(picture) // 2 * 2
    return np.asarray(picture[:rows].reshape(rows // 2, 2, -1).mean(axis=1))


def _gain(moment: Moment, response: Floats) -> Floats:
    """Return what a path gains at each place: how the canal stands out, less its distance aside."""
    gain = np.tanh(response / 25.0) + 0.25 * np.tanh(response / 150.0)
    return np.asarray(gain - 0.4 * ((moment.x[None] - _midline(moment)) / 120.0) ** 2)


def _midline(moment: Moment) -> float:
    """Return the median place of the columns of counts, mm: half of the body lies on each side."""
    lit = np.sqrt(moment.density) * moment.seen
    total = np.cumsum(lit.sum(axis=0))
    if total[-1] <= 0:
        return 0.0
    return float(np.interp(0.5 * total[-1], total, moment.x))


def _best_paths(gains: Floats) -> Floats:
    """Return the columns of the best smooth path from first to last row of each picture.

    ``gains`` has shape (pictures, rows, columns), the result (pictures, rows).
    """
    n, rows, columns = gains.shape
    reach = MOST_SLOPE
    price = -0.08 * np.abs(np.arange(-reach, reach + 1))
    scores = np.full((rows, n, columns + 2 * reach), -1e9)
    windows = sliding_window_view(scores, 2 * reach + 1, axis=2)
    scores[0, :, reach:-reach] = gains[:, 0]
    for row in range(1, rows):
        best = scores[row - 1, :, :columns] + price[0]
        for way in range(1, 2 * reach + 1):
            np.maximum(best, scores[row - 1, :, way : way + columns] + price[way], out=best)
        scores[row, :, reach:-reach] = best + gains[:, row]
    paths = np.empty((n, rows))
    each = np.arange(n)
    at = scores[-1, :, reach:-reach].argmax(axis=1)
    for row in range(rows - 1, 0, -1):
        paths[:, row] = at
        at = at + (windows[row - 1, each, at] + price).argmax(axis=1) - reach
    paths[:, 0] = at
    return paths


def straighten(moment: Moment, z: Floats, axis: Floats, q: Floats = ACROSS) -> Sampled:
    """Return density, variance and what was seen, shape (rows, columns), across an axis.

    ``axis`` is x of the axis at each height ``z``, mm; ``q`` the columns' places beside it.
    """
    slope = np.gradient(axis, z)[:, None]
    along = np.sqrt(1 + slope**2)
    row = (moment.top_mm - (z[:, None] - q * slope / along)) / STEP_MM
    column = (axis[:, None] + q / along - moment.left_mm) / STEP_MM
    counts = between(moment.density, row, column)
    # what varies slowly is taken from the nearest place
    rows, columns = moment.density.shape
    row, column = np.rint(row), np.rint(column)
    i = np.minimum(np.maximum(row, 0), rows - 1)
    j = np.minimum(np.maximum(column, 0), columns - 1)
    place = (i * columns + j).astype(np.intp)
    variance = np.maximum(moment.variance.ravel().take(place), 1e-9)
    return counts, variance, moment.seen.ravel().take(place) & (i == row) & (j == column)


def find_canal(moments: Sequence[Moment]) -> Canal | None:
    """Return the canal in all pictures, or ``None`` where no picture shows a column."""
    ridges = ridges_of(moments)
    strength = [float(np.tanh(np.maximum(r, 0) / 25.0).sum()) for _, r in ridges]
    reference = int(np.argmax(strength))
    if strength[reference] * STEP_MM < 60.0:
        return None
    first = moments[reference]
    z = first.z
    path, stands_out = ridges[reference]
    axis = smooth_course(first.left_mm + STEP_MM * path, np.clip(stands_out, 0.05, 30.0))
    axis = _between_edges(first, z, _refined(first, z, axis))
    base = straighten(first, z, axis)
    s = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(z), np.diff(axis)))])
    shape = _structure(*straighten(first, z, axis, WIDE))
    times = []
    for index, moment in enumerate(moments):
        if index == reference:
            times.append(Straight(moment, axis, z, *base, 0.0, 0.0, 0.0))
            continue
        times.append(_followed(moment, ridges[index], z, axis, shape))
    return Canal(s, columns_q(), tuple(times), reference)


def _refined(moment: Moment, z: Floats, axis: Floats) -> Floats:
    """Return the axis moved to the middle of the canal's core, in three rounds."""
    for _ in range(3):
        off, sure = core_offset(*straighten(moment, z, axis, CORE))
        axis = smooth_course(axis + off, np.clip(sure, 0.01, 50.0))
    return np.asarray(axis)


def _between_edges(moment: Moment, z: Floats, axis: Floats) -> Floats:
    """Return the axis moved to the middle between the canal's edges at half of its height.

    The cord often lies to one side, so that the canal is brightest on the other; its edges are
    even about its middle. A leak moves one edge over a short stretch only: the median of 45 mm
    along hardly follows.
    """
    counts, variance, seen = straighten(moment, z, axis, NEAR)
    _, sure = core_offset(counts, variance, seen)
    places = NEAR
    part = gaussian_filter1d(counts, 6.0 / STEP_MM, axis=0)
    floor = np.minimum(part[:, :4].mean(axis=1), part[:, -4:].mean(axis=1))
    middle = len(places) // 2
    half = floor + 0.5 * (part[:, middle - 1 : middle + 2].max(axis=1) - floor)
    edges = [
        _crossing(part[:, middle:], half) * STEP_MM,
        -_crossing(part[:, middle::-1], half) * STEP_MM,
    ]
    off = median_filter(0.5 * (edges[0] + edges[1]), int(45.0 / STEP_MM) | 1)
    weight = np.clip(sure - 6.0, 0.0, 20.0) + 0.01
    sigma = 10.0 / STEP_MM
    smooth = gaussian_filter1d(off * weight, sigma) / gaussian_filter1d(weight, sigma)
    return np.asarray(axis + np.clip(smooth, -3.0, 3.0))


def _crossing(course: Floats, level: Floats) -> Floats:
    """Return where each row first falls below its level, in columns from its first (linear)."""
    below = np.maximum((course < level[:, None]).argmax(axis=1), 1)
    rows = np.arange(len(course))
    inner, outer = course[rows, below - 1], course[rows, below]
    part = np.clip((inner - level) / np.maximum(inner - outer, 1e-12), 0.0, 1.0)
    return np.asarray(below - 1 + part)


def core_offset(counts: Floats, variance: Floats, seen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return where the core's middle lies in each straight row (mm), and the core over its error.

    The middle is that of the two places where the core falls to 70 % of its peak: so near the
    peak a leak at one side moves it little. Rows that the crystal saw in part say nothing.
    """
    n = counts.shape[1] // 2
    q = STEP_MM * np.arange(-n, n + 1)
    inside = np.abs(q) <= 15.0
    part = gaussian_filter1d(counts[:, inside], 6.0 / STEP_MM, axis=0)
    places = q[inside]
    floor = np.minimum(part[:, 0], part[:, -1])[:, None]
    lit = np.maximum(part - floor - 0.7 * (part.max(axis=1, keepdims=True) - floor), 0.0)
    total = lit.sum(axis=1)
    off = np.where(total > 0, (lit * places).sum(axis=1) / np.maximum(total, 1e-12), 0.0)
    error = np.sqrt(variance[:, inside].mean(axis=1))
    whole = minimum_filter1d(seen[:, inside].all(axis=1), int(15.0 / STEP_MM) | 1)
    sure = np.where(whole, (part.max(axis=1) - floor[:, 0]) / error, 0.0)
    return np.clip(off, -6.0, 6.0), np.asarray(sure)


def _followed(
    moment: Moment,
    found: tuple[Floats, Floats],
    z: Floats,
    axis: Floats,
    base: Singles,
) -> Straight:
    """Return a time straightened along the reference's axis, moved as the patient has."""
    weight = np.clip(found[1], 0.0, 30.0)
    own = smooth_course(moment.left_mm + STEP_MM * found[0], np.maximum(weight, 0.05))
    rise, aside, turn = 0.0, 0.0, 0.0
    for _ in range(3):
        there = np.interp(-(z + rise), -moment.z, own)
        sure = np.interp(-(z + rise), -moment.z, weight)
        aside, turn = _line_fit(z, there - axis, sure)
        line = axis + aside + turn * (z - z.mean())
        move = _rise(base, straighten(moment, z + rise, line, WIDE))
        rise += move
        if move == 0.0:
            break
    placed = _refined_rigid(moment, z + rise, axis + aside + turn * (z - z.mean()))
    placed = _between_edges(moment, z + rise, placed)
    made = straighten(moment, z + rise, placed)
    return Straight(
        moment, placed, z + rise, *made, rise, float((placed - axis).mean()),
        float(np.degrees(np.arctan(turn))),
    )  # fmt: skip


def _refined_rigid(moment: Moment, z: Floats, axis: Floats) -> Floats:
    """Return an axis moved and turned, and bent only smoothly, to the canal's core."""
    for _ in range(2):
        off, sure = core_offset(*straighten(moment, z, axis, CORE))
        weight = np.clip(sure - 6.0, 0.0, 40.0)
        if weight.sum() < 40:
            return axis
        aside, turn = _line_fit(z, median_filter(off, 9), weight)
        axis = axis + aside + turn * (z - z.mean())
        rest = off - aside - turn * (z - z.mean())
        axis = axis + smooth_course(rest * weight / (weight + 2.0), weight + 0.05)
    return np.asarray(axis)


def _line_fit(z: Floats, off: Floats, weight: Floats) -> tuple[float, float]:
    """Return offset and slope of a line through weighted points, far ones left out."""
    at = z - z.mean()
    some = weight > 0
    keep = some
    aside, turn = 0.0, 0.0
    design = np.stack([np.ones_like(at), at], axis=1)
    prior = np.zeros((2, 2))
    for _ in range(4):
        if (weight * keep).sum() < 1e-6 or keep.sum() < 8:
            break
        w = weight * keep
        prior[0, 0], prior[1, 1] = 1e-6, w.sum() * 400.0
        normal = design.T @ (design * w[:, None]) + prior
        aside, turn = np.linalg.solve(normal, design.T @ (off * w))
        rest = np.abs(off - aside - turn * at)
        keep = some & (rest < max(4.0, 2.5 * median(rest[some])))
    return float(aside), float(turn)


def _rise(base: Singles, found: Sampled) -> float:
    """Return how much higher a straight picture must be sampled to match another, mm.

    What is compared is structure along the canal (its lower end, sleeves, kidneys), not the slow
    course of activity, which changes from time to time.
    """
    a, b = base, _structure(*found)
    most = int(MOST_RISE_MM / STEP_MM)
    energy_a, energy_b = (
        np.concatenate([[0.0], np.cumsum((part**2).sum(axis=1), dtype=np.float64)])
        for part in (a, b)
    )
    # the sum of each diagonal of a @ b.T near the middle one
    products = np.zeros((len(a), len(b) + 2 * most), np.float32)
    np.matmul(a, b.T, out=products[:, most : most + len(b)])
    sums = sliding_window_view(products.ravel(), 2 * most + 1)[:: products.shape[1] + 1].sum(axis=0)
    scores = []
    for move in range(-most, most + 1):
        begin, end = max(0, move), len(a) + min(0, move)
        norm = (energy_a[end] - energy_a[begin]) * (energy_b[end - move] - energy_b[begin - move])
        score = float(sums[most - move]) / max(math.sqrt(norm), 1e-12)
        scores.append(score - 0.1 * (move / most) ** 2)
    best = int(np.argmax(scores)) - most
    return best * STEP_MM


def _structure(counts: Floats, variance: Floats, seen: NDArray[np.bool_]) -> Singles:
    """Return structure along the canal over its noise: bright and dim places count alike.

    Columns are :data:`WIDE`. The crystal's edges are the picture's, not the patient's: nothing
    near them counts.
    """
    rows, columns = counts.shape
    along, lit = blur_matrix(rows, 30.0 / STEP_MM), seen.astype(np.float32)
    across = counts.astype(np.float32) * lit @ blur_matrix(columns, 0.75)
    fine = blur_matrix(rows, 2.0) @ across
    wide = (along @ (fine * lit)) / np.maximum(along @ lit, 0.05)
    noise = blur_matrix(rows, 4.0) @ variance.astype(np.float32) / 6.0
    rough = (fine - wide) / np.sqrt(noise + (0.12 * wide) ** 2 + 1e-12)
    whole = minimum_filter1d(seen, int(20.0 / STEP_MM) | 1, axis=0)
    return np.asarray(np.where(whole, np.clip(rough, -4.0, 4.0), 0.0))
