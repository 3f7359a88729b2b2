"""Cautions: which of the safety rules speak for this patient, and because of what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import FindingKind
from myeloscope.pathway.facts import first_low_pressure, punctures_before_onset
from myeloscope.pathway.levels import roots_apart, within
from myeloscope.pathway.patient import (
    TECHNIQUE_NAMES,
    Examination,
    ExamTechnique,
    Patient,
    Puncture,
    SpineSign,
)
from myeloscope.pathway.rulebook import Rulebook, SafetyRule

Check = Callable[[Patient, SafetyRule], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Caution:
    """A safety rule that speaks, and what in the record made it."""

    rule: SafetyRule
    because: tuple[str, ...]


def cautions(patient: Patient, rules: Rulebook) -> tuple[Caution, ...]:
    """Return the safety rules that speak, in the order of the rules' file."""
    found = ((rule, tuple(CHECKS[rule.id](patient, rule))) for rule in rules.safety.values())
    return tuple(Caution(rule, because) for rule, because in found if because)


def kind_text(kind: FindingKind) -> str:
    """Return a kind of finding in words."""
    return kind.value.replace("-", " ")


def sign_text(sign: SpineSign) -> str:
    """Return a sign as a sentence names it, such as ``T9 left, grade 2``."""
    place = f"{sign.segment or 'unnamed root'} {sign.side}"
    return (
        f"{place}, {'epidural collection' if sign.grade is None else f'grade {sign.grade.value}'}"
    )


def doubtful_places(
    sign: SpineSign, exam: Examination, patient: Patient, rules: Rulebook
) -> list[str]:
    """Return why the place of a sign is one where signs mislead; empty where it is not."""
    reasons = []
    for name, words in (
        ("c1-c2", "at C1 or C2"),
        ("cervicothoracic", "at the cervicothoracic junction"),
    ):
        rule = rules.safety.get(name)
        if rule is not None and within(sign.segment, rule.settings["first"], rule.settings["last"]):
            reasons.append(words)
    rule = rules.safety.get("sign-near-puncture")
    near = [] if rule is None else _punctures_near(sign, exam, patient, rule)
    return [*reasons, *(f"near the puncture at {p.level} of {p.day}" for p in near)]


def _punctures_near(
    sign: SpineSign, exam: Examination, patient: Patient, rule: SafetyRule
) -> list[Puncture]:
    """Return the punctures shortly before an examination within so many roots of a sign."""
    found = []
    for puncture in _punctures_before(exam, patient, rule.settings["days"]):
        if sign.segment is not None and puncture.segment is not None:
            apart = roots_apart(sign.segment, puncture.segment)
            if apart is not None and apart <= rule.settings["segments"]:
                found.append(puncture)
    return found


def _punctures_before(exam: Examination, patient: Patient, days: int) -> list[Puncture]:
    """Return the punctures of so many days before an examination; its own day counts."""
    return [p for p in patient.punctures if 0 <= (exam.day - p.day).days <= days]


def _of(patient: Patient, technique: ExamTechnique) -> list[Examination]:
    return [exam for exam in patient.examinations if exam.technique is technique]


def _mrm(patient: Patient) -> list[Examination]:
    return _of(patient, ExamTechnique.MRM)


def _signs(patient: Patient) -> list[tuple[Examination, SpineSign]]:
    return [(exam, sign) for exam in _mrm(patient) for sign in exam.signs or ()]


def _puncture_before_onset(patient: Patient, rule: SafetyRule) -> list[str]:
    onset = patient.symptoms.onset
    return [
        f"{p.purpose} of {p.day}, onset {onset}"
        for p in punctures_before_onset(patient, rule.settings["days"])
    ]


def _puncture_before_mrm(patient: Patient, rule: SafetyRule) -> list[str]:
    return [
        f"{p.purpose} of {p.day}" + (f" at {p.level}" if p.level else ", level missing")
        + f", {_days((exam.day - p.day).days)} before the myelogram of {exam.day}"
        for exam in _mrm(patient)
        for p in _punctures_before(exam, patient, rule.settings["days"])
    ]  # fmt: skip


def _days(number: int) -> str:
    return "on the day" if number == 0 else "1 day" if number == 1 else f"{number} days"


def _sign_near_puncture(patient: Patient, rule: SafetyRule) -> list[str]:
    return [
        f"{sign_text(sign)} of {exam.day}: puncture at {p.level} of {p.day}"
        for exam, sign in _signs(patient)
        for p in _punctures_near(sign, exam, patient, rule)
    ]


def _in_range(patient: Patient, rule: SafetyRule) -> list[str]:
    return [
        f"{sign_text(sign)}, myelogram of {exam.day}"
        for exam, sign in _signs(patient)
        if within(sign.segment, rule.settings["first"], rule.settings["last"])
    ]


def _cyst_or_leak(patient: Patient, _: SafetyRule) -> list[str]:
    found = []
    for exam in _mrm(patient):
        places = {(sign.segment, sign.side) for sign in exam.signs or ()}
        for bulge in exam.diverticula or ():
            name = f"{bulge.segment or 'unnamed root'} {bulge.side}, {kind_text(bulge.kind)}"
            both = ", and a sign at the same root" if (bulge.segment, bulge.side) in places else ""
            found.append(f"{name}{both}, myelogram of {exam.day}")
    return found


def _venous_fistula(patient: Patient, _: SafetyRule) -> list[str]:
    exams = _mrm(patient)
    sized = [
        (bulge.size_mm, bulge)
        for exam in exams
        for bulge in exam.diverticula or ()
        if bulge.size_mm
    ]
    largest = max(sized, key=lambda item: item[0], default=None)
    told = [f"myelogram of {exam.day}" for exam in exams]
    if largest is not None:
        size, bulge = largest
        told.append(
            f"largest diverticulum {bulge.segment or 'unnamed root'} {bulge.side}, {size:.0f} mm"
        )
    return told


def _techniques_disagree(patient: Patient, _: SafetyRule) -> list[str]:
    mrm = patient.index_examination(ExamTechnique.MRM)
    ric = patient.index_examination(ExamTechnique.RIC)
    if mrm is None or ric is None:
        return []
    told = []
    for region in Region:
        one, other = (_call(exam, region) for exam in (mrm, ric))
        if None not in (one, other) and one is not other:
            told.append(
                f"{region.value}: MR myelogram {'positive' if one else 'negative'}, "
                f"cisternogram {'positive' if other else 'negative'}"
            )
    return told


def _call(exam: Examination, region: Region) -> bool | None:
    """Return whether a region is positive; ``None`` where it was not graded."""
    read = exam.regions.get(region)
    return None if read is None or read.grade is None else read.grade > 0


def _ric_lumbar_only(patient: Patient, _: SafetyRule) -> list[str]:
    return [
        f"cisternogram of {exam.day}"
        for exam in _of(patient, ExamTechnique.RIC)
        if [region for region in Region if _call(exam, region)] == [Region.LUMBAR]
    ]


def _image_quality(patient: Patient, _: SafetyRule) -> list[str]:
    return [
        f"{TECHNIQUE_NAMES[exam.technique]} {exam.day}: {limit}"
        for exam in patient.examinations
        for limit in (exam.limits or _unread(exam))
    ]


def _unread(exam: Examination) -> list[str]:
    """Return the regions of a typed examination that have no grade."""
    return [
        f"{region.value} region not assessable ({read.reason})"
        for region, read in exam.regions.items()
        if read.grade is None
    ]


def _patch_before_mrm(patient: Patient, rule: SafetyRule) -> list[str]:
    return [
        f"patch of {patch.day}, myelogram of {exam.day}"
        for exam in _mrm(patient)
        for patch in patient.patches
        if 0 <= (exam.day - patch.day).days <= rule.settings["days"]
    ]


def _normal_pressure(patient: Patient, rule: SafetyRule) -> list[str]:
    puncture = first_low_pressure(patient)
    if puncture is None or puncture.opening_pressure is None:
        return []
    measured = puncture.opening_pressure
    return (
        [f"{measured.said} on {puncture.day}"]
        if measured.high >= rule.settings["limit_mm_H2O"]
        else []
    )


def _subdural(patient: Patient, _: SafetyRule) -> list[str]:
    brain = patient.brain_mri
    return [f"brain MRI of {brain.day or 'unknown date'}"] if brain.subdural_collection else []


def _residual_sites(patient: Patient, rule: SafetyRule) -> list[str]:
    told = []
    for exam in _mrm(patient):
        earlier = [patch.day for patch in patient.patches if patch.day <= exam.day]
        sites = [s for s in exam.signs or () if s.kind is FindingKind.LEAK]
        if not earlier or len(sites) < rule.settings["sites"]:
            continue
        days = (exam.day - max(earlier)).days
        if rule.settings["from_days"] <= days <= rule.settings["to_days"]:
            told.append(f"{len(sites)} sites on {exam.day}, {days} days after the patch")
    return told


def _level_of_sign(patient: Patient, _: SafetyRule) -> list[str]:
    counts = [(exam, len(exam.signs or ())) for exam in _mrm(patient)]
    return [f"{n} sign{'s' if n > 1 else ''} on {exam.day}" for exam, n in counts if n]


def _brain_after_treatment(patient: Patient, _: SafetyRule) -> list[str]:
    day, first = patient.brain_mri.day, patient.first_intervention
    late = day is not None and first is not None and day > first
    return [f"brain MRI of {day}, treated on {first}"] if late else []


CHECKS: Mapping[str, Check] = {
    "puncture-before-onset": _puncture_before_onset,
    "puncture-before-mrm": _puncture_before_mrm,
    "sign-near-puncture": _sign_near_puncture,
    "c1-c2": _in_range,
    "cervicothoracic": _in_range,
    "cyst-or-leak": _cyst_or_leak,
    "venous-fistula": _venous_fistula,
    "techniques-disagree": _techniques_disagree,
    "ric-lumbar-only": _ric_lumbar_only,
    "image-quality": _image_quality,
    "patch-before-mrm": _patch_before_mrm,
    "normal-pressure": _normal_pressure,
    "subdural-collection": _subdural,
    "residual-sites": _residual_sites,
    "level-of-sign": _level_of_sign,
    "brain-after-treatment": _brain_after_treatment,
}
"""Id of a safety rule -> what it looks for; each returns what made it speak."""
