"""The whole reading: what is there is found where it is, what is not there is not."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from myeloscope.cisternography.read import read_cisternogram
from myeloscope.domain.anatomy import Region, Side
from myeloscope.domain.codec import dumps, loads, reading_schema, reading_to_json
from myeloscope.domain.grade import FindingKind, Grade, Technique, Verdict
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Reading
from myeloscope.domain.scintigraphy import IndirectSignKind, View
from myeloscope.phantom.ric_spec import Packing, RicRuin
from myeloscope.settings import ReadSettings
from tests.cisternography.scenes import SICK, WELL, phantom, reading


def _signs(read: Reading) -> list[tuple[Region, Side]]:
    return [(f.region, f.side) for f in read.findings if f.kind is FindingKind.LEAK and f.grade]


def test_a_leak_is_found_on_its_side_and_near_its_height() -> None:
    truth, read = phantom(SICK).truth, reading(SICK)
    assert read.positive is True
    best = max(truth.findings, key=lambda f: max(f.ratios))
    shot = {(s.sop_uid, s.frame): s for s in truth.shots}
    near = []
    for found in read.findings:
        assert found.source is not None
        seen = shot[found.source.sop_uid, found.source.frame]
        away = abs((found.position_mm[2] or 0.0) - seen.roots_mm[best.segment][2])
        near.append(found.side is best.side and away < 25)
    assert any(near)


def test_nothing_is_found_where_nothing_is() -> None:
    read = reading(WELL)
    assert read.positive is False
    assert _signs(read) == []
    assert [read.regions[region].grade for region in Region] == [Grade.NONE] * 3


@pytest.mark.parametrize("person", [SICK, WELL])
def test_a_reading_keeps_the_contract(person: object) -> None:
    read = reading(SICK if person is SICK else WELL)
    jsonschema.validate(reading_to_json(read), reading_schema())
    assert loads(dumps(read)) == loads(dumps(loads(dumps(read))))
    assert read.technique is Technique.RIC
    assert read.scale == "paper-ric/1"
    for region in Region:
        times = read.regions[region].by_time
        assert times is not None
        assert len(times) == 4
    assert {s.kind for s in read.indirect_signs or ()} == set(IndirectSignKind)


def test_the_grade_of_a_region_is_the_highest_of_its_times() -> None:
    for region in Region:
        read = reading(SICK).regions[region]
        grades = [t.grade for t in read.by_time or () if t.grade is not None]
        assert read.grade == max(grades)


def test_the_same_study_gives_the_same_reading() -> None:
    study = phantom(SICK).study
    assert dumps(read_cisternogram(study, ReadSettings())) == dumps(reading(SICK))


def test_mirrored_images_mirror_the_sides() -> None:
    study = phantom(SICK).study
    stations = tuple(
        replace(s, pixels=np.ascontiguousarray(s.pixels[:, ::-1])) for s in study.stations
    )
    turned = read_cisternogram(replace(study, stations=stations), ReadSettings())
    other = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    assert sorted(_signs(turned)) == sorted((r, other[s]) for r, s in _signs(reading(SICK)))


def test_unlabelled_views_give_unknown_sides_and_say_so() -> None:
    read = reading(SICK, RicRuin.UNLABELLED)
    assert read.positive is True
    assert {f.side for f in read.findings} == {Side.UNKNOWN}
    assert any("sides are unknown" in warning for warning in read.quality.warnings)


def test_a_missing_view_is_named_and_the_rest_is_read() -> None:
    read = reading(SICK, RicRuin.MISSING_VIEW)
    assert read.positive is True
    assert any("view is missing" in warning for warning in read.quality.warnings)
    views = {item.item: item.verdict for item in read.quality.protocol}["Views"]
    assert views is Verdict.DIFFERS


def test_a_posterior_image_stored_unmirrored_is_found_out() -> None:
    study = phantom(SICK).study
    stations = tuple(
        replace(s, pixels=np.ascontiguousarray(s.pixels[:, ::-1]))
        if s.nuclear is not None and s.nuclear.view is View.POSTERIOR
        else s
        for s in study.stations
    )
    turned = read_cisternogram(replace(study, stations=stations), ReadSettings())
    assert any("unmirrored" in warning for warning in turned.quality.warnings)
    assert set(_signs(turned)) == set(_signs(reading(SICK)))


def test_a_sweep_over_the_body_is_read_as_well() -> None:
    read = reading(SICK, RicRuin.NONE, Packing.WHOLE_BODY)
    assert Region.THORACIC in {region for region, _ in _signs(read)}


def test_too_few_counts_give_no_grade_and_a_reason() -> None:
    study = phantom(SICK).study
    dark = tuple(replace(s, pixels=np.zeros_like(s.pixels)) for s in study.stations)
    read = read_cisternogram(Study(study.uid, study.technique, dark), ReadSettings())
    assert read.positive is None
    assert all("no canal found" in (read.regions[r].reason or "") for r in Region)
    assert read.numbering.kind == "failed"


def test_slow_ascent_is_a_listed_sign_and_leaves_regions_without_a_grade() -> None:
    read = reading(WELL, RicRuin.SLOW_ASCENT)
    sign = next(s for s in read.indirect_signs or () if s.kind is IndirectSignKind.SLOW_ASCENT)
    assert sign.present is True
    times = read.regions[Region.CERVICAL].by_time or ()
    assert [t.grade for t in times[:2]] == [None, None]


def test_a_dose_beside_the_sac_leaves_the_lumbar_region_without_a_grade() -> None:
    read = reading(WELL, RicRuin.INFILTRATED)
    assert (
        read.quality.measures["beside_canal_at_injection"]
        > 2 * reading(WELL).quality.measures["beside_canal_at_injection"]
    )
    assert read.regions[Region.LUMBAR].grade is None
    assert "beside the sac" in (read.regions[Region.LUMBAR].reason or "")
    assert [f for f in read.findings if f.kind is FindingKind.LEAK] == []


def test_steps_are_timed_by_the_clock_handed_in() -> None:
    ticks = iter(range(100))
    read = read_cisternogram(phantom(WELL).study, ReadSettings(), lambda: float(next(ticks)))
    assert set(read.elapsed_s) == {"views", "canal", "activity", "signs", "answer"}
    assert set(read.elapsed_s.values()) == {1.0}


def test_one_time_alone_is_read_and_said() -> None:
    study = phantom(SICK).study
    late = read_cisternogram(replace(study, stations=study.stations[-2:]), ReadSettings())
    assert any("one time only" in warning for warning in late.quality.warnings)
    assert any("first hour" in warning for warning in late.quality.warnings)
    clearance = {s.kind: s for s in late.indirect_signs or ()}[IndirectSignKind.FAST_CLEARANCE]
    assert clearance.present is None
