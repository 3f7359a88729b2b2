"""A reading as binary Segmentation objects (PS3.3 A.51), one for each station.

One object per image: stations are often series of their own, and frames of one object must share
a series, a size and an orientation. Tracking UIDs tie what two stations show of one finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from highdicom import (
    AlgorithmIdentificationSequence,
    CoordinateSystemNames,
    PixelMeasuresSequence,
    PlaneOrientationSequence,
    PlanePositionSequence,
)
from highdicom.seg import (
    SegmentAlgorithmTypeValues,
    Segmentation,
    SegmentationTypeValues,
    SegmentDescription,
)
from pydicom import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from myeloscope.dicom import codes as words
from myeloscope.dicom.document import (
    MANUFACTURER,
    RESEARCH_USE,
    Evidence,
    bare_header,
    set_series_description,
    stamp,
)
from myeloscope.dicom.mask import Bools, polygon_mask, ribbon
from myeloscope.dicom.sr_groups import finding_name
from myeloscope.domain.grade import ReaderKind
from myeloscope.domain.image import Station
from myeloscope.domain.reading import Finding, Reading, sac_stretches
from myeloscope.geometry.plane import to_pixel

SERIES_NUMBER = 9902


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One segment to write: what it is, and its pixels on one station's grid."""

    name: str
    uid: str
    category: Code
    kind: Code
    mask: Bools


def segmentations(evidence: Evidence) -> tuple[Dataset, ...]:
    """Return one Segmentation for each station that can have one: sac, each leak, each cyst.

    A station is left out without a frame of reference (PS3.3 A.51 wants one) and where nothing
    was found on it; :func:`not_segmented` says so. A pixel belongs to a segment if its centre
    lies inside the outline.
    """
    stations = enumerate(zip(evidence.pairs, _regions(evidence), strict=True), start=1)
    return tuple(
        _segmentation(evidence, number, regions)
        for number, ((station, _), regions) in stations
        if regions and station.frame_of_reference_uid is not None
    )


def not_segmented(evidence: Evidence) -> tuple[str, ...]:
    """Return one line for each station that has no Segmentation, with the reason."""
    reasons = []
    for (station, _), regions in zip(evidence.pairs, _regions(evidence), strict=True):
        if station.frame_of_reference_uid is None:
            reasons.append(f"image {station.sop_uid} has no frame of reference: no segmentation")
        elif not regions:
            reasons.append(f"image {station.sop_uid} shows no sac or finding: no segmentation")
    return tuple(reasons)


def _regions(evidence: Evidence) -> list[tuple[Region, ...]]:
    """Return for each station the segments that have pixels on it."""
    found = []
    for station, _ in evidence.pairs:
        sac = Region(
            "thecal sac",
            evidence.uid("sac"),
            words.SAC_CATEGORY,
            words.SAC_TYPE,
            sac_mask(evidence.reading, station),
        )
        findings = [
            Region(
                finding_name(finding),
                finding.id,
                words.CATEGORY,
                words.SEGMENT_TYPES[finding.kind],
                finding_mask(finding, station),
            )
            for finding in evidence.reading.findings
            if finding.kind in words.SEGMENT_TYPES
        ]
        found.append(tuple(region for region in (sac, *findings) if region.mask.any()))
    return found


def finding_mask(finding: Finding, station: Station) -> Bools:
    """Return the pixels of a station inside a finding's outline, shape (rows, columns)."""
    corners = [position for position in finding.outline_mm if None not in position]
    if len(corners) < 3:
        return np.zeros(_shape(station), bool)
    return polygon_mask(to_pixel(station.geometry, np.array(corners, float)), _shape(station))


def sac_mask(reading: Reading, station: Station) -> Bools:
    """Return the pixels of a station inside the sac, shape (rows, columns)."""
    points = [point for point in reading.sac if None not in point.position_mm]
    mask = np.zeros(_shape(station), bool)
    for run in sac_stretches(points):
        stretch = points[run]
        rc = to_pixel(station.geometry, np.array([p.position_mm for p in stretch], float))
        widths = np.array([point.width_mm for point in stretch])
        spacing = np.array([station.geometry.row_spacing, station.geometry.column_spacing])
        mask |= polygon_mask(ribbon(rc * spacing, widths) / spacing, _shape(station))
    return mask


def _shape(station: Station) -> tuple[int, int]:
    rows, columns = station.pixels.shape
    return rows, columns


def _segmentation(evidence: Evidence, number: int, regions: tuple[Region, ...]) -> Dataset:
    station, header = evidence.pairs[number - 1]
    made = Segmentation(
        source_images=[_frame_header(header, station.frame)],
        pixel_array=np.stack([region.mask for region in regions], axis=-1)[None].astype(np.uint8),
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=_descriptions(evidence, regions),
        series_instance_uid=evidence.uid("seg", "series", number),
        series_number=SERIES_NUMBER * 10 + number,
        sop_instance_uid=evidence.uid("seg", number),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MANUFACTURER,
        software_versions=evidence.reading.reader.version,
        device_serial_number="0",
        content_label="MYELOSCOPE",
        content_description=RESEARCH_USE,
        content_creator_name=f"{MANUFACTURER}^",
        **(_own_plane(station) if evidence.study.derived else {}),
    )
    set_series_description(made, "sac, leak signs and cysts")
    stamp(evidence, made)
    _name_true_frame(made, station.frame)
    return made


def _descriptions(evidence: Evidence, regions: tuple[Region, ...]) -> list[SegmentDescription]:
    reader = evidence.reading.reader
    algorithm = None
    if reader.kind is ReaderKind.ALGORITHM:
        family = codes.DCM.ArtificialIntelligence
        algorithm = AlgorithmIdentificationSequence(reader.id, family, reader.version)
    made_by = SegmentAlgorithmTypeValues
    return [
        SegmentDescription(
            segment_number=number,
            segment_label=region.name,
            segmented_property_category=region.category,
            segmented_property_type=region.kind,
            algorithm_type=made_by.MANUAL if algorithm is None else made_by.AUTOMATIC,
            algorithm_identification=algorithm,
            tracking_uid=region.uid,
            tracking_id=region.name,
        )
        for number, region in enumerate(regions, start=1)
    ]


def _frame_header(header: Dataset, frame: int | None) -> Dataset:
    """Return a header of one frame: of a multi-frame object the frame that was read only."""
    bare = bare_header(header)
    if frame is not None:
        bare.NumberOfFrames = 1
        bare.SharedFunctionalGroupsSequence = header.SharedFunctionalGroupsSequence
        groups = header.PerFrameFunctionalGroupsSequence[frame - 1]
        bare.PerFrameFunctionalGroupsSequence = [groups]
    return bare


def _name_true_frame(made: Dataset, frame: int | None) -> None:
    """Make references name the frame that was read by its own number, not as the only one."""
    if frame is None:
        return
    for groups in made.PerFrameFunctionalGroupsSequence:
        for derivation in groups.DerivationImageSequence:
            for image in derivation.SourceImageSequence:
                image.ReferencedFrameNumber = frame


def _own_plane(station: Station) -> dict[str, Any]:
    """Return where the pixels lie, for a station that is not an image of its source."""
    geometry, slab = station.geometry, station.acquisition.slab_mm
    spacing = (geometry.row_spacing, geometry.column_spacing)
    patient = CoordinateSystemNames.PATIENT
    return {
        "pixel_measures": PixelMeasuresSequence(spacing, slice_thickness=slab),
        "plane_orientation": PlaneOrientationSequence(
            patient, (*geometry.along_row, *geometry.along_column)
        ),
        "plane_positions": [PlanePositionSequence(patient, geometry.position)],
    }
