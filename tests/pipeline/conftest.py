"""A simulated study as files, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from myeloscope import phantom
from myeloscope.cli.phantom import write_phantom


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a simulated study: two images and truth.json."""
    folder = tmp_path_factory.mktemp("study") / "one"
    write_phantom(phantom.make(phantom.demo_spec()), "one", folder)
    return folder


@pytest.fixture(scope="session")
def two_studies(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with that study and another one."""
    folder = tmp_path_factory.mktemp("two")
    write_phantom(phantom.make(phantom.demo_spec(2)), "two", folder / "b")
    for image in sorted(study.glob("*.dcm")):
        (folder / image.name).write_bytes(image.read_bytes())
    return folder
