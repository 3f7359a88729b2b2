"""The server's benchmark finds what it looks for: a lost save, a broken chain, a passed limit."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks import study_server
from benchmarks.serving.saving import Saver, lost, text_of
from benchmarks.serving.site import TRIAL, Study, make_study
from benchmarks.study_server import Measured
from myeloscope.store.folder import open_store
from myeloscope.store.trials import Trials
from myeloscope.trial.answer import Answer
from myeloscope.trial.event import ReadSaved, ReadStarted


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Return a study with two saves by its first reader."""
    made = make_study(tmp_path / "data", None, 2, 3)
    store = open_store(made.folder)
    trials, account = Trials(store.log), store.log.trial(TRIAL).readers["reader-00"].users[0]
    trials.read(TRIAL, ReadStarted(made.reads[0]), account)
    for number in (1, 2):
        answer = Answer(comment=text_of("reader-00", number))
        trials.read(TRIAL, ReadSaved(made.reads[0], number - 1, answer), account)
    store.close()
    return made


@pytest.mark.parametrize(
    ("acknowledged", "sent", "gone"),
    [(2, 2, 0), (1, 2, 0), (3, 3, 1), (1, 1, 1)],
    ids=["all there", "the last not acknowledged", "a save lost", "a save nobody sent"],
)
def test_saves_are_held_against_what_was_acknowledged(
    study: Study, acknowledged: int, sent: int, gone: int
) -> None:
    saver = Saver("reader-00", study.reads[0], acknowledged, sent)
    assert len(lost(study, [saver])) == gone


def test_another_content_and_a_broken_chain_are_found(study: Study) -> None:
    saver = Saver("reader-01", study.reads[0], 2, 2)
    assert lost(study, [saver]) == ["reader-01: 2 told, 2 kept"]
    store = open_store(study.folder)
    with store.database.write() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET actor = 'x' WHERE seq = 3"))
    store.close()
    found = lost(study, [Saver("reader-00", study.reads[0], 2, 2)])
    assert len(found) == 1
    assert "row 3 altered" in found[0]


@pytest.mark.parametrize("kept", [True, False])
def test_a_passed_limit_is_marked_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kept: bool
) -> None:
    line = Measured("something", "3 ms", "2 ms", kept)
    monkeypatch.setitem(study_server.BENCHES, "start", lambda *_: iter([line]))
    assert study_server.main(["start", "--database", "sqlite"]) == (0 if kept else 1)
    assert ("| something | 3 ms (!) | 2 ms |" in capsys.readouterr().out) is not kept
