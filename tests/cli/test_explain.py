"""``myeloscope explain`` on a phantom's reading, with its images and without."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from myeloscope.cli import main
from myeloscope.domain.codec import loads
from myeloscope.errors import ExitCode
from myeloscope.pipeline.explaining import SKETCHED


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the demonstration: reading, and its images in ``study``."""
    out = tmp_path_factory.mktemp("explain") / "demo"
    assert main(["demo", "--out", str(out)]) == ExitCode.OK
    return out


def run(demo: Path, out: Path, *options: str) -> int:
    return main(["explain", str(demo), *options, "--out", str(out)])


def test_it_lists_what_can_be_explained(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(demo)]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    reading = loads((demo / "reading.json").read_bytes())
    assert len(lines) == len(reading.findings) + 3
    assert reading.findings[0].id in lines[0]


def test_a_finding_is_explained_by_its_images(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "why.png"
    reading = loads((demo / "reading.json").read_bytes())
    finding = reading.findings[0]
    study = str(demo / "study")
    assert run(demo, out, "--finding", finding.id[-8:], "--study", study) == ExitCode.OK
    said = capsys.readouterr().out
    assert f"{finding.extent_mm:.1f} mm" in said
    assert said.splitlines()[-1] == str(out)
    with Image.open(out) as picture:
        assert picture.width > 1000
    assert run(demo, out, "--finding", finding.id, "--study", study) == ExitCode.OUTPUT
    assert "choose another --out or add --overwrite" in capsys.readouterr().err
    assert run(demo, out, "--finding", finding.id, "--overwrite") == ExitCode.OK
    assert SKETCHED.startswith("Drawn from the numbers")


def test_a_region_is_explained(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study = str(demo / "study")
    arguments = ["explain", str(demo / "reading.json"), "--region", "lumbar", "--study", study]
    assert main(arguments) == ExitCode.OK
    assert "The lumbar region is" in capsys.readouterr().out
    assert (tmp_path / "explain-lumbar.png").is_file()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--finding", "T5-left"], ExitCode.USAGE, "which fits 0; use one of: T2-left (..."),
        (["--finding", "T2-left", "--study", "gone"], ExitCode.INPUT, "found no such file"),
    ],
)
def test_what_does_not_fit_is_one_line(
    demo: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    code: ExitCode,
    said: str,
) -> None:
    assert run(demo, tmp_path / "x.png", *options) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_other_images_are_refused(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    assert main(["phantom", "--seed", "7", "--out", str(other)]) == ExitCode.OK
    options = ("--region", "thoracic", "--study", str(other))
    assert run(demo, tmp_path / "x.png", *options) == ExitCode.INPUT
    assert "holds the images that the reading was made from" in capsys.readouterr().err


def test_a_picture_that_cannot_be_written_is_one_line(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "no/folder/x.png"
    assert run(demo, out, "--region", "cervical") == ExitCode.OUTPUT
    assert "choose a folder that you may write" in capsys.readouterr().err
