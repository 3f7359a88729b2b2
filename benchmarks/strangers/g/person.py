"""Who is drawn: build, how regular the spine is, what has befallen it."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.strangers.g.fields import Rng, spread


@dataclass(frozen=True, slots=True)
class Person:
    """Hyperparameters of one patient.

    ``scale`` is the spine's length over the template's; ``uneven`` the spread of all that
    varies from root to root (1 usual); ``sleeves`` and ``width`` factors of sleeve length and
    sac width; ``bend_mm`` a scoliosis' amplitude; ``curve`` a factor of kyphosis and lordosis;
    ``wear`` how deeply discs press on the sac, 0-1.
    """

    female: bool
    age: int
    stature_m: float
    scale: float
    stout: float
    uneven: float
    sleeves: float
    sleeve_light: float
    width: float
    bend_mm: float
    curve: float
    wear: float
    operated: bool
    thoracic: int
    lumbar: int


def choose_person(rng: Rng) -> Person:
    """Return an adult of any build."""
    female = bool(rng.random() < 0.62)
    age = int(rng.integers(17, 82))
    stature = min(max(rng.normal(1.64 if female else 1.75, 0.075), 1.45), 2.0)
    thoracic, lumbar = 12, 5
    if rng.random() < 0.12:
        kinds = ((11, 5), (13, 5), (12, 4), (12, 6), (12, 6), (12, 4))
        thoracic, lumbar = kinds[int(rng.integers(len(kinds)))]
    bent = rng.random() < 0.2
    return Person(
        female=female,
        age=age,
        stature_m=stature,
        scale=stature / 1.82 * spread(rng, 0.018),
        stout=float(rng.beta(2, 3)),
        uneven=min(max(spread(rng, 0.6), 0.25), 2.6),
        sleeves=min(max(spread(rng, 0.25), 0.55), 1.7),
        sleeve_light=float(rng.uniform(0.45, 1.0)),
        width=min(max(spread(rng, 0.085), 0.8), 1.22),
        bend_mm=float(rng.uniform(7, 22) if bent else rng.uniform(0, 3.5)),
        curve=float(rng.uniform(0.35, 1.25)),
        wear=float(min(max(rng.normal(age / 110, 0.2), 0), 1)),
        operated=bool(rng.random() < 0.06),
        thoracic=thoracic,
        lumbar=lumbar,
    )
