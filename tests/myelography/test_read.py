"""The whole reading on phantoms with findings asked for."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from myeloscope.domain.anatomy import TYPICAL_SPINE, Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade, Pattern, Technique
from myeloscope.domain.image import Acquisition, PlaneGeometry, Station, Study
from myeloscope.domain.reading import Reading
from myeloscope.myelography.read import read_study
from myeloscope.phantom import (
    Arm,
    Difficulty,
    FindingSpec,
    Phantom,
    PhantomSpec,
    Ruin,
    demo_spec,
    make,
)
from myeloscope.settings import ReadSettings

LEAK = FindingSpec(
    FindingKind.LEAK,
    Segment.T5,
    Side.LEFT,
    grade=Grade.DEFINITE,
    ratio=1.6,
    pattern=(Pattern.STREAKS,),
    triangle=True,
)
CYST = FindingSpec(FindingKind.PERINEURIAL_CYST, Segment.T9, Side.RIGHT, size_mm=9.0)


def spec(seed: int = 11, *, findings: tuple[FindingSpec, ...] = (LEAK, CYST)) -> PhantomSpec:
    return PhantomSpec(
        seed=seed,
        arm=Arm.PATIENT,
        difficulty=Difficulty.EASY,
        findings=findings,
        formula=TYPICAL_SPINE,
        ruin=Ruin.NONE,
        other_fluid=False,
    )


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make(spec())


@pytest.fixture(scope="module")
def reading(phantom: Phantom) -> Reading:
    return read_study(phantom.study, ReadSettings())


def test_the_leak_is_found_graded_and_measured(phantom: Phantom, reading: Reading) -> None:
    (true,) = phantom.truth.findings
    leaks = [f for f in reading.findings if f.kind is FindingKind.LEAK]
    best = max(leaks, key=lambda f: f.score)
    assert best.side is Side.LEFT
    assert best.grade is Grade.DEFINITE
    assert best.rule == "lateral>width"
    assert reading.regions[Region.THORACIC].grade is Grade.DEFINITE
    assert reading.positive is True
    assert best.extent_mm == pytest.approx(true.extent_mm, abs=5.0)
    assert best.sac_width_mm == pytest.approx(true.sac_width_mm, abs=1.2)
    assert best.position_mm[0] == pytest.approx(true.position_mm[0], abs=3.0)
    assert best.position_mm[2] == pytest.approx(true.position_mm[2], abs=5.0)


def test_the_cyst_is_listed_and_not_graded_as_a_leak(phantom: Phantom, reading: Reading) -> None:
    (true,) = phantom.truth.mimics
    cysts = [f for f in reading.findings if f.kind is FindingKind.PERINEURIAL_CYST]
    near = [
        f
        for f in cysts
        if f.side is true.side and abs((f.position_mm[2] or 0) - true.position_mm[2]) < 12
    ]
    assert len(near) == 1
    assert near[0].grade is Grade.NONE
    assert near[0].pattern == (Pattern.ROUND,)


def test_roots_are_named_within_one_and_lie_where_they_are(
    phantom: Phantom, reading: Reading
) -> None:
    order = list(phantom.truth.formula.segments)
    true = {(r.segment, r.side): r for r in phantom.truth.roots if r.in_view}
    shifts = []
    for root in reading.roots:
        height = root.position_mm[2] or 0.0
        name = min(
            (key for key in true if key[1] is root.side),
            key=lambda key: abs(true[key].position_mm[2] - height),
        )
        assert root.segment is not None
        if abs(true[name].position_mm[2] - height) > 8.0:
            continue
        shifts.append(abs(order.index(root.segment) - order.index(name[0])))
    assert len(shifts) > 30
    assert max(shifts) <= 1


def test_every_searched_root_keeps_its_evidence_for_a_leak(reading: Reading) -> None:
    scores = {(r.segment, r.side): r.leak_score for r in reading.roots if r.leak_score is not None}
    assert len(scores) > len(reading.roots) / 2
    for region in Region:
        here = [
            s for (root, _), s in scores.items() if root and TYPICAL_SPINE.region(root) is region
        ]
        assert max(here) == reading.regions[region].score
    leak = next(f for f in reading.findings if f.kind is FindingKind.LEAK)
    assert scores[leak.segment, leak.side] == leak.score


def test_sac_width_and_midline_in_patient_mm(phantom: Phantom, reading: Reading) -> None:
    heights = np.array([p.position_mm[2] for p in reading.sac], dtype=float)
    widths = np.array([p.width_mm for p in reading.sac])
    across = np.array([p.position_mm[0] for p in reading.sac], dtype=float)
    order = np.argsort(heights)
    inside = [
        p
        for p in phantom.truth.sac
        if p.station is not None and heights.min() + 30 < p.position_mm[2] < heights.max() - 30
    ]
    width = [np.interp(p.position_mm[2], heights[order], widths[order]) for p in inside]
    middle = [np.interp(p.position_mm[2], heights[order], across[order]) for p in inside]
    assert np.median(np.abs(np.array(width) - [p.width_mm for p in inside])) < 0.8
    assert np.median(np.abs(np.array(middle) - [p.position_mm[0] for p in inside])) < 0.6


def test_same_input_same_reading_and_the_clock_is_only_handed_in(phantom: Phantom) -> None:
    ticks = itertools.count()
    timed = read_study(phantom.study, ReadSettings(), lambda: float(next(ticks)))
    again = read_study(phantom.study, ReadSettings())
    assert dict(timed.elapsed_s) == {"stitch": 1.0, "spine": 1.0, "signs": 1.0, "answer": 1.0}
    assert again.elapsed_s == {}
    assert timed.findings == again.findings
    assert timed.regions == again.regions


def test_an_anchor_renames_the_roots(phantom: Phantom, reading: Reading) -> None:
    third = next(r for r in reading.roots if r.segment is Segment.T6 and r.side is Side.LEFT)
    height = third.position_mm[2] or 0.0
    moved = read_study(phantom.study, ReadSettings(anchors={Segment.T5: height}))
    there = min(moved.roots, key=lambda r: abs((r.position_mm[2] or 0.0) - height))
    assert there.segment is Segment.T5
    assert moved.numbering.kind == "anchored"
    assert reading.numbering.kind == "assumed"


def _mirrored(station: Station) -> Station:
    """Return the station of the patient's mirror image: x becomes -x."""
    geometry = station.geometry
    x, y, z = geometry.position
    ux, uy, uz = geometry.along_row
    vx, vy, vz = geometry.along_column
    far = geometry.column_spacing * (station.pixels.shape[1] - 1)
    turned = replace(
        geometry,
        position=(-x - ux * far, y + uy * far, z + uz * far),
        along_row=(ux, -uy, -uz),
        along_column=(-vx, vy, vz),
    )
    return replace(station, pixels=station.pixels[:, ::-1].copy(), geometry=turned)


@pytest.mark.parametrize("difficulty", [Difficulty.EASY, Difficulty.HARD])
def test_mirroring_the_body_mirrors_the_sides(difficulty: Difficulty) -> None:
    study = make(replace(spec(), difficulty=difficulty)).study
    reading = read_study(study, ReadSettings())
    flipped = replace(study, stations=tuple(_mirrored(station) for station in study.stations))
    other = read_study(flipped, ReadSettings())
    swap = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    here = sorted((f.kind, f.segment, swap[f.side], f.grade, f.extent_mm) for f in reading.findings)
    there = sorted((f.kind, f.segment, f.side, f.grade, f.extent_mm) for f in other.findings)
    assert len(here) >= 2
    assert [h[:-1] for h in here] == [t[:-1] for t in there]
    assert [h[-1] for h in here] == pytest.approx([t[-1] for t in there], abs=0.1)


def test_one_station_leaves_the_other_regions_without_a_grade(phantom: Phantom) -> None:
    study = phantom.study
    upper = Study(study.uid, study.technique, study.stations[:1])
    reading = read_study(upper, ReadSettings())
    lumbar = reading.regions[Region.LUMBAR]
    assert lumbar.grade is None
    assert lumbar.reason is not None
    assert "cannot be judged" in lumbar.reason
    assert reading.sources[0].station == "cervicothoracic"


def test_a_station_that_moved_gives_no_grade_and_no_sign() -> None:
    moved = make(replace(spec(), ruin=Ruin.MOTION))
    reading = read_study(moved.study, ReadSettings())
    lost = {item.region for item in moved.truth.ruined}
    assert lost == {Region.THORACIC, Region.LUMBAR}
    for region in lost:
        assert reading.regions[region].grade is None
        assert "blurred by motion" in (reading.regions[region].reason or "")
    assert reading.regions[Region.CERVICAL].grade is Grade.NONE
    assert {f.region for f in reading.findings} <= {Region.CERVICAL}
    still, blurred = (reading.quality.measures[f"edge_tail_mm_{k}"] for k in (1, 2))
    assert still < 1.0 < blurred


def test_a_slight_expansion_is_told_by_the_patients_other_sleeves() -> None:
    slight = FindingSpec(FindingKind.LEAK, Segment.T6, Side.LEFT, grade=Grade.POSSIBLE)
    phantom = make(spec(22, findings=(slight,)))
    reading = read_study(phantom.study, ReadSettings())
    (true,) = phantom.truth.findings
    near = [r for r in reading.findings if r.kind is FindingKind.LEAK and r.side is Side.LEFT]
    assert [abs((r.position_mm[2] or 0) - true.position_mm[2]) < 12 for r in near] == [True]
    assert near[0].grade is Grade.POSSIBLE


def test_an_image_without_a_column_is_not_assessable() -> None:
    plane = PlaneGeometry((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), 1.0, 1.0)
    pixels = np.zeros((30, 20), dtype=np.float32)
    station = Station(pixels, plane, Acquisition(), "1.2", "1.3")
    reading = read_study(Study("1.1", Technique.MRM, (station,)), ReadSettings())
    assert reading.positive is None
    assert {r.grade for r in reading.regions.values()} == {None}
    assert reading.numbering.kind == "failed"
    assert "no thecal sac" in (reading.regions[Region.CERVICAL].reason or "")


def test_fluid_that_runs_into_a_neighbours_corridor_is_one_leak() -> None:
    """The demonstration's leak at T2 spreads along T1's sleeve, which exceeds its neighbours."""
    phantom = make(demo_spec())
    read = read_study(phantom.study, ReadSettings())
    leaks = {(f.segment, f.side) for f in read.findings if f.kind is FindingKind.LEAK}
    assert leaks == {(f.segment, f.side) for f in phantom.truth.findings}


def _with_discs(station: Station, places: list[tuple[float, float]]) -> Station:
    """Return a station with discs of 4 mm, as bright as its brightest, at (x, z) of the patient."""
    g = station.geometry
    row, column = np.indices(station.pixels.shape)
    x = g.position[0] + g.along_row[0] * column * g.column_spacing
    z = g.position[2] + g.along_column[2] * row * g.row_spacing
    pixels = station.pixels.copy()
    for at in places:
        pixels[np.hypot(x - at[0], z - at[1]) < 4.0] = np.percentile(pixels, 99.5)
    return replace(station, pixels=pixels)


def test_other_fluid_further_out_is_not_the_leaks(phantom: Phantom, reading: Reading) -> None:
    (leak,) = [f for f in reading.findings if f.kind is FindingKind.LEAK]
    x, z = leak.position_mm[0] or 0.0, leak.position_mm[2] or 0.0
    out = x + (leak.reach_mm or 0.0) + 14.0
    places = [(out, z - down) for down in (0.0, 10.0, 20.0)]
    stations = tuple(_with_discs(station, places) for station in phantom.study.stations)
    again = read_study(replace(phantom.study, stations=stations), ReadSettings())
    (other,) = [f for f in again.findings if f.kind is FindingKind.LEAK]
    assert (other.segment, other.grade) == (leak.segment, leak.grade)
    assert other.reach_mm == pytest.approx(leak.reach_mm, abs=1.0)
