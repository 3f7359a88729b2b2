"""Simulator E's fluid stops where nothing lets it pass, and what it tells is what it drew."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from benchmarks.strangers.e.camera import choose_cameras
from benchmarks.strangers.e.leaks import Plan, make_leak, measure
from benchmarks.strangers.e.lumen import mouth, sac_block, sleeve_block
from benchmarks.strangers.e.seep import Course, run, soak
from benchmarks.strangers.e.skeleton import Root, Spine, make_spine
from benchmarks.strangers.e.tissue import make_tissue
from benchmarks.strangers.e.voxels import BACK, FRONT, HALF, Grid, summed


def spine_of(seed: int) -> Spine:
    return make_spine(np.random.default_rng(seed))


def root_of(spine: Spine, segment: str, sign: int) -> Root:
    return next(r for r in spine.roots if (r.segment, r.sign) == (segment, sign))


def sheet_of(spine: Spine) -> Grid:
    return np.zeros((spine.rows, 2 * HALF + 1), dtype=np.float32)


def even(spine: Spine) -> Grid:
    return np.ones((spine.rows, BACK - FRONT + 1), dtype=np.float32)


def test_fluid_soaks_as_far_as_a_wall_and_keeps_its_volume() -> None:
    flow = np.ones((9, 9, 21), dtype=np.float32)
    flow[:, :, 9] = 0
    seeds = np.zeros(flow.shape, dtype=bool)
    seeds[3:6, 3:6, 3:6] = True
    short, long = (soak(flow, seeds, math.inf, limit) for limit in (10, 400))
    assert long.sum() > 2 * short.sum()
    assert long[:, :, 9:].max() == 0
    assert long[4, 4, 8] > 0.2
    assert long.min() >= 0
    assert long.max() <= 1
    np.testing.assert_allclose(long, long[::-1], atol=1e-5)
    assert soak(flow, seeds, 90.0, 400).sum() == pytest.approx(90, rel=0.2)


def test_parcels_stay_in_a_channel_and_within_reach() -> None:
    flow = np.full((30, 20, 40), 0.001, dtype=np.float32)
    flow[13:18, 8:13, :] = 1
    course = Course(20, 25.0, 1.5, 1.5, 0.0, 1.0, 500.0, (0.0, 0.0, 1.0))
    left = run(np.random.default_rng(1), flow, (15, 10, 3), course)
    assert left[13:18, 8:13].sum() > 0.99 * left.sum()
    farthest = np.flatnonzero(left.sum(axis=(0, 1)))[-1]
    assert 18 <= farthest <= 27


def test_the_sac_is_as_wide_as_told_and_as_thick_as_its_ellipse() -> None:
    spine = spine_of(2)
    sheet = sheet_of(spine)
    summed(sac_block(spine), even(spine), sheet)
    row = int(spine.conus) + 25
    half, deep = spine.half_width[row], spine.half_depth[row]
    assert sheet[row].sum() == pytest.approx(math.pi * half * deep, rel=0.02)
    lit = np.flatnonzero(sheet[row] > 0)
    assert lit[-1] - lit[0] + 1 == pytest.approx(2 * half, abs=2.0)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sleeve_lies_on_its_side_and_is_as_long_as_told(sign: int) -> None:
    spine = spine_of(3)
    root = root_of(spine, "T8", sign)
    sheet = sheet_of(spine)
    summed(sleeve_block(spine, root), even(spine), sheet)
    columns = np.flatnonzero(sheet.max(axis=0) > 0.05) - HALF
    assert (np.sign(columns) == sign).all()
    tip = mouth(spine, root)[2] + root.lateral + root.tip
    assert np.abs(columns).max() == pytest.approx(tip, abs=1.2)


def test_a_drawn_bar_is_measured_where_it_ends() -> None:
    rng, spine = np.random.default_rng(4), spine_of(4)
    root = root_of(spine, "T6", 1)
    tissue = make_tissue(rng, spine, root)
    bar = np.zeros(tissue.box.shape, dtype=np.float32)
    bar[20:26, 10:14, 2:33] = 0.5
    found = measure(spine, root, tissue, bar)
    edge = spine.half_width[tissue.box.row + 22] - tissue.box.u
    assert found.reach == pytest.approx(32.5 - edge, abs=1.0)
    assert found.own == pytest.approx(2.0, rel=0.15)
    assert found.row == pytest.approx(tissue.box.row + 22.5, abs=0.3)
    assert found.beside == pytest.approx(spine.half_width[tissue.box.row + 22], abs=0.2)


@pytest.mark.parametrize("aim", [1, 2, 3])
def test_a_leak_has_the_grade_of_its_measures(aim: int) -> None:
    spine = spine_of(5)
    grades = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        root = root_of(spine, "T5", 1)
        mark = make_leak(rng, spine, root, Plan(aim, 0.5, True, "streaks", 20.0), 10.0)
        if mark is None:
            continue
        long = mark.extent_mm > mark.sac_width_mm
        assert mark.grade == (1 if aim == 1 else 3 if long else 2)
        assert ("streaks" in mark.pattern) == (aim > 1)
        assert mark.reach_mm >= mark.extent_mm
        grades.append(mark.grade)
    assert len(grades) > 1


def test_a_camera_places_the_axis_where_its_image_has_it() -> None:
    spine = spine_of(6)
    camera = dataclasses.replace(
        choose_cameras(np.random.default_rng(6), spine)[0], tilt=0.1, roll=0.05
    )
    row = float(camera.rows(spine).start + 130)
    dot = np.zeros((2 * spine.rows, 4 * HALF + 1), dtype=np.float32)
    dot[2 * int(row) - 2 : 2 * int(row) + 3, 2 * HALF - 2 : 2 * HALF + 3] = 1
    image = camera.image(spine, dot, np.zeros((341, 341), dtype=np.float32))
    i, j = np.average(np.indices(image.shape).reshape(2, -1), axis=1, weights=image.ravel())
    told = camera.pixel(camera.place(spine, row, 0.0))
    assert (i, j) == pytest.approx(told, abs=0.6)
