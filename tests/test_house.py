"""The rules of the house, held over the whole tree."""

from __future__ import annotations

import ast
import itertools
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.house import architecture, gates

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "myeloscope"
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
SHIPPED = sorted(SOURCE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
OTHERS = sorted([*(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "docs").glob("*.py")])


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _rules(path: Path) -> tuple[gates.Rule, ...]:
    if path in OTHERS:
        return gates.EVERYWHERE
    if path in TESTS:
        return gates.TESTS
    inside_cli = path.is_relative_to(SOURCE / "cli")
    return gates.PACKAGE if inside_cli else (*gates.PACKAGE, *gates.OUTSIDE_CLI)


@pytest.mark.parametrize("path", [*SHIPPED, *TESTS, *OTHERS], ids=_id)
def test_file_keeps_the_house_rules(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    complaints = [line for rule in _rules(path) for line in rule(source)]
    assert complaints + gates.banned_name(path.relative_to(ROOT)) == []


def test_rooms_of_the_map_are_the_folders() -> None:
    assert set(architecture.read_rooms(ARCHITECTURE)) == architecture.folders(SOURCE)


def test_imports_keep_to_the_map() -> None:
    rooms = architecture.read_rooms(ARCHITECTURE)
    assert architecture.trespasses(rooms, architecture.direct_imports()) == []


def test_the_map_allows_nothing_unused() -> None:
    imports = architecture.direct_imports()
    for name, room in architecture.read_rooms(ARCHITECTURE).items():
        granted = {f".{other}" for other in room.rooms} | room.packages
        assert granted - imports.get(name, set()) == set(), f"{name} may import what it does not"


def test_trespasses_are_seen() -> None:
    rooms = architecture.read_rooms("| `report` | pages | geometry | numpy, PIL |")
    found = {
        "report": {".geometry", ".domain", "numpy", ".dicom", "pydicom"},
        "domain": {".settings"},
    }
    assert architecture.trespasses(rooms, found) == [
        "domain imports settings",
        "report imports dicom",
        "report imports pydicom",
    ]


def test_tests_mirror_the_rooms() -> None:
    rooms = architecture.folders(SOURCE)
    mirrored = {
        folder.name for folder in (ROOT / "tests").iterdir() if any(folder.glob("test_*.py"))
    }
    assert rooms - mirrored == set()


def test_modules_named_in_the_docs_exist() -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in ROOT.glob("docs/**/*.md"))
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|md|json))`", pages))
    missing = {name for name in named if not any((base / name).exists() for base in (ROOT, SOURCE))}
    assert missing == set()


@pytest.mark.parametrize(("name", "least"), [("requirements.txt", 21), ("viewer/node.txt", 1)])
def test_lock_file_has_hashes_and_names_no_host(name: str, least: int) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|index-url|find-links|@ ", lock)
    pinned = re.findall(r"^\S+==\S+.*?(?=^\S|\Z)", lock, re.M | re.S)
    assert len(pinned) >= least
    assert [entry for entry in pinned if "--hash=sha256:" not in entry] == []


def test_lock_file_of_the_viewer_has_hashes_and_names_no_host() -> None:
    text = (ROOT / "viewer/package-lock.json").read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|ssh:|git[+:]", text)
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert len(packages) > 20
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_lock_file_holds_every_direct_dependency() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = set(re.findall(r'^  "([A-Za-z0-9-]+)[><=]', project, re.M))
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.M))
    assert len(wanted) > 20
    assert wanted - locked == set()


def test_changelog_has_its_sections() -> None:
    page = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.split(r"^## ", page, flags=re.M)[1:]
    assert releases
    for release in releases:
        assert "### Numbers that change" in release, release.splitlines()[0]


def test_readme_is_short_and_says_what_it_must() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert page.count("\n") <= 80
    for wanted in ("scripts/demo", "scripts/test", "docs/ARCHITECTURE.md", "not for clinical"):
        assert wanted in page, wanted


@pytest.mark.parametrize("script", sorted((ROOT / "scripts").iterdir()), ids=_id)
def test_scripts_stop_at_the_first_fault(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert "set -euo pipefail" in text or "lib.sh" in text
    subprocess.run(["bash", "-n", script], check=True)


def test_ci_calls_what_a_reader_would() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set "))]
    assert len(commands) == 1
    assert "scripts/test" in commands[0]


def test_every_warning_exception_has_a_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^filterwarnings = \[\n(.*?)^\]", project, re.M | re.S)
    assert block
    lines = [line.strip() for line in block[1].splitlines()]
    assert lines[0] == '"error",'
    for before, line in itertools.pairwise(lines):
        assert line.startswith("#") or before.startswith("#"), line


def test_typed_package_carries_its_marker() -> None:
    assert (SOURCE / "py.typed").exists()
    assert all(ast.parse(path.read_text(encoding="utf-8")) for path in SHIPPED)
