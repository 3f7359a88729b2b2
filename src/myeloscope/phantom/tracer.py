"""Tracer in the body: one linear compartment model from the lumbar injection to the bladder.

Along the sac, cells of CSF exchange by dispersion (pulsation mixes; an effective coefficient) and
are carried upward by a slow bulk flow; above the foramen magnum lie basal cisterns and convexity.
From all CSF tracer is cleared to blood, from there by the kidneys to the bladder. Leaks, cysts and
the puncture's own leak are compartments at their cells. The whole is d m/dt = K m, solved by the
matrix exponential; physical decay is applied when images are taken.

Ranges follow textbook courses of normal cisternography (basal cisterns at 1-3 h, convexities from
6 h on, half of the dose out of the spine by 4-8 h; DTPA leaves blood through the kidneys with a
half-time of 1-2 h); the parameters themselves are estimates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import expm

from myeloscope.phantom.spine import Floats, Spine

CELL_MM = 5.0
TOP_S_MM = -20.0
"""Where the spinal column of CSF opens into the cisterns (s, mm): the foramen magnum."""
EXTRA = (
    *("cisterns", "convexity", "blood", "kidneys", "bladder", "epidural", "puncture"),
    *("thyroid", "stomach"),
)
"""Compartments behind the cells, in the order of the state."""


@dataclass(frozen=True, slots=True)
class Kinetics:
    """Rates of one body.

    Attributes
    ----------
    dispersion
        Effective dispersion along the sac, mm2/s.
    flow
        Bulk flow upward, mm3/s.
    absorb_spine, absorb_head
        Rates of clearance to blood, 1/h.
    renal, urine
        Blood to kidneys and kidneys to bladder, 1/h.
    injection_s, injection_spread
        Where the dose was put (s, mm) and over which SD.
    infiltrated
        Part of the dose that went beside the sac (epidural).
    puncture_rate, puncture_delay
        Rate at which CSF leaves through the puncture, 1/h of the cell there, and from when on, h.
    free
        Part of the tracer that is free pertechnetate: thyroid and stomach take it from the blood.
    """

    dispersion: float
    flow: float
    absorb_spine: float
    absorb_head: float
    renal: float
    urine: float
    injection_s: float
    injection_spread: float
    infiltrated: float = 0.0
    puncture_rate: float = 0.0
    puncture_delay: float = 1.0
    free: float = 0.0


@dataclass(frozen=True, slots=True)
class Pocket:
    """A pocket of fluid that fills from the sac at ``s`` (mm).

    ``rate_in`` is per hour of the cell's tracer; what is in the pocket leaves to blood with
    ``rate_out`` and back to the sac with ``rate_back``, 1/h.
    """

    s: float
    rate_in: float
    rate_out: float
    rate_back: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Courses:
    """Tracer over time as parts of the dose, without decay; first axis: times asked for.

    Attributes
    ----------
    line
        Part of the dose per mm of the sac, shape (times, cells).
    s
        Middles of the cells, mm, shape (cells,).
    pockets
        Part of the dose in each pocket, shape (times, pockets).
    extra
        The same of :data:`EXTRA`, by name, shape (times,).
    """

    s: Floats
    line: Floats
    pockets: Floats
    extra: dict[str, Floats] = field(default_factory=dict)


def cells_of(spine: Spine) -> tuple[Floats, Floats]:
    """Return middles (s, mm) of the cells of the sac, and the free area of CSF in each, mm2."""
    s = np.arange(TOP_S_MM + CELL_MM / 2, spine.sac_end - CELL_MM / 2, CELL_MM)
    sac = np.pi * spine.at(spine.half_width, s) * spine.at(spine.half_depth, s)
    cord = np.pi * spine.at(spine.cord_half_width, s) * spine.at(spine.cord_half_depth, s)
    return s, np.asarray(np.maximum(sac - cord, 12.0))


def flow_courses(
    spine: Spine, kinetics: Kinetics, pockets: Sequence[Pocket], hours: Sequence[float]
) -> Courses:
    """Return where the tracer is at ascending ``hours`` after the injection."""
    s, area = cells_of(spine)
    quiet = _rates(s, area, kinetics, pockets, leaking=False)
    leaking = _rates(s, area, kinetics, pockets, leaking=True)
    n = len(s)
    state = np.zeros(len(quiet))
    dose = np.exp(-0.5 * ((s - kinetics.injection_s) / kinetics.injection_spread) ** 2)
    state[:n] = dose / dose.sum() * (1 - kinetics.infiltrated)
    state[n + len(pockets) + EXTRA.index("epidural")] = kinetics.infiltrated
    now, states = 0.0, []
    for at in hours:
        for rates, begin, end in (
            (quiet, now, min(at, kinetics.puncture_delay)),
            (leaking, max(now, kinetics.puncture_delay), at),
        ):
            if end > begin:
                state = expm(rates * (end - begin)) @ state
        now = at
        states.append(state)
    every = np.array(states)
    first = n + len(pockets)
    return Courses(
        s=s,
        line=every[:, :n] / CELL_MM,
        pockets=every[:, n:first],
        extra={name: every[:, first + i] for i, name in enumerate(EXTRA)},
    )


def _rates(
    s: Floats, area: Floats, kinetics: Kinetics, pockets: Sequence[Pocket], *, leaking: bool
) -> Floats:
    """Return K, 1/h: column = from, row = to; columns sum to zero (nothing is lost)."""
    n = len(s)
    first = n + len(pockets)
    rates = np.zeros((first + len(EXTRA), first + len(EXTRA)))
    at = {name: first + i for i, name in enumerate(EXTRA)}

    def move(source: int, target: int, rate: float) -> None:
        rates[target, source] += rate
        rates[source, source] -= rate

    volume = area * CELL_MM
    for i in range(n - 1):
        face = 0.5 * (area[i] + area[i + 1])
        mixed = kinetics.dispersion * face / CELL_MM * 3600
        move(i, i + 1, mixed / volume[i])
        move(i + 1, i, (mixed + kinetics.flow * 3600) / volume[i + 1])
    mixed = kinetics.dispersion * area[0] / CELL_MM * 3600 * 0.5
    move(0, at["cisterns"], (mixed + kinetics.flow * 3600) / volume[0])
    move(at["cisterns"], 0, mixed / 30_000.0)
    move(at["cisterns"], at["convexity"], 0.25)
    for i in range(n):
        move(i, at["blood"], kinetics.absorb_spine)
    move(at["cisterns"], at["blood"], 0.3 * kinetics.absorb_head)
    move(at["convexity"], at["blood"], kinetics.absorb_head)
    move(at["epidural"], at["blood"], 0.45)
    move(at["puncture"], at["blood"], 0.15)
    move(at["blood"], at["kidneys"], kinetics.renal)
    move(at["kidneys"], at["bladder"], kinetics.urine)
    move(at["blood"], at["thyroid"], 0.08 * kinetics.free)
    move(at["blood"], at["stomach"], 0.35 * kinetics.free)
    for number, pocket in enumerate(pockets):
        cell = int(np.clip((pocket.s - s[0]) / CELL_MM + 0.5, 0, n - 1))
        move(cell, n + number, pocket.rate_in)
        move(n + number, at["blood"], pocket.rate_out)
        move(n + number, cell, pocket.rate_back)
    if leaking and kinetics.puncture_rate > 0:
        cell = int(np.clip((kinetics.injection_s - s[0]) / CELL_MM + 0.5, 0, n - 1))
        move(cell, at["puncture"], kinetics.puncture_rate)
    return rates


def draw_kinetics(rng: np.random.Generator, spine: Spine, *, slow: bool) -> Kinetics:
    """Draw a body's kinetics; ``slow`` ascends much less than normal."""
    level = str(rng.choice(("L2", "L3", "L4"), p=(0.2, 0.55, 0.25)))
    low, high = (0.3, 1.5) if slow else (3.0, 14.0)
    last = f"L{spine.formula.lumbar}"
    name = level if level in spine.tops else last
    return Kinetics(
        dispersion=float(np.exp(rng.uniform(np.log(low), np.log(high)))),
        flow=float(rng.uniform(0.2, 2.0) * (0.2 if slow else 1.0)),
        absorb_spine=float(rng.uniform(0.04, 0.14)),
        absorb_head=float(rng.uniform(0.05, 0.2)),
        renal=float(rng.uniform(0.4, 1.0)),
        urine=float(rng.uniform(0.8, 3.0)),
        injection_s=spine.tops[name] + spine.heights[name] * float(rng.uniform(0.85, 1.0)),
        injection_spread=float(rng.uniform(12, 35)),
    )
