"""Rounds, detached fluid and leaks by measured features; trees by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from myeloscope.domain.grade import FindingKind, Pattern
from myeloscope.myelography.features import Features
from myeloscope.myelography.judge import judge
from myeloscope.myelography.leak_score import (
    leak_model,
    leak_score,
    model_from_json,
    tree_value,
)

STREAKS = Features(
    area=120.0,
    brightness=0.4,
    contrast=40.0,
    near=0.5,
    reach=18.0,
    tip=4.0,
    base=10.0,
    taper=0.9,
    expansion=20.0,
    lateral=90.0,
    texture=0.2,
    dome_diameter=9.0,
    dome_distance=8.0,
    dome_fit=0.4,
    dome_rim=0.3,
    rest=60.0,
    run=12.0,
    off_course=0.1,
    upright=0.8,
    lateral_contrast=30.0,
    mass_ratio=1.4,
    brightness_ratio=0.9,
)
BALL = replace(
    STREAKS,
    dome_fit=0.98,
    dome_rim=0.02,
    rest=0.0,
    dome_diameter=8.0,
    brightness=0.6,
    texture=0.03,
)


def test_a_ball_is_a_cyst_and_a_large_one_a_meningocele() -> None:
    assert judge(BALL).kind is FindingKind.PERINEURIAL_CYST
    large = replace(BALL, dome_diameter=18.0, brightness=1.0)
    assert judge(large).kind is FindingKind.MENINGOCELE


@pytest.mark.parametrize(
    "change",
    [{"dome_fit": 0.8}, {"dome_rim": 0.3}, {"rest": 60.0}, {"brightness": 0.1}],
)
def test_what_is_not_round_bright_and_alone_is_no_cyst(change: dict[str, float]) -> None:
    assert judge(replace(BALL, **change)).kind is FindingKind.LEAK


def test_streaks_beyond_a_wide_base() -> None:
    judged = judge(STREAKS)
    assert judged.kind is FindingKind.LEAK
    assert judged.patterns == (Pattern.TRIANGLE, Pattern.STREAKS)
    assert judged.triangle
    assert judged.lateral


def test_a_small_smooth_taper_is_a_triangle_alone() -> None:
    judged = judge(replace(STREAKS, lateral=2.0, texture=0.05, taper=0.4, reach=6.0))
    assert judged.patterns == (Pattern.TRIANGLE,)


def test_more_unexplained_signal_never_lowers_the_score() -> None:
    scores = [
        leak_score(replace(STREAKS, lateral=x, area=x + 20)) for x in (0.0, 20.0, 60.0, 200.0)
    ]
    assert scores == sorted(scores)


def test_distance_from_the_root_never_raises_the_score() -> None:
    scores = [leak_score(replace(STREAKS, off_course=x)) for x in (0.0, 0.4, 1.0, 3.0)]
    assert scores == sorted(scores, reverse=True)


def test_the_model_says_its_seeds_and_keeps_off_the_reporting_ones() -> None:
    model = leak_model()
    assert len(model.trees) > 10
    assert model.seeds[1] <= 10000


def test_a_tree_is_followed_by_hand() -> None:
    data = {
        "seeds": "0-1",
        "baseline": 0.0,
        "threshold": 0.0,
        "features": ["area"],
        "trees": [[[0, 50.0, 1, 2, 0.0], [-1, 0.0, 0, 0, -1.5], [-1, 0.0, 0, 0, 2.5]]],
    }
    (tree,) = model_from_json(data).trees
    assert tree_value(tree, {"area": 50.0}) == -1.5
    assert tree_value(tree, {"area": 50.1}) == 2.5
