"""The map of ARCHITECTURE.md as data, and what the code really imports."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import grimp

PACKAGE = "myeloscope"
OPEN = {
    "domain": {"errors"},
    "settings": {"domain"},
    "errors": set[str](),
    "__main__": {"cli"},
}
"""What single modules and ``domain`` may import; every other room may import the first three."""

ROW = re.compile(r"^\| `(?P<name>\w+)` \|[^|]+\| (?P<rooms>[^|]+) \| (?P<packages>[^|]+) \|$", re.M)


@dataclass(frozen=True, slots=True)
class Room:
    """A row of the table of rooms."""

    name: str
    rooms: frozenset[str]
    packages: frozenset[str]


def read_rooms(page: str) -> dict[str, Room]:
    """Return the rooms of the table, by name."""
    rooms = {}
    for row in ROW.finditer(page):
        listed = [
            frozenset(item.strip() for item in row[column].split(",") if item.strip() != "-")
            for column in ("rooms", "packages")
        ]
        rooms[row["name"]] = Room(row["name"], *listed)
    return rooms


def folders(source: Path) -> set[str]:
    """Return the rooms of the tree: packages that hold a module."""
    return {
        folder.name for folder in source.iterdir() if folder.is_dir() and any(folder.glob("*.py"))
    }


def direct_imports() -> dict[str, set[str]]:
    """Return what each room imports: names of rooms, and of outside packages but Python's own.

    Rooms are marked with a leading dot, so that a package of the same name is not mistaken.
    """
    graph = grimp.build_graph(PACKAGE, include_external_packages=True, cache_dir=None)
    found: dict[str, set[str]] = {}
    for module in graph.modules:
        parts = module.split(".")
        if parts[0] != PACKAGE or len(parts) < 2:
            continue
        targets = found.setdefault(parts[1], set())
        for imported in graph.find_modules_directly_imported_by(module):
            inner = imported.split(".")
            if inner[0] == PACKAGE:
                targets.add(f".{inner[1]}" if len(inner) > 1 else ".")
            elif inner[0] not in sys.stdlib_module_names:
                targets.add(inner[0])
        targets.discard(f".{parts[1]}")
    return found


def trespasses(rooms: Mapping[str, Room], imports: Mapping[str, set[str]]) -> list[str]:
    """Return one line per import that the map does not allow."""
    complaints = []
    for name, targets in sorted(imports.items()):
        room = rooms.get(name, Room(name, frozenset(), frozenset()))
        everybody = OPEN.get(name, {"domain", "settings", "errors", ""})
        allowed = {f".{other}" for other in room.rooms | everybody} | room.packages
        complaints += [
            f"{name} imports {target.lstrip('.')}" for target in sorted(targets - allowed)
        ]
    return complaints
