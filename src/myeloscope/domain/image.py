"""A study as arrays and geometry, without patient identity.

Coordinates are DICOM patient coordinates (LPS: x grows to the patient's left, y to posterior,
z to superior), in mm (DICOM PS3.3 C.7.6.2.1.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.grade import Technique
from myeloscope.domain.scintigraphy import NuclearAcquisition

Vector = tuple[float, float, float]
FloatImage = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PlaneGeometry:
    """Where the pixels of one plane lie in the patient.

    Attributes
    ----------
    position
        Centre of the pixel at row 0, column 0, LPS mm (Image Position (Patient)).
    along_row
        Unit vector in which the *column* index grows (first triplet of Image Orientation).
    along_column
        Unit vector in which the *row* index grows (second triplet).
    row_spacing, column_spacing
        Distance between the centres of neighbouring rows and of neighbouring columns, mm.
    """

    position: Vector
    along_row: Vector
    along_column: Vector
    row_spacing: float
    column_spacing: float

    def __post_init__(self) -> None:
        """Refuse vectors that do not span a plane and spacings that are not lengths."""
        u, v = np.asarray(self.along_row), np.asarray(self.along_column)
        lengths_off = abs(np.linalg.norm(u) - 1) > 1e-3 or abs(np.linalg.norm(v) - 1) > 1e-3
        if lengths_off or abs(float(u @ v)) > 1e-3:
            raise ValueError(f"row and column directions {u} and {v} must be orthogonal units")
        if not (self.row_spacing > 0 and self.column_spacing > 0):
            raise ValueError(
                f"pixel spacing must be positive, not {self.row_spacing}, {self.column_spacing}"
            )
        if not np.all(np.isfinite(self.position)):
            raise ValueError(f"position must be finite, not {self.position}")


@dataclass(frozen=True, slots=True)
class Acquisition:
    """Acquisition settings that the protocol check compares; ``None`` where not recorded."""

    echo_time_ms: float | None = None
    repetition_time_ms: float | None = None
    echo_train_length: float | None = None
    slab_mm: float | None = None
    field_of_view_mm: float | None = None
    field_strength_t: float | None = None
    acquisition_type: str | None = None
    """MR Acquisition Type, ``2D`` or ``3D``."""
    manufacturer: str | None = None
    acquired: str | None = None
    """ISO 8601 date and time of acquisition, without zone."""


@dataclass(frozen=True, slots=True, eq=False)
class Station:
    """One acquired image block.

    ``pixels`` has shape (rows, columns), float32, in rescaled units (modality LUT applied).
    ``frame`` counts from 1 in a multi-frame object, else ``None``. ``nuclear`` is there for planar
    gamma-camera images only; their geometry is the detector's plane.
    """

    pixels: FloatImage
    geometry: PlaneGeometry
    acquisition: Acquisition
    series_uid: str
    sop_uid: str
    frame_of_reference_uid: str | None = None
    frame: int | None = None
    nuclear: NuclearAcquisition | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that are not images."""
        if self.pixels.ndim != 2 or min(self.pixels.shape) < 1:
            raise ValueError(f"a station is one image of rows and columns, not {self.pixels.shape}")


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The images of one examination with one technique, from the top station downward.

    ``derived`` is true where a station is not an acquired image but computed from thinner ones.
    """

    uid: str
    technique: Technique
    stations: tuple[Station, ...]
    derived: bool = False
