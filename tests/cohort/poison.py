"""Work that goes wrong, for tests: what a study's paths say happens to it."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

from myeloscope.cohort.record import Entry, Order, StudyRef
from myeloscope.cohort.tables import rows_of
from myeloscope.errors import InputError, OutputError

READING = {
    "technique": "mr-myelography",
    "positive": False,
    "regions": {
        name: {"grade": 0, "assessable": True, "at_least": False, "score": 0.1}
        for name in ("cervical", "thoracic", "lumbar")
    },
    "findings": [],
    "quality": {"snr": 40.0, "measures": {}, "protocol": [], "warnings": []},
    "numbering": {"kind": "assumed", "uncertainty_roots": 0.5},
}


def read(study: StudyRef, order: Order) -> Entry:
    """Do to a study what the first of its paths says."""
    what = study.paths[0]
    if what == "hang":
        time.sleep(600)
    elif what == "slow":
        time.sleep(0.1)
    elif what == "gorge":
        len(bytearray(64 * 2**30))
    elif what == "crash":
        ctypes.string_at(0)
    elif what == "corrupt":
        raise InputError("a file must be DICOM", value="junk", place="x.dcm", remedy="drop it")
    elif what == "full":
        raise OutputError("the output can be written", value="no room", place="out", remedy="tidy")
    elif what == "kill the worker":
        # our parent is the warm process; its parent is the worker
        os.kill(int(_status("PPid", os.getppid())), signal.SIGKILL)
        time.sleep(600)
    elif what == "kill the process":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
    elif what == "once":
        _first_time(study, order)
    return Entry(study.uid, order.key(study), 0.01, rows=rows_of(study.uid, [READING]))


def _first_time(study: StudyRef, order: Order) -> None:
    """End the process the first time a study is read."""
    mark = Path(order.out) / f"seen-{study.uid}"
    if not mark.exists():
        mark.touch()
        os._exit(1)


def _status(name: str, pid: int) -> str:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(line for line in lines if line.startswith(name)).split()[1]
