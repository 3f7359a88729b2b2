"""A reading as a TID 1500 Measurement Report in a Comprehensive SR (PS3.3 A.35.3, PS3.16).

2D (SCOORD on the source images) rather than 3D, because older stations take it too. The document
is complete, but preliminary and unverified, and its series says RESEARCH.
"""

from __future__ import annotations

from highdicom.sr import (
    CodedConcept,
    ComprehensiveSR,
    ContainerContentItem,
    ContentSequence,
    DeviceObserverIdentifyingAttributes,
    LanguageOfContentItemAndDescendants,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    RelationshipTypeValues,
    TextContentItem,
)
from pydicom import Dataset
from pydicom.sr.codedict import codes

from myeloscope.dicom import codes as words
from myeloscope.dicom.document import (
    LEVEL_OF_SIGN,
    MANUFACTURER,
    RESEARCH_USE,
    Evidence,
    bare_header,
    derived_uid,
    set_series_description,
    stamp,
)
from myeloscope.dicom.sr_groups import case_group, finding_group, region_group
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import ReaderKind, ReaderMode, Verdict
from myeloscope.domain.reading import Reader, Reading

SERIES_NUMBER = 9901


def structured_report(evidence: Evidence) -> Dataset:
    """Return the reading as a structured report of the patient and study.

    One measurement group for each finding (planar, TID 1410), for each region and for the case
    (TID 1501); scale, root names, quality and limits of use as text (TID 1500 row 12).
    """
    images = [bare_header(image) for image in evidence.source.distinct]
    made = ComprehensiveSR(
        evidence=images,
        content=_content(evidence),
        series_instance_uid=evidence.uid("sr", "series"),
        series_number=SERIES_NUMBER,
        sop_instance_uid=evidence.uid("sr"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=False,
        is_verified=False,
    )
    set_series_description(made, "measurements and grades")
    stamp(evidence, made)
    made.CodingSchemeIdentificationSequence = [_own_scheme()]
    return made


def _content(evidence: Evidence) -> MeasurementReport:
    reading = evidence.reading
    groups = [
        case_group(evidence),
        *(region_group(evidence, region) for region in Region),
        *(finding_group(evidence, finding) for finding in reading.findings),
    ]
    report = MeasurementReport(
        observation_context=_observer(reading.reader),
        procedure_reported=words.PROCEDURES[reading.technique],
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
        language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(
            CodedConcept("en-US", "RFC5646", "English (United States)")
        ),
    )
    report[0].ContentSequence.append(_remarks(reading))
    return report


def _observer(reader: Reader) -> ObservationContext:
    if reader.kind is not ReaderKind.ALGORITHM:
        person = ObserverContext(
            codes.DCM.Person, PersonObserverIdentifyingAttributes(name=f"Reader^{reader.id}")
        )
        return ObservationContext(observer_person_context=person)
    attributes = DeviceObserverIdentifyingAttributes(
        uid=derived_uid("device", reader.id, reader.version),
        name=reader.id,
        manufacturer_name=MANUFACTURER,
        model_name=f"{MANUFACTURER} {reader.version}",
    )
    return ObservationContext(observer_device_context=ObserverContext(codes.DCM.Device, attributes))


def _remarks(reading: Reading) -> ContainerContentItem:
    """Return the Qualitative Evaluations container: what holds for the reading as a whole."""
    container = ContainerContentItem(
        name=words.QUALITATIVE_EVALUATIONS, relationship_type=RelationshipTypeValues.CONTAINS
    )
    texts = [
        (words.DISCLAIMER, RESEARCH_USE),
        (words.DISCLAIMER, LEVEL_OF_SIGN),
        (words.SCALE, reading.scale),
        (words.MODE, mode_in_words(reading)),
        (words.REMARK, str(reading.settings.get("comment", ""))),
        (words.NUMBERING, numbering_in_words(reading)),
        *((words.INDIRECT, text) for text in indirect_in_words(reading)),
        *((words.QUALITY_ISSUE, warning) for warning in reading.quality.warnings),
        *((words.QUALITY_ISSUE, text) for text in protocol_in_words(reading)),
    ]
    container.ContentSequence = ContentSequence(
        [
            TextContentItem(name, value, RelationshipTypeValues.CONTAINS)
            for name, value in texts
            if value
        ]
    )
    return container


def mode_in_words(reading: Reading) -> str:
    """Return what a person saw of an automatic reading, and what became of it; else nothing."""
    reader = reading.reader
    if reader.kind is ReaderKind.ALGORITHM:
        return ""
    if reader.mode is not ReaderMode.SECOND_LOOK:
        return reader.mode
    counts = ("accepted", "changed", "rejected", "added")
    said = ", ".join(f"{reading.settings.get(name, 0)} {name}" for name in counts)
    return f"{reader.mode}; automatic findings by a person: {said}"


def numbering_in_words(reading: Reading) -> str:
    """Return how the roots were named, the spine assumed and how sure that is."""
    numbering = reading.numbering
    formula = numbering.formula
    parts = [f"{numbering.kind}, {formula.thoracic} thoracic and {formula.lumbar} lumbar vertebrae"]
    if numbering.anchors:
        parts.append("anchored at " + ", ".join(sorted(numbering.anchors)))
    if numbering.uncertainty_roots is not None:
        parts.append(f"uncertainty {numbering.uncertainty_roots:.1f} roots")
    if numbering.note:
        parts.append(numbering.note)
    return "; ".join(parts)


def indirect_in_words(reading: Reading) -> tuple[str, ...]:
    """Return one line for each indirect sign of a cisternogram."""
    state = {True: "present", False: "absent", None: "not measured"}
    return tuple(
        f"{sign.kind}: {state[sign.present]}; {sign.note}" for sign in reading.indirect_signs or ()
    )


def protocol_in_words(reading: Reading) -> tuple[str, ...]:
    """Return one line for each acquisition setting that is not as in the paper."""
    return tuple(
        f"{item.item} {item.verdict}: found {item.found}, paper {item.paper}"
        for item in reading.quality.protocol
        if item.verdict is not Verdict.AS_IN_THE_PAPER
    )


def _own_scheme() -> Dataset:
    """Return the entry of the private scheme (PS3.3 C.12.1, Coding Scheme Identification)."""
    item = Dataset()
    item.CodingSchemeDesignator = words.SCHEME
    item.CodingSchemeName = words.SCHEME_NAME
    item.CodingSchemeResponsibleOrganization = MANUFACTURER
    return item
