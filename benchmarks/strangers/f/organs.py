"""Other fluid of the trunk, and what is left of tissue: bright or dim shapes far from the sac."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import affine_transform, gaussian_filter1d

from benchmarks.strangers.f.body import Body
from benchmarks.strangers.f.plate import (
    HALF_MM,
    PX,
    Array,
    Axis,
    Patch,
    Sheet,
    dome,
    fill,
    lay,
    rounded,
    strokes,
    texture,
    wander,
)  # fmt: skip

COARSE = 4
"""Tissue is drawn on a grid so much coarser than the plate's."""


@dataclass(frozen=True, slots=True)
class Fluid:
    """Fluid that is neither CSF nor a leak: its name, middle (``x``, ``q``) mm and drawing."""

    name: str
    x_mm: float
    q_mm: float
    patch: Patch


def _sheet(body: Body, q_mm: float, half_height: float, spans: tuple[float, float]) -> Sheet:
    """Return a sheet in plain ``x`` (to the left) and ``v``."""
    straight = Axis(np.zeros(body.width.size), np.ones(body.width.size))
    return lay(straight, q_mm, 1, (*spans, -half_height, half_height))


def _blob(rng: np.random.Generator, x: float, size: tuple[float, float], rough: float) -> Array:
    """Return an irregular rounded contour about (x, 0)."""
    n = 11
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    far = np.exp(rng.normal(0, rough, n))
    points = np.stack([x + size[0] * far * np.cos(angle), size[1] * far * np.sin(angle)], axis=1)
    return rounded(points, 3)


def _shape(
    rng: np.random.Generator,
    body: Body,
    name: str,
    at: tuple[float, float, float],
    size: tuple[float, float],
    make: tuple[float, float, float],
) -> Fluid:
    """Return one blob of fluid; ``at`` is x, q, depth, ``make`` its roughness, ink and grain."""
    x, q, depth = at
    rough, ink, grain = make
    sheet = _sheet(body, q, size[1] * 1.7 + 4, (x - 1.7 * size[0] - 4, x + 1.7 * size[0] + 4))
    drawn = dome(fill(sheet, _blob(rng, x, size, rough)), 0.6 * min(size))
    drawn *= np.float32(ink / max(float(drawn.max()), 1e-3))
    if grain:
        drawn *= np.clip(1 + grain * texture(rng, drawn.shape, 0.5 * min(size)), 0, 2)
    return Fluid(name, x, q, sheet.patch(drawn, depth))


def _tube(
    rng: np.random.Generator,
    body: Body,
    name: str,
    at: tuple[float, float, float],
    way: tuple[float, float, float],
    make: tuple[float, float, float],
) -> Fluid:
    """Return a tube: ``way`` is its angle, length, bend; ``make`` half width, ink, gaps."""
    x, q, depth = at
    angle, length, bend = way
    half, ink, gaps = make
    path = wander(rng, np.array([x, 0.0]), angle, length, bend)
    low, high = path.min(axis=0) - 3 * half - 3, path.max(axis=0) + 3 * half + 3
    sheet = _sheet(body, q, float(max(-low[1], high[1])), (float(low[0]), float(high[0])))
    t = np.linspace(0, 1, len(path))
    wave = 1 + 0.3 * np.sin(t * length / 6.0 + rng.uniform(0, 6))
    weight = ink * np.where(np.sin(t * rng.uniform(6, 15) + rng.uniform(0, 6)) > gaps, wave, 0.0)
    drawn = strokes(sheet, [path], [weight], 2 * half)
    return Fluid(name, x, q, sheet.patch(drawn, depth))


def _kidneys(rng: np.random.Generator, body: Body) -> list[Fluid]:
    """Return pelves with calyces, ureters and renal cysts."""
    found = []
    for side in (-1, 1):
        q = body.tops["L1"] + rng.normal(12 if side < 0 else 4, 10)
        x = side * rng.uniform(38, 56)
        deep = rng.uniform(-24, -6)
        if rng.random() < 0.75:
            size = (rng.uniform(3, 9), rng.uniform(5, 13))
            found.append(_shape(rng, body, "renal pelvis", (x, q, deep), size, (0.18, 0.7, 0)))
            for _ in range(int(rng.integers(2, 6))):
                angle = (0.0 if side > 0 else np.pi) + rng.normal(0, 0.9)
                way = (angle, rng.uniform(8, 18), 0.5)
                make = (rng.uniform(0.9, 2.2), rng.uniform(0.2, 0.6), -1.0)
                found.append(_tube(rng, body, "calyx", (x, q, deep), way, make))
        if rng.random() < 0.5:
            way = (np.pi / 2 + side * rng.uniform(0.0, 0.12), rng.uniform(90, 190), 0.35)
            make = (rng.uniform(0.8, 1.7), rng.uniform(0.2, 0.7), rng.uniform(-0.6, 0.6))
            start = (x - side * 7, q + 9, deep - 4)
            found.append(_tube(rng, body, "ureter", start, way, make))
        if rng.random() < 0.25:
            size = (s := rng.uniform(4, 17), s * rng.uniform(0.85, 1.15))
            at = (x + side * rng.uniform(8, 26), q + rng.normal(0, 24), deep)
            found.append(_shape(rng, body, "renal cyst", at, size, (0.04, 1.0, 0)))
    return found


def _biliary(rng: np.random.Generator, body: Body) -> list[Fluid]:
    """Return gallbladder and bile ducts, on the right."""
    found = []
    q = body.tops["L1"] + rng.normal(-8, 14)
    if rng.random() < 0.5:
        size = (rng.uniform(9, 16), rng.uniform(15, 32))
        at = (-rng.uniform(55, 95), q, rng.uniform(-42, -20))
        found.append(_shape(rng, body, "gallbladder", at, size, (0.1, 1.4, 0)))
    if rng.random() < 0.4:
        at = (-rng.uniform(26, 48), q - 20, rng.uniform(-36, -18))
        way, make = (1.35, rng.uniform(30, 65), 0.6), (rng.uniform(1.5, 3.5), 0.5, -1.0)
        found.append(_tube(rng, body, "bile duct", at, way, make))
        branch = (2.6, rng.uniform(15, 40), 0.7)
        found.append(_tube(rng, body, "bile duct", at, (-branch[0], *branch[1:]), make))
    return found


def _gut(rng: np.random.Generator, body: Body) -> list[Fluid]:
    """Return stomach, duodenum and loops of bowel."""
    found = []
    if rng.random() < 0.45:
        size = (rng.uniform(18, 34), rng.uniform(20, 42))
        at = (rng.uniform(50, 90), body.tops["T11"] + rng.normal(10, 18), rng.uniform(-48, -20))
        found.append(_shape(rng, body, "stomach", at, size, (0.15, 1.2, 0.35)))
    for _ in range(int(rng.poisson(2.2))):
        side = int(rng.choice([-1, 1]))
        at = (
            side * rng.uniform(38, 125),
            body.tops["L2"] + rng.uniform(0, 130),
            rng.uniform(-50, -18),
        )
        size = (rng.uniform(7, 20), rng.uniform(7, 26))
        make = (0.22, rng.uniform(0.4, 1.3), rng.uniform(0.2, 0.7))
        found.append(_shape(rng, body, "bowel", at, size, make))
    if rng.random() < 0.8:
        size = (rng.uniform(22, 44), rng.uniform(18, 38))
        at = (rng.normal(0, 6), body.tops["S3"] + rng.uniform(55, 95), rng.uniform(-45, -20))
        found.append(_shape(rng, body, "bladder", at, size, (0.07, 2.2, 0)))
    return found


def _chest(rng: np.random.Generator, body: Body) -> list[Fluid]:
    """Return pleural fluid, fluid in the oesophagus, cisterna chyli and thoracic duct."""
    found = []
    for side in (-1, 1):
        if rng.random() < 0.1:
            at = (
                side * rng.uniform(42, 100),
                body.tops["T10"] + rng.normal(0, 14),
                rng.uniform(0, 22),
            )
            size = (rng.uniform(6, 24), rng.uniform(22, 60))
            found.append(_shape(rng, body, "pleural fluid", at, size, (0.2, 0.6, 0.2)))
    if rng.random() < 0.2:
        at = (rng.uniform(-4, 14), body.tops["T5"] + rng.uniform(-40, 80), rng.uniform(-34, -20))
        way, make = (
            (1.55, rng.uniform(20, 60), 0.2),
            (rng.uniform(2, 4), 0.3, rng.uniform(-0.9, 0.4)),
        )
        found.append(_tube(rng, body, "oesophagus", at, way, make))
    if rng.random() < 0.4:
        at = (
            -rng.uniform(2, 13),
            body.tops[f"T{body.thoracic}"] + rng.uniform(-12, 18),
            rng.uniform(-26, -17),
        )
        way, make = (1.6, rng.uniform(18, 55), 0.35), (rng.uniform(1.2, 3.0), 0.45, -1.0)
        found.append(_tube(rng, body, "cisterna chyli", at, way, make))
    return found


def _neck(rng: np.random.Generator, body: Body) -> list[Fluid]:
    """Return glands, nodes and the inner ear's neighbours: dim, granular, on both sides."""
    found = []
    for name, q, x, size in (
        ("parotid gland", body.tops["C1"], 52.0, (9.0, 16.0)),
        ("submandibular gland", body.tops["C3"], 38.0, (9.0, 10.0)),
        ("thyroid cyst", body.tops["C7"], 22.0, (5.0, 7.0)),
        ("lymph node", body.tops["C5"], 48.0, (3.0, 6.0)),
    ):
        for side in (-1, 1):
            if rng.random() < 0.35:
                at = (side * x + rng.normal(0, 5), q + rng.normal(0, 9), rng.uniform(-36, -12))
                scaled = (size[0] * rng.uniform(0.7, 1.2), size[1] * rng.uniform(0.7, 1.2))
                make = (0.18, rng.uniform(0.05, 0.25), 0.4)
                found.append(_shape(rng, body, name, at, scaled, make))
    return found


def draw_organs(rng: np.random.Generator, body: Body) -> list[Fluid]:
    """Return all other fluid of a person."""
    parts = (_kidneys, _biliary, _gut, _chest, _neck)
    return [fluid for part in parts for fluid in part(rng, body)]


def _muscles(rng: np.random.Generator, body: Body) -> Patch:
    """Return fat about muscles and along planes: strands that run up and down, dim."""
    sheet = _sheet(body, 0.0, body.width.size * PX, (-125.0, 125.0))
    paths = []
    for _ in range(int(rng.integers(5, 16))):
        side = int(rng.choice([-1, 1]))
        start = np.array([side * rng.uniform(20, 85), rng.uniform(80, body.end_mm)])
        lean = np.pi / 2 - side * rng.normal(0.12, 0.12)
        paths.append(wander(rng, start, lean, rng.uniform(40, 200), 0.4))
    weights = [np.full(len(path), rng.uniform(0.2, 1.0)) for path in paths]
    ink = strokes(sheet, paths, weights, rng.uniform(2.0, 5.0))
    return sheet.patch(ink)


def draw_tissue(rng: np.random.Generator, body: Body, amount: float) -> list[Patch]:
    """Return what is left of fat, marrow and muscle; ``amount`` is its usual ink."""
    shape = (body.width.size // COARSE, int(2 * HALF_MM / PX) // COARSE)
    q = np.arange(shape[0], dtype=np.float64)[:, None] * PX * COARSE
    x = np.abs(np.arange(shape[1]) * PX * COARSE - HALF_MM)[None, :]
    names = ["C2", "C6", "T2", "T8", "L3", "S2"]
    knots = [0.0, *(body.tops[name] for name in names)]
    girth = np.interp(q[:, 0], knots, [85, 70, 75, 165, 160, 145, 170]) * rng.uniform(0.9, 1.1)
    girth = gaussian_filter1d(girth, 9.0)[:, None]
    inside = np.clip((girth - x) / 3.0, 0, 1)
    rind = np.exp(-(((girth - x - 8) / 7.0) ** 2))
    lungs = np.clip(1 - ((x - 78) / 52) ** 2, 0, 1)
    lungs = lungs * np.exp(-(((q - body.tops["T6"]) / 95) ** 4))
    grain = [texture(rng, shape, scale / COARSE) for scale in (30.0, 8.0)]
    haze = np.clip(1 + 0.4 * grain[0] + 0.25 * grain[1], 0, 3)
    spine = np.exp(-((x / 24) ** 4)) * (0.5 + _discs(body, q))
    ink = inside * haze * (1 - 0.9 * np.minimum(lungs * 3, 1)) + rng.uniform(0, 2.5) * rind
    ink = amount * (ink + rng.uniform(0, 0.9) * spine)
    size = (body.width.size, int(2 * HALF_MM / PX))
    fine = affine_transform(
        ink.astype(np.float32), [1 / COARSE, 1 / COARSE], output_shape=size, order=1
    )
    muscles = _muscles(rng, body)
    strands = np.float32(amount * rng.uniform(0.2, 1.4)) * muscles.ink
    return [Patch(0, 0, fine), replace(muscles, ink=strands)]


def _discs(body: Body, q: Array) -> Array:
    """Return a profile (rows, 1) that is 1 at discs and 0 in vertebrae."""
    found: Array = np.zeros_like(q)
    for name, top in body.tops.items():
        if name not in ("C1", "C2", "S2", "S3", "S4", "S5"):
            found = found + np.exp(-(((q - top) / 3.5) ** 2))
    return found
