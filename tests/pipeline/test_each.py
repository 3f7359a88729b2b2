"""Many items in limited processes: each answered once, the bad ones named, the others go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from myeloscope.errors import InputError, LimitError, OutputError
from myeloscope.pipeline.each import Answered, Many, Run, limited_run, work_through
from myeloscope.pipeline.warm import Warm
from myeloscope.pipeline.worker import Limits, Step, WorkerError, run_limited

JOBS = """
import os, pathlib, time
from myeloscope.errors import InputError, OutputError

def item(what, shared):
    if what == "refuse":
        raise InputError("a file is DICOM", value="junk", place=what, remedy="leave it out")
    if what == "full":
        raise OutputError("there is room", value="none", place=what, remedy="make some")
    if what == "hang":
        time.sleep(60)
    if what == "gorge":
        return len(bytearray(64 * 2**30))
    if what == "die":
        os._exit(3)
    if what == "die once":
        mark = pathlib.Path(shared) / "died"
        if not mark.exists():
            mark.touch()
            os._exit(3)
    return (what, os.getpid())

def environment(names, tell):
    return [os.environ.get(name) for name in names]

def parent(job, tell):
    return os.getppid()

def kill_parent(job, tell):
    os.kill(os.getppid(), 9)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "each_jobs.py").write_text(JOBS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.fixture(params=["forked", "warm"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    limits = Limits(wall_s=2.0)
    if request.param == "forked":
        yield limited_run(run_limited, limits)
        return
    with Warm("each_jobs") as warm:
        yield limited_run(warm.run, limits)


def through(run: Run, *items: str, shared: object = None, tries: int = 2) -> list[Answered]:
    heard: list[tuple[str, Answered]] = []
    many = Many("each_jobs:item", items, shared)
    work_through(many, run, lambda item, answer: heard.append((item, answer)), tries=tries)
    assert [item for item, _ in heard] == list(items)
    return [answer for _, answer in heard]


def test_each_item_is_answered_in_order_by_one_process(run: Run) -> None:
    answers = through(run, "a", "b", "c")
    assert [answer.value[0] for answer in answers] == ["a", "b", "c"]
    assert len({answer.value[1] for answer in answers}) == 1
    assert [answer.tries for answer in answers] == [1, 1, 1]


def test_what_is_refused_holds_at_once_and_keeps_its_words(run: Run) -> None:
    _, refused, after = through(run, "a", "refuse", "b")
    assert refused.error is not None
    assert refused.tries == 1
    error = refused.error.error()
    assert isinstance(error, InputError)
    assert str(error) == "refuse: a file is DICOM; found junk; leave it out"
    assert after.value[0] == "b"


@pytest.mark.parametrize(
    ("what", "kind"), [("hang", LimitError), ("gorge", LimitError), ("die", WorkerError)]
)
def test_what_ends_the_process_twice_is_set_aside_and_the_rest_goes_on(
    run: Run, what: str, kind: type[Exception]
) -> None:
    answers = through(run, "a", what, "b", "c")
    assert [None if a.value is None else a.value[0] for a in answers] == ["a", None, "b", "c"]
    bad = answers[1]
    assert bad.error is not None
    assert isinstance(bad.error.error(), kind)
    assert bad.tries == 2


def test_what_fails_once_is_read_the_second_time(run: Run, tmp_path: Path) -> None:
    answers = through(run, "a", "die once", "b", shared=str(tmp_path))
    assert [answer.value[0] for answer in answers] == ["a", "die once", "b"]
    assert [answer.tries for answer in answers] == [1, 2, 1]


def test_one_try_sets_aside_at_once(run: Run) -> None:
    assert [answer.tries for answer in through(run, "die", "a", tries=1)] == [1, 1]


def test_what_no_item_is_to_blame_for_ends_it(run: Run) -> None:
    with pytest.raises(OutputError, match="there is room; found none"):
        through(run, "a", "full", "b")


def _silent(_: Step) -> None:
    """Drop a progress event."""


def _ask(warm: Warm, work: str, hear: Callable[[Step], None] = _silent) -> object:
    return warm.run(f"each_jobs:{work}", None, limits=Limits(10.0), on_step=hear)


def test_every_piece_of_work_is_forked_from_one_warm_process() -> None:
    with Warm("each_jobs") as warm:
        assert warm.pid is None
        assert _ask(warm, "parent") == _ask(warm, "parent") == warm.pid
    assert warm.pid is None


def test_a_lost_warm_process_is_named_and_replaced() -> None:
    with Warm("each_jobs") as warm:
        first = _ask(warm, "parent")
        with pytest.raises(WorkerError, match="stays alive; found its end"):
            _ask(warm, "kill_parent")
        second = _ask(warm, "parent")
        assert first != second


def test_work_that_is_broken_off_leaves_no_answer_for_the_next() -> None:
    def stop(_: Step) -> None:
        raise KeyboardInterrupt

    with Warm("each_jobs") as warm:
        many = Many("each_jobs:item", ("a", "b"))
        with pytest.raises(KeyboardInterrupt):
            warm.run("myeloscope.pipeline.each:do_each", many, limits=Limits(10.0), on_step=stop)
        assert _ask(warm, "parent") == warm.pid


def test_what_gives_memory_back_at_once_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")  # as Dask's nannies set it
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    with Warm("each_jobs") as warm:
        names = ("MALLOC_TRIM_THRESHOLD_", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        answer = warm.run(
            "each_jobs:environment", names, limits=Limits(10.0), on_step=lambda _: None
        )
    assert answer == [None, "2", "1"]


def test_a_process_closed_by_another_thread_ends_its_work_and_is_not_started_again() -> None:
    warm = Warm("each_jobs")
    many = Many("each_jobs:item", ("hang", "a"))
    heard: list[Answered] = []
    run = limited_run(warm.run, Limits(60.0))
    reader = threading.Thread(
        target=lambda: work_through(many, run, lambda _, answer: heard.append(answer))
    )
    reader.start()
    while warm.pid is None:
        time.sleep(0.01)
    warm.close()
    reader.join(10)
    assert not reader.is_alive()
    assert warm.pid is None
    assert [answer.text for answer in heard] == ["failed", "failed"]
