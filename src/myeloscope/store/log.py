"""The audit log in SQL: append, read, replay. A row is acknowledged after commit, never before."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing

from sqlalchemy import Connection, insert, select

from myeloscope.store.chain import ROOT, Head, Row, mac_of, verify
from myeloscope.store.database import Database
from myeloscope.store.schema import AUDIT
from myeloscope.trial.codec import dump_event, load_entry
from myeloscope.trial.event import Entry
from myeloscope.trial.refusals import ForbiddenError
from myeloscope.trial.rules import apply
from myeloscope.trial.state import Trial

Decide = Callable[[Trial | None], Sequence[Entry]]
_COLUMNS = [AUDIT.c[name] for name in ("seq", "at", "actor", "trial", "kind", "payload", "mac")]
BATCH = 1000


class Log:
    """The audit log of one database.

    Parameters
    ----------
    database
        Where it lies.
    key
        Key of the chain, from outside the database.
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, Trial]] = {}

    def note(self, actor: str, kind: str, at: str, facts: Mapping[str, object]) -> Head:
        """Append a row that belongs to no trial: a login, an account, an export."""
        payload = json.dumps(dict(facts), ensure_ascii=False, sort_keys=True)
        with self._database.write() as connection:
            return self.note_within(connection, Row(0, at, actor, None, kind, payload))

    def note_within(self, connection: Connection, row: Row) -> Head:
        """Append a row in a transaction that also does what the row tells of."""
        self._database.lock(connection, "audit")
        return self._append(connection, [row])

    def change(self, trial: str, decide: Decide) -> Trial:
        """Append to a trial's log what ``decide`` makes of its present state.

        Parameters
        ----------
        trial
            Its id.
        decide
            Called with the trial as it is (``None`` before its creation) while nobody else can
            write; returns entries, which are checked before anything is stored.

        Raises
        ------
        TrialError
            If the rules refuse an entry; nothing is stored then.
        """
        with self._database.write() as connection:
            self._database.lock(connection, "audit")
            seq, state = self._current(connection, trial)
            entries = decide(state)
            rows = []
            for entry in entries:
                state = apply(state, entry)
                payload = dump_event(entry.event)
                rows.append(Row(0, entry.at, entry.by, trial, entry.event.kind, payload))
            head = self._append(connection, rows)
        if state is None:
            raise _unknown(trial)
        self._remember(trial, max(seq, head.seq), state)
        return state

    def trial(self, trial: str) -> Trial:
        """Return a trial as it is now.

        Raises
        ------
        ForbiddenError
            If there is no such trial.
        """
        with self._database.read() as connection:
            seq, state = self._current(connection, trial)
        if state is None:
            raise _unknown(trial)
        self._remember(trial, seq, state)
        return state

    def trials(self) -> tuple[str, ...]:
        """Return the ids of all trials, oldest first."""
        query = select(AUDIT.c.trial).where(AUDIT.c.kind == "trial-created").order_by(AUDIT.c.seq)
        with self._database.read() as connection:
            return tuple(name for (name,) in connection.execute(query))

    def rows(
        self, *, after: int = 0, limit: int | None = None, trial: str | None = None
    ) -> tuple[Row, ...]:
        """Return rows in order, those of one trial if one is named."""
        query = select(*_COLUMNS).where(AUDIT.c.seq > after).order_by(AUDIT.c.seq).limit(limit)
        if trial is not None:
            query = query.where(AUDIT.c.trial == trial)
        with self._database.read() as connection:
            return tuple(Row(*found) for found in connection.execute(query))

    def head(self) -> Head:
        """Return the end of the log."""
        with self._database.read() as connection:
            return _head(connection)

    def verify(self, head: Head | None = None) -> Head:
        """Check the whole log; parameters, result and errors as :func:`chain.verify`."""
        with self._database.read() as connection, closing(all_rows(connection)) as rows:
            return verify(rows, self._key, head)

    def _current(self, connection: Connection, trial: str) -> tuple[int, Trial | None]:
        """Return the last row's number and the state it leads to, from what is known already."""
        seq, state = self._known.get(trial, (0, None))
        query = (
            select(*_COLUMNS).where(AUDIT.c.trial == trial, AUDIT.c.seq > seq).order_by(AUDIT.c.seq)
        )
        for found in connection.execute(query):
            row = Row(*found)
            state = apply(state, load_entry(row.payload, row.actor, row.at))
            seq = row.seq
        return seq, state

    def _remember(self, trial: str, seq: int, state: Trial) -> None:
        with self._lock:
            if seq >= self._known.get(trial, (0, state))[0]:
                self._known[trial] = (seq, state)

    def _append(self, connection: Connection, rows: Sequence[Row]) -> Head:
        head = _head(connection)
        for row in rows:
            numbered = Row(head.seq + 1, row.at, row.actor, row.trial, row.kind, row.payload)
            head = Head(numbered.seq, mac_of(numbered, head.mac, self._key))
            values = {name: getattr(numbered, name) for name in Row.__slots__}
            connection.execute(insert(AUDIT), {**values, "mac": head.mac})
        return head


def _head(connection: Connection) -> Head:
    query = select(AUDIT.c.seq, AUDIT.c.mac).order_by(AUDIT.c.seq.desc()).limit(1)
    found = connection.execute(query).first()
    return Head(*found) if found is not None else Head(0, ROOT)


def all_rows(connection: Connection) -> Generator[Row, None, None]:
    """Yield the whole log without holding it in memory."""
    query = select(*_COLUMNS).order_by(AUDIT.c.seq)
    with connection.execution_options(yield_per=BATCH).execute(query) as found:
        for row in found:
            yield Row(*row)


def _unknown(trial: str) -> ForbiddenError:
    return ForbiddenError(
        "a trial is one that was created", value=trial, place="trial", remedy="see the list"
    )
