"""Both spines on one scale along the sac: silhouettes, and each sign as far as it reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from myeloscope.comparison.agreement import Agreement, TwoTechniques
from myeloscope.comparison.change import Change, Comparison, Measured
from myeloscope.comparison.registration import distance_along
from myeloscope.domain.anatomy import Side
from myeloscope.domain.reading import Reading, Root
from myeloscope.report.sheet import spread

WIDTH, TOP, PER_MM = 720.0, 34.0, 1.25
LINE = 14.0
"""Least distance of two names."""
MIDDLES = (190.0, 540.0)
"""Where the middle of the earlier and of the later sac is drawn."""
UNMEASURED_MM, LONGEST_MM = 4.0, 50.0
"""Bar of a sign whose reach is not known, and the longest one."""
AGREEMENT_COLOURS: Mapping[Agreement, str] = {
    Agreement.BOTH: "#00664b",
    Agreement.NEITHER: "#5a6672",
    Agreement.MRM_ONLY: "#0b4f7d",
    Agreement.RIC_ONLY: "#8a5a00",
    Agreement.NOT_COMPARABLE: "#b3261e",
}
CHANGE_COLOURS: Mapping[Change, str] = {
    Change.RESOLVED: "#00664b",
    Change.IMPROVED: "#2a7f9e",
    Change.UNCHANGED: "#5a6672",
    Change.WORSE: "#b3261e",
    Change.NEW: "#d55e00",
    Change.NOT_COMPARABLE: "#8a5a00",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two readings on the first one's scale along the sac.

    ``onto`` takes a distance along the second sac to the first one's scale.
    """

    titles: tuple[str, str]
    readings: tuple[Reading, Reading]
    onto: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sign on the first one's scale: how far it reaches in each reading, ``None`` if not there.

    Where it is in both, it may lie at another height in the second.
    """

    heights: tuple[float, float]
    sides: tuple[Side, Side]
    reaches: tuple[float | None, float | None]
    name: str
    colour: str


def comparison_picture(made: Comparison) -> str:
    """Return both spines as SVG; the patient's right is on the left of each."""
    fit = made.registration
    pair = Pair(
        ("before", "after"),
        (made.before, made.after),
        (lambda s: s) if fit is None else fit.earlier,
    )
    signs = [
        Drawn(
            (sign.s_mm, sign.s_mm),
            (sign.side, sign.side),
            (_reach(sign.before), _reach(sign.after)),
            f"{sign.segment or 'root ?'} {sign.side}: {sign.change}",
            CHANGE_COLOURS[sign.change],
        )
        for sign in made.signs
    ]
    return _picture(pair, signs)


def agreement_picture(made: TwoTechniques) -> str:
    """Return sac and canal as SVG, laid on each other by the roots that both name."""
    pair = Pair(
        ("MR myelography", "cisternography"),
        (made.mrm, made.ric),
        by_roots(made.mrm, made.ric),
    )
    signs = []
    for sign in made.signs:
        found = (sign.mrm, sign.ric)
        there = [
            None if f is None else distance_along(reading.sac, f.position_mm)
            for f, reading in zip(found, pair.readings, strict=True)
        ]
        heights = [there[0], None if there[1] is None else pair.onto(there[1])]
        known = next((height for height in heights if height is not None), 0.0)
        ys = [known if height is None else height for height in heights]
        sides = [sign.side if f is None else f.side for f in found]
        reaches = [None if f is None else f.reach_mm or UNMEASURED_MM for f in found]
        name = f"{sign.segment or 'root ?'} {sign.side}: {sign.agreement}"
        colour = AGREEMENT_COLOURS[sign.agreement]
        signs.append(
            Drawn((ys[0], ys[1]), (sides[0], sides[1]), (reaches[0], reaches[1]), name, colour)
        )
    return _picture(pair, signs)


def by_roots(one: Reading, other: Reading) -> Callable[[float], float]:
    """Return what takes a distance along the second sac to the first's, by roots both name.

    Between shared roots it is linear, beyond them it goes on with slope 1. Without shared roots
    distances stay as they are.
    """
    places = [
        {r.segment: r.s_mm for r in reading.roots if r.segment is not None and r.s_mm is not None}
        for reading in (one, other)
    ]
    shared = sorted((places[1][name], places[0][name]) for name in places[0].keys() & places[1])
    if not shared:
        return lambda s: s
    there, here = (np.array(column) for column in zip(*shared, strict=True))

    def onto(s: float) -> float:
        beyond = min(s - there[0], 0.0) + max(s - there[-1], 0.0)
        return float(np.interp(s, there, here) + beyond)

    return onto


def _reach(sign: Measured | None) -> float | None:
    return None if sign is None else sign.reach_mm or UNMEASURED_MM


def _picture(pair: Pair, signs: Sequence[Drawn]) -> str:
    first, second = pair.readings
    befores = [(p.s_mm, p.width_mm) for p in first.sac]
    afters = [(pair.onto(p.s_mm), p.width_mm) for p in second.sac]
    ends = [s for s, _ in (*befores, *afters)] or [0.0, 1.0]
    low, high = min(ends), max(ends)
    height = TOP + PER_MM * (high - low) + 30
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:.0f}" '
        'font-family="Liberation Sans, DejaVu Sans, sans-serif" font-size="11">'
    ]
    for title, middle, sac in zip(pair.titles, MIDDLES, (befores, afters), strict=True):
        drawn.append(
            f'<text x="{middle:g}" y="14" text-anchor="middle" font-weight="bold">{title}</text>'
            f'<text x="{middle - 60:g}" y="28" fill="#5a6672">R</text>'
            f'<text x="{middle + 52:g}" y="28" fill="#5a6672">L</text>'
        )
        drawn += _silhouette(sac, middle, low)
    drawn += _names(first.roots, MIDDLES[0], lambda s: TOP + PER_MM * (s - low))
    drawn += _names(second.roots, MIDDLES[1], lambda s: TOP + PER_MM * (pair.onto(s) - low))
    for sign in signs:
        ys = [TOP + PER_MM * (s - low) for s in sign.heights]
        for middle, y, side, reach in zip(MIDDLES, ys, sign.sides, sign.reaches, strict=True):
            drawn.append(_mark((middle, y), side, reach, sign.colour))
    ordered = sorted(signs, key=lambda sign: sign.heights[0])
    wanted = [TOP + PER_MM * (sign.heights[0] - low) for sign in ordered]
    for sign, y in zip(ordered, spread(wanted, LINE, TOP, height - LINE), strict=True):
        drawn.append(
            f'<text x="365" y="{y + 4:.1f}" text-anchor="middle" fill="{sign.colour}">'
            f"{sign.name}</text>"
        )
    scale = TOP + PER_MM * (high - low) + 16
    drawn.append(
        f'<line x1="20" y1="{scale:.0f}" x2="{20 + 50 * PER_MM:g}" y2="{scale:.0f}" '
        f'stroke="#16202b" stroke-width="2"/><text x="90" y="{scale + 4:.0f}">50 mm</text>'
    )
    return "".join([*drawn, "</svg>"])


def _silhouette(sac: Sequence[tuple[float, float]], middle: float, low: float) -> list[str]:
    """Return the sac's outline, straightened."""
    if not sac:
        return []
    left = [(middle - PER_MM * w / 2, TOP + PER_MM * (s - low)) for s, w in sac]
    right = [(middle + PER_MM * w / 2, TOP + PER_MM * (s - low)) for s, w in reversed(sac)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*left, *right))
    return [f'<polygon points="{points}" fill="#dbe7ef" stroke="#0b4f7d"/>']


def _names(roots: Sequence[Root], middle: float, height: Callable[[float], float]) -> list[str]:
    """Return the names of the roots at the left of a spine, each once."""
    places = {r.segment: r.s_mm for r in roots if r.segment is not None and r.s_mm is not None}
    return [
        f'<text x="{middle - 78:g}" y="{height(s) + 3:.1f}" text-anchor="end" font-size="8" '
        f'fill="#5a6672">{name}</text>'
        for name, s in places.items()
    ]


def _mark(at: tuple[float, float], side: Side, reach: float | None, colour: str) -> str:
    """Return a bar as long as a sign reaches, or an empty ring where there is none."""
    middle, y = at
    toward = 1.0 if side is Side.LEFT else -1.0
    edge = middle + toward * PER_MM * 9
    if reach is None:
        return (
            f'<circle cx="{edge + toward * 8:.1f}" cy="{y:.1f}" r="4" fill="none" '
            f'stroke="{colour}" stroke-dasharray="2 2"/>'
        )
    long = PER_MM * min(reach, LONGEST_MM)
    start = edge if toward > 0 else edge - long
    return f'<rect x="{start:.1f}" y="{y - 4:.1f}" width="{long:.1f}" height="8" fill="{colour}"/>'
