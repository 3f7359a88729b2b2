"""A reader study at the console: set up, audit, backup, restore, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from myeloscope import cli, phantom
from myeloscope.cli.phantom import write_phantom
from myeloscope.errors import ExitCode


def _run(data: Path, *words: str) -> int:
    return cli.main([*words, "--data", str(data)])


def test_a_study_is_set_up_locked_checked_and_backed_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, study = tmp_path / "data", tmp_path / "study"
    made = phantom.make(phantom.demo_spec())
    write_phantom(made, "one", study)
    listed = tmp_path / "cases.csv"
    listed.write_text(f"study_uid,case,truth\n{made.study.uid},one,1\n")
    steps = (
        ("account", "liz"),
        ("account", "ann"),
        ("create", "mrm", "--title", "A study", "--lead", "liz"),
        ("reader", "mrm", "--id", "reader-1", "--user", "ann"),
        ("reader", "mrm", "--id", "myeloscope", "--kind", "algorithm"),
        ("import", "mrm", str(study), "--cases", str(listed)),
        ("assign", "mrm", "--seed", "7"),
        ("open", "mrm"),
        ("read", "mrm"),
        ("status", "mrm"),
    )
    for words in steps:
        assert _run(data, "trial", *words) == ExitCode.OK, words
    told = capsys.readouterr().out
    assert "1 of 1 waiting reads done" in told
    assert "reader-1: 0 of 1 reads locked" in told
    out = str(tmp_path / "export")
    assert _run(data, "trial", "export", "mrm", "--out", out) == ExitCode.INPUT
    assert _run(data, "trial", "lock", "mrm") == ExitCode.INPUT
    assert "1 of 2 reads not locked" in capsys.readouterr().err
    assert _run(data, "trial", "lock", "mrm", "--reason", "enough") == ExitCode.OK
    head = capsys.readouterr().out.split()[-1]
    assert _run(data, "trial", "unblind", "mrm") == ExitCode.OK
    assert _run(data, "trial", "export", "mrm", "--out", out) == ExitCode.OK
    assert (tmp_path / "export" / "readings.csv").exists()
    assert _run(data, "audit", "verify", "--head", head) == ExitCode.OK
    assert _run(data, "audit", "list") == ExitCode.OK
    archive, keys = str(tmp_path / "b.tar"), str(tmp_path / "k.tar")
    assert _run(data, "backup", "--out", archive, "--keys", keys) == ExitCode.OK
    copy = tmp_path / "copy"
    assert _run(copy, "restore", archive, "--keys", keys) == ExitCode.OK
    assert _run(copy, "audit", "verify", "--head", head) == ExitCode.OK


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("create", "mrm"), ExitCode.USAGE, "trial create needs --title"),
        (("create", "mrm", "--title", "x", "--lead", "no"), ExitCode.INPUT, "have accounts"),
        (("open", "mrm"), ExitCode.INPUT, "a log begins with the trial's creation"),
        (("reader", "mrm", "--id", "x"), ExitCode.INPUT, "a person has 1 to 1 users"),
    ],
)
def test_what_does_not_fit_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: ExitCode,
    said: str,
) -> None:
    assert _run(tmp_path / "data", "trial", *words) == code
    assert said in capsys.readouterr().err


def test_the_demonstration_and_bare_networks_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert _run(tmp_path, "serve", "--demo", "--host", "0.0.0.0") == ExitCode.USAGE
    assert "for this machine only" in capsys.readouterr().err
    assert _run(tmp_path, "serve", "--host", "0.0.0.0") == ExitCode.USAGE
    assert "over TLS only" in capsys.readouterr().err
