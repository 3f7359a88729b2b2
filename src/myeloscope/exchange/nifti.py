"""NIfTI in and out: stations as one-slice volumes, and T2 volumes for phantoms.

DICOM's patient axes are LPS, NIfTI's RAS: x and y change sign (NIfTI-1 standard, method 3).
"""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from numpy.typing import NDArray

from myeloscope.domain.image import Station
from myeloscope.errors import InputError

MOST_VOXELS = 1 << 26
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


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
