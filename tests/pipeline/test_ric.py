"""Cisternograms through the whole pipeline, alone, beside an MR myelogram, and with its levels."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from myeloscope import cli
from myeloscope.cli.phantom import write_phantom, write_ric
from myeloscope.domain.anatomy import Region
from myeloscope.domain.codec import loads
from myeloscope.domain.grade import Technique
from myeloscope.errors import ExitCode, InputError
from myeloscope.phantom import PhantomSpec, demo_spec, make
from myeloscope.phantom.ric_making import make_ric
from myeloscope.phantom.ric_spec import Packing, RicRuin, RicSpec
from myeloscope.pipeline.job import Outcome, ReadJob, StudyRead
from myeloscope.pipeline.outputs import read_and_write
from myeloscope.pipeline.reading import levels_reading, named, read_only
from tests.dicom.validators import iod_errors

SICK = PhantomSpec(seed=7331, signs_ric=frozenset({Region.THORACIC}))
FILES = [
    *("capture-1.dcm", "capture-2.dcm", "overlay-1.png", "overlay-2.png", "reading.json"),
    *("report.dcm", "report.html", "report.pdf", "sr.dcm"),
]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an MR myelogram and a cisternogram."""
    folder = tmp_path_factory.mktemp("mixed")
    write_phantom(make(demo_spec()), "one", folder / "mrm")
    spec = RicSpec(SICK, Packing.TWO_FRAMES, RicRuin.NONE)
    write_ric(make_ric(spec), "one", folder / "ric")
    return folder


@pytest.fixture(scope="module")
def out(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what reading that folder wrote."""
    folder = tmp_path_factory.mktemp("read")
    read_and_write(ReadJob((str(mixed),), folder=str(folder)), lambda _: None)
    return folder


def test_a_mixed_folder_gives_both_readings(out: Path) -> None:
    assert sorted(path.name for path in out.iterdir()) == ["mrm", "ric"]
    techniques = [loads((out / n / "reading.json").read_bytes()).technique for n in ("mrm", "ric")]
    assert techniques == [Technique.MRM, Technique.RIC]
    assert sorted(path.name for path in (out / "ric").iterdir()) == FILES


def test_every_object_made_from_a_cisternogram_is_valid(out: Path) -> None:
    assert [e for file in (out / "ric").glob("*.dcm") for e in iod_errors(file)] == []


def test_the_report_holds_grades_times_signs_and_limits(out: Path) -> None:
    page = (out / "ric" / "report.html").read_text()
    for text in ("Radioisotope cisternography", "Grade at each time", "Early bladder activity",
                 "Research use", "Length", "not proof of the level"):  # fmt: skip
        assert text in page
    assert (out / "ric" / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_the_structured_report_says_what_the_reading_says(out: Path) -> None:
    reading = loads((out / "ric" / "reading.json").read_bytes())
    text = str(pydicom.dcmread(out / "ric" / "sr.dcm"))
    assert "Apparent length (FWHM) of paraspinal activity" in text
    assert "Indirect sign of a leak" in text
    assert text.count("Grade at each time after the injection") == 3
    assert all(finding.id in text for finding in reading.findings)


def test_one_technique_can_be_asked_for(mixed: Path) -> None:
    job = ReadJob((str(mixed),), technique=Technique.RIC)
    (study,) = read_only(job, lambda _: None).studies
    assert loads(study.json).technique is Technique.RIC
    assert study.folder == ""


def test_levels_of_an_mrm_reading_are_taken_over(mixed: Path, out: Path) -> None:
    levels = str(out / "mrm" / "reading.json")
    job = ReadJob((str(mixed),), technique=Technique.RIC, levels=levels)
    reading = loads(read_only(job, lambda _: None).studies[0].json)
    assert "MR myelography reading given" in (reading.numbering.note or "")
    assert len(str(reading.settings["levels"])) == 64


def test_levels_must_be_an_mrm_reading(out: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check the path"):
        levels_reading(tmp_path / "none.json")
    with pytest.raises(InputError, match="MR myelogram"):
        levels_reading(out / "ric" / "reading.json")


def test_folders_are_named_by_technique_or_study() -> None:
    mrm = StudyRead("1.2", "{}", "x", technique=Technique.MRM)
    ric = StudyRead("1.2", "{}", "x", technique=Technique.RIC)
    other = StudyRead("1.3", "{}", "x", technique=Technique.RIC)

    def folders(*studies: StudyRead) -> list[str]:
        return [study.folder for study in named(Outcome(studies, ())).studies]

    assert folders(mrm) == [""]
    assert folders(mrm, ric) == folders(mrm, other) == ["mrm", "ric"]
    assert folders(mrm, ric, other) == ["1.2-mrm", "1.2-ric", "1.3"]


def test_the_command_reads_a_mixed_folder(
    mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["read", str(mixed), "--out", str(tmp_path / "o"), "--only", "json"]
    assert cli.main(argv) == ExitCode.OK
    assert capsys.readouterr().out.count("reading.json") == 2
    assert cli.main(["read", str(mixed / "mrm"), "--json", "-", "--technique", "ric"]) == 3
