"""Measurement groups of the structured report: the case, its regions, its findings."""

from __future__ import annotations

import numpy as np
from highdicom.sr import (
    AlgorithmIdentification,
    FindingSite,
    GraphicTypeValues,
    ImageRegion,
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForRegion,
    TextContentItem,
    TrackingIdentifier,
)
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.sr.coding import Code

from myeloscope.dicom import codes as words
from myeloscope.dicom.document import Evidence
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, ReaderKind
from myeloscope.domain.image import Station
from myeloscope.domain.reading import Finding, PixelRef, Position
from myeloscope.geometry.plane import to_pixel

LEAST_DIGITS = 1
"""Decimals of lengths (mm; a pixel is about half a millimetre), of SNR and of roots."""
_DIGITS = {words.RATIO: 2, words.SCORE: 3}

Group = MeasurementsAndQualitativeEvaluations | PlanarROIMeasurementsAndQualitativeEvaluations


def case_group(evidence: Evidence) -> Group:
    """Return the group of the whole case: positive or not, score, quality, root names' doubt."""
    reading = evidence.reading
    call = {True: words.YES, False: words.NO, None: words.NOT_ASSESSABLE}[reading.positive]
    measured = (
        (words.SCORE, reading.score, words.NO_UNITS),
        (words.SNR, reading.quality.snr, words.NO_UNITS),
        (words.UNCERTAINTY, reading.numbering.uncertainty_roots, words.NO_UNITS),
    )
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(evidence.uid("case"), "case"),
        finding_type=words.CASE_SUMMARY,
        algorithm_id=_algorithm(evidence),
        finding_sites=[FindingSite(words.SPINE)],
        measurements=_measurements(measured),
        qualitative_evaluations=[QualitativeEvaluation(words.CASE, call)],
    )


def region_group(evidence: Evidence, region: Region) -> Group:
    """Return the group of one region: its grade, or that it is not assessable and why."""
    read = evidence.reading.regions[region]
    evaluations = [(words.GRADE, _grade(read.grade))]
    if read.at_least:
        evaluations.append((words.AT_LEAST, words.YES))
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(evidence.uid("region", region), region.value),
        finding_type=words.LEVEL,
        algorithm_id=_algorithm(evidence),
        finding_sites=[FindingSite(words.REGIONS[region])],
        measurements=_measurements(((words.SCORE, read.score, words.NO_UNITS),)),
        qualitative_evaluations=[QualitativeEvaluation(*item) for item in evaluations],
    )
    if read.by_time:
        each = (
            (t.hours, "not assessable" if t.grade is None else t.grade.value) for t in read.by_time
        )
        _with_text(group, words.BY_TIME, "; ".join(f"{at:.1f} h: {grade}" for at, grade in each))
    return _with_text(group, words.REASON, read.reason)


def finding_group(evidence: Evidence, finding: Finding) -> Group:
    """Return the group of one finding, with its outline on the image where it was seen."""
    evaluations = [(words.GRADE, words.GRADES[finding.grade])] if finding.grade is not None else []
    evaluations += [(words.PATTERN, words.PATTERNS[pattern]) for pattern in finding.pattern]
    names = words.LENGTHS[evidence.reading.technique]
    shared = {
        "tracking_identifier": TrackingIdentifier(finding.id, finding_name(finding)),
        "finding_category": words.CATEGORY,
        "finding_type": words.KINDS[finding.kind],
        "algorithm_id": _algorithm(evidence),
        "finding_sites": [_site(finding)],
        "measurements": _measurements(
            (
                (names[0], finding.reach_mm, words.MILLIMETRE),
                (names[1], finding.extent_mm, words.MILLIMETRE),
                (names[2], finding.sac_width_mm, words.MILLIMETRE),
                (names[3], finding.ratio, words.RATIO_UNIT),
                (words.SCORE, finding.score, words.NO_UNITS),
            )
        ),
        "qualitative_evaluations": [QualitativeEvaluation(*item) for item in evaluations],
    }
    region = _image_region(evidence, finding)
    group = (
        MeasurementsAndQualitativeEvaluations(**shared)
        if region is None
        else PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=region, **shared)
    )
    return _with_text(group, words.RULE, finding.rule)


def finding_name(finding: Finding) -> str:
    """Return what a finding is called: kind, root or region, and side."""
    where = finding.segment or finding.region
    return f"{finding.kind} {where} {finding.side}"


def _grade(grade: Grade | None) -> Code:
    return words.NOT_ASSESSABLE if grade is None else words.GRADES[grade]


def _site(finding: Finding) -> FindingSite:
    """Return the region, side and root; the root is a modifier as SNOMED has no root by name."""
    return FindingSite(
        words.REGIONS[finding.region],
        laterality=words.SIDES.get(finding.side),
        topographical_modifier=None if finding.segment is None else words.ROOTS[finding.segment],
    )


def _algorithm(evidence: Evidence) -> AlgorithmIdentification | None:
    reader = evidence.reading.reader
    if reader.kind is not ReaderKind.ALGORITHM:
        return None
    return AlgorithmIdentification(name=reader.id, version=reader.version)


def _measurements(items: tuple[tuple[Code, float | None, Code], ...]) -> list[Measurement]:
    """Return the values there are, to the digits that they are good for.

    A PACS shows every digit it is given; ``reading.json`` has more of them, for programs.
    """
    return [
        Measurement(name, round(value, _DIGITS.get(name, LEAST_DIGITS)), unit)
        for name, value, unit in items
        if value is not None
    ]


def _with_text(group: Group, name: Code, text: str | None) -> Group:
    if text:
        item = TextContentItem(name, text, RelationshipTypeValues.CONTAINS)
        group[0].ContentSequence.append(item)
    return group


def _image_region(evidence: Evidence, finding: Finding) -> ImageRegion | None:
    """Return the outline (else the point) of a finding on its source image, if it has one.

    A slab computed from slices is no image that could be pointed at.
    """
    if finding.source is None or evidence.study.derived:
        return None
    for station, header in evidence.pairs:
        if _shows(station, finding.source):
            kind, points = _graphic(station, finding.source, finding.outline_mm)
            return ImageRegion(kind, points, source_image=_source_image(station, header))
    return None


def _shows(station: Station, point: PixelRef) -> bool:
    return station.sop_uid == point.sop_uid and station.frame == point.frame


def _source_image(station: Station, header: Dataset) -> SourceImageForRegion:
    frames = None if station.frame is None else [station.frame]
    return SourceImageForRegion(header.SOPClassUID, header.SOPInstanceUID, frames)


def _graphic(
    station: Station, point: PixelRef, outline: tuple[Position, ...]
) -> tuple[GraphicTypeValues, NDArray[np.float64]]:
    """Return graphic type and (column, row) coordinates, the image's top left corner at 0, 0.

    SCOORD counts from the corner of the image, so that the centre of the first pixel is 0.5, 0.5
    (PS3.3 C.18.6.1.2); our indices count from that centre. A closed polyline repeats its first
    point. Points beyond the image are drawn to its edge.
    """
    # planar images have no depth: their plane is where that component is 0
    corners = [[0.0 if part is None else part for part in position] for position in outline]
    if len(corners) < 3:
        return GraphicTypeValues.POINT, _scoord(station, np.array([[point.row, point.column]]))
    points = _scoord(station, to_pixel(station.geometry, np.array(corners, float)))
    return GraphicTypeValues.POLYLINE, np.concatenate([points, points[:1]])


def _scoord(station: Station, rc: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(rc[:, ::-1] + 0.5, 0, station.pixels.shape[::-1])
