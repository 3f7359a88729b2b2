"""``kill -9`` in the middle of saving: whatever was acknowledged is there."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from myeloscope.store.folder import open_store
from myeloscope.store.trials import Trials
from myeloscope.trial.event import ReadStarted
from tests.trial.study import BOTH, READERS, case

KILLS = 5


def test_every_acknowledged_save_survives_kill_9(tmp_path: Path, database_url: str | None) -> None:
    folder = tmp_path / "data"
    store = open_store(folder, database_url)
    trials = Trials(store.log)
    trials.create("t1", "A study", BOTH, ("liz",), "liz")
    trials.add_reader("t1", READERS[0], "liz")
    trials.add_cases("t1", (case(1),), "liz")
    trials.assign("t1", 7, "liz")
    read = trials.open("t1", "liz").orders["reader-1"][0]
    trials.read("t1", ReadStarted(read), "ann")
    for kill in range(KILLS):
        command = [sys.executable, "-m", "tests.store.dying", str(folder), read]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05 + 0.03 * kill)
        process.send_signal(signal.SIGKILL)
        told = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        acknowledged = int(told[-1]) if told else 1
        kept = store.log.trial("t1").reads[read]
        assert kept.number >= acknowledged
        assert kept.draft is not None
        assert kept.draft.comment == f"save {kept.number}"
        # a database server may still commit what a client sent before it died
        before, proved, after = store.log.head(), store.log.verify(), store.log.head()
        assert before.seq <= proved.seq <= after.seq
    assert kept.number > 2 * KILLS
    store.close()
