"""Studies in, whole results out: what is written, what is refused, and the same again."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import UID

from myeloscope.domain.codec import loads
from myeloscope.errors import InputError, LimitError, OutputError
from myeloscope.pipeline.folder import output_error
from myeloscope.pipeline.job import Outcome, ReadJob
from myeloscope.pipeline.outputs import read_and_write
from myeloscope.pipeline.printing import Printer
from myeloscope.pipeline.reading import folder_of, read_only, write_json
from myeloscope.pipeline.run import Watch, read_into, read_to_folder, read_to_json
from myeloscope.pipeline.worker import Limits, Step, WorkerError

FILES = [
    *("capture-1.dcm", "capture-2.dcm", "capture-3.dcm", "overlay-1.png", "overlay-2.png"),
    *("reading.json", "report.dcm", "report.html", "report.pdf", "seg-1.dcm", "seg-2.dcm"),
    *("sr.dcm", "straightened.png"),
]


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def without_time(text: str) -> dict[str, object]:
    record: dict[str, object] = json.loads(text)
    assert record.pop("elapsed_s")
    return record


@pytest.fixture(scope="module")
def out(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "out"
    outcome = read_to_folder(ReadJob((str(study),)), folder)
    assert len(outcome.studies) == 1
    return folder


def test_every_output_is_written_and_nothing_beside_it(out: Path) -> None:
    assert names(out) == FILES
    assert names(out.parent) == ["out"]


def test_dicom_outputs_belong_to_the_patient_and_study_of_the_images(
    out: Path, study: Path
) -> None:
    source = pydicom.dcmread(next(study.glob("*.dcm")), stop_before_pixels=True)
    for path in out.glob("*.dcm"):
        made = pydicom.dcmread(path, stop_before_pixels=True)
        assert (made.PatientID, made.StudyInstanceUID) == ("one", source.StudyInstanceUID)
        assert made.SeriesDescription.startswith("RESEARCH")


def test_the_report_names_no_patient_and_no_path(out: Path, study: Path) -> None:
    html = (out / "report.html").read_text("utf-8")
    assert "PHANTOM^" not in html
    assert str(study.parent) not in html
    assert "truth.json" in html  # what was passed over is told


def test_reading_json_is_the_contract_and_the_same_again(out: Path, study: Path) -> None:
    first = (out / "reading.json").read_text("utf-8")
    loads(first)
    again = read_to_json(ReadJob((str(study),))).studies[0].json
    assert without_time(again) == without_time(first)


def test_pictures_are_the_same_again(out: Path, study: Path, tmp_path: Path) -> None:
    job = ReadJob((str(study),), folder=str(tmp_path / "again"))
    steps: list[Step] = []
    read_and_write(job, steps.append)
    same = ["overlay-1.png", "overlay-2.png", "straightened.png"]
    assert [
        n for n in same if (tmp_path / "again" / n).read_bytes() != (out / n).read_bytes()
    ] == []
    assert steps[0] == Step("looking for MR myelograms and cisternograms")


def test_several_studies_get_a_folder_each(two_studies: Path, tmp_path: Path) -> None:
    job = ReadJob((str(two_studies),), only_json=True)
    outcome = read_to_folder(job, tmp_path / "out")
    uids = sorted(study.study_uid for study in outcome.studies)
    assert (len(uids), names(tmp_path / "out")) == (2, uids)
    assert all(names(tmp_path / "out" / uid) == ["reading.json"] for uid in uids)


def test_a_bad_file_among_good_ones_is_named_and_passed_over(study: Path, tmp_path: Path) -> None:
    for image in study.glob("*.dcm"):
        (tmp_path / image.name).write_bytes(image.read_bytes())
    whole = next(study.glob("*.dcm")).read_bytes()
    (tmp_path / "cut.dcm").write_bytes(whole[:300])
    (tmp_path / "notes.txt").write_text("hello")
    outcome = read_only(ReadJob((str(tmp_path),)), lambda _: None)
    skipped = [item.text for item in outcome.skipped]
    assert [name for name in ("cut.dcm", "notes.txt") if not any(name in t for t in skipped)] == []
    assert all("\n" not in text for text in skipped)


def test_nothing_to_read_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("hello")
    with pytest.raises(InputError):
        read_to_folder(ReadJob((str(tmp_path / "in"),)), tmp_path / "out")
    assert names(tmp_path) == ["in"]


def test_a_run_out_of_time_leaves_nothing(study: Path, tmp_path: Path) -> None:
    watch = Watch(Limits(wall_s=0.05))
    with pytest.raises(LimitError):
        read_to_folder(ReadJob((str(study),)), tmp_path / "out", watch=watch)
    assert names(tmp_path) == []


def test_a_run_out_of_memory_leaves_nothing(study: Path, tmp_path: Path) -> None:
    watch = Watch(Limits(memory_mib=64))
    with pytest.raises((LimitError, WorkerError)):
        read_to_folder(ReadJob((str(study),)), tmp_path / "out", watch=watch)
    assert names(tmp_path) == []


@pytest.mark.parametrize("where", [".", ".."])
def test_images_are_never_overwritten(study: Path, where: str) -> None:
    before = names(study)
    with pytest.raises(OutputError, match="elsewhere than the images"):
        read_to_folder(ReadJob((str(study),)), study / where, overwrite=True)
    assert names(study) == before


def test_a_folder_that_is_gone_is_an_output_error(study: Path, tmp_path: Path) -> None:
    job = ReadJob((str(study),), folder=str(tmp_path / "no" / "such"))
    with pytest.raises(OutputError, match="No such file"):
        write_json(job, lambda _: None)


def test_an_output_error_names_the_folder_that_was_asked_for(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: ReadJob, made: Path, __: Watch | None) -> Outcome:
        raise output_error(made, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    monkeypatch.setattr("myeloscope.pipeline.run.read_into", full)
    with pytest.raises(OutputError) as caught:
        read_to_folder(ReadJob((str(study),)), tmp_path / "out")
    assert str(caught.value).startswith(f"{tmp_path / 'out'}: the output can be written; found No")
    assert names(tmp_path) == []


def test_read_into_adds_to_a_folder_that_is_there(study: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    read_into(ReadJob((str(study),), only_json=True), tmp_path)
    assert names(tmp_path) == ["mine", "reading.json"]


def test_a_job_that_writes_needs_a_folder() -> None:
    with pytest.raises(ValueError, match="names its folder"):
        folder_of(ReadJob(("x",)), "1.2")


def test_a_problem_study_beside_a_good_one_is_told(study: Path, tmp_path: Path) -> None:
    for image in study.glob("*.dcm"):
        (tmp_path / image.name).write_bytes(image.read_bytes())
        foreign = pydicom.dcmread(image)
        foreign.StudyInstanceUID = "1.2.3"
        foreign.SOPInstanceUID = foreign.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.4")
        foreign.EchoTime = "12"
        foreign.save_as(tmp_path / "foreign.dcm")
    outcome = read_only(ReadJob((str(tmp_path),)), lambda _: None)
    assert len(outcome.studies) == 1
    assert any("foreign.dcm" in item.text or "1.2.3" in item.text for item in outcome.skipped)


def test_a_printer_that_died_is_told() -> None:
    with Printer() as printer:
        os.kill(printer._process.pid or 0, 9)
        printer._process.join()
        with pytest.raises(WorkerError, match="printing process"):
            printer.pdf()
        with pytest.raises(WorkerError, match="printing process"):
            printer.begin("x" * 10_000_000)
