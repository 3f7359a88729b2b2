"""Any number of examinations of one patient in time, with the blood patches between them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from myeloscope.comparison.agreement import TwoTechniques, agree
from myeloscope.comparison.change import Comparison, compare, day_of, days_after
from myeloscope.domain.grade import FindingKind, Technique
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError


@dataclass(frozen=True, slots=True)
class Visit:
    """One examination in its place in time.

    Attributes
    ----------
    reading, day
        What was read, and when it was acquired.
    sites
        Signs of grade 1 or more.
    days_after_patch
        Since the last blood patch before it, ``None`` where none is known.
    """

    reading: Reading
    day: datetime.date | None
    sites: int
    days_after_patch: int | None


@dataclass(frozen=True, slots=True)
class Course:
    """Examinations in the order of time, and what they say of each other.

    Each MR myelogram is compared with the one before it, each cisternogram with the MR myelogram
    next to it in time.
    """

    visits: tuple[Visit, ...]
    patches: tuple[datetime.date, ...]
    follow_ups: tuple[Comparison, ...]
    agreements: tuple[TwoTechniques, ...]


def follow(readings: Sequence[Reading], patches: Sequence[datetime.date] = ()) -> Course:
    """Return the course that readings of one patient show.

    Parameters
    ----------
    readings
        Two or more, of either technique; put in the order of their days. Two may be without a
        day, and are then taken in the order given.
    patches
        Days of epidural blood patches.

    Raises
    ------
    InputError
        If there are fewer than two readings, two cisternograms only, a day is missing that the
        order needs, one study is given twice, or a patch came after everything.
    """
    _check(readings, patches)
    days = [day_of(reading) for reading in readings]
    ordered = list(readings)
    if None not in days:
        ordered.sort(key=lambda reading: str(day_of(reading)))
    known = tuple(sorted(set(patches)))
    visits = tuple(_visit(reading, known) for reading in ordered)
    mrm = [reading for reading in ordered if reading.technique is Technique.MRM]
    ric = [reading for reading in ordered if reading.technique is Technique.RIC]
    return Course(
        visits,
        known,
        tuple(compare(a, b, _last(known, b)) for a, b in pairwise(mrm)),
        tuple(agree(_nearest(mrm, reading), reading) for reading in ric),
    )


def _check(readings: Sequence[Reading], patches: Sequence[datetime.date]) -> None:
    if len(readings) < 2 or all(r.technique is Technique.RIC for r in readings):
        raise InputError(
            "a comparison takes two examinations or more, one of them an MR myelogram",
            value=f"{len(readings)}, {sum(r.technique is Technique.MRM for r in readings)} of MRM",
            place="studies", remedy="give another study or reading",
        )  # fmt: skip
    uids = [{s.study_uid for s in r.sources} | {r.technique.value} for r in readings if r.sources]
    twice = next((uid for n, uid in enumerate(uids) if uid in uids[:n]), None)
    if twice is not None:
        raise InputError(
            "each examination is given once", value="study " + " ".join(sorted(twice)),
            place="studies", remedy="leave one out",
        )  # fmt: skip
    days = [day_of(reading) for reading in readings]
    if None in days and (len(readings) > 2 or patches):
        raise InputError(
            "the order of examinations and days after a patch need their dates",
            value=f"{days.count(None)} of {len(days)} without",
            place="studies", remedy="give two without --ebp, or images that carry their date",
        )  # fmt: skip
    last = max((day for day in days if day is not None), default=None)
    if late := [patch for patch in patches if last is not None and patch > last]:
        raise InputError(
            "a patch came before the last images", value=f"{late[0]}, images of {last}",
            place="--ebp", remedy="leave it out",
        )  # fmt: skip


def _visit(reading: Reading, patches: Sequence[datetime.date]) -> Visit:
    leaks = [f for f in reading.findings if f.kind is FindingKind.LEAK and f.grade]
    since = days_after(reading, _last(patches, reading))
    return Visit(reading, day_of(reading), len(leaks), since)


def _last(patches: Sequence[datetime.date], reading: Reading) -> datetime.date | None:
    """Return the last patch that is not after a reading's images."""
    day = day_of(reading)
    return max((patch for patch in patches if day is not None and patch <= day), default=None)


def _nearest(mrm: Sequence[Reading], ric: Reading) -> Reading:
    """Return the MR myelogram next to a cisternogram in time, the first where days are missing."""
    there = day_of(ric)

    def away(reading: Reading) -> int:
        day = day_of(reading)
        return 0 if day is None or there is None else abs((day - there).days)

    return min(mrm, key=away)
