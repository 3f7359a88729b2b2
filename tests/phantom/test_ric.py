"""Cisternography phantoms: tracer is kept, physics holds, truth follows from construction."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest

from myeloscope.domain.anatomy import Region, SpineFormula
from myeloscope.domain.grade import Grade, Technique
from myeloscope.domain.scintigraphy import View, ViewLabel
from myeloscope.phantom.gamma_camera import Camera, Glow, Pose, Torso, expected
from myeloscope.phantom.making import acquired, make
from myeloscope.phantom.pools import canal_profile, pool_picture, width_at_half
from myeloscope.phantom.ric_making import injected, make_ric
from myeloscope.phantom.ric_plan import NARROW_KEV, WINDOW_KEV, draw_plan
from myeloscope.phantom.ric_spec import CHANCES, Packing, RicRuin, RicSpec
from myeloscope.phantom.spec import Arm, Difficulty, PhantomSpec, Variety
from myeloscope.phantom.spine import draw_spine
from myeloscope.phantom.tracer import EXTRA, Kinetics, Pocket, cells_of, flow_courses
from myeloscope.phantom.truth import truth_record
from myeloscope.phantom.uptake import draw_strays

SPINE = draw_spine(np.random.default_rng(4), SpineFormula(), stature=0.93, narrowed=1.0)
KINETICS = Kinetics(6.0, 1.0, 0.08, 0.1, 0.7, 1.5, 480.0, 20.0)
FLAT = Torso(np.array([-500.0, 500.0]), np.array([60.0, 60.0]), np.array([200.0, 200.0]), 30.0)
CAMERA = Camera(128, 128, 3.0, (380.0, 380.0), 3.8, 0.045, 75.0, 300.0, 0.0, 100.0, 0.0)
POSE = Pose((0.0, 0.0, 0.0))


def test_no_tracer_is_lost_or_made() -> None:
    pockets = [Pocket(300.0, 0.5, 0.1, 0.1)]
    puncture = replace(KINETICS, puncture_rate=1.0, infiltrated=0.2)
    courses = flow_courses(SPINE, puncture, pockets, (0.5, 2.0, 6.0))
    total = courses.line.sum(axis=1) * 5.0 + courses.pockets.sum(axis=1)
    total += sum(courses.extra[name] for name in EXTRA)
    assert total == pytest.approx([1.0, 1.0, 1.0])


def test_tracer_ascends_and_what_leaks_through_the_puncture_comes_late() -> None:
    late = replace(KINETICS, puncture_rate=2.0, puncture_delay=1.0)
    courses = flow_courses(SPINE, late, [], (0.5, 1.0, 2.0, 6.0))
    upper = courses.line[:, courses.s < 150].sum(axis=1)
    assert list(np.argsort(upper[:3])) == [0, 1, 2]
    assert courses.extra["puncture"][:2].tolist() == [0.0, 0.0]
    assert courses.extra["puncture"][2] > 0


def test_dispersion_alone_spreads_as_the_heat_equation_says() -> None:
    still = Kinetics(5.0, 0.0, 0.0, 0.0, 0.1, 0.1, 300.0, 15.0)
    courses = flow_courses(SPINE, still, [], (0.05, 0.1))
    spread = []
    for line in courses.line:
        mean = float(np.average(courses.s, weights=line))
        spread.append(float(np.average((courses.s - mean) ** 2, weights=line)))
    # Einstein: variance grows by 2 D t (D in mm2/s), but for the sac's varying area
    assert spread[1] - spread[0] == pytest.approx(2 * 5.0 * 0.05 * 3600, rel=0.15)


def test_cells_cover_the_sac() -> None:
    s, area = cells_of(SPINE)
    assert s[-1] < SPINE.sac_end
    assert (area > 0).all()


def point(y: float) -> Glow:
    return Glow(np.array([[0.0, y, 0.0]]), np.array([1.0]))


@pytest.mark.parametrize("view", [View.ANTERIOR, View.POSTERIOR])
def test_a_point_is_counted_and_blurred_as_the_camera_says(view: View) -> None:
    seen = expected(CAMERA, FLAT, POSE, [point(0.0)], view)
    # 1 MBq, 75 counts/s/MBq, 300 s, no attenuation
    assert seen.sum() == pytest.approx(75 * 300, rel=1e-3)
    distance = 90.0 if view is View.POSTERIOR else 170.0
    fwhm = width_at_half(seen.sum(axis=0), CAMERA.pixel_mm)
    assert fwhm == pytest.approx(float(CAMERA.fwhm(distance)), rel=0.12)


def test_tissue_weakens_by_its_depth_and_the_geometric_mean_hardly_depends_on_it() -> None:
    weak = replace(CAMERA, attenuation=0.012)
    means, backs = [], []
    for y in (40.0, 0.0, -40.0):
        front, back = (
            float(expected(weak, FLAT, POSE, [point(y)], v).sum())
            for v in (View.ANTERIOR, View.POSTERIOR)
        )
        assert back == pytest.approx(75 * 300 * np.exp(-0.012 * (60 - y)), rel=1e-3)
        means.append(np.sqrt(front * back))
        backs.append(back)
    assert max(means) / min(means) == pytest.approx(1.0, abs=1e-3)
    assert max(backs) / min(backs) > 2


def test_scatter_adds_its_share() -> None:
    hazy = replace(CAMERA, scatter=0.3, scatter_mm=30.0)
    seen = expected(hazy, FLAT, POSE, [point(0.0)], View.POSTERIOR)
    assert seen.sum() == pytest.approx(1.3 * 75 * 300, rel=0.02)


def test_a_moved_and_turned_patient_is_seen_there() -> None:
    pose = Pose((0.0, 0.0, 0.0), shift=(30.0, -60.0), turn=0.1)
    seen = expected(
        CAMERA, FLAT, pose, [Glow(np.array([[0.0, 0.0, 100.0]]), np.ones(1))], View.POSTERIOR
    )
    row, column = np.unravel_index(int(seen.argmax()), seen.shape)
    assert (63.5 - row) * 3 == pytest.approx(-60 + 100 * np.cos(0.1), abs=3)
    assert (column - 63.5) * 3 == pytest.approx(30 - 100 * np.sin(0.1), abs=3)


def test_widths_of_known_profiles() -> None:
    x = np.arange(-60, 60.5, 0.5)
    assert width_at_half(np.exp(-0.5 * (x / 8) ** 2), 0.5) == pytest.approx(2.3548 * 8, rel=1e-3)
    rng = np.random.default_rng(1)
    length, _ = pool_picture(rng.normal(0, 3, 4000), rng.uniform(0, 40, 4000), 6.0)
    assert length == pytest.approx(40, abs=1.5)
    wide, _ = canal_profile(SPINE, SPINE.tops["C4"], 8.0)
    narrow, _ = canal_profile(SPINE, SPINE.tops["T6"], 8.0)
    assert wide > narrow


def spec(seed: int = 7311, **more: object) -> RicSpec:
    person = PhantomSpec(seed=seed, signs_ric=frozenset({Region.THORACIC, Region.LUMBAR}))
    return replace(RicSpec(person, ruin=RicRuin.NONE), **more)  # type: ignore[arg-type]


def test_the_same_person_has_the_same_truth_on_both_techniques() -> None:
    wanted = spec()
    mrm, ric = make(wanted.person).truth, make_ric(wanted).truth
    assert mrm.grades[Technique.MRM] == ric.grades[Technique.MRM]
    regions = {r for r, grade in ric.grades[Technique.RIC].items() if grade}
    assert regions == {r for r, grade in mrm.grades[Technique.RIC].items() if grade}
    assert (mrm.age_years, mrm.sex, mrm.formula) == (ric.age_years, ric.sex, ric.formula)
    assert mrm.signs_ric is ric.signs_ric is True


def test_a_pixel_holds_no_more_than_its_word() -> None:
    """NM images have 16 bits a pixel (PS3.3 C.8.4.8); a hot spot of this seed had 71,303 counts."""
    person = PhantomSpec(
        seed=6043,
        arm=Arm.PATIENT,
        difficulty=Difficulty.EASY,
        variety=Variety.WIDE,
        signs_ric=frozenset({Region.THORACIC}),
    )
    study = make_ric(RicSpec(person)).study
    assert max(float(station.pixels.max()) for station in study.stations) == 65535.0


def test_grades_follow_from_brightness_and_length() -> None:
    truth = make_ric(spec()).truth
    for found in truth.findings:
        for ratio, grade in zip(found.ratios, found.grades, strict=True):
            expected_grade = Grade.NONE
            if ratio >= 0.5:
                longer = found.length_mm > found.canal_mm
                expected_grade = Grade.DEFINITE if longer else Grade.PROBABLE
            elif ratio >= 0.1:
                expected_grade = Grade.POSSIBLE
            assert grade is expected_grade
    for region in Region:
        assert truth.grades[Technique.RIC][region] == max(truth.by_time[region])


def test_the_same_spec_gives_the_same_counts() -> None:
    one, two = make_ric(spec()), make_ric(spec())
    for a, b in zip(one.study.stations, two.study.stations, strict=True):
        assert np.array_equal(a.pixels, b.pixels)
    assert truth_record(one.truth) == truth_record(two.truth)


def test_counts_follow_poisson() -> None:
    mean, counts = make_ric(spec(noise=False)), make_ric(spec())
    a, b = (p.study.stations[1].pixels.astype(float) for p in (mean, counts))
    lit = a > 3
    assert ((b - a)[lit] ** 2 / a[lit]).mean() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("packing", Packing)
def test_files_hold_every_view_once(packing: Packing) -> None:
    made = make_ric(spec(packing=packing))
    held = [station for file in made.files for station in file]
    assert {id(s) for s in held} == {id(s) for s in made.study.stations}
    count = {Packing.ONE_FILE: 1, Packing.SEPARATE: len(held)}.get(packing, len(held) // 2)
    assert len(made.files) == count


@pytest.mark.parametrize("ruin", [RicRuin.MISSING_VIEW, RicRuin.MISSING_TIME, RicRuin.UNLABELLED])
def test_studies_are_spoilt_as_asked(ruin: RicRuin) -> None:
    made, whole = make_ric(spec(ruin=ruin)), make_ric(spec())
    lost = len(whole.study.stations) - len(made.study.stations)
    assert lost == {RicRuin.MISSING_VIEW: 1, RicRuin.MISSING_TIME: 2}.get(ruin, 0)
    views = {s.nuclear.view for s in made.study.stations if s.nuclear is not None}
    assert (views == {View.UNKNOWN}) is (ruin is RicRuin.UNLABELLED)
    assert made.truth.ruin == ruin.value


def test_low_counts_and_a_lost_dose_ruin_regions() -> None:
    dark = make_ric(spec(ruin=RicRuin.LOW_COUNTS)).truth
    beside = make_ric(spec(ruin=RicRuin.INFILTRATED)).truth
    assert dark.difficulty.counts < 0.05 * make_ric(spec()).truth.difficulty.counts
    assert Region.LUMBAR in {item.region for item in beside.ruined}


def test_chances_of_ruin_sum_to_one_and_controls_have_no_signs() -> None:
    assert sum(CHANCES.values()) == pytest.approx(1.0)
    well = make_ric(RicSpec(PhantomSpec(seed=7312, arm=Arm.CONTROL, variety=Variety.WIDE)))
    assert well.truth.signs_ric is False
    assert well.truth.findings == ()


def test_free_pertechnetate_goes_to_thyroid_and_stomach() -> None:
    courses = flow_courses(SPINE, replace(KINETICS, free=0.2), [], (2.0, 6.0))
    assert courses.extra["stomach"][1] > courses.extra["stomach"][0] > 0
    # rates 0.35 and 0.08 of the free part from one pool, so that their contents keep that ratio
    assert courses.extra["stomach"][1] / courses.extra["thyroid"][1] == pytest.approx(0.35 / 0.08)
    none = flow_courses(SPINE, KINETICS, [], (6.0,))
    assert none.extra["thyroid"][0] == 0.0


def test_strays_lie_outside_the_body_and_are_in_the_truth() -> None:
    strays = [
        stray
        for seed in range(20)
        for stray in draw_strays(np.random.default_rng(seed), SPINE, FLAT, 450.0, wide=True)
    ]
    assert {stray.name for stray in strays} == {"drop", "marker"}
    depths = [
        float(FLAT.depth(stray.points.mean(axis=0, keepdims=True), View.POSTERIOR)[0])
        for stray in strays
        if stray.name == "drop"
    ]
    assert all(min(abs(depth), abs(depth - 200.0)) < 2.0 for depth in depths)
    truth = make_ric(spec(seed=5002)).truth
    assert make_ric(spec(seed=5002, strays=False)).truth.findings == truth.findings


def test_an_uneven_crystal_keeps_its_counts_within_its_amplitude() -> None:
    wide = Glow(np.random.default_rng(3).uniform(-150, 150, (4000, 3)) * (1, 0, 1), np.ones(4000))
    plain = expected(CAMERA, FLAT, POSE, [wide], View.ANTERIOR)
    uneven = expected(replace(CAMERA, uneven=0.02), FLAT, POSE, [wide], View.ANTERIOR)
    lit = plain > 0
    assert 0.01 < np.abs(uneven[lit] / plain[lit] - 1).max() <= 0.02 + 1e-9


def test_a_wide_study_varies_window_table_order_and_label() -> None:
    wide = [
        draw_plan(RicSpec(PhantomSpec(seed=seed, variety=Variety.WIDE)), SPINE)
        for seed in range(40)
    ]
    assert {plan.window_kev for plan in wide} == {WINDOW_KEV, NARROW_KEV}
    assert {plan.label for plan in wide} == set(ViewLabel)
    assert {plan.shots[0].view for plan in wide} == {View.ANTERIOR, View.POSTERIOR}
    assert all(0.8 <= plan.camera.table < 1.0 for plan in wide)
    paper = draw_plan(RicSpec(PhantomSpec(seed=3)), SPINE)
    assert (paper.window_kev, paper.label, paper.camera.table) == (WINDOW_KEV, ViewLabel.CODE, 1.0)


def test_a_table_takes_from_the_view_behind_alone() -> None:
    tabled = replace(CAMERA, table=0.85)
    for view, factor in ((View.ANTERIOR, 1.0), (View.POSTERIOR, 0.85)):
        seen = expected(tabled, FLAT, POSE, [point(0.0)], view).sum()
        assert seen == pytest.approx(factor * 75 * 300, rel=1e-3)


def test_a_curved_spine_bends_more_to_the_side() -> None:
    def bend(curved: float) -> float:
        spine = draw_spine(
            np.random.default_rng(4), SpineFormula(), stature=0.93, narrowed=1.0, curved=curved
        )
        x, z = spine.centre[:, 0], spine.centre[:, 2]
        return float(np.abs(x - np.polyval(np.polyfit(z, x, 1), z)).max())

    assert bend(2.0) == pytest.approx(2 * bend(1.0), rel=0.35)


def test_a_cisternogram_is_dated_within_five_days_of_the_myelogram() -> None:
    apart = []
    for seed in range(6):
        person = PhantomSpec(seed=seed)
        first = datetime.date.fromisoformat(acquired(person, 0)[:10])
        given = datetime.date.fromisoformat(injected(RicSpec(person)).isoformat()[:10])
        apart.append((given - first).days)
    assert all(1 <= abs(days) <= 5 for days in apart)
    assert min(apart) < 0 < max(apart)
    asked = injected(RicSpec(PhantomSpec(seed=3), days=3)).date()
    assert (asked - datetime.date.fromisoformat(acquired(PhantomSpec(seed=3), 0)[:10])).days == 3
