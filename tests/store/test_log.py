"""The audit log: append-only, chained, replayed; and trials on top of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from myeloscope.errors import InputError
from myeloscope.store.chain import Head, Row, mac_of, parse_head, verify
from myeloscope.store.folder import Store
from myeloscope.store.log import Log
from myeloscope.store.trials import Trials
from myeloscope.trial.event import ReadConfirmed, ReadReopened, ReadSaved, ReadStarted
from myeloscope.trial.protocol import Discordance, Phase
from myeloscope.trial.refusals import ConflictError, ForbiddenError, TrialError
from myeloscope.trial.state import Trial
from tests.trial.study import BOTH, READERS, case, graded

AT = "2026-01-01T00:00:00+00:00"


def _clocked(log: Log) -> Trials:
    minutes = count()
    return Trials(log, clock=lambda: f"2026-01-01T{next(minutes) // 60 % 24:02d}:00:00+00:00")


def _opened(store: Store) -> tuple[Trials, Trial]:
    trials = _clocked(store.log)
    trials.create("t1", "A study", replace(BOTH, adjudication=Discordance.CALL), ("liz",), "liz")
    for reader in READERS:
        trials.add_reader("t1", reader, "liz")
    trials.add_cases("t1", (case(1), case(2)), "liz")
    trials.assign("t1", 7, "liz")
    return trials, trials.open("t1", "liz")


def _read(trials: Trials, trial: Trial, reader: str, user: str, grade: int) -> Trial:
    name = trial.orders[reader][0]
    trials.read("t1", ReadStarted(name), user)
    trials.read("t1", ReadSaved(name, 0, graded(grade)), user)
    return trials.read("t1", ReadConfirmed(name, 1), user)


def test_a_trial_runs_and_replays(store: Store) -> None:
    trials, trial = _opened(store)
    trial = _read(trials, trial, "reader-1", "ann", 0)
    name = trial.reads[trial.orders["reader-1"][0]].assignment
    other = next(
        each.assignment.id for each in trial.reads.values()
        if each.assignment.reader == "reader-2" and each.assignment.case == name.case
    )  # fmt: skip
    while trial.orders["reader-2"][0] != other:
        trial = replace(trial, orders={**trial.orders, "reader-2": trial.orders["reader-2"][1:]})
        first = store.log.trial("t1").orders["reader-2"][0]
        for event in (ReadStarted(first), ReadSaved(first, 0, graded(0)), ReadConfirmed(first, 1)):
            trials.read("t1", event, "bob")
    done = _read(trials, trial, "reader-2", "bob", 3)
    assert len(done.orders["judge"]) == 1
    assert Log(store.database, b"other").trial("t1") == done == store.log.trial("t1")
    machine = done.orders["myeloscope"][0]
    trials.read_by_algorithm("t1", machine, graded(2), "hash")
    locked, head = trials.lock("t1", "liz", "enough")
    assert locked.phase is Phase.LOCKED
    assert store.log.verify(parse_head(str(head))) == head
    assert trials.unblind("t1", "liz").phase is Phase.UNBLINDED
    assert trials.archive("t1", "liz").phase is Phase.ARCHIVED
    assert store.log.trials() == ("t1",)
    assert [row.kind for row in store.log.rows(trial="t1", limit=2)] == [
        "trial-created", "reader-added",
    ]  # fmt: skip


def test_a_refused_change_leaves_no_row(store: Store) -> None:
    trials, trial = _opened(store)
    before = store.log.head()
    name = trial.orders["reader-1"][0]
    with pytest.raises(TrialError, match="cannot be amended"):
        trials.read("t1", ReadReopened(name, "x"), "ann")
    with pytest.raises(TrialError, match="is one that was created"):
        trials.assign("t9", 1, "liz")
    with pytest.raises(ForbiddenError, match="is one that was created"):
        store.log.trial("t9")
    with pytest.raises(ForbiddenError):
        store.log.change("t9", lambda _: [])
    assert store.log.head() == before


def test_two_programs_on_one_database_see_each_other(store: Store) -> None:
    trials, trial = _opened(store)
    second = _clocked(Log(store.database, store.key("audit.key")))
    name = trial.orders["reader-1"][0]
    trials.read("t1", ReadStarted(name), "ann")
    second.read("t1", ReadSaved(name, 0, graded(1)), "ann")
    with pytest.raises(ConflictError, match="draft 0, while draft 1 is stored"):
        trials.read("t1", ReadSaved(name, 0, graded(2)), "ann")
    changed = replace(BOTH, washout_days=3)
    with pytest.raises(TrialError, match="needs a trial that is draft"):
        second.change_protocol("t1", changed, "liz")
    assert store.log.verify().seq == store.log.head().seq


def _chained(key: bytes = b"key", rows: int = 5) -> list[Row]:
    made: list[Row] = []
    before = "0" * 64
    for seq in range(1, rows + 1):
        row = Row(seq, AT, "me", None, "test", f'{{"n":{seq}}}')
        before = mac_of(row, before, key)
        made.append(replace(row, mac=before))
    return made


def test_the_chain_names_the_first_row_that_is_wrong() -> None:
    rows = _chained()
    head = Head(5, rows[-1].mac)
    assert verify(rows, b"key", head) == head
    with pytest.raises(InputError, match=r"row 3 altered \(test of 2026"):
        verify([*rows[:2], replace(rows[2], actor="you"), *rows[3:]], b"key")
    with pytest.raises(InputError, match=r"row 3 missing \(row 4 follows 2\)"):
        verify([*rows[:2], *rows[3:]], b"key")
    with pytest.raises(InputError, match=r"row 4 cut off \(the log ends at row 3\)"):
        verify(rows[:3], b"key", head)
    with pytest.raises(InputError, match="row 1 altered"):
        verify(rows, b"another key")
    with pytest.raises(InputError, match="row 5 rewritten since the head was printed"):
        verify(rows, b"key", Head(5, "0" * 64))
    assert verify(rows[:3], b"key").seq == 3


@pytest.mark.parametrize("wrong", ["", "5", "x:" + "0" * 64, "5:" + "g" * 64, "5:00"])
def test_a_head_is_a_number_and_a_mac(wrong: str) -> None:
    with pytest.raises(InputError, match="a head is a row number"):
        parse_head(wrong)
