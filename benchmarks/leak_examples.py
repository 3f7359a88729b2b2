"""Roots of simulated studies with what was measured there, and whether they leak.

What the leak score's models are made from. Seeds lie below 10000: those from 10000 on are for
reporting. What was measured is kept block by block, so that a run that was stopped goes on; a
changed method needs a new folder.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.outcome import NEAR_MM
from benchmarks.strangers.source import Source, make_study
from myeloscope.domain.anatomy import Side
from myeloscope.domain.grade import FindingKind
from myeloscope.domain.image import Study
from myeloscope.geometry.canvas import stitch
from myeloscope.myelography.signs import find_sites
from myeloscope.myelography.sites import D_MM, U_MM, Site
from myeloscope.myelography.spine import Spine, see_spine, station_noise
from myeloscope.phantom.spec import Ruin
from myeloscope.phantom.truth import Truth

TABLES = Path("build/leak-score")
HELD_OUT = "pattern-held-out.npy"
"""File among the tables: what networks that have not met a root's study say of it."""
SEEDS: Mapping[Source, int] = {
    Source.PHANTOM: 1680,
    Source.A: 840,
    Source.B: 840,
    Source.C: 1200,
    Source.E: 1200,
    Source.F: 1200,
    Source.G: 1200,
}
"""How many seeds of each source the models are made from, from 0 on."""
FIRST_REPORTED = 10000
"""Seeds from here on are for reporting."""
BLOCK = 30
"""Seeds that are measured and kept at once."""
DOUBTFUL_MM = 30.0
"""Other roots this near a true finding are neither leaking nor normal: left out."""


@dataclass(frozen=True, slots=True)
class Example:
    """One root of one study; ``leak`` is None where the truth is doubtful.

    ``packed`` is what the pattern network sees of it, as 16-bit figures and compressed.
    """

    source: Source
    seed: int
    patient: bool
    measures: Mapping[str, float]
    leak: bool | None
    packed: bytes = b""

    @property
    def seen(self) -> NDArray[np.float16]:
        """Return (29, 45, 7) what the pattern network sees of the root."""
        held = np.frombuffer(zlib.decompress(self.packed), dtype=np.float16)
        return held.reshape(len(U_MM), len(D_MM), -1)


def examples_of(source: Source, study: Study, truth: Truth) -> list[Example]:
    """Return the roots of a study that can be searched, with what they truly are."""
    if truth.ruin != Ruin.NONE.value:
        return []
    canvas = stitch(study)
    spine = see_spine(canvas, station_noise(canvas, study), {})
    if spine is None:
        return []
    sites, _ = find_sites(spine)
    places = np.array([_exit_of(spine, site) for site in sites]).reshape(-1, 3)
    labels: list[bool | None] = [False] * len(sites)
    seen = [t for t in truth.findings if t.station is not None and t.kind is FindingKind.LEAK]
    for true in seen:
        away = np.hypot(places[:, 0] - true.position_mm[0], places[:, 2] - true.position_mm[2])
        away[[site.root.side is not true.side for site in sites]] = np.inf
        for k in np.flatnonzero(away < DOUBTFUL_MM).tolist():
            labels[k] = labels[k] or None
        if len(away) and away.min() <= NEAR_MM:
            labels[int(away.argmin())] = True
    for k, site in enumerate(sites):
        if labels[k] is False and _in_collection(places[k], site.root.side, truth):
            labels[k] = None
    return [
        Example(source, truth.seed, truth.signs_mrm, site.measures, leak, packed(site.seen))
        for site, leak in zip(sites, labels, strict=True)
    ]


def packed(seen: NDArray[np.float32]) -> bytes:
    """Return what the pattern network sees of a root as it is kept."""
    return zlib.compress(seen.astype(np.float16).tobytes(), 1)


def _exit_of(spine: Spine, site: Site) -> NDArray[np.float64]:
    s = np.array([site.root.s_mm])
    return np.asarray(spine.patient_mm(s, np.zeros(1), site.root.side)[0])


def _in_collection(at: NDArray[np.float64], side: Side, truth: Truth) -> bool:
    """Return whether a place may lie in an epidural collection: fluid of a leak, not graded."""
    return any(
        f.kind is FindingKind.EPIDURAL_COLLECTION
        and f.side in (side, Side.MIDLINE)
        and abs(f.position_mm[2] - at[2]) < (f.size_mm or 60.0)
        for f in truth.findings
    )


@dataclass(frozen=True, slots=True)
class Block:
    """Some seeds of a source, from ``first`` to before ``stop``, and where examples are kept."""

    source: Source
    first: int
    stop: int
    tables: Path

    def examples(self) -> list[Example]:
        """Return the examples of the studies, made now unless an earlier run has."""
        kept = self.tables / f"{self.source}-{self.first}-{self.stop}.pickle"
        if kept.exists():
            found: list[Example] = pickle.loads(kept.read_bytes())  # noqa: S301 our own file
            return found
        made = [
            example
            for seed in range(self.first, self.stop)
            for example in examples_of(self.source, *make_study(self.source, seed))
        ]
        unfinished = kept.with_suffix(".part")
        unfinished.write_bytes(pickle.dumps(made))
        unfinished.rename(kept)
        return made


def blocks_of(seeds: Mapping[Source, int], tables: Path) -> list[Block]:
    """Return the blocks of all seeds, the sources in turn, so that an early end leaves all."""
    found = [
        (first / count, Block(source, first, min(first + BLOCK, count), tables))
        for source, count in seeds.items()
        for first in range(0, count, BLOCK)
    ]
    return [block for _, block in sorted(found, key=lambda item: item[0])]


def studies_of(examples: Sequence[Example]) -> NDArray[np.intp]:
    """Return (examples,) the number of each one's study."""
    studies = sorted({(e.source, e.seed) for e in examples})
    number = {study: k for k, study in enumerate(studies)}
    return np.array([number[e.source, e.seed] for e in examples])


def arguments(description: str | None, target: Path) -> argparse.ArgumentParser:
    """Return the options that both models' commands have; ``target`` is where theirs is written."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--share", type=float, default=1.0, help="part of the seeds to use, 0-1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=target)
    parser.add_argument("--tables", type=Path, default=TABLES, help="where measures are kept")
    return parser


def seeds_of(share: float) -> dict[Source, int]:
    """Return how many seeds of each source a part of them is."""
    return {source: round(count * share) for source, count in SEEDS.items()}


def measured(seeds: Mapping[Source, int], tables: Path, jobs: int) -> list[Example]:
    """Return the examples of all seeds, measured by so many processes where not kept already."""
    tables.mkdir(parents=True, exist_ok=True)
    found: list[Example] = []
    blocks = blocks_of(seeds, tables)
    with ProcessPoolExecutor(jobs, mp_context=get_context("forkserver")) as pool:
        for number, part in enumerate(pool.map(Block.examples, blocks), start=1):
            found += part
            print(f"{number} of {len(blocks)} blocks", end="\r", file=sys.stderr, flush=True)
    return found
