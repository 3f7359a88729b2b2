from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from pydicom import dcmread

from myeloscope import phantom
from myeloscope.cli import main as program
from myeloscope.cli.phantom import main
from myeloscope.errors import ExitCode, UsageError


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_two_runs_give_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        assert main(["--out", str(tmp_path / name), "--seed", "4", "--nifti"]) == 0
    first, second = files(tmp_path / "a"), files(tmp_path / "b")
    assert first == second
    assert sorted(first) == [
        "phantom-000004/1-cervicothoracic.dcm",
        "phantom-000004/1-cervicothoracic.nii.gz",
        "phantom-000004/2-thoracolumbar.dcm",
        "phantom-000004/2-thoracolumbar.nii.gz",
        "phantom-000004/truth.json",
    ]
    assert "1 study in" in capsys.readouterr().out


def test_images_are_valid_and_truth_points_into_them(tmp_path: Path) -> None:
    out = tmp_path / "p"
    arguments = ["--seed", "6", "--count", "3", "--difficulty", "mixed", "--arm", "mixed"]
    assert main(["--out", str(out), *arguments, "--variety", "wide"]) == 0
    studies = sorted(out.iterdir())
    truths = [json.loads((study / "truth.json").read_text()) for study in studies]
    assert {truth["difficulty"]["level"] for truth in truths} == {"easy", "medium", "hard"}
    for study, truth in zip(studies, truths, strict=True):
        images = [dcmread(path) for path in sorted(study.glob("*.dcm"))]
        uids = {image.SOPInstanceUID: image for image in images}
        present = [s["sop_uid"] for s in truth["stations"] if s["present"]]
        assert sorted(uids) == sorted(present)
        assert {image.StudyInstanceUID for image in images} == {truth["study_uid"]}
        for finding in truth["findings"]:
            if finding["source"]:
                image = uids[finding["source"]["sop_uid"]]
                assert 0 <= finding["source"]["row"] < image.Rows
        for path in study.glob("*.dcm"):
            done = subprocess.run(
                ["dciodvfy", str(path)], capture_output=True, text=True, check=False
            )
            assert not [line for line in done.stderr.splitlines() if line.startswith("Error")]
            assert done.returncode == 0


def test_a_real_volume_becomes_a_study(tmp_path: Path) -> None:
    x, y, _ = np.indices((40, 60, 50))
    data = np.where(np.hypot(x - 20, y - 30) < 8, 200, 20).astype(np.float32)
    path = tmp_path / "t2.nii.gz"
    image = nib.Nifti1Image(data, np.eye(4))  # type: ignore[no-untyped-call]
    nib.save(image, path)
    assert main(["--out", str(tmp_path / "o"), "--from-t2", str(path)]) == 0
    truth = json.loads((tmp_path / "o" / "volume-000001" / "truth.json").read_text())
    assert (truth["arm"], truth["findings"], truth["signs_mrm"]) == ("control", [], False)
    made = dcmread(tmp_path / "o" / "volume-000001" / "1-volume.dcm")
    assert (made.Rows, made.Columns) == (512, 512)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--count", "0"], "--count: a number from 1"),
        (["--seed", "-1"], "--seed: a number from 0"),
        (["--cohort", "paper", "--count", "2"], "a cohort is made alone"),
    ],
)
def test_options_that_do_not_fit(tmp_path: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        main(["--out", str(tmp_path / "o"), *arguments])
    assert not (tmp_path / "o").exists()


def test_a_file_that_is_no_volume_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.nii"
    bad.write_bytes(b"nothing")
    code = program(["phantom", "--out", str(tmp_path / "o"), "--from-t2", str(bad)])
    assert code == 3
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_the_cohort_has_thirty_orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = phantom.make(phantom.PhantomSpec(seed=1, other_fluid=False))
    monkeypatch.setattr(phantom, "make", lambda spec: one)
    assert main(["--out", str(tmp_path / "c"), "--cohort", "paper", "--difficulty", "mixed"]) == 0
    names = sorted(path.name for path in (tmp_path / "c").iterdir())
    assert len(names) == 30
    assert (names[0], names[-1]) == ("control-01", "patient-15")


def test_both_techniques_of_one_person(tmp_path: Path) -> None:
    out = tmp_path / "out"
    argv = ["phantom", "--out", str(out), "--technique", "both", "--seed", "5"]
    assert program(argv) == ExitCode.OK
    person = out / "phantom-000005"
    assert (person / "truth.json").is_file()
    truth = json.loads((person / "ric" / "truth.json").read_text())
    assert truth["seed"] == 5
    assert len(truth["by_time"]) == 3
    assert list((person / "ric").glob("*.dcm"))


def test_the_paper_s_patients_have_a_cisternogram_and_its_controls_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, bool]] = []
    monkeypatch.setattr("myeloscope.cli.phantom.write_phantom", lambda *_, **__: None)
    monkeypatch.setattr("myeloscope.phantom.make", lambda _: None)
    monkeypatch.setattr("myeloscope.cli.phantom.make_ric", lambda spec: spec)
    monkeypatch.setattr(
        "myeloscope.cli.phantom.write_ric", lambda spec, name, _: made.append((name, True))
    )
    assert program(["phantom", "--out", str(tmp_path / "a"), "--cohort", "paper"]) == ExitCode.OK
    assert len(made) == 15
    assert all(name.startswith("patient") for name, _ in made)
    argv = ["phantom", "--out", str(tmp_path / "b"), "--cohort", "paper-ric"]
    assert program(argv) == ExitCode.OK
    assert len(made) == 15 + 30


@pytest.mark.parametrize(
    "options",
    [("--technique", "ric", "--cohort", "paper"), ("--technique", "both", "--from-t2", "x.nii")],
)
def test_techniques_that_do_not_fit_are_refused(options: tuple[str, ...], tmp_path: Path) -> None:
    argv = ["phantom", "--out", str(tmp_path / "o"), *options]
    assert program(argv) == ExitCode.USAGE
