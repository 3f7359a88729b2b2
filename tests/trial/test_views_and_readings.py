"""Who sees what at which moment, adjudication, and answers as readings."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest

from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.codec import dumps as dump_reading
from myeloscope.domain.codec import loads, reading_schema, reading_to_json
from myeloscope.domain.grade import FindingKind, Grade, ReaderKind, Technique
from myeloscope.trial.adjudication import to_adjudicate
from myeloscope.trial.answer import Answer, Mark, RegionAnswer
from myeloscope.trial.event import (
    SYSTEM,
    AdjudicationAssigned,
    AlgorithmRead,
    Locked,
    ReadConfirmed,
    ReadReopened,
    ReadSaved,
    ReadStarted,
    Unblinded,
    Voted,
)
from myeloscope.trial.protocol import Discordance, Hidden, Order, Role, Shown
from myeloscope.trial.readings import NOT_ANSWERED, NOT_ASKED, answer_of, reading_of
from myeloscope.trial.refusals import TrialError
from myeloscope.trial.state import Trial
from myeloscope.trial.visibility import roles, visible, visible_case, visible_read
from tests.trial.study import BOTH, LEAD, do, drafted, folded, graded, ids, opened, read_once


def test_roles_follow_from_the_trial() -> None:
    trial = opened()
    assert roles(trial, "ann", administrator=False) == {Role.READER}
    assert roles(trial, "cat", administrator=True) == {Role.PANEL_MEMBER, Role.ADMINISTRATOR}
    assert roles(trial, LEAD, administrator=False) == {Role.LEAD}
    assert roles(trial, "stranger", administrator=False) == frozenset()


def test_a_reader_sees_the_next_images_only() -> None:
    trial = opened()
    first, second = trial.orders["reader-1"][:2]
    reads = visible(trial, Role.READER, "ann").reads
    assert [bool(read.images) for read in reads.values()] == [True, False, False, False]
    trial = do(trial, "ann", ReadStarted(first))
    assert visible_read(trial, "ann", second) is not None
    shown = visible(trial, Role.READER, "ann").reads.values()
    assert [bool(read.images) for read in shown] == [True, True, False, False]
    free = opened(replace(BOTH, order=Order.FREE_IN_BLOCK, block_size=3))
    shown = visible(free, Role.READER, "ann").reads.values()
    assert [bool(read.images) for read in shown] == [True, True, True, False]


def test_a_draft_shows_no_read_to_its_reader() -> None:
    trial = folded(None, drafted())
    assert visible(trial, Role.READER, "ann").reads == {}
    assert visible_read(trial, "ann", trial.orders["reader-1"][0]) is None


def test_readers_are_told_how_many_cases_there_are_before_they_read_only() -> None:
    draft, begun = folded(None, drafted()), opened()
    assert draft.cases
    for trial, told in ((draft, len(draft.cases)), (begun, None)):
        assert visible(trial, Role.READER, "ann").case_count == told
        assert visible(trial, Role.PANEL_MEMBER, "cat").case_count == told
    assert visible(begun, Role.LEAD, LEAD).case_count == len(begun.cases)


def test_priors_and_clinical_data_show_where_the_protocol_says_so() -> None:
    shown = opened(replace(BOTH, hidden=frozenset()), visits=2)
    hidden = opened(replace(BOTH, hidden=frozenset(Hidden)), visits=2)
    for trial, priors in ((shown, 1), (hidden, 0)):
        for name in trial.orders["reader-1"]:
            trial = read_once(trial, "ann", name, graded(0))
            read = visible_read(trial, "ann", name)
            assert read is not None
            visit = trial.reads[name].assignment.visit
            assert len(read.priors) == visit * priors
            assert (read.age_years is not None) is bool(priors)


def test_votes_show_after_the_own_one() -> None:
    trial = opened()
    name = trial.orders["panel"][0]
    trial = do(trial, "cat", ReadStarted(name), Voted(name, graded(1)))
    seen = visible(trial, Role.PANEL_MEMBER, "dan").reads[name]
    assert seen.votes == {}
    trial = do(trial, "dan", Voted(name, graded(2)))
    assert set(visible(trial, Role.PANEL_MEMBER, "dan").reads[name].votes) == {"cat", "dan"}
    assert visible(trial, Role.READER, "dan").reads == {}


@pytest.mark.parametrize("shown", Shown)
def test_the_algorithm_shows_as_the_protocol_says(shown: Shown) -> None:
    trial = opened(replace(BOTH, algorithm=shown), cases=1)
    machine, own = trial.orders["myeloscope"][0], trial.orders["reader-1"][0]
    trial = do(trial, SYSTEM, AlgorithmRead(machine, graded(3), "hash"))

    def automatic(now: Trial) -> Answer | None:
        read = visible_read(now, "ann", own)
        assert read is not None
        return read.algorithm

    assert automatic(trial) == (graded(3) if shown is Shown.ALWAYS else None)
    locked = read_once(trial, "ann", own, graded(0))
    assert automatic(locked) == (None if shown is Shown.NEVER else graded(3))


def test_the_lead_sees_reads_after_the_lock_and_truth_after_unblinding() -> None:
    trial = opened(cases=1)
    trial = read_once(trial, "ann", trial.orders["reader-1"][0], graded(2))
    seen, files = [], []
    (name,) = trial.cases
    for event in (None, Locked("enough"), Unblinded()):
        trial = trial if event is None else do(trial, LEAD, event)
        lead, root = (visible(trial, role, "x") for role in (Role.LEAD, Role.ADMINISTRATOR))
        assert root.all_reads is None
        assert root.truth is None
        assert lead.progress == root.progress
        seen.append((lead.all_reads is not None, lead.truth is not None))
        assert visible_case(trial, Role.ADMINISTRATOR, name) is None
        files.append(visible_case(trial, Role.LEAD, name))
    assert seen == [(False, False), (True, False), (True, True)]
    assert files[:2] == [None, None]
    assert files[2] is not None
    assert {read.assignment.reader for read in files[2].reads} >= {"reader-1", "reader-2"}
    assert visible_case(trial, Role.LEAD, "case-0009") is None
    done = next(each for each in lead.progress if each.reader == "reader-1")
    assert (done.reads, done.begun, done.locked, done.kind) == (1, 1, 1, ReaderKind.PERSON)
    assert lead.cases[0].examinations == ((Technique.MRM, 0, 1), (Technique.RIC, 0, 1))


def _discordant(rule: Discordance, one: Answer, two: Answer) -> Trial:
    trial = opened(replace(BOTH, adjudication=rule), cases=1)
    trial = read_once(trial, "ann", trial.orders["reader-1"][0], one)
    assert to_adjudicate(trial, ids("j")) == ()
    return read_once(trial, "bob", trial.orders["reader-2"][0], two)


@pytest.mark.parametrize(
    ("rule", "one", "two", "count"),
    [
        (Discordance.NEVER, graded(0), graded(3), 0),
        (Discordance.CALL, graded(0), graded(3), 1),
        (Discordance.CALL, graded(2), graded(3), 0),
        (Discordance.CALL, graded(0), graded(0, reason="motion"), 1),
        (Discordance.GRADE, graded(2), graded(3), 1),
        (Discordance.GRADE, graded(2), graded(2), 0),
    ],
)
def test_discordance(rule: Discordance, one: Answer, two: Answer, count: int) -> None:
    assert len(to_adjudicate(_discordant(rule, one, two), ids("j"))) == count


def test_the_adjudicator_sees_both_answers_and_gets_a_case_once() -> None:
    trial = _discordant(Discordance.CALL, graded(0, "A"), graded(3, "B"))
    given = to_adjudicate(trial, ids("j"))
    trial = do(trial, SYSTEM, AdjudicationAssigned(given))
    assert to_adjudicate(trial, ids("k")) == ()
    with pytest.raises(TrialError, match="only discordant reads"):
        do(trial, SYSTEM, AdjudicationAssigned(given))
    read = visible(trial, Role.READER, "jud").reads[given[0].id]
    assert {answer.comment for answer in read.others} == {"A", "B"}
    trial = read_once(trial, "jud", given[0].id, graded(2))
    assert trial.reads[given[0].id].answer == graded(2)


def test_an_adjudicator_of_the_other_technique_gets_nothing() -> None:
    trial = _discordant(Discordance.CALL, graded(0), graded(3))
    judge = replace(trial.readers["judge"], techniques=(Technique.RIC,))
    other = replace(trial, readers={**trial.readers, "judge": judge})
    assert to_adjudicate(other, ids("j")) == ()


def _marked() -> Answer:
    lateral = Mark(
        FindingKind.LEAK, Region.LUMBAR, Side.LEFT, Segment.L1, Grade(2), 20.0, 14.0, 10.0, 0, 1, 2
    )
    far = replace(lateral, image=7, extent_mm=None)
    regions = {
        Region.CERVICAL: RegionAnswer(Grade(0), confidence=10),
        Region.THORACIC: RegionAnswer(reason="motion"),
        Region.LUMBAR: RegionAnswer(Grade(2), proposed=Grade(3), confidence=90),
    }
    return Answer(regions, (lateral, far, replace(far, image=None)), "seen twice")


def test_an_answer_is_a_reading_of_the_contract() -> None:
    trial = opened(replace(BOTH, calipers=Shown.ALWAYS))
    name = trial.orders["reader-1"][0]
    trial = read_once(trial, "ann", name, graded(1))
    again = (ReadReopened(name, "late"), ReadSaved(name, 1, _marked()), ReadConfirmed(name, 2))
    trial = do(trial, "ann", *again)
    reading = reading_of(trial, trial.reads[name])
    jsonschema.validate(reading_to_json(reading), reading_schema())
    assert loads(dump_reading(reading)) == reading
    assert reading.reader.id == "reader-1"
    assert reading.supersedes == f"{name}/0"
    assert reading.score == 0.9
    assert reading.findings[0].ratio == 0.5
    assert reading.findings[0].source is not None
    assert [finding.source for finding in reading.findings[1:]] == [None, None]
    assert reading.settings["calipers_lumbar"] == 3
    assert reading.settings["comment"] == "seen twice"
    assert reading.settings["amended_because"] == "late"
    first = reading_of(trial, trial.reads[name], 0)
    assert (first.supersedes, first.score) == (None, None)
    back = answer_of(reading)
    assert back.grades == _marked().grades
    assert back.region(Region.THORACIC).reason == "motion"
    assert len(back.findings) == 3
    assert answer_of(first).region(Region.LUMBAR).confidence is None


def test_what_was_not_asked_or_not_answered_says_so() -> None:
    trial = opened(replace(BOTH, regions=(Region.LUMBAR,)), cases=1)
    name = trial.orders["reader-1"][0]
    answer = Answer({Region.LUMBAR: RegionAnswer(Grade(1))})
    trial = read_once(trial, "ann", name, answer)
    assert reading_of(trial, trial.reads[name]).regions[Region.CERVICAL].reason == NOT_ASKED
    wider = replace(trial, protocol=BOTH)
    assert reading_of(wider, wider.reads[name]).regions[Region.CERVICAL].reason == NOT_ANSWERED
