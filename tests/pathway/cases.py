"""Patients to hold rules against, written as TOML."""

from __future__ import annotations

import datetime
from importlib import resources

from myeloscope.domain.anatomy import TYPICAL_SPINE, Region, Side
from myeloscope.domain.grade import (
    FindingKind,
    Grade,
    ReaderKind,
    Technique,
    Verdict,
)
from myeloscope.domain.reading import (
    Finding,
    Numbering,
    ProtocolItem,
    Quality,
    Reader,
    Reading,
    RegionReading,
    SourceImage,
)
from myeloscope.pathway.dossier import Dossier, make_dossier
from myeloscope.pathway.patient import Patient
from myeloscope.pathway.patient_file import check_days, patient_from_text
from myeloscope.pathway.rules_file import RULES_FILE, shipped_rules

SHIPPED = resources.files("myeloscope.pathway").joinpath(RULES_FILE).read_text("utf-8")
TODAY = datetime.date(2024, 12, 31)
ONSET = "[symptoms]\nonset = 2024-03-01\n"


def no_reading(path: str) -> Reading:
    """Stand in for the folder of a file that names no reading."""
    raise FileNotFoundError(path)


def patient(text: str, reading: Reading | None = None) -> Patient:
    """Return the patient of a file's text, with ``[patient]`` put before it."""
    whole = f'[patient]\nid = "P1"\n{text}'
    load = no_reading if reading is None else lambda _: reading
    made = patient_from_text(whole, "P1.toml", load, shipped_rules().schemes)
    check_days(made, TODAY, "P1.toml")
    return made


def dossier(text: str, reading: Reading | None = None) -> Dossier:
    """Return the dossier of a file's text by the shipped rules."""
    return make_dossier(patient(text, reading), shipped_rules(), TODAY, "1.0", "shipped")


def mrm(grades: tuple[object, object, object], findings: str = "", day: str = "2024-04-01") -> str:
    """Return a typed MR myelogram; ``findings`` are inline tables, joined by commas."""
    return study("mrm", grades, findings, day)


def study(technique: str, grades: tuple[object, object, object], findings: str, day: str) -> str:
    """Return a typed examination with its grades, ``None`` for not assessable."""
    shown = ["'not assessable'" if grade is None else str(grade) for grade in grades]
    regions = ", ".join(f"{r.value} = {g}" for r, g in zip(Region, shown, strict=True))
    return (
        f"[[studies]]\ntechnique = '{technique}'\ndate = {day}\ngrades = {{ {regions} }}\n"
        f"findings = [{findings}]\n"
    )


def leak(root: str, grade: int, side: str = "left") -> str:
    """Return a sign of a leak as an inline table."""
    return f"{{ kind = 'leak', root = '{root}', side = '{side}', grade = {grade} }}"


def cyst(root: str, size: str = "8 mm", side: str = "left") -> str:
    """Return a perineurial cyst as an inline table."""
    return f"{{ kind = 'perineurial-cyst', root = '{root}', side = '{side}', size = '{size}' }}"


def puncture(day: str = "2024-03-20", level: str = "L3/4", pressure: str = "") -> str:
    """Return a lumbar puncture."""
    text = f"[[punctures]]\ndate = {day}\npurpose = 'lumbar puncture'\nlevel = '{level}'\n"
    return text + (f"opening_pressure = '{pressure}'\n" if pressure else "")


def patch(day: str = "2024-05-01", result: str = "", extra: str = "") -> str:
    """Return an epidural blood patch."""
    text = f"[[treatments]]\nkind = 'ebp'\ndate = {day}\n{extra}\n"
    return text + (f"result = '{result}'\n" if result else "")


def finding(kind: FindingKind, root: int, grade: Grade | None, id_: str) -> Finding:
    """Return a finding at a root of the typical spine whose outline is 6 mm by 8 mm."""
    segment = TYPICAL_SPINE.segments[root]
    return Finding(
        id_, kind, TYPICAL_SPINE.region(segment), segment, None, Side.LEFT, grade,
        10.0, 8.0, 15.0, 0.5, (), "lateral<=width", 0.5, (0.0, 0.0, 0.0),
        ((0.0, None, 0.0), (6.0, None, 0.0), (6.0, None, 8.0)), None,
    )  # fmt: skip


def reading(
    technique: Technique = Technique.MRM, acquired: str | None = "2024-04-01T10:00:00"
) -> Reading:
    """Return a reading: leak at T3, cyst at T9, a collection at T4, lumbar region unread."""
    return Reading(
        technique=technique,
        scale="paper-mrm/1",
        reader=Reader(ReaderKind.ALGORITHM, "myeloscope", "1.0"),
        sources=(SourceImage("2.25.1", "2.25.2", "2.25.3", None, acquired, "cervicothoracic"),),
        regions={
            Region.CERVICAL: RegionReading(Grade.NONE, True),
            Region.THORACIC: RegionReading(Grade.PROBABLE, True, at_least=True),
            Region.LUMBAR: RegionReading(None, False, reason="L2-L5 carry too little signal"),
        },
        findings=(
            finding(FindingKind.LEAK, 10, Grade.PROBABLE, "a"),
            finding(FindingKind.LEAK, 12, Grade.NONE, "b"),
            finding(FindingKind.PERINEURIAL_CYST, 16, Grade.NONE, "c"),
            finding(FindingKind.EPIDURAL_COLLECTION, 11, None, "d"),
        ),
        sac=(),
        roots=(),
        numbering=Numbering("assumed", uncertainty_roots=0.9),
        quality=Quality(
            30.0,
            (
                ProtocolItem("EchoTime", 700.0, 1000.0, Verdict.DIFFERS),
                ProtocolItem("Slab", 50.0, 50.0, Verdict.AS_IN_THE_PAPER),
            ),
            ("C1-C2 are above the image",),
        ),
        settings={},
    )
