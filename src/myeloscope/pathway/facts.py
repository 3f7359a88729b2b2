"""What the signs of the criteria look at: one named fact each, ``None`` where it is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.pathway.patient import (
    RELIEF,
    TECHNIQUE_NAMES,
    Examination,
    ExamTechnique,
    Patient,
    Puncture,
)
from myeloscope.pathway.quantity import Quantity

MONTH_DAYS = 31
"""A month, counted in days (our setting)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about a patient.

    Attributes
    ----------
    input
        Its name, as rules use it.
    label
        What it is, in words.
    where
        Key of ``PATIENT.toml`` that would give it.
    value
        Yes or no, or a quantity; ``None`` where it is missing or open.
    said
        What is known of it, in words.
    """

    input: str
    label: str
    where: str
    value: bool | Quantity | None
    said: str

    @property
    def missing(self) -> bool:
        """Return whether nothing at all is known of it."""
        return self.value is None and self.said.startswith(NOTHING)


NOTHING = "missing"
_Known = tuple["bool | Quantity | None", str]


def facts_of(patient: Patient) -> dict[str, Fact]:
    """Return every fact, by name."""
    return {
        name: Fact(name, label, where, *known(patient))
        for name, (label, where, known) in FACTS.items()
    }


def first_low_pressure(patient: Patient) -> Puncture | None:
    """Return the puncture with the lowest opening pressure up to the first intervention."""
    last = patient.first_intervention
    measured = [
        (p.opening_pressure.value, p.day, p)
        for p in patient.punctures
        if p.opening_pressure is not None and (last is None or p.day <= last)
    ]
    return min(measured, key=lambda item: item[:2])[2] if measured else None


def shows_extradural_csf(exam: Examination) -> bool | None:
    """Return whether an examination shows CSF outside the dura.

    What somebody typed counts first. Of a graded MR myelogram grade 2 or 3 and an epidural
    collection count as such CSF, grade 1 alone leaves it open (our setting).
    """
    if exam.extradural_csf is not None:
        return exam.extradural_csf
    if exam.technique is not ExamTechnique.MRM:
        return None
    collections = [s for s in exam.signs or () if s.kind is FindingKind.EPIDURAL_COLLECTION]
    if collections or (exam.top_grade is not None and exam.top_grade >= Grade.PROBABLE):
        return True
    return False if exam.positive is False else None


def _pressure(patient: Patient) -> _Known:
    puncture = first_low_pressure(patient)
    if puncture is None or puncture.opening_pressure is None:
        return None, NOTHING
    measured = puncture.opening_pressure
    said = measured.said
    if measured.low != measured.high:
        said += f" (between {measured.low:g} and {measured.high:g} mm H2O)"
    others = sum(p.opening_pressure is not None for p in patient.punctures) - 1
    return measured, f"{said}, {puncture.day}" + (", the lowest measured" if others else "")


def _symptom(name: str) -> Callable[[Patient], _Known]:
    return lambda patient: _yes_or_no(getattr(patient.symptoms, name))


def _brain(name: str) -> Callable[[Patient], _Known]:
    return lambda patient: _yes_or_no(getattr(patient.brain_mri, name))


def _enhancement(patient: Patient) -> _Known:
    if patient.brain_mri.contrast is False:
        return None, f"{NOTHING}: MRI without contrast"
    return _yes_or_no(patient.brain_mri.pachymeningeal_enhancement)


def _distance(name: str) -> Callable[[Patient], _Known]:
    def known(patient: Patient) -> _Known:
        measured: Quantity | None = getattr(patient.brain_mri, name)
        return (None, NOTHING) if measured is None else (measured, measured.said)

    return known


def _yes_or_no(value: bool | None) -> _Known:
    return (None, NOTHING) if value is None else (value, "yes" if value else "no")


def _puncture_before_onset(patient: Patient) -> _Known:
    onset = patient.symptoms.onset
    if onset is None:
        return None, NOTHING
    near = punctures_before_onset(patient, MONTH_DAYS)
    if near:
        return True, f"{near[-1].purpose}, {(onset - near[-1].day).days} days before"
    return False, "none recorded"


def punctures_before_onset(patient: Patient, days: int) -> list[Puncture]:
    """Return the punctures of so many days before the symptoms; that day itself counts."""
    onset = patient.symptoms.onset
    if onset is None:
        return []
    return [p for p in patient.punctures if 0 <= (onset - p.day).days <= days]


def _before_intervention(patient: Patient) -> list[Examination]:
    last = patient.first_intervention
    return [e for e in patient.examinations if last is None or e.day <= last]


def _joined(found: Iterable[tuple[Examination, bool | None]]) -> _Known:
    """Return yes where any examination says so, open where any is open, else no."""
    answers = [(value, f"{TECHNIQUE_NAMES[exam.technique]} {exam.day}") for exam, value in found]
    if not answers:
        return None, NOTHING
    values = [value for value, _ in answers]
    answer = True if True in values else None if None in values else False
    word = {True: "yes", None: "open", False: "no"}[answer]
    return answer, f"{word}: {', '.join(name for value, name in answers if value is answer)}"


def _extradural(patient: Patient) -> _Known:
    return _joined(
        (exam, shows_extradural_csf(exam))
        for exam in _before_intervention(patient)
        if exam.technique is not ExamTechnique.RIC
    )


def _tracer(patient: Patient) -> _Known:
    return _joined(
        (exam, exam.positive)
        for exam in _before_intervention(patient)
        if exam.technique is ExamTechnique.RIC
    )


def _diverticulum(patient: Patient) -> _Known:
    return _joined(
        (exam, bool(exam.diverticula) if exam.diverticula or exam.positive is not None else None)
        for exam in _before_intervention(patient)
        if exam.diverticula is not None
    )


def _patch(patient: Patient) -> _Known:
    results = [(t.outcome, t.day) for t in patient.patches if t.outcome is not None]
    if not results:
        return None, NOTHING
    relieved = [f"{outcome} after {day}" for outcome, day in results if outcome in RELIEF]
    if relieved:
        return True, ", ".join(relieved)
    return False, ", ".join(f"{outcome} after {day}" for outcome, day in results)


FACTS: Mapping[str, tuple[str, str, Callable[[Patient], _Known]]] = {
    "headache": ("headache", "[symptoms] headache", _symptom("headache")),
    "orthostatic_headache": (
        "orthostatic headache",
        "[symptoms] orthostatic_headache",
        _symptom("orthostatic_headache"),
    ),
    "temporal_relation": (
        "headache in temporal relation to the low pressure or leak",
        "[symptoms] temporal_relation",
        _symptom("temporal_relation"),
    ),
    "better_explained": (
        "whether another diagnosis explains it better",
        "[symptoms] better_explained",
        _symptom("better_explained"),
    ),
    "procedure_or_trauma": (
        "procedure or trauma that can cause a leak",
        "[symptoms] procedure_or_trauma",
        _symptom("procedure_or_trauma"),
    ),
    "puncture_before_onset": (
        "dural puncture in the month before the onset",
        "[symptoms] onset",
        _puncture_before_onset,
    ),
    "opening_pressure": ("opening pressure", "[[punctures]] opening_pressure", _pressure),
    "pachymeningeal_enhancement": (
        "pachymeningeal enhancement",
        "[brain_mri] pachymeningeal_enhancement",
        _enhancement,
    ),
    "venous_engorgement": (
        "engorgement of the venous sinuses",
        "[brain_mri] venous_engorgement",
        _brain("venous_engorgement"),
    ),
    "subdural_collection": (
        "subdural fluid collection",
        "[brain_mri] subdural_collection",
        _brain("subdural_collection"),
    ),
    "brain_sagging": ("brain sagging", "[brain_mri] brain_sagging", _brain("brain_sagging")),
    "suprasellar_mm": (
        "suprasellar cistern",
        "[brain_mri] suprasellar",
        _distance("suprasellar"),
    ),
    "prepontine_mm": ("prepontine cistern", "[brain_mri] prepontine", _distance("prepontine")),
    "mamillopontine_mm": (
        "mamillopontine distance",
        "[brain_mri] mamillopontine",
        _distance("mamillopontine"),
    ),
    "extradural_csf": ("CSF outside the dura on spine imaging", "[[studies]]", _extradural),
    "tracer_leak": ("leak on cisternography", "[[studies]] technique = 'ric'", _tracer),
    "diverticulum": ("spinal meningeal diverticulum", "[[studies]] findings", _diverticulum),
    "ebp_improvement": (
        "response to an epidural blood patch",
        "[[treatments]] result",
        _patch,
    ),
}
"""Name -> (label, key of ``PATIENT.toml``, how it is found)."""

QUANTITIES = frozenset({"opening_pressure", "suprasellar_mm", "prepontine_mm", "mamillopontine_mm"})
"""Facts that are quantities; all others are a yes or a no."""
