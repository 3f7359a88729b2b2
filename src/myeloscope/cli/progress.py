"""Progress on stderr: one line that changes, on a terminal; every step with its time, verbosely."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self, TextIO

from myeloscope.pipeline.worker import Step

_CLEAR = "\r\N{ESCAPE}[K"


class Progress:
    """Shows steps as they begin; nothing at all where stderr is a file and ``verbose`` is off.

    Parameters
    ----------
    verbose
        Whether every step gets a line of its own, with the seconds since the start.
    stream
        Where to show; stderr by default.
    """

    def __init__(self, *, verbose: bool, stream: TextIO | None = None) -> None:
        self._verbose = verbose
        self._stream = sys.stderr if stream is None else stream
        self._line = not verbose and self._stream.isatty()
        self._begun = time.monotonic()

    def __call__(self, step: Step) -> None:
        """Show that a step begins."""
        if self._verbose:
            print(f"{time.monotonic() - self._begun:7.2f} s  {step.text}", file=self._stream)
        elif self._line:
            self._stream.write(f"{_CLEAR}{step.text} ...")
            self._stream.flush()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Take the changing line away."""
        if self._line:
            self._stream.write(_CLEAR)
            self._stream.flush()
