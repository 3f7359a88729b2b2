"""Anatomy against published figures (shared page ANATOMY and the papers named)."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.domain.anatomy import Segment, SpineFormula
from myeloscope.phantom.sleeves import Sleeve, draw_sleeves, exit_point
from myeloscope.phantom.spine import Spine, draw_spine
from myeloscope.phantom.streams import stream

SEEDS = range(40)


def spine_of(seed: int, formula: SpineFormula | None = None) -> Spine:
    rng = stream(seed, "test")
    return draw_spine(rng, formula or SpineFormula(), stature=1.0, narrowed=1.0)


@pytest.fixture(scope="module")
def spines() -> list[Spine]:
    return [spine_of(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def sleeves(spines: list[Spine]) -> list[tuple[Sleeve, ...]]:
    return [draw_sleeves(stream(i, "sleeves"), spine) for i, spine in enumerate(spines)]


# PAM50 template, mm of CSF + cord from left to right (ANATOMY)
@pytest.mark.parametrize(
    ("vertebra", "width"),
    [("C4", 18.5), ("C7", 17.5), ("T1", 15.5), ("T7", 14.0), ("T12", 17.5), ("L1", 20.5)],
)
def test_mean_sac_width(spines: list[Spine], vertebra: str, width: float) -> None:
    found = [
        float(s.width(np.array([s.tops[vertebra] + s.heights[vertebra] / 2]))[0]) for s in spines
    ]
    assert np.mean(found) == pytest.approx(width, abs=1.3)


def test_template_length(spines: list[Spine]) -> None:
    # ANATOMY: C3-L5 about 573 mm along the template's axis
    assert np.mean([s.tops["S1"] - s.tops["C3"] for s in spines]) == pytest.approx(573, rel=0.02)


def test_the_sac_ends_between_l5_s1_and_distal_s3_and_mostly_at_s2(spines: list[Spine]) -> None:
    # Park 1996 (ANATOMY)
    ends = [(s.sac_end - s.tops["S1"]) / (s.tops["S4"] - s.tops["S1"]) for s in spines]
    assert min(ends) >= 0
    assert max(ends) <= 1
    at_s2 = [s.tops["S2"] <= s.sac_end < s.tops["S3"] for s in spines]
    assert np.mean(at_s2) > 0.4


def test_the_cord_fits_the_sac_and_ends_between_t12_and_l2(spines: list[Spine]) -> None:
    for s in spines:
        assert (s.cord_half_width <= s.half_width).all()
        assert (s.cord_half_depth <= s.half_depth).all()
        assert s.tops["T12"] < s.conus < s.tops["L3"]


def test_scoliosis_is_sometimes_marked(spines: list[Spine]) -> None:
    def bend(s: Spine) -> float:
        seen = (s.s > s.tops["C3"]) & (s.s < s.tops["S1"])
        lean = np.degrees(
            np.arctan2(np.gradient(s.centre[seen, 0]), -np.gradient(s.centre[seen, 2]))
        )
        return float(np.ptp(lean))

    bends = [bend(s) for s in spines]
    assert min(bends) < 8
    assert 20 < max(bends) < 45


def test_points_go_to_the_patient_and_left_is_plus_x(spines: list[Spine]) -> None:
    spine = spines[0]
    s = np.array([200.0, 200.0, 200.0])
    middle, left, back = spine.to_patient(s, np.array([0, 10.0, 0]), np.array([0, 0, 10.0]))
    assert left[0] - middle[0] > 9
    assert back[1] - middle[1] > 8
    assert np.linalg.norm(left - middle) == pytest.approx(10)


def test_root_spacing_in_the_loin(spines: list[Spine]) -> None:
    # Projection study T11-L5, 15 cadavers (Spine 2012): 33.9 mm at L1-L2, 25.5 mm at L4-L5
    upper = [exit_point(Segment.L2, s) - exit_point(Segment.L1, s) for s in spines]
    lower = [exit_point(Segment.L5, s) - exit_point(Segment.L4, s) for s in spines]
    assert np.mean(upper) == pytest.approx(33.9, abs=2.5)
    assert np.mean(lower) == pytest.approx(25.5, abs=4)


def test_roots_and_discs(spines: list[Spine]) -> None:
    # Suh 2005: L1-L4 leave below the disc above their vertebra, S1 mostly above L5/S1
    for s in spines:
        for root in ("L1", "L2", "L3", "L4"):
            assert exit_point(Segment(root), s) > s.tops[root]
        assert exit_point(Segment.S1, s) < s.tops["S1"]
        # C8 leaves at C7/T1
        assert abs(exit_point(Segment.C8, s) - s.tops["T1"]) < 3


# Take-off in the coronal plane: 52.4 (T11) and 25.8 (L5) degrees, the same projection study
@pytest.mark.parametrize(("root", "angle"), [("T11", 52.4), ("L5", 25.8)])
def test_take_off_angles(sleeves: list[tuple[Sleeve, ...]], root: str, angle: float) -> None:
    found = [np.degrees(x.angle) for person in sleeves for x in person if x.segment == root]
    assert np.mean(found) == pytest.approx(angle, abs=2)


def test_sleeve_lengths(sleeves: list[tuple[Sleeve, ...]]) -> None:
    # ANATOMY: 3-6 mm in C and T, 8-20 mm in L (along the sleeve)
    def along(root: str) -> float:
        own = [x.across / np.sin(x.angle) for p in sleeves for x in p if x.segment == root]
        return float(np.mean(own))

    assert 3 < along("C5") < 6
    assert 3 < along("T6") < 6
    assert 8 < along("L3") < 20
    assert 8 < along("L5") < 22


def test_sides_differ_and_some_sleeves_are_not_seen(sleeves: list[tuple[Sleeve, ...]]) -> None:
    seen = [x.visible for person in sleeves for x in person]
    assert 0.75 < np.mean(seen) < 0.99
    left = {(i, x.segment): x.across for i, p in enumerate(sleeves) for x in p if x.left}
    right = {(i, x.segment): x.across for i, p in enumerate(sleeves) for x in p if not x.left}
    quotient = np.array([left[key] / right[key] for key in left.keys() & right.keys()])
    assert quotient.max() > 1.5
    assert np.median(quotient) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("thoracic", "lumbar"), [(11, 5), (13, 5), (12, 4), (12, 6)])
def test_transitional_spines_have_their_roots(thoracic: int, lumbar: int) -> None:
    spine = spine_of(3, SpineFormula(thoracic, lumbar))
    roots = {x.segment for x in draw_sleeves(stream(3, "sleeves"), spine)}
    assert (Segment.T13 in roots) == (thoracic == 13)
    assert (Segment.T12 in roots) == (thoracic >= 12)
    assert (Segment.L6 in roots) == (lumbar == 6)
    assert (Segment.L5 in roots) == (lumbar >= 5)
    heights = [exit_point(s, spine) for s in spine.formula.segments[:-3]]
    assert heights == sorted(heights)
