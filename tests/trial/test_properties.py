"""Whatever happens, in whatever order: nothing shows too early, nothing locked ever changes."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from myeloscope.domain.grade import ReaderKind
from myeloscope.trial.adjudication import to_adjudicate
from myeloscope.trial.codec import dump_event, load_entry
from myeloscope.trial.event import (
    SYSTEM,
    AdjudicationAssigned,
    AlgorithmRead,
    Archived,
    Entry,
    Event,
    Locked,
    ReadConfirmed,
    ReadReopened,
    ReadSaved,
    ReadStarted,
    Unblinded,
    Voted,
)
from myeloscope.trial.protocol import Discordance, Hidden, Order, Phase, Protocol, Role, Shown
from myeloscope.trial.refusals import TrialError
from myeloscope.trial.rules import apply, replay
from myeloscope.trial.state import Status, Trial
from myeloscope.trial.visibility import roles, visible, visible_read
from tests.trial.study import BOTH, LEAD, NOW, drafted, graded, ids, opened

USERS = ("ann", "bob", "cat", "dan", "eve", "jud", LEAD, "root", "stranger", SYSTEM)
TAGS = re.compile(
    r"img/case-\d+/[a-z-]+/\d|truth-of-case-\d+|case-\d+|by \w+ on r\w+|age_years=\d+"
)

protocols = st.builds(
    lambda **chosen: replace(BOTH, **chosen),
    order=st.sampled_from(Order),
    block_size=st.integers(1, 4),
    repeats=st.integers(0, 2),
    algorithm=st.sampled_from(Shown),
    calipers=st.sampled_from(Shown),
    hidden=st.frozensets(st.sampled_from(Hidden)),
    adjudication=st.sampled_from(Discordance),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(("go", "go", "go", "go", "machine", "judge", "reopen", "wild", "phase")),
        st.sampled_from(USERS),
        st.integers(0, 50),
    ),
    min_size=25,
    max_size=80,
)


def _next_event(trial: Trial, user: str, read: str, number: int) -> Event:
    """Return the event that brings a read forward, marked with its author."""
    found = trial.reads[read]
    answer = graded(number % 4, f"by {user} on {read}")
    if found.status is Status.ASSIGNED:
        return ReadStarted(read)
    panel = trial.readers[found.assignment.reader].kind is ReaderKind.PANEL
    if panel and user not in found.votes:
        return Voted(read, answer)
    if found.draft is None or (found.status is Status.AMENDING and number % 2):
        return ReadSaved(read, found.number, answer)
    return ReadConfirmed(read, found.number)


def _candidate(trial: Trial, kind: str, user: str, number: int) -> Entry | None:
    names = list(trial.reads)
    mine = [
        name
        for reader in trial.readers_of(user)
        for name in trial.orders.get(reader.id, ())
        if trial.reads[name].status is not Status.LOCKED or kind in ("reopen", "wild")
    ]
    by = user
    event: Event
    if kind == "machine":
        automatic = trial.orders["myeloscope"]
        read = automatic[number % len(automatic)]
        event = AlgorithmRead(read, graded(number % 4, f"by machine on {read}"), "hash")
        by = SYSTEM
    elif kind == "judge":
        event, by = AdjudicationAssigned(to_adjudicate(trial, ids(f"j{number}-"))), SYSTEM
    elif kind == "phase":
        later: dict[Phase, Event] = {Phase.OPEN: Locked("late"), Phase.LOCKED: Unblinded()}
        event = later.get(trial.phase) or Archived()
        if number % 3:
            return None
    elif kind == "wild" or not mine:
        event = ReadSaved(names[number % len(names)], number % 2, graded(1, f"by {user} on wild"))
    elif kind == "reopen":
        event = ReadReopened(mine[number % len(mine)], "seen again")
    else:
        event = _next_event(trial, user, mine[0], number)
    return Entry(event, by, NOW)


def _allowed(trial: Trial, role: Role) -> set[str]:
    """Return every tag that may show to who runs a trial, by the words of the protocol."""
    tags = set(trial.cases)
    if role is Role.LEAD and trial.phase in (Phase.LOCKED, Phase.UNBLINDED, Phase.ARCHIVED):
        tags |= {f"by {one} on {name}" for one in (*USERS, "machine") for name in trial.reads}
    if role is Role.LEAD and trial.phase in (Phase.UNBLINDED, Phase.ARCHIVED):
        tags |= {f"truth-of-{case}" for case in trial.cases}
    return tags


def _allowed_read(trial: Trial, user: str, name: str) -> set[str]:
    """Return every tag that may show with one read of one's own."""
    read = trial.reads[name]
    reader, own = trial.readers[read.assignment.reader], read.assignment
    panel = reader.kind is ReaderKind.PANEL
    seen = reader.users if user in read.votes or not panel else (user,)
    tags = {f"by {one} on {name}" for one in seen}
    if read.draft is not None:
        tags |= {f"by {one} on {name}" for one in reader.users}
    order = [trial.reads[each] for each in trial.orders[reader.id]]
    waiting = [each for each in order if each.status is Status.ASSIGNED]
    same_block = waiting and waiting[0].assignment.block == own.block
    next_one = waiting and waiting[0].assignment.id == name
    free = trial.protocol.order is Order.FREE_IN_BLOCK
    if not (read.status is not Status.ASSIGNED or next_one or (free and same_block)):
        return tags
    place = f"{own.case}/{own.technique}"
    tags.add(f"img/{place}/{own.visit}")
    if Hidden.PRIORS not in trial.protocol.hidden:
        tags |= {f"img/{place}/{v}" for v in range(own.visit)}
    if Hidden.CLINICAL not in trial.protocol.hidden:
        tags.add(f"age_years={trial.cases[own.case].age_years}")
    return tags | _aids(trial, name)


def _aids(trial: Trial, name: str) -> set[str]:
    """Return the algorithm's and, for the adjudicator, the peers' answers to the examination."""
    read = trial.reads[name]
    own = read.assignment
    shown = trial.protocol.algorithm
    machine = shown is Shown.ALWAYS or (shown is Shown.AFTER_OWN_GRADE and read.revisions)
    tags = set()
    for other, found in trial.reads.items():
        its = found.assignment
        if (its.case, its.technique, its.visit) != (own.case, own.technique, own.visit):
            continue
        kind = trial.readers[its.reader].kind
        if kind is ReaderKind.ALGORITHM and machine:
            tags.add(f"by machine on {other}")
        if trial.readers[own.reader].adjudicates and kind is not ReaderKind.ALGORITHM:
            tags |= {f"by {one} on {other}" for one in trial.readers[its.reader].users}
    return tags


def _check_views(trial: Trial) -> None:
    for user in USERS:
        own: set[str] = set()
        for role in roles(trial, user, administrator=user == "root"):
            shown = visible(trial, role, user)
            whole = set(TAGS.findall(repr(shown)))
            if role not in (Role.READER, Role.PANEL_MEMBER):
                assert whole <= _allowed(trial, role), (role, user)
                continue
            for name, read in shown.reads.items():
                assert set(TAGS.findall(repr(read))) <= _allowed_read(trial, user, name)
                assert visible_read(trial, user, name) == read
            assert whole == {tag for r in shown.reads.values() for tag in TAGS.findall(repr(r))}
            own |= set(shown.reads)
        assert all(visible_read(trial, user, name) is None for name in set(trial.reads) - own)


@settings(max_examples=60, deadline=None)
@given(protocols, steps, st.integers(1, 2))
def test_nothing_shows_before_its_time_and_locked_reads_stay(
    protocol: Protocol, chosen: list[tuple[str, str, int]], visits: int
) -> None:
    trial = opened(protocol, cases=2, visits=visits)
    log = [*drafted(protocol, cases=2, visits=visits)]
    for kind, user, number in chosen:
        entry = _candidate(trial, kind, user, number)
        if entry is None:
            continue
        before = trial
        try:
            trial = apply(trial, entry)
        except TrialError:
            assert trial is before
            continue
        log.append(entry)
        for name, read in before.reads.items():
            after = trial.reads[name]
            assert after.revisions[: len(read.revisions)] == read.revisions
            assert dict(after.votes) | dict(read.votes) == dict(after.votes)
            if read.status is Status.LOCKED and after.status is Status.LOCKED:
                assert after == read
        _check_views(trial)
    from_disk = [load_entry(dump_event(each.event), each.by, each.at) for each in log]
    opening = drafted(protocol, cases=2, visits=visits)
    reopened = opened(protocol, cases=2, visits=visits)
    assert from_disk[: len(opening)] == opening
    again = reopened
    for entry in from_disk[len(opening) :]:
        again = apply(again, entry)
    assert again == trial
    assert replay(from_disk[: len(opening)]) == replay(opening)


@given(protocols, st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_every_reader_reads_everything_once_and_the_repeats_twice(
    protocol: Protocol, seed: int
) -> None:
    trial = opened(protocol, cases=5)
    for reader in trial.readers.values():
        reads = [trial.reads[name].assignment for name in trial.orders.get(reader.id, ())]
        if reader.adjudicates:
            assert reads == []
            continue
        first = {(each.case, each.technique) for each in reads if each.repeat == 0}
        again = [(each.case, each.technique) for each in reads if each.repeat == 1]
        assert first == {(case, t) for case in trial.cases for t in reader.techniques}
        expected = 0 if reader.kind is ReaderKind.ALGORITHM else protocol.repeats
        assert len(set(again)) == len(again) == expected
        assert [each.position for each in reads] == list(range(len(reads)))
        blocks = [each.block for each in reads]
        assert blocks == sorted(blocks)
        assert max(blocks.count(block) for block in blocks) <= protocol.block_size
