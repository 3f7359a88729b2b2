"""Fluid close to the spine that can be taken for a leak: joints, veins, lymph, fat."""

from __future__ import annotations

import numpy as np

from myeloscope.phantom.fluids import (
    MIDDLE_T2,
    SHORT_T2,
    WATER_T2,
    Fluid,
    Table,
    ball,
    patch,
    tube,
    winding,
)

Rng = np.random.Generator


def facets(rng: Rng, table: Table) -> list[Fluid]:
    """Return facet joint fluid, behind and beside the sac at lumbar discs, and synovial cysts."""
    fluids = []
    lumbar = table.spine.formula.lumbar
    for number in range(2, lumbar + 1):
        drop = -0.5 * table.spine.heights[f"L{number}"]
        for left in (1, -1):
            if rng.random() < 0.5:
                continue
            x = left * rng.uniform(14, 22) * (1 + 0.04 * number)
            at = table.at(f"L{number}", x, rng.uniform(12, 24), drop + rng.normal(0, 3), axis=True)
            axes = (rng.uniform(0.5, 1.6), rng.uniform(2, 6), rng.uniform(3, 7))
            turn = left * rng.uniform(-0.3, 0.5)
            signal = rng.uniform(0.2, 0.9)
            fluids.append(ball("facet joint", at, axes, signal, MIDDLE_T2, turn=turn))
            if rng.random() < 0.06:
                r = rng.uniform(1.5, 4)
                near = at + np.array([left * rng.uniform(-3, 4), rng.uniform(0, 8), -4.0])
                fluids.append(ball("synovial cyst", near, (r, r, r), 0.8, MIDDLE_T2))
    return fluids


def costal_joints(rng: Rng, table: Table) -> list[Fluid]:
    """Return small dots of fluid in costovertebral joints."""
    fluids = []
    for number in rng.choice(np.arange(1, table.spine.formula.thoracic), rng.integers(1, 5)):
        left = rng.choice((-1, 1))
        at = table.at(f"T{number}", left * rng.uniform(16, 26), rng.uniform(-12, 8), 10, axis=True)
        r = rng.uniform(0.8, 2.0)
        fluids.append(ball("costal joint", at, (r, 2 * r, r), rng.uniform(0.2, 0.7), MIDDLE_T2))
    return fluids


def retrospinal(rng: Rng, table: Table) -> list[Fluid]:
    """Return fluid behind C1-C2, a false sign of level in a leak (FIELD 1c: 3 of 25 patients)."""
    fluids = []
    for left in (1, -1):
        for _ in range(rng.integers(1, 4)):
            x, y = left * rng.uniform(3, 16), rng.uniform(14, 22)
            at = table.at("C1", x, y, -rng.uniform(2, 16), axis=True)
            axes = (rng.uniform(3, 8), rng.uniform(1, 3), rng.uniform(2, 5))
            turn = rng.uniform(-0.5, 0.5)
            signal = rng.uniform(0.3, 0.8)
            fluids.append(ball("retrospinal C1-C2 fluid", at, axes, signal, WATER_T2, turn=turn))
    return fluids


def veins(rng: Rng, table: Table) -> list[Fluid]:
    """Return faint segmental and epidural veins (slow blood: little signal at such a TE)."""
    fluids = []
    spine = table.spine
    faint = rng.uniform(0.02, 0.12)
    names = [name for name in spine.tops if name[0] in "CTL"]
    for name in rng.choice(names, rng.integers(2, 14)):
        left = rng.choice((-1, 1))
        drop = -0.5 * spine.heights[name]
        begin = table.at(name, left * rng.uniform(9, 14), rng.uniform(-12, 4), drop, axis=True)
        steps = np.array([left * rng.uniform(8, 45), rng.uniform(-15, 8), rng.uniform(-18, 10)])
        path = winding(rng, begin, begin + steps, 1.5, 25)
        radius = rng.uniform(0.6, 1.6)
        fluids.append(tube("vein", path, radius, faint * rng.uniform(0.5, 2), SHORT_T2))
    if rng.random() < 0.4:
        left = rng.choice((-1, 1))
        begin = table.at("T4", left * 10, -32, axis=True)
        end = table.at("L1", left * 10, -34, axis=True)
        path = winding(rng, begin, end, 2.5, 90)
        fluids.append(tube("azygos vein", path, rng.uniform(2, 4), faint, SHORT_T2))
    return fluids


def lymph(rng: Rng, table: Table) -> list[Fluid]:
    """Return the cisterna chyli in front of T12-L2 and sometimes the thoracic duct."""
    x, y = rng.uniform(-9, 3), -rng.uniform(28, 46)
    low = table.at("L2", x, y, rng.uniform(-10, 15), axis=True)
    high = table.at("T12", x, y, rng.uniform(-10, 15), axis=True)
    path = winding(rng, low, high, 2, 30)
    radius = rng.uniform(1.2, 3.5) * np.sin(np.linspace(0.2, np.pi - 0.2, len(path)))
    fluids = [tube("cisterna chyli", path, radius, rng.uniform(0.6, 1.0), WATER_T2)]
    if rng.random() < 0.4:
        top = table.at("T3", rng.uniform(0, 10), -rng.uniform(20, 35), axis=True)
        path = winding(rng, high, top, 3, 40)
        fluids.append(tube("thoracic duct", path, rng.uniform(0.4, 1.1), 0.9, WATER_T2))
    return fluids


def residual_fat(rng: Rng, table: Table) -> list[Fluid]:
    """Return fat that suppression left: skin and shoulders, and patches where the field is off."""
    fluids = []
    bright = rng.uniform(0.004, 0.03)
    for left in (1, -1):
        begin = table.at("C1", left * rng.uniform(58, 72), rng.uniform(-15, 10))
        elbow = table.at("C7", left * rng.uniform(62, 78), rng.uniform(-15, 10))
        end = table.at("T2", left * rng.uniform(130, 160), rng.uniform(-15, 10), 15)
        for a, b in ((begin, elbow), (elbow, end)):
            path = winding(rng, a, b, 2, 60)
            fluids.append(tube("skin fat", path, rng.uniform(3, 9), bright, SHORT_T2))
        if rng.random() < 0.7:
            begin = table.at("T8", left * rng.uniform(125, 165), rng.uniform(-15, 10))
            end = table.at("S4", left * rng.uniform(125, 165), rng.uniform(-15, 10))
            path = winding(rng, begin, end, 4, 150)
            fluids.append(tube("flank fat", path, rng.uniform(4, 12), bright, SHORT_T2))
    for _ in range(rng.integers(0, 5)):
        level = ("C6", "T1", "T4", "T8", "T11", "L2", "L4", "S2")[rng.integers(0, 8)]
        at = table.at(level, rng.uniform(-110, 110), rng.uniform(-15, 15), rng.normal(0, 15))
        size = (rng.uniform(10, 45), rng.uniform(15, 60))
        fluids.append(patch(rng, "fat patch", at, size, bright * rng.uniform(0.3, 2)))
    return fluids
