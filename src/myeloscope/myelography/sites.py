"""Every root of both sides as a place where CSF may leak: how it compares with its neighbours.

A site is looked at whether or not anything stands out of it, because a slight triangular expansion
is told from a normal sleeve by the patient's other sleeves alone. Signal is sampled in a frame that
follows the root: ``u`` along the sac from the root's course, ``d`` outward from the sac's edge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.geometry.ranks import percentile
from myeloscope.myelography.candidates import BoolImage, Candidate, SearchedSide
from myeloscope.myelography.features import Features, measure_candidate
from myeloscope.myelography.lateral import FloatArray
from myeloscope.myelography.pattern import CONTEXT, Float32, pattern_network, views
from myeloscope.myelography.pieces import join
from myeloscope.myelography.roots import RootPlace, courses_mm
from myeloscope.myelography.sac import STEP_MM

U_MM = np.arange(-14.0, 14.5)
D_MM = np.arange(1.0, 46.0)
ZONES_MM = ((0, 3), (3, 6), (6, 10), (10, 15), (15, 22), (22, 32), (32, 45))
"""Distances from the sac's edge at which signal is compared, mm: from, to."""
NEIGHBOURS, FAR = 3, 8
"""Roots above and below, on both sides, that a site is compared with: near ones, and so many that
leaks at several adjoining roots do not pass for normal."""
LOW = 0.25
"""Rank over the far ones: a plain sleeve, even where most roots leak."""
USUAL, HIGH = 0.45, 0.70
"""Ranks over the neighbours: the usual pattern, and one that few normal sleeves exceed."""
PROMINENT = 1.15
"""What exceeds the high pattern by this factor is excess."""
NOTHING: Mapping[str, float] = {item.name: 0.0 for item in fields(Features)} | {"extent": 0.0}


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A root of one side, the unexplained signal that begins at it, and what was measured there.

    Attributes
    ----------
    candidate, features
        Signal that normal sleeves do not explain, put together, and what was measured of it;
        ``None`` if there is none.
    excess
        (29, 45) by how much the signal exceeds a prominent sleeve of the neighbours, on ``U_MM`` x
        ``D_MM``.
    seen
        (29, 45, 7) what the pattern network sees of the root.
    measures
        What the leak score is made from, by name: the zones' excess, the sleeve's shape against
        its neighbours', the surroundings and, with the prefix ``piece_``, the candidate's features.
    """

    side: SearchedSide
    root: RootPlace
    candidate: Candidate | None
    features: Features | None
    excess: FloatArray
    seen: Float32
    measures: Mapping[str, float]

    @property
    def place(self) -> tuple[Segment, Side]:
        """Return the root and its side of the patient."""
        return self.root.segment, self.root.side


def survey(
    sides: tuple[SearchedSide, SearchedSide],
    pieces: Sequence[Mapping[int, Sequence[Candidate]]],
    cysts: Sequence[Sequence[Candidate]],
    measured: Mapping[Candidate, Features],
) -> tuple[Site, ...]:
    """Compare every root in view with its neighbours.

    Parameters
    ----------
    sides
        Both sides, prepared.
    pieces
        For each side, root's index -> unexplained signal that begins at it and is not round.
    cysts
        For each side, round outpouchings: what they cover is left out.
    measured
        What was measured of pieces before.

    Returns
    -------
    tuple of Site
        The patient's right side from the top downward, then the left one.
    """
    samples = [_patches(side, round_) for side, round_ in zip(sides, cysts, strict=True)]
    signal, own = (np.stack(parts) for parts in zip(*samples, strict=True))
    spread = np.stack([_at_exits(side.spread, side) for side in sides])
    longest = np.array([root.normal.longest_mm for root in sides[0].roots])
    patterns = _neighbours_patterns(signal)
    usual, high = (
        pattern * (D_MM[None, None, :] <= longest[:, None, None]) for pattern in patterns
    )
    excess = np.where(own, np.maximum(signal - PROMINENT * high, 0.0), 0.0)
    measures = _zones(signal, signal - usual, excess, own, spread)
    measures |= _shapes(signal, spread)
    measures |= _of_roots(sides, cysts) | {"spread": spread}
    context = np.stack([measures[name] for name in CONTEXT], axis=-1)
    seen = views(signal, own, *patterns, spread)
    measures["pattern"] = pattern_network().logits(seen, context)
    tables = {name: values.tolist() for name, values in measures.items()}
    return tuple(
        _site(
            sides[i],
            k,
            _put_together(pieces[i].get(k, ()), measured),
            (excess[i, k], seen[i, k]),
            tables,
        )
        for i in (0, 1)
        for k in range(len(sides[i].roots))
    )


def _of_roots(
    sides: tuple[SearchedSide, SearchedSide], cysts: Sequence[Sequence[Candidate]]
) -> dict[str, FloatArray]:
    """Return (2, n) what is known of every root without its picture."""
    mass = np.stack([side.mass for side in sides])
    return {
        "mass_ratio": mass,
        "brightness_ratio": np.stack([side.brightness for side in sides]),
        "mass_to_other_side": mass - mass[::-1],
        "slope": np.array([[root.normal.slope for root in side.roots] for side in sides]),
        "usual_tip": np.array([[root.normal.sleeve_mm for root in side.roots] for side in sides]),
        "round": np.array(
            [
                [sum(cyst.root is root for cyst in round_) for root in side.roots]
                for side, round_ in zip(sides, cysts, strict=True)
            ],
            dtype=float,
        ),
    }


def _site(
    side: SearchedSide,
    k: int,
    piece: tuple[Candidate, Features] | None,
    pictures: tuple[FloatArray, Float32],
    measures: Mapping[str, list[list[float]]],
) -> Site:
    """Return the site of a side's k-th root; ``pictures`` are its excess and what is seen of it."""
    i = int(side.lateral.side.value == "left")
    candidate, features = piece or (None, None)
    record = {name: values[i][k] for name, values in measures.items()}
    of_piece = NOTHING if features is None else features.as_record()
    record |= {f"piece_{name}": value for name, value in of_piece.items()}
    return Site(side, side.roots[k], candidate, features, *pictures, record)


def _put_together(
    found: Sequence[Candidate], measured: Mapping[Candidate, Features]
) -> tuple[Candidate, Features] | None:
    """Return pieces of one root as one, and its features: as measured before if it is but one."""
    if not found:
        return None
    candidate = join(list(found))
    known = measured.get(found[0]) if len(found) == 1 else None
    return candidate, known or measure_candidate(candidate)


def _at_exits(along: FloatArray, side: SearchedSide) -> FloatArray:
    rows = [min(round(root.s_mm / STEP_MM), len(along) - 1) for root in side.roots]
    return np.asarray(along[rows])


def _patches(side: SearchedSide, cysts: Sequence[Candidate]) -> tuple[FloatArray, BoolImage]:
    """Return (n, 29, 45) samples around the roots' courses, and which are the roots' own.

    Other roots' corridors, cysts and what lies beyond the image are dark and not their own.
    """
    lateral, smooth = side.lateral, side.smooth
    free = lateral.seen.copy()
    for cyst in cysts:
        covers = np.pad(cyst.region, 3)
        rows = slice(max(0, cyst.rows.start - 3), cyst.rows.stop + 3)
        columns = slice(max(0, cyst.columns.start - 3), cyst.columns.stop + 3)
        grown = binary_dilation(covers, iterations=3)
        grown = grown[-(rows.stop - rows.start) :, -(columns.stop - columns.start) :]
        part = free[rows, columns]
        part &= ~grown[: part.shape[0], : part.shape[1]]
    columns_at = np.array([lateral.column(d) for d in D_MM])
    lines = courses_mm(side.roots, D_MM)
    rows_at = np.round((lines[:, None, :] + U_MM[None, :, None]) / STEP_MM).astype(np.intp)
    inside = (rows_at >= 0) & (rows_at < len(smooth))
    at = np.clip(rows_at, 0, len(smooth) - 1) * smooth.shape[1] + columns_at
    index = np.arange(len(side.roots))[:, None, None]
    own = inside & (side.cell.take(at) == index) & free.take(at)
    return np.where(own, smooth.take(at), 0.0), own


def _neighbours_patterns(signal: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the usual and the high pattern (n, 29, 45) of each root's neighbours, both sides."""
    usual, high = np.empty(signal.shape[1:]), np.empty(signal.shape[1:])
    for k in range(signal.shape[1]):
        near = signal[:, max(0, k - NEIGHBOURS) : k + NEIGHBOURS + 1]
        stack = near.reshape(-1, *signal.shape[2:])
        ranks = [int(share * (len(stack) - 1)) for share in (USUAL, HIGH)]
        ordered = np.sort(stack, axis=0)
        usual[k], high[k] = ordered[ranks[0]], ordered[ranks[1]]
    return usual, high


def _zones(
    signal: FloatArray,
    over_usual: FloatArray,
    excess: FloatArray,
    own: BoolImage,
    spread: FloatArray,
) -> dict[str, FloatArray]:
    """Measure (2, n) signal and excess in every zone: on the course, and where it is brightest."""
    course = own & (np.abs(U_MM) <= 4.0)[:, None]
    result: dict[str, FloatArray] = {}
    for first, last in ZONES_MM:
        columns = (first < D_MM) & (last >= D_MM)
        zone, on = own[..., columns], course[..., columns]
        count = np.maximum(on.sum(axis=(-2, -1)), 1)
        over = over_usual[..., columns]
        result[f"course_{first}"] = (over * on).sum(axis=(-2, -1)) / count
        here = (signal[..., columns] * on).sum(axis=(-2, -1)) / count
        result[f"signal_{first}"] = result[f"over_low_{first}"] = here
        mean = (over * zone).sum(axis=(-2, -1)) / np.maximum(zone.sum(axis=(-2, -1)), 1)
        result[f"side_{first}"] = mean - mean[::-1]
        flat = np.sort(excess[..., columns].reshape(*excess.shape[:2], -1), axis=-1)[..., ::-1]
        result[f"spot_{first}"] = flat[..., :6].mean(axis=-1)
        result[f"patch_{first}"] = flat[..., :20].mean(axis=-1)
        result[f"all_{first}"] = flat.mean(axis=-1)
        result[f"contrast_{first}"] = result[f"patch_{first}"] / spread
    names = [f"over_low_{first}" for first, _ in ZONES_MM]
    signals = np.stack([result[name] for name in names])
    result |= zip(names, signals - _rank_of_others(signals, FAR, LOW), strict=True)
    return result


def _shapes(signal: FloatArray, spread: FloatArray) -> dict[str, FloatArray]:
    """Measure (2, n) each sleeve's brightness, length and base, alone and against the others."""
    course = signal[..., np.abs(U_MM) <= 2.0, :].max(axis=-2)
    bright = course[..., :4].max(axis=-1)
    level = np.maximum(0.25 * bright, np.maximum(3.0 * spread, 0.03))
    below = course < level[..., None]
    length = np.where(below.any(axis=-1), D_MM[below.argmax(axis=-1)], D_MM[-1])
    base = signal[..., :2].mean(axis=-1)
    top = base.max(axis=-1, keepdims=True)
    shapes = {
        "sleeve_brightness": bright,
        "sleeve_length": length,
        "base_half": (base > np.maximum(0.5 * top, 0.1)).sum(axis=-1).astype(float),
        "base_quarter": (base > np.maximum(0.25 * top, 0.08)).sum(axis=-1).astype(float),
    }
    values = np.stack(list(shapes.values()))
    logs = np.log(np.maximum(values, 0.0) + 0.05)
    compared = {
        "ratio": logs - _rank_of_others(logs, NEIGHBOURS, 0.5),
        "over_low": logs - _rank_of_others(logs, FAR, LOW),
        "to_other_side": logs - logs[:, ::-1],
        "above_all": values - _rank_of_others(values, NEIGHBOURS, 1.0),
    }
    return shapes | {
        f"{name}_{how}": table[index]
        for index, name in enumerate(shapes)
        for how, table in compared.items()
    }


def _rank_of_others(values: FloatArray, reach: int, rank: float) -> FloatArray:
    """Return (..., 2, n) the value of a rank, 0 to 1, among each site's neighbours of both sides.

    ``reach`` roots up and down are neighbours; the site itself is left out.
    """
    count, near = values.shape[-1], np.arange(-reach, reach + 1)
    padded = np.full((*values.shape[:-1], count + 2 * reach), np.nan)
    padded[..., reach:-reach] = values
    at = np.arange(count)[:, None] + reach + near
    own, other = padded[..., at[:, near != 0]], padded[..., ::-1, :][..., at]
    others = np.concatenate([own, other], axis=-1)
    ordered = np.sort(others, axis=-1)
    index = rank * (np.isfinite(ordered).sum(axis=-1, keepdims=True) - 1)
    low, high = (
        np.take_along_axis(ordered, end(index).astype(np.intp), axis=-1)
        for end in (np.floor, np.ceil)
    )
    return np.asarray((low + (high - low) * (index % 1.0))[..., 0])


def expansion_of(site: Site) -> Candidate | None:
    """Return the site's excess over its neighbours as a candidate; ``None`` where there is none.

    A slight expansion lies where prominent normal sleeves may lie too, so that no piece was left
    of it there; the comparison with the patient's own sleeves shows it.
    """
    side, root = site.side, site.root
    first = max(0, round((root.s_mm + U_MM[0]) / STEP_MM))
    last = min(len(side.smooth), round((root.line_mm(D_MM[-1:])[0] + U_MM[-1]) / STEP_MM) + 1)
    rows = slice(first, last)
    columns = slice(side.lateral.column(0.5), side.lateral.column(D_MM[-1]) + 1)
    d = side.lateral.d_mm[columns]
    u = np.arange(first, last)[:, None] * STEP_MM - root.line_mm(d)[None, :]
    at_u = np.clip(np.round(u - U_MM[0]), 0, len(U_MM) - 1).astype(np.intp)
    at_d = np.clip(np.round(d - D_MM[0]), 0, len(D_MM) - 1).astype(np.intp)
    inside = (np.abs(u) <= U_MM[-1]) & (d <= D_MM[-1])[None, :]
    over = np.where(inside, site.excess[at_u, at_d[None, :]], 0.0)
    smooth = side.smooth[rows, columns]
    level = np.maximum(3.0 * side.spread[rows], 0.03)[:, None]
    excess: NDArray[np.bool_] = (over > 0.0) & (smooth > level)
    if excess.sum() < 8:
        return None
    bright = percentile(smooth[excess], 90.0)
    region = excess | (inside & (smooth > np.maximum(0.25 * bright, level)) & (np.abs(u) < 8.0))
    run_mm = float(excess.any(axis=1).sum()) * STEP_MM
    return Candidate(side, root, rows, columns, region, excess, run_mm)
