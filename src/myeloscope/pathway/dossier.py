"""The dossier: one patient, held against every rule."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from myeloscope.pathway.bern import BernScore, bern_score
from myeloscope.pathway.criteria import CriteriaAnswer, judge_criteria
from myeloscope.pathway.facts import Fact, facts_of
from myeloscope.pathway.patient import (
    TECHNIQUE_NAMES,
    ExamTechnique,
    Patient,
    Treatment,
    TreatmentKind,
)
from myeloscope.pathway.rulebook import Rulebook
from myeloscope.pathway.safety import Caution, cautions, sign_text
from myeloscope.pathway.steps import Steps, steps_of


@dataclass(frozen=True, slots=True)
class Missing:
    """An input that is missing: what it is, where it would stand, and what waits for it."""

    label: str
    where: str
    needed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day; ``since_onset`` in days, where the onset is known."""

    day: datetime.date
    since_onset: int | None
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that a dossier shows.

    Attributes
    ----------
    as_of
        Day of the dossier.
    version
        Of the program.
    rules_name
        ``shipped``, or the name of the file that was used instead.
    """

    patient: Patient
    as_of: datetime.date
    version: str
    rules: Rulebook
    rules_name: str
    criteria: tuple[CriteriaAnswer, ...]
    bern: BernScore
    cautions: tuple[Caution, ...]
    steps: Steps
    missing: tuple[Missing, ...]
    course: tuple[Event, ...]


def make_dossier(
    patient: Patient, rules: Rulebook, as_of: datetime.date, version: str, rules_name: str
) -> Dossier:
    """Return the dossier of a patient."""
    facts = facts_of(patient)
    criteria = judge_criteria(rules, facts)
    return Dossier(
        patient, as_of, version, rules, rules_name, criteria,
        bern_score(rules.bern, facts),
        cautions(patient, rules),
        steps_of(patient, criteria, facts, rules),
        missing_inputs(patient, criteria, facts, rules),
        course_of(patient),
    )  # fmt: skip


def missing_inputs(
    patient: Patient,
    criteria: Sequence[CriteriaAnswer],
    facts: Mapping[str, Fact],
    rules: Rulebook,
) -> tuple[Missing, ...]:
    """Return what is missing: first what criteria and score wait for, then the record's gaps."""
    wanted: dict[str, list[str]] = {}
    for answer in criteria:
        for item in answer.signs:
            wanted.setdefault(item.sign.input, []).append(answer.criteria.id)
    for sign, _ in rules.bern.items:
        wanted.setdefault(sign.input, []).append("Bern score")
    found = [
        Missing(facts[name].label, facts[name].where, tuple(dict.fromkeys(users)))
        for name, users in wanted.items()
        if facts[name].missing
    ]
    return (*found, *_gaps(patient))


def _gaps(patient: Patient) -> list[Missing]:
    """Return the gaps in a record that no criterion asks for but a reader would."""
    gaps: list[tuple[str, str, object]] = [
        ("age", "[patient] age", patient.age),
        ("sex", "[patient] sex", patient.sex),
        ("consent to research", "[consent] research", patient.research_consent),
        ("day of onset", "[symptoms] onset", patient.symptoms.onset),
        ("day of the brain MRI", "[brain_mri] date", patient.brain_mri.day),
        ("whether the brain MRI had contrast", "[brain_mri] contrast", patient.brain_mri.contrast),
        (
            "MR myelogram before any intervention",
            "[[studies]] technique = 'mrm'",
            patient.index_examination(ExamTechnique.MRM),
        ),
    ]
    gaps += [
        (f"level of the {p.purpose} of {p.day}", "[[punctures]] level", p.segment)
        for p in patient.punctures
    ]
    gaps += [gap for patch in patient.patches for gap in _patch_gaps(patch)]
    return [Missing(label, where, ()) for label, where, value in gaps if value is None]


def _patch_gaps(patch: Treatment) -> list[tuple[str, str, object]]:
    name = f"of the patch of {patch.day}"
    return [
        (f"level {name}", "[[treatments]] levels", patch.levels or None),
        (f"volume {name}", "[[treatments]] volume", patch.volume_ml),
        (
            f"whether the patch of {patch.day} was targeted",
            "[[treatments]] targeted",
            patch.targeted,
        ),
        (f"result {name}", "[[treatments]] result", patch.outcome),
    ]


def course_of(patient: Patient) -> tuple[Event, ...]:
    """Return everything that has a day, first to last."""
    onset = patient.symptoms.onset
    told = [(onset, "symptoms", "onset")] if onset else []
    brain = patient.brain_mri
    if brain.day is not None:
        contrast = {True: "with contrast", False: "without contrast", None: "contrast missing"}
        told.append((brain.day, "brain MRI", contrast[brain.contrast]))
    for puncture in patient.punctures:
        measured = puncture.opening_pressure
        parts = [puncture.purpose, puncture.level or "level missing"]
        parts += [f"opening pressure {measured.said}"] if measured else []
        told.append((puncture.day, "dural puncture", ", ".join(parts)))
    for exam in patient.examinations:
        answer = {True: "positive", False: "negative", None: "not graded, or can't tell"}
        signs = "; ".join(sign_text(sign) for sign in exam.signs or ())
        told.append(
            (
                exam.day,
                TECHNIQUE_NAMES[exam.technique],
                answer[exam.positive] + (f": {signs}" if signs else ""),
            )
        )
    told += [(t.day, _TREATMENTS[t.kind], treatment_text(t)) for t in patient.treatments]
    return tuple(
        Event(day, (day - onset).days if onset else None, kind, text)
        for day, kind, text in sorted(told, key=lambda event: event[0])
    )


_TREATMENTS = {
    TreatmentKind.CONSERVATIVE: "conservative treatment",
    TreatmentKind.EBP: "epidural blood patch",
    TreatmentKind.SURGERY: "surgery",
    TreatmentKind.EMBOLISATION: "embolisation",
}


def treatment_text(treatment: Treatment) -> str:
    """Return a treatment in words; of a patch, what is missing is named."""
    parts = [*treatment.levels]
    if treatment.side is not None:
        parts.append(str(treatment.side))
    if treatment.kind is TreatmentKind.EBP:
        volume = treatment.volume_ml
        parts.append("volume missing" if volume is None else f"{volume:g} mL")
        aim = {True: "targeted", False: "not targeted", None: "targeted or not: missing"}
        parts.append(aim[treatment.targeted])
    result = treatment.outcome or "missing"
    when = f" on {treatment.outcome_day}" if treatment.outcome_day else ""
    return ", ".join([*parts, f"result {result}{when}"])


def summary(dossier: Dossier) -> tuple[str, ...]:
    """Return the dossier in a few lines, as the command prints them."""
    sets = "; ".join(f"{c.criteria.id} {c.with_imaging}" for c in dossier.criteria)
    bern = dossier.bern
    score = f"{bern.low}" if bern.low == bern.high else f"{bern.low} to {bern.high}"
    standing = dossier.steps.mrm
    mrm = {True: "positive", False: "negative", None: "can't tell"}[standing.by_the_paper]
    if standing.exam is None:
        mrm = "none before any intervention"
    if standing.equivocal:
        mrm += f" by the paper's rule, and equivocal ({'; '.join(standing.equivocal)})"
    if dossier.steps.withheld:
        options = f"no option shown: {'; '.join(dossier.steps.withheld)}"
    else:
        options = (
            f"{len(dossier.steps.options)} options of the paper's pathway shown, none an order"
        )
    return (
        f"inclusion: {sets}",
        f"Bern score {score} of {sum(i.points for i in bern.items)} ({bern.band})",
        f"MR myelogram: {mrm}",
        f"{len(dossier.cautions)} cautions, {len(dossier.missing)} inputs missing",
        options,
    )
