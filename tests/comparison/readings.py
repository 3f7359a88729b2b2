"""Readings of one drawn person: roots and sac by formula, wherever the image begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from myeloscope.domain.anatomy import TYPICAL_SPINE, Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade, ReaderKind, Technique
from myeloscope.domain.reading import (
    Finding,
    Numbering,
    Quality,
    Reader,
    Reading,
    RegionReading,
    Root,
    SacPoint,
    SourceImage,
)

SEGMENTS = TYPICAL_SPINE.segments
SPINE_MM = tuple(float(s) for s in np.cumsum(np.linspace(13.0, 34.0, len(SEGMENTS))))
"""Distance of each root from the top of the spine: spacings grow downward, 13 to 34 mm."""


@dataclass(frozen=True)
class Leak:
    """A sign at a root (index from C1)."""

    root: int
    side: Side = Side.LEFT
    extent: float | None = 10.0
    brightness: float | None = 0.3
    area: float = 100.0
    grade: Grade = Grade.PROBABLE
    kind: FindingKind = FindingKind.LEAK
    score: float = 0.9
    fluid: float | None = None


@dataclass(frozen=True)
class View:
    """What a reading shows: spine distances from ``top`` to ``bottom``, roots misnamed.

    ``scores`` are those of the roots (index from C1) on the left that were searched.
    """

    top: float = 40.0
    bottom: float = 560.0
    names: int = 0
    stretch: float = 1.0
    wider: float = 1.0
    day: str | None = "2024-03-01"
    regions: tuple[RegionReading, RegionReading, RegionReading] | None = None
    visible: bool = True
    technique: Technique = Technique.MRM
    scores: Mapping[int, float] | None = None


def width(s: float) -> float:
    """Return the sac's width at a distance along the spine, mm."""
    return float(15 + 3 * np.cos(s / 70) + np.cos(s / 23) + 2 * np.exp(-(((s - 430) / 40) ** 2)))


def height(s: float, view: View) -> tuple[float, float, float]:
    """Return the patient position of a distance along the spine as a view has it."""
    return (5.0, 0.0, 300.0 - view.stretch * s)


def reading(leaks: Sequence[Leak] = (), view: View | None = None) -> Reading:
    """Return the reading of a view of the drawn person."""
    seen = view or View()
    sac = tuple(
        SacPoint(seen.stretch * (s - seen.top), height(s, seen), seen.wider * width(s))
        for s in np.arange(seen.top, seen.bottom, 4.0).tolist()
    )
    shown = [
        (i, s)
        for i, s in enumerate(SPINE_MM)
        if seen.top < s < seen.bottom and 0 <= i + seen.names < len(SEGMENTS)
    ]
    roots = tuple(
        Root(
            SEGMENTS[i + seen.names], side, seen.visible, Grade.NONE, height(s, seen), 4.0,
            seen.stretch * (s - seen.top),
            seen.scores.get(i) if seen.scores and side is Side.LEFT else None,
        )
        for i, s in shown
        for side in (Side.LEFT, Side.RIGHT)
    )  # fmt: skip
    found = tuple(_finding(leak, seen, n) for n, leak in enumerate(leaks))
    regions = dict(zip(Region, seen.regions, strict=True)) if seen.regions else {
        region: RegionReading(_grade(found, region), True, score=0.05) for region in Region
    }  # fmt: skip
    day = None if seen.day is None else f"{seen.day}T10:00:00"
    study = f"2.25.{(seen.day or '1').replace('-', '')}"
    return Reading(
        technique=seen.technique,
        scale="paper-mrm/1",
        reader=Reader(ReaderKind.ALGORITHM, "myeloscope", "1.0"),
        sources=(SourceImage(study, "2.25.2", "2.25.3", None, day, "cervicothoracic"),),
        regions=regions,
        findings=found,
        sac=sac,
        roots=roots,
        numbering=Numbering("assumed"),
        quality=Quality(30.0),
        settings={},
    )


def _grade(found: Sequence[Finding], region: Region) -> Grade:
    return max((f.grade or Grade.NONE for f in found if f.region is region), default=Grade.NONE)


def _evidence(leak: Leak) -> dict[str, float]:
    if leak.brightness is None:
        return {}
    measured = {"brightness": leak.brightness, "area": leak.area}
    if leak.fluid is None:
        return measured
    return measured | dict.fromkeys(("patch_6", "patch_10", "patch_15"), leak.fluid)


def _finding(leak: Leak, view: View, number: int) -> Finding:
    segment: Segment = SEGMENTS[leak.root + view.names]
    return Finding(
        f"2.25.{number}", leak.kind, TYPICAL_SPINE.region(segment), segment, None,
        leak.side, leak.grade, None if leak.extent is None else leak.extent + 4.0, leak.extent,
        15.0, 0.5, (), "lateral<=width", leak.score, height(SPINE_MM[leak.root], view), (), None,
        _evidence(leak),
    )  # fmt: skip
