from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from myeloscope import phantom
from myeloscope.domain.anatomy import Region, Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.phantom.knowing import know
from myeloscope.phantom.making import scene, uid
from myeloscope.phantom.spec import FindingSpec, PhantomSpec, Ruin, Variety
from myeloscope.phantom.truth import Truth, truth_record


def known(spec: PhantomSpec) -> Truth:
    made = scene(spec)
    return know(spec, made, "1.2", tuple(f"1.2.{i}" for i in range(len(made.plans))))


@pytest.fixture(scope="module")
def patients() -> list[Truth]:
    specs = (PhantomSpec(seed=s, ruin=Ruin.NONE, other_fluid=False) for s in range(36))
    return [known(spec) for spec in specs]


def test_same_seed_same_pixels_and_truth() -> None:
    first, second = (phantom.make(PhantomSpec(seed=11)) for _ in range(2))
    assert first.truth == second.truth
    for a, b in zip(first.study.stations, second.study.stations, strict=True):
        assert a.pixels.tobytes() == b.pixels.tobytes()
        assert (a.sop_uid, a.acquisition) == (b.sop_uid, b.acquisition)


def test_uids_are_the_same_in_every_process() -> None:
    program = (
        "from myeloscope.domain.anatomy import Region;"
        "from myeloscope.phantom.making import uid;"
        "from myeloscope.phantom.spec import PhantomSpec;"
        "spec = PhantomSpec(seed=3, signs_ric=frozenset(Region));"
        "import sys; sys.stdout.write(uid(spec, 'study'))"
    )
    given = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert given == {uid(PhantomSpec(seed=3, signs_ric=frozenset(Region)), "study")}


def test_demo_has_two_leaks_and_a_cyst_in_view() -> None:
    truth = known(phantom.demo_spec())
    leaks = {(f.segment, f.side): f.grade for f in truth.findings}
    assert leaks == {
        (Segment.T2, Side.LEFT): Grade.DEFINITE,
        (Segment.L1, Side.RIGHT): Grade.PROBABLE,
    }
    assert [(m.segment, m.side) for m in truth.mimics] == [(Segment.T9, Side.RIGHT)]
    assert all(f.covered for f in truth.findings + truth.mimics)
    assert truth.ruined == ()


def test_noise_changes_no_truth_and_no_anatomy() -> None:
    spec = PhantomSpec(seed=12)
    loud, calm = known(spec), known(replace(spec, noise=False, artefacts=False))
    assert loud == calm


def test_a_mirrored_body_has_its_sides_exchanged() -> None:
    spec = PhantomSpec(seed=13, covers=True, ruin=Ruin.NONE)
    plain, mirror = known(spec), known(replace(spec, mirrored=True))
    other = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    assert plain.findings
    assert mirror.grades == plain.grades
    for a, b in zip(plain.findings, mirror.findings, strict=True):
        assert (b.segment, b.side) == (a.segment, other[a.side])
        assert b.extent_mm == a.extent_mm
    assert np.allclose([p.width_mm for p in plain.sac], [p.width_mm for p in mirror.sac])


def test_a_side_asked_for_is_the_patients_even_when_mirrored() -> None:
    finding = FindingSpec(FindingKind.LEAK, Segment.T6, Side.LEFT, Grade.DEFINITE)
    truth = known(PhantomSpec(seed=14, findings=(finding,), mirrored=True, covers=True))
    assert [f.side for f in truth.findings] == [Side.LEFT]
    assert truth.findings[0].position_mm[0] > truth.sac[40].position_mm[0]


def test_a_missing_station_is_told() -> None:
    spec = PhantomSpec(seed=15, ruin=Ruin.MISSING_STATION, missing_station=1, covers=True)
    made = phantom.make(spec)
    assert len(made.study.stations) == 1
    assert [s.present for s in made.truth.stations] == [True, False]
    lost = {r.region: r for r in made.truth.ruined}
    assert Region.LUMBAR in lost
    assert "missing" in lost[Region.LUMBAR].reason
    assert all(f.source is None for f in made.truth.findings if f.region is Region.LUMBAR)


@pytest.mark.parametrize(
    ("ruin", "reason"), [(Ruin.MOTION, "motion"), (Ruin.LOST_SIGNAL, "signal lost")]
)
def test_a_spoilt_study_names_the_lost_regions(ruin: Ruin, reason: str) -> None:
    truths = [known(PhantomSpec(seed=s, ruin=ruin, covers=True)) for s in range(16, 19)]
    assert {r.reason for t in truths for r in t.ruined} >= {reason}
    for truth in truths:
        for region in truth.ruined:
            assert len(region.roots) > 2
            assert all(truth.formula.region(root) is region.region for root in region.roots)


def test_lost_signal_is_dark_on_the_image() -> None:
    spec = PhantomSpec(seed=17, ruin=Ruin.LOST_SIGNAL, covers=True)
    made = scene(spec)
    dark, fine = phantom.make(spec), phantom.make(replace(spec, ruin=Ruin.NONE))
    index = made.ruin.station
    plane = made.plans[index].detector.slab.plane
    rows = [round((plane.position[2] - z) / plane.row_spacing) for z in made.ruin.band]
    inside = slice(max(rows[0], 0) + 20, rows[1] - 20)
    top = [np.percentile(m.study.stations[index].pixels[inside], 99.9) for m in (dark, fine)]
    assert top[0] < 0.25 * top[1]


def test_grades_are_the_highest_of_covered_leaks(patients: list[Truth]) -> None:
    for truth in patients:
        for region, grade in truth.grades[Technique.MRM].items():
            own = [f.grade for f in truth.findings if f.region is region and f.covered]
            assert grade == max((g for g in own if g is not None), default=Grade.NONE)
        assert truth.signs_mrm == any(truth.grades[Technique.MRM].values())
        for finding in truth.findings:
            assert finding.region is truth.formula.region(finding.segment)


def test_controls_have_no_leaks_and_no_signs() -> None:
    specs = [PhantomSpec(seed=s, arm=phantom.Arm.CONTROL, other_fluid=False) for s in range(12)]
    truths = [known(spec) for spec in specs]
    assert not any(t.findings or t.signs_mrm or t.signs_ric for t in truths)
    assert any(t.mimics for t in truths)


def test_most_studies_cover_c4_to_l5(patients: list[Truth]) -> None:
    # ANATOMY: stature drawn so that about 85 % cover C4-L5
    covered = []
    for truth in patients:
        roots = [s for s in truth.formula.segments if s.value[0] in "CTL"]
        need = set(roots[roots.index(Segment.C4) :])
        covered.append(need <= set(truth.coverage))
    assert 0.72 <= np.mean(covered) <= 0.97


def test_patients_vary(patients: list[Truth]) -> None:
    assert {f.grade for t in patients for f in t.findings} == {1, 2, 3}
    assert {f.region for t in patients for f in t.findings} == set(Region)
    assert any(not t.signs_mrm for t in patients)
    assert any(len(t.findings) >= 4 for t in patients)
    assert any(t.formula != SpineFormula() for t in patients)


def test_truth_is_json_with_designs_names() -> None:
    made = phantom.make(PhantomSpec(seed=31))
    record = json.loads(json.dumps(truth_record(made.truth)))
    # DESIGN, "Truth of phantoms"
    for key in ("arm", "signs_mrm", "signs_ric", "grades", "findings", "mimics", "ruined"):
        assert key in record
    assert set(record["difficulty"]) >= {"sac_snr", "leak_over_sac"}
    assert set(record["grades"]) == {"mr-myelography", "radioisotope-cisternography"}
    assert set(record["grades"]["mr-myelography"]) == {"cervical", "thoracic", "lumbar"}
    finding = record["findings"][0]
    assert finding["kind"] == "leak"
    assert finding["side"] in ("left", "right")
    assert len(finding["position_mm"]) == 3
    assert finding["source"]["sop_uid"] in [s.sop_uid for s in made.study.stations]


def test_truth_holds_only_what_json_can() -> None:
    with pytest.raises(TypeError, match="holds no"):
        truth_record(replace(known(PhantomSpec(seed=32)), sex=b"F"))  # type: ignore[arg-type]


def test_wide_acquisitions_go_beyond_the_papers() -> None:
    made = [scene(PhantomSpec(seed=s, variety=Variety.WIDE, other_fluid=False)) for s in range(25)]
    assert len({m.protocol.matrix for m in made}) >= 4
    assert {m.protocol.stations for m in made} == {2, 3}
    assert max(m.protocol.field_mm for m in made) > 360
    paper = scene(PhantomSpec(seed=1, other_fluid=False)).protocol
    assert (paper.matrix, paper.field_mm, paper.slab_mm, paper.train) == (512, 270.0, 50.0, 256)


def test_slabs_are_tilted_by_at_most_20_degrees() -> None:
    tilts = [
        np.degrees(np.arcsin(abs(plan.detector.slab.normal[2])))
        for seed in range(15)
        for plan in scene(PhantomSpec(seed=seed, other_fluid=False)).plans
    ]
    assert max(tilts) <= 20.01
    assert max(tilts) > 8


def test_other_fluid_is_named_and_some_is_in_view() -> None:
    fluid = known(PhantomSpec(seed=33)).other_fluid
    names = {item.name for item in fluid}
    assert "renal pelvis" in names
    assert any(item.in_view for item in fluid)
