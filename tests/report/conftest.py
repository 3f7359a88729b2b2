"""A drawn study and its reading: two stations, a curved sac, three findings with known measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from myeloscope.domain.anatomy import TYPICAL_SPINE, Region, Side
from myeloscope.domain.grade import FindingKind, Grade, Pattern, ReaderKind, Technique, Verdict
from myeloscope.domain.image import Acquisition, FloatImage, PlaneGeometry, Station, Study
from myeloscope.domain.reading import (
    Finding,
    Numbering,
    PixelRef,
    Position,
    ProtocolItem,
    Quality,
    Reader,
    Reading,
    RegionReading,
    Root,
    SacPoint,
    SourceImage,
)

SPACING = 270 / 512
TOPS = (500.0, 250.0)
STUDY_UID = "2.25.1"
SAC_TOP, SAC_BOTTOM = 490.0, 20.0
NAMED = TYPICAL_SPINE.segments[2:26]
SIGNAL = 1000.0


@dataclass(frozen=True)
class Sample:
    study: Study
    reading: Reading


def middle(z: float) -> float:
    """Return the LPS x of the sac's middle at height z, mm."""
    return float(8 * np.sin(z / 80))


def height(index: int) -> float:
    """Return the height of the named root ``index``, mm."""
    return 480.0 - index * 19.0


def _pixels(top: float) -> FloatImage:
    rows, columns = np.mgrid[0:512, 0:512].astype(float)
    z, x = top - rows * SPACING, -135 + columns * SPACING
    across = np.abs(x - 8 * np.sin(z / 80))
    inside = (across < 8) & (z < SAC_TOP) & (z > SAC_BOTTOM)
    image = SIGNAL * np.sqrt(np.clip(1 - (across / 8) ** 2, 0, 1)) * inside
    for index in range(len(NAMED)):
        down = height(index) - z
        image += 500 * ((down > 0) & (down < 4) & (across < 8 + 4 - down) & (across > 7))
    for x0, z0, size in ((-20, height(7), 6), (22, height(14), 4), (24, height(19), 5)):
        image += 600 * np.exp(-((x - x0) ** 2 + 2 * (z - z0) ** 2) / (2 * size**2))
    noise = np.random.default_rng(int(top)).normal(0, 25, image.shape)
    pixels: FloatImage = np.abs(image + noise).astype(np.float32)
    return pixels


def station(index: int) -> Station:
    geometry = PlaneGeometry((-135.0, 0.0, TOPS[index]), (1, 0, 0), (0, 0, -1), SPACING, SPACING)
    return Station(
        _pixels(TOPS[index]),
        geometry,
        Acquisition(echo_time_ms=1000, repetition_time_ms=8000, acquired="2026-01-02T03:04:05"),
        series_uid=f"2.25.1{index}",
        sop_uid=f"2.25.1{index}.1",
        frame_of_reference_uid="2.25.9",
    )


def _ring(x: float, z: float, radius: float) -> tuple[Position, ...]:
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return tuple((x + radius * np.cos(a), 0.0, z + radius * np.sin(a)) for a in angles)


def finding(kind: FindingKind, root: int, side: Side, grade: Grade | None, size: float) -> Finding:
    """Return a finding at a named root whose outline is a ring of ``size`` mm beside the sac."""
    sign = 1 if side is Side.LEFT else -1
    z = height(root)
    x = middle(z) + sign * (8 + size)
    leak = kind is FindingKind.LEAK
    page = 0 if z > TOPS[1] - 10 else 1
    return Finding(
        id=f"2.25.{root}",
        kind=kind,
        region=TYPICAL_SPINE.region(NAMED[root]),
        segment=NAMED[root],
        segment_range=(NAMED[root - 1], NAMED[root + 1]),
        side=side,
        grade=grade,
        reach_mm=2 * size,
        extent_mm=2 * size - 4,
        sac_width_mm=16.0,
        ratio=(2 * size - 4) / 16.0,
        pattern=(Pattern.TRIANGLE, Pattern.STREAKS) if leak else (Pattern.ROUND,),
        rule="lateral<=width" if leak else "no-sign",
        score=0.9 if leak else 0.1,
        position_mm=(middle(z) + sign * 8, 0.0, z),
        outline_mm=_ring(x, z, size),
        source=PixelRef(f"2.25.1{page}.1", (TOPS[page] - z) / SPACING, (x + 135) / SPACING),
        evidence={"taper": 0.4},
    )


def _roots() -> tuple[Root, ...]:
    return tuple(
        Root(
            segment,
            side,
            visible=True,
            grade=Grade.NONE,
            position_mm=(middle(height(i)) + sign * 8, 0.0, height(i)),
            sleeve_mm=4.0,
            s_mm=SAC_TOP - height(i),
        )
        for i, segment in enumerate(NAMED)
        for side, sign in ((Side.LEFT, 1), (Side.RIGHT, -1))
    )


def make_reading() -> Reading:
    """Return the reading of the drawn study: T3 left, T10 right leaks and a cyst at T5."""
    heights = np.arange(SAC_TOP, SAC_BOTTOM, -2.0)
    return Reading(
        technique=Technique.MRM,
        scale="paper-mrm/1",
        reader=Reader(ReaderKind.ALGORITHM, "myeloscope", "0.1.0"),
        sources=tuple(
            SourceImage(STUDY_UID, f"2.25.1{i}", f"2.25.1{i}.1", "2.25.9", "2026-01-02T03:04:05", n)
            for i, n in enumerate(("cervicothoracic", "thoracolumbar"))
        ),
        regions={
            Region.CERVICAL: RegionReading(Grade.NONE, True, score=0.04),
            Region.THORACIC: RegionReading(Grade.PROBABLE, True, score=0.97),
            Region.LUMBAR: RegionReading(None, False, reason="L2-L5 carry too little signal"),
        },
        findings=(
            finding(FindingKind.LEAK, 8, Side.LEFT, Grade.PROBABLE, 6.0),
            finding(FindingKind.LEAK, 15, Side.RIGHT, Grade.POSSIBLE, 5.0),
            finding(FindingKind.PERINEURIAL_CYST, 10, Side.RIGHT, Grade.NONE, 4.0),
        ),
        sac=tuple(
            SacPoint(SAC_TOP - z, (middle(z), 0.0, float(z)), 16.0) for z in heights.tolist()
        ),
        roots=_roots(),
        numbering=Numbering("assumed", uncertainty_roots=0.6),
        quality=Quality(
            31.0,
            (
                ProtocolItem("EchoTime", 1000.0, 1000.0, Verdict.AS_IN_THE_PAPER),
                ProtocolItem("RepetitionTime", 6000.0, 8000.0, Verdict.DIFFERS),
                ProtocolItem("EchoTrainLength", None, 256.0, Verdict.MISSING),
            ),
            ("C1-C2 are above the image",),
        ),
        settings={"anchors": ""},
        score=0.97,
        elapsed_s={"read": 0.1},
    )


@pytest.fixture(scope="session")
def sample() -> Sample:
    return Sample(Study(STUDY_UID, Technique.MRM, (station(0), station(1))), make_reading())
