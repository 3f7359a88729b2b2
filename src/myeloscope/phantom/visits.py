"""The same person examined again: one spine, other leaks, another day on the table.

What belongs to the body follows from the spec's seed; what belongs to the day (station places,
tilt, coil, noise, how pixels are stored) follows from the seed and the visit's number. So a leak
that is asked for alike in two visits is the same fluid, imaged twice.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Station, Study
from myeloscope.phantom.body import draw_body, shown_roots
from myeloscope.phantom.imaging import draw_ruin, take
from myeloscope.phantom.knowing import know
from myeloscope.phantom.making import Phantom, acquired, make_station, scene, uid
from myeloscope.phantom.scene import Scene
from myeloscope.phantom.spec import DIFFICULTY, FindingSpec, PhantomSpec, Ruin
from myeloscope.phantom.spine import Spine
from myeloscope.phantom.stations import draw_top, plan_stations
from myeloscope.phantom.streams import stream
from myeloscope.phantom.vendor import draw_coding

SEEDS_A_VISIT = 1_000_000_000
"""Seeds of people lie below this; a visit's day has its own seeds above it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One examination of a person.

    Attributes
    ----------
    number
        0 for the first; each has its own day on the table.
    findings
        Exactly what the body has that day. A finding keeps its form as long as it keeps its
        place in the list.
    wider
        By which part the sac is wider than at first (it re-expands after treatment).
    missing_station
        Index of a station that was not acquired, or ``None``.
    days
        How long after the person's first day the images are dated.
    """

    number: int
    findings: tuple[FindingSpec, ...]
    wider: float = 0.0
    missing_station: int | None = None
    days: int = 0


def make_visit(spec: PhantomSpec, visit: Visit) -> Phantom:
    """Make one visit of a person.

    Parameters
    ----------
    spec
        The person; its ``findings`` and ``ruin`` are the visit's.
    visit
        What that day was like.

    Returns
    -------
    Phantom
        As of :func:`myeloscope.phantom.make`; the truth's ``s_mm`` are the spine's own and so
        the same point in every visit.
    """
    body_spec = replace(spec, findings=visit.findings)
    day = replace(
        body_spec,
        seed=spec.seed + SEEDS_A_VISIT * (visit.number + 1),
        ruin=Ruin.NONE if visit.missing_station is None else Ruin.MISSING_STATION,
        missing_station=visit.missing_station,
    )
    made = _scene(body_spec, day, visit.wider)
    when = datetime.datetime.fromisoformat(acquired(spec, 0)) + datetime.timedelta(visit.days)
    coding, sac_value = draw_coding(stream(day.seed, "vendor"))
    pictures = take(day, made, coding, sac_value)
    stations = tuple(
        _dated(make_station(day, made.protocol, plan.detector.slab.plane, index, pixels), when)
        for index, (plan, pixels) in enumerate(zip(made.plans, pictures, strict=True))
        if pixels is not None
    )
    sops = tuple(
        None if pixels is None else uid(day, "sop", index) for index, pixels in enumerate(pictures)
    )
    study = Study(uid(day, "study"), Technique.MRM, stations)
    return Phantom(study, know(day, made, study.uid, sops), coding)


def _dated(station: Station, when: datetime.datetime) -> Station:
    acquisition = replace(station.acquisition, acquired=when.isoformat())
    return replace(station, acquisition=acquisition)


def _scene(body_spec: PhantomSpec, day: PhantomSpec, wider: float) -> Scene:
    first = scene(replace(body_spec, findings=()))
    spine = _widened(first.body.spine, wider)
    coverage = first.protocol.coverage_mm
    top = draw_top(stream(day.seed, "top"), spine, coverage, covers=True)
    body = draw_body(body_spec, spine, shown_roots(spine, top, top - coverage))
    plans = plan_stations(stream(day.seed, "stations"), spine, first.protocol, top, day)
    snr = float(stream(day.seed, "snr").uniform(*DIFFICULTY[day.difficulty].sac_snr))
    return Scene(body, first.protocol, plans, draw_ruin(day, plans), snr)


def _widened(spine: Spine, part: float) -> Spine:
    """Return the spine with a wider sac; the cord keeps its size."""
    grown = 1 + part
    return replace(spine, half_width=spine.half_width * grown, half_depth=spine.half_depth * grown)
