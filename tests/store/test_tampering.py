"""Tampering with the audit log on each database: refused to a writer, found out of an owner."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from myeloscope.errors import InputError
from myeloscope.store.chain import Head
from myeloscope.store.folder import Store
from myeloscope.store.trials import Trials
from tests.trial.study import BOTH, READERS, case

AT = "2026-01-01T00:00:00+00:00"
UNLOCK = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": ("ALTER TABLE audit DISABLE TRIGGER audit_no_change",),
}
REFUSED = {
    "sqlite": (
        "UPDATE audit SET actor = 'x'", "UPDATE audit SET mac = 'x' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 2", "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'x', trial, kind, payload, mac FROM audit",
    ),
    "postgresql": (
        "UPDATE audit SET actor = 'x'", "UPDATE audit SET mac = 'x' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 2", "DELETE FROM audit", "TRUNCATE audit",
        "TRUNCATE audit CASCADE",
        "INSERT INTO audit SELECT seq, at, 'x', trial, kind, payload, mac FROM audit "
        "ON CONFLICT (seq) DO UPDATE SET actor = 'x'",
    ),
}  # fmt: skip
"""Statements that a login with the right to write may try."""
TAMPERINGS = (
    (("UPDATE audit SET payload = replace(payload, 'ann', 'bob') WHERE seq = 2",), "row 2 altered"),
    (("UPDATE audit SET at = '2020-01-01T00:00:00+00:00' WHERE seq = 3",), "row 3 altered"),
    (("UPDATE audit SET actor = 'bob' WHERE seq = 4",), "row 4 altered"),
    (("UPDATE audit SET trial = NULL WHERE seq = 4",), "row 4 altered"),
    (("UPDATE audit SET mac = (SELECT mac FROM audit WHERE seq = 1) WHERE seq = 2",), "row 2 alt"),
    (("DELETE FROM audit WHERE seq = 3",), "row 3 missing"),
    (("DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = 3 WHERE seq = 4",
      "UPDATE audit SET seq = 4 WHERE seq = 5"), "row 3 altered"),
    (("UPDATE audit SET seq = 99 WHERE seq = 2", "UPDATE audit SET seq = 2 WHERE seq = 3",
      "UPDATE audit SET seq = 3 WHERE seq = 99"), "row 2 altered"),
    (("INSERT INTO audit SELECT 6, at, actor, trial, kind, payload, mac FROM audit "
      "WHERE seq = 5",), "row 6 altered"),
    (("DELETE FROM audit WHERE seq = 5",), "row 5 cut off"),
    (("DELETE FROM audit",), "row 1 cut off"),
)  # fmt: skip
"""What somebody who owns the database may do to five rows, and what is said of it."""


def _kind(store: Store) -> str:
    return "sqlite" if store.database.is_sqlite else "postgresql"


def _five_rows(store: Store) -> Head:
    trials = Trials(store.log)
    trials.create("t1", "A study", BOTH, ("liz",), "liz")
    for reader in READERS[:2]:
        trials.add_reader("t1", reader, "liz")
    trials.add_cases("t1", (case(1),), "liz")
    trials.assign("t1", 7, "liz")
    head = store.log.head()
    assert head.seq == 5
    assert store.log.verify(head) == head
    return head


def _execute(store: Store, statements: Sequence[str]) -> None:
    with store.database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_a_writer_is_refused_by_the_triggers(store: Store) -> None:
    head = _five_rows(store)
    for statement in REFUSED[_kind(store)]:
        with pytest.raises(DatabaseError, match="append-only"):
            _execute(store, [statement])
    assert store.log.verify(head) == head


@pytest.mark.parametrize(("statements", "said"), TAMPERINGS)
def test_an_owner_is_found_out_by_the_chain(
    store: Store, statements: Sequence[str], said: str
) -> None:
    head = _five_rows(store)
    _execute(store, [*UNLOCK[_kind(store)], *statements])
    with pytest.raises(InputError, match=said):
        store.log.verify(head)


def test_a_log_that_was_written_anew_does_not_hold_the_printed_head(store: Store) -> None:
    """Whoever has the key too can forge the chain, but not the head that was printed."""
    head = _five_rows(store)
    _execute(store, [*UNLOCK[_kind(store)], "DELETE FROM audit"])
    for _ in range(5):
        store.log.note("liz", "test", AT, {})
    assert store.log.verify().seq == head.seq
    with pytest.raises(InputError, match="row 5 rewritten since the head was printed"):
        store.log.verify(head)
