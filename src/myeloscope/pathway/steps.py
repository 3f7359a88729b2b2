"""The paper's pathway for one patient: where it stands, and the steps it names. Never an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.pathway.answer import Answer
from myeloscope.pathway.criteria import CriteriaAnswer
from myeloscope.pathway.facts import Fact
from myeloscope.pathway.patient import RELIEF, Examination, ExamTechnique, Patient
from myeloscope.pathway.rulebook import Option, Rulebook
from myeloscope.pathway.safety import doubtful_places

CONTRAINDICATIONS = "not checked"


@dataclass(frozen=True, slots=True)
class MrmStanding:
    """What the MR myelogram before any intervention says.

    Attributes
    ----------
    exam
        Which one, ``None`` where there was none.
    by_the_paper
        Positive when any region is graded 1 or more; ``None`` where that can't be said.
    equivocal
        Why it counts as equivocal; empty where it does not. A myelogram may be positive by the
        paper's rule and equivocal.
    """

    exam: Examination | None
    by_the_paper: bool | None
    equivocal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of the pathway.

    Attributes
    ----------
    mrm
        Where the MR myelogram stands.
    states
        States of the patient, as the rules name them.
    withheld
        Why no step is shown; empty where steps are shown.
    by_imaging_only
        Whether inclusion is met only because spine imaging is counted, so that the same images
        would both include the patient and answer.
    options
        Steps for those states.
    targeting
        What is known for and against targeting a patch; always shown where a patch is.
    contraindications
        Always ``not checked``.
    """

    mrm: MrmStanding
    states: tuple[str, ...]
    withheld: tuple[str, ...]
    by_imaging_only: bool
    options: tuple[Option, ...]
    targeting: Option
    contraindications: str = CONTRAINDICATIONS


def steps_of(
    patient: Patient,
    criteria: Sequence[CriteriaAnswer],
    facts: Mapping[str, Fact],
    rules: Rulebook,
) -> Steps:
    """Return where a patient stands on the pathway, and its steps where inclusion is met."""
    standing = mrm_standing(patient, rules)
    states = _states(patient, standing)
    withheld = _withheld(patient, criteria, facts)
    options = () if withheld else tuple(o for o in rules.options if o.when in states)
    struck = all(answer.without_imaging is not Answer.MET for answer in criteria)
    return Steps(standing, states, withheld, struck and not withheld, options, rules.targeting)


def mrm_standing(patient: Patient, rules: Rulebook) -> MrmStanding:
    """Return what the MR myelogram before any intervention says, and why it may be equivocal."""
    exam = patient.index_examination(ExamTechnique.MRM)
    if exam is None:
        return MrmStanding(None, None, ())
    reasons = []
    if exam.positive and exam.top_grade is Grade.POSSIBLE:
        reasons.append("the highest grade is 1")
    unread = [r for r in Region if r not in exam.regions or exam.regions[r].grade is None]
    if unread:
        reasons.append(f"not assessable: {', '.join(region.value for region in unread)}")
    places = [
        doubtful_places(sign, exam, patient, rules)
        for sign in exam.signs or ()
        if sign.kind is FindingKind.LEAK
    ]
    if places and all(places):
        where = dict.fromkeys(reason for found in places for reason in found)
        reasons.append(f"every sign lies where signs mislead ({'; '.join(where)})")
    return MrmStanding(exam, exam.positive, tuple(reasons))


def _states(patient: Patient, standing: MrmStanding) -> tuple[str, ...]:
    outcome = patient.patches[-1].outcome if patient.patches else None
    if outcome in RELIEF:
        return ("patched with relief",)
    states = ["not treated"] if not patient.treatments else []
    states += ["no MR myelogram"] if standing.exam is None else _answers(standing)
    if outcome is not None:
        states.append("patched without lasting relief")
    return tuple(states)


def _answers(standing: MrmStanding) -> list[str]:
    answers = []
    if standing.by_the_paper is not None:
        answers.append("positive" if standing.by_the_paper else "negative")
    return [*answers, "equivocal"] if standing.equivocal else answers


def _withheld(
    patient: Patient, criteria: Sequence[CriteriaAnswer], facts: Mapping[str, Fact]
) -> tuple[str, ...]:
    reasons = []
    if not (patient.symptoms.headache or patient.symptoms.others):
        reasons.append("no symptom is recorded, and the criteria are for people who have some")
    if all(answer.with_imaging is not Answer.MET for answer in criteria):
        told = ", ".join(f"{c.criteria.id} {c.with_imaging}" for c in criteria)
        reasons.append(f"no set of inclusion criteria is met ({told})")
    if facts["puncture_before_onset"].value is True:
        reasons.append(
            "a dural puncture lies in the month before the symptoms: the pathway is for "
            "spontaneous leaks"
        )
    return tuple(reasons)
