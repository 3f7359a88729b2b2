"""Pictures of the drawn study: things stand where the reading says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import Grade
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Reading
from myeloscope.report import overlay as overlays
from myeloscope.report import straightened as strips
from myeloscope.report.crop import HALF_MM, SCALE, close_up, station_of
from myeloscope.report.marks import GRADE_STROKES, MIMIC_STROKE, Colour
from myeloscope.report.overlay import HEAD, MARGIN, letter, overlay
from myeloscope.report.scene import Scene, on_canvas, on_station, sac_signal, set_scene
from myeloscope.report.straightened import straightened

SPACING = 270 / 512


class Sample(Protocol):
    """What the fixture ``sample`` gives."""

    study: Study
    reading: Reading


@dataclass(frozen=True)
class Drawn:
    study: Study
    reading: Reading
    scene: Scene


@pytest.fixture(scope="module")
def drawn(sample: Sample) -> Drawn:
    return Drawn(sample.study, sample.reading, set_scene(sample.study, sample.reading))


def colour_at(picture: Image.Image, colour: Colour) -> NDArray[np.int64]:
    """Return (x, y) of all pixels near a colour."""
    off = np.abs(np.asarray(picture).astype(int) - colour).sum(axis=2)
    return np.argwhere(off < 60)[:, ::-1]


def test_points_find_their_pixels_in_the_station_that_shows_them(drawn: Drawn) -> None:
    finding = drawn.reading.findings[1]
    assert finding.source is not None
    at = on_canvas(drawn.scene.canvas, [finding.position_mm])
    row = on_station(drawn.scene.canvas, 1, at)[0, 0]
    # Closed form of the drawn study: row = (top - z) / spacing.
    assert row == pytest.approx(finding.source.row, abs=0.01)


def test_no_points_give_no_places(drawn: Drawn) -> None:
    assert on_canvas(drawn.scene.canvas, []).shape == (0, 2)


def test_sac_signal_is_near_the_drawn_signal(drawn: Drawn) -> None:
    # Inside the middle half of a circle's chord profile the least is sqrt(1 - 1/4) of the top.
    assert 866 < sac_signal(drawn.scene) < 1000


def test_without_a_sac_the_bright_part_stands_in(drawn: Drawn) -> None:
    bare = replace(drawn.scene, sac=np.empty((0, 2)), widths=np.empty(0), stretches=())
    assert sac_signal(bare) == pytest.approx(np.percentile(drawn.scene.canvas.pixels, 99))
    assert straightened(bare) is None


def test_each_station_shows_its_own_findings(drawn: Drawn) -> None:
    upper, lower = overlay(drawn.scene, 0), overlay(drawn.scene, 1)
    probable, possible = (GRADE_STROKES[g].colour for g in (Grade.PROBABLE, Grade.POSSIBLE))
    inside = [MARGIN + 30 < x < 1300 and HEAD < y < 1070 for x, y in colour_at(upper, probable)]
    assert sum(inside) > 50
    assert not [xy for xy in colour_at(lower, probable) if xy[1] < 1070]
    assert len([xy for xy in colour_at(lower, possible) if xy[1] < 1070]) > 50


def test_an_outline_is_drawn_where_the_finding_is(drawn: Drawn) -> None:
    finding = drawn.reading.findings[0]
    ring = np.array(finding.outline_mm, float)[:, [0, 2]]
    x = (ring[:, 0] + 135 + SPACING / 2) * overlays.LONG_SIDE / 270 + MARGIN
    y = (500 - ring[:, 1] + SPACING / 2) * overlays.LONG_SIDE / 270 + HEAD
    found = colour_at(overlay(drawn.scene, 0), GRADE_STROKES[Grade.PROBABLE].colour)
    near = [p for p in found if MARGIN < p[0] < MARGIN + 1024 and p[1] < HEAD + 1024]
    centre, size = np.mean(near, axis=0), np.ptp(near, axis=0)
    assert centre == pytest.approx([x.mean(), y.mean()], abs=4)
    assert size == pytest.approx([np.ptp(x), np.ptp(y)], abs=5)


def test_sac_edges_are_a_sac_width_apart(drawn: Drawn) -> None:
    # Thin lines are blended with the picture; the sac's edges are all that is greener than red.
    line = np.asarray(overlay(drawn.scene, 0)).astype(int)[HEAD + 300]
    x = np.flatnonzero(line[:, 1] - line[:, 0] > 30)
    assert x[-1] - x[0] == pytest.approx(16 * overlays.LONG_SIDE / 270, abs=3)


@pytest.mark.parametrize(
    ("direction", "toward", "expected"),
    # DICOM PS3.3 C.7.6.1.1.1: x grows to the left, y to posterior, z to the head.
    [
        ((1, 0, 0), 1, "L"),
        ((1, 0, 0), -1, "R"),
        ((0, 0, -1), 1, "F"),
        ((0, 0, -1), -1, "H"),
        ((0.1, -0.9, 0.2), 1, "A"),
    ],
)
def test_edges_carry_the_patient_s_letters(
    direction: tuple[float, float, float], toward: int, expected: str
) -> None:
    assert letter(direction, toward=toward) == expected


def test_station_titles_come_from_the_reading(drawn: Drawn) -> None:
    assert overlays.station_title(drawn.reading, 1) == "Thoracolumbar station"
    assert overlays.station_title(drawn.reading, 7) == "8 station"


def test_the_straightened_sac_is_upright(drawn: Drawn) -> None:
    picture = straightened(drawn.scene)
    assert picture is not None
    strip = strips.strip_of(drawn.scene)
    assert strip is not None
    places = strip.place(drawn.scene.sac)
    assert np.ptp(places[:, 0]) < 1.0
    assert np.all(np.diff(places[:, 1]) > 0)


def test_findings_keep_their_side_and_distance_when_straightened(drawn: Drawn) -> None:
    strip = strips.strip_of(drawn.scene)
    assert strip is not None
    left, right, cyst = (strip.place(outline) for outline in drawn.scene.outlines)
    # The rings touch the sac's edge, 8 mm from its midline, along patient x.
    assert (left[:, 0].min() - strip.middle) / strips.SCALE == pytest.approx(8, abs=0.5)
    assert (strip.middle - right[:, 0].max()) / strips.SCALE == pytest.approx(8, abs=0.5)
    assert cyst[:, 0].mean() < strip.middle


def test_regions_meet_between_their_roots(drawn: Drawn) -> None:
    strip = strips.strip_of(drawn.scene)
    assert strip is not None
    spans = strips.region_spans(drawn.scene, strip)
    assert list(spans) == list(Region)
    assert spans[Region.CERVICAL][1] == spans[Region.THORACIC][0]
    places = strip.place(drawn.scene.roots)
    roots = zip(drawn.reading.roots, places[:, 1], strict=True)
    c7_to_c8 = [y for root, y in roots if root.segment in (Segment.C7, Segment.C8)]
    assert min(c7_to_c8) < spans[Region.CERVICAL][1] < max(c7_to_c8)


def test_a_region_without_roots_has_no_band_but_is_named(drawn: Drawn) -> None:
    kept = tuple(r for r in drawn.reading.roots if r.segment and r.segment[0] != "C")
    lost = replace(drawn.reading.regions[Region.CERVICAL], grade=None, assessable=False, reason="x")
    regions = {**drawn.reading.regions, Region.CERVICAL: lost}
    scene = set_scene(drawn.study, replace(drawn.reading, roots=kept, regions=regions))
    strip = strips.strip_of(scene)
    assert strip is not None
    assert Region.CERVICAL not in strips.region_spans(scene, strip)
    assert straightened(scene) is not None


def test_a_close_up_shows_the_finding_in_its_middle(drawn: Drawn) -> None:
    crop = close_up(drawn.scene, drawn.reading.findings[0])
    size = round(2 * HALF_MM * SCALE)
    found = colour_at(crop.picture, GRADE_STROKES[Grade.PROBABLE].colour)
    assert found.mean(axis=0) == pytest.approx([size * 1.5 + 8, size / 2], abs=6)
    assert (crop.station, 0.35 <= crop.white <= 1.2) == (0, True)


def test_the_plain_half_of_a_close_up_has_no_marks(drawn: Drawn) -> None:
    crop = close_up(drawn.scene, drawn.reading.findings[2])
    half = crop.picture.crop((0, 0, round(2 * HALF_MM * SCALE), 200))
    assert len(colour_at(half, MIMIC_STROKE.colour)) == 0


def test_a_finding_at_the_image_s_edge_is_cut_not_lost(drawn: Drawn) -> None:
    finding = drawn.reading.findings[0]
    high = tuple((x, y, z + 60) for x, y, z in finding.outline_mm if z is not None)
    moved = replace(finding, outline_mm=high, position_mm=(0.0, 0.0, 499.0))
    scene = set_scene(drawn.study, replace(drawn.reading, findings=(moved,)))
    assert close_up(scene, moved).picture.size[1] == round(2 * HALF_MM * SCALE)


def test_a_finding_without_source_or_outline_is_shown_where_it_lies(drawn: Drawn) -> None:
    finding = replace(
        drawn.reading.findings[1], source=None, outline_mm=(), side=Side.MIDLINE, reach_mm=None
    )
    scene = set_scene(drawn.study, replace(drawn.reading, findings=(finding,)))
    assert station_of(scene, finding) == 1
    assert close_up(scene, finding).station == 1
    assert straightened(scene) is not None


def test_many_findings_still_fit(drawn: Drawn) -> None:
    many = tuple(
        replace(drawn.reading.findings[0], id=f"2.25.{100 + n}", segment=None) for n in range(40)
    )
    picture = straightened(set_scene(drawn.study, replace(drawn.reading, findings=many)))
    assert picture is not None


def test_pictures_are_the_same_again(drawn: Drawn) -> None:
    assert overlay(drawn.scene, 0).tobytes() == overlay(drawn.scene, 0).tobytes()
