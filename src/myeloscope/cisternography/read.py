"""A study in, a reading out: the whole reading of cisternograms, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from myeloscope import __version__
from myeloscope.cisternography.activity import Activity, take_apart
from myeloscope.cisternography.bounds import BOUNDS
from myeloscope.cisternography.canal import Canal, find_canal
from myeloscope.cisternography.findings import finding_of, sacral, uppermost
from myeloscope.cisternography.indirect import indirect_signs
from myeloscope.cisternography.judge import (
    Judgement,
    judge,
    not_sacral,
    not_uppermost,
    one_organ,
    one_outflow,
    without_end,
)
from myeloscope.cisternography.landmarks import Landmarks, find_landmarks
from myeloscope.cisternography.levels import Ladder, name_levels
from myeloscope.cisternography.planar import Moment, moments_of, nuclear
from myeloscope.cisternography.protocol import check_protocol
from myeloscope.cisternography.quality import (
    infiltration,
    judge_regions,
    obstacles,
    study_warnings,
    without_injection,
)
from myeloscope.cisternography.signs import find_spots
from myeloscope.domain.anatomy import Region, Side
from myeloscope.domain.grade import FindingKind, Grade, ReaderKind, Technique
from myeloscope.domain.image import Study
from myeloscope.domain.reading import (
    Finding,
    IndirectSign,
    Numbering,
    Quality,
    Reader,
    Reading,
    RegionReading,
    Root,
    SacPoint,
    SourceImage,
)
from myeloscope.grading.scale import RIC_SCALE
from myeloscope.settings import ReadSettings

READER_ID = "myeloscope"


@dataclass(frozen=True, slots=True)
class _Answer:
    """The parts of a reading that depend on what was seen."""

    regions: dict[Region, RegionReading]
    findings: tuple[Finding, ...]
    indirect: tuple[IndirectSign, ...]
    sac: tuple[SacPoint, ...]
    roots: tuple[Root, ...]
    numbering: Numbering
    quality: Quality


@dataclass(slots=True)
class _Watch:
    """Seconds spent in named steps, by a clock that is handed in; without one, nothing."""

    clock: Callable[[], float] | None
    last: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)

    def lap(self, name: str | None = None) -> None:
        if self.clock is not None:
            now = self.clock()
            if name is not None:
                self.spent[name] = now - self.last
            self.last = now


def read_cisternogram(
    study: Study,
    settings: ReadSettings,
    clock: Callable[[], float] | None = None,
    *,
    levels: Reading | None = None,
) -> Reading:
    """Read a cisternogram.

    Parameters
    ----------
    study
        Planar views as stations, each with its acquisition.
    settings
        What the user has set.
    clock
        Source of seconds for the ``elapsed_s`` block; without it the block is empty.
    levels
        An MR myelography reading of the same patient to name levels by.
    """
    watch = _Watch(clock)
    watch.lap()
    moments = moments_of(study)
    watch.lap("views")
    canal = find_canal(moments)
    watch.lap("canal")
    if canal is None:
        return _reading(study, settings, _nothing_seen(study, moments), watch)
    activities = [take_apart(canal, straight) for straight in canal.times]
    landmarks = find_landmarks(canal, activities)
    ladder = name_levels(landmarks.known(), levels)
    landmarks = _by_levels(landmarks, ladder)
    watch.lap("activity")
    spots = find_spots(canal, activities, landmarks)
    part = infiltration(canal, activities, landmarks)
    beside = part is not None and part > BOUNDS.infiltrated
    judgements = [judge(canal, activities, landmarks, spot, beside=beside) for spot in spots]
    judgements = one_outflow(canal, activities, landmarks, judgements)
    judgements = without_end(canal, activities, landmarks, judgements)
    judgements = [_by_name(ladder, each) for each in one_organ(judgements)]
    watch.lap("signs")
    seen = _Seen(study, moments, canal, activities, landmarks, ladder, part, beside)
    answer = _answer(seen, judgements)
    watch.lap("answer")
    return _reading(study, settings, answer, watch)


def _by_name(ladder: Ladder, judged: Judgement) -> Judgement:
    """Return the judgement as the root's name has it."""
    if uppermost(ladder, judged.spot):
        return not_uppermost(judged)
    return not_sacral(judged) if sacral(ladder, judged.spot) else judged


def _by_levels(landmarks: Landmarks, ladder: Ladder) -> Landmarks:
    """Return the landmarks as the levels have them: no skull where none can be, and the lungs."""
    seen = landmarks.injection
    return replace(
        landmarks,
        skull=landmarks.skull if "skull" in ladder.used else None,
        injection=None if seen is None else ladder.injection(seen),
        lungs=ladder.lungs(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    study: Study
    moments: Sequence[Moment]
    canal: Canal
    activities: Sequence[Activity]
    landmarks: Landmarks
    ladder: Ladder
    part_beside: float | None
    beside: bool


def _reading(study: Study, settings: ReadSettings, answer: _Answer, watch: _Watch) -> Reading:
    scores = [r.score for r in answer.regions.values() if r.score is not None]
    return Reading(
        technique=Technique.RIC,
        scale=RIC_SCALE,
        reader=Reader(ReaderKind.ALGORITHM, READER_ID, __version__),
        sources=tuple(
            SourceImage(
                study.uid,
                station.series_uid,
                station.sop_uid,
                station.frame_of_reference_uid,
                station.acquisition.acquired,
                f"{nuclear(station).hours or 0:.2f} h {nuclear(station).view}",
                station.frame,
            )
            for station in study.stations
        ),
        regions=answer.regions,
        findings=answer.findings,
        sac=answer.sac,
        roots=answer.roots,
        numbering=answer.numbering,
        quality=answer.quality,
        settings=settings.as_record(),
        score=max(scores, default=None),
        elapsed_s=watch.spent,
        indirect_signs=answer.indirect,
    )


def _nothing_seen(study: Study, moments: Sequence[Moment]) -> _Answer:
    reason = "no canal found: no bright column runs through the images, or counts are too few"
    regions = {region: RegionReading(None, False, reason=reason, by_time=()) for region in Region}
    warnings = (*study_warnings(study, moments), reason)
    quality = Quality(None, check_protocol(study, moments), warnings, _counts(study))
    return _Answer(regions, (), (), (), (), Numbering("failed", note=reason), quality)


def _answer(seen: _Seen, judgements: Sequence[Judgement]) -> _Answer:
    called = [
        j for j in judgements if j.grade > Grade.NONE or (
            j.kind is not FindingKind.LEAK and j.spot.evidence >= 1
        )
    ]  # fmt: skip
    found = [finding_of(seen.study, seen.canal, seen.ladder, j) for j in called]
    findings = tuple(sorted(found, key=lambda f: (-int(f.grade or 0), -f.score, f.id)))
    regions, warnings = judge_regions(seen.canal, seen.activities, seen.ladder, judgements)
    measures = _counts(seen.study) | _poses(seen)
    warnings = (*study_warnings(seen.study, seen.moments), *warnings)
    if seen.part_beside is not None:
        measures["beside_canal_at_injection"] = seen.part_beside
    if seen.beside:
        regions[Region.LUMBAR] = without_injection(regions[Region.LUMBAR])
        warnings = (
            "part of the dose lies beside the sac around the injection (infiltrated): the "
            "ascent tells little, and activity near the injection is no sure sign",
            *warnings,
        )
    return _Answer(
        regions,
        findings,
        indirect_signs(seen.study, seen.canal, seen.activities, seen.landmarks, seen.ladder),
        _sac(seen),
        _roots(seen, findings),
        Numbering(
            "assumed",
            {},
            seen.ladder.uncertainty_roots(),
            seen.ladder.formula,
            seen.ladder.note,
        ),
        Quality(_snr(seen), check_protocol(seen.study, seen.moments), warnings, measures),
    )


def _snr(seen: _Seen) -> float:
    """Return the canal's median counts over their error in the picture that shows most of it."""
    activity = seen.activities[seen.canal.reference]
    middle = len(seen.canal.q) // 2
    sure = activity.canal / np.sqrt(activity.straight.variance[:, middle])
    return float(np.median(sure[activity.valid])) if activity.valid.any() else 0.0


def _counts(study: Study) -> dict[str, float]:
    return {
        f"counts_{i + 1}": float(station.pixels.sum()) for i, station in enumerate(study.stations)
    }


def _poses(seen: _Seen) -> dict[str, float]:
    """Return how the patient lay at each time against the reference picture."""
    made: dict[str, float] = {"reference_time": float(seen.canal.reference + 1)}
    for number, straight in enumerate(seen.canal.times, start=1):
        made[f"rise_mm_{number}"] = straight.rise_mm
        made[f"aside_mm_{number}"] = straight.aside_mm
        made[f"turn_deg_{number}"] = straight.turn_deg
        if straight.moment.flipped:
            made[f"posterior_unmirrored_{number}"] = 1.0
    return made


def _sac(seen: _Seen) -> tuple[SacPoint, ...]:
    """Return the canal every 10 mm in the reference picture, where any time shows it."""
    straight = seen.canal.times[seen.canal.reference]
    valid = np.any([activity.valid for activity in seen.activities], axis=0)
    width = seen.activities[seen.canal.reference].width
    rows = np.flatnonzero(valid)[::4]
    return tuple(
        SacPoint(
            float(seen.canal.s[row]),
            (float(straight.axis[row]), None, float(straight.z[row])),
            float(width[row]),
        )
        for row in rows
    )


def _roots(seen: _Seen, findings: Sequence[Finding]) -> tuple[Root, ...]:
    """Return every level on both sides: judged or not, and its grade."""
    never, _ = obstacles(seen.canal, seen.activities, seen.ladder)
    straight = seen.canal.times[seen.canal.reference]
    grades = {
        (f.segment, f.side): f.grade for f in reversed(findings) if f.kind is FindingKind.LEAK
    }
    made = []
    for segment, at in seen.ladder.exits_mm.items():
        for side in (Side.RIGHT, Side.LEFT):
            grade = None if segment in never else grades.get((segment, side), Grade.NONE)
            place = (
                float(np.interp(at, seen.canal.s, straight.axis)),
                None,
                float(np.interp(at, seen.canal.s, straight.z)),
            )
            made.append(Root(segment, side, segment not in never, grade, place, None, at))
    return tuple(made)
