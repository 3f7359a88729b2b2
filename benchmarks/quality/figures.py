"""Figures of many readings held against the truth, with 95 % intervals, and how they break down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

import numpy as np

from benchmarks.quality.outcome import LeakOutcome, Outcome
from myeloscope.accuracy import proportion_interval
from myeloscope.domain.anatomy import Region

RESAMPLES = 1000
FALSE_A_STUDY = (0.1, 0.2, 0.5, 1.0)
SNR_BANDS = ((0.0, 15.0), (15.0, 25.0), (25.0, 40.0), (40.0, np.inf))
BRIGHTNESS_BANDS = ((0.0, 0.15), (0.15, 0.25), (0.25, 0.4), (0.4, np.inf))
SCORE_BANDS = ((0.01, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01))
Row = tuple[str, ...]
Item = TypeVar("Item")


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
    chance = float((weights * np.outer(table.sum(axis=1), table.sum(axis=0))).sum())
    observed = float((weights * table).sum() * table.sum())
    return 1 - observed / chance if chance > 0 else float("nan")


def main_figures(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return the rows (figure, value, 95 % interval) of the main table."""
    sick = [o for o in outcomes if o.visible_truth]
    well = [o for o in outcomes if not o.positive_truth and not any(o.ruined)]
    leaks = [leak for o in outcomes for leak in o.leaks]
    flat = [
        (g, some, lost)
        for o in outcomes
        for g, some, lost in zip(o.grades, o.at_least, o.ruined, strict=True)
    ]
    ruined = [(g, some) for g, some, lost in flat if lost]
    return [
        ("studies", str(len(outcomes)), ""),
        _share("case sensitivity", [o.positive is True for o in sick]),
        _share("case specificity", [o.positive is False for o in well]),
        _share("hard sensitivity", [o.positive is True for o in sick if o.difficulty == "hard"]),
        _share("hard specificity", [o.positive is False for o in well if o.difficulty == "hard"]),
        _resampled("region grade kappa, quadratic", outcomes, kappa_quadratic),
        _share("leaks found", [leak.found for leak in leaks]),
        _resampled("false leaks per study", outcomes, _false_leaks),
        _share("cysts called a leak", _spread(outcomes, "cysts_called", "cysts")),
        _share("root named exactly", _spread(outcomes, "named_exactly", "named")),
        _share("root named within one", _spread(outcomes, "named_within_one", "named")),
        _share(
            "findings named",
            [True] * sum(o.named for o in outcomes) + [False] * sum(o.unnamed for o in outcomes),
        ),
        _median("extent_errors", outcomes),
        _median("reach_errors", outcomes),
        _median("width_errors", outcomes),
        _share("ruined regions kept from a grade", [g is None for g, _ in ruined]),
        _share("the same, or marked at least", [g is None or some for g, some in ruined]),
        _share("sound regions refused", [g is None for g, _, lost in flat if not lost]),
    ]


def found_at(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return the rows (false leaks a study, leaks found) of the FROC curve, by roots' scores.

    What is counted are roots: a leak is found where a root within 12 mm on its side scores above
    the bound that so many other roots a study exceed.
    """
    false = np.sort([score for o in outcomes for score in o.false_scores])[::-1]
    leaks = [leak for o in outcomes for leak in o.leaks]
    rows: list[Row] = []
    for rate in FALSE_A_STUDY:
        count = round(rate * len(outcomes))
        bound = float(false[count]) if count < len(false) else 0.0
        name, value, interval = _share(f"{rate:g}", [leak.score > bound for leak in leaks])
        rows.append((name, f"{bound:.2f}", value, interval))
    return rows


def by_band(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return the rows (what, band, share, interval): by SNR, brightness, grade, region."""
    rows: list[Row] = []
    for low, high in SNR_BANDS:
        band = [o for o in outcomes if low <= o.snr < high]
        sick = [o.positive is True for o in band if o.visible_truth]
        well = [o.positive is False for o in band if not o.positive_truth and not any(o.ruined)]
        rows.append(("sensitivity, sac SNR", _words(low, high), *_share("", sick)[1:]))
        rows.append(("specificity, sac SNR", _words(low, high), *_share("", well)[1:]))
    leaks = [leak for o in outcomes for leak in o.leaks]
    for low, high in BRIGHTNESS_BANDS:
        here = [k for k in leaks if low <= k.brightness < high]
        rows.append(_found("brightness over the sac's", _words(low, high), here))
    for grade in (1, 2, 3):
        rows.append(_found("grade", str(grade), [k for k in leaks if k.grade == grade]))
    for region in Region:
        rows.append(_found("region", region.value, [k for k in leaks if k.region == region.value]))
    return sorted(rows, key=lambda row: not row[0].startswith(("sens", "spec")))


def calibration(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return the rows (score, roots, share that leak): why a score is no probability."""
    true = np.array([leak.score for o in outcomes for leak in o.leaks])
    false = np.array([score for o in outcomes for score in o.false_scores])
    rows = []
    for low, high in SCORE_BANDS:
        leaking = int(((true >= low) & (true < high)).sum())
        normal = int(((false >= low) & (false < high)).sum())
        share = _share("", [True] * leaking + [False] * normal)
        rows.append((_words(low, min(high, 1.0)), str(leaking + normal), *share[1:]))
    return rows


def _found(what: str, band: str, leaks: Sequence[LeakOutcome]) -> Row:
    return (f"leaks found, {what}", band, *_share("", [k.found for k in leaks])[1:])


def _words(low: float, high: float) -> str:
    return f"from {low:g}" if np.isinf(high) else f"{low:g}-{high:g}"


def _share(name: str, hits: Sequence[bool]) -> Row:
    """Return a share as text with how many of how many, and its Wilson interval."""
    if not hits:
        return name, "-", "-"
    interval = proportion_interval(sum(hits), len(hits))
    value = f"{np.mean(hits):.3f} ({sum(hits)} of {len(hits)})"
    return name, value, f"{interval.low:.3f} to {interval.high:.3f}"


def _spread(outcomes: Iterable[Outcome], part: str, whole: str) -> list[bool]:
    parts, wholes = (sum(getattr(o, name) for o in outcomes) for name in (part, whole))
    return [True] * parts + [False] * (wholes - parts)


def _false_leaks(outcomes: Sequence[Outcome]) -> float:
    return sum(o.false_leaks for o in outcomes) / len(outcomes)


def _median(name: str, outcomes: Sequence[Outcome]) -> Row:
    """Return the median size of an error as text, and its interval over studies drawn again."""
    sizes = [np.abs(np.array(getattr(o, name))) for o in outcomes]

    def of(drawn: Sequence[int]) -> float:
        values = np.concatenate([sizes[k] for k in drawn])
        return float(np.median(values)) if len(values) else float("nan")

    words = {"extent_errors": "extent", "reach_errors": "reach", "width_errors": "sac width"}
    return _resampled(f"{words[name]} error, median mm", range(len(outcomes)), of)


def _resampled(
    name: str, outcomes: Sequence[Item], figure: Callable[[Sequence[Item]], float]
) -> Row:
    """Return a figure as text with its percentile interval over studies drawn again."""
    rng = np.random.default_rng(0)
    draws = [
        figure([outcomes[k] for k in rng.integers(len(outcomes), size=len(outcomes))])
        for _ in range(RESAMPLES if len(outcomes) > 8 else 40)
    ]
    known = [draw for draw in draws if not np.isnan(draw)]
    if not known:
        return name, "-", "-"
    low, high = np.percentile(known, [2.5, 97.5])
    return name, f"{figure(outcomes):.3f}", f"{low:.3f} to {high:.3f}"


TABLES: Mapping[str, tuple[Row, Callable[[Sequence[Outcome]], list[Row]]]] = {
    "main": (("figure", "value", "95 % interval"), main_figures),
    "found": (
        ("false leaks a study", "score from", "leaks found", "95 % interval"),
        found_at,
    ),
    "bands": (("what", "band", "share", "95 % interval"), by_band),
    "calibration": (("score of a root", "roots", "share that leak", "95 % interval"), calibration),
}
"""Name of a table -> its head, and what makes its rows."""


def as_markdown(head: Row, rows: Sequence[Row]) -> str:
    """Return a table as Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
