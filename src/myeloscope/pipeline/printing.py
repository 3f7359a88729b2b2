"""PDF printing in a process beside the worker, because layout takes as long as all the rest."""

from __future__ import annotations

import importlib
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from myeloscope.pipeline.worker import WorkerError, die_with_caller, process_context


class Printer:
    """A process that turns pages into PDF, one after the other.

    It starts with the ``with`` block, so that what printing imports is there when the first page
    is. :meth:`begin` hands it a page, :meth:`pdf` waits for the PDF.
    """

    def __init__(self) -> None:
        context = process_context()
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_print, args=(theirs, self._ours), daemon=True)
        self._theirs = theirs

    def __enter__(self) -> Self:
        """Start the process."""
        self._process.start()
        self._theirs.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """End the process."""
        self._ours.close()
        self._process.kill()
        self._process.join()

    def begin(self, html: str) -> None:
        """Hand over a page; returns at once.

        Raises
        ------
        WorkerError
            If the process died.
        """
        try:
            self._ours.send(html)
        except BrokenPipeError as error:
            raise _died() from error

    def pdf(self) -> bytes:
        """Return the PDF of the page handed over before, as soon as it is there.

        Raises
        ------
        WorkerError
            If the process died.
        """
        try:
            printed: bytes = self._ours.recv()
        except (EOFError, ConnectionResetError) as error:
            raise _died() from error
        return printed


def _print(pipe: Connection, not_ours: Connection) -> None:
    die_with_caller()
    # Forked with it open: kept so, this process would not notice that the other end is gone.
    not_ours.close()
    to_pdf = importlib.import_module("myeloscope.report.pdf").to_pdf
    while True:
        try:
            page = pipe.recv()
        except EOFError:
            return
        pipe.send(to_pdf(page))


def _died() -> WorkerError:
    return WorkerError(
        "the report can be printed",
        value="a printing process that died",
        place="report.pdf",
        remedy="run it again with --verbose; give it more with --memory",
    )
