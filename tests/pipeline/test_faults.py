"""Whatever goes wrong on the way to the result, there is one line and no half result."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread

from myeloscope.errors import ExitCode, InputError, LimitError, OutputError
from myeloscope.pipeline import worker
from myeloscope.pipeline.folder import check_target
from myeloscope.pipeline.job import Outcome, ReadJob, StudyRead
from myeloscope.pipeline.reading import move, read_only
from myeloscope.pipeline.run import Watch, read_to_folder, read_to_json
from myeloscope.pipeline.worker import Limits
from tests.dicom.foreign import mr, save

PROGRAM = (sys.executable, "-m", "myeloscope")


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def run(*arguments: str | Path, file_bytes: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program, with a bound on the size of every file that it writes, if asked for."""

    def bound() -> None:
        if file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        preexec_fn=bound,
    )


@pytest.mark.parametrize("kilobytes", [1, 100])
def test_a_disk_that_takes_no_more_leaves_nothing(
    study: Path, tmp_path: Path, kilobytes: int
) -> None:
    done = run("read", study, "--out", tmp_path / "out", file_bytes=kilobytes << 10)
    assert done.returncode == ExitCode.OUTPUT
    assert done.stderr == (
        f"myeloscope read: {tmp_path / 'out'}: the output can be written; "
        "found File too large; make room on the disk\n"
    )
    assert names(tmp_path) == []


def test_a_full_standard_output_is_one_line(study: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "read", study, "--json", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == ExitCode.OUTPUT
    last = done.stderr.splitlines()[-1]
    assert last.startswith("myeloscope read: standard output: the output can be written; found No")


@pytest.mark.parametrize("memory", ["16", "250", "511"])
def test_too_little_memory_is_one_line(study: Path, tmp_path: Path, memory: str) -> None:
    done = run("read", study, "--out", tmp_path / "out", "--memory", memory)
    assert done.returncode == ExitCode.LIMIT
    assert "allow more with --memory" in done.stderr
    assert done.stderr.count("\n") == 1
    assert names(tmp_path) == []


def test_limits_beyond_all_bounds_are_no_limits(study: Path) -> None:
    done = run("read", study, "--json", "-", "--memory", "1e300", "--timeout", "1e300")
    assert done.returncode == ExitCode.OK


def test_a_links_loop_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    done = run("read", tmp_path / "loop", "--out", tmp_path / "out")
    assert (done.returncode, done.stderr.count("\n")) == (ExitCode.INPUT, 1)
    assert "found no such file" in done.stderr


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_never_read(device: str) -> None:
    done = run("read", device, "--json", "-")
    assert (done.returncode, done.stderr.count("\n")) == (ExitCode.INPUT, 1)
    assert "found something else" in done.stderr


def test_a_decoder_that_hangs_is_ended(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object, **__: object) -> None:
        while True:
            pass

    monkeypatch.setattr("myeloscope.dicom.decode.pixel_array", hang)
    monkeypatch.setattr(worker, "process_context", _fork)
    with pytest.raises(LimitError, match=r"within 0.5 s; found work that went on"):
        read_to_folder(ReadJob((str(study),)), tmp_path / "out", watch=Watch(Limits(0.5)))
    assert names(tmp_path) == []


def test_a_decoder_that_eats_memory_is_ended(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def eat(*_: object, **__: object) -> None:
        np.ones(8 << 30, np.uint8)

    monkeypatch.setattr("myeloscope.myelography.read.stitch", eat)
    monkeypatch.setattr(worker, "process_context", _fork)
    with pytest.raises(LimitError, match="within 4096 MiB of address space"):
        read_to_folder(ReadJob((str(study),)), tmp_path / "out")
    assert names(tmp_path) == []


def _fork() -> Any:  # noqa: ANN401
    """Return the context whose workers have what a test has replaced."""
    return multiprocessing.get_context("fork")


def test_a_study_that_cannot_be_read_does_not_cost_the_others(study: Path, tmp_path: Path) -> None:
    for image in study.glob("*.dcm"):
        (tmp_path / image.name).write_bytes(image.read_bytes())
    other: dict[str, Any] = {"StudyInstanceUID": "1.2.9", "SeriesInstanceUID": "1.2.9.1"}
    for number, height in enumerate((0, 90_000)):
        place = [-77.5, 10, height]
        save(mr(f"9{number}", ImagePositionPatient=place, **other), tmp_path / f"far-{number}")
    outcome = read_only(ReadJob((str(tmp_path),)), lambda _: None)
    assert len(outcome.studies) == 1
    told = [item.text for item in outcome.skipped if "study 1.2.9" in item.text]
    assert len(told) == 1
    assert "stations of one spine must fit in 2500 mm" in told[0]
    out = tmp_path.with_name(f"{tmp_path.name}-out")
    read_to_folder(ReadJob((str(tmp_path),)), out)
    assert "reading.json" in names(out)


def test_far_stations_alone_are_one_line(tmp_path: Path) -> None:
    for number, height in enumerate((0, 90_000)):
        save(mr(str(number), ImagePositionPatient=[-77.5, 10, height]), tmp_path / str(number))
    with pytest.raises(InputError, match=r"study 1.2.826.0.1, Image Position .* must fit in 2500"):
        read_to_json(ReadJob((str(tmp_path),)))


def test_hostile_text_of_a_header_reaches_no_terminal(tmp_path: Path) -> None:
    save(mr(Modality="\x1b[2J\x07CT"), tmp_path / "a\n\x1b[1m")
    done = run("read", tmp_path, "--json", "-")
    assert done.returncode == ExitCode.INPUT
    assert done.stderr.count("\n") == 1
    assert done.stderr.rstrip("\n").isprintable()
    assert "Secret" not in done.stderr


def test_a_header_full_of_rubbish_still_makes_every_object(study: Path, tmp_path: Path) -> None:
    for image in study.glob("*.dcm"):
        ds = dcmread(image)
        ds.PatientName, ds.PatientBirthDate, ds.StudyDate = "=<b>&^\\", "19990230", "soon"
        ds.StudyTime, ds.AccessionNumber, ds.PatientSex = "99", "A" * 200, "?"
        ds.StudyDescription, ds.ReferringPhysicianName = "\x07" * 3, "x" * 300
        (tmp_path / "in").mkdir(exist_ok=True)
        ds.save_as(tmp_path / "in" / image.name)
    outcome = read_to_folder(ReadJob((str(tmp_path / "in"),)), tmp_path / "out")
    assert len(outcome.studies) == 1
    assert len(list((tmp_path / "out").glob("*.dcm"))) == 7


def test_a_folder_that_cannot_be_listed_is_an_output_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out/1.2").mkdir(parents=True)
    (tmp_path / "out/1.2/reading.json").write_text("{}")
    listed = Path.iterdir

    def refuse(self: Path) -> Any:  # noqa: ANN401
        if self.name == "1.2":
            raise PermissionError(13, os.strerror(13))
        return listed(self)

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        check_target(tmp_path / "out", overwrite=True)


def test_files_that_cannot_be_moved_up_are_an_output_error(tmp_path: Path) -> None:
    job = ReadJob((), folder=str(tmp_path))
    with pytest.raises(OutputError, match="No such file"):
        move(Outcome((StudyRead("1.2", "{}", "x", folder="gone"),), ()), job)
