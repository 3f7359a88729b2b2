"""Simulator G's fields, shapes and images are what they are told to be, and so is its truth."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from benchmarks.strangers.g import simulate
from benchmarks.strangers.g.camera import choose_cameras, locate, project
from benchmarks.strangers.g.fields import course, sheet
from benchmarks.strangers.g.leaks import (
    DOWN,
    OUT,
    Ground,
    Leak,
    Plan,
    clear,
    graded,
    make_leak,
    sheared,
)
from benchmarks.strangers.g.lumen import ACROSS, HALF, draw, sac_chord, sac_level
from benchmarks.strangers.g.person import choose_person
from benchmarks.strangers.g.scanner import Fault, acquire, choose_scanner
from benchmarks.strangers.g.spine import STEP, Root, Spine, make_spine


def spine_of(seed: int) -> Spine:
    rng = np.random.default_rng(seed)
    return make_spine(rng, choose_person(rng))


def root_of(spine: Spine, segment: str, sign: int) -> Root:
    return next(r for r in spine.roots if (r.segment, r.sign) == (segment, sign))


def test_fields_have_unit_variance_and_the_length_asked_for() -> None:
    rng = np.random.default_rng(0)
    line = course(rng, 40000, 10.0)
    assert line.std() == pytest.approx(1, abs=0.08)
    beside = np.corrcoef(line[:-20], line[20:])[0, 1]
    assert beside == pytest.approx(math.exp(-(20**2) / (4 * 10**2)), abs=0.06)
    field = sheet(rng, (400, 400), (4.0, 8.0))
    assert field.std() == pytest.approx(1, abs=0.1)
    down, right = (np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in (
        (field[:-8], field[8:]), (field[:, :-8], field[:, 8:])))  # fmt: skip
    assert down == pytest.approx(math.exp(-(8**2) / (4 * 4**2)), abs=0.06)
    assert right == pytest.approx(math.exp(-(8**2) / (4 * 8**2)), abs=0.06)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_sac_is_as_wide_as_told_and_as_thick_as_its_ellipse(seed: int) -> None:
    spine = spine_of(seed)
    chord = sac_chord(spine)
    for s_mm in (100.0, 300.0, 500.0):
        row = spine.row(s_mm)
        lit = np.flatnonzero(chord[row] > 0)
        assert (lit[-1] - lit[0] + 1) * STEP == pytest.approx(spine.width(s_mm), abs=1.0)
        area = math.pi * spine.width(s_mm) / 2 * float(spine.deep[row])
        assert chord[row].sum() * STEP == pytest.approx(area, rel=0.03)


def test_the_axis_is_as_long_as_its_parameter() -> None:
    spine = spine_of(4)
    length = np.linalg.norm(np.diff(spine.points, axis=0), axis=1).sum()
    assert length == pytest.approx(spine.s[-1] - spine.s[0], rel=0.02)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_bar_is_laid_beside_the_sac_on_its_side(sign: int) -> None:
    spine = spine_of(5)
    root = root_of(spine, "T6", sign)
    bar = ((np.abs(DOWN) < 3) & (OUT >= 4) & (OUT <= 20)).astype(np.float32)
    rows, columns, value = sheared(spine, root, np.zeros(OUT.size, np.float32), bar)
    i, j = np.nonzero(value > 0.5)
    u = ACROSS[columns][j]
    assert (np.sign(u) == sign).all()
    edge = spine.half[0 if sign > 0 else 1, rows.start + i]
    assert (np.abs(u) - edge).max() == pytest.approx(20.0, abs=0.6)
    assert (np.abs(u) - edge).min() == pytest.approx(4.0, abs=0.6)
    assert spine.s[rows][i].mean() == pytest.approx(root.s_mm, abs=0.6)


def leak_of(extent: float, width: float) -> Leak:
    root = root_of(spine_of(6), "T5", 1)
    reach = extent + root.reach_mm
    return Leak(root, 0, (), reach, extent, width, 0.3, 20.0, 210.0, 200.0)


@pytest.mark.parametrize(
    ("loose", "extent", "grade"),
    [((), 20.0, 1), (("fan",), 13.9, 2), (("net",), 14.0, 2), (("cloud",), 14.1, 3)],
)
def test_a_grade_follows_from_the_papers_rule(
    loose: tuple[str, ...], extent: float, grade: int
) -> None:
    found, words = graded(leak_of(extent, 14.0), Plan(True, loose, extent, 0.3))
    assert found == grade
    assert words[0] == "triangle"
    assert len(words) == 1 + len(loose)


def test_what_a_sleeve_explains_is_not_clear() -> None:
    before = np.zeros((60, 60), dtype=np.float32)
    before[20:40, 20:40] = 4
    assert not clear(before * 0.5, before, noise=0.1)
    assert clear(np.roll(before, 20, axis=1), before, noise=0.1)
    assert not clear(np.roll(before, 20, axis=1), before, noise=20.0)


@pytest.mark.parametrize("look", ["streaks", "fan", "net", "cloud", "pool"])
def test_a_leak_of_each_look_is_about_as_long_and_bright_as_planned(look: str) -> None:
    spine = spine_of(7)
    path, _ = draw(np.random.default_rng(7), spine)
    root = root_of(spine, "T7", -1)
    ground = Ground(spine, path, noise=0.05)
    drawn = make_leak(np.random.default_rng(8), ground, root, Plan(False, (look,), 25.0, 0.5))
    assert drawn is not None
    leak, rows, columns, value = drawn
    assert 12 < leak.extent_mm < 32
    assert leak.grade == (3 if leak.extent_mm > leak.sac_width_mm else 2)
    out = np.abs(ACROSS[columns]) - spine.edge(root.s_mm, -1)
    far = value[:, out > leak.reach_mm + 3]
    assert far.max(initial=0) < 0.75 * value.max()
    assert rows.stop - rows.start == value.shape[0]


def test_a_station_shows_a_place_where_it_says() -> None:
    spine = spine_of(9)
    camera = choose_cameras(np.random.default_rng(9), spine)[0]
    camera = dataclasses.replace(camera, slab=300.0)
    s_mm = float(spine.s[np.argmin(np.abs(camera.see(spine.points)[:, 1]))])
    for u_mm in (-12.0, 0.0, 9.0):
        dot = np.zeros((len(spine.s), 2 * HALF + 1), dtype=np.float32)
        row, column = spine.row(s_mm), HALF + round(u_mm / STEP)
        dot[row - 2 : row + 3, column - 2 : column + 3] = 1
        image = project(spine, camera, dot, dot)
        i, j = np.average(np.indices(image.shape).reshape(2, -1), axis=1, weights=image.ravel())
        assert (i, j) == pytest.approx(camera.pixel(*locate(spine, camera, s_mm, u_mm)), abs=0.8)


@pytest.mark.parametrize(("combine", "speedup"), [("adaptive", 1), ("adaptive", 2), ("squares", 1)])
def test_images_have_the_noise_and_the_sac_told(combine: str, speedup: int) -> None:
    rng = np.random.default_rng(3)
    scanner = dataclasses.replace(
        choose_scanner(rng, 20.0, 256), combine=combine, speedup=speedup, partial=1.0,
        train_s=0.01, shots=1, corrected=1.0, window="none", read=256, lines=256,
    )  # fmt: skip
    scene = np.zeros((256, 256), dtype=np.float32)
    scene[:, 108:148] = 1
    noisy, clean = (
        acquire(np.random.default_rng(4), dataclasses.replace(scanner, noise=noise), scene, Fault())
        for noise in (1 / 20, 1e-9)
    )
    middle = (slice(90, 166), slice(112, 144))
    assert np.median(clean[middle]) == pytest.approx(1, abs=0.06)
    assert (noisy - clean)[middle].std() == pytest.approx(1 / 20, rel=0.3)


def test_motion_smears_and_stillness_does_not() -> None:
    scanner = choose_scanner(np.random.default_rng(5), 1e6, 256)
    scene = np.zeros((256, 256), dtype=np.float32)
    scene[100:156, 100:156] = 1
    still, moved = (
        acquire(np.random.default_rng(6), scanner, scene, fault)
        for fault in (Fault(), Fault(motion_mm=9.0))
    )
    assert moved[scene == 0].std() > 2 * still[scene == 0].std()


def told(seed: int) -> dict[str, Any]:
    return simulate(seed)[1]


@pytest.mark.parametrize("seed", [3, 7, 13])
def test_the_truth_of_a_patient_fits_together(seed: int) -> None:
    truth = told(seed)
    leaks = [f for f in truth["findings"] if f["kind"] == "leak"]
    assert leaks
    for leak in leaks:
        loose = set(leak["pattern"]) - {"triangle"}
        far = leak["extent_mm"] > leak["sac_width_mm"]
        assert leak["grade"] == (1 if not loose else 3 if far else 2)
        assert leak["ratio"] == pytest.approx(leak["extent_mm"] / leak["sac_width_mm"], abs=1e-3)
        sleeve = next(r for r in truth["roots"]
                      if (r["segment"], r["side"]) == (leak["segment"], leak["side"]))  # fmt: skip
        assert leak["reach_mm"] - leak["extent_mm"] == pytest.approx(sleeve["sleeve_mm"], abs=0.01)
        assert leak["position_mm"] == sleeve["position_mm"]


def test_the_usual_sac_has_brightness_one() -> None:
    spine = spine_of(10)
    path, depth = draw(np.random.default_rng(10), spine)
    assert 4 < sac_level(spine, path) < 14
    assert (depth >= 0).all()
