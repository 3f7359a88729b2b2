"""The figures of reading quality are what they say, on outcomes made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.quality.figures import calibration, found_at, kappa_quadratic, main_figures
from benchmarks.quality.outcome import LeakOutcome, Outcome, anchors_of, run_one
from benchmarks.quality.worst import draw_worst, error_of
from benchmarks.strangers.source import Source, make_study
from myeloscope.domain.anatomy import Segment

HEALTHY = Outcome(
    seed=0,
    difficulty="easy",
    variety="paper",
    snr=40.0,
    positive_truth=False,
    visible_truth=False,
    positive=False,
    score=0.1,
    grades_truth=(0, 0, 0),
    grades=(0, 0, 0),
    at_least=(False, False, False),
    ruined=(False, False, False),
    leaks=(),
    false_scores=(0.1, 0.02),
    false_leaks=0,
    cysts=1,
    cysts_called=0,
    named=0,
    unnamed=0,
    named_exactly=0,
    named_within_one=0,
    extent_errors=(),
    reach_errors=(),
    width_errors=(0.1, -0.3, 0.5),
)
SICK = replace(
    HEALTHY,
    seed=1,
    difficulty="hard",
    snr=12.0,
    positive_truth=True,
    visible_truth=True,
    positive=True,
    score=0.9,
    grades_truth=(0, 3, 0),
    grades=(0, 2, 1),
    leaks=(
        LeakOutcome("thoracic", 3, 0.2, found=True, score=0.9),
        LeakOutcome("thoracic", 1, 0.5, found=False, score=0.3),
    ),
    false_scores=(0.6,),
    false_leaks=1,
    named=1,
    named_exactly=1,
    named_within_one=1,
    extent_errors=(-2.0,),
    reach_errors=(1.0,),
)
MISSED = replace(SICK, seed=2, positive=False, score=0.2, grades=(0, 0, 0), false_scores=())


def table(rows: list[tuple[str, ...]]) -> dict[str, str]:
    return {row[0]: row[1] for row in rows}


def test_the_main_figures_count_what_they_name() -> None:
    figures = table(main_figures([HEALTHY, SICK, MISSED]))
    assert figures["case sensitivity"] == "0.500 (1 of 2)"
    assert figures["case specificity"] == "1.000 (1 of 1)"
    assert figures["leaks found"] == "0.500 (2 of 4)"
    assert figures["findings named"] == "1.000 (2 of 2)"
    assert figures["false leaks per study"] == f"{2 / 3:.3f}"
    assert figures["extent error, median mm"] == "2.000"
    assert figures["sac width error, median mm"] == "0.300"
    assert figures["ruined regions kept from a grade"] == "-"


def test_the_roots_a_user_names_lie_where_the_truth_has_them() -> None:
    _, truth = make_study(Source.PHANTOM, 3)
    anchors = anchors_of(truth, [Segment.T1, Segment.L1])
    assert set(anchors) == {Segment.T1, Segment.L1}
    heights = [root.position_mm[2] for root in truth.roots if root.segment is Segment.L1]
    assert min(heights) <= anchors[Segment.L1] <= max(heights)
    reading = run_one(3, anchors=[Segment.T1, Segment.L1])
    assert reading.named == reading.named_exactly > 0


def test_a_ruined_region_with_at_least_a_grade_is_told_apart() -> None:
    ruined = replace(
        SICK,
        grades=(None, 2, 1),
        ruined=(True, True, True),
        at_least=(False, True, False),
    )
    figures = table(main_figures([HEALTHY, ruined]))
    assert figures["ruined regions kept from a grade"] == "0.333 (1 of 3)"
    assert figures["the same, or marked at least"] == "0.667 (2 of 3)"


def test_quadratic_kappa_by_hand() -> None:
    """Observed 3-2, 0-1 and seven 0-0: weighted disagreement 2/9 of 9, by chance as below."""
    rows, columns = [8, 0, 0, 1], [7, 1, 1, 0]
    chance = sum(
        rows[i] * columns[j] * ((i - j) / 3) ** 2 for i in range(4) for j in range(4)
    ) / sum(rows)
    grades = [HEALTHY, SICK, replace(HEALTHY, grades_truth=(0, 0, 0))]
    assert kappa_quadratic(grades) == pytest.approx(1 - (2 / 9) / chance)


def test_leaks_found_at_a_rate_of_false_ones() -> None:
    rows = {row[0]: row for row in found_at([HEALTHY, SICK])}
    assert rows["1"][1:3] == ("0.02", "1.000 (2 of 2)")
    assert rows["0.1"][1:3] == ("0.60", "0.500 (1 of 2)")


def test_calibration_shares() -> None:
    rows = {row[0]: row for row in calibration([HEALTHY, SICK])}
    assert rows["0.3-0.5"][2] == "1.000 (1 of 1)"
    assert rows["0.5-0.7"][2] == "0.000 (0 of 1)"


def test_the_worst_cases_come_first_and_are_drawn(tmp_path: Path) -> None:
    assert error_of(HEALTHY) < error_of(SICK) < error_of(MISSED)
    target = tmp_path / "worst.png"
    draw_worst([HEALTHY, SICK], Source.PHANTOM, target)
    with Image.open(target) as picture:
        assert picture.width > 600
