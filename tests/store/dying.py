"""Saves a read again and again and says so after each commit, until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from myeloscope.store.folder import open_store
from myeloscope.store.trials import Trials
from myeloscope.trial.event import ReadSaved
from tests.trial.study import graded


def main(folder: str, read: str) -> None:
    """Save without end."""
    store = open_store(Path(folder))
    trials = Trials(store.log)
    number = store.log.trial("t1").reads[read].number
    while True:
        answer = graded(number % 4, f"save {number + 1}")
        trials.read("t1", ReadSaved(read, number, answer), "ann")
        number += 1
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
