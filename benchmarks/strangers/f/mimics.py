"""What is no leak but lies beside the sac: cysts, meningoceles, joint fluid, veins, collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.f.body import Body, Root
from benchmarks.strangers.f.leaks import Mark
from benchmarks.strangers.f.plate import (
    PX,
    Array,
    Patch,
    Sheet,
    dome,
    fill,
    lay,
    outside,
    ribbon,
    rounded,
    strokes,
    wander,
)  # fmt: skip
from benchmarks.strangers.f.sleeves import Sleeve, reach_of

SITES = {"C": 0.9, "T": 0.55, "L": 0.8, "S": 2.2}
"""How often a root of a part of the spine bears a cyst, relative to the others."""


def _round(rng: np.random.Generator, centre: Array, size_mm: float, turn: float) -> Array:
    """Return a smooth round or oval contour, long along a direction."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    long = rng.uniform(1.0, 1.4)
    a, b = 0.5 * size_mm * np.sqrt(long), 0.5 * size_mm / np.sqrt(long)
    a = a * (1 + rng.normal(0, 0.03) * np.cos(3 * angle + rng.uniform(0, 6)))
    x, y = a * np.cos(angle), b * np.sin(angle)
    turned = [x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)]
    return np.asarray(centre + np.stack(turned, axis=1))


def _cyst_contours(rng: np.random.Generator, sleeve: Sleeve, size_mm: float) -> list[Array]:
    """Return the contours of a cyst on a sleeve: at its tip, on a stalk, at its axilla, in two."""
    kind = str(
        rng.choice(["tip", "stalk", "axilla", "lobes", "spindle"], p=[0.4, 0.15, 0.2, 0.1, 0.15])
    )
    at = sleeve.path[int(len(sleeve.path) * {"tip": 0.8, "axilla": 0.4}.get(kind, 0.95)) - 1]
    way = np.array([np.cos(sleeve.heading), np.sin(sleeve.heading)])
    if kind == "axilla":
        return [_round(rng, at + size_mm * np.array([0.15, 0.45]), size_mm, 1.2)]
    if kind == "spindle":
        t = np.linspace(0, 1, 24)[:, None]
        path = at - 0.4 * size_mm * way + 1.5 * size_mm * way * t
        return [ribbon(path, 0.36 * size_mm * np.sin(np.pi * t[:, 0]) + 0.3)]
    gap = size_mm * (0.6 if kind == "stalk" else 0.35)
    first = _round(rng, at + gap * way, size_mm, sleeve.heading)
    if kind != "lobes":
        return [first]
    beside = at + gap * way + size_mm * rng.uniform(0.4, 0.6) * np.array([-way[1], way[0]])
    return [first, _round(rng, beside, size_mm * rng.uniform(0.55, 0.85), 0.0)]


def _measured(
    body: Body, sleeve: Sleeve, sheet: Sheet, patch: Patch, kind: str, size_mm: float
) -> Mark:
    """Return a mimic as it was drawn."""
    root = sleeve.root
    reach, bright = reach_of(body, sheet, patch.ink)
    width = body.at(body.width, root.q_mm)
    return Mark(
        kind=kind, root=root, u_mm=width / 2, sac_width_mm=width, pattern=("round",),
        patches=(patch,), grade=0, reach_mm=reach,
        extent_mm=max(reach - sleeve.reach_mm, 0.0), size_mm=size_mm,
        brightness=bright / body.at(body.level, root.q_mm),
    )  # fmt: skip


def draw_cyst(rng: np.random.Generator, body: Body, sleeve: Sleeve) -> Mark:
    """Return a perineurial cyst (Tarlov's at the sacrum): round, smooth, discrete."""
    root = sleeve.root
    low, high = (7, 22) if root.segment[0] == "S" else (4, 14)
    size = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    edge = float(sleeve.path[0][0])
    spans = (edge - 6, sleeve.tip[0] + 1.9 * size + 6, -size - 10, sleeve.tip[1] + 2.2 * size + 8)
    sheet = lay(body.axis, root.q_mm, root.side, spans)
    ink = sheet.blank()
    for contour in _cyst_contours(rng, sleeve, size):
        ink = np.maximum(ink, dome(fill(sheet, contour), 0.5 * size))
    ink *= rng.uniform(0.6, 1.05) * outside(sheet, body.half(root.q_mm + sheet.v))
    patch = sheet.patch(ink, float(rng.normal(-1, 3)))
    return _measured(body, sleeve, sheet, patch, "perineurial-cyst", size)


def draw_meningocele(rng: np.random.Generator, body: Body, sleeve: Sleeve) -> Mark:
    """Return a smooth wide-based outpouching of the sac itself."""
    root = sleeve.root
    tall, base = rng.uniform(5, 16), rng.uniform(5, 13)
    v = np.array([-base / 2, -base * 0.62, 0.0, base * 0.62, base / 2]) + rng.normal(0, 2)
    edge = body.half(root.q_mm + v)
    out = edge + np.array([0.0, 0.6, 1.05, 0.6, 0.0]) * tall
    contour = np.stack([out, v], axis=1)
    inner = np.array([[edge[-1] - 3, v[-1]], [edge[0] - 3, v[0]]])
    spans = (float(edge.min()) - 6, float(out.max()) + 6, -base - 9, base + 9)
    sheet = lay(body.axis, root.q_mm, root.side, spans)
    ink = dome(fill(sheet, rounded(np.concatenate([contour, inner]), 3)), min(tall, base) * 0.5)
    ink *= rng.uniform(0.7, 1.1) * outside(sheet, body.half(root.q_mm + sheet.v))
    patch = sheet.patch(ink, float(rng.normal(0, 2)))
    return _measured(body, sleeve, sheet, patch, "meningocele", tall)


def draw_cysts(
    rng: np.random.Generator,
    body: Body,
    sleeves: Mapping[int, Sleeve],
    taken: Sequence[int],
    mean: float,
) -> list[Mark]:
    """Return cysts and now and then a meningocele; some lie at a root that leaks."""
    marks: list[Mark] = []
    keys = list(sleeves)
    p = np.array([SITES[sleeves[k].root.segment[0]] for k in keys])
    count = min(int(rng.poisson(mean)), 9)
    chosen = rng.choice(keys, count, replace=False, p=p / p.sum()).tolist()
    if taken and rng.random() < 0.3:
        chosen.append(int(rng.choice(taken)))
    for k in dict.fromkeys(chosen):
        wide = rng.random() < 0.12 and sleeves[k].root.segment[0] in "TLS"
        marks.append((draw_meningocele if wide else draw_cyst)(rng, body, sleeves[k]))
    return marks


def draw_joints(rng: np.random.Generator, body: Body) -> list[Patch]:
    """Return fluid in facet joints: small slits well beside the lumbar sac, behind it."""
    found = []
    for root in body.roots:
        if root.segment[0] != "L" or rng.random() > 0.16:
            continue
        half = float(body.half(np.array([root.q_mm]))[0])
        place = np.array([half + rng.uniform(7, 13), rng.uniform(6, 16)])
        path = wander(rng, place, rng.normal(1.45, 0.2), rng.uniform(5, 11), 0.4)
        sheet = lay(body.axis, root.q_mm, root.side, (half, half + 24, -2, 34))
        ink = strokes(
            sheet, [path], [np.full(len(path), rng.uniform(0.06, 0.3))], rng.uniform(1.2, 2.6)
        )
        found.append(sheet.patch(ink, float(rng.uniform(10, 19))))
    return found


def draw_veins(rng: np.random.Generator, body: Body) -> list[Patch]:
    """Return slow veins: wavy lines up and down beside the sac, and rungs between them; dim."""
    if rng.random() < 0.45:
        return []
    found = []
    for side in (-1, 1):
        if rng.random() < 0.25:
            continue
        q0 = rng.uniform(body.tops["C4"], body.tops["T11"])
        long = rng.uniform(50, 230)
        n = int(long / 0.6)
        v = np.linspace(0, long, n)
        sway = rng.uniform(0.4, 1.3) * np.sin(v / rng.uniform(3.5, 8)) + 0.8 * np.sin(v / 31.0)
        u = body.half(q0 + v) + rng.uniform(1.5, 5.0) + sway
        path = np.stack([u, v], axis=1)
        ink_along = rng.uniform(0.015, 0.06) * np.clip(
            np.sin(v / 17 + rng.uniform(0, 6)) + 0.5, 0, 1
        )
        sheet = lay(body.axis, q0, side, (4, 28, 0, long))
        ink = strokes(sheet, [path], [ink_along], rng.uniform(1.0, 2.2))
        found.append(sheet.patch(ink, float(rng.normal(0, 4))))
    return found


def draw_collection(rng: np.random.Generator, body: Body) -> tuple[Mark, ...]:
    """Return fluid along the sac, outside the dura: a thin bright band on one or both sides."""
    length = int(rng.integers(4, 13))
    first = 2 * int(rng.integers(8, 20 - length // 2))
    roots = body.roots[first : first + 2 * length]
    marks = []
    for side in (-1, 1) if rng.random() < 0.6 else (int(rng.choice([-1, 1])),):
        here = [root for root in roots if root.side == side]
        marks.append(_collection(rng, body, here))
    return tuple(marks)


def _collection(rng: np.random.Generator, body: Body, roots: Sequence[Root]) -> Mark:
    """Return one side's band of fluid."""
    top, low = roots[0].q_mm, roots[-1].q_mm
    v = np.linspace(0, low - top, 90)
    wide = np.interp(v, np.linspace(0, low - top, 8), rng.uniform(0.7, 3.0, 8))
    wide *= np.sin(np.linspace(0.1, np.pi - 0.1, 90)) ** 0.4
    inner = body.half(top + v) + 0.7
    contour = np.concatenate(
        [np.stack([inner + wide, v], axis=1), np.stack([inner, v], axis=1)[::-1]]
    )
    sheet = lay(body.axis, top, roots[0].side, (3, 26, -4, low - top + 4))
    ink = np.asarray(gaussian_filter(fill(sheet, contour), 0.4 / PX), np.float32)
    middle = roots[len(roots) // 2]
    bright = float(rng.uniform(0.12, 0.4))
    ink *= np.float32(bright * body.at(body.level, middle.q_mm))
    width = body.at(body.width, middle.q_mm)
    return Mark(
        kind="epidural-collection", root=replace(middle, segment=roots[0].segment),
        u_mm=width / 2, sac_width_mm=width, pattern=("haze",), patches=(sheet.patch(ink, 3.0),),
        reach_mm=float(wide.max()) + 0.7, brightness=bright, size_mm=low - top,
        last=roots[-1].segment,
    )  # fmt: skip
