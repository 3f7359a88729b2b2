"""What a cohort's pages tell: counts, the quality of its images, what stands out."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from myeloscope.cohort.record import Cell, Entry
from myeloscope.cohort.tables import REGIONS
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, Technique
from myeloscope.report.cohort_page import Outlier, Spread, Tile

OUTLYING = 3.5
"""Modified z-score from which a value stands out (Iglewicz and Hoaglin, 1993, section 3.3)."""
CONSISTENT = 0.6745
"""Makes the median absolute deviation one of a normal distribution's standard deviations."""
FEWEST = 10
"""Values below which none is called outlying."""
_COLUMN = {name: index for index, name in enumerate(REGIONS)}


@dataclass(slots=True)
class Tally:
    """What is counted while the manifest's entries go by.

    Attributes
    ----------
    grades
        (technique, region, grade) -> studies; the grade is ``None`` where not assessable.
    calls
        (technique, positive) -> studies.
    failures
        Kind of failure -> studies.
    values
        (technique, measure) -> study UID -> value.
    tiles
        The spines to show in the montage.
    seconds, written
        Sums over the studies read.
    """

    read: int = 0
    grades: Counter[tuple[str, str, int | None]] = field(default_factory=Counter)
    calls: Counter[tuple[str, bool | None]] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    values: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    tiles: list[Tile] = field(default_factory=list)
    seconds: float = 0.0
    written: int = 0


def tally(entries: Iterable[Entry]) -> Tally:
    """Return the counts over a cohort's entries."""
    made = Tally()
    for entry in entries:
        if entry.failure is not None:
            made.failures[entry.failure.value] += 1
            continue
        made.read += 1
        made.seconds += entry.seconds
        made.written += entry.written
        _count_regions(made, entry.uid, entry.rows["regions"])
        for _, technique, item, value, _ in entry.rows["quality"]:
            if isinstance(value, float) and item is not None:
                made.values.setdefault((str(technique), str(item)), {})[entry.uid] = value
    return made


def _count_regions(made: Tally, uid: str, rows: list[list[Cell]]) -> None:
    for start in range(0, len(rows), len(Region)):
        regions = rows[start : start + len(Region)]
        technique, positive = (regions[0][_COLUMN[name]] for name in ("technique", "positive"))
        called = None if positive is None else bool(positive)
        made.calls[str(technique), called] += 1
        grades: list[int | None] = []
        for row in regions:
            grade = row[_COLUMN["grade"]]
            grades.append(None if grade is None else int(grade))
            made.grades[str(technique), str(row[_COLUMN["region"]]), grades[-1]] += 1
        if technique == Technique.MRM and called is not False:
            made.tiles.append(Tile(uid, called, tuple(grades)))


def grade_rows(made: Tally, technique: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return region -> studies with grade 0, 1, 2, 3 and without a grade."""
    keys = (*map(int, Grade), None)
    return tuple(
        (region.value, tuple(made.grades[technique, region.value, key] for key in keys))
        for region in Region
    )


def spreads(made: Tally) -> tuple[Spread, ...]:
    """Return the quartiles of each measure."""
    return tuple(
        _spread(technique, item, list(values.values()))
        for (technique, item), values in sorted(made.values.items())
    )


def _spread(technique: str, item: str, values: list[float]) -> Spread:
    ordered = sorted(values)
    one = len(ordered) == 1
    cuts = ordered * 3 if one else statistics.quantiles(ordered, n=4, method="inclusive")
    return Spread(technique, item, len(ordered), (ordered[0], *cuts, ordered[-1]))


def outliers(values: Mapping[tuple[str, str], Mapping[str, float]]) -> tuple[Outlier, ...]:
    """Return the values that stand out, the most outlying first.

    By the modified z-score, ``0.6745 (x - median) / MAD`` (Iglewicz and Hoaglin, 1993); a measure
    whose MAD is 0 has none.
    """
    found = []
    for (technique, item), of in values.items():
        if len(of) < FEWEST:
            continue
        middle = statistics.median(of.values())
        mad = statistics.median(abs(value - middle) for value in of.values())
        if mad == 0:
            continue
        for uid, value in of.items():
            z = CONSISTENT * (value - middle) / mad
            if abs(z) > OUTLYING:
                found.append(Outlier(uid, technique, item, value, middle, z))
    return tuple(sorted(found, key=lambda o: (-abs(o.z), o.uid, o.item)))
