"""Every rule of a trial, one refusal each, and the ways that lead through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, ReaderKind, ReaderMode, Technique
from myeloscope.trial.allocation import allocate
from myeloscope.trial.answer import Answer, RegionAnswer
from myeloscope.trial.event import (
    SYSTEM,
    AdjudicationAssigned,
    AlgorithmRead,
    Allocated,
    Archived,
    CasesAdded,
    Entry,
    Event,
    Locked,
    Opened,
    ProtocolChanged,
    ReadConfirmed,
    ReaderAdded,
    ReadReopened,
    ReadSaved,
    ReadStarted,
    TrialCreated,
    Unblinded,
    Voted,
)
from myeloscope.trial.protocol import Needed, Order, Phase, Reader, Shown
from myeloscope.trial.refusals import ConflictError, ForbiddenError, TrialError
from myeloscope.trial.rules import apply, replay
from myeloscope.trial.state import Assignment, Status, Trial
from tests.trial.study import (
    BOTH,
    LEAD,
    NOW,
    READERS,
    case,
    do,
    drafted,
    folded,
    graded,
    ids,
    opened,
    panel_once,
    played,
    read_once,
)


def _first(trial: Trial, reader: str = "reader-1") -> str:
    return trial.orders[reader][0]


def test_a_log_begins_with_the_creation_and_has_one() -> None:
    with pytest.raises(TrialError, match="a log begins with the trial's creation; found opened"):
        apply(None, Entry(Opened(), LEAD, NOW))
    with pytest.raises(TrialError, match="a log has entries"):
        replay([])
    made = TrialCreated("t1", "A study", BOTH, (LEAD,))
    with pytest.raises(TrialError, match="created once"):
        played([made, made])
    for name in ("", "A trial", "a/b", "x" * 41):
        with pytest.raises(TrialError, match="a trial's name has 1 to 40"):
            played([replace(made, trial=name)])
    with pytest.raises(TrialError, match="a trial has a lead"):
        played([TrialCreated("t1", "A study", BOTH, ())])


@pytest.mark.parametrize(
    "event",
    [
        ProtocolChanged(BOTH),
        ReaderAdded(READERS[0]),
        CasesAdded((case(9),)),
        Allocated((), 1),
        Opened(),
        Unblinded(),
        Archived(),
    ],
)
def test_an_open_trial_is_no_longer_set_up_and_no_phase_is_skipped(event: Event) -> None:
    trial = opened()
    with pytest.raises(TrialError, match="needs a trial that is"):
        do(trial, LEAD, event)


def test_phases_follow_each_other() -> None:
    trial = opened()
    for event, phase in (
        (Locked("short of time"), Phase.LOCKED),
        (Unblinded(), Phase.UNBLINDED),
        (Archived(), Phase.ARCHIVED),
    ):
        trial = do(trial, LEAD, event)
        assert trial.phase is phase
    with pytest.raises(TrialError, match="read-started needs a trial that is open"):
        do(trial, "ann", ReadStarted(_first(trial)))


def test_a_trial_does_not_open_without_an_allocation() -> None:
    drafts = [Entry(TrialCreated("t1", "A study", BOTH, (LEAD,)), LEAD, NOW)]
    with pytest.raises(TrialError, match="opens when every reader has an order"):
        folded(None, [*drafts, Entry(Opened(), LEAD, NOW)])


@pytest.mark.parametrize(
    "event", [ProtocolChanged(BOTH), ReaderAdded(Reader("x", ReaderKind.PERSON, ("xi",)))]
)
def test_a_change_of_the_draft_undoes_the_allocation(event: Event) -> None:
    trial = folded(None, drafted())
    assert trial.reads
    assert do(trial, LEAD, event).reads == {}


def test_names_are_used_once() -> None:
    trial = folded(None, drafted())
    with pytest.raises(TrialError, match="each name is used once; found reader-1"):
        do(trial, LEAD, ReaderAdded(READERS[0]))
    with pytest.raises(TrialError, match="each name is used once; found case-01"):
        do(trial, LEAD, CasesAdded((case(1),)))


@pytest.mark.parametrize(
    ("assignment", "rule"),
    [
        (Assignment("a", "case-00", Technique.MRM, 0, "nobody", 0, 0), "reader of their kind"),
        (Assignment("a", "case-00", Technique.MRM, 0, "judge", 0, 0), "reader of their kind"),
        (Assignment("a", "case-99", Technique.MRM, 0, "reader-1", 0, 0), "is of an examination"),
        (Assignment("a", "case-00", Technique.MRM, 5, "reader-1", 0, 0), "is of an examination"),
    ],
)
def test_an_allocation_names_what_is_there(assignment: Assignment, rule: str) -> None:
    trial = folded(None, drafted())
    with pytest.raises(TrialError, match=rule):
        do(trial, LEAD, Allocated((assignment,), 1))


def test_an_allocation_names_each_read_once() -> None:
    trial = folded(None, drafted())
    twice = Assignment("a", "case-00", Technique.MRM, 0, "reader-1", 0, 0)
    with pytest.raises(TrialError, match="a name of its own"):
        do(trial, LEAD, Allocated((twice, replace(twice, reader="reader-2")), 1))


def test_nothing_to_allocate_and_too_many_repeats_are_refused() -> None:
    empty = played([TrialCreated("t1", "A study", BOTH, (LEAD,)), ReaderAdded(READERS[0])])
    with pytest.raises(TrialError, match="each reader needs examinations"):
        allocate(empty, 1, ids())
    many = do(folded(None, drafted()), LEAD, ProtocolChanged(replace(BOTH, repeats=99)))
    with pytest.raises(TrialError, match="99 reads can be repeated; found 4 reads of reader-1"):
        allocate(many, 1, ids())


def test_orders_differ_between_readers_and_follow_from_the_seed() -> None:
    trial = folded(None, drafted(cases=12))
    cases = {
        reader: [trial.reads[name].assignment.case for name in names]
        for reader, names in trial.orders.items()
    }
    assert cases["reader-1"] != cases["reader-2"]
    assert allocate(trial, 7, ids()) == tuple(read.assignment for read in trial.reads.values())
    assert allocate(trial, 8, ids()) != allocate(trial, 7, ids())


def test_reads_go_in_order_and_blocks_one_after_the_other() -> None:
    strict = opened()
    one, two = strict.orders["reader-1"][:2]
    with pytest.raises(TrialError, match="own order; found number 2; lock number 1 first"):
        do(strict, "ann", ReadStarted(two))
    assert read_once(strict, "ann", one, graded(0)).reads[one].status is Status.LOCKED
    free = opened(replace(BOTH, order=Order.FREE_IN_BLOCK, block_size=2))
    one, two, three = free.orders["reader-1"][:3]
    free = do(free, "ann", ReadStarted(two))
    with pytest.raises(TrialError, match="lock number 1 first"):
        do(free, "ann", ReadStarted(three))


def test_the_washout_counts_from_the_first_lock_of_the_same_person() -> None:
    trial = opened(replace(BOTH, washout_days=14, repeats=1), cases=1)
    first, again = trial.orders["reader-1"]
    trial = read_once(trial, "ann", first, graded(2))
    with pytest.raises(TrialError, match=r"washout must have passed.*come back after 2026-01-19"):
        do(trial, "ann", ReadStarted(again), at="2026-01-10T08:00:00+00:00")
    later = do(trial, "ann", ReadStarted(again), at="2026-01-19T08:00:00+00:00")
    assert later.reads[again].status is Status.STARTED
    assert read_once(trial, "bob", _first(trial, "reader-2"), graded(1)).phase is Phase.OPEN


def test_a_save_rests_on_the_last_one() -> None:
    trial = opened()
    read = _first(trial)
    trial = do(trial, "ann", ReadStarted(read), ReadSaved(read, 0, graded(1), 3.0, 1.0))
    with pytest.raises(ConflictError, match="found draft 0, while draft 1 is stored"):
        do(trial, "ann", ReadSaved(read, 0, graded(2)))
    with pytest.raises(ConflictError, match="draft 0"):
        do(trial, "ann", ReadConfirmed(read, 0))
    trial = do(trial, "ann", ReadSaved(read, 1, graded(2), 2.0, 0.5))
    assert (trial.reads[read].active_s, trial.reads[read].idle_s) == (5.0, 1.5)
    with pytest.raises(TrialError, match=r"active_s lies in 0..3600"):
        do(trial, "ann", ReadSaved(read, 2, graded(2), -1.0))


def test_reads_belong_to_their_readers_and_are_known() -> None:
    trial = opened()
    with pytest.raises(ForbiddenError, match="belongs to its reader"):
        do(trial, "bob", ReadStarted(_first(trial)))
    with pytest.raises(ForbiddenError, match="one of the trial's; found nothing"):
        do(trial, "ann", ReadStarted("nothing"))
    with pytest.raises(TrialError, match="a read that is assigned cannot be saved"):
        do(trial, "ann", ReadSaved(_first(trial), 0, graded(1)))


def test_what_the_protocol_asks_for_must_be_there_before_the_lock() -> None:
    everything = replace(BOTH, required=frozenset(Needed))
    trial = opened(everything)
    read = _first(trial)
    trial = do(trial, "ann", ReadStarted(read), ReadSaved(read, 0, graded(1)))
    rule = "missing cervical: confidence; cervical: at least one finding; thoracic: confidence"
    with pytest.raises(TrialError, match=rule):
        do(trial, "ann", ReadConfirmed(read, 1))
    empty = do(trial, "ann", ReadSaved(read, 1, Answer()))
    with pytest.raises(TrialError, match=r"cervical: a grade, or why it is.*comment"):
        do(empty, "ann", ReadConfirmed(read, 2))
    with pytest.raises(TrialError, match="only asked regions are graded; found cervical"):
        do(opened(replace(BOTH, regions=(Region.LUMBAR,))), "ann", *_saving(graded(1)))


def _saving(answer: Answer) -> tuple[Event, ...]:
    read = _first(opened())
    return ReadStarted(read), ReadSaved(read, 0, answer)


def test_calipers_propose_only_as_the_protocol_allows() -> None:
    proposal = Answer({Region.LUMBAR: RegionAnswer(Grade(2), proposed=Grade(3))})
    with pytest.raises(TrialError, match="calipers propose a grade: never"):
        do(opened(), "ann", *_saving(proposal))
    always = do(opened(replace(BOTH, calipers=Shown.ALWAYS)), "ann", *_saving(proposal))
    assert always.reads[_first(always)].number == 1
    after = opened(replace(BOTH, calipers=Shown.AFTER_OWN_GRADE))
    with pytest.raises(TrialError, match="save your own grade first"):
        do(after, "ann", *_saving(proposal))
    after = do(after, "ann", *_saving(graded(2)), ReadSaved(_first(after), 1, proposal))
    assert after.reads[_first(after)].number == 2


def test_an_amendment_keeps_both_answers() -> None:
    trial = opened()
    read = _first(trial)
    trial = read_once(trial, "ann", read, graded(1))
    with pytest.raises(TrialError, match="an amendment has a reason"):
        do(trial, "ann", ReadReopened(read, " "))
    trial = do(trial, "ann", ReadReopened(read, "wrong side"))
    with pytest.raises(TrialError, match="when no read is being amended"):
        do(trial, LEAD, Locked("late"))
    trial = do(trial, "ann", ReadSaved(read, 1, graded(3)), ReadConfirmed(read, 2))
    kept = trial.reads[read].revisions
    assert [each.answer for each in kept] == [graded(1), graded(3)]
    assert [each.reason for each in kept] == [None, "wrong side"]
    assert trial.reads[read].answer == graded(3)


@pytest.mark.parametrize(
    ("shown", "modes"),
    [
        (Shown.NEVER, [ReaderMode.UNAIDED, ReaderMode.UNAIDED]),
        (Shown.AFTER_OWN_GRADE, [ReaderMode.UNAIDED, ReaderMode.AFTER_OWN_GRADE]),
        (Shown.ALWAYS, [ReaderMode.CONCURRENT, ReaderMode.CONCURRENT]),
    ],
)
def test_each_revision_records_what_was_seen(shown: Shown, modes: list[ReaderMode]) -> None:
    trial = opened(replace(BOTH, algorithm=shown))
    read = _first(trial)
    trial = read_once(trial, "ann", read, graded(1))
    again = (ReadReopened(read, "saw it"), ReadSaved(read, 1, graded(2)), ReadConfirmed(read, 2))
    trial = do(trial, "ann", *again)
    assert [each.mode for each in trial.reads[read].revisions] == modes


def test_a_panel_votes_then_locks_together() -> None:
    trial = opened()
    read = _first(trial, "panel")
    trial = do(trial, "cat", ReadStarted(read), Voted(read, graded(1)))
    with pytest.raises(TrialError, match="each member votes once"):
        do(trial, "cat", Voted(read, graded(2)))
    with pytest.raises(TrialError, match="after each member has voted; found 2 votes missing"):
        do(trial, "dan", ReadSaved(read, 0, graded(1)))
    with pytest.raises(TrialError, match="missing cervical"):
        do(trial, "dan", Voted(read, Answer()))
    for member in ("dan", "eve"):
        trial = do(trial, member, Voted(read, graded(2)))
    trial = do(trial, "dan", ReadSaved(read, 0, graded(2)), ReadConfirmed(read, 1))
    trial = do(trial, "cat", ReadConfirmed(read, 1))
    assert trial.reads[read].status is Status.SAVED
    changed = do(trial, "eve", ReadSaved(read, 1, graded(3)))
    assert changed.reads[read].confirmed == frozenset()
    trial = do(trial, "eve", ReadConfirmed(read, 1))
    assert trial.reads[read].answer == graded(2)
    assert trial.reads[read].votes["cat"] == graded(1)
    amended = do(trial, "eve", ReadReopened(read, "late film"), ReadSaved(read, 1, graded(0)))
    assert amended.reads[read].status is Status.AMENDING


def test_only_panels_vote_and_only_the_algorithm_reads_at_once() -> None:
    trial = opened()
    read = _first(trial)
    started = do(trial, "ann", ReadStarted(read))
    with pytest.raises(TrialError, match="only a panel votes"):
        do(started, "ann", Voted(read, graded(1)))
    with pytest.raises(ForbiddenError):
        do(trial, SYSTEM, AlgorithmRead(read, graded(1), "hash"))
    with pytest.raises(TrialError, match="the algorithm reads at once"):
        do(trial, SYSTEM, ReadStarted(_first(trial, "myeloscope")))
    done = do(trial, SYSTEM, AlgorithmRead(_first(trial, "myeloscope"), graded(1), "hash"))
    assert done.reads[_first(trial, "myeloscope")].revisions[0].file == "hash"


def test_a_lock_needs_all_reads_or_a_reason() -> None:
    trial = opened(cases=1)
    with pytest.raises(TrialError, match="4 of 4 reads not locked"):
        do(trial, LEAD, Locked(" "))
    for user, reader in (("ann", "reader-1"), ("bob", "reader-2")):
        trial = read_once(trial, user, _first(trial, reader), graded(1))
    trial = panel_once(trial, _first(trial, "panel"), graded(1))
    trial = do(trial, SYSTEM, AlgorithmRead(_first(trial, "myeloscope"), graded(1), "hash"))
    assert do(trial, LEAD, Locked()).phase is Phase.LOCKED


def test_adjudications_come_from_the_reads_alone() -> None:
    trial = opened()
    given = Assignment("j1", "case-00", Technique.MRM, 0, "judge", 0, 0)
    with pytest.raises(TrialError, match="follow from the reads; found liz"):
        do(trial, LEAD, AdjudicationAssigned((given,)))
    with pytest.raises(TrialError, match="only discordant reads"):
        do(trial, SYSTEM, AdjudicationAssigned((given,)))
