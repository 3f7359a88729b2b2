"""One patient's record, as ``PATIENT.toml`` gives it: what is known, ``None`` where it is not.

Nobody is named: ``id`` is a pseudonym, age is in years. Dates are days; lengths mm; volumes mL.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.reading import RegionReading, is_positive
from myeloscope.pathway.quantity import Quantity


class ExamTechnique(StrEnum):
    """Examination of the spine, as a patient's file names it."""

    MRM = "mrm"
    RIC = "ric"
    SPINE_MRI = "spine-mri"
    CTM = "ctm"
    DSM = "dsm"


TECHNIQUE_NAMES: Mapping[ExamTechnique, str] = {
    ExamTechnique.MRM: "MR myelography",
    ExamTechnique.RIC: "radioisotope cisternography",
    ExamTechnique.SPINE_MRI: "spine MRI",
    ExamTechnique.CTM: "CT myelography",
    ExamTechnique.DSM: "digital subtraction myelography",
}
PUNCTURING = (ExamTechnique.RIC, ExamTechnique.CTM, ExamTechnique.DSM)
"""Examinations that need a dural puncture."""


class TreatmentKind(StrEnum):
    """Treatment; ``EBP`` is an epidural blood patch."""

    CONSERVATIVE = "conservative"
    EBP = "ebp"
    SURGERY = "surgery"
    EMBOLISATION = "embolisation"


class Outcome(StrEnum):
    """What a treatment did to the symptoms."""

    RESOLVED = "resolved"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSE = "worse"


RELIEF = (Outcome.RESOLVED, Outcome.IMPROVED)


@dataclass(frozen=True, slots=True)
class Symptoms:
    """Onset and nature of the symptoms, and what ICHD-3 asks of the history."""

    onset: datetime.date | None = None
    headache: bool | None = None
    orthostatic_headache: bool | None = None
    temporal_relation: bool | None = None
    better_explained: bool | None = None
    procedure_or_trauma: bool | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrainMri:
    """Signs and distances on MRI of the brain."""

    day: datetime.date | None = None
    contrast: bool | None = None
    pachymeningeal_enhancement: bool | None = None
    venous_engorgement: bool | None = None
    subdural_collection: bool | None = None
    brain_sagging: bool | None = None
    suprasellar: Quantity | None = None
    prepontine: Quantity | None = None
    mamillopontine: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Puncture:
    """A dural puncture: the root that leaves at its level, and the opening pressure."""

    day: datetime.date
    purpose: str
    level: str = ""
    segment: Segment | None = None
    opening_pressure: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Treatment:
    """One treatment and what it did."""

    kind: TreatmentKind
    day: datetime.date
    levels: tuple[str, ...] = ()
    side: Side | None = None
    volume_ml: float | None = None
    targeted: bool | None = None
    outcome: Outcome | None = None
    outcome_day: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class SpineSign:
    """A graded sign of a leak; ``grade`` is ``None`` for an epidural collection."""

    kind: FindingKind
    segment: Segment | None
    side: Side
    grade: Grade | None
    region: Region


@dataclass(frozen=True, slots=True)
class Diverticulum:
    """A perineurial cyst or meningocele and its largest diameter, mm."""

    kind: FindingKind
    segment: Segment | None
    side: Side
    size_mm: float | None


@dataclass(frozen=True, slots=True)
class Examination:
    """One examination of the spine, from a ``reading.json`` or as somebody typed it.

    Attributes
    ----------
    regions
        Grade of each region, empty where none was given.
    signs, diverticula
        What was found; ``None`` where nobody says that it was looked for.
    extradural_csf
        Whether CSF was seen outside the dura, as somebody typed it.
    reading
        Path of the reading, as the file gives it, or empty.
    reader
        Who read.
    limits
        What limits the images, in words.
    """

    technique: ExamTechnique
    day: datetime.date
    regions: Mapping[Region, RegionReading] = field(default_factory=dict)
    signs: tuple[SpineSign, ...] | None = None
    diverticula: tuple[Diverticulum, ...] | None = None
    extradural_csf: bool | None = None
    reading: str = ""
    reader: str = ""
    limits: tuple[str, ...] = ()

    @property
    def positive(self) -> bool | None:
        """Return whether any region is graded 1 or more; ``None`` where that can't be said."""
        if not self.regions:
            return None
        return is_positive(tuple(read.grade for read in self.regions.values()))

    @property
    def top_grade(self) -> Grade | None:
        """Return the highest grade of any region that has one."""
        grades = (read.grade for read in self.regions.values() if read.grade is not None)
        return max(grades, default=None)


@dataclass(frozen=True, slots=True)
class LeakType:
    """A type of leak by a named scheme, and how it was proven."""

    scheme: str
    code: str
    technique: ExamTechnique | None = None
    day: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """Everything that is known of one patient; lists in the order of their dates."""

    id: str
    age: int | None = None
    sex: str | None = None
    research_consent: bool | None = None
    consent_day: datetime.date | None = None
    symptoms: Symptoms = Symptoms()
    brain_mri: BrainMri = BrainMri()
    punctures: tuple[Puncture, ...] = ()
    examinations: tuple[Examination, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    leak_types: tuple[LeakType, ...] = ()

    @property
    def patches(self) -> tuple[Treatment, ...]:
        """Return the epidural blood patches, first to last."""
        return tuple(t for t in self.treatments if t.kind is TreatmentKind.EBP)

    @property
    def first_intervention(self) -> datetime.date | None:
        """Return the day of the first patch, operation or embolisation."""
        days = (t.day for t in self.treatments if t.kind is not TreatmentKind.CONSERVATIVE)
        return min(days, default=None)

    def index_examination(self, technique: ExamTechnique) -> Examination | None:
        """Return the last examination by a technique up to the day of the first intervention."""
        last = self.first_intervention
        before = [
            exam
            for exam in self.examinations
            if exam.technique is technique and (last is None or exam.day <= last)
        ]
        return before[-1] if before else None
