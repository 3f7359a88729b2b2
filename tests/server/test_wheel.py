"""A wheel carries the workstation as it was built, or is not made."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from hatchling.builders.wheel import WheelBuilder

from myeloscope.server.pages import STATIC

ROOT = Path(__file__).parents[2]
INSIDE = "myeloscope/server/static/"


def _built(root: Path, target: Path) -> Path:
    (made,) = WheelBuilder(str(root)).build(directory=str(target), versions=["standard"])
    return Path(made)


def test_the_wheel_carries_every_file_of_the_workstation(tmp_path: Path) -> None:
    wanted = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()}
    with zipfile.ZipFile(_built(ROOT, tmp_path)) as wheel:
        found = {name.removeprefix(INSIDE) for name in wheel.namelist() if INSIDE in name}
        page = wheel.read(f"{INSIDE}index.html").decode()
    assert found == wanted
    assert set(re.findall(r"/static/(assets/[^\"]+)", page)) <= wanted


def test_no_wheel_is_made_without_the_workstation(tmp_path: Path) -> None:
    left_out = ignore_patterns("static", "node_modules", "__pycache__", ".*")
    for name in ("src", "viewer"):
        copytree(ROOT / name, tmp_path / name, ignore=left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    with pytest.raises(RuntimeError, match="run scripts/setup"):
        _built(tmp_path, tmp_path / "out")
