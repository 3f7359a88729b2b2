"""What headers say about each image: identity, geometry and acquisition, classic or Enhanced."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom import DataElement, Dataset

from myeloscope.dicom.files import Item
from myeloscope.dicom.header import MOST_UID, faults_of, wrong_uid
from myeloscope.domain.image import Acquisition, PlaneGeometry, Vector
from myeloscope.errors import InputError

TAGS = (
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality"),
    *("FrameOfReferenceUID", "ImageType", "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel"),
    *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"),
    *("EchoTime", "RepetitionTime", "EchoTrainLength", "ReconstructionDiameter"),
    *("MagneticFieldStrength", "MRAcquisitionType", "Manufacturer", "SequenceName"),
    *("AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime"),
    *("SeriesDate", "SeriesTime", "StudyDate", "SeriesDescription", "ProtocolName"),
    *("BodyPartExamined", "InstanceNumber", "SharedFunctionalGroupsSequence"),
    "PerFrameFunctionalGroupsSequence",
)
"""Keywords that :func:`frames_of` needs."""

MOST_SIDE = 4096
MOST_FRAMES = 10_000
LEAST_SPACING_MM, MOST_SPACING_MM = 0.05, 20.0
LOOSE = 0.02
"""How far directions may be off unit length and right angles through rounding in a header."""
FOR = re.compile(r"myelo", re.IGNORECASE)
AGAINST = re.compile(r"mrcp|cholang|chole|urogr|enterogr|pancrea|fetal|inner ?ear", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One image as its header describes it.

    Attributes
    ----------
    number
        Frame from 1 in a multi-frame object, else ``None``.
    geometry
        ``None`` where ``trouble`` says why it cannot be used.
    clue
        1 if names speak of myelography, -1 if of another fluid study, else 0: for ties only.
    instance
        Instance number, for the order of repeats without a time.
    """

    item: Item
    number: int | None
    study_uid: str
    series_uid: str
    sop_uid: str
    frame_of_reference_uid: str | None
    modality: str
    image_type: tuple[str, ...]
    clue: int
    instance: int
    shape: tuple[int, int]
    geometry: PlaneGeometry | None
    acquisition: Acquisition
    trouble: InputError | None


def frames_of(header: Dataset, item: Item) -> tuple[Frame, ...]:
    """Return the images of one object; one without size for objects that are no image.

    Parameters
    ----------
    header
        Data set with at least :data:`TAGS`.
    item
        The file it came from.

    Raises
    ------
    InputError
        If the object has no identity, or values that cannot be read.
    """
    with faults_of(item, "header values must be readable"):
        count = int(header.get("NumberOfFrames", 1) or 1)
        multi = "PerFrameFunctionalGroupsSequence" in header or count > 1
        uids = [str(header.get(f"{level}InstanceUID", "")) for level in ("Study", "Series", "SOP")]
        if not all(uids):
            raise _fault(item, "an object must have study, series and SOP UIDs", "none")
        for uid in uids:
            if wrong := wrong_uid(uid):
                raise _fault(item, f"a UID must be at most {MOST_UID} digits and dots", wrong)
        if not 1 <= count <= MOST_FRAMES:
            raise _fault(item, f"an object may have {MOST_FRAMES} frames at most", count)
        own = len(header.get("PerFrameFunctionalGroupsSequence") or ())
        if multi and own not in (0, count):
            raise _fault(item, f"{count} frames must have functional groups each", own)
        return tuple(
            _frame(header, item, number if multi else None, uids) for number in range(1, count + 1)
        )


def _frame(header: Dataset, item: Item, number: int | None, uids: Sequence[str]) -> Frame:
    """Return one image of an object."""
    at = _Lookup(header, number)
    shape = (int(header.get("Rows", 0) or 0), int(header.get("Columns", 0) or 0))
    geometry, trouble = None, None
    if min(shape) > 0:
        try:
            _check_form(header, item, shape)
            geometry = _plane(at, item)
        except InputError as error:
            trouble = error
    names = " ".join(
        str(header.get(keyword, ""))
        for keyword in ("SeriesDescription", "ProtocolName", "BodyPartExamined", "SequenceName")
    )
    kinds = at.all("FrameType") or header.get("ImageType") or ()
    reference = header.get("FrameOfReferenceUID")
    return Frame(
        item=item,
        number=number,
        study_uid=uids[0],
        series_uid=uids[1],
        sop_uid=uids[2],
        frame_of_reference_uid=str(reference) if reference else None,
        modality=str(header.get("Modality", "") or "?"),
        image_type=tuple(str(kind).upper() for kind in kinds) if not isinstance(kinds, str) else (),
        clue=int(bool(FOR.search(names))) - int(bool(AGAINST.search(names))),
        instance=int(header.get("InstanceNumber", 0) or 0),
        shape=shape,
        geometry=geometry,
        acquisition=_acquisition(at, shape, geometry),
        trouble=trouble,
    )


class _Lookup:
    """Attributes of one frame: its own functional groups, then the shared ones, then the root."""

    def __init__(self, header: Dataset, number: int | None) -> None:
        self._places = [header]
        if number is None:
            return
        own = header.get("PerFrameFunctionalGroupsSequence") or []
        shared = header.get("SharedFunctionalGroupsSequence") or []
        groups = [*list(own)[number - 1 : number], *list(shared)[:1]]
        self._places = [
            item for group in groups for element in group for item in _items(element)
        ] + [header]

    def all(self, keyword: str) -> tuple[Any, ...]:
        """Return the values of an attribute where it is first found, or none."""
        for place in self._places:
            value = place.get(keyword)
            if value is not None and value != "":
                return (value,) if isinstance(value, (str, int, float)) else tuple(value)
        return ()

    def text(self, keyword: str) -> str | None:
        """Return one value as text."""
        values = self.all(keyword)
        return str(values[0]).strip() or None if values else None

    def number(self, *keywords: str) -> float | None:
        """Return the first finite positive number among attributes."""
        for keyword in keywords:
            for value in self.all(keyword)[:1]:
                if math.isfinite(float(value)) and float(value) > 0:
                    return float(value)
        return None


def _items(element: DataElement) -> list[Dataset]:
    """Return the items of a functional group macro."""
    return list(element.value)[:1] if element.VR == "SQ" and element.value else []


def _check_form(header: Dataset, item: Item, shape: tuple[int, int]) -> None:
    """Refuse images that are too large, or in colour."""
    if max(shape) > MOST_SIDE:
        raise _fault(
            item,
            f"an image may have {MOST_SIDE} rows and columns at most",
            f"{shape[0]} x {shape[1]}",
        )
    samples = int(header.get("SamplesPerPixel", 1) or 1)
    if samples != 1:
        raise _fault(item, "an image must have one value per pixel", f"{samples} (colour)")


def _plane(at: _Lookup, item: Item) -> PlaneGeometry:
    """Return where the pixels lie (PS3.3 C.7.6.2, C.7.6.16.2.3)."""
    lengths = {"PixelSpacing": 2, "ImageOrientationPatient": 6, "ImagePositionPatient": 3}
    values = {}
    for keyword, length in lengths.items():
        found = [float(value) for value in at.all(keyword)]
        name = {"PixelSpacing": "Pixel Spacing"}.get(keyword, f"Image {keyword[5:-7]} (Patient)")
        if not found:
            raise _fault(item, f"an image must have {name}, for lengths in mm", "none")
        if len(found) != length or not np.all(np.isfinite(found)):
            raise _fault(item, f"{name} must have {length} finite numbers", found)
        values[keyword] = np.array(found)
    row_spacing, column_spacing = values["PixelSpacing"]
    if (
        min(row_spacing, column_spacing) < LEAST_SPACING_MM
        or max(row_spacing, column_spacing) > MOST_SPACING_MM
    ):
        raise _fault(
            item,
            f"Pixel Spacing must be {LEAST_SPACING_MM:g} to {MOST_SPACING_MM:g} mm",
            f"{row_spacing:g} x {column_spacing:g}",
        )
    along_row, along_column = _directions(values["ImageOrientationPatient"], item)
    return PlaneGeometry(
        position=_vector(values["ImagePositionPatient"]),
        along_row=_vector(along_row),
        along_column=_vector(along_column),
        row_spacing=float(row_spacing),
        column_spacing=float(column_spacing),
    )


def _directions(six: np.ndarray[Any, np.dtype[np.float64]], item: Item) -> tuple[Any, Any]:
    """Return row and column directions as exact orthogonal units, rounding in the header undone."""
    u, v = six[:3], six[3:]
    lengths = float(np.linalg.norm(u)), float(np.linalg.norm(v))
    if max(abs(lengths[0] - 1), abs(lengths[1] - 1), abs(float(u @ v))) > LOOSE:
        raise _fault(
            item,
            "Image Orientation (Patient) must be two unit vectors at right angles",
            "\\".join(f"{value:g}" for value in six),
        )
    u = u / lengths[0]
    v = v - u * (u @ v)
    return u, v / np.linalg.norm(v)


def _vector(values: Any) -> Vector:  # noqa: ANN401
    """Return three numbers as a plain tuple."""
    return (float(values[0]), float(values[1]), float(values[2]))


def _acquisition(
    at: _Lookup, shape: tuple[int, int], geometry: PlaneGeometry | None
) -> Acquisition:
    """Return the acquisition settings that the header records."""
    view = at.number("ReconstructionDiameter")
    if view is None and geometry is not None:
        view = max(shape[0] * geometry.row_spacing, shape[1] * geometry.column_spacing)
    field = at.number("MagneticFieldStrength")
    return Acquisition(
        echo_time_ms=at.number("EffectiveEchoTime", "EchoTime"),
        repetition_time_ms=at.number("RepetitionTime"),
        echo_train_length=at.number("RFEchoTrainLength", "EchoTrainLength"),
        slab_mm=at.number("SliceThickness"),
        field_of_view_mm=view,
        # some headers give gauss
        field_strength_t=field / 1e4 if field is not None and field > 100 else field,
        acquisition_type=at.text("MRAcquisitionType"),
        manufacturer=at.text("Manufacturer"),
        acquired=_acquired(at),
    )


def _acquired(at: _Lookup) -> str | None:
    """Return date and time of acquisition as ISO 8601, as far as recorded."""
    stamp = at.text("FrameAcquisitionDateTime") or at.text("AcquisitionDateTime")
    if stamp is not None:
        date, time = stamp[:8], stamp[8:]
    else:
        date, time = "", ""
        for kind in ("Acquisition", "Content", "Series"):
            date, time = at.text(f"{kind}Date") or date, at.text(f"{kind}Time") or ""
            if date and time:
                break
        date = date or at.text("StudyDate") or ""
    if not re.fullmatch(r"\d{8}", date):
        return None
    day = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    clock = re.match(r"(\d\d)(\d\d)?(\d\d)?", time)
    if clock is None:
        return day
    hours, minutes, seconds = (part or "00" for part in clock.groups())
    return f"{day}T{hours}:{minutes}:{seconds}"


def _fault(item: Item, rule: str, value: object) -> InputError:
    """Return the error for a header that cannot be used."""
    return InputError(rule, value=value, place=item.name, remedy="export the images again")
