"""An examination of the spine: taken from a reading, or typed into the patient's file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from itertools import combinations
from math import dist

from myeloscope.domain.anatomy import TYPICAL_SPINE, Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade, Technique, Verdict
from myeloscope.domain.reading import Finding, Reading, RegionReading
from myeloscope.pathway.levels import is_root
from myeloscope.pathway.patient import Diverticulum, Examination, ExamTechnique, SpineSign
from myeloscope.pathway.quantity import size
from myeloscope.pathway.table import Table, refused

UNSURE_ROOTS = 0.5
"""From so many roots on the uncertainty of root names is told."""
LoadReading = Callable[[str], Reading]

_OF_READING: Mapping[Technique, ExamTechnique] = {
    Technique.MRM: ExamTechnique.MRM,
    Technique.RIC: ExamTechnique.RIC,
}
_BULGES = (FindingKind.PERINEURIAL_CYST, FindingKind.MENINGOCELE)
_GRADES: Mapping[object, Grade | None] = {
    **{grade.value: grade for grade in Grade},
    "not assessable": None,
}


def examination_from(table: Table, load: LoadReading) -> Examination:
    """Return the examination that one ``[[studies]]`` table gives.

    Parameters
    ----------
    table
        With ``technique``, ``date`` and either ``reading`` or what somebody saw.
    load
        Returns the reading at a path that the file names.

    Raises
    ------
    InputError
        When table and reading contradict each other, or grades and findings do.
    """
    technique = ExamTechnique(table.choice("technique", tuple(ExamTechnique)))
    day, extradural = table.day("date"), table.flag("extradural_csf")
    path = table.text("reading", "")
    if path:
        typed = [key for key in ("grades", "findings") if table.get(key) is not None]
        if typed:
            raise refused(
                "grades come from the reading or are typed, not both", f"reading and {typed[0]}",
                table.place, "leave one out",
            )  # fmt: skip
        reader = table.text("reader", "")
        reading = load(path)
        day = _day_of(reading, day, table)
        _check_technique(reading, technique, table)
        table.close()
        return from_reading(reading, day, path, extradural, reader)
    made = _typed(table, technique, _required(day, table), extradural)
    table.close()
    return made


def from_reading(
    reading: Reading,
    day: datetime.date,
    path: str = "",
    extradural_csf: bool | None = None,
    reader: str = "",
) -> Examination:
    """Return a reading as an examination of a day."""
    return Examination(
        technique=_OF_READING[reading.technique],
        day=day,
        regions=reading.regions,
        signs=tuple(_sign(f) for f in reading.findings if _is_sign(f)),
        diverticula=tuple(
            Diverticulum(f.kind, f.segment, f.side, largest_diameter(f))
            for f in reading.findings
            if f.kind in _BULGES
        ),
        extradural_csf=extradural_csf,
        reading=path,
        reader=reader or f"{reading.reader.id} {reading.reader.version}".strip(),
        limits=limits_of(reading),
    )


def largest_diameter(finding: Finding) -> float | None:
    """Return the largest distance between two points of a finding's outline, mm."""
    points = [
        [0.0 if part is None else part for part in position] for position in finding.outline_mm
    ]
    return max((dist(a, b) for a, b in combinations(points, 2)), default=None)


def limits_of(reading: Reading) -> tuple[str, ...]:
    """Return what limits a reading, in words: regions, warnings, names of roots, protocol."""
    regions = [
        f"{region.value} region not assessable: {read.reason}"
        for region, read in reading.regions.items()
        if read.grade is None
    ]
    partly = [
        f"{region.value} region graded in part only"
        for region, read in reading.regions.items()
        if read.at_least
    ]
    numbering = reading.numbering
    names = []
    if numbering.kind == "failed":
        names = ["roots could not be named"]
    elif numbering.uncertainty_roots is not None and numbering.uncertainty_roots >= UNSURE_ROOTS:
        names = [f"names of roots may be off by about {numbering.uncertainty_roots:.1f}"]
    off = [p.item for p in reading.quality.protocol if p.verdict is Verdict.DIFFERS]
    protocol = [f"protocol differs from the paper's: {', '.join(off)}"] if off else []
    return (*regions, *partly, *reading.quality.warnings, *names, *protocol)


def _is_sign(finding: Finding) -> bool:
    collection = finding.kind is FindingKind.EPIDURAL_COLLECTION
    return collection or (finding.kind is FindingKind.LEAK and bool(finding.grade))


def _sign(finding: Finding) -> SpineSign:
    return SpineSign(finding.kind, finding.segment, finding.side, finding.grade, finding.region)


def _required(day: datetime.date | None, table: Table) -> datetime.date:
    if day is None:
        raise refused(
            "an examination has a date", "nothing", table.at("date"), "write date = 2024-02-29"
        )
    return day


def _day_of(reading: Reading, day: datetime.date | None, table: Table) -> datetime.date:
    """Return the day of a reading, refusing a file that gives another."""
    acquired = sorted(s.acquired for s in reading.sources if s.acquired)
    if not acquired:
        return _required(day, table)
    taken = datetime.date.fromisoformat(acquired[0][:10])
    if day is not None and day != taken:
        raise refused(
            "date and reading are of the same day", f"{day}, images of {taken}",
            table.at("date"), "correct the date or name the reading of that day",
        )  # fmt: skip
    return taken


def _check_technique(reading: Reading, technique: ExamTechnique, table: Table) -> None:
    if _OF_READING[reading.technique] is not technique:
        raise refused(
            "technique and reading fit each other", f"{technique}, reading of {reading.technique}",
            table.at("technique"), f"write technique = '{_OF_READING[reading.technique]}'",
        )  # fmt: skip


def _typed(
    table: Table, technique: ExamTechnique, day: datetime.date, extradural: bool | None
) -> Examination:
    regions = _regions(table)
    signs: tuple[SpineSign, ...] | None = None
    bulges: tuple[Diverticulum, ...] | None = None
    if table.get("findings") == []:
        signs, bulges = (), ()
    elif table.get("findings") is not None:
        found = [_finding(item, regions) for item in table.tables("findings")]
        signs = tuple(item for item in found if isinstance(item, SpineSign))
        bulges = tuple(item for item in found if isinstance(item, Diverticulum))
    return Examination(
        technique, day, regions, signs, bulges, extradural, reader=table.text("reader", "")
    )


def _regions(table: Table) -> dict[Region, RegionReading]:
    """Return the typed grades; a region that is left out is not assessable, never 0."""
    if table.get("grades") is None:
        return {}
    typed = table.table("grades")
    regions = {}
    for region in Region:
        value = typed.get(region.value)
        if value is not None and (isinstance(value, bool | float) or value not in _GRADES):
            raise refused(
                "a grade is 0, 1, 2, 3 or 'not assessable'", repr(value),
                typed.at(region.value), "correct it",
            )  # fmt: skip
        grade = _GRADES.get(value)
        reason = None if grade is not None else "no grade given" if value is None else "as typed"
        regions[region] = RegionReading(grade, grade is not None, reason=reason)
    typed.close()
    return regions


def _finding(table: Table, regions: Mapping[Region, RegionReading]) -> SpineSign | Diverticulum:
    kind = FindingKind(table.choice("kind", tuple(FindingKind)))
    name = table.text("root")
    if not is_root(name):
        raise refused(
            "a root is one of C1 to C8, T1 to T13, L1 to L6, S1 to S5", repr(name),
            table.at("root"), "name the root",
        )  # fmt: skip
    root = Segment(name)
    side = Side(table.choice("side", tuple(Side), Side.UNKNOWN))
    value, largest = table.get("grade"), size(table, "size")
    table.close()
    if kind in _BULGES:
        return Diverticulum(kind, root, side, largest)
    region = TYPICAL_SPINE.region(root)
    grade = None if kind is not FindingKind.LEAK else _sign_grade(value, table)
    read = regions.get(region)
    if grade is not None and read is not None and read.grade is not None and grade > read.grade:
        raise refused(
            "a region's grade is the highest of its findings",
            f"{root} grade {grade.value}, {region.value} grade {read.grade.value}",
            table.place, "correct one of them",
        )  # fmt: skip
    return SpineSign(kind, root, side, grade, region)


def _sign_grade(value: object, table: Table) -> Grade:
    if isinstance(value, bool) or value not in (1, 2, 3):
        raise refused(
            "a sign of a leak has a grade of 1, 2 or 3", repr(value), table.at("grade"),
            "correct it, or leave a finding out that is none",
        )  # fmt: skip
    return Grade(int(str(value)))
