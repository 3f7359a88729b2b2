"""How good a reading is, on phantoms: makes studies, reads them, holds readings against truth.

    python -m benchmarks.reading_quality --first 20000 --count 100 [--source a]

prints the table of docs/BENCHMARKS.md. Seeds below 10000 are for tuning; those from 10000 on are
for reporting and are never looked at while the method is being changed. ``--source`` takes the
studies from a simulator apart from the phantom (see :mod:`benchmarks.strangers`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from typing import Protocol

import numpy as np

from benchmarks.strangers.source import Source, make_study
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.domain.reading import Finding, Reading
from myeloscope.myelography.read import read_study
from myeloscope.phantom.truth import TrueFinding, Truth
from myeloscope.settings import ReadSettings

NEAR_MM = 12.0
"""A finding is the true one if it lies on the same side within this distance (issue's rule)."""
CYSTS = (FindingKind.PERINEURIAL_CYST, FindingKind.MENINGOCELE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One study's reading beside its truth."""

    seed: int
    difficulty: str
    variety: str
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
    named: int
    named_exactly: int
    named_within_one: int
    extent_errors: tuple[float, ...]
    reach_errors: tuple[float, ...]
    width_errors: tuple[float, ...]


class Graded(Protocol):
    """Grades by region, true and read, and which regions cannot be read."""

    @property
    def grades_truth(self) -> tuple[int, ...]:
        """Return the true grade of each region."""
        ...

    @property
    def grades(self) -> tuple[int | None, ...]:
        """Return the grade read in each region, if any."""
        ...

    @property
    def ruined(self) -> tuple[bool, ...]:
        """Return whether each region cannot be read."""
        ...


def compare(reading: Reading, truth: Truth) -> Outcome:
    """Hold one reading against its truth."""
    grades = truth.grades[Technique.MRM]
    ruined = {item.region for item in truth.ruined}
    leaks = [f for f in truth.findings if f.kind is FindingKind.LEAK and f.station is not None]
    cysts = [f for f in truth.mimics if f.kind in CYSTS and f.station is not None]
    called = [f for f in reading.findings if f.kind is FindingKind.LEAK]
    pairs = [(t, f) for t in leaks for f in [_nearest(t, called)] if f is not None]
    matched = {f.id for _, f in pairs}
    false = [f for f in called if f.id not in matched and _nearest_truth(f, leaks) is None]
    on_cyst = [t for t in cysts for f in [_nearest(t, false)] if f is not None]
    order = list(truth.formula.segments)
    shifts = [
        abs(order.index(f.segment) - order.index(t.segment))
        for t, f in pairs
        if f.segment is not None and f.segment in order
    ]
    return Outcome(
        seed=truth.seed,
        difficulty=truth.difficulty.level,
        variety=truth.variety,
        positive_truth=truth.signs_mrm,
        visible_truth=any(grades[r] > Grade.NONE and r not in ruined for r in Region),
        positive=reading.positive,
        score=reading.score or 0.0,
        grades_truth=tuple(int(grades[r]) for r in Region),
        grades=tuple(None if g is None else int(g) for g in _grades(reading)),
        ruined=tuple(r in ruined for r in Region),
        found=len(pairs),
        leaks=len(leaks),
        false_leaks=len(false),
        cysts=len(cysts),
        cysts_called=len(on_cyst),
        named=len(shifts),
        named_exactly=sum(shift == 0 for shift in shifts),
        named_within_one=sum(shift <= 1 for shift in shifts),
        extent_errors=tuple((f.extent_mm or 0.0) - t.extent_mm for t, f in pairs),
        reach_errors=tuple((f.reach_mm or 0.0) - t.reach_mm for t, f in pairs),
        width_errors=tuple(_width_errors(reading, truth)),
    )


def _grades(reading: Reading) -> list[Grade | None]:
    return [reading.regions[region].grade for region in Region]


def _distance(a: Sequence[float | None], b: Sequence[float | None]) -> float:
    """Return the distance in the coronal plane, mm: a projection knows no depth."""
    return float(np.hypot((a[0] or 0) - (b[0] or 0), (a[2] or 0) - (b[2] or 0)))


def _nearest(true: TrueFinding, called: Sequence[Finding]) -> Finding | None:
    near = [
        (distance, f)
        for f in called
        for distance in [_distance(true.position_mm, f.position_mm)]
        if f.side is true.side and distance <= NEAR_MM
    ]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _nearest_truth(found: Finding, leaks: Sequence[TrueFinding]) -> TrueFinding | None:
    near = [
        t
        for t in leaks
        if t.side is found.side and _distance(t.position_mm, found.position_mm) <= NEAR_MM
    ]
    return near[0] if near else None


def _width_errors(reading: Reading, truth: Truth) -> list[float]:
    if not reading.sac:
        return []
    z = np.array([p.position_mm[2] or 0.0 for p in reading.sac])
    width = np.array([p.width_mm for p in reading.sac])
    order = np.argsort(z)
    seen = [p for p in truth.sac if p.station is not None and z.min() < p.position_mm[2] < z.max()]
    return [
        float(np.interp(p.position_mm[2], z[order], width[order]) - p.width_mm)
        for p in seen
        if p.width_mm > 8.0
    ]


def run_one(seed: int, source: Source = Source.PHANTOM) -> Outcome:
    """Make, read and compare one study."""
    study, truth = make_study(source, seed)
    return compare(read_study(study, ReadSettings()), truth)


def kappa_quadratic(outcomes: Sequence[Graded]) -> float:
    """Return Cohen's kappa of region grades, quadratic weights; not assessable counts as wrong.

    A region without a grade that is not ruined is set to the grade furthest from the truth.
    """
    pairs = [
        (t, g if g is not None else (3 if t < 2 else 0))
        for o in outcomes
        for t, g, lost in zip(o.grades_truth, o.grades, o.ruined, strict=True)
        if not lost
    ]
    table = np.zeros((4, 4))
    for t, g in pairs:
        table[t, g] += 1
    weights = (np.subtract.outer(np.arange(4), np.arange(4)) / 3.0) ** 2
    chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(1 - (weights * table).sum() / (weights * chance).sum())


def summary(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the figures of the table."""

    def rate(part: float, whole: float) -> float:
        return part / whole if whole else float("nan")

    sick = [o for o in outcomes if o.visible_truth]
    well = [o for o in outcomes if not o.positive_truth and not any(o.ruined)]
    hard = [o for o in sick if o.difficulty == "hard"]
    hard_well = [o for o in well if o.difficulty == "hard"]
    flat = [(g, lost) for o in outcomes for g, lost in zip(o.grades, o.ruined, strict=True)]
    extents = np.abs([e for o in outcomes for e in o.extent_errors] or [np.nan])
    reaches = np.abs([e for o in outcomes for e in o.reach_errors] or [np.nan])
    widths = np.abs([e for o in outcomes for e in o.width_errors] or [np.nan])
    return {
        "studies": len(outcomes),
        "case sensitivity": rate(sum(o.positive is True for o in sick), len(sick)),
        "case specificity": rate(sum(o.positive is False for o in well), len(well)),
        "hard sensitivity": rate(sum(o.positive is True for o in hard), len(hard)),
        "hard specificity": rate(sum(o.positive is False for o in hard_well), len(hard_well)),
        "region grade kappa, quadratic": kappa_quadratic(outcomes),
        "leaks found": rate(sum(o.found for o in outcomes), sum(o.leaks for o in outcomes)),
        "false leaks per study": rate(sum(o.false_leaks for o in outcomes), len(outcomes)),
        "cysts called a leak": rate(
            sum(o.cysts_called for o in outcomes), sum(o.cysts for o in outcomes)
        ),
        "root named exactly": rate(
            sum(o.named_exactly for o in outcomes), sum(o.named for o in outcomes)
        ),
        "root named within one": rate(
            sum(o.named_within_one for o in outcomes), sum(o.named for o in outcomes)
        ),
        "extent error, median mm": float(np.median(extents)),
        "reach error, median mm": float(np.median(reaches)),
        "sac width error, median mm": float(np.median(widths)),
        "ruined regions kept from a grade": rate(
            sum(g is None for g, lost in flat if lost), sum(lost for _, lost in flat)
        ),
        "sound regions refused": rate(
            sum(g is None for g, lost in flat if not lost), sum(not lost for _, lost in flat)
        ),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=20000, help="first seed")
    parser.add_argument("--count", type=int, default=100, help="number of studies")
    parser.add_argument(
        "--source", type=Source, choices=list(Source), default=Source.PHANTOM, help="who makes them"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", action="store_true", help="print every study's outcome as JSON")
    parser.add_argument(
        "--short", action="store_true", help="eight easy tuning seeds, as a smoke test"
    )
    args = parser.parse_args(argv)
    seeds = range(8) if args.short else range(args.first, args.first + args.count)
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("forkserver")) as pool:
        outcomes = list(pool.map(partial(run_one, source=args.source), seeds, chunksize=2))
    if args.json:
        print(json.dumps([asdict(o) for o in outcomes]))
    name = "phantom" if args.source is Source.PHANTOM else f"simulator {args.source}"
    print(f"| figure ({name}, seeds {seeds.start}-{seeds.stop - 1}) | value |\n|---|---|")
    for name, value in summary(outcomes).items():
        print(f"| {name} | {value:.3g} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
