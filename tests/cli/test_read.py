"""``myeloscope read``, as it is typed: output, exit codes, one line for each mistake."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from myeloscope import cli, phantom
from myeloscope.cli import read
from myeloscope.cli.phantom import write_phantom
from myeloscope.cli.progress import Progress
from myeloscope.domain.anatomy import Segment, Side
from myeloscope.domain.codec import loads
from myeloscope.domain.reading import Reading
from myeloscope.errors import ExitCode
from myeloscope.pipeline.job import Outcome, Skipped, StudyRead
from myeloscope.pipeline.worker import Step

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study") / "one"
    write_phantom(phantom.make(phantom.demo_spec()), "one", folder)
    (folder / "truth.json").unlink()
    return folder


def test_json_goes_to_stdout_alone(study: Path, capsys: Capture) -> None:
    assert cli.main(["read", str(study), "--json", "-"]) == 0
    out, err = capsys.readouterr()
    assert loads(out).positive is not None
    assert err == ""


def test_the_json_path_imports_nothing_of_reports(study: Path) -> None:
    heavy = ("highdicom", "weasyprint", "matplotlib", "jinja2", "rich")
    script = (
        "import sys; from myeloscope.pipeline.job import ReadJob\n"
        "from myeloscope.pipeline.reading import read_only\n"
        f"read_only(ReadJob(({str(study)!r},)), lambda step: None)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_only_json_writes_one_file(study: Path, tmp_path: Path, capsys: Capture) -> None:
    argv = ["read", str(study), "--out", str(tmp_path / "out"), "--only", "json"]
    assert cli.main(argv) == 0
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["reading.json"]
    assert capsys.readouterr().out == f"{tmp_path / 'out' / 'reading.json'}\n"


def test_overwrite_is_asked_for(study: Path, tmp_path: Path, capsys: Capture) -> None:
    argv = ["read", str(study), "--out", str(tmp_path / "out"), "--only", "json"]
    assert [cli.main(argv), cli.main(argv)] == [ExitCode.OK, ExitCode.OUTPUT]
    assert "--overwrite" in capsys.readouterr().err
    assert cli.main([*argv, "--overwrite"]) == ExitCode.OK


def test_settings_reach_the_reading(study: Path, capsys: Capture) -> None:
    first = _reading(study, capsys)
    t4 = next(r for r in first.roots if (r.segment, r.side) == (Segment.T4, Side.LEFT))
    height = t4.position_mm[2]
    anchored = _reading(study, capsys, "--anchor", f"t5={height}")
    assert anchored.numbering.kind == "anchored"
    assert anchored.settings["anchors"] == f"T5={height:.2f}"


def test_a_series_can_be_named(study: Path, capsys: Capture) -> None:
    uid = _reading(study, capsys).sources[0].series_uid
    sources = _reading(study, capsys, "--series", uid).sources
    assert [source.series_uid for source in sources] == [uid]


def _reading(study: Path, capsys: Capture, *options: str) -> Reading:
    capsys.readouterr()
    assert cli.main(["read", str(study), "--json", "-", *options]) == 0
    return loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "add --out DIR or --json -"),
        (("--json", "-", "--out", "x"), "leave one out"),
        (("--json", "-", "--only", "json"), "leave one out"),
        (("--json", "file.json"), "invalid choice"),
        (("--out", "x", "--anchor", "T1"), "'T1' is not ROOT=Z"),
        (("--out", "x", "--anchor", "X1=3"), "'X1=3' is not ROOT=Z"),
        (("--json", "-", "--anchor", "T1=3", "--anchor", "T1=4"), "T1 twice"),
        (("--out", "x", "--timeout", "soon"), "'soon' is not a number"),
        (("--out", "x", "--memory", "-1"), "'-1' is not above 0"),
        (("--out", "x", "--technique", "ct"), "invalid choice"),
    ],
)
def test_mistakes_are_one_line(
    options: tuple[str, ...], said: str, study: Path, capsys: Capture
) -> None:
    assert cli.main(["read", str(study), *options]) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def _bad(folder: Path, kind: str) -> Path:
    if kind == "empty":
        folder.mkdir()
    elif kind == "foreign":
        folder.mkdir()
        (folder / "notes.txt").write_text("hello")
    elif kind == "truncated":
        folder.mkdir()
        (folder / "cut.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\x02\0")
    return folder


@pytest.mark.parametrize("kind", ["missing", "empty", "foreign", "truncated"])
def test_what_cannot_be_read_is_one_line(kind: str, tmp_path: Path, capsys: Capture) -> None:
    given = _bad(tmp_path / "in", kind)
    assert cli.main(["read", str(given), "--json", "-"]) == ExitCode.INPUT
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("myeloscope read: ")


def test_unwritable_output_is_one_line(study: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_text("x")
    argv = ["read", str(study), "--out", str(tmp_path / "file" / "out")]
    assert cli.main(argv) == ExitCode.OUTPUT
    assert capsys.readouterr().err.count("\n") == 1


def test_limits_have_their_exit_code(study: Path, capsys: Capture) -> None:
    argv = ["read", str(study), "--json", "-", "--timeout", "0.01"]
    assert cli.main(argv) == ExitCode.LIMIT
    assert "--timeout" in capsys.readouterr().err


def test_verbose_tells_the_steps(study: Path, capsys: Capture) -> None:
    assert cli.main(["read", str(study), "--json", "-", "--verbose"]) == 0
    err = capsys.readouterr().err
    assert " s  looking for MR myelograms and cisternograms\n" in err


def test_several_studies_do_not_fit_into_one_json(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    studies = (StudyRead("1.2", "{}", "x"), StudyRead("1.3", "{}", "x"))
    outcome = Outcome(studies, (Skipped("a.txt: not DICOM"),))
    monkeypatch.setattr(read, "read_to_json", lambda *_: outcome)
    assert cli.main(["read", "x", "--json", "-"]) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert "passed over: a.txt: not DICOM\n" in err
    assert "found 2 studies" in err


def test_every_study_s_files_are_told(capsys: Capture) -> None:
    one = StudyRead("1.2", "{}", "x", ("No sign.", "cervical 0 none"))
    read.print_outcome(Outcome((one,), ()), Path("out"))
    assert capsys.readouterr().out == "No sign.\ncervical 0 none\nout/report.html\n"
    first = StudyRead("1.2", "{}", "x", ("No sign.", "cervical 0 none"), "mrm")
    second = StudyRead("1.3", "{}", "x", folder="ric")
    read.print_outcome(Outcome((first, second), ()), Path("out"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "study 1.2"
    assert lines[3:] == ["out/mrm/report.html", "study 1.3", "out/ric/reading.json"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_line_that_changes_and_goes() -> None:
    stream = Terminal()
    with Progress(verbose=False, stream=stream) as progress:
        progress(Step("reading"))
        progress(Step("writing"))
    assert stream.getvalue() == "\r\x1b[Kreading ...\r\x1b[Kwriting ...\r\x1b[K"


def test_a_file_sees_no_progress() -> None:
    stream = io.StringIO()
    with Progress(verbose=False, stream=stream) as progress:
        progress(Step("reading"))
    assert stream.getvalue() == ""


def test_help_names_every_option_and_exit_code(capsys: Capture) -> None:
    assert cli.main(["read", "--help"]) == 0
    out = capsys.readouterr().out
    for option in ("--out", "--json", "--only", "--series", "--anchor", "--timeout", "--memory"):
        assert option in out
    assert all(f"  {code.value} " in out for code in ExitCode)
