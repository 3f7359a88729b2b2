"""Images of a body: projection, encoding, coil, ruin, noise and pixel coding of every station."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import map_coordinates

from myeloscope.domain.image import FloatImage, PlaneGeometry
from myeloscope.phantom.body import Body, csf_clouds
from myeloscope.phantom.fluids import WATER_T2
from myeloscope.phantom.matter import Cloud, Image, project
from myeloscope.phantom.scanner import (
    Complex,
    Faults,
    Layer,
    coil_profile,
    draw_faults,
    encode,
    no_faults,
    receive,
)
from myeloscope.phantom.scene import RuinPlan, Scene
from myeloscope.phantom.spec import PhantomSpec, Ruin
from myeloscope.phantom.spine import Floats
from myeloscope.phantom.stations import Protocol, StationPlan
from myeloscope.phantom.streams import stream
from myeloscope.phantom.vendor import PixelCoding, quantise


def draw_ruin(spec: PhantomSpec, plans: tuple[StationPlan, ...]) -> RuinPlan:
    """Return the ruin asked for, or draw one (about 8 % of studies are spoilt)."""
    rng = stream(spec.seed, "ruin")
    kind = spec.ruin
    if kind is None:
        choice = rng.choice(4, p=(0.92, 0.03, 0.03, 0.02))
        kind = (Ruin.NONE, Ruin.MOTION, Ruin.LOST_SIGNAL, Ruin.MISSING_STATION)[choice]
    station = int(rng.integers(len(plans)))
    if kind is Ruin.MISSING_STATION and spec.missing_station is not None:
        station = spec.missing_station
    plane = plans[station].detector.slab.plane
    height = plane.row_spacing * plans[station].detector.rows
    z = (plane.along_row[2] + plane.along_column[2]) * height / 2
    size = rng.uniform(0.35, 0.7) * height
    top = plane.position[2] + z + (0.5 - rng.uniform(0.05, 0.95 - size / height)) * height
    return RuinPlan(kind, station, (top, top - size))


def path_layers(
    spec: PhantomSpec, body: Body, plan: StationPlan, csf: Sequence[Cloud]
) -> list[Layer]:
    """Return the path images of one station by T2, CSF first (fine grid, mm)."""
    rng = stream(spec.seed, "tissue")
    csf_t2 = float(rng.uniform(1500, 2200))
    detector = plan.seen
    layers = []
    for t2 in sorted({WATER_T2, *(fluid.t2_ms for fluid in body.fluids)}, reverse=True):
        group = [fluid for fluid in body.fluids if fluid.t2_ms == t2]
        clouds = [body.turned(c) for fluid in group for c in fluid.clouds]
        bodies = [body.turned_body(b) for fluid in group for b in fluid.bodies]
        if t2 == WATER_T2:
            clouds += csf
            bodies += [body.turned_body(b) for mimic in body.mimics for b in mimic.bodies]
        image = np.maximum(project(clouds, bodies, detector), 0)
        layers.append(Layer(image, csf_t2 if t2 == WATER_T2 else t2))
    return layers


def station_faults(spec: PhantomSpec, protocol: Protocol, index: int, ruin: RuinPlan) -> Faults:
    """Return what goes wrong in one station."""
    if ruin.kind is not Ruin.MOTION or ruin.station != index:
        return plain_faults(spec, protocol, index)
    rng = stream(spec.seed, "faults", index)
    motion = float(rng.uniform(3.5, 6.0)) / protocol.spacing_mm
    return draw_faults(rng, protocol.shots, motion_px=motion)


def plain_faults(spec: PhantomSpec, protocol: Protocol, index: int) -> Faults:
    """Return the ordinary faults of a station, or none if artefacts are switched off."""
    if not spec.artefacts:
        return no_faults(protocol.shots)
    rng = stream(spec.seed, "faults", index)
    motion = float(rng.gamma(2.0, 0.06)) / protocol.spacing_mm
    return draw_faults(rng, protocol.shots, motion_px=motion)


def pixel_of(plane: PlaneGeometry, points: Floats) -> tuple[Floats, Floats]:
    """Return image row and column (centres at whole numbers) of LPS points (n, 3)."""
    away = points - np.asarray(plane.position)
    row = away @ np.asarray(plane.along_column) / plane.row_spacing
    column = away @ np.asarray(plane.along_row) / plane.column_spacing
    return row, column


def sac_signal(image: Image, body: Body, plan: StationPlan) -> Floats:
    """Return the mean signal over the inner 60 % of the sac at every 4 mm in view, shape (n,)."""
    spine = body.spine
    s = np.arange(spine.tops["C3"], spine.sac_end - 30, 4.0)
    part = np.linspace(-0.6, 0.6, 25)
    a = spine.at(spine.half_width, s)
    s_all = np.repeat(s, len(part))
    q_all = (a[:, None] * part[None, :]).ravel()
    points = spine.to_patient(s_all, q_all, np.zeros_like(s_all))
    points = points * np.array([body.flip, 1.0, 1.0]) + np.asarray(plan.shift)
    row, column = pixel_of(plan.detector.slab.plane, points)
    values = map_coordinates(image, [row, column], order=1, cval=np.nan)
    rows = values.reshape(len(s), len(part))
    seen = np.isfinite(rows).all(axis=1)
    return np.asarray(rows[seen].mean(axis=1))


def take(
    spec: PhantomSpec, scene: Scene, coding: PixelCoding, sac_value: float
) -> tuple[FloatImage | None, ...]:
    """Acquire all stations.

    Parameters
    ----------
    spec, scene
        What to image.
    coding
        How pixels are stored.
    sac_value
        Rescaled value that the sac's median signal shall have.

    Returns
    -------
    tuple
        Rescaled pixels of each station, ``None`` where it is missing. Noise has one SD in all
        stations: the median signal of the sac (:func:`sac_signal`) over the scene's SNR.
    """
    csf = csf_clouds(spec.seed, scene.body, scene.plans[0].detector.step[0])
    cleans: list[Complex | None] = []
    signals: list[Floats] = []
    for index, plan in enumerate(scene.plans):
        if scene.ruin.kind is Ruin.MISSING_STATION and scene.ruin.station == index:
            cleans.append(None)
            continue
        image = clean_image(spec, scene, index, csf)
        signals.append(sac_signal(np.abs(image).astype(np.float64), scene.body, plan))
        cleans.append(_lose_signal(image, plan, scene.ruin, index))
    reference = float(np.median(np.concatenate(signals)))
    scale = (reference, scene.snr, sac_value)
    return tuple(
        None if clean is None else expose(spec, index, clean, scale, coding)
        for index, clean in enumerate(cleans)
    )


def expose(
    spec: PhantomSpec,
    index: int,
    clean: Complex,
    scale: tuple[float, float, float],
    coding: PixelCoding,
) -> FloatImage:
    """Return a station's rescaled pixels: noise, magnitude, scaling, rounding.

    ``scale`` is the sac's median signal in the clean image, its SNR, and its value afterwards.
    """
    reference, snr, value = scale
    sigma = reference / snr if spec.noise else 0.0
    image = receive(stream(spec.seed, "noise", index), clean, sigma)
    return quantise(image * (value / reference), coding)


def clean_image(spec: PhantomSpec, scene: Scene, index: int, csf: Sequence[Cloud]) -> Complex:
    """Return the complex image of a station with coil profile, before lost signal and noise."""
    plan = scene.plans[index]
    faults = station_faults(spec, scene.protocol, index, scene.ruin)
    layers = path_layers(spec, scene.body, plan, csf)
    image = encode(layers, plan.detector, scene.protocol, faults)
    if spec.artefacts:
        rng = stream(spec.seed, "coil", index)
        image = image * coil_profile(rng, *image.shape).astype(np.float32)
    return image


def _lose_signal(image: Complex, plan: StationPlan, ruin: RuinPlan, index: int) -> Complex:
    """Return the image with a band of it nearly without signal (dead coil element, metal)."""
    if ruin.kind is not Ruin.LOST_SIGNAL or ruin.station != index:
        return image
    plane = plan.detector.slab.plane
    rows, columns = (np.arange(n, dtype=np.float64) for n in image.shape)
    down = rows * plane.row_spacing * plane.along_column[2]
    along = columns * plane.column_spacing * plane.along_row[2]
    z = plane.position[2] + down[:, None] + along[None, :]
    inside = 1 / (1 + np.exp(-(ruin.band[0] - z) / 4)) / (1 + np.exp(-(z - ruin.band[1]) / 4))
    return np.asarray(image * (1 - 0.97 * inside).astype(np.float32))
