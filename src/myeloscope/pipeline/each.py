"""Many items, one after another in a limited process; one that ends the process is named.

The process tells the answer for each item as soon as it has it, and the limits count from there
anew. When it dies or is ended, the item it was at is to blame: it is tried again in a process of
its own, and set aside when it fails there too; the items after it go on in a new process.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from myeloscope.errors import InputError, LimitError
from myeloscope.pipeline.worker import Limits, Refusal, Step, WorkerError, refusal

Run = Callable[[str, object, Callable[[Step], None]], Any]
"""Runs ``work(job, on_step)`` in a limited process, as ``run_limited`` does."""
WORK = "myeloscope.pipeline.each:do_each"


@dataclass(frozen=True, slots=True)
class Many:
    """Items to work on.

    Attributes
    ----------
    work
        ``package.module:function``; the function takes an item and ``shared``.
    items
        What it is called with, one after another.
    shared
        What all items have in common.
    """

    work: str
    items: tuple[Any, ...]
    shared: object = None


@dataclass(frozen=True, slots=True)
class Answered(Step):
    """The answer for one item; an ``error`` instead of a ``value`` where it was refused.

    ``tries`` says how often the item was tried.
    """

    value: Any = None
    error: Refusal | None = None
    tries: int = 1


def do_each(many: Many, tell: Callable[[Step], None]) -> None:
    """Work on every item and tell its answer, in the limited process."""
    module, _, name = many.work.partition(":")
    function = getattr(importlib.import_module(module), name)
    for item in many.items:
        tell(Step("next", study=True))
        try:
            tell(Answered("done", value=function(item, many.shared)))
        except InputError as error:
            tell(Answered("refused", error=refusal(error)))


def work_through(
    many: Many, run: Run, on_answer: Callable[[Any, Answered], None], *, tries: int = 2
) -> None:
    """Work on every item and hand over each answer, in the order of the items.

    Parameters
    ----------
    many
        Work and items.
    run
        Runs work in a limited process.
    on_answer
        Called with each item and its answer, once.
    tries
        How often an item may end the process before it is set aside; what it is refused for
        (InputError) holds at once, for that would not change.

    Raises
    ------
    MyeloscopeError
        What the items are not to blame for, such as an output folder that cannot be written.
    """
    failed, at = 0, 0
    while at < len(many.items):
        # an item that has failed once is alone the next time
        end = at + 1 if failed else len(many.items)
        done, error = _one_run(replace(many, items=many.items[at:end]), run, failed, on_answer)
        if done:
            at, failed = at + done, 0
        if error is None or at == end:
            continue
        failed += 1
        if failed == tries:
            on_answer(many.items[at], Answered("failed", error=refusal(error), tries=tries))
            at, failed = at + 1, 0


def _one_run(
    many: Many, run: Run, failed: int, on_answer: Callable[[Any, Answered], None]
) -> tuple[int, LimitError | WorkerError | None]:
    """Return how many items were answered, and what ended the process before the last."""
    done = 0

    def hear(step: Step) -> None:
        nonlocal done
        if isinstance(step, Answered):
            item = many.items[done]
            done += 1
            on_answer(item, replace(step, tries=failed + 1))

    try:
        run(WORK, many, hear)
    except (LimitError, WorkerError) as error:
        return done, error
    return done, None


def limited_run(runner: Callable[..., Any], limits: Limits) -> Run:
    """Return a runner such as ``run_limited`` or ``Warm.run`` with its limits filled in."""

    def run(work: str, job: object, on_step: Callable[[Step], None]) -> object:
        return runner(work, job, limits=limits, on_step=on_step)

    return run
