"""Tracer over time: a cloud that drifts up the sac and widens, what leaves it, and leaks it feeds.

The share of the dose per mm is a Gaussian cloud mirrored at the sac's lower end, its mean rising,
its variance growing, its sum falling; what has passed the foramen magnum is in the head. A leak
takes from the sac beside it and is emptied at a rate; both are summed in short steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.strangers.d.body import Body, Floats

STEPS_H = 0.02


@dataclass(frozen=True, slots=True)
class Drift:
    """How a cloud moves: start (mm), first SD (mm), rise (mm/h), spread (mm2/h), loss (1/h)."""

    start: float
    first: float
    rise: float
    spread: float
    loss: float
    blood: float
    urine: float


def draw_drift(rng: np.random.Generator, body: Body, *, slow: bool) -> Drift:
    """Draw a drift from a puncture at L3/4, now and then a level away."""
    level = str(rng.choice(("L2", "L3", "L4"), p=(0.15, 0.6, 0.25)))
    pace = 0.12 if slow else 1.0
    return Drift(
        body.level(level, 1.0),
        float(rng.uniform(15, 35)),
        float(rng.uniform(15, 70)) * pace,
        float(np.exp(rng.uniform(np.log(9e3), np.log(4e4)))) * pace,
        float(rng.uniform(0.07, 0.2)),
        float(rng.uniform(0.5, 1.2)),
        float(rng.uniform(0.6, 2.0)),
    )


def line_at(drift: Drift, body: Body, hours: float) -> Floats:
    """Return the share of the dose per mm at each of the body's places."""
    sd = np.sqrt(drift.first**2 + 2 * drift.spread * hours)
    mean = drift.start - drift.rise * hours
    s = body.s
    made = np.exp(-0.5 * ((s - mean) / sd) ** 2) + np.exp(
        -0.5 * ((2 * body.end - s - mean) / sd) ** 2
    )
    return np.asarray(made / (sd * np.sqrt(2 * np.pi)) * np.exp(-drift.loss * hours))


def pools(drift: Drift, body: Body, hours: tuple[float, ...]) -> dict[str, Floats]:
    """Return shares of the dose in head, blood, kidneys and bladder at the times."""
    out: dict[str, list[float]] = {name: [] for name in ("head", "blood", "kidneys", "bladder")}
    blood = kidneys = bladder = at = 0.0
    for goal in hours:
        while at < goal:
            fed = drift.loss * np.exp(-drift.loss * at)
            blood += STEPS_H * (fed - drift.blood * blood)
            kidneys += STEPS_H * (drift.blood * blood - drift.urine * kidneys)
            bladder += STEPS_H * drift.urine * kidneys
            at += STEPS_H
        left = float(np.exp(-drift.loss * goal))
        head = max(left - float(line_at(drift, body, goal).sum() * 2.0), 0.0)
        for name, share in zip(out, (head, blood, kidneys, bladder), strict=True):
            out[name].append(share)
    return {name: np.array(values) for name, values in out.items()}


def fed(
    drift: Drift, body: Body, s: float, rates: tuple[float, float], hours: tuple[float, ...]
) -> Floats:
    """Return what a pocket at ``s`` holds at the times; ``rates``: emptied (1/h), since when (h).

    For a filling of 1 mm of the sac's share an hour.
    """
    emptied, since = rates
    held, at, made = 0.0, 0.0, []
    for goal in hours:
        while at < goal:
            here = float(np.interp(s, body.s, line_at(drift, body, at)))
            held += STEPS_H * (here * (at >= since) - emptied * held)
            at += STEPS_H
        made.append(held)
    return np.array(made)
