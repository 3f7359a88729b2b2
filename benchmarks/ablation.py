"""What each part of the reading buys: the same phantoms read with one part taken out at a time.

    python -m benchmarks.ablation --first 60000 --count 150

A part is taken out by putting something plainer in its place, nothing is learned again: the
figures say how much the rest leans on it, not how well a method without it could be made.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from unittest.mock import patch

import numpy as np

from benchmarks.quality.figures import as_markdown, main_figures
from benchmarks.quality.outcome import Outcome, compare
from benchmarks.strangers.source import Source, make_study
from myeloscope.myelography.quality import RootView, Sharpness, view_roots
from myeloscope.myelography.read import read_study
from myeloscope.myelography.spine import Spine
from myeloscope.settings import ReadSettings

ROOM = "myeloscope.myelography"
SHOWN = (
    "case sensitivity",
    "case specificity",
    "region grade kappa, quadratic",
    "leaks found",
    "false leaks per study",
    "cysts called a leak",
    "ruined regions kept from a grade",
)
AREA_MM2 = 25.0
"""Unexplained area from which on the plainest reader calls a leak."""


def by_area(sites: Sequence[Mapping[str, float]]) -> tuple[float, ...]:
    """Return a score of 0.9 where unexplained signal covers an area, else 0.1."""
    return tuple(0.9 if site["piece_area"] >= AREA_MM2 else 0.1 for site in sites)


def all_clear(spine: Spine, stations: Mapping[int, Sharpness]) -> tuple[RootView, ...]:
    """Return the views as if neither noise nor motion hid anything."""
    views = view_roots(spine, stations)
    return tuple(
        replace(view, obstacle=None) if view.obstacle and view.obstacle.hides_signs else view
        for view in views
    )


class NoPattern:
    """A network to which every root is a plain normal one."""

    @staticmethod
    def logits(seen: np.ndarray, _: np.ndarray) -> np.ndarray:
        """Return a plain normal root's logit for every root."""
        return np.full(seen.shape[:-3], -5.0)


def nothing(*_: object) -> None:
    """Find nothing, whatever is asked."""


def never(*_: object) -> bool:
    """Say no, whatever is asked."""
    return False


def no_sleeve(typical: np.ndarray, *_: object) -> np.ndarray:
    """Say that no patient's sleeves are more prominent than is usual in adults."""
    return np.zeros(np.asarray(typical).shape, dtype=bool)


def as_they_are(pixels: np.ndarray, *_: object) -> np.ndarray:
    """Leave the noise floor in."""
    return pixels


PARTS: Mapping[str, Mapping[str, Callable[..., object]]] = {
    "nothing (as it is)": {},
    "the noise floor's removal": {f"{ROOM}.spine.remove_noise_floor": as_they_are},
    "matching stations at their seam": {"myeloscope.geometry.canvas.compare": nothing},
    "this patient's own prominent sleeves": {f"{ROOM}.candidates.prominent": no_sleeve},
    "telling round outpouchings apart": {f"{ROOM}.signs.is_round": never},
    "slight expansions without a piece of their own": {f"{ROOM}.signs.expansion_of": nothing},
    "fluid in a neighbour's corridor": {f"{ROOM}.signs.adjoins": never},
    "noise and motion that hide signs": {f"{ROOM}.read.view_roots": all_clear},
    "the pattern network (every root is plain)": {f"{ROOM}.sites.pattern_network": NoPattern},
    "the trees (an area of 25 mm2 instead)": {f"{ROOM}.signs.leak_scores": by_area},
}
"""A part in words -> what stands where while it is out."""


def run_one(seed: int) -> dict[str, Outcome]:
    """Make one phantom and read it without each part."""
    study, truth = make_study(Source.PHANTOM, seed)
    outcomes = {}
    for part, plainer in PARTS.items():
        with ExitStack() as out:
            for name, stand_in in plainer.items():
                out.enter_context(patch(name, stand_in))
            outcomes[part] = compare(read_study(study, ReadSettings()), truth, {})
    return outcomes


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=60000, help="first seed")
    parser.add_argument("--count", type=int, default=150, help="number of phantoms")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    args = parser.parse_args(argv)
    seeds = range(args.first, args.first + args.count)
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("forkserver")) as pool:
        results = list(pool.map(run_one, seeds))
    print(f"phantom, seeds {seeds.start}-{seeds.stop - 1}\n")
    rows = []
    for part in PARTS:
        figures = {row[0]: row[1] for row in main_figures([one[part] for one in results])}
        rows.append((part, *(figures[name].split(" (")[0] for name in SHOWN)))
    print(as_markdown(("taken out", *SHOWN), rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
