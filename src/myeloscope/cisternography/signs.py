"""Activity beside the canal: where it is, when, how bright and how long.

A place is looked at in all times together: the brightest ratio over time and its certainty make
candidates; each is then measured at every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, label, maximum_filter

from myeloscope.cisternography.activity import Activity, unblurred
from myeloscope.cisternography.bounds import BOUNDS, Bounds
from myeloscope.cisternography.canal import Canal
from myeloscope.cisternography.landmarks import NEAREST_KIDNEY_MM, Kidney, Landmarks
from myeloscope.cisternography.planar import STEP_MM

Floats = NDArray[np.float64]

NEAREST_MM, FARTHEST_MM = 7.5, 60.0
BEYOND_MM = 1.5
"""How far beyond the canal's half width activity must lie: nearer, the canal's own edge varies."""
PEAK_MM, START_MM = 34.0, 22.0
"""A leak's brightest place lies within the first of the axis, or what hangs together with it above
half of it begins within the second: it starts at the canal."""
UPPER_MM, LOWER_MM, BELOW_SKULL_MM = 2.0, 4.0, 62.0
"""Ends of the canal at which nothing is called: where it opens into the cisterns or meets the
image's edge, its profile changes from row to row."""
KIDNEY_MM, RIDGE_MM = 75.0, (15.0, 25.0)
"""How far above and below its middle a kidney reaches, and how far inside and outside of it its
ridge may lie."""
LEAN, LEANS_MM = 0.3, 10.0
"""How much nearer to the spine its ridge may lie for each mm above its middle, and at most."""
SLOPE = 0.5 * BOUNDS.faint
"""Share of the canal's activity that is next to nothing, and by which activity rises at least."""
TAPER_MM = 30.0
"""How far above its end the sac tapers among the sacral roots."""
CERTAIN_SMOOTH = 1.0
APART_MM = 16.0
ONE_SIDED = (-0.35, 0.35)
"""Evidence on the other side over a spot's own between which a spot at the canal's edge is real."""
STEADY = 0.3
"""Share of the canal's activity up to which what never changes is taken for the canal itself."""
NARROWEST_MM = 6.0
"""What is narrower than any collimator's resolution is no source but noise or an edge."""
LEAST_WIDTH_MM = 9.0
"""A collimator shows nothing narrower at the spine's depth."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Activity beside the canal.

    Attributes
    ----------
    sign
        +1 left, -1 right of the axis (of the picture, where sides are not known).
    s_mm, q_mm
        Its brightest place.
    low_mm, high_mm
        Along the canal, where it falls to half.
    ratios, certainties
        At each time: activity over the canal's, and over its error; ``nan`` where the canal
        cannot be judged there, or, for the certainty, too near the end of what can.
    best
        Index of the time at which it is measured: the brightest certain one.
    length_mm, canal_mm
        Apparent (FWHM) length across the axis, and the canal's width there.
    evidence
        How far it lies above the bounds for ratio and certainty; 1 is at them.
    """

    sign: int
    s_mm: float
    q_mm: float
    low_mm: float
    high_mm: float
    ratios: tuple[float, ...]
    certainties: tuple[float, ...]
    best: int
    length_mm: float
    canal_mm: float
    evidence: float


def find_spots(
    canal: Canal, activities: Sequence[Activity], landmarks: Landmarks, bounds: Bounds = BOUNDS
) -> tuple[Spot, ...]:
    """Return every place beside the canal that could be activity, brightest first."""
    spots = []
    ratio = np.stack([_smooth(a.ratio) for a in activities])
    sure = np.stack([_certainty(a) for a in activities])
    at_times = np.minimum(ratio / bounds.faint, sure / bounds.certain)
    whole = at_times.max(axis=0)
    _, bottom = ends_of(canal, activities, landmarks)
    last = int(np.abs(canal.s - bottom + TAPER_MM).argmin())
    for sign in (1, -1):
        zone = _zone(canal, activities, landmarks, sign, ratio)
        joint = np.where(zone, whole, 0.0)
        peaks = [
            at
            for at in _peaks(canal, joint, at_times)
            if not _slope_of_more(canal, zone, whole, at)
        ]
        for row, column in peaks:
            spots.append(_measure(canal, activities, (row, column), (ratio, sure), zone, last))
    spots = [spot for spot in spots if spot.evidence > 0.4]
    return tuple(sorted(spots, key=lambda spot: -spot.evidence))


def _smooth(picture: Floats) -> Floats:
    return np.asarray(gaussian_filter(picture, (CERTAIN_SMOOTH, 0.6)))


def _certainty(activity: Activity) -> Floats:
    """Return excess over its error, smoothed; zero where the canal is not valid.

    Smoothing lowers Poisson's error, by the widths of both blurs, and leaves that of the profile.
    """
    size = (CERTAIN_SMOOTH, 0.6)
    own = activity.straight.moment.spread_mm
    less = np.prod([own / np.hypot(own, each * STEP_MM) for each in size])
    poisson = activity.straight.variance
    variance = gaussian_filter(activity.error**2 - (1 - less) * poisson, size)
    found = gaussian_filter(activity.excess, size) / np.sqrt(variance)
    return np.where(activity.firm[:, None], found, 0.0)


def _zone(
    canal: Canal, activities: Sequence[Activity], landmarks: Landmarks, sign: int, ratio: Floats
) -> NDArray[np.bool_]:
    """Return where activity beside the canal is looked for on a side: not on a kidney's slope.

    ``ratio``: activity over the canal's at each time, smoothed.
    """
    q = sign * canal.q
    zone = np.broadcast_to((q >= NEAREST_MM) & (q <= FARTHEST_MM), (len(canal.s), len(q))).copy()
    width = np.median([activity.width for activity in activities], axis=0)
    zone &= q[None] >= 0.5 * width[:, None] + BEYOND_MM
    for kidney in landmarks.kidneys:
        if kidney.sign == sign:
            beside = np.flatnonzero(np.abs(canal.s - kidney.s_mm) < KIDNEY_MM)
            zone[beside] &= q <= _slopes_end(canal, kidney, beside, ratio[:, beside])[:, None]
    top, bottom = ends_of(canal, activities, landmarks)
    zone[(canal.s < top + UPPER_MM) | (canal.s > bottom - LOWER_MM)] = False
    return zone


def _slopes_end(canal: Canal, kidney: Kidney, rows: NDArray[np.intp], ratio: Floats) -> Floats:
    """Return where a kidney's slope ends in some rows on the way to the canal, mm beside the axis.

    From the kidney's ridge inward activity falls, to nothing or to a valley beyond which it rises
    again by half: what lies there is something else. The time that shows the kidney best counts.
    Kidneys lean: their upper poles lie nearer to the spine. ``ratio``: (times, rows, columns).
    """
    q = kidney.sign * canal.q
    inner = max(abs(kidney.q_mm) - RIDGE_MM[0], NEAREST_KIDNEY_MM)
    outer = abs(kidney.q_mm) + RIDGE_MM[1]
    body = (q >= NEAREST_KIDNEY_MM) & (q <= outer)
    best = ratio[int(ratio[:, :, body].mean(axis=(1, 2)).argmax())]
    lean = np.clip(LEAN * (kidney.s_mm - canal.s[rows]), 0.0, LEANS_MM)
    # columns from far out to the edge of the canal
    inward = np.flatnonzero((q >= NEAREST_MM) & (q <= outer))[:: -kidney.sign]
    places = q[inward]
    ridge = places >= (inner - lean)[:, None]
    starts = np.where(ridge, best[:, inward], -np.inf).argmax(axis=1)
    ends = [
        start + _falls_to(course[start:])
        for start, course in zip(starts.tolist(), best[:, inward].tolist(), strict=True)
    ]
    return np.asarray(places[ends])


def _falls_to(course: Sequence[float]) -> int:
    """Return the index at which a course has fallen to nothing, or lies before it rises by half."""
    least = 0
    for at, value in enumerate(course):
        if course[least] <= SLOPE or value - course[least] > max(SLOPE, 0.5 * course[least]):
            break
        least = at if value < course[least] else least
    return least


def ends_of(
    canal: Canal, activities: Sequence[Activity], landmarks: Landmarks
) -> tuple[float, float]:
    """Return where the canal that any time shows begins below the skull and where it ends, mm.

    Where a time shows it narrow above the place at which others widen into the skull, it begins
    that much higher.
    """
    rows = np.flatnonzero(np.any([activity.valid for activity in activities], axis=0))
    if len(rows) == 0:
        return float(canal.s[-1]), float(canal.s[0])
    top, bottom = float(canal.s[rows[0]]), float(canal.s[rows[-1]])
    if landmarks.skull is not None:
        top = max(top, min(landmarks.skull[0], top) + BELOW_SKULL_MM)
    if landmarks.end is not None:
        bottom = min(bottom, landmarks.end[0])
    return top, bottom


def _peaks(canal: Canal, joint: Floats, at_times: Floats) -> list[tuple[int, int]]:
    """Return the local maxima of evidence near enough to the canal, not two of one spot.

    ``joint`` is the greatest evidence of all times in the zone, ``at_times`` that of each.
    """
    size = (int(APART_MM / STEP_MM) | 1, int(2 * APART_MM / STEP_MM) | 1)
    top = (joint == maximum_filter(joint, size)) & (joint > 0.3)
    rows, columns = np.nonzero(top)
    order = np.argsort(-joint[rows, columns])
    every = [(int(rows[i]), int(columns[i])) for i in order]
    found = [at for at in every if abs(canal.q[at[1]]) <= PEAK_MM or _from_canal(canal, joint, at)][
        :24
    ]
    return [at for at in found if not _only_an_edge(canal, joint, at_times, at)]


def _from_canal(canal: Canal, joint: Floats, at: tuple[int, int]) -> bool:
    """Return whether what hangs together with a peak begins at the canal.

    That is what is above half of it, or in its own right certain: a long bright leak is uneven.
    """
    marks, _ = label(joint > min(0.5 * joint[at], 1.0))
    inner = np.abs(canal.q) <= START_MM
    return bool((marks[:, inner] == marks[at]).any())


def _only_an_edge(canal: Canal, joint: Floats, at_times: Floats, at: tuple[int, int]) -> bool:
    """Return whether evidence only falls from the zone's inner edge outward, as the canal's does.

    Activity of its own has its brightest place inside the zone, is far above the bounds, or has
    no like on the other side: a canal wider than thought has as much there, one whose axis is off
    lacks as much.
    """
    row, column = at
    own = float(joint[row, column])
    way = 1 if canal.q[column] > 0 else -1
    inner = joint[row, column - way] <= 0.0
    if not inner or own >= 3.0 or joint[row, column + way] >= own:
        return False
    there = at_times[at_times[:, row, column].argmax(), row, len(canal.q) - 1 - column]
    return not ONE_SIDED[0] * own < float(there) < ONE_SIDED[1] * own


def _slope_of_more(
    canal: Canal, zone: NDArray[np.bool_], evidence: Floats, at: tuple[int, int]
) -> bool:
    """Return whether a peak lies at the zone's outer edge and evidence rises beyond: a kidney's.

    Where no kidney ends the zone, what rises beyond it is the same long leak.
    """
    row, column = at
    way = 1 if canal.q[column] > 0 else -1
    beyond = [column + way * k for k in (1, 2, 3) if 0 <= column + way * k < len(canal.q)]
    outside = [c for c in beyond if not zone[row, c] and abs(canal.q[c]) <= FARTHEST_MM]
    return any(evidence[row, c] > evidence[row, column] for c in outside)


def _measure(
    canal: Canal, activities: Sequence[Activity], at: tuple[int, int],
    maps: tuple[Floats, Floats], zone: NDArray[np.bool_], last: int,
) -> Spot:  # fmt: skip
    """Return one place measured at every time; below row ``last`` the sac tapers."""
    row, column = at
    ratio, sure = maps
    rows = slice(max(row - 1, 0), row + 2)
    columns = slice(max(column - 1, 0), column + 2)
    ratios, certainties = [], []
    for index, activity in enumerate(activities):
        judged, firm = bool(activity.valid[row]), bool(activity.firm[row])
        here = float(ratio[index, rows, columns].max()) * _untapered(activity, row, last)
        ratios.append(here if judged else float("nan"))
        certainties.append(float(sure[index, rows, columns].max()) if firm else float("nan"))
    merit = np.nan_to_num(
        np.minimum(np.array(ratios) / BOUNDS.faint, np.array(certainties) / BOUNDS.certain)
    )
    certain = np.nan_to_num(np.where(np.array(certainties) >= BOUNDS.certain, ratios, -1.0), nan=-1)
    best = int(np.argmax(certain)) if certain.max() > 0 else int(np.argmax(merit))
    activity = activities[best]
    length, low, high = _extent(canal, activity, at, zone)
    factor = _unblurred_peak(activity, length, high - low, float(activity.width[row]))
    ratios = [ratio * factor for ratio in ratios]
    merit = merit * np.where(merit > 0, min(factor, 1.5), 1.0)
    real = length >= NARROWEST_MM and _stays(ratios, certainties) and not _steady(ratios)
    return Spot(
        sign=1 if canal.q[column] > 0 else -1,
        s_mm=float(canal.s[row]),
        q_mm=float(canal.q[column]),
        low_mm=low,
        high_mm=high,
        ratios=tuple(ratios),
        certainties=tuple(certainties),
        best=best,
        length_mm=length,
        canal_mm=float(activity.width[row]),
        evidence=float(merit.max()) * (1.0 if real else 0.4),
    )


def _untapered(activity: Activity, row: int, last: int) -> float:
    """Return the canal's activity over that of the whole sac: less than 1 where the sac tapers.

    An eye compares what lies beside the sac's tip with the sac, not with the tip.
    """
    if row <= last:
        return 1.0
    whole = float(activity.canal[max(last - 2, 0) : last + 3].mean())
    return min(1.0, float(activity.canal[row]) / max(whole, 1e-12))


def _stays(ratios: Sequence[float], certainties: Sequence[float]) -> bool:
    """Return whether activity that was bright is still there later: a pool does not vanish.

    What is there at the last time only must be more certain.
    """
    pairs = zip(ratios, np.nan_to_num(certainties).tolist(), strict=True)
    seen = [(r, c) for r, c in pairs if np.isfinite(r)]
    if len(seen) < 2:
        return len(ratios) < 2 or (bool(seen) and seen[0][1] >= 1.6 * BOUNDS.certain)
    bright = [r if c >= BOUNDS.certain else 0.0 for r, c in seen]
    best = int(np.argmax(bright))
    if best == len(seen) - 1:
        second = max(c for _, c in seen[:-1])
        return bool(second >= 2.0 or seen[best][1] >= 1.6 * BOUNDS.certain)
    return bool(min(r for r, _ in seen[best + 1 :]) >= 0.3 * bright[best])


def _steady(ratios: Sequence[float]) -> bool:
    """Return whether dim activity keeps its share of the canal's from the first image to the last.

    A leak is empty when the tracer arrives and gains on the canal; what is always the same share
    is part of the canal: a wide sleeve, or an edge.
    """
    seen = [ratio for ratio in ratios if np.isfinite(ratio)]
    return len(seen) >= 3 and max(seen) < STEADY and min(seen) > 0.55 * max(seen)


def _unblurred_peak(activity: Activity, length: float, along: float, canal: float) -> float:
    """Return by how much our own smoothing has lowered a spot's peak more than the canal's.

    A peak falls with each width that grows: a spot's in two directions, the canal's in one. Widths
    are taken as those of a camera at least.
    """
    blur = 2.3548 * activity.straight.moment.spread_mm
    wide = max(length, LEAST_WIDTH_MM)
    tall = max(float(np.sqrt(max(along**2 - blur**2, 0.0))), LEAST_WIDTH_MM)
    across = np.hypot(wide, np.hypot(blur, 2.3548 * 0.6 * STEP_MM)) / wide
    up = np.hypot(tall, np.hypot(blur, 2.3548 * CERTAIN_SMOOTH * STEP_MM)) / tall
    return float(across * up / (np.hypot(canal, blur) / canal))


def _extent(
    canal: Canal, activity: Activity, at: tuple[int, int], zone: NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Return the length across the axis (FWHM), and where along the canal a spot begins and ends.

    The spot is what hangs together above half its peak; its profile across is the brightest of
    its rows at each place, as an eye sees it.
    """
    row, column = at
    picture = activity.along
    half = canal.q > 0 if canal.q[column] > 0 else canal.q < 0
    side = np.where(half[None] & zone, picture, 0.0)
    peak = float(side[row, column])
    marks, _ = label(side > 0.5 * peak)
    own = marks == marks[row, column] if peak > 0 else np.zeros_like(zone)
    near = np.abs(canal.s - canal.s[row]) <= 45
    own &= near[:, None]
    rows = np.flatnonzero(own.any(axis=1))
    if len(rows) == 0:
        rows = np.array([row])
    inside = np.abs(canal.q) >= 0
    profile = picture[rows[0] : rows[-1] + 1].max(axis=0)
    profile = np.where(half & inside, profile, 0.0)
    width = _width(profile, int(profile[half].argmax()) + int(np.flatnonzero(half)[0]))
    length = float(unblurred(np.array([width]), activity.straight.moment.spread_mm)[0])
    return length, float(canal.s[rows[0]]), float(canal.s[rows[-1]])


def _width(profile: Floats, top: int) -> float:
    """Return the full width at half maximum around a peak, mm (linear between places)."""
    half = 0.5 * float(profile[top])
    edges = []
    for way in (1, -1):
        i = top
        while 0 <= i + way < len(profile) and profile[i + way] >= half:
            i += way
        beyond = i + way
        part = 0.5
        if 0 <= beyond < len(profile):
            part = float((profile[i] - half) / max(profile[i] - profile[beyond], 1e-12))
        edges.append(i + way * min(part, 1.0))
    return (edges[0] - edges[1]) * STEP_MM
