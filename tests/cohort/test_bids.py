"""BIDS data sets: subjects and sessions, metadata, and the same reading as from DICOM."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from myeloscope import phantom
from myeloscope.cli.phantom import write_phantom
from myeloscope.cohort.bids import Bids
from myeloscope.cohort.reading import read_to_json
from myeloscope.cohort.record import Entry, Form, Listing, Order, StudyRef
from myeloscope.cohort.sources import open_source
from myeloscope.dicom.load import load
from myeloscope.errors import InputError
from myeloscope.exchange.nifti import StationUids, read_station, station_nifti
from myeloscope.pipeline.each import limited_run
from myeloscope.pipeline.worker import Limits, run_limited

RUN = limited_run(run_limited, Limits(30.0))
UIDS = StationUids("1.1", "1.2", "1.3")


@pytest.fixture(scope="module")
def dicom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dicom") / "one"
    write_phantom(phantom.make(phantom.demo_spec()), "one", folder)
    return folder


@pytest.fixture
def bids(dicom: Path, tmp_path: Path) -> Path:
    """Return a data set with that study as one subject's session."""
    root = tmp_path / "bids"
    anat = root / "sub-01" / "ses-a" / "anat"
    anat.mkdir(parents=True)
    (root / "dataset_description.json").write_text('{"Name": "demo", "BIDSVersion": "1.10.0"}')
    for number, station in enumerate(load([dicom]).study.stations, start=1):
        stem = f"sub-01_ses-a_run-{number}_T2w"
        (anat / f"{stem}.nii.gz").write_bytes(station_nifti(station))
        sidecar = {
            "EchoTime": 1.0, "RepetitionTime": 8.0, "SliceThickness": 50,
            "MagneticFieldStrength": 1.5, "EchoTrainLength": 256, "MRAcquisitionType": "2D",
        }  # fmt: skip
        (anat / f"{stem}.json").write_text(json.dumps(sidecar))
    return root


def listed(folder: Path) -> Listing:
    return open_source(str(folder)).listing(RUN, lambda _: None)


def _nifti(data: NDArray[np.float32], affine: NDArray[np.float64]) -> nib.Nifti1Image:
    return nib.Nifti1Image(data, affine)  # type: ignore[no-untyped-call]


def without_place(entry: Entry, table: str) -> list[list[object]]:
    """Return a table's rows without the columns that name the study or an object."""
    ids = {"regions": (0,), "findings": (0, 18), "quality": (0,)}[table]
    return [[c for i, c in enumerate(row) if i not in ids] for row in entry.rows[table]]


def test_a_subject_s_session_is_read_as_the_same_images_in_dicom(
    bids: Path, dicom: Path, tmp_path: Path
) -> None:
    (study,) = listed(bids).studies
    assert study.form is Form.NIFTI
    assert len(study.paths) == 2
    order = Order(str(tmp_path / "out"), only_json=True)
    (tmp_path / "out" / "studies").mkdir(parents=True)
    entry = read_to_json(study, order)
    files = tuple(str(file) for file in sorted(dicom.glob("*.dcm")))
    same = read_to_json(StudyRef("1.2.3", Form.DICOM, files, 1, "d"), order)
    for table in ("regions", "findings", "quality"):
        # NIfTI holds its affine in single precision
        for one, other in zip(without_place(entry, table), without_place(same, table), strict=True):
            assert one == [c if isinstance(c, str) else pytest.approx(c, abs=2e-3) for c in other]
    assert sum(row[3] == "leak" for row in entry.rows["findings"]) >= 2  # as the demo says
    assert (tmp_path / "out" / "studies" / study.uid / "reading.json").is_file()
    assert (tmp_path / "out" / "montage" / f"{study.uid}.png").is_file()


def test_a_study_is_the_same_wherever_the_data_set_lies(bids: Path, tmp_path: Path) -> None:
    (study,) = listed(bids).studies
    bids.rename(tmp_path / "moved")
    (moved,) = listed(tmp_path / "moved").studies
    assert (moved.uid, moved.digest) == (study.uid, study.digest)
    image = Path(moved.paths[0])
    image.write_bytes(image.read_bytes() + b"\0")
    (changed,) = listed(tmp_path / "moved").studies
    assert changed.uid == study.uid
    assert changed.digest != study.digest


def test_each_subject_without_sessions_is_a_study_and_other_images_are_named(bids: Path) -> None:
    anat = bids / "sub-02" / "anat"
    anat.mkdir(parents=True)
    source = next(bids.rglob("*.nii.gz")).read_bytes()
    for name in ("sub-02_T2w", "sub-02_acq-short_T2w", "sub-02_acq-torn_T2w", "sub-02_T1w"):
        (anat / f"{name}.nii.gz").write_bytes(source)
    (anat / "sub-02_acq-short_T2w.json").write_text('{"EchoTime": 0.1}')
    (anat / "sub-02_acq-torn_T2w.json").write_text("[1")
    listing = listed(bids)
    assert len(listing.studies) == 2
    names = sorted(Path(path).name for study in listing.studies for path in study.paths)
    assert names == [
        "sub-01_ses-a_run-1_T2w.nii.gz", "sub-01_ses-a_run-2_T2w.nii.gz", "sub-02_T2w.nii.gz",
    ]  # fmt: skip
    assert [left.place for left in listing.others] == ["sub-02/anat/sub-02_acq-short_T2w.nii.gz"]
    assert "an echo time below 200 ms" in listing.others[0].reason
    assert "are a JSON object" in listing.damaged[0].reason


@pytest.mark.parametrize("described", ["{}", "x", '{"Name": 3}'])
def test_a_data_set_without_a_name_is_refused(bids: Path, described: str) -> None:
    (bids / "dataset_description.json").write_text(described)
    with pytest.raises(InputError, match="gives the data set a Name"):
        Bids(bids).listing(RUN, lambda _: None)


def test_a_study_without_a_readable_slab_is_refused(bids: Path, tmp_path: Path) -> None:
    (study,) = listed(bids).studies
    for path in study.paths:
        Path(path).write_bytes(b"junk")
    with pytest.raises(InputError, match="a NIfTI myelogram is a readable coronal slab"):
        read_to_json(study, Order(str(tmp_path), only_json=True))


@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 0, 2), (0, 2, 1), (2, 0, 1), (2, 1, 0)])
def test_a_slab_lies_where_it_was_however_its_axes_are_stored(
    axes: tuple[int, ...], dicom: Path, tmp_path: Path
) -> None:
    station = load([dicom]).study.stations[0]
    whole = nib.Nifti1Image.from_bytes(gzip.decompress(station_nifti(station)))
    data = np.transpose(np.asarray(whole.dataobj), axes)
    affine = whole.affine[:, [*axes, 3]]
    nib.save(_nifti(data, affine), tmp_path / "x.nii")
    read = read_station(tmp_path / "x.nii", UIDS, {})
    plane, original = read.geometry, station.geometry
    rows, columns = np.nonzero(read.pixels == read.pixels.max())
    row, column = int(rows[0]), int(columns[0])
    mm = np.add(plane.position, np.multiply(plane.along_row, column * plane.column_spacing))
    mm = mm + np.multiply(plane.along_column, row * plane.row_spacing)
    offset = mm - original.position
    r = round(float(offset @ original.along_column) / original.row_spacing)
    c = round(float(offset @ original.along_row) / original.column_spacing)
    assert station.pixels[r, c] == read.pixels[row, column]
    assert read.acquisition.slab_mm == pytest.approx(station.acquisition.slab_mm)
    assert read.acquisition.echo_time_ms is None


@pytest.mark.parametrize(
    ("shape", "axis", "found"),
    [((32, 32, 32), 2, "shape"), ((32, 32), 1, "shape"), ((8, 32, 1), 2, "shape"),
     ((32, 32, 1), 0, "not coronal"), ((32, 32, 1), None, "without signal")],
)  # fmt: skip
def test_what_is_no_coronal_slab_is_refused(
    shape: tuple[int, ...], axis: int | None, found: str, tmp_path: Path
) -> None:
    data = np.ones(shape, np.float32)
    if axis is not None:
        data.flat[0] = 2
    affine = np.eye(4) if axis == 0 else np.eye(4)[:, [0, 2, 1, 3]]
    nib.save(_nifti(data, affine), tmp_path / "x.nii.gz")
    with pytest.raises(InputError, match=found):
        read_station(tmp_path / "x.nii.gz", UIDS, {})
