"""The program around the commands: dispatch, exit codes, one-line errors, fast help."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Callable, Sequence

import pytest

from myeloscope import __version__, cli
from myeloscope.cli.parsing import command
from myeloscope.errors import (
    ExitCode,
    InputError,
    LimitError,
    MyeloscopeError,
    OutputError,
    UsageError,
)


def program(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "myeloscope", *argv], capture_output=True, text=True, check=False
    )


def with_command(monkeypatch: pytest.MonkeyPatch, main: Callable[[Sequence[str]], int]) -> None:
    module = types.ModuleType("myeloscope.cli.read")
    module.main = main  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "myeloscope.cli.read", module)


def test_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"myeloscope {__version__}\n"


def test_help_lists_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in cli.COMMANDS)
    assert all(f"  {code.value} " in out for code in ExitCode)


def test_no_command_prints_help_and_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == ExitCode.USAGE
    assert "commands:" in capsys.readouterr().out


def test_mistyped_command_is_one_line_with_a_suggestion(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["raed", "x"]) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "'raed'" in err
    assert "did you mean 'read'" in err


def test_unknown_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--nonsense"]) == ExitCode.USAGE
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("kind", [UsageError, InputError, OutputError, LimitError])
def test_errors_become_one_line_and_their_exit_code(
    kind: type[MyeloscopeError],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def main(_: Sequence[str]) -> int:
        raise kind("a thing\nholds", value=3, place="here", remedy="mend it")

    with_command(monkeypatch, main)
    assert cli.main(["read"]) == kind.exit_code
    assert capsys.readouterr().err == "myeloscope read: here: a thing holds; found 3; mend it\n"


def test_interrupt_is_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(_: Sequence[str]) -> int:
        raise KeyboardInterrupt

    with_command(monkeypatch, main)
    assert cli.main(["read"]) == 130
    assert capsys.readouterr().err == "myeloscope read: interrupted\n"


def test_a_fault_of_the_program_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def main(_: Sequence[str]) -> int:
        raise ZeroDivisionError

    with_command(monkeypatch, main)
    with pytest.raises(ZeroDivisionError):
        cli.main(["read"])


@pytest.mark.parametrize("verbose", [False, True])
def test_a_fault_is_one_line_unless_verbose(verbose: bool) -> None:
    script = (
        "import sys, types; from myeloscope import cli\n"
        "module = types.ModuleType('m'); module.main = lambda argv: 1 // 0\n"
        "sys.modules['myeloscope.cli.read'] = module\n"
        f"sys.argv = ['myeloscope', 'read'{', ' + repr('--verbose') if verbose else ''}]\n"
        "sys.exit(cli.run())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.INTERNAL
    assert ("Traceback" in done.stderr) is verbose
    assert (done.stderr.count("\n") == 1) is not verbose
    assert "ZeroDivisionError" in done.stderr


def test_help_of_the_whole_program_imports_no_numpy() -> None:
    script = (
        "import sys; from myeloscope import cli; cli.main(['--help']); "
        "print([m for m in ('numpy', 'pydicom', 'jinja2', 'multiprocessing') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_python_m_is_the_same_program() -> None:
    done = program("--version")
    assert (done.returncode, done.stdout) == (0, f"myeloscope {__version__}\n")


def test_command_parser_knows_verbose_examples_and_no_abbreviations(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = command("read", "Read.", examples=("myeloscope read STUDY",))
    assert made.parse_args(["--verbose"]).verbose
    assert "  myeloscope read STUDY\n" in made.format_help()
    with pytest.raises(SystemExit):
        made.parse_args(["--verb"])
    assert capsys.readouterr().err.startswith("myeloscope read: ")
