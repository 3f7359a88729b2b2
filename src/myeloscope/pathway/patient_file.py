"""``PATIENT.toml`` to a :class:`~myeloscope.pathway.patient.Patient`, each slip refused by name."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from myeloscope.domain.anatomy import Side
from myeloscope.pathway.examination import LoadReading, examination_from
from myeloscope.pathway.levels import root_at
from myeloscope.pathway.patient import (
    PUNCTURING,
    TECHNIQUE_NAMES,
    BrainMri,
    Examination,
    ExamTechnique,
    LeakType,
    Outcome,
    Patient,
    Puncture,
    Symptoms,
    Treatment,
    TreatmentKind,
)
from myeloscope.pathway.quantity import distance, pressure, volume
from myeloscope.pathway.rulebook import Scheme
from myeloscope.pathway.table import Table, refused

FIRST_YEAR, OLDEST = 1900, 120


def patient_from_text(
    text: str, place: str, load: LoadReading, schemes: Mapping[str, Scheme]
) -> Patient:
    """Return the patient that a text of ``PATIENT.toml`` describes.

    Parameters
    ----------
    text
        TOML.
    place
        The file's name, for messages.
    load
        Returns the reading at a path that the file names.
    schemes
        The schemes of leak types that may be named.

    Raises
    ------
    InputError
        With value, rule, place and remedy, for the first slip.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refused(
            "a patient is written in TOML, with dates of the calendar", error, place,
            "correct that line",
        ) from error  # fmt: skip
    root = Table(data, place)
    exams = _by_day([examination_from(t, load) for t in root.tables("studies", missing=())])
    punctures = [_puncture(t) for t in root.tables("punctures", missing=())]
    who = root.table("patient")
    consent = root.table("consent")
    made = Patient(
        id=who.text("id"),
        age=_age(who),
        sex=who.chosen("sex", ("F", "M", "other")),
        research_consent=consent.flag("research"),
        consent_day=consent.day("date"),
        symptoms=_symptoms(root.table("symptoms")),
        brain_mri=_brain(root.table("brain_mri")),
        punctures=_by_day([*punctures, *_implied(exams, punctures)]),
        examinations=exams,
        treatments=_by_day([_treatment(t) for t in root.tables("treatments", missing=())]),
        leak_types=tuple(_leak_type(t, schemes) for t in root.tables("leak_types", missing=())),
    )
    for table in (who, consent, root):
        table.close()
    return made


def check_days(patient: Patient, as_of: datetime.date, place: str) -> None:
    """Refuse days that cannot be, or stand in the wrong order.

    Parameters
    ----------
    patient
        Whose days.
    as_of
        Day of the dossier; nothing lies after it.
    place
        The file's name, for messages.

    Raises
    ------
    InputError
        For the first such day.
    """
    for what, day in days_of(patient):
        if day.year < FIRST_YEAR:
            raise refused(
                f"a day lies after {FIRST_YEAR}", day, f"{place}, {what}", "correct the year"
            )
        if day > as_of:
            raise refused(
                "no day lies after that of the dossier", f"{day}, dossier of {as_of}",
                f"{place}, {what}", "correct it, or make the dossier with --as-of of a later day",
            )  # fmt: skip
    onset = patient.symptoms.onset
    for treatment in patient.treatments:
        if onset is not None and treatment.day < onset:
            raise refused(
                "no treatment comes before the symptoms", f"{treatment.day}, onset {onset}",
                f"{place}, treatment '{treatment.kind}'", "correct one of the two days",
            )  # fmt: skip
        if treatment.outcome_day is not None and treatment.outcome_day < treatment.day:
            raise refused(
                "no result comes before its treatment",
                f"{treatment.outcome_day}, treated {treatment.day}",
                f"{place}, treatment '{treatment.kind}' result_date", "exchange or correct them",
            )  # fmt: skip


def days_of(patient: Patient) -> list[tuple[str, datetime.date]]:
    """Return every day of a patient's record with what it is the day of."""
    dated = [
        ("consent", patient.consent_day),
        ("symptoms onset", patient.symptoms.onset),
        ("brain_mri", patient.brain_mri.day),
        *((f"puncture '{p.purpose}'", p.day) for p in patient.punctures),
        *((f"study '{e.technique}'", e.day) for e in patient.examinations),
        *((f"treatment '{t.kind}'", t.day) for t in patient.treatments),
        *((f"treatment '{t.kind}' result_date", t.outcome_day) for t in patient.treatments),
        *((f"leak type '{t.scheme}'", t.day) for t in patient.leak_types),
    ]
    return [(what, day) for what, day in dated if day is not None]


class _HasDay(Protocol):
    @property
    def day(self) -> datetime.date: ...


_Dated = TypeVar("_Dated", bound=_HasDay)


def _by_day(items: list[_Dated]) -> tuple[_Dated, ...]:
    return tuple(sorted(items, key=lambda item: item.day))


def _age(table: Table) -> int | None:
    if table.get("age") is None:
        return None
    age = table.whole("age")
    if not 0 <= age <= OLDEST:
        raise refused("an age lies between 0 and 120 years", age, table.at("age"), "correct it")
    return age


def _symptoms(table: Table) -> Symptoms:
    orthostatic, headache = table.flag("orthostatic_headache"), table.flag("headache")
    if orthostatic and headache is False:
        raise refused(
            "an orthostatic headache is a headache", "orthostatic_headache without headache",
            table.place, "correct one of the two",
        )  # fmt: skip
    others = table.texts("others") if table.get("others") else ()
    made = Symptoms(
        onset=table.day("onset"),
        headache=True if orthostatic else headache,
        orthostatic_headache=False if headache is False else orthostatic,
        temporal_relation=table.flag("temporal_relation"),
        better_explained=table.flag("better_explained"),
        procedure_or_trauma=table.flag("procedure_or_trauma"),
        others=others,
    )
    table.close()
    return made


def _brain(table: Table) -> BrainMri:
    contrast, enhancement = table.flag("contrast"), table.flag("pachymeningeal_enhancement")
    if contrast is False and enhancement is not None:
        raise refused(
            "enhancement is seen with contrast only", "contrast = false",
            table.at("pachymeningeal_enhancement"), "leave it out: it counts as missing",
        )  # fmt: skip
    sure = bool(table.flag("distances_confirmed"))
    made = BrainMri(
        table.day("date"), contrast, enhancement,
        venous_engorgement=table.flag("venous_engorgement"),
        subdural_collection=table.flag("subdural_collection"),
        brain_sagging=table.flag("brain_sagging"),
        suprasellar=distance(table, "suprasellar", confirmed=sure),
        prepontine=distance(table, "prepontine", confirmed=sure),
        mamillopontine=distance(table, "mamillopontine", confirmed=sure),
    )  # fmt: skip
    table.close()
    return made


def _dated(table: Table, what: str) -> datetime.date:
    day = table.day("date")
    if day is None:
        raise refused(
            f"a {what} has a date", "nothing", table.at("date"), "write date = 2024-02-29"
        )
    return day


def _puncture(table: Table) -> Puncture:
    level = table.text("level", "")
    root = root_at(level)
    if level and root is None:
        raise refused(
            "a level is two vertebrae or one", repr(level), table.at("level"), "write L3/4 or L3"
        )
    made = Puncture(
        _dated(table, "puncture"),
        table.text("purpose"),
        level,
        root,
        pressure(table, "opening_pressure", confirmed=bool(table.flag("pressure_confirmed"))),
    )
    table.close()
    return made


def _implied(exams: Sequence[Examination], punctures: Sequence[Puncture]) -> list[Puncture]:
    """Return the punctures that examinations needed and nobody recorded."""
    days = {puncture.day for puncture in punctures}
    return [
        Puncture(exam.day, TECHNIQUE_NAMES[exam.technique])
        for exam in exams
        if exam.technique in PUNCTURING and exam.day not in days
    ]


def _treatment(table: Table) -> Treatment:
    outcome, side = table.chosen("result", tuple(Outcome)), table.chosen("side", tuple(Side))
    levels = table.texts("levels") if table.get("levels") else ()
    for level in levels:
        if root_at(level) is None:
            raise refused(
                "a level is two vertebrae or one", repr(level), table.at("levels"),
                "write T9/10 or T9",
            )  # fmt: skip
    made = Treatment(
        TreatmentKind(table.choice("kind", tuple(TreatmentKind))),
        _dated(table, "treatment"),
        levels,
        None if side is None else Side(side),
        volume(table, "volume"),
        table.flag("targeted"),
        None if outcome is None else Outcome(outcome),
        table.day("result_date"),
    )
    table.close()
    return made


def _leak_type(table: Table, schemes: Mapping[str, Scheme]) -> LeakType:
    if table.get("scheme") is None:
        raise refused(
            "a type of leak is named by its scheme, since the same number has two meanings",
            f"type {table.get('type')!r} alone", table.place,
            f"add scheme = one of {', '.join(schemes)}",
        )  # fmt: skip
    scheme = schemes[table.choice("scheme", tuple(schemes))]
    code = table.choice("type", tuple(scheme.types))
    technique = table.chosen("technique", tuple(ExamTechnique))
    made = LeakType(
        scheme.id, code, None if technique is None else ExamTechnique(technique), table.day("date")
    )
    table.close()
    return made
