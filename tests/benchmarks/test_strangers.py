"""The simulators apart from the phantom make valid studies with truths the package can hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from benchmarks import reading_quality
from benchmarks.strangers.answers import truth_of
from benchmarks.strangers.source import SIMULATORS, Source, make_study
from myeloscope.domain.grade import FindingKind, Grade, Pattern, Technique
from myeloscope.domain.image import Study
from myeloscope.phantom.truth import Truth, truth_record
from tests.dicom.validators import iod_errors

PATIENTS = {Source.A: 7, Source.B: 8, Source.C: 9, Source.E: 8, Source.F: 9, Source.G: 11}
"""A seed of each whose study has leaks that an image shows."""
CONTROLS = {Source.A: 5, Source.B: 9, Source.C: 4, Source.E: 5, Source.F: 14, Source.G: 2}


def stored(dataset: Dataset) -> np.ndarray[Any, np.dtype[np.float32]]:
    slope = float(dataset.get("RescaleSlope", 1))
    intercept = float(dataset.get("RescaleIntercept", 0))
    return (dataset.pixel_array * slope + intercept).astype(np.float32)


def leaks(truth: Truth) -> list[Grade | None]:
    return [f.grade for f in truth.findings if f.kind is FindingKind.LEAK]


def check_truth(study: Study, truth: Truth) -> None:
    assert truth.study_uid == study.uid
    segments = truth.formula.segments
    for finding in (*truth.findings, *truth.mimics):
        assert finding.segment in segments
        assert finding.region is truth.formula.region(finding.segment)
        assert (finding.station is None) or finding.covered
    worst = [f for f in truth.findings if f.kind is FindingKind.LEAK and f.station is not None]
    for region, grade in truth.grades[Technique.MRM].items():
        assert grade == max((f.grade or 0 for f in worst if f.region is region), default=0)
    assert min(p.width_mm for p in truth.sac) >= 0
    assert truth_record(truth)["seed"] == truth.seed


@pytest.mark.parametrize("source", PATIENTS)
def test_a_patient_is_the_same_twice_valid_and_has_leaks(source: Source, tmp_path: Path) -> None:
    seed = PATIENTS[source]
    datasets, answer = SIMULATORS[source](seed)
    study, truth = make_study(source, seed)
    by_uid = {str(dataset.SOPInstanceUID): dataset for dataset in datasets}
    assert {station.sop_uid for station in study.stations} == set(by_uid)
    for station in study.stations:
        np.testing.assert_array_equal(station.pixels, stored(by_uid[station.sop_uid]))
    assert truth == truth_of(answer, study.uid)
    check_truth(study, truth)
    assert truth.arm == "patient"
    assert truth.signs_mrm
    assert all(leaks(truth))
    assert len(leaks(truth)) > 0
    datasets[0].save_as(tmp_path / "0.dcm", enforce_file_format=True)
    assert iod_errors(tmp_path / "0.dcm") == []


@pytest.mark.parametrize("source", CONTROLS)
def test_a_control_has_no_leak(source: Source) -> None:
    study, truth = make_study(source, CONTROLS[source])
    check_truth(study, truth)
    assert truth.arm == "control"
    assert not truth.signs_mrm
    assert leaks(truth) == []
    assert len(study.stations) == 2


@pytest.mark.parametrize("seed", [21, 55, 75])
def test_grades_of_drawn_leaks_follow_from_their_measures(seed: int) -> None:
    _, truth = make_study(Source.F, seed)
    drawn = [f for f in truth.findings if f.kind is FindingKind.LEAK]
    assert drawn
    for leak in drawn:
        loose = set(leak.pattern) - {Pattern.TRIANGLE}
        far = leak.extent_mm > leak.sac_width_mm
        assert leak.grade == (1 if not loose else 3 if far else 2)
        assert leak.ratio == pytest.approx(leak.extent_mm / leak.sac_width_mm, abs=1e-3)
        assert leak.reach_mm >= leak.extent_mm
        if leak.source is not None and leak.station is not None:
            assert leak.source.sop_uid == truth.stations[leak.station].sop_uid


def test_the_phantom_is_a_source_too() -> None:
    for seed, arm in ((1, "patient"), (0, "control")):
        study, truth = make_study(Source.PHANTOM, seed)
        check_truth(study, truth)
        assert truth.arm == arm
        assert bool(leaks(truth)) == (arm == "patient")


ANSWER: dict[str, Any] = {
    "seed": 3,
    "arm": "patient",
    "signs_mrm": False,
    "ruin": "motion",
    "grades": {"mr-myelography": {"cervical": 0, "thoracic": 0, "lumbar": 0}},
    "findings": [],
    "mimics": [],
    "sac": [],
    "difficulty": {"level": "hard", "sac_snr": 12.0, "leak_over_sac": None},
    "formula": {"thoracic": 12, "lumbar": 5},
}


@pytest.mark.parametrize(
    ("ruined", "regions", "roots"),
    [
        ([], [], []),
        (["cervical", "thoracic"], ["cervical", "thoracic"], [(), ()]),
        (
            [{"kind": "void", "regions": ["thoracic", "lumbar"], "roots": ["T10", "T11", "T12"]}],
            ["thoracic", "lumbar"],
            [("T10", "T11"), ("T12",)],
        ),
    ],
)
def test_ruined_regions_are_told_by_name_or_by_root(
    ruined: list[object], regions: list[str], roots: list[tuple[str, ...]]
) -> None:
    truth = truth_of({**ANSWER, "ruined": ruined}, "1.2.3")
    assert [item.region.value for item in truth.ruined] == regions
    assert [item.roots for item in truth.ruined] == roots
    assert (truth.study_uid, truth.difficulty.leak_over_sac) == ("1.2.3", 0.0)


def test_what_no_image_shows_has_no_station() -> None:
    hidden = {
        "kind": "epidural-collection", "region": "thoracic", "segment": "T3", "side": "left",
        "grade": None, "reach_mm": None, "extent_mm": None, "sac_width_mm": 14.0, "ratio": None,
        "pattern": ["haze"], "position_mm": [1.0, 2.0, 3.0], "station": 1, "covered": False,
        "brightness": None, "size_mm": 90.0,
    }  # fmt: skip
    (found,) = truth_of({**ANSWER, "ruined": [], "findings": [hidden]}, "1.2.3").findings
    assert (found.station, found.grade, found.reach_mm) == (None, None, 0.0)
    assert (found.id, found.segment_range) == ("3-finding-1", ("T3", "T3"))


def test_the_benchmark_reads_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--source", "b", "--first", "8", "--count", "1", "--jobs", "1"]
    assert reading_quality.main(arguments) == 0
    table = capsys.readouterr().out
    assert table.startswith("simulator b, seeds 8-8\n\n| figure | value | 95 % interval |")
    assert "| studies | 1 |" in table
