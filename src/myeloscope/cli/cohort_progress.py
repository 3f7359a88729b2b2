"""How a cohort goes on, on stderr: done, rate, time left, failures by kind."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from myeloscope.cohort.plan import duration
from myeloscope.cohort.record import Entry

EVERY_S = 30.0
"""How often a line is written where stderr is no terminal, s."""


class CohortProgress:
    """Shows a bar on a terminal, and a line now and then elsewhere.

    Use it in a ``with`` block; call it with the new entries of the manifest.

    Parameters
    ----------
    total
        Studies to read.
    """

    def __init__(self, total: int) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._total = total
        self._done = 0
        self._failures: Counter[str] = Counter()
        self._begun = time.monotonic()
        self._told = self._begun
        self._bar = Progress(
            TextColumn("studies"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[words]}"),
            console=self._console, disable=not self._console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("studies", total=total, words="")

    def __call__(self, entries: Sequence[Entry]) -> None:
        """Count what came of some studies."""
        self._done += len(entries)
        self._failures.update(entry.failure.value for entry in entries if entry.failure)
        self._bar.update(self._task, completed=self._done, words=self.words())
        now = time.monotonic()
        if not self._console.is_terminal and (
            now - self._told > EVERY_S or self._done == self._total
        ):
            self._told = now
            self._console.print(f"{self._done} of {self._total} studies, {self.words()}")

    def words(self) -> str:
        """Return rate, time left and failures by kind."""
        rate = self._done / max(time.monotonic() - self._begun, 1e-9)
        parts = [f"{rate:.2f} a second"]
        if rate and self._done < self._total:
            parts.append(f"{duration((self._total - self._done) / rate)} left")
        parts += [f"{kind}: {count}" for kind, count in sorted(self._failures.items())]
        return ", ".join(parts)

    def __enter__(self) -> Self:
        """Start the bar."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Leave the bar as it stands."""
        self._bar.stop()
