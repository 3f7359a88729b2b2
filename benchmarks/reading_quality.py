"""How good a reading is, on phantoms: makes studies, reads them, holds readings against truth.

    python -m benchmarks.reading_quality --first 50000 80000 --count 300 [--source a]

prints the tables of docs/BENCHMARKS.md, all sets of seeds taken together. Seeds below 10000 are
for tuning; those from 10000 on are for reporting and are never looked at while the method is being
changed. ``--source`` takes the studies from a simulator apart from the phantom (see
:mod:`benchmarks.strangers`); ``--worst FILE`` draws the twenty worst cases.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.quality.figures import TABLES, as_markdown
from benchmarks.quality.outcome import run_one
from benchmarks.quality.worst import draw_worst
from benchmarks.strangers.source import Source
from myeloscope.domain.anatomy import Segment


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, nargs="+", default=[50000], help="first seeds of sets")
    parser.add_argument("--count", type=int, default=100, help="number of studies of each set")
    parser.add_argument(
        "--source", type=Source, choices=list(Source), default=Source.PHANTOM, help="who makes them"
    )
    parser.add_argument(
        "--anchors",
        type=Segment,
        nargs="+",
        default=[],
        help="roots named at their true height, as by a user, for example T1 L1",
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="file for every study's outcome")
    parser.add_argument("--worst", type=Path, help="picture of the twenty worst cases to write")
    parser.add_argument(
        "--short", action="store_true", help="eight easy tuning seeds, as a smoke test"
    )
    args = parser.parse_args(argv)
    first, count = ([0], 8) if args.short else (args.first, args.count)
    seeds = [seed for start in first for seed in range(start, start + count)]
    read_one = partial(run_one, source=args.source, anchors=args.anchors)
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("forkserver")) as pool:
        outcomes = list(pool.map(read_one, seeds, chunksize=2))
    if args.json:
        args.json.write_text(json.dumps([asdict(o) for o in outcomes]), encoding="utf-8")
    who = "phantom" if args.source is Source.PHANTOM else f"simulator {args.source}"
    print(f"{who}, seeds {', '.join(f'{start}-{start + count - 1}' for start in first)}")
    for head, rows in TABLES.values():
        print(f"\n{as_markdown(head, rows(outcomes))}")
    if args.worst:
        draw_worst(outcomes, args.source, args.worst)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
