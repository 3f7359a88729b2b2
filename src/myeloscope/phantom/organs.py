"""Fluid of neck, chest, belly and pelvis (places: see :mod:`myeloscope.phantom.fluids`)."""

from __future__ import annotations

import numpy as np

from myeloscope.phantom.fluids import (
    MIDDLE_T2,
    SHORT_T2,
    WATER_T2,
    Fluid,
    Table,
    ball,
    tube,
    winding,
)

Rng = np.random.Generator


def gallbladder(rng: Rng, table: Table) -> list[Fluid]:
    """Return the gallbladder, right and in front of L1."""
    place = table.at("L1", -rng.uniform(42, 78), -rng.uniform(35, 90), rng.uniform(-20, 30))
    width = rng.uniform(10, 18)
    axes = (width, width * rng.uniform(0.8, 1.1), rng.uniform(22, 40))
    turn = rng.uniform(-0.2, 0.8)
    return [ball("gallbladder", place, axes, rng.uniform(0.4, 0.9), MIDDLE_T2, turn=turn)]


def bile_ducts(rng: Rng, table: Table) -> list[Fluid]:
    """Return the common bile duct and a hepatic branch or two."""
    low = table.at("L2", -rng.uniform(22, 38), -rng.uniform(28, 60))
    high = table.at("T12", -rng.uniform(30, 50), -rng.uniform(35, 70))
    signal = rng.uniform(0.4, 0.8)
    ducts = [
        tube("bile duct", winding(rng, high, low, 2, 30), rng.uniform(1.5, 4), signal, MIDDLE_T2)
    ]
    for _ in range(rng.integers(0, 3)):
        far = high + np.array([rng.uniform(-40, 30), rng.uniform(-15, 10), rng.uniform(10, 35)])
        path = winding(rng, high, far, 3, 20)
        ducts.append(tube("bile duct", path, rng.uniform(0.7, 1.6), signal, MIDDLE_T2))
    return ducts


def kidneys(rng: Rng, table: Table) -> list[Fluid]:
    """Return renal pelves with calyces, ureters and sometimes renal cysts."""
    fluids = []
    for left in (1, -1):
        wide = 2.0 if rng.random() < 0.07 else 1.0
        pelvis = table.at(
            "L1", left * rng.uniform(36, 52), -rng.uniform(5, 35), rng.uniform(-25, 8)
        )
        size = rng.uniform(4, 9) * wide
        signal = rng.uniform(0.6, 1.0)
        if rng.random() < 0.85:
            axes = (size, size * rng.uniform(0.6, 1.0), size * rng.uniform(1.0, 2.0))
            fluids.append(ball("renal pelvis", pelvis, axes, signal, WATER_T2, turn=0.3 * left))
            for turn in rng.uniform(-1.2, 1.2, rng.integers(3, 8)):
                reach = rng.uniform(12, 25)
                tip = pelvis + reach * np.array(
                    [left * np.cos(turn), rng.uniform(-0.4, 0.4), np.sin(turn)]
                )
                radius = np.linspace(1.0, rng.uniform(1.2, 3.0) * wide, 12)
                path = winding(rng, pelvis, tip, 0.8, 15)
                at = np.interp(np.linspace(0, 1, len(path)), np.linspace(0, 1, 12), radius)
                fluids.append(tube("calyx", path, at, signal, WATER_T2))
        if rng.random() < 0.5:
            fluids += _ureter(rng, table, pelvis, left)
        for _ in range(int(rng.random() < 0.12) * int(rng.integers(1, 4))):
            at = pelvis + np.array(
                [left * rng.uniform(10, 38), rng.uniform(-20, 20), rng.uniform(-45, 45)]
            )
            r = float(np.clip(rng.lognormal(2.1, 0.5), 3, 30))
            fluids.append(ball("renal cyst", at, (r, r, r), rng.uniform(0.8, 1.0), WATER_T2))
    return fluids


def _ureter(rng: Rng, table: Table, pelvis: np.ndarray, left: int) -> list[Fluid]:
    """Return the stretches of a ureter that hold urine."""
    low = table.at("S1", left * rng.uniform(24, 40), -rng.uniform(25, 60))
    course = winding(rng, pelvis - np.array([0, 0, 12.0]), low, 5, 80)
    fluids = []
    for _ in range(rng.integers(1, 4)):
        begin = int(rng.integers(0, len(course) - 20))
        end = min(len(course), begin + int(rng.integers(20, 160)))
        radius = rng.uniform(0.6, 2.2)
        fluids.append(tube("ureter", course[begin:end], radius, rng.uniform(0.5, 1.0), WATER_T2))
    return fluids


def gut(rng: Rng, table: Table) -> list[Fluid]:
    """Return bowel loops with folds, colon on both flanks, and duodenum."""
    fluids = []
    for _ in range(rng.integers(1, 7)):
        side = rng.choice((-1, 1))
        level = ("T12", "L1", "L2", "L3", "L4", "L5", "S1")[rng.integers(0, 7)]
        begin = table.at(
            level, side * rng.uniform(28, 110), -rng.uniform(25, 90), rng.normal(0, 12)
        )
        end = begin + rng.normal(0, (28, 12, 28))
        path = winding(rng, begin, end, 9, 45)
        folds = 1 + 0.18 * np.cos(np.arange(len(path)) * 0.5 * 2 * np.pi / rng.uniform(5, 14))
        radius = rng.uniform(4, 13) * folds
        fluids.append(tube("bowel", path, radius, rng.uniform(0.05, 0.5), MIDDLE_T2))
    if rng.random() < 0.35:
        begin = table.at("L3", -rng.uniform(35, 50), -rng.uniform(30, 55))
        end = table.at("L3", rng.uniform(10, 35), -rng.uniform(35, 60), 8)
        path = winding(rng, begin, end, 4, 60)
        fluids.append(tube("duodenum", path, rng.uniform(5, 11), rng.uniform(0.1, 0.5), MIDDLE_T2))
    return fluids


def stomach(rng: Rng, table: Table) -> list[Fluid]:
    """Return fluid in the stomach, left of T11-L1, its fundus reaching far back."""
    place = table.at("T12", rng.uniform(38, 85), -rng.uniform(20, 85), rng.uniform(-15, 30))
    axes = (rng.uniform(18, 42), rng.uniform(15, 30), rng.uniform(18, 45))
    return [
        ball("stomach", place, axes, rng.uniform(0.1, 0.7), MIDDLE_T2, turn=rng.uniform(-0.8, 0))
    ]


def bladder(rng: Rng, table: Table) -> list[Fluid]:
    """Return the bladder, in front of the lower sacrum."""
    place = table.at("S4", rng.normal(0, 6), -rng.uniform(55, 110), rng.uniform(-35, 5))
    axes = (rng.uniform(25, 52), rng.uniform(22, 45), rng.uniform(18, 42))
    return [ball("bladder", place, axes, rng.uniform(0.8, 1.0), WATER_T2)]


def pelvis(rng: Rng, table: Table) -> list[Fluid]:
    """Return ovarian follicles, free fluid and hip joint fluid."""
    fluids = []
    for left in (1, -1):
        for _ in range(int(rng.random() < 0.4) * int(rng.integers(1, 5))):
            at = table.at("S3", left * rng.uniform(25, 55), -rng.uniform(30, 70), rng.normal(0, 15))
            r = rng.uniform(2, 9)
            fluids.append(ball("follicle", at, (r, r, r), rng.uniform(0.7, 1.0), WATER_T2))
        if rng.random() < 0.3:
            at = table.at("S5", left * rng.uniform(82, 110), -rng.uniform(30, 60), -20)
            axes = (rng.uniform(1, 4), rng.uniform(6, 14), rng.uniform(8, 16))
            fluids.append(ball("hip joint", at, axes, rng.uniform(0.4, 0.9), MIDDLE_T2))
    return fluids


def pleura(rng: Rng, table: Table) -> list[Fluid]:
    """Return pleural fluid in the back of the chest: thin bent sheets."""
    fluids = []
    for left in (1, -1):
        if rng.random() < 0.3:
            continue
        thick = rng.uniform(1.5, 8)
        x = rng.uniform(45, 90)
        for step in range(12):
            x += rng.uniform(-4, 1)
            at = table.at("T8", left * x, rng.uniform(5, 15) + 0.8 * step, 10 - 6.5 * step)
            axes = (rng.uniform(9, 16), thick * (0.5 + 0.06 * step), rng.uniform(10, 15))
            turn = left * rng.uniform(0.1, 0.6)
            fluids.append(ball("pleural fluid", at, axes, 0.25, WATER_T2, turn=turn))
    return fluids


def glands(rng: Rng, table: Table) -> list[Fluid]:
    """Return salivary and thyroid glands: short T2, faint."""
    fluids = []
    faint = rng.uniform(0.01, 0.06)
    for left in (1, -1):
        for name, level, x, y, axes in (
            ("parotid gland", "C2", 52, -26, (9, 13, 19)),
            ("submandibular gland", "C3", 31, -50, (8, 12, 13)),
            ("thyroid gland", "C7", 20, -38, (8, 9, 22)),
        ):
            at = table.at(level, left * x * rng.uniform(0.9, 1.1), y * rng.uniform(0.7, 1.2))
            a, b, c = (part * rng.uniform(0.8, 1.2) for part in axes)
            bright = faint * rng.uniform(0.5, 1.3)
            fluids.append(ball(name, at, (a, b, c), bright, SHORT_T2, turn=rng.uniform(-0.3, 0.3)))
    if rng.random() < 0.12:
        at = table.at("C7", rng.choice((-1, 1)) * rng.uniform(12, 24), -rng.uniform(28, 42))
        r = rng.uniform(2, 9)
        fluids.append(ball("thyroid cyst", at, (r, r, 1.2 * r), rng.uniform(0.4, 0.9), MIDDLE_T2))
    return fluids


def shoulders(rng: Rng, table: Table) -> list[Fluid]:
    """Return shoulder joint and bursa fluid, at the edge of the field."""
    fluids = []
    for left in (1, -1):
        at = table.at("T1", left * rng.uniform(105, 150), -rng.uniform(0, 30), rng.normal(-5, 15))
        axes = (rng.uniform(1.5, 5), rng.uniform(5, 12), rng.uniform(6, 18))
        fluids.append(ball("shoulder joint", at, axes, rng.uniform(0.3, 0.9), MIDDLE_T2))
    return fluids


def intracranial(rng: Rng, table: Table) -> list[Fluid]:
    """Return CSF above the foramen magnum: cisterns, fourth ventricle, folia."""
    fluids = []
    at = table.at("C1", rng.normal(0, 2), rng.uniform(4, 12), rng.uniform(24, 32))
    axes = (rng.uniform(13, 24), rng.uniform(5, 10), rng.uniform(8, 14))
    fluids.append(ball("cisterna magna", at, axes, 1.0, WATER_T2))
    at = table.at("C1", rng.normal(0, 1), rng.uniform(2, 8), rng.uniform(44, 54))
    fluids.append(ball("fourth ventricle", at, (7.0, 5.0, 10.0), 0.9, WATER_T2))
    for left in (1, -1):
        at = table.at("C1", left * rng.uniform(20, 30), -rng.uniform(4, 14), rng.uniform(36, 48))
        axes = (rng.uniform(6, 12), rng.uniform(4, 8), rng.uniform(4, 8))
        fluids.append(ball("lateral cistern", at, axes, 0.9, WATER_T2))
        for index in range(9):
            begin = table.at("C1", left * rng.uniform(4, 12), 20, 28.0 + 5 * index)
            end = table.at("C1", left * (28 + 3.0 * index), 18, 36.0 + 5 * index)
            path = winding(rng, begin, end, 1.5, 20)
            fluids.append(
                tube("folia", path, rng.uniform(0.4, 1.0), rng.uniform(0.3, 0.9), WATER_T2)
            )
    return fluids
