"""Import in the worker: de-identified objects, frames to show, and who is who apart."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from myeloscope import phantom
from myeloscope.cli.phantom import write_ric
from myeloscope.dicom.deidentify import Pseudonyms
from myeloscope.dicom.display import display_frame
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Acquisition, PlaneGeometry, Station
from myeloscope.errors import InputError
from myeloscope.phantom.ric_making import make_ric
from myeloscope.phantom.ric_spec import Packing, RicRuin, RicSpec
from myeloscope.pipeline.deidentifying import DeidentifyJob, deidentify_all
from myeloscope.pipeline.importing import import_all
from myeloscope.pipeline.intake import IntakeJob, take_in

KEY = b"k" * 32


def _listed(folder: Path, rows: str, columns: str = "study_uid,case,truth") -> str:
    path = folder / "cases.csv"
    path.write_text(f"{columns}\n{rows}")
    return str(path)


def _uids(folder: Path) -> list[str]:
    found = {str(dcmread(path).StudyInstanceUID): None for path in sorted(folder.rglob("*.dcm"))}
    return list(found)


def test_studies_are_imported_without_identity(two_studies: Path, tmp_path: Path) -> None:
    one, two = _uids(two_studies)
    listed = _listed(
        tmp_path, f"{one},anna,1,1,1\n{two},berta,0,,0\n",
        "study_uid,case,truth,level_truth_L,truth_ric",
    )  # fmt: skip
    kept: dict[str, bytes] = {}

    def put(content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        kept[name] = content
        return name

    done = take_in(IntakeJob((str(two_studies),), listed, KEY), put)
    assert [case.id for case in done.cases] == ["case-0001", "case-0002"]
    assert sorted(done.names.values()) == ["anna", "berta"]
    assert done.risks == ()
    pseudonyms = Pseudonyms(KEY)
    for case in done.cases:
        wanted = one if done.names[case.id] == "anna" else two
        images = case.images(Technique.MRM, 0)
        assert [image.view for image in images] == ["cervicothoracic", "thoracolumbar"]
        assert case.truth.disease is (wanted == one)
        assert case.truth.references == {"ric": wanted == one}
        assert case.truth.levels == ({Region.LUMBAR: True} if wanted == one else {})
        assert case.age_years is not None
        for image in images:
            made = dcmread(BytesIO(kept[image.sha256]))
            assert made.StudyInstanceUID == image.study_uid == pseudonyms.uid(wanted)
            shown = np.frombuffer(kept[image.frame_sha256], "<u2")
            assert shown.size == image.display.rows * image.display.columns
    apart = list(done.apart("t1"))
    assert {row["study_uid"] for row in apart if "study_uid" in row} == {one, two}
    assert {"trial": "t1", "case": "case-0001", "listed_as": done.names["case-0001"]} in apart


def test_what_was_stored_otherwise_is_refused(two_studies: Path, tmp_path: Path) -> None:
    one, two = _uids(two_studies)
    listed = _listed(tmp_path, f"{one},a,1\n{two},b,0\n")
    with pytest.raises(InputError, match="as it wrote them"):
        take_in(IntakeJob((str(two_studies),), listed, KEY), lambda _: "another")


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ("{one},a,1\n", "every imported study is in the list"),
        ("{one},a,1\n{two},b,0\n1.2.3,c,0\n", "every listed study is imported"),
        ("{one},a,1\n{two},a,1\n", "a case has one study a visit and technique"),
        ("{one},a,1\n{one},a,1\n", "each study stands once"),
        ("{one},a,1\n{two},a,0\n", "a case's rows agree about its truth"),
        ("{one},a,yes\n", "the truth is 0 or 1"),
        ("{one},,1\n", "a row has a study, a case and a visit"),
    ],
)
def test_list_and_studies_fit(two_studies: Path, tmp_path: Path, rows: str, rule: str) -> None:
    one, two = _uids(two_studies)
    listed = _listed(tmp_path, rows.format(one=one, two=two))
    out = tmp_path / "out"
    out.mkdir()
    job = IntakeJob((str(two_studies),), listed, KEY, 1, str(out))
    with pytest.raises(InputError, match=rule):
        import_all(job, lambda _: None)


def test_two_visits_are_one_case(two_studies: Path, tmp_path: Path) -> None:
    one, two = _uids(two_studies)
    listed = _listed(tmp_path, f"{two},a,1,1\n{one},a,1,0\n", "study_uid,case,truth,visit")
    job = IntakeJob((str(two_studies),), listed, KEY, 5, str(tmp_path))
    (case,) = import_all(job, lambda _: None).cases
    assert case.id == "case-0005"
    assert [each.visit for each in case.examinations] == [0, 1]
    (tmp_path / "cases.csv").write_text("study_uid,case\n")
    with pytest.raises(InputError, match="the list of cases needs the column truth"):
        import_all(job, lambda _: None)


def test_both_techniques_of_a_person_are_one_case(study: Path, tmp_path: Path) -> None:
    made = make_ric(RicSpec(phantom.demo_spec(2), Packing.TWO_FRAMES, RicRuin.NONE))
    write_ric(made, "ric", tmp_path / "in" / "ric")
    (mrm,) = _uids(study)
    for path in study.glob("*.dcm"):
        (tmp_path / "in" / path.name).write_bytes(path.read_bytes())
    listed = _listed(tmp_path, f"{made.study.uid},a,1\n{mrm},a,1\n")
    job = IntakeJob((str(tmp_path / "in"),), listed, KEY, 1, str(tmp_path))
    (case,) = import_all(job, lambda _: None).cases
    assert [each.technique for each in case.examinations] == [Technique.MRM, Technique.RIC]
    images = case.images(Technique.RIC, 0)
    stations = made.study.stations
    assert len(images) == len(stations)
    told = {image.view for image in images}
    assert len(told) == len(images)
    assert {view.split()[0] for view in told} == {"anterior", "posterior"}
    for image in images:
        kept = dcmread(tmp_path / image.sha256)
        assert kept.Modality == "NM"
        assert "PHANTOM" not in str(kept)
        assert kept.StudyInstanceUID == image.study_uid == Pseudonyms(KEY).uid(made.study.uid)
    counts = {int(station.pixels.sum()) for station in stations}
    frames = [(tmp_path / image.frame_sha256).read_bytes() for image in images]
    assert {int(np.frombuffer(frame, "<u2").sum(dtype=np.int64)) for frame in frames} == counts


def test_a_burned_in_study_is_skipped_and_no_study_is_an_error(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for path in study.glob("*.dcm"):
        image = dcmread(path)
        image.BurnedInAnnotation = "YES"
        image.save_as(folder / path.name)
    listed = _listed(tmp_path, "1.2.3,a,1\n")
    job = IntakeJob((str(folder),), listed, KEY, 1, str(tmp_path))
    with pytest.raises(InputError, match="a myelogram or cisternogram to import"):
        import_all(job, lambda _: None)
    with pytest.raises(InputError, match="a DICOM object to de-identify"):
        deidentify_all(DeidentifyJob((str(folder),), KEY, str(tmp_path)), lambda _: None)


def test_everything_dicom_is_deidentified(study: Path, tmp_path: Path) -> None:
    done = deidentify_all(DeidentifyJob((str(study),), KEY, str(tmp_path)), lambda _: None)
    assert len(done.objects) == 2
    assert [skipped.text.split(":")[0] for skipped in done.skipped] == ["truth.json"]
    assert all((tmp_path / written.file).is_file() for written in done.objects)


def test_values_that_do_not_fit_16_bits_are_scaled() -> None:
    pixels = np.array([[-5.0, 0.0], [2.5, 70000.0]], np.float32)
    plane = PlaneGeometry((0, 0, 0), (1, 0, 0), (0, 0, -1), 0.5, 0.7)
    frame = display_frame(Station(pixels, plane, Acquisition(), "1", "2"))
    stored = np.frombuffer(frame.content, "<u2").reshape(2, 2)
    assert np.allclose(stored * frame.slope + frame.intercept, pixels, atol=frame.slope)
    assert frame.spacing == (0.5, 0.7)
    flat = display_frame(Station(np.zeros((2, 2), np.float32), plane, Acquisition(), "1", "2"))
    assert flat.window == (0.0, 1.0)
