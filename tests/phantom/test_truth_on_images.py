"""Truth held against the noise-free projection, measured by other means than it was made."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.spatial import KDTree

from myeloscope.domain.anatomy import Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Grade, Pattern
from myeloscope.phantom.body import csf_clouds
from myeloscope.phantom.column import sac_cloud
from myeloscope.phantom.knowing import know
from myeloscope.phantom.making import make, scene
from myeloscope.phantom.matter import Detector, Image, project
from myeloscope.phantom.scene import Scene
from myeloscope.phantom.spec import Difficulty, FindingSpec, PhantomSpec, Ruin
from myeloscope.phantom.spine import Floats


def plain(seed: int, *findings: FindingSpec) -> PhantomSpec:
    return PhantomSpec(
        seed=seed,
        difficulty=Difficulty.EASY,
        findings=findings,
        formula=SpineFormula(),
        covers=True,
        ruin=Ruin.NONE,
        noise=False,
        artefacts=False,
        other_fluid=False,
    )


def leak(
    segment: Segment, side: Side, grade: Grade, ratio: float | None, *pattern: Pattern
) -> FindingSpec:
    return FindingSpec(FindingKind.LEAK, segment, side, grade, ratio, pattern, triangle=True)


def detectors(made: Scene) -> list[Detector]:
    return [plan.seen for plan in made.plans]


def axis_of(made: Scene, detector: Detector) -> tuple[Floats, KDTree]:
    """Return the axis's arc lengths and a tree of its points in fine pixels times spacing."""
    spine = made.body.spine
    row, column = detector.locate(spine.centre)
    return spine.s, KDTree(np.column_stack([row, column]) * detector.step[0])


def test_the_silhouette_is_as_wide_as_the_truth_says() -> None:
    # Count, in every image row, where the projected path of the sac is above zero, and turn the
    # horizontal width into one across the axis.
    made = scene(plain(21))
    detector = detectors(made)[0]
    spine = made.body.spine
    image = project([sac_cloud(spine, detector.step[0])], [], detector)
    row, column = detector.locate(spine.centre)
    middle = (spine.s > spine.tops["C4"]) & (spine.s < spine.tops["T8"])
    slope = np.gradient(column, row)
    for index in np.flatnonzero(middle)[::40]:
        line = image[round(row[index])]
        wide = np.count_nonzero(line > 0.02 * line.max()) * detector.step[1]
        across = wide * np.cos(np.arctan(slope[index]))
        true = 2 * spine.half_width[index]
        assert across == pytest.approx(true, abs=0.75)


def test_the_cord_darkens_the_neck_and_not_the_loin() -> None:
    made = scene(plain(22))
    images = [project([sac_cloud(made.body.spine, d.step[0])], [], d) for d in detectors(made)]

    def middle_over_best(image: Image, detector: Detector, vertebra: str) -> float:
        spine = made.body.spine
        index = np.abs(spine.s - spine.tops[vertebra] - 8).argmin()
        row, column = detector.locate(spine.centre[[index]])
        line = image[round(row[0])]
        half = int(0.25 * spine.half_width[index] / detector.step[1])
        core = line[round(column[0]) - half : round(column[0]) + half]
        return float(core.mean() / line.max())

    assert middle_over_best(images[0], detectors(made)[0], "C5") < 0.95
    assert middle_over_best(images[1], detectors(made)[1], "L4") > 0.9


@pytest.mark.parametrize(
    ("seed", "wanted"),
    [
        (31, leak(Segment.T4, Side.LEFT, Grade.PROBABLE, 0.6, Pattern.STREAKS)),
        (32, leak(Segment.C6, Side.RIGHT, Grade.DEFINITE, 1.5, Pattern.STREAKS)),
        (33, leak(Segment.L2, Side.LEFT, Grade.PROBABLE, 0.98, Pattern.RETICULAR)),
        (34, leak(Segment.T8, Side.RIGHT, Grade.DEFINITE, 1.04, Pattern.HAZE)),
        (35, leak(Segment.T10, Side.LEFT, Grade.DEFINITE, 2.0, Pattern.STREAKS, Pattern.HAZE)),
        (36, leak(Segment.T6, Side.LEFT, Grade.POSSIBLE, None)),
        (37, leak(Segment.L4, Side.RIGHT, Grade.POSSIBLE, None)),
    ],
)
def test_reach_and_grade_of_a_leak_on_the_projection(seed: int, wanted: FindingSpec) -> None:
    # The leak alone is the difference of two projections; its reach is the farthest pixel, from
    # the nearest point of the projected axis less the half width, that is as bright as a quarter
    # of the declared brightness.
    with_leak, without = scene(plain(seed, wanted)), scene(plain(seed))
    truth = know(plain(seed, wanted), with_leak, "1.2", ("1.2.1", "1.2.2")).findings[0]
    assert truth.station is not None
    detector = detectors(with_leak)[truth.station]
    step = detector.step[0]
    images = [
        project(csf_clouds(seed, made.body, step), [], detector) for made in (with_leak, without)
    ]
    alone = gaussian_filter(images[0] - images[1], 0.3 / step)  # about one pixel
    s, tree = axis_of(with_leak, detector)
    spine = with_leak.body.spine
    sleeve = with_leak.body.leaks[0].plan.sleeve
    row = round(detector.locate(spine.to_patient(*(np.array([v]) for v in (sleeve.s, 0, 0))))[0][0])
    rows, columns = np.nonzero((alone > 0) | (np.abs(np.indices(alone.shape)[0] - row) < 8))
    sac, alone = images[1][rows, columns], alone[rows, columns]
    distance, nearest = tree.query(np.column_stack([rows, columns]) * step)
    own_level = (np.abs(s[nearest] - sleeve.s) < 0.5) & (
        distance < 0.6 * spine.at(spine.half_width, np.array([sleeve.s]))[0]
    )
    brightness = truth.brightness * sac[own_level].mean()
    away = distance - spine.at(spine.half_width, s[nearest])
    bright = alone > 0.25 * brightness
    assert away[bright].max() == pytest.approx(truth.reach_mm, abs=0.8)
    assert truth.reach_mm - sleeve.across == pytest.approx(truth.extent_mm, abs=0.01)
    assert truth.ratio == pytest.approx(truth.extent_mm / truth.sac_width_mm)
    if wanted.ratio is None:
        assert truth.grade is Grade.POSSIBLE
        assert truth.pattern == (Pattern.TRIANGLE,)
    else:
        # DESIGN, the scale: extent <= width is grade 2, more is grade 3
        assert truth.grade is (Grade.PROBABLE if truth.ratio <= 1 else Grade.DEFINITE)
        assert truth.ratio == pytest.approx(wanted.ratio, abs=0.02)
        assert truth.grade is wanted.grade


def test_a_cyst_is_as_wide_as_asked_and_grade_0() -> None:
    wanted = FindingSpec(FindingKind.PERINEURIAL_CYST, Segment.T9, Side.LEFT, size_mm=10.0)
    made = make(plain(41, wanted))
    (mimic,) = made.truth.mimics
    assert mimic.grade is Grade.NONE
    assert mimic.pattern == (Pattern.ROUND,)
    assert 10 * 0.8 < mimic.reach_mm + 5 < 30
    assert made.truth.signs_mrm is False


def test_positions_lie_on_the_image_where_the_finding_is() -> None:
    wanted = leak(Segment.T5, Side.LEFT, Grade.DEFINITE, 1.5, Pattern.STREAKS)
    made = make(plain(51, wanted))
    (finding,) = made.truth.findings
    assert finding.source is not None
    station = next(s for s in made.study.stations if s.sop_uid == finding.source.sop_uid)
    plane = station.geometry
    back = (
        np.asarray(plane.position)
        + finding.source.row * plane.row_spacing * np.asarray(plane.along_column)
        + finding.source.column * plane.column_spacing * np.asarray(plane.along_row)
    )
    assert back == pytest.approx(np.asarray(finding.position_mm), abs=1e-3)
    # patient's left is +x: outside the sac's left edge it is bright only on the leak's side
    row = round(finding.source.row)
    left = station.pixels[row - 8 : row + 25, round(finding.source.column) + 6 :][:, :25]
    width = round(finding.sac_width_mm / plane.column_spacing)
    edge = round(finding.source.column) - width
    right = station.pixels[row - 8 : row + 25, edge - 31 : edge - 6]
    assert left.max() > 3 * max(right.max(), 1)
