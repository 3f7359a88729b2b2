"""Rounds, detached fluid and leaks by measured features; leak scores by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from myeloscope.domain.grade import FindingKind, Pattern
from myeloscope.myelography.features import Features
from myeloscope.myelography.judge import is_round, judge, judge_round
from myeloscope.myelography.leak_score import (
    OTHERS,
    among_others,
    leak_model,
    leak_scores,
    model_from_json,
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
    assert is_round(BALL)
    assert judge_round(BALL).kind is FindingKind.PERINEURIAL_CYST
    large = replace(BALL, dome_diameter=18.0, brightness=1.0)
    assert is_round(large)
    assert judge_round(large).kind is FindingKind.MENINGOCELE


def test_a_dim_spot_is_round_only_if_it_is_a_nearly_perfect_sphere() -> None:
    dim = replace(BALL, brightness=0.2)
    assert is_round(dim)
    assert not is_round(replace(dim, dome_fit=0.95))
    assert not is_round(replace(dim, dome_diameter=4.0, brightness=0.1))


@pytest.mark.parametrize(
    "change",
    [{"dome_fit": 0.8}, {"dome_rim": 0.3}, {"rest": 60.0}, {"brightness": 0.1}],
)
def test_what_is_not_round_bright_and_alone_is_no_cyst(change: dict[str, float]) -> None:
    assert not is_round(replace(BALL, **change))


def test_streaks_beyond_a_wide_base() -> None:
    judged = judge(STREAKS, 0.7)
    assert judged.kind is FindingKind.LEAK
    assert judged.score == 0.7
    assert judged.patterns == (Pattern.TRIANGLE, Pattern.STREAKS)
    assert judged.triangle
    assert judged.lateral


def test_a_small_smooth_taper_is_a_triangle_alone() -> None:
    judged = judge(replace(STREAKS, lateral=2.0, texture=0.05, taper=0.4, reach=6.0), 0.7)
    assert judged.patterns == (Pattern.TRIANGLE,)


def test_what_is_called_without_lateral_signal_is_an_expansion_however_slight() -> None:
    judged = judge(replace(STREAKS, lateral=0.0, expansion=2.0, base=0.0), 0.7)
    assert judged.patterns == (Pattern.TRIANGLE,)
    assert not judged.lateral


@pytest.mark.parametrize(
    ("measure", "step"), [("patch_6", 0.05), ("contrast_3", 4.0), ("mass_ratio", 0.4)]
)
def test_more_signal_than_the_neighbours_have_never_lowers_the_score(
    measure: str, step: float
) -> None:
    for site in sites(40):
        scores = leak_scores([{**site, measure: site[measure] + k * step} for k in range(6)])
        assert list(scores) == sorted(scores)


def test_distance_from_the_root_never_raises_the_score() -> None:
    for site in sites(40):
        scores = leak_scores([{**site, "piece_off_course": 0.4 * k} for k in range(6)])
        assert list(scores) == sorted(scores, reverse=True)


def sites(count: int) -> list[dict[str, float]]:
    """Return made-up sites: every measure drawn between the bounds that the trees ask for."""
    model, rng = leak_model(), np.random.default_rng(7)
    drawn: list[dict[str, float]] = [{} for _ in range(count)]
    for k, name in enumerate(model.measures):
        bounds = model.bound[model.asked == k]
        low, high = (bounds.min(), bounds.max()) if len(bounds) else (0.0, 1.0)
        for site, value in zip(drawn, rng.uniform(low, high, count), strict=True):
            site[name] = float(value)
    return drawn


def test_the_scores_differ_between_sites_and_none_gives_none() -> None:
    scores = leak_scores(sites(40))
    assert max(scores) - min(scores) > 0.1
    assert leak_scores([]) == ()


def test_other_roots_are_reckoned_with_by_hand() -> None:
    told = among_others(np.array([-3.0, 2.0, -1.0]))
    assert told == pytest.approx(
        [-3.0 + OTHERS * (2.0 + 1.0), 2.0 + OTHERS * (-1.0 + 3.0), -1.0 + OTHERS * (2.0 + 3.0)]
    )
    assert among_others(np.array([1.5])).tolist() == [1.5]


def test_the_eleventh_other_root_is_the_plain_one() -> None:
    logits = np.arange(40.0)[::-1]
    told = (among_others(logits) - logits) / OTHERS
    assert told[:3] == pytest.approx([38.0 - 28.0, 39.0 - 28.0, 39.0 - 28.0])
    assert told[10:12] == pytest.approx([39.0 - 28.0, 39.0 - 29.0])
    assert told[-1] == pytest.approx(39.0 - 29.0)


@given(logits=arrays(float, st.integers(0, 60), elements=st.floats(-9, 9)))
def test_other_roots_never_change_the_order(logits: NDArray[np.float64]) -> None:
    order = np.argsort(logits, kind="stable")
    assert (np.diff(among_others(logits)[order]) >= -1e-9).all()


def test_a_further_root_needs_more_than_the_most_suspect_one() -> None:
    model = leak_model()
    assert model.further >= model.threshold
    pair = sites(2)
    logits = among_others(model.logits(pair))
    called_from = np.where(logits == logits.max(), model.threshold, model.further)
    assert leak_scores(pair) == pytest.approx(1 / (1 + np.exp(called_from - logits)))
    assert len(set(called_from)) == 2


def test_the_model_says_its_seeds_and_keeps_off_the_reporting_ones() -> None:
    model = leak_model()
    assert len(model.roots) > 10
    assert model.seeds
    assert all(stop <= 10000 for _, stop in model.seeds.values())


def test_trees_are_followed_by_hand() -> None:
    model = model_from_json(
        json.dumps(
            {
                "seeds": {"phantom": [0, 1]},
                "baseline": 0.25,
                "threshold": 0.0,
                "further": 0.5,
                "measures": ["area", "reach"],
                "sizes": [3, 5],
                "asked": [0, -1, -1, 1, -1, 0, -1, -1],
                "bound": [50.0, 0, 0, 3.0, 0, 80.0, 0, 0],
                "left": [1, 0, 0, 1, 0, 3, 0, 0],
                "right": [2, 0, 0, 2, 0, 4, 0, 0],
                "value": [0, -1.5, 2.5, 0, 0.1, 0, 0.2, 0.4],
            }
        )
    )
    logits = model.logits(
        [
            {"area": 50.0, "reach": 3.0},
            {"area": 50.1, "reach": 3.1},
            {"area": 80.1, "reach": 9.0},
        ]
    )
    assert logits.tolist() == pytest.approx([0.25 - 1.5 + 0.1, 0.25 + 2.5 + 0.2, 0.25 + 2.5 + 0.4])
