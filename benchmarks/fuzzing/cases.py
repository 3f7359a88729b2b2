"""One damaged study read in a process of its own, and what came of it."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import resource
import select
import shutil
import signal
import sys
import time
import traceback
import unicodedata
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.fuzzing.corpus import Files
from benchmarks.fuzzing.damage import DAMAGES
from myeloscope.dicom.load import load_all
from myeloscope.dicom.source import Loaded
from myeloscope.domain.codec import loads
from myeloscope.domain.image import Study
from myeloscope.errors import LimitError, MyeloscopeError
from myeloscope.pipeline import outputs, reading
from myeloscope.pipeline.job import Outcome, ReadJob
from myeloscope.pipeline.worker import Limits, Step, WorkerError

HANG_S = 60.0
MOST_MIB = 1024
LONGEST_LINE = 2000
NAME = "Secret"
"""Of the patient in every file: no message may hold it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A damaged study: which one, how, and what can be asked for again by its number."""

    seed: int
    number: int
    study: str
    damages: tuple[str, ...]
    files: Files


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case; ``fault`` says what is wrong, if anything is."""

    number: int
    study: str
    damages: tuple[str, ...]
    kind: str
    text: str
    cpu_s: float
    peak_mib: float
    fault: str | None = None


def make_case(corpus: Mapping[str, Files], seed: int, number: int) -> Case:
    """Return one case, a function of seed and number alone."""
    draw = np.random.default_rng([seed, number])
    study = str(draw.choice(sorted(corpus)))
    count = int(draw.choice([1, 1, 2, 3]))
    kinds = tuple(str(kind) for kind in draw.choice(sorted(DAMAGES), count))
    files = corpus[study]
    for kind in kinds:
        files = DAMAGES[kind](files, draw)
    return Case(seed, number, study, kinds, files)


def write_files(files: Files, folder: Path) -> Path:
    """Write a study and return what is to be read: its folder, or the zip that it is."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder / "study.zip" if set(files) == {"study.zip"} else folder


def digest(study: Study) -> bytes:
    """Return what a reading depends on, in short: reading is pure, so equal studies read alike."""
    made = hashlib.sha256(repr(study.derived).encode())
    for station in study.stations:
        made.update(station.pixels.tobytes())
        made.update(repr((station.pixels.shape, station.geometry, station.acquisition)).encode())
    return made.digest()


def known_studies(corpus: Mapping[str, Files], scratch: Path) -> frozenset[bytes]:
    """Read the sound studies and return their digests; damage that changes none is read already."""
    known = set()
    for name, files in corpus.items():
        folder = scratch / "sound"
        path = write_files(files, folder)
        outcome = reading.read_only(ReadJob((str(path),)), _silent)
        if not outcome.studies:
            raise SystemExit(f"the sound study '{name}' is not read")
        known |= {digest(item.study) for item in load_all([path]) if isinstance(item, Loaded)}
        shutil.rmtree(folder)
    return frozenset(known)


def run_case(case: Case, scratch: Path, known: frozenset[bytes], *, whole: bool) -> Result:
    """Read a case in a forked process and judge how that ended.

    Parameters
    ----------
    case
        The damaged study.
    scratch
        A folder of this process alone.
    known
        Digests of studies that need not be read again.
    whole
        Whether every output is written too.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    path = write_files(case.files, scratch / "in")
    ours, theirs = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(ours)
        _child(path, scratch / "out", theirs, (known, whole))
    os.close(theirs)
    answer = _answer(ours, process)
    os.close(ours)
    _, status, usage = os.wait4(process, 0)
    seconds = usage.ru_utime + usage.ru_stime
    kind, text, fault = answer or ("crash", signal.Signals(os.WTERMSIG(status)).name, "crash")
    peak = usage.ru_maxrss / 1024
    if fault is None:
        fault = wrong_line(text) if kind not in ("reading", "as before") else None
    if fault is None and peak > MOST_MIB:
        fault = f"{peak:.0f} MiB"
    return Result(case.number, case.study, case.damages, kind, text, seconds, peak, fault)


def _answer(pipe: int, process: int) -> tuple[str, str, str | None] | None:
    """Return what the child says, ``None`` if it dies without a word; a hang is ended."""
    chunks = []
    end = time.monotonic() + HANG_S
    while True:
        ready, _, _ = select.select([pipe], [], [], max(end - time.monotonic(), 0))
        if not ready:
            os.kill(process, signal.SIGKILL)
            return "hang", f"more than {HANG_S:g} s", "hang"
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            break
        chunks.append(chunk)
    answer: tuple[str, str, str | None] | None = pickle.loads(b"".join(chunks)) if chunks else None  # noqa: S301
    return answer


def _child(path: Path, out: Path, pipe: int, told: tuple[frozenset[bytes], bool]) -> None:
    """Read in this process as the pipeline's worker does, tell and end."""
    limit = Limits().memory_mib << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    warnings.simplefilter("ignore")
    answer: tuple[str, str, str | None] | None = None
    try:
        answer = _read(path, out, *told)
    except (LimitError, WorkerError) as error:
        answer = (type(error).__name__, str(error), "the limits or the printer ended it")
    except MyeloscopeError as error:
        answer = (type(error).__name__, str(error), None)
    finally:
        if (escaped := sys.exception()) is not None:
            fault = f"{type(escaped).__name__}: {escaped}"[:200]
            answer = ("traceback", traceback.format_exc(), fault)
        with suppress(BrokenPipeError):
            os.write(pipe, pickle.dumps(answer))
        os._exit(0)


def _read(
    path: Path, out: Path, known: frozenset[bytes], whole: bool
) -> tuple[str, str, str | None]:
    job = ReadJob((str(path),), folder=str(out))
    if whole:
        out.mkdir()
        outcome = outputs.read_and_write(job, _silent)
        return _kind(outcome), "", _broken(outcome)
    found = load_all([path])
    studies = [item.study for item in found if isinstance(item, Loaded)]
    if studies and all(digest(study) in known for study in studies):
        return "as before", "", None
    outcome = reading.read_only(job, _silent)
    return _kind(outcome), "", _broken(outcome)


def _kind(outcome: Outcome) -> str:
    grades = [
        region.grade for one in outcome.studies for region in loads(one.json).regions.values()
    ]
    return "not assessable" if all(grade is None for grade in grades) else "reading"


def _broken(outcome: Outcome) -> str | None:
    """Return what a reading or a line beside it has that it must not."""
    for study in outcome.studies:
        json.loads(study.json, parse_constant=float.__call__)
        if NAME in study.json:
            return "the patient's name in reading.json"
    for line in [*(item.text for item in outcome.skipped), *(s.taken for s in outcome.studies)]:
        if wrong := wrong_line(line):
            return wrong
    return None


def wrong_line(text: str) -> str | None:
    """Return what is wrong with a message that should be one clean line."""
    if NAME in text:
        return "the patient's name in a message"
    if len(text) > LONGEST_LINE:
        return f"a line of {len(text)} characters"
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text):
        return f"control characters in a line: {text!r}"[:200]
    return None


def _silent(_: Step) -> None:
    """Drop a progress event."""
