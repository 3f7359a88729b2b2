"""Signs of leaks: which roots leak, in what form and size, and the grade of what was drawn.

The grade follows from the drawing by the published scale: a solid sign alone is 1; with loose
signal beyond the sleeve it is 2, or 3 where that reaches farther than the sac is wide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.f import seepage, solids
from benchmarks.strangers.f.body import Body, Root
from benchmarks.strangers.f.plate import PX, Grid, Patch
from benchmarks.strangers.f.scene import Scene, set_scene
from benchmarks.strangers.f.sleeves import Sleeve, reach_of

Form = Callable[[np.random.Generator, Scene], Grid]
SOLID: Sequence[tuple[Form, float]] = (
    (solids.triangle, 0.4), (solids.shoulder, 0.27), (solids.tent, 0.18), (solids.comma, 0.15),
)  # fmt: skip
LOOSE: Sequence[tuple[Form, str, float]] = (
    (seepage.flame, "streaks", 0.13), (seepage.feather, "streaks", 0.17),
    (seepage.honeycomb, "reticular", 0.1), (seepage.haze, "haze", 0.12),
    (seepage.band, "streaks", 0.08), (seepage.drops, "streaks", 0.08),
    (seepage.line, "streaks", 0.08), (seepage.tree, "streaks", 0.07),
    (seepage.sheath, "streaks", 0.06), (seepage.pool, "haze", 0.07),
    (seepage.curtain, "streaks", 0.04),
)  # fmt: skip
SMALL = frozenset({seepage.band, seepage.honeycomb, seepage.curtain})
"""Forms that can't be told apart below a few millimetres."""
SEEN = (16.0, 12.0)
"""Least signal-to-noise ratio of a whole leak beside its sac, as an ideal observer sums it, of a
solid sign alone and of any other."""
LEAST_AREA_MM2 = (16.0, 4.0)
"""Least area beside sac and normal sleeve, likewise."""
LEAST_EXTENT_MM = 1.5
ACQUIRED_MM = 0.53
TRIES = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding or mimic as it was drawn and measured; ``u_mm`` is where it meets the sac.

    ``last`` is the other end of what covers several roots.
    """

    kind: str
    root: Root
    u_mm: float
    sac_width_mm: float
    pattern: tuple[str, ...]
    patches: tuple[Patch, ...]
    grade: int | None = None
    reach_mm: float = 0.0
    extent_mm: float = 0.0
    brightness: float = 0.0
    size_mm: float | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Noise:
    """The image's noise in ink: one channel's spread in an acquired pixel, the channels' number."""

    sigma: float
    coils: int

    def contrast(self, ink: Grid) -> Grid:
        """Return how far ink stands out of the background of a magnitude image, in its noise.

        The mean of the magnitude of n channels is about ``sqrt(ink^2 + 2 n sigma^2)``, its spread
        in the background about 0.7 sigma (Constantinides 1997, doi 10.1002/mrm.1910380524).
        """
        floor = 2 * self.coils * self.sigma**2
        raised = np.sqrt(ink.astype(np.float64) ** 2 + floor) - np.sqrt(floor)
        return np.asarray(raised / (0.7 * self.sigma), np.float32)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a leak should be: its grade, how far it reaches beyond the sleeve, its brightness.

    ``form`` is an index of ``LOOSE``; ``most`` bounds the brightness, unless nothing else helps.
    """

    grade: int
    size_mm: float
    brightness: float
    form: int
    most: float
    noise: Noise


def _form(rng: np.random.Generator, size_mm: float) -> int:
    """Return a loose form that a size allows."""
    p = np.array([w * (size_mm > 4.5 or f not in SMALL) for f, _, w in LOOSE])
    return int(rng.choice(p.size, p=p / p.sum()))


def plan_leak(
    rng: np.random.Generator, width_mm: float, brightness: tuple[float, float], noise: Noise
) -> Plan:
    """Return what a leak at a root whose sac is so wide should be."""
    grade = int(rng.choice([1, 2, 3], p=[0.27, 0.41, 0.32]))
    low, high = {
        1: (0.4, 5.0), 2: (2.2, 0.92 * width_mm), 3: (1.12 * width_mm, min(4 * width_mm, 48.0)),
    }[grade]  # fmt: skip
    size = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    bright = float(rng.uniform(*brightness))
    return Plan(grade, size, bright, _form(rng, size), 1.15 * brightness[1], noise)


def _scaled(body: Body, scene: Scene, ink: Grid, brightness: float) -> Grid:
    """Return ink whose own brightness over the sac's at its root is as told."""
    _, bright = reach_of(body, scene.sheet, ink)
    wanted = brightness * body.at(body.level, scene.sleeve.root.q_mm)
    return np.asarray(ink * (wanted / max(bright, 1e-3)), np.float32)


def _draw(rng: np.random.Generator, scene: Scene, plan: Plan) -> tuple[Grid, tuple[str, ...]]:
    """Return a leak's ink and what it shows."""
    body = scene.body
    p = np.array([w for _, w in SOLID])
    solid = SOLID[int(rng.choice(p.size, p=p / p.sum()))][0]
    if plan.grade == 1:
        return _scaled(body, scene, solid(rng, scene), plan.brightness), ("triangle",)
    form, pattern, _ = LOOSE[plan.form]
    ink = np.maximum(form(rng, scene), 0) * (scene.sheet.u > scene.edge(scene.sheet.v) - 0.5)
    ink = _scaled(body, scene, np.asarray(ink, np.float32), plan.brightness)
    if form in (seepage.haze, seepage.honeycomb) and rng.random() < 0.35:
        veil = seepage.feather(rng, replace(scene, size_mm=0.7 * scene.size_mm))
        ink += _scaled(body, scene, veil, plan.brightness * 0.5)
        pattern = f"{pattern} streaks"
    shows = tuple(pattern.split())
    if rng.random() < 0.68:
        near = replace(scene, size_mm=min(rng.uniform(0.05, 0.35) * scene.size_mm, 5.0))
        more = min(plan.brightness * rng.uniform(0.8, 1.7), 0.85)
        ink = np.maximum(ink, _scaled(body, scene, solid(rng, near), more))
        shows = ("triangle", *shows)
    return ink, shows


def _conspicuous(scene: Scene, ink: Grid, noise: Noise) -> tuple[float, float]:
    """Return signal-to-noise ratio and area, mm2, of what is beside sac and normal sleeve both."""
    sheet, sleeve = scene.sheet, scene.sleeve
    normal = sheet.blank()
    patch = sleeve.patch
    top, left = max(sheet.row, patch.row), max(sheet.col, patch.col)
    low = min(sheet.row + normal.shape[0], patch.row + patch.ink.shape[0])
    right = min(sheet.col + normal.shape[1], patch.col + patch.ink.shape[1])
    here = np.s_[top - sheet.row : low - sheet.row, left - sheet.col : right - sheet.col]
    there = np.s_[top - patch.row : low - patch.row, left - patch.col : right - patch.col]
    normal[here] = patch.ink[there]
    beside = sheet.u > scene.edge(sheet.v) + 0.7
    seen = gaussian_filter(ink, 1.0) * beside * (normal < 0.03)
    area = float((seen > 0.35 * seen.max(initial=0.0)).sum()) * PX**2
    stands = noise.contrast(np.asarray(seen, np.float32)).astype(np.float64)
    return float(np.sqrt((stands**2).sum()) * PX / ACQUIRED_MM), area


def draw_leak(rng: np.random.Generator, body: Body, sleeve: Sleeve, plan: Plan) -> Mark:
    """Return a leak that a careful eye can tell from its root's normal sleeve.

    What is too little for that is drawn anew, a bit larger and brighter.
    """
    width = body.at(body.width, sleeve.root.q_mm)
    for k in range(TRIES):
        scene = set_scene(rng, body, sleeve, plan.size_mm)
        ink, shows = _draw(rng, scene, plan)
        reach, bright = reach_of(body, scene.sheet, ink)
        extent = reach - sleeve.reach_mm
        seen, area = _conspicuous(scene, ink, plan.noise)
        enough = plan.grade == 1 or extent >= LEAST_EXTENT_MM
        loose = int(plan.grade > 1)
        if enough and seen >= SEEN[loose] and area >= LEAST_AREA_MM2[loose]:
            break
        most = plan.most if k < TRIES // 2 else 0.7
        bolder = max(min(plan.brightness * 1.15, most), plan.brightness)
        plan = replace(plan, size_mm=min(plan.size_mm * 1.18 + 0.2, 50.0), brightness=bolder)
    grade = 1 if plan.grade == 1 else 2 if extent <= width else 3
    depth = float(rng.normal(-1.0, 3.0))
    return Mark(
        kind="leak", root=sleeve.root, u_mm=width / 2, sac_width_mm=width, pattern=shows,
        patches=(scene.sheet.patch(ink, depth),), grade=grade, reach_mm=reach,
        extent_mm=max(extent, 0.0), brightness=bright / body.at(body.level, sleeve.root.q_mm),
    )  # fmt: skip


def choose_roots(
    rng: np.random.Generator, open_to: Sequence[int], roots: Sequence[Root]
) -> list[int]:
    """Return the indices of roots that leak: one to nine, alone, in pairs or in a comb."""
    wanted = int(rng.choice([1, 2, 3, 4, 5, 7, 9], p=[0.2, 0.2, 0.2, 0.15, 0.12, 0.08, 0.05]))
    favour = {"cervical": rng.gamma(0.7), "thoracic": rng.gamma(1.1), "lumbar": rng.gamma(0.9)}
    seldom = {"S": 0.4}
    p = np.array(
        [
            (favour[r.region] + 0.02) * seldom.get(r.segment[0], 1.0)
            for r in map(roots.__getitem__, open_to)
        ]
    )
    chosen: list[int] = []
    while len(chosen) < min(wanted, len(open_to)):
        first = int(rng.choice(open_to, p=p / p.sum()))
        run = int(rng.choice([1, 2, 3, 4], p=[0.62, 0.18, 0.12, 0.08]))
        both = rng.random() < 0.35
        for k in range(first, first + 2 * run, 2):
            for one in (k, k ^ 1) if both else (k,):
                if one in open_to and one not in chosen and len(chosen) < wanted:
                    chosen.append(one)
    return chosen


def draw_leaks(
    rng: np.random.Generator,
    body: Body,
    sleeves: Mapping[int, Sleeve],
    chosen: Sequence[int],
    brightness: tuple[float, float],
    noise: Noise,
) -> list[Mark]:
    """Return the leaks of the chosen roots; a comb's teeth, roots side by side, look alike."""
    marks: list[Mark] = []
    last: tuple[int, Plan] | None = None
    for k in sorted(chosen, key=lambda one: (one % 2, one)):
        width = body.at(body.width, sleeves[k].root.q_mm)
        plan = plan_leak(rng, width, brightness, noise)
        if last is not None and k - last[0] == 2 and rng.random() < 0.6:
            plan = replace(
                last[1], size_mm=min(last[1].size_mm * float(np.exp(rng.normal(0, 0.25))), 50.0)
            )
        marks.append(draw_leak(rng, body, sleeves[k], plan))
        last = (k, plan)
    return marks
