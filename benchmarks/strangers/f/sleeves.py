"""Normal root sleeves in their many shapes, and how far each reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.f.body import Body, Root
from benchmarks.strangers.f.plate import (
    Array,
    Grid,
    Patch,
    Sheet,
    dome,
    fill,
    lay,
    outside,
    ribbon,
    rounded,
    strokes,
)  # fmt: skip

BLUR_MM = 0.45
"""What a reader's image can't resolve, as a Gaussian's sigma, when a drawing is measured."""
DOWN = np.array([0.0, 1.0])
LEAST_MM2 = 0.9
"""Signal ends where less than this area lies farther out."""


class Look(StrEnum):
    """What a normal sleeve looks like."""

    PLAIN = "plain"
    BULBOUS = "bulbous"
    DOUBLE = "double"
    CONJOINED = "conjoined"
    LONG = "long"
    POUCH = "pouch"
    KINKED = "kinked"
    TORTUOUS = "tortuous"
    FAINT = "faint"
    STUB = "stub"


@dataclass(frozen=True, slots=True)
class Sleeve:
    """A drawn normal sleeve: its look, how far it reaches from the sac's edge, its course.

    ``path`` (n, 2) is its middle line in ``u``, ``v``; ``tip`` and ``heading`` its end.
    """

    root: Root
    look: Look
    patch: Patch
    reach_mm: float
    path: Array
    heading: float
    visible: bool

    @property
    def tip(self) -> Array:
        """Return the end of the sleeve's middle line in ``u``, ``v``."""
        return np.asarray(self.path[-1])


def strongest(values: Grid) -> float:
    """Return the brightness of a drawing: of the upper third of what is not its faint rim."""
    lit = values[values > 0.3 * values.max(initial=0.0)]
    return float(np.quantile(lit, 0.7)) if lit.size else 0.0


def reach_of(body: Body, sheet: Sheet, ink: Grid) -> tuple[float, float]:
    """Return how far ink lies beyond the sac's edge, mm, and its brightness.

    Signal ends where it falls to a quarter of its own brightness.
    """
    out = sheet.u - body.half(sheet.q_mm + sheet.v)
    seen = gaussian_filter(ink, BLUR_MM / 0.35) * (out > 0)
    bright = strongest(np.asarray(seen, np.float32))
    lit = out[seen >= bright / 4] if bright > 0 else np.empty(0)
    least = int(LEAST_MM2 / 0.35**2)
    if lit.size <= least:
        return 0.0, bright
    return float(np.sort(lit)[-least]), bright


def _look(rng: np.random.Generator, body: Body, root: Root) -> Look:
    """Return the look of one sleeve."""
    letter = root.segment[0]
    traits = body.traits
    weights = {
        Look.PLAIN: 1.0, Look.BULBOUS: traits.bulbous + (0.05 if letter == "T" else 0.0),
        Look.DOUBLE: 0.03, Look.CONJOINED: 0.012 if letter in "LS" else 0.0,
        Look.LONG: 0.07 if letter == "C" else 0.04,
        Look.POUCH: 0.5 * traits.pouch if letter in "LS" else 0.08 * traits.pouch,
        Look.KINKED: 0.04, Look.TORTUOUS: 0.03, Look.FAINT: 0.12, Look.STUB: 0.08,
    }  # fmt: skip
    p = np.array(list(weights.values()))
    return list(weights)[int(rng.choice(p.size, p=p / p.sum()))]


def _course(rng: np.random.Generator, root: Root, look: Look, half: float) -> Array:
    """Return the middle line (n, 2) from within the sac to the tip."""
    length = root.length_mm * {Look.LONG: rng.uniform(1.35, 1.9), Look.STUB: 0.55}.get(look, 1.0)
    n = 28
    t = np.linspace(0, 1, n)
    steep = -0.35 + 0.5 * t if root.segment[0] in "LS" else -0.2 + 0.3 * t
    heading = root.angle + steep * rng.uniform(0.2, 1.0)
    if look is Look.KINKED:
        heading += rng.choice([-1, 1]) * rng.uniform(0.5, 1.0) * (t > rng.uniform(0.35, 0.6))
    if look is Look.TORTUOUS:
        heading += rng.uniform(0.4, 0.8) * np.sin(t * rng.uniform(6, 10) + rng.uniform(0, 6))
    if look is Look.LONG and root.segment[0] == "C":
        heading -= 0.5 * root.angle
    step = length / (n - 1) * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    path = np.concatenate([np.zeros((1, 2)), step[:-1].cumsum(axis=0)])
    return np.asarray(path + np.array([half, 0.0]))


def _tube(rng: np.random.Generator, root: Root, look: Look, path: Array) -> Array:
    """Return the contour of a sleeve that tapers from its base to its tip."""
    t = np.linspace(0, 1, len(path))
    tip = rng.uniform(0.5, 0.95)
    half = tip + (root.base_mm / 2 - tip) * (1 - t) ** rng.uniform(1.0, 2.0)
    if look is Look.BULBOUS:
        swell = rng.uniform(0.6, 1.5) * (1.5 if root.segment[0] in "LS" else 1.0)
        half += swell * np.exp(-(((t - rng.uniform(0.65, 0.9)) / 0.2) ** 2))
    inner = path[0] - [2.2, 0.5]
    line = np.concatenate([inner[None], path])
    return rounded(ribbon(line, np.concatenate([half[:1] * 1.3, half])), 1)


def _pouch(rng: np.random.Generator, body: Body, root: Root, path: Array) -> Array:
    """Return the contour of the smooth web between sac and sleeve below its axilla."""
    down = root.base_mm * rng.uniform(0.7, 1.3) + (2.5 if root.segment[0] in "LS" else 0.5)
    v = np.array([-root.base_mm * rng.uniform(0.5, 0.9), 0.0, down * 0.45, down])
    edge = body.half(root.q_mm + v)
    out = path[min(int(rng.uniform(7, 15)), len(path) - 1)]
    belly = np.array([0.5 * (out[0] + edge[2]) + rng.uniform(-0.2, 0.5), 0.5 * (out[1] + down)])
    inner = [(edge[3] - 2.0, v[3]), (edge[0] - 2.0, v[0])]
    return rounded(np.array([(edge[0], v[0]), out, belly, (edge[3], v[3]), *inner]), 3)


def _paint(
    rng: np.random.Generator, sheet: Sheet, contours: Sequence[Array], root: Root, faint: float
) -> Grid:
    """Return the ink of contours, round in depth and fading outward."""
    ink = sheet.blank()
    for contour in contours:
        ink = np.maximum(ink, dome(fill(sheet, contour), root.base_mm * 0.5))
    start = float(contours[0][:, 0].min())
    end = float(contours[0][:, 0].max())
    t = np.clip((sheet.u - start) / max(end - start, 1.0), 0, 1)
    fade = (1.0 - rng.uniform(0.25, 0.5) * t) * faint * rng.uniform(0.85, 1.25)
    return np.asarray(ink * fade, np.float32)


def draw_sleeve(rng: np.random.Generator, body: Body, root: Root, plain: bool = False) -> Sleeve:
    """Return the normal sleeve of a root; ``plain`` where the root leaks and must be clear."""
    look = Look.PLAIN if plain and rng.random() < 0.8 else _look(rng, body, root)
    half = float(body.half(np.array([root.q_mm]))[0])
    path = _course(rng, root, look, half)
    out, down = float(path[:, 0].max()) + 6, float(path[:, 1].max()) + 9
    sheet = lay(body.axis, root.q_mm, root.side, (half - 5, out, path[:, 1].min() - 9, down))
    contours = [_tube(rng, root, look, path)]
    if look is Look.POUCH or body.traits.pouch * rng.random() > 0.45:
        contours.append(_pouch(rng, body, root, path))
    if look in (Look.DOUBLE, Look.CONJOINED):
        gap = rng.uniform(2.2, 3.6) if look is Look.DOUBLE else rng.uniform(4, 7)
        other = path + gap * DOWN if look is Look.DOUBLE else path * [1, 0.6] + 0.6 * gap * DOWN
        contours.append(_tube(rng, replace(root, base_mm=0.7 * root.base_mm), Look.PLAIN, other))
    faint = rng.uniform(0.35, 0.6) if look is Look.FAINT else 1.0
    ink = _paint(rng, sheet, contours, root, faint)
    ink *= outside(sheet, body.half(root.q_mm + sheet.v))
    if root.segment[0] in "LS":
        dark = np.full(len(path), -rng.uniform(0.06, 0.13))
        ink = np.maximum(ink + strokes(sheet, [path], [dark], 1.1) * (ink > 0.05), 0)
    reach, bright = reach_of(body, sheet, ink)
    heading = float(np.arctan2(*(path[-1] - path[-4])[::-1]))
    visible = reach > 1.0 and bright > 0.04
    patch = sheet.patch(ink, depth_mm=float(rng.normal(-1.0, 1.5)))
    return Sleeve(root, look, patch, reach, path, heading, visible)
