"""Small cohorts as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cohort_data import copies, originals
from myeloscope.cohort.record import Form, Order, StudyRef
from myeloscope.pipeline.worker import Limits


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Return the folders of a patient and a control."""
    return originals(tmp_path_factory.mktemp("phantoms"), 2, 9100)


@pytest.fixture(scope="session")
def six(phantoms: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of six studies."""
    folder = tmp_path_factory.mktemp("six")
    assert len(list(copies(phantoms, 6, folder))) == 6
    return folder


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """Return an order whose studies do what their paths say, in two seconds at most."""
    out = tmp_path / "out"
    out.mkdir()
    return Order(str(out), only_json=True, limits=Limits(2.0), work="tests.cohort.poison:read")


def studies_that(*what: str) -> tuple[StudyRef, ...]:
    """Return studies that do what is said, numbered by UID."""
    return tuple(
        StudyRef(f"1.2.{number}", Form.DICOM, (each,), 1, "d")
        for number, each in enumerate(what, start=1)
    )
