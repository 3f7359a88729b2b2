"""How good a reading of cisternograms is, on phantoms.

    python -m benchmarks.cisternography_quality --first 20000 --count 200

makes studies, reads them, holds readings against truth and prints the table of
docs/BENCHMARKS.md. Seeds below 10000 are for tuning; those from 20000 on are for reporting and are
never looked at while the method is being changed. ``--source d`` reads studies of a simulator
written apart from the phantom (:mod:`benchmarks.strangers.d`) instead.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import TypeAlias

import numpy as np

from benchmarks.quality.figures import kappa_quadratic
from benchmarks.strangers.d import simulate
from myeloscope.cisternography.read import read_cisternogram
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Finding, Reading
from myeloscope.phantom import Arm, Difficulty, PhantomSpec, Variety
from myeloscope.phantom.ric_making import make_ric
from myeloscope.phantom.ric_spec import RicSpec
from myeloscope.phantom.ric_truth import RicTruth, TrueActivity, TrueShot
from myeloscope.phantom.streams import stream
from myeloscope.settings import ReadSettings

Pair: TypeAlias = "tuple[TrueActivity, Finding]"
"""A true leak and the finding that is it."""
NEAR_MM = 20.0
"""A finding is the true one if it lies on the same side within this distance: about a root's
spacing in the chest, or two of the camera's resolution."""
BOUNDED = (
    *("case sensitivity", "case specificity", "region grade kappa, quadratic"),
    *("injection site, kidney or bladder called a leak", "leaks found", "level named exactly"),
)
"""Figures that get an interval."""
OWN = frozenset(("kidneys", "bladder", "puncture", "epidural"))
STRAY = frozenset(("thyroid", "stomach", "drop", "marker"))
SEEN_SHARE = (0.003, 0.0003)
"""Shares of the dose from which on organs, and what is small, can be seen."""
SEEN = 0.15
"""Activity over the canal's from which on a cyst looks like a faint leak."""


def spec_of(seed: int) -> RicSpec:
    """Return the phantom of a seed: odd ones with signs, three difficulties, one in four wide."""
    rng = stream(seed, "cisternography-quality")
    count = int(rng.choice((1, 2, 3), p=(0.55, 0.35, 0.10)))
    regions = [list(Region)[i] for i in rng.choice(3, count, replace=False)]
    sick = seed % 2 == 1
    wide = seed // 6 % 4 == 3
    bent = float(stream(seed, "cisternography-curve").uniform(1.0, 2.0))
    person = PhantomSpec(
        seed=seed,
        arm=Arm.PATIENT if sick else Arm.CONTROL,
        difficulty=tuple(Difficulty)[seed // 2 % 3],
        variety=Variety.WIDE if wide else Variety.PAPER,
        curved=bent if wide else 1.0,
        signs_ric=frozenset(regions) if sick else frozenset(),
    )
    return RicSpec(person)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One study's reading beside its truth."""

    seed: int
    difficulty: str
    variety: str
    ruin: str
    positive_truth: bool
    visible_truth: bool
    positive: bool | None
    score: float
    grades_truth: tuple[int, ...]
    grades: tuple[int | None, ...]
    ruined: tuple[bool, ...]
    found: int
    leaks: int
    false_leaks: int
    cysts: int
    cysts_called: int
    filled: int
    others: int
    others_called: int
    strays: int
    strays_called: int
    level_shifts: tuple[int, ...]
    length_errors: tuple[float, ...]
    ratio_errors: tuple[float, ...]
    seconds: float


def compare(reading: Reading, truth: RicTruth, seconds: float) -> Outcome:
    """Hold one reading against its truth."""
    grades = truth.grades[Technique.RIC]
    ruined = {item.region for item in truth.ruined}
    leaks = [f for f in truth.findings if f.grade > Grade.NONE]
    called = [f for f in reading.findings if f.kind is FindingKind.LEAK and f.grade]
    pairs = [(t, f) for t in leaks for f in [_nearest(t, called, truth)] if f is not None]
    false = _false(called, pairs, truth)
    on_cyst = [t for t in truth.mimics if any(_distance(t, f, truth) <= NEAR_MM for f in false)]
    others, strays = _others(truth, OWN), _others(truth, STRAY)
    return Outcome(
        seed=truth.seed,
        difficulty=truth.difficulty.level,
        variety=truth.variety,
        ruin=truth.ruin,
        positive_truth=truth.signs_ric,
        visible_truth=any(grades[r] > Grade.NONE and r not in ruined for r in Region),
        positive=reading.positive,
        score=reading.score or 0.0,
        grades_truth=tuple(int(grades[r]) for r in Region),
        grades=tuple(_grade(reading, r) for r in Region),
        ruined=tuple(r in ruined for r in Region),
        found=len(pairs),
        leaks=len(leaks),
        false_leaks=len(false),
        cysts=len(truth.mimics),
        cysts_called=len(on_cyst),
        filled=sum(max(t.ratios) >= SEEN for t in truth.mimics),
        others=len(others),
        others_called=sum(_called(spot, false, truth) for spot in others),
        strays=len(strays),
        strays_called=sum(_called(spot, false, truth) for spot in strays),
        level_shifts=_shifts(pairs, truth),
        length_errors=tuple((f.extent_mm or 0.0) - t.length_mm for t, f in pairs),
        ratio_errors=tuple(_brightest(f) - max(t.ratios) for t, f in pairs),
        seconds=seconds,
    )


def _false(called: Sequence[Finding], pairs: Sequence[Pair], truth: RicTruth) -> list[Finding]:
    """Return the findings that are no true leak's, nor lie beside one."""
    matched = {f.id for _, f in pairs}
    leaks = [t for t in truth.findings if t.grade > Grade.NONE]
    return [
        f
        for f in called
        if f.id not in matched and all(_distance(t, f, truth) > NEAR_MM for t in leaks)
    ]


def _shifts(pairs: Sequence[Pair], truth: RicTruth) -> tuple[int, ...]:
    """Return by how many roots each found leak's name is off."""
    order = list(truth.formula.segments)
    return tuple(
        abs(order.index(f.segment) - order.index(t.segment))
        for t, f in pairs
        if f.segment is not None and f.segment in order
    )


def _grade(reading: Reading, region: Region) -> int | None:
    grade = reading.regions[region].grade
    return None if grade is None else int(grade)


def _brightest(found: Finding) -> float:
    return max((v for k, v in found.evidence.items() if k.startswith("ratio_")), default=0.0)


def _place(found: Finding, truth: RicTruth) -> tuple[TrueShot, float, float] | None:
    """Return the image of a finding, and its place in it: left and up, mm."""
    if found.source is None:
        return None
    for shot in truth.shots:
        if shot.sop_uid == found.source.sop_uid and shot.frame == found.source.frame:
            return shot, found.position_mm[0] or 0.0, found.position_mm[2] or 0.0
    return None


def _distance(true: TrueActivity, found: Finding, truth: RicTruth) -> float:
    """Return the distance along the canal between a true and a found place, mm.

    The true place is that of the leak's root in the finding's own image.
    """
    place = _place(found, truth)
    if place is None:
        return float("inf")
    shot, _, up = place
    own = next(s for s in truth.shots if s.sop_uid == true.sop_uid)
    root = own.roots_mm[true.segment][2]
    there = shot.roots_mm[true.segment][2] + true.position_mm[2] - root
    return abs(up - there)


def _nearest(true: TrueActivity, called: Sequence[Finding], truth: RicTruth) -> Finding | None:
    near = [
        (distance, f)
        for f in called
        for distance in [_distance(true, f, truth)]
        if (f.side is true.side or f.side.value == "unknown") and distance <= NEAR_MM
    ]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _others(truth: RicTruth, names: frozenset[str]) -> list[tuple[float, float, float, float]]:
    """Return activity of these names that can be seen: place, radius, share of the dose."""
    last = truth.shots[-1]
    root = next(iter(last.roots_mm))
    base = last.roots_mm[root]
    return [
        (spot.position_mm[0] - base[0], spot.position_mm[2] - base[2], spot.radius_mm, spot.share)
        for spot in truth.other_activity
        if spot.name in names and spot.share > SEEN_SHARE[spot.name in STRAY]
    ]


def _called(
    spot: tuple[float, float, float, float], false: Sequence[Finding], truth: RicTruth
) -> bool:
    """Return whether a false leak lies within a spot."""
    root = next(iter(truth.shots[-1].roots_mm))
    for found in false:
        place = _place(found, truth)
        if place is None:
            continue
        shot, left, up = place
        base = shot.roots_mm[root]
        away = np.hypot(left - base[0] - spot[0], up - base[2] - spot[1])
        if away <= spot[2]:
            return True
    return False


def phantom_of(seed: int) -> tuple[Study, RicTruth]:
    """Return the package's phantom of a seed."""
    made = make_ric(spec_of(seed))
    return made.study, made.truth


SOURCES: Mapping[str, Callable[[int], tuple[Study, RicTruth]]] = {
    "phantom": phantom_of,
    "d": simulate,
}


def run_one(seed: int, source: str = "phantom") -> Outcome:
    """Make, read and compare one study."""
    study, truth = SOURCES[source](seed)
    begun = time.process_time()
    reading = read_cisternogram(study, ReadSettings())
    return compare(reading, truth, time.process_time() - begun)


def rate(part: float, whole: float) -> float:
    """Return a share; not a number of nothing."""
    return part / whole if whole else float("nan")


def summary(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the figures of the table."""
    sick = [o for o in outcomes if o.visible_truth]
    well = [o for o in outcomes if not o.positive_truth and not any(o.ruined)]
    plain = [o for o in well if not o.filled]
    flat = [(g, lost) for o in outcomes for g, lost in zip(o.grades, o.ruined, strict=True)]
    shifts = [shift for o in outcomes for shift in o.level_shifts]
    lengths = np.abs([e for o in outcomes for e in o.length_errors] or [np.nan])
    return {
        "studies": len(outcomes),
        "with signs that can be seen": len(sick),
        "case sensitivity": rate(sum(o.positive is True for o in sick), len(sick)),
        "case specificity": rate(sum(o.positive is False for o in well), len(well)),
        "case specificity where no cyst is as bright as a faint leak": rate(
            sum(o.positive is False for o in plain), len(plain)
        ),
        "controls with such a cyst": len(well) - len(plain),
        "region grade kappa, quadratic": kappa_quadratic(outcomes),
        "leaks found": rate(sum(o.found for o in outcomes), sum(o.leaks for o in outcomes)),
        "false leaks per study": rate(sum(o.false_leaks for o in outcomes), len(outcomes)),
        "injection site, kidney or bladder called a leak": rate(
            sum(o.others_called for o in outcomes), sum(o.others for o in outcomes)
        ),
        "drop, marker, thyroid or stomach called a leak": rate(
            sum(o.strays_called for o in outcomes), sum(o.strays for o in outcomes)
        ),
        "cysts called a leak": rate(
            sum(o.cysts_called for o in outcomes), sum(o.cysts for o in outcomes)
        ),
        "level named exactly": rate(sum(shift == 0 for shift in shifts), len(shifts)),
        "level named within one": rate(sum(shift <= 1 for shift in shifts), len(shifts)),
        "length error, median mm": float(np.median(lengths)),
        "ruined regions kept from a grade": rate(
            sum(g is None for g, lost in flat if lost), sum(lost for _, lost in flat)
        ),
        "sound regions refused": rate(
            sum(g is None for g, lost in flat if not lost), sum(not lost for _, lost in flat)
        ),
        "warm reading, median CPU ms": 1000 * float(np.median([o.seconds for o in outcomes])),
    }


def intervals(outcomes: Sequence[Outcome], resamples: int = 1000) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals: percentiles of the figures over studies drawn again (bootstrap)."""
    rng = np.random.default_rng(6)
    drawn = [
        summary([outcomes[i] for i in rng.integers(len(outcomes), size=len(outcomes))])
        for _ in range(resamples)
    ]
    found = {}
    for name in BOUNDED:
        values = [figures[name] for figures in drawn if not math.isnan(figures[name])]
        low, high = np.percentile(values, (2.5, 97.5)) if values else (math.nan, math.nan)
        found[name] = (float(low), float(high))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=20000, help="first seed")
    parser.add_argument("--count", type=int, default=200, help="number of studies")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument(
        "--source", choices=tuple(SOURCES), default="phantom", help="who makes them"
    )
    parser.add_argument("--json", action="store_true", help="print every study's outcome as JSON")
    parser.add_argument("--short", action="store_true", help="four tuning seeds, as a smoke test")
    args = parser.parse_args(argv)
    seeds = range(4) if args.short else range(args.first, args.first + args.count)
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("forkserver")) as pool:
        outcomes = list(pool.map(run_one, seeds, [args.source] * len(seeds), chunksize=2))
    if args.json:
        print(json.dumps([asdict(o) for o in outcomes]))
    print(f"| figure ({args.source}, seeds {seeds.start}-{seeds.stop - 1}) | value | 95 % |")
    print("|---|---|---|")
    ranges = intervals(outcomes)
    for name, value in summary(outcomes).items():
        low, high = ranges.get(name, (math.nan, math.nan))
        between = "" if math.isnan(low) else f"{low:.3g} to {high:.3g}"
        print(f"| {name} | {value:.3g} | {between} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
