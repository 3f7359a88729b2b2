"""The libraries that the built viewer holds, from its lock file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

LOCK = Path(__file__).parents[1] / "viewer" / "package-lock.json"
UNNAMED = {"rechoir": "MIT"}
"""Licences that a package names in its text alone."""


def libraries(lock: Path = LOCK) -> Iterator[tuple[str, str, str]]:
    """Yield name, version and licence of each package that is no mere tool of the build."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for path, package in packages.items():
        if path and not package.get("dev", False):
            name = path.rsplit("node_modules/", 1)[1]
            yield name, package["version"], package.get("license") or UNNAMED[name]


def page(head: str) -> str:
    """Return the page that lists them, below a head."""
    rows = "".join(f"| {' | '.join(row)} |\n" for row in sorted(set(libraries())))
    return (
        f"{head}\n# Licences of the viewer's libraries\n\nThe wheel carries the viewer as it was "
        "built from these packages and what they need; not all of them\nhave code in it. Packages "
        "of the build alone (compiler, linter, tests) are left out.\n\n"
        f"| package | version | licence |\n| --- | --- | --- |\n{rows}"
    )
