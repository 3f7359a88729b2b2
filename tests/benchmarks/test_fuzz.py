"""The fuzzing makes the same damage again, judges what comes of it, and can fail."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from benchmarks import fuzz
from benchmarks.fuzzing import cases
from benchmarks.fuzzing.corpus import Files, corpus
from benchmarks.fuzzing.damage import DAMAGES
from benchmarks.fuzzing.elements import join, split
from myeloscope.errors import InputError


@pytest.fixture(scope="module")
def studies() -> dict[str, Files]:
    return corpus()


def one(files: Files) -> cases.Case:
    return cases.Case(0, 0, "s", ("d",), files)


def test_a_file_is_the_same_after_split_and_join(studies: dict[str, Files]) -> None:
    data = studies["explicit"]["a"]
    assert join(split(data)) == data


def test_every_sound_study_is_read(studies: dict[str, Files], tmp_path: Path) -> None:
    # mirrors, codecs and containers of one image: fewer studies than ways to write them
    known = cases.known_studies(studies, tmp_path)
    assert 5 < len(known) < len(studies)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_the_same_again_and_changes_something(
    studies: dict[str, Files], damage: str
) -> None:
    changed = 0
    for seed in range(6):
        made, again = (
            DAMAGES[damage](studies["explicit"], np.random.default_rng(seed)) for _ in range(2)
        )
        assert made == again
        changed += made != studies["explicit"]
    assert changed >= 4


def test_a_case_is_a_function_of_its_number(studies: dict[str, Files]) -> None:
    first, again = (cases.make_case(studies, 3, 14) for _ in range(2))
    assert first == again
    assert first != cases.make_case(studies, 4, 14)


@pytest.mark.parametrize(
    ("files", "kind"),
    [({"a": b""}, "InputError"), ({"a": b"GIF89a" * 50}, "InputError")],
)
def test_a_clean_line_is_no_fault(files: Files, kind: str, tmp_path: Path) -> None:
    result = cases.run_case(one(files), tmp_path / "c", frozenset(), whole=False)
    assert (result.kind, result.fault) == (kind, None)


def test_a_sound_study_is_read_and_known_again(studies: dict[str, Files], tmp_path: Path) -> None:
    case = one(studies["explicit"])
    read = cases.run_case(case, tmp_path / "c", frozenset(), whole=False)
    assert (read.kind, read.fault) == ("reading", None)
    known = cases.known_studies({"x": studies["RLE"]}, tmp_path / "k")
    assert cases.run_case(case, tmp_path / "c", known, whole=False).kind == "as before"


def broken(how: str) -> Any:  # noqa: ANN401
    def work(*_: object, **__: object) -> NoReturn:
        if how == "hang":
            time.sleep(60)
        if how == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "line":
            raise InputError("two\x1b[1m", value="Secret^Name", place="p", remedy="r")
        raise ZeroDivisionError("\n")

    return work


@pytest.mark.parametrize(
    ("how", "kind", "fault"),
    [
        ("hang", "hang", "hang"),
        ("crash", "crash", "crash"),
        ("line", "InputError", "the patient's name in a message"),
        ("traceback", "traceback", "ZeroDivisionError"),
    ],
)
def test_what_is_wrong_is_a_fault(
    how: str, kind: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "load_all", broken(how))
    monkeypatch.setattr(cases, "HANG_S", 0.5)
    result = cases.run_case(one({"a": b"x"}), tmp_path / "c", frozenset(), whole=False)
    assert result.kind == kind
    assert fault in str(result.fault)


def test_much_memory_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "MOST_MIB", 1)
    result = cases.run_case(one({"a": b"x"}), tmp_path / "c", frozenset(), whole=False)
    assert str(result.fault).endswith(" MiB")


@pytest.mark.parametrize("text", ["a\nb", "a\x1bb", "a\udcffb", "x" * 3000])
def test_lines_that_are_not_clean_are_told(text: str) -> None:
    assert cases.wrong_line(text) is not None
    assert cases.wrong_line("a file must be DICOM; found Größe") is None


def test_a_fault_is_shown_and_ends_the_benchmark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = cases.Result(7, "zip", ("truncated",), "traceback", "t", 0.1, 90.0, "ValueError: x")
    fine = cases.Result(8, "zip", ("truncated",), "InputError", "t", 0.1, 90.0)
    monkeypatch.setattr(fuzz, "corpus", dict)
    monkeypatch.setattr(fuzz, "run_all", lambda *_: iter([made, fine]))
    assert fuzz.main(["--short"]) == 1
    out = capsys.readouterr().out
    assert "| truncated | 2 | 0 | 1 | 1 |" in out
    assert "FAULT case 7 (zip; ('truncated',)): ValueError: x" in out
    monkeypatch.setattr(fuzz, "run_all", lambda *_: iter([fine]))
    assert fuzz.main(["--short"]) == 0


def test_a_case_can_be_run_again_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzz.main(["--case", "3", "--seed", "1", "--keep", str(tmp_path / "k")]) == 0
    assert list((tmp_path / "k").rglob("*"))
    assert "None" in capsys.readouterr().out
