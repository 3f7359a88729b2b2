"""A wheel carries the built viewer: without it none is made, and the build says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INDEX = Path("src/myeloscope/server/static/index.html")
MISSING = "the viewer is not built, and a wheel carries it: run scripts/setup, then build again"


class ViewerHook(BuildHookInterface[Any]):
    """Looks for the viewer before a wheel is built; an editable install needs none yet."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuse a wheel without the viewer.

        Raises
        ------
        RuntimeError
            If it is not there.
        """
        if version != "editable" and not (Path(self.root) / INDEX).is_file():
            raise RuntimeError(MISSING)
