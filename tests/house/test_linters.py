"""The linters are set so that they refuse what the house refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
HEAD = '"""M."""\n\n'
MANY_BRANCHES = "def f(x: int) -> None:\n    " + '"""Do."""\n' + "    if x:\n        x += 1\n" * 11
TRESPASSES = [
    ("geometry/rogue.py", "import pydicom", "Only dicom"),
    ("myelography/rogue.py", "import matplotlib.figure", "Only report"),
    ("accuracy/rogue.py", "import polars", "Only exchange"),
    ("grading/rogue.py", "import argparse", "Only cli"),
    ("cli/rogue.py", "import sqlite3", "Only store knows SQL"),
    ("pipeline/rogue.py", "import fastapi", "Only server answers"),
    ("dicom/rogue.py", "import pynetdicom", "No room has DICOM sockets"),
    ("domain/rogue.py", "import scipy.ndimage", "domain knows numpy"),
    ("grading/rogue.py", "import myeloscope.geometry", "rooms of one layer"),
    ("geometry/rogue.py", "import myeloscope.cli", "Imports point one way"),
]


@pytest.mark.parametrize(
    ("code", "snippet"),
    [
        ("D103", HEAD + "def f() -> None: ...\n"),
        ("ANN201", HEAD + 'def f():\n    """Do."""\n'),
        ("BLE001", HEAD + "try:\n    x = 1\nexcept Exception:\n    x = 2\n"),
        ("T201", HEAD + "print(1)\n"),
        ("PLR0913", HEAD + "def f(a: int, b: int, c: int, d: int, e: int, g: int, h: int): ..."),
        ("PLR0912", HEAD + MANY_BRANCHES),
        ("S301", HEAD + "import pickle\n\npickle.loads(b'')\n"),
        ("E501", HEAD + "x = 1  # " + "x" * 100 + "\n"),
    ],
)
def test_ruff_refuses(code: str, snippet: str) -> None:
    command: list[str | Path] = [TOOLS / "ruff", "check", "--no-cache", "--output-format=concise"]
    command += ["--stdin-filename", ROOT / "src/myeloscope/geometry/rogue.py", "-"]
    done = subprocess.run(
        command, input=snippet, capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1
    assert code in done.stdout


def test_mypy_refuses_what_is_untyped(tmp_path: Path) -> None:
    module = tmp_path / "rogue.py"
    module.write_text("def f(x): ...\nx: int = None\ny: list = []\n")
    command: list[str | Path] = [TOOLS / "mypy", "--config-file", ROOT / "pyproject.toml", module]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    codes = [line.rpartition(" ")[2] for line in done.stdout.splitlines() if ": error:" in line]
    assert codes == ["[no-untyped-def]", "[assignment]", "[type-arg]"]


@pytest.mark.parametrize(
    ("line", "status"),
    [("warnings.warn('old', DeprecationWarning)", 1), ("pytest.mark.unknown(print)", 2), ("", 0)],
)
def test_pytest_refuses_warnings_and_unknown_marks(line: str, status: int, tmp_path: Path) -> None:
    test = tmp_path / "test_rogue.py"
    body = f"import warnings, pytest\n{line}\ndef test_it() -> None:\n    assert True\n"
    if status == 1:
        body = f"import warnings\ndef test_it() -> None:\n    {line}\n"
    test.write_text(body)
    command: list[str | Path] = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, test]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == status, done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkout's copy to trespass in."""
    folder = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [TOOLS / "lint-imports", "--no-cache", "--no-logo"]
    env = {**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_the_map_is_kept(copy: Path) -> None:
    done = _lint_imports(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("path", "line", "contract"), TRESPASSES)
def test_import_linter_refuses(copy: Path, path: str, line: str, contract: str) -> None:
    module = copy / "src/myeloscope" / path
    module.write_text(f"{HEAD}{line}\n")
    done = _lint_imports(copy)
    module.unlink()
    broken = [row for row in done.stdout.splitlines() if " BROKEN" in row]
    assert done.returncode == 1
    assert any(contract in row for row in broken), done.stdout


def test_import_linter_refuses_a_room_without_a_place(copy: Path) -> None:
    room = copy / "src/myeloscope/clinic"
    room.mkdir()
    (room / "__init__.py").write_text(HEAD)
    done = _lint_imports(copy)
    shutil.rmtree(room)
    assert done.returncode == 1
    assert "clinic" in done.stdout + done.stderr
