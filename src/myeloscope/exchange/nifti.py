"""NIfTI in and out: stations as one-slice volumes, and T2 volumes for phantoms.

DICOM's patient axes are LPS, NIfTI's RAS: x and y change sign (NIfTI-1 standard, method 3).
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from numpy.typing import NDArray

from myeloscope.domain.image import Acquisition, PlaneGeometry, Station
from myeloscope.errors import InputError

MOST_VOXELS = 1 << 26
LEAST_CORONAL = 0.7
"""Cosine of the largest angle between a slab's normal and the patient's back-to-front axis."""
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True, slots=True)
class StationUids:
    """What a station read from NIfTI is called, as its file does not say."""

    series: str
    image: str
    frame_of_reference: str


@dataclass(frozen=True, slots=True, eq=False)
class NiftiVolume:
    """A volume whose indices grow about toward left, posterior and superior.

    ``data`` has shape (nx, ny, nz); ``affine`` is 4 x 4, index to LPS mm.
    """

    data: NDArray[np.float64]
    affine: NDArray[np.float64]


def station_affine(station: Station) -> NDArray[np.float64]:
    """Return the 4 x 4 matrix from (column, row, 0) to RAS mm.

    The third axis is the slab's normal, as long as the slab is thick (1 mm if unknown).
    """
    plane = station.geometry
    along, down = np.asarray(plane.along_row), np.asarray(plane.along_column)
    affine = np.eye(4)
    affine[:3, 0] = along * plane.column_spacing
    affine[:3, 1] = down * plane.row_spacing
    affine[:3, 2] = np.cross(along, down) * (station.acquisition.slab_mm or 1.0)
    affine[:3, 3] = plane.position
    return np.asarray(LPS_TO_RAS @ affine)


def station_nifti(station: Station) -> bytes:
    """Return a station as a gzipped NIfTI-1 file: float32, shape (columns, rows, 1).

    The same station gives the same bytes (no name and no time in the gzip header).
    """
    pixels = station.pixels.T[:, :, None]
    image = nib.Nifti1Image(pixels, station_affine(station))  # type: ignore[no-untyped-call]
    image.header.set_xyzt_units("mm")  # type: ignore[no-untyped-call]
    return gzip.compress(image.to_bytes(), mtime=0)


def read_station(path: Path, uids: StationUids, sidecar: Mapping[str, object]) -> Station:
    """Read one slab as :func:`station_nifti` writes it: a volume that is one voxel thick.

    Parameters
    ----------
    path
        The ``.nii`` or ``.nii.gz`` file.
    uids
        What its series and image are called.
    sidecar
        BIDS metadata of the image (times in s, lengths in mm, field in T); what it lacks is
        unknown.

    Raises
    ------
    InputError
        If the file is no NIfTI, thicker than one voxel, or without signal.
    """
    data, affine, thin = _slab(path)
    in_plane = [axis for axis in range(3) if axis != thin]
    steps = (LPS_TO_RAS @ affine)[:3]
    spacing = np.linalg.norm(steps[:, :3], axis=0)
    if not (np.isfinite(steps).all() and spacing.min() > 0):
        raise _no_slab(path, "an affine that is none")
    directions = steps[:, :3] / spacing
    first, second = in_plane
    if abs(directions[1, thin]) < LEAST_CORONAL:
        raise _no_slab(path, "a slab that is not coronal")
    thickness = _number(sidecar, "SliceThickness") or float(spacing[thin])
    try:
        geometry = PlaneGeometry(
            position=_vector(steps[:, 3]),
            along_row=_vector(directions[:, first]),
            along_column=_vector(directions[:, second]),
            row_spacing=float(spacing[second]),
            column_spacing=float(spacing[first]),
        )
    except ValueError as error:
        raise _no_slab(path, str(error)) from error
    pixels = np.ascontiguousarray(np.squeeze(data, thin).T, dtype=np.float32)
    return Station(
        pixels,
        geometry,
        _acquisition(
            sidecar,
            thickness,
            max(pixels.shape[1] * spacing[first], pixels.shape[0] * spacing[second]),
        ),
        uids.series,
        uids.image,
        uids.frame_of_reference,
    )


def _slab(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Return voxels, affine (RAS) and the axis along which the volume is one voxel thick."""
    try:
        image = nib.load(path)
        shape = image.shape[:3]  # type: ignore[attr-defined]
        if math.prod(image.shape) > MOST_VOXELS:  # type: ignore[attr-defined]
            raise _no_slab(path, f"{shape}, more than {MOST_VOXELS >> 20} Mi voxels")
        data = np.asarray(image.dataobj, dtype=np.float64)  # type: ignore[attr-defined]
        affine = np.asarray(image.affine, dtype=np.float64)  # type: ignore[attr-defined]
    except (OSError, ImageFileError, EOFError, ValueError, zlib.error) as error:
        raise _no_slab(path, str(error) or type(error).__name__) from error
    data = data[..., 0] if data.ndim == 4 and data.shape[3] == 1 else data
    thin = [axis for axis in range(data.ndim) if data.shape[axis] == 1]
    if data.ndim != 3 or len(thin) != 1 or min(sorted(data.shape)[1:]) < 16:
        raise _no_slab(path, f"shape {data.shape}")
    if not np.isfinite(data).all() or data.max() <= data.min():
        raise _no_slab(path, "voxels without signal or not finite")
    return data, affine, thin[0]


def _acquisition(sidecar: Mapping[str, object], slab_mm: float, view_mm: float) -> Acquisition:
    """Return the acquisition settings that BIDS metadata tell; times are s there, ms here."""
    echo, repetition = (_number(sidecar, name) for name in ("EchoTime", "RepetitionTime"))
    kind, maker = (sidecar.get(name) for name in ("MRAcquisitionType", "Manufacturer"))
    return Acquisition(
        echo_time_ms=None if echo is None else 1000 * echo,
        repetition_time_ms=None if repetition is None else 1000 * repetition,
        echo_train_length=_number(sidecar, "EchoTrainLength"),
        slab_mm=slab_mm,
        field_of_view_mm=float(view_mm),
        field_strength_t=_number(sidecar, "MagneticFieldStrength"),
        acquisition_type=kind if isinstance(kind, str) else None,
        manufacturer=maker if isinstance(maker, str) else None,
    )


def _number(sidecar: Mapping[str, object], name: str) -> float | None:
    value = sidecar.get(name)
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known and isinstance(value, int | float) else None


def _vector(values: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _no_slab(path: Path, value: str) -> InputError:
    return InputError(
        "a NIfTI myelogram is a readable coronal slab, one voxel thick, 16 or more each way",
        value=value,
        place=path.name,
        remedy="give coronal slabs as one-slice .nii or .nii.gz files",
    )


def read_volume(path: Path) -> NiftiVolume:
    """Read a three-dimensional NIfTI volume.

    Raises
    ------
    InputError
        If the file is missing, no NIfTI, not three-dimensional or without signal.
    """
    try:
        image = nib.load(path)
        closest = nib.as_closest_canonical(image)  # type: ignore[no-untyped-call]
        shape = closest.shape
        if math.prod(shape) > MOST_VOXELS:
            raise _refused(path, f"{shape}, more than {MOST_VOXELS >> 20} Mi voxels")
        data = np.asarray(closest.dataobj, dtype=np.float64)
    except (OSError, ImageFileError, EOFError, ValueError) as error:
        raise _refused(path, str(error) or type(error).__name__) from error
    data = data[..., 0] if data.ndim == 4 and data.shape[3] == 1 else data
    if data.ndim != 3 or min(data.shape) < 16:
        raise _refused(path, f"shape {data.shape}")
    if not np.isfinite(data).all() or data.max() <= 0:
        raise _refused(path, "voxels without signal or not finite")
    # canonical is RAS: turn the first two axes to grow toward left and posterior
    flip = np.eye(4)
    flip[0, 0] = flip[1, 1] = -1
    flip[:2, 3] = data.shape[0] - 1, data.shape[1] - 1
    return NiftiVolume(data[::-1, ::-1], LPS_TO_RAS @ closest.affine @ flip)


def _refused(path: Path, value: str) -> InputError:
    return InputError(
        "a T2 volume is a readable three-dimensional NIfTI file of at least 16 voxels each way",
        value=value,
        place=path.name,
        remedy="give a .nii or .nii.gz file",
    )
