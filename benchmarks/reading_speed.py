"""From arrays to a reading, warm, on one core: how long, where it goes, and the floor beside it.

``scripts/bench reading_speed [--runs N] [--short]``. The floor is what any reader must do with the
same images: read and decode the files, and blur each image once (Gaussian, 2 pixels). Times are CPU
time of this process, the median over runs and six phantoms, so that other work does not count.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from scipy.ndimage import gaussian_filter

from myeloscope.cli.phantom import write_phantom
from myeloscope.dicom.load import load
from myeloscope.domain.image import Study
from myeloscope.myelography.read import read_study
from myeloscope.phantom import Arm, Difficulty, Phantom, PhantomSpec, make
from myeloscope.settings import ReadSettings

LIMIT_MS = 150.0
"""What the main-job issue allows from arrays to a reading."""
SHORT_SLACK = 3.0
"""What the short form allows over the limit: it runs on any machine."""


def phantoms() -> tuple[Phantom, ...]:
    """Return a patient and a control of each difficulty."""
    return tuple(
        make(PhantomSpec(seed=11000 + i, arm=arm, difficulty=difficulty))
        for i, difficulty in enumerate(Difficulty)
        for arm in Arm
    )


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the CPU time of one call, ms."""
    begun = time.process_time()
    work()
    return 1000 * (time.process_time() - begun)


def median_ms(works: Sequence[Callable[[], object]], runs: int) -> float:
    """Return the median CPU time over the works and runs after a warming one, ms."""
    for work in works:
        work()
    return statistics.median(cpu_ms(work) for _ in range(runs) for work in works)


def blur(study: Study) -> None:
    """Blur every image of a study once."""
    for station in study.stations:
        gaussian_filter(station.pixels, 2.0)


def steps_ms(studies: Sequence[Study], runs: int) -> dict[str, float]:
    """Return the median CPU time of each step of the reading, ms."""
    laps: dict[str, list[float]] = {}
    for study in list(studies) * runs:
        for name, seconds in read_study(study, ReadSettings(), time.process_time).elapsed_s.items():
            laps.setdefault(name, []).append(1000 * seconds)
    return {name: statistics.median(times) for name, times in laps.items()}


def decode_ms(made: Sequence[Phantom], runs: int) -> float:
    """Return the median CPU time of reading and decoding a study's files, ms."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / str(index) for index in range(len(made))]
        for phantom, folder in zip(made, folders, strict=True):
            write_phantom(phantom, "study", folder)
        files = [sorted(folder.rglob("*.dcm")) for folder in folders]
        return median_ms([partial(load, paths) for paths in files], runs)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 1 where the reading takes longer than it may."""
    parser = argparse.ArgumentParser(description="From arrays to a reading, and the floor.")
    parser.add_argument("--runs", type=int, default=10, help="timed runs over the phantoms")
    parser.add_argument("--short", action="store_true", help="two runs, a wide limit")
    options = parser.parse_args(argv)
    runs = 2 if options.short else options.runs
    made = phantoms()
    studies = [phantom.study for phantom in made]
    whole = median_ms([partial(read_study, s, ReadSettings()) for s in studies], runs)
    decode = decode_ms(made, runs)
    blurred = median_ms([partial(blur, s) for s in studies], runs)
    rows = [(f"arrays to reading (limit {LIMIT_MS:g})", whole)]
    rows += [(f"of it: {name}", ms) for name, ms in steps_ms(studies, runs).items()]
    rows += [("floor: read and decode the files", decode), ("floor: one blur", blurred)]
    print("| work on one study | median CPU ms |\n|---|---|")
    for name, ms in rows:
        print(f"| {name} | {ms:.1f} |")
    print(f"| times the floor | {whole / (decode + blurred):.1f} |")
    return 0 if whole <= LIMIT_MS * (SHORT_SLACK if options.short else 1.0) else 1


if __name__ == "__main__":
    raise SystemExit(main())
