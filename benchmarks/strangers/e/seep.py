"""How leaked fluid moves: it soaks loose tissue, and it runs where a way is open.

``soak`` is the porous medium equation, c_t = div(k grad c^2), by explicit finite volumes: a full
core behind a sharp front that barriers stop. ``run`` lets small parcels advance a millimetre at a
time, each choosing among a few directions by conductance, persistence, the pull of the root's
course and gravity (the patient lies on the back); where a parcel is stuck it goes on from
another's track, so that tracks fork.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.e.voxels import Grid

STEP = 0.065
"""Time step; stable for conductance up to ``MOST``."""
MOST = 1.2
CHOICES = 5
Place = tuple[int, int, int]
Points = NDArray[np.float32]
Mask = NDArray[np.bool_]


def soak(flow: Grid, seeds: Mask, volume: float, limit: int) -> Grid:
    """Return concentration 0-1 after ``volume`` voxels have come in, or after ``limit`` steps.

    ``seeds`` are the voxels that stay wet.
    """
    k = np.minimum(flow, np.float32(MOST)) * np.float32(STEP)
    opened = np.nonzero(seeds)
    k[opened] = np.maximum(k[opened], np.float32(0.5 * STEP))
    low = [tuple(slice(None, -1) if a == b else slice(None) for b in range(3)) for a in range(3)]
    high = [tuple(slice(1, None) if a == b else slice(None) for b in range(3)) for a in range(3)]
    faces = [np.minimum(k[low[a]], k[high[a]]) for a in range(3)]
    c = np.zeros_like(k)
    for step in range(limit):
        c[opened] = np.float32(0.97)
        pressure = c * c
        for a in range(3):
            flux = pressure[low[a]] - pressure[high[a]]
            flux *= faces[a]
            c[low[a]] -= flux
            c[high[a]] += flux
        if step % 10 == 9 and float(c.sum()) > volume:
            break
    return c


@dataclass(frozen=True, slots=True)
class Course:
    """How parcels run: how many, how far sideways, how straight; a ``pull`` along the root.

    ``heading`` is the root's direction (row, v, u); ``gravity`` pulls to the back; ``thirst``
    says how strongly open ways are preferred; ``fade`` is the path, mm, over which they are spent.
    """

    parcels: int
    reach: float
    straight: float
    pull: float
    gravity: float
    thirst: float
    fade: float
    heading: tuple[float, float, float]


def run(rng: np.random.Generator, flow: Grid, source: Place, course: Course) -> Grid:
    """Return what parcels leave behind on their way, in units of one slow parcel a voxel.

    ``course.reach`` is the last column that the farthest parcel may come to.
    """
    shape = np.array(flow.shape)
    heading = np.asarray(course.heading, dtype=np.float32)
    ease = course.thirst * np.log(np.minimum(flow, 2) + np.float32(0.004))
    at = np.asarray(source, dtype=np.float32) + rng.normal(0, 1.0, (course.parcels, 3)).astype(
        np.float32
    )
    way = _unit(heading + rng.normal(0, 0.5, at.shape).astype(np.float32))
    ends = source[2] + (course.reach - source[2]) * rng.uniform(0.35, 1.0, course.parcels)
    ends[0] = course.reach
    left = np.ones(course.parcels, dtype=np.float32)
    tracks, weights = [], []
    for _ in range(int(2.4 * max(course.reach - source[2], 6.0))):
        turn = rng.normal(0, 1, (CHOICES, *at.shape)).astype(np.float32)
        new = _unit(course.straight * way + 0.6 * turn)
        to = np.clip(np.round(at + new).astype(int), 0, shape - 1)
        worth = ease[to[..., 0], to[..., 1], to[..., 2]] + course.pull * (new @ heading)
        worth = worth + course.gravity * new[..., 1] + rng.gumbel(0, 0.35, worth.shape)
        best = worth.argmax(axis=0)
        way = new[best, np.arange(len(at))]
        chosen = to[best, np.arange(len(at))]
        stuck = flow[chosen[:, 0], chosen[:, 1], chosen[:, 2]] < 0.02
        at = np.where(stuck[:, None], at, at + way)
        left = left * np.float32(np.exp(-1 / course.fade)) * (at[:, 2] < ends)
        tracks.append(chosen[~stuck])
        weights.append(left[~stuck])
        if stuck.any() and not stuck.all():
            other = rng.choice(np.flatnonzero(~stuck), int(stuck.sum()))
            at[stuck] = at[other] - way[other] * rng.uniform(0, 4, (len(other), 1))
    where = np.ravel_multi_index(tuple(np.concatenate(tracks).T), flow.shape)
    total = np.bincount(where, np.concatenate(weights), flow.size)
    return np.asarray(total.reshape(flow.shape), dtype=np.float32)


def _unit(vectors: Points) -> Points:
    size = np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))
    return np.asarray(vectors / (size + np.float32(1e-6)), dtype=np.float32)


def wetted(left: Grid, width: float, full: float) -> Grid:
    """Return tracks as wet threads ``width`` mm wide (SD): saturating where many parcels passed."""
    return np.asarray(gaussian_filter(1 - np.exp(-left / full), width), dtype=np.float32)
