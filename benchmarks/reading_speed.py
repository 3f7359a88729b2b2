"""Time from arrays to a reading, warm, on one core, and the floor beside it.

``scripts/bench reading_speed [--runs N] [--short]``. The study is the demonstration's phantom, two
stations of 512 x 512. Times are CPU time of one thread, medians over the runs, so that other work
on the machine counts little. The floor is what any reader must do: decode both images from DICOM
bytes and blur them once.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
import pydicom
from scipy.ndimage import gaussian_filter

from myeloscope.dicom.mr_image import ImageContext, Person, StoredForm, mr_image_bytes
from myeloscope.myelography.read import read_study
from myeloscope.phantom import Phantom, demo_spec, make
from myeloscope.settings import ReadSettings

GOAL_MS = 150.0


def median_ms(work: Callable[[], object], runs: int) -> float:
    """Return the median CPU time of some work in ms, after one run that is not counted."""
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(1000 * (time.process_time() - start))
    return statistics.median(times)


def stored(phantom: Phantom) -> list[bytes]:
    """Return the phantom's stations as DICOM files."""
    person = Person("PHANTOM^SPEED", "speed", "F", 40)
    form = StoredForm(12, False, 1.0, 0.0, True, 700.0, 1900.0)
    return [
        mr_image_bytes(station, form, ImageContext(phantom.study.uid, person, i + 1, "MRM"))
        for i, station in enumerate(phantom.study.stations)
    ]


def floor(files: Sequence[bytes]) -> None:
    """Decode every image and blur it once."""
    for data in files:
        pixels = pydicom.dcmread(BytesIO(data)).pixel_array.astype(np.float32)
        gaussian_filter(pixels, 2.0)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--short", action="store_true", help="three runs")
    args = parser.parse_args(argv)
    runs = 3 if args.short else args.runs
    phantom = make(demo_spec())
    files = stored(phantom)
    whole = median_ms(lambda: read_study(phantom.study, ReadSettings()), runs)
    steps: dict[str, list[float]] = {}
    for _ in range(runs):
        reading = read_study(phantom.study, ReadSettings(), time.process_time)
        for name, seconds in reading.elapsed_s.items():
            steps.setdefault(name, []).append(1000 * seconds)
    bottom = median_ms(lambda: floor(files), runs)
    print("| step | ms |\n|---|---|")
    for name, times in steps.items():
        print(f"| {name} | {statistics.median(times):.0f} |")
    print(f"| arrays to reading (goal {GOAL_MS:.0f}) | {whole:.0f} |")
    print(f"| floor: decode and one blur | {bottom:.0f} |")
    print(f"| times the floor | {whole / bottom:.1f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
