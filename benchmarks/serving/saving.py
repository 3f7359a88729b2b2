"""Readers who save again and again, and what must be there afterwards."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException

from benchmarks.serving.site import TRIAL, Browser, Study
from myeloscope.domain.anatomy import Region
from myeloscope.errors import InputError
from myeloscope.store.folder import open_store


@dataclass(slots=True)
class Saver:
    """One reader: the saves that were acknowledged, how long each took, and what went wrong."""

    name: str
    read: str
    acknowledged: int = 0
    sent: int = 0
    took_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cut: bool = False
    """Whether the server went away, as it does when it is killed."""
    saved: threading.Event = field(default_factory=threading.Event)
    """Set at the first save that is acknowledged."""

    def run(self, port: int, pause_s: float, seconds: float, begin: threading.Barrier) -> None:
        """Save every ``pause_s`` for some seconds after all have begun, or to the server's end."""
        browser = Browser(port, self.name)
        try:
            self._begin(browser)
            begin.wait()
            until = time.monotonic() + seconds
            time.sleep(random.Random(self.name).random() * pause_s)
            while time.monotonic() < until:
                self._save(browser)
                time.sleep(pause_s)
        except (OSError, HTTPException):
            self.cut = True
        finally:
            browser.close()

    def _begin(self, browser: Browser) -> None:
        browser.log_in()
        place = f"/api/trials/{TRIAL}/reads/{self.read}"
        _, found = browser.ask("GET", place)
        if found["status"] == "assigned":
            browser.ask("POST", f"{place}/start")
        self.acknowledged = self.sent = found["number"]

    def _save(self, browser: Browser) -> None:
        self.sent = self.acknowledged + 1
        regions = {str(region): {"grade": self.sent % 4} for region in Region}
        answer = {"regions": regions, "comment": text_of(self.name, self.sent)}
        record = {"base": self.acknowledged, "answer": answer, "active_s": 2.0}
        began = time.perf_counter()
        status, told = browser.ask("PUT", f"/api/trials/{TRIAL}/reads/{self.read}/draft", record)
        self.took_s.append(time.perf_counter() - began)
        if status == 200 and told["number"] == self.sent:
            self.acknowledged = self.sent
            self.saved.set()
        else:
            self.errors.append(f"{status} {told}")


def text_of(name: str, number: int) -> str:
    """Return the comment that a save carries, so that each can be told from every other."""
    return f"{name} says this in save {number}"


def savers_of(study: Study) -> list[Saver]:
    """Return the readers of a study; the first save of any sets the same event."""
    saved = threading.Event()
    pairs = zip(study.readers, study.reads, strict=True)
    return [Saver(name, read, saved=saved) for name, read in pairs]


def save_for(savers: Sequence[Saver], port: int, seconds: float, pause_s: float) -> None:
    """Let every reader save for some seconds after all have begun."""
    given = (port, pause_s, seconds, threading.Barrier(len(savers)))
    threads = [threading.Thread(target=saver.run, args=given) for saver in savers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lost(study: Study, savers: Sequence[Saver]) -> list[str]:
    """Return what is not there that was acknowledged, and whether the chain is broken."""
    store = open_store(study.folder)
    try:
        trial = store.log.trial(TRIAL)
        found = []
        for saver in savers:
            kept = trial.reads[saver.read]
            comment = "" if kept.draft is None else kept.draft.comment
            whole = not kept.number or comment == text_of(saver.name, kept.number)
            if not saver.acknowledged <= kept.number <= saver.sent or not whole:
                found.append(f"{saver.name}: {saver.acknowledged} told, {kept.number} kept")
        try:
            store.log.verify()
        except InputError as error:
            found.append(str(error))
        return found
    finally:
        store.close()
