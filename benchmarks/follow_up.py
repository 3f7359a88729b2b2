"""Follow-up on phantom pairs: registration along the sac, and what became of each leak.

    python -m benchmarks.follow_up --first 20000 --count 100

Makes one person twice, with leaks that stay, shrink, grow, come or go, a sac that re-expands, or a
station that is missing; reads both studies, compares the readings and holds the changes against
what was made. Seeds below 10000 are for tuning; those from 20000 on are for reporting.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import get_context

import numpy as np

from myeloscope.comparison.change import (
    EXTENT_MM,
    EXTENT_PART,
    SAME_PLACE_MM,
    Change,
    Comparison,
    SignChange,
    compare,
)
from myeloscope.comparison.registration import Registration, distance_along
from myeloscope.domain.anatomy import TYPICAL_SPINE, Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind, Pattern
from myeloscope.domain.reading import Finding, Reading
from myeloscope.myelography.read import read_study
from myeloscope.phantom import Difficulty, FindingSpec, PhantomSpec, Ruin, Truth
from myeloscope.phantom.streams import stream
from myeloscope.phantom.visits import Visit, make_visit
from myeloscope.settings import ReadSettings

CASES = ("unchanged", "improved", "worse", "new", "resolved", "missing station", "re-expansion")
WIDER = ("improved", "resolved", "re-expansion")
ROOTS = (5, 8, 11, 14, 17, 20, 22)
"""Roots (index from C1) that leaks are drawn at: apart enough to be told apart."""
NEAR_MM = 20.0


@dataclass(frozen=True, slots=True)
class Leak:
    """One leak of a pair: its ratio before and after (0: none), and what became of it."""

    segment: Segment
    side: Side
    before: float
    after: float
    change: Change


@dataclass(frozen=True, slots=True)
class Pair:
    """What a pair of visits is."""

    seed: int
    case: str
    leaks: tuple[Leak, ...]
    wider: float
    missing: int | None


class Read(StrEnum):
    """How both readings had a leak: what a comparison can go by."""

    RIGHT = "both readings right"
    EXTENT = "an extent misread"
    MISSED = "missed, or seen where none was"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A pair's registration error and (made, told) changes; ``None``: told of nothing.

    ``read`` says of each change how the readings had the leak.
    """

    case: str
    registration_mm: float | None
    changes: tuple[tuple[str, str | None], ...]
    invented: tuple[str, ...]
    read: tuple[Read, ...] = ()


def pair_of(seed: int) -> Pair:
    """Return the pair of a seed: the seven cases in turn."""
    case = CASES[seed % len(CASES)]
    rng = stream(seed, "pair")
    roots = rng.choice(ROOTS, size=3, replace=False)
    sides = [Side.LEFT if rng.random() < 0.5 else Side.RIGHT for _ in roots]
    ratios = [float(rng.uniform(0.7, 1.6)) for _ in roots]
    wider = float(rng.uniform(0.05, 0.15)) if case in WIDER else 0.0
    missing = int(rng.integers(2)) if case == "missing station" else None
    courses = [
        (ratios[0], ratios[0], Change.UNCHANGED),
        {
            "improved": (ratios[1], 0.4 * ratios[1], Change.IMPROVED),
            "worse": (min(0.45 * ratios[1], 0.6), ratios[1], Change.WORSE),
            "resolved": (ratios[1], 0.0, Change.RESOLVED),
            "new": (0.0, ratios[1], Change.NEW),
        }.get(case, (ratios[1], ratios[1], Change.UNCHANGED)),
    ]
    leaks = tuple(
        Leak(TYPICAL_SPINE.segments[int(roots[i])], sides[i], *course)
        for i, course in enumerate(courses)
    )
    return Pair(seed, case, leaks, wider, missing)


def findings(pair: Pair, *, later: bool) -> tuple[FindingSpec, ...]:
    """Return what the body has; a ratio is over the sac of that day, so that mm stay alike."""
    grown = 1 + pair.wider if later else 1.0
    return tuple(
        FindingSpec(
            FindingKind.LEAK, leak.segment, leak.side, None,
            (leak.after if later else leak.before) / grown, (Pattern.STREAKS,),
        )
        for leak in pair.leaks
        if (leak.after if later else leak.before) > 0
    )  # fmt: skip


def run(seed: int) -> Outcome:
    """Make, read and compare one pair."""
    pair = pair_of(seed)
    spec = PhantomSpec(
        seed=seed,
        difficulty=(Difficulty.EASY, Difficulty.MEDIUM)[seed // len(CASES) % 2],
        formula=SpineFormula(),
        covers=True,
        ruin=Ruin.NONE,
    )
    first = make_visit(spec, Visit(0, findings(pair, later=False)))
    second = make_visit(spec, Visit(1, findings(pair, later=True), pair.wider, pair.missing))
    one, other = (read_study(made.study, ReadSettings()) for made in (first, second))
    return judged(pair, (first.truth, second.truth), compare(one, other))


def judged(pair: Pair, truths: tuple[Truth, Truth], made: Comparison) -> Outcome:
    """Hold a comparison against its pair."""
    told: list[tuple[str, str | None]] = []
    used: set[int] = set()
    for leak in pair.leaks:
        nearest = _nearest(leak, truths[0], made, used)
        change = None
        if nearest is not None:
            used.add(nearest)
            change = str(made.signs[nearest].change)
        told.append((str(_wanted(leak, truths[1], pair)), change))
    invented = tuple(str(c.change) for n, c in enumerate(made.signs) if n not in used)
    error = None
    if made.registration is not None:
        error = registration_error(truths, (made.before, made.after), made.registration)
    read = tuple(_read(leak, truths, (made.before, made.after)) for leak in pair.leaks)
    return Outcome(pair.case, error, tuple(told), invented, read)


def _read(leak: Leak, truths: tuple[Truth, Truth], readings: tuple[Reading, Reading]) -> Read:
    """Return how two readings had a leak, by what was made."""
    worst = Read.RIGHT
    for truth, reading in zip(truths, readings, strict=True):
        made = [
            f
            for f in truth.findings
            if f.kind is FindingKind.LEAK
            and f.station is not None
            and (f.segment, f.side) == (leak.segment, leak.side)
        ]
        seen = _seen(leak, truth, reading)
        if bool(made) != (seen is not None):
            return Read.MISSED
        true = made[0].extent_mm if made else None
        if seen is not None and true is not None:
            off = abs((seen.extent_mm or 0.0) - true)
            worst = Read.EXTENT if off > max(EXTENT_MM, EXTENT_PART * true) else worst
    return worst


def _seen(leak: Leak, truth: Truth, reading: Reading) -> Finding | None:
    """Return the sign that a reading has within 12 mm of a leak's root, on its side."""
    root = next(r for r in truth.roots if r.segment is leak.segment and r.side is leak.side)
    s = distance_along(reading.sac, root.position_mm)
    near = [
        (abs(at - s), n)
        for n, f in enumerate(reading.findings)
        if f.kind is FindingKind.LEAK and f.grade and f.side is leak.side
        if s is not None and (at := distance_along(reading.sac, f.position_mm)) is not None
    ]
    away, n = min(near, default=(np.inf, 0))
    return reading.findings[n] if away <= SAME_PLACE_MM else None


def _wanted(leak: Leak, later: Truth, pair: Pair) -> Change:
    """Return what became of a leak, as far as the later study can show it."""
    if pair.missing is None:
        return leak.change
    shown = {(f.segment, f.side) for f in later.findings if f.station is not None}
    return leak.change if (leak.segment, leak.side) in shown else Change.NOT_COMPARABLE


def _nearest(leak: Leak, truth: Truth, made: Comparison, used: set[int]) -> int | None:
    """Return the index of the sign told of next to a leak's root, on its side."""
    root = next(r for r in truth.roots if r.segment is leak.segment and r.side is leak.side)
    s = distance_along(made.before.sac, root.position_mm)

    def away(change: SignChange) -> float:
        return float("inf") if s is None else abs(change.s_mm - s)

    near = [
        (away(change), n)
        for n, change in enumerate(made.signs)
        if change.side is leak.side and n not in used and away(change) <= NEAR_MM
    ]
    return min(near)[1] if near else None


def registration_error(
    truths: tuple[Truth, Truth], readings: tuple[Reading, Reading], fit: Registration
) -> float | None:
    """Return the median error at the roots that both studies show, mm along the sac."""
    one, other = (
        {(r.segment, r.side): r.position_mm for r in truth.roots if r.station is not None}
        for truth in truths
    )
    errors = []
    for key in one.keys() & other.keys():
        s = distance_along(readings[0].sac, one[key])
        t = distance_along(readings[1].sac, other[key])
        if s is not None and t is not None:
            errors.append(abs(fit.later(s) - t))
    return float(np.median(errors)) if errors else None


def summary(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return the figures of docs/BENCHMARKS.md."""
    changes = [change for outcome in outcomes for change in outcome.changes]
    told = [(made, got) for made, got in changes if got is not None]
    definite = [(made, got) for made, got in told if got != "not-comparable"]
    errors = [o.registration_mm for o in outcomes if o.registration_mm is not None]
    missing = [c for o in outcomes if o.case == "missing station" for c in o.changes]
    by_read = [
        (read, change)
        for outcome in outcomes
        for read, change in zip(outcome.read, outcome.changes, strict=False)
    ]
    return {
        "pairs": len(outcomes),
        "registered": len(errors),
        "registration_mm": {
            "median": round(float(np.median(errors)), 2),
            "p95": round(float(np.percentile(errors, 95)), 2),
            "largest": round(max(errors), 2),
        },
        "leaks": len(changes),
        "right": sum(made == got for made, got in changes),
        "told_of": len(told),
        "right_of_told": round(sum(made == got for made, got in told) / len(told), 3),
        "definite": len(definite),
        "right_of_definite": round(sum(made == got for made, got in definite) / len(definite), 3),
        "by_what_the_readings_had": {
            read.value: _part([change for had, change in by_read if had is read]) for read in Read
        },
        "not_covered": sum(made == "not-comparable" for made, _ in missing),
        "not_covered_called_resolved": sum(
            (made, got) == ("not-comparable", "resolved") for made, got in missing
        ),
        "made_and_told": {
            f"{made} -> {got or 'nothing'}": n
            for (made, got), n in sorted(Counter(changes).items(), key=str)
        },
        "told_where_nothing_was_made": dict(
            sorted(Counter(name for o in outcomes for name in o.invented).items())
        ),
    }


def _part(changes: Sequence[tuple[str, str | None]]) -> dict[str, int]:
    """Return how many changes there were, how many were definite, and how many of those right."""
    definite = [(made, got) for made, got in changes if got not in (None, "not-comparable")]
    right = sum(made == got for made, got in definite)
    return {"leaks": len(changes), "definite": len(definite), "right": right}


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=20000)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(argv)
    seeds = range(options.first, options.first + options.count)
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        outcomes = list(pool.map(run, seeds))
    print(json.dumps(summary(outcomes), indent=1))


if __name__ == "__main__":
    main()
