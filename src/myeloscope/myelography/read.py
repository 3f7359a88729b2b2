"""A study in, a reading out: the whole reading of MR myelograms, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from myeloscope import __version__
from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade, ReaderKind, Technique
from myeloscope.domain.image import Study
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
from myeloscope.geometry.canvas import Canvas, stitch
from myeloscope.grading.scale import MRM_SCALE
from myeloscope.myelography.plausible import why_not_plausible
from myeloscope.myelography.protocol import check_protocol
from myeloscope.myelography.quality import (
    RootView,
    Sharpness,
    judge_regions,
    names_off,
    sharpness,
    view_roots,
)
from myeloscope.myelography.sac import STEP_MM
from myeloscope.myelography.signs import Found, find_signs, finding_of
from myeloscope.myelography.spine import Spine, see_spine, station_noise
from myeloscope.settings import ReadSettings

READER_ID = "myeloscope"
NO_SAC = "no thecal sac found: no bright column runs through the image"
SHORT_MM = 200.0
SHORT_NOTE = (
    "less than 200 mm of the spine is in view: names of roots are a guess without an anchor"
)
FRAMES_NOTE = "stations have different frames of reference and are placed as if they had one"
DERIVED_NOTE = "derived: computed from thin slices as their mean from front to back around the sac"


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Seconds spent in named steps, by a clock that is handed in; without a clock, nothing."""

    clock: Callable[[], float] | None = None
    laps: list[tuple[str, float]] = field(default_factory=list)

    def lap(self, name: str) -> None:
        """Note the time at the end of a step."""
        if self.clock is not None:
            self.laps.append((name, self.clock()))

    def elapsed(self) -> dict[str, float]:
        """Return the seconds of each step."""
        pairs = zip(self.laps[:-1], self.laps[1:], strict=True)
        return {name: end - start for (_, start), (name, end) in pairs}


def read_study(
    study: Study, settings: ReadSettings, clock: Callable[[], float] | None = None
) -> Reading:
    """Read an MR myelogram.

    Parameters
    ----------
    study
        Stations from the top downward.
    settings
        What the user has set.
    clock
        Source of seconds for the ``elapsed_s`` block; without it the block is empty.

    Raises
    ------
    InputError
        If the stations cannot be joined to one spine.
    """
    watch = Stopwatch(clock)
    watch.lap("start")
    canvas = stitch(study)
    watch.lap("stitch")
    spine = see_spine(canvas, station_noise(canvas, study), settings.anchors)
    watch.lap("spine")
    reason = NO_SAC if spine is None else why_not_plausible(spine, study)
    if spine is None or reason is not None:
        return _reading(study, settings, _nothing_seen(study, canvas, str(reason)), watch)
    sight = Sight.of(spine)
    found = find_signs(spine, sight.views)
    watch.lap("signs")
    answer = _answer(study, sight, found)
    watch.lap("answer")
    return _reading(study, settings, answer, watch)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The parts of a reading that depend on what was seen."""

    regions: dict[Region, RegionReading]
    findings: tuple[Finding, ...]
    sac: tuple[SacPoint, ...]
    roots: tuple[Root, ...]
    numbering: Numbering
    quality: Quality
    stations: tuple[str, ...]


def _reading(study: Study, settings: ReadSettings, answer: _Answer, watch: Stopwatch) -> Reading:
    scores = [r.score for r in answer.regions.values() if r.score is not None]
    return Reading(
        technique=Technique.MRM,
        scale=MRM_SCALE,
        reader=Reader(ReaderKind.ALGORITHM, READER_ID, __version__),
        sources=tuple(
            SourceImage(
                study.uid,
                station.series_uid,
                station.sop_uid,
                station.frame_of_reference_uid,
                station.acquisition.acquired,
                name,
                station.frame,
                study.derived or None,
            )
            for station, name in zip(study.stations, answer.stations, strict=True)
        ),
        regions=answer.regions,
        findings=answer.findings,
        sac=answer.sac,
        roots=answer.roots,
        numbering=answer.numbering,
        quality=answer.quality,
        settings=settings.as_record(),
        score=max(scores, default=None),
        elapsed_s=watch.elapsed(),
    )


def _nothing_seen(study: Study, canvas: Canvas, reason: str) -> _Answer:
    regions = {region: RegionReading(None, False, reason=reason) for region in Region}
    return _Answer(
        regions,
        (),
        (),
        (),
        Numbering("failed", note=reason),
        Quality(None, check_protocol(study.stations), (*_notes(study, canvas), reason)),
        _station_names(len(study.stations), None),
    )


def _notes(study: Study, canvas: Canvas) -> tuple[str, ...]:
    """Return what is to be known of the images themselves."""
    frames = {station.frame_of_reference_uid for station in study.stations}
    return (
        *((DERIVED_NOTE,) if study.derived else ()),
        *((FRAMES_NOTE,) if len(frames) > 1 else ()),
        *canvas.warnings,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A spine, how sharp each station shows it, and which roots can be judged."""

    spine: Spine
    sharp: Mapping[int, Sharpness]
    views: tuple[RootView, ...]

    @classmethod
    def of(cls, spine: Spine) -> Sight:
        """Measure a spine's sharpness and judge its roots."""
        sharp = sharpness(spine)
        return cls(spine, sharp, view_roots(spine, sharp))


def _answer(study: Study, sight: Sight, found: Found) -> _Answer:
    spine = sight.spine
    uids = [station.sop_uid for station in study.stations]
    reported = [finding_of(sign, spine, study.uid, uids) for sign in found.signs]
    findings = tuple(sorted(reported, key=lambda f: (-int(f.grade or 0), -f.score, f.id)))
    formula = spine.chain.formula
    scores = {
        region: max(
            (score for (root, _), score in found.scores.items() if formula.region(root) is region),
            default=0.0,
        )
        for region in Region
    }
    regions, warnings = judge_regions(formula, sight.views, findings, scores, names_off(spine))
    return _Answer(
        regions,
        findings,
        _sac_points(spine),
        _roots(spine, findings, found.scores),
        _numbering(spine),
        Quality(
            spine.snr,
            check_protocol(study.stations),
            (*_notes(study, spine.canvas), *warnings),
            _measures(sight),
        ),
        _station_names(len(study.stations), spine),
    )


def _measures(sight: Sight) -> dict[str, float]:
    spine = sight.spine
    measures = {"noise": float(spine.sigmas.mean()), "edge_sd_mm": spine.sac.edge_sd_mm}
    if spine.canvas.seam_error_mm is not None:
        measures["seam_error_mm"] = spine.canvas.seam_error_mm
    for index, sharp in sight.sharp.items():
        measures[f"edge_tail_mm_{index + 1}"] = sharp.tail_mm
        measures[f"copy_{index + 1}"] = sharp.copy
        measures[f"visible_{index + 1}"] = sharp.visible
    return measures


def _sac_points(spine: Spine) -> tuple[SacPoint, ...]:
    """Return the sac each 4 mm, where it was seen."""
    rows = np.flatnonzero(spine.sac.present)[:: round(4.0 / STEP_MM)]
    s = np.asarray(rows * STEP_MM, dtype=np.float64)
    positions = spine.midline_mm(s)
    return tuple(
        SacPoint(float(at), (float(p[0]), float(p[1]), float(p[2])), float(spine.sac.width_mm[row]))
        for at, p, row in zip(s, positions, rows, strict=True)
    )


def _roots(
    spine: Spine, findings: Sequence[Finding], scores: Mapping[tuple[Segment, Side], float]
) -> tuple[Root, ...]:
    grades = {
        (f.segment, f.side): f.grade for f in reversed(findings) if f.kind is FindingKind.LEAK
    }
    result = []
    for side_roots in spine.roots:
        if not side_roots:
            continue
        s = np.array([place.s_mm for place in side_roots])
        positions = spine.patient_mm(s, np.zeros_like(s), side_roots[0].side)
        for place, at in zip(side_roots, positions, strict=True):
            result.append(
                Root(
                    place.segment,
                    place.side,
                    place.visible,
                    grades.get((place.segment, place.side), Grade.NONE),
                    (float(at[0]), float(at[1]), float(at[2])),
                    place.sleeve_mm if place.visible else None,
                    place.s_mm,
                    scores.get((place.segment, place.side)),
                )
            )
    return tuple(result)


def _numbering(spine: Spine) -> Numbering:
    probability = spine.chain.shift_probability
    spread = float(np.sqrt(sum(p * k * k for k, p in probability.items())))
    length = len(spine.sac.present) * STEP_MM
    return Numbering(
        "anchored" if spine.chain.anchors_mm else "assumed",
        {root.value: s for root, s in spine.chain.anchors_mm.items()},
        spread,
        spine.chain.formula,
        SHORT_NOTE if length < SHORT_MM else None,
    )


def _station_names(count: int, spine: Spine | None) -> tuple[str, ...]:
    """Name the stations by what they show: two are the paper's."""
    if count == 2:
        return ("cervicothoracic", "thoracolumbar")
    if count == 3:
        return ("cervical", "thoracic", "lumbar")
    if count == 1 and spine is not None and spine.roots[0]:
        middle = spine.roots[0][len(spine.roots[0]) // 2].segment
        order = list(spine.chain.exits_mm)
        upper = order.index(middle) < order.index(spine.chain.formula.segments[14])
        return ("cervicothoracic" if upper else "thoracolumbar",)
    return tuple(f"station-{i + 1}" for i in range(count))
