"""How a cisternogram is taken: times, camera, poses, and what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from myeloscope.domain.scintigraphy import TC99M_HALF_LIFE_H, View, ViewLabel
from myeloscope.phantom.gamma_camera import Camera, Pose
from myeloscope.phantom.ric_spec import CHANCES, COUNTS, Packing, RicRuin, RicSpec
from myeloscope.phantom.spec import Ruin, Variety
from myeloscope.phantom.spine import Spine
from myeloscope.phantom.streams import stream

PAPER_HOURS = (0.5, 2.0, 4.0, 6.0)
"""PAPER, "Acquisition"."""


WINDOW_KEV = (126.45, 154.55)
"""20 % around 140.5 keV."""
NARROW_KEV = (129.96, 151.04)
"""15 %: two thirds of the scatter and a tenth less of the peak (estimates for 10 % at 140 keV)."""
LABELS = (ViewLabel.CODE, ViewLabel.ORIENTATION, ViewLabel.ANGLE)


@dataclass(frozen=True, slots=True)
class Shot:
    """One view at one time: when (h after injection, middle), which way, how the patient lay."""

    hours: float
    view: View
    pose: Pose


@dataclass(frozen=True, slots=True)
class RicPlan:
    """How a study is taken.

    Attributes
    ----------
    shots
        In order of time and of detectors; only those that are taken.
    planned
        The times planned, h.
    camera, packing, ruin
        With what, in which files, and how it is spoilt.
    dose_mbq
        Injected.
    posterior_mirrored
        The posterior image is stored as the detector sees it (patient's left on the left).
    labelled
        Whether headers say which view is which.
    scatter_window
        A second window below the photopeak was recorded too.
    window_kev
        The photopeak's window.
    label
        What in the headers says which way a detector faced.
    """

    shots: tuple[Shot, ...]
    planned: tuple[float, ...]
    camera: Camera
    packing: Packing
    ruin: RicRuin
    dose_mbq: float
    posterior_mirrored: bool
    labelled: bool
    scatter_window: bool
    window_kev: tuple[float, float]
    label: ViewLabel

    def decayed(self, hours: float) -> float:
        """Return the part of the dose that has not decayed."""
        return float(0.5 ** (hours / TC99M_HALF_LIFE_H))


def draw_plan(spec: RicSpec, spine: Spine) -> RicPlan:
    """Draw how the study of a spec is taken."""
    seed = spec.person.seed
    wide = spec.person.variety is Variety.WIDE
    rng = stream(seed, "ric-ruin")
    drawn = tuple(CHANCES)[int(rng.choice(len(CHANCES), p=tuple(CHANCES.values())))]
    sound = RicRuin.NONE if spec.person.ruin is Ruin.NONE else drawn
    ruin = sound if spec.ruin is None else spec.ruin
    packing = spec.packing
    if packing is None:
        chances = (0.5, 0.2, 0.1, 0.2)
        packing = tuple(Packing)[int(stream(seed, "ric-packing").choice(4, p=chances))]
    planned = _times(stream(seed, "ric-times"), wide=wide)
    camera = _camera(spec, packing, wide=wide)
    window = WINDOW_KEV
    if wide:
        camera, window = _varied(stream(seed, "ric-window"), camera)
    if ruin is RicRuin.LOW_COUNTS:
        camera = replace(camera, seconds=camera.seconds * 0.02)
    shots = _shots(stream(seed, "ric-poses"), spine, planned, wide=wide)
    shots = _without(stream(seed, "ric-missing"), shots, planned, ruin)
    rng = stream(seed, "ric-dose")
    dose = float(np.round(rng.uniform(150, 320) if wide else rng.uniform(185, 259), 1))
    mirrored = bool(rng.random() < 0.85)
    # an orientation tells front from back only where the back is stored as its detector sees it
    labels = LABELS if wide and mirrored else LABELS[:1]
    return RicPlan(
        shots=shots,
        planned=planned,
        camera=camera,
        packing=packing,
        ruin=ruin,
        dose_mbq=dose,
        posterior_mirrored=mirrored,
        labelled=ruin is not RicRuin.UNLABELLED,
        scatter_window=bool(rng.random() < 0.12),
        window_kev=window,
        label=labels[int(stream(seed, "ric-label").integers(len(labels)))],
    )


def _varied(rng: np.random.Generator, camera: Camera) -> tuple[Camera, tuple[float, float]]:
    """Return a camera over a table that takes up to a fifth from behind, and its window."""
    camera = replace(camera, table=float(rng.uniform(0.8, 1.0)))
    if rng.random() > 0.4:
        return camera, WINDOW_KEV
    less = replace(camera, scatter=camera.scatter * 0.67, sensitivity=camera.sensitivity * 0.9)
    return less, NARROW_KEV


def _without(
    rng: np.random.Generator, shots: tuple[Shot, ...], planned: tuple[float, ...], ruin: RicRuin
) -> tuple[Shot, ...]:
    """Return the shots that are taken."""
    if ruin is RicRuin.MISSING_VIEW:
        lost = int(rng.integers(len(shots)))
        return tuple(shot for index, shot in enumerate(shots) if index != lost)
    if ruin is RicRuin.MISSING_TIME:
        gone = planned[int(rng.integers(len(planned)))]
        return tuple(shot for shot in shots if abs(shot.hours - gone) > 1e-6)
    return shots


def _times(rng: np.random.Generator, *, wide: bool) -> tuple[float, ...]:
    """Return the times of a study: PAPER's with the delays of a working day, or others."""
    nominal: tuple[float, ...] = PAPER_HOURS
    if wide and rng.random() < 0.4:
        nominal = ((1.0, 3.0, 6.0), (0.5, 1.0, 2.0, 4.0, 6.0), (0.5, 3.0, 24.0), (1.0, 4.0))[
            int(rng.integers(4))
        ]
    late = 0.15 if wide else 0.05
    times = [hours * (1 + float(rng.normal(0, late))) for hours in nominal]
    return tuple(round(max(hours, 0.2), 3) for hours in np.sort(times).tolist())


def _camera(spec: RicSpec, packing: Packing, *, wide: bool) -> Camera:
    """Draw the camera and its acquisition."""
    rng = stream(spec.person.seed, "ric-camera")
    counts = float(rng.uniform(*COUNTS[spec.person.difficulty]))
    sweep = packing is Packing.WHOLE_BODY
    rows, columns, pixel = 256, 256, 2.4
    if sweep:
        rows, columns, pixel = 1024, 256, float(rng.choice((2.26, 2.4, 2.8)))
        if wide and rng.random() < 0.3:
            rows, columns, pixel = 512, 128, 4.8
    elif wide:
        rows = columns = int(rng.choice((64, 128, 256, 512, 1024)))
        pixel = float(np.round(rng.uniform(560, 680) / rows, 4))
    useful = (float(rng.uniform(535, 620)), float(rng.uniform(380, 540)))
    if sweep:
        useful = (float(rng.uniform(1300, 1950)), float(rng.uniform(400, 540)))
    fast = 1.8 if wide and rng.random() < 0.3 else 1.0  # general purpose instead of high resolution
    return Camera(
        rows=rows,
        columns=columns,
        pixel_mm=pixel,
        useful=useful,
        intrinsic=float(rng.uniform(3.3, 4.2)),
        collimated=float(rng.uniform(0.038, 0.052)) * (1.15 if fast > 1 else 1.0),
        sensitivity=75.0 * fast,
        seconds=300.0 * counts / fast,
        scatter=float(rng.uniform(0.15, 0.45)),
        scatter_mm=float(rng.uniform(70, 140)),
        attenuation=float(rng.uniform(0.0115, 0.0150)),
        whole_body=sweep,
        uneven=float(rng.uniform(0.0, 0.02)),
    )


def _shots(
    rng: np.random.Generator, spine: Spine, planned: tuple[float, ...], *, wide: bool
) -> tuple[Shot, ...]:
    """Return both views of every time; the patient lies a little otherwise each time."""
    loose = 2.0 if wide else 1.0
    away = float(rng.uniform(-45, 45)) if wide and rng.random() < 0.4 else 0.0
    middle = spine.at(spine.centre, np.array([spine.tops["T10"]]))[0]
    below_first = wide and rng.random() < 0.35
    shots: list[Shot] = []
    for hours in planned:
        about = (
            float(middle[0] + away + rng.normal(0, 6 * loose)),
            float(middle[1]),
            float(middle[2] + rng.normal(8, 8 * loose)),
        )
        pose = Pose(
            about,
            turn=float(np.radians(np.clip(rng.normal(0, 1.2 * loose), -7, 7))),
            roll=float(np.radians(np.clip(rng.normal(0, 2 * loose), -10, 10))),
        )
        apart = rng.normal(0, 1.0 * loose, 2) * (rng.random() < 0.5)
        moved = replace(pose, shift=(float(apart[0]), float(apart[1])))
        pair = [Shot(hours, View.ANTERIOR, pose), Shot(hours, View.POSTERIOR, moved)]
        shots += pair[::-1] if below_first else pair
    return tuple(shots)
