"""Make a cisternography phantom: a study with known truth, from a spec alone."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Acquisition, FloatImage, PlaneGeometry, Station, Study
from myeloscope.domain.scintigraphy import NuclearAcquisition, View
from myeloscope.phantom.gamma_camera import Camera, expected
from myeloscope.phantom.making import MANUFACTURER, acquired, uid
from myeloscope.phantom.ric_knowing import know_ric
from myeloscope.phantom.ric_plan import RicPlan, Shot
from myeloscope.phantom.ric_scene import RicScene, glows, ric_scene
from myeloscope.phantom.ric_spec import Packing, RicSpec
from myeloscope.phantom.ric_truth import RicTruth
from myeloscope.phantom.spec import Variety
from myeloscope.phantom.streams import stream


@dataclass(frozen=True, slots=True, eq=False)
class RicPhantom:
    """A made cisternography phantom.

    ``files`` are the stations of each file, in order; ``scatter`` are the images of the scatter
    window, one for each station, or none.
    """

    study: Study
    truth: RicTruth
    plan: RicPlan
    injected: str
    files: tuple[tuple[Station, ...], ...]
    scatter: tuple[FloatImage, ...]


def make_ric(spec: RicSpec) -> RicPhantom:
    """Make a cisternography phantom.

    Parameters
    ----------
    spec
        What to make.

    Returns
    -------
    RicPhantom
        Study (counts; anterior and posterior of each time as stations) and truth; the same for
        the same spec, bit for bit on one machine.
    """
    made = ric_scene(spec)
    plan = made.plan
    given = injected(spec)
    stations, scatter = [], []
    for index, shot in enumerate(plan.shots):
        counts = _take(spec, made, index, shot)
        stations.append(_station(spec, plan, index, counts, given))
        if plan.scatter_window and plan.packing is not Packing.ONE_FILE:
            low = stream(spec.person.seed, "ric-scatter", index).poisson(0.25 * _spread(counts))
            scatter.append(_stored(plan, shot, np.asarray(low, np.float32)))
    study = Study(uid(spec.person, "ric", "study"), Technique.RIC, tuple(stations))
    return RicPhantom(
        study,
        know_ric(spec, made, study),
        plan,
        given.isoformat(),
        _files(plan, study.stations),
        tuple(scatter),
    )


def injected(spec: RicSpec) -> datetime.datetime:
    """Return when the dose was given: in the morning, widely also in the evening.

    MR myelography came first in 7 of PAPER's 15 patients.
    """
    rng = stream(spec.person.seed, "ric-date")
    late = spec.person.variety is Variety.WIDE and rng.random() < 0.25
    apart = int(rng.integers(1, 6)) * (1 if rng.random() < 7 / 15 else -1)
    days = apart if spec.days is None else spec.days
    day = datetime.datetime.fromisoformat(acquired(spec.person, 0)).date()
    start = datetime.datetime.combine(day, datetime.time(19 if late else 8))
    return start + datetime.timedelta(days=days, minutes=int(rng.integers(0, 150)))


def _take(spec: RicSpec, made: RicScene, index: int, shot: Shot) -> FloatImage:
    """Return the counts of one view, patient's left at high columns."""
    plan = made.plan
    time = plan.planned.index(shot.hours)
    mean = expected(plan.camera, made.torso, shot.pose, glows(made, time), shot.view)
    if spec.noise:
        mean = stream(spec.person.seed, "ric-noise", index).poisson(mean).astype(float)
    return np.asarray(np.minimum(mean, MOST_COUNTS), np.float32)


MOST_COUNTS = 65535.0
"""A pixel of an image in word mode holds no more counts."""


def _spread(counts: FloatImage) -> FloatImage:
    """Return counts as the window below the peak shows them: blurred by one scattering."""
    return np.asarray(gaussian_filter(counts, 0.02 * len(counts)), np.float32)


def _stored(plan: RicPlan, shot: Shot, counts: FloatImage) -> FloatImage:
    """Return a view as it is stored: the posterior one as its detector sees it."""
    mirrored = shot.view is View.POSTERIOR and plan.posterior_mirrored
    return np.ascontiguousarray(counts[:, ::-1] if mirrored else counts)


def plane_of(camera: Camera, *, mirrored: bool) -> PlaneGeometry:
    """Return the detector's plane: left and up from the image's middle, mm."""
    p, way = camera.pixel_mm, -1.0 if mirrored else 1.0
    left = -way * (camera.columns - 1) / 2 * p
    return PlaneGeometry(
        (left, 0.0, (camera.rows - 1) / 2 * p), (way, 0.0, 0.0), (0.0, 0.0, -1.0), p, p
    )


def _station(
    spec: RicSpec, plan: RicPlan, index: int, counts: FloatImage, injected: datetime.datetime
) -> Station:
    """Return one view as a station."""
    shot, camera, person = plan.shots[index], plan.camera, spec.person
    times = sorted({shot.hours for shot in plan.shots})
    time = times.index(shot.hours)
    here = [other for other in plan.shots if other.hours == shot.hours]
    start = injected + datetime.timedelta(hours=shot.hours, seconds=-camera.seconds / 2)
    mirrored = shot.view is View.POSTERIOR and plan.posterior_mirrored
    frame: int | None = here.index(shot) + 1 if len(here) > 1 else None
    name: tuple[str | int, ...] = ("ric", "sop", time)
    if plan.packing is Packing.SEPARATE:
        name, frame = ("ric", "sop", "view", index), None
    if plan.packing is Packing.ONE_FILE:
        name, frame = ("ric", "sop"), index + 1
    known = plan.labelled
    return Station(
        pixels=_stored(plan, shot, counts),
        geometry=plane_of(camera, mirrored=mirrored),
        acquisition=Acquisition(
            manufacturer=MANUFACTURER, acquired=start.isoformat(timespec="seconds")
        ),
        series_uid=uid(
            person, "ric", "series", time if plan.packing is not Packing.ONE_FILE else 0
        ),
        sop_uid=uid(person, *name),
        frame=frame,
        nuclear=NuclearAcquisition(
            view=shot.view if known else View.UNKNOWN,
            started=start.isoformat(timespec="seconds"),
            hours=shot.hours,
            duration_s=camera.seconds,
            nuclide="Tc-99m",
            dose_mbq=plan.dose_mbq,
            window_kev=plan.window_kev,
            whole_body=camera.whole_body,
            times_from="phantom",
        ),
    )


def _files(plan: RicPlan, stations: Sequence[Station]) -> tuple[tuple[Station, ...], ...]:
    """Return the stations of each file."""
    files: dict[str, list[Station]] = {}
    for station in stations:
        files.setdefault(station.sop_uid, []).append(station)
    return tuple(tuple(file) for file in files.values())
