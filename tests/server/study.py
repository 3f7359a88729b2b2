"""A site on a store, clients of its people, and a trial with real images as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import httpx2
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi.testclient import TestClient

from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.server.app import make_app
from myeloscope.server.site import ServerSettings, Site, make_site
from myeloscope.store.folder import Store
from myeloscope.trial.protocol import Phase, Protocol, Reader
from myeloscope.trial.state import Case, Display, Examination, ImageRef, Truth
from tests.trial.study import BOTH

_Any: TypeAlias = Any  # JSON, and whatever a client takes
PASSWORD = "correct horse battery"
BASE = "http://127.0.0.1"
DISPLAY = Display(2, 3, 1.0, 0.0, 50.0, 100.0, 0.5, 0.5, (1.0, 0.0, 0.0, 0.0, 0.0, -1.0))
PEOPLE = ("root", "liz", "ann", "bob", "cat", "dan", "eve", "stranger")


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A browser that somebody is logged in with; ``csrf`` goes with each change."""

    id: str
    client: TestClient
    csrf: str

    def ask(self, method: str, path: str, **given: _Any) -> httpx2.Response:
        """Send a request with the CSRF word."""
        headers = {"X-CSRF-Token": self.csrf, **given.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **given)

    def must(self, method: str, path: str, **given: _Any) -> _Any:
        """Send a request that must succeed and return its record."""
        answer = self.ask(method, path, **given)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()


@dataclass(frozen=True, slots=True)
class Town:
    """A site and its people."""

    site: Site
    people: Mapping[str, Person] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]


def settle(store: Store, settings: ServerSettings | None = None) -> Town:
    """Return a site where everybody has an account and is logged in."""
    site = make_site(store, settings, PasswordHasher.from_parameters(CHEAPEST))
    app = make_app(site)
    people = {}
    hashed = site.hasher.hash(PASSWORD)
    for name in PEOPLE:
        account = site.accounts.create(name, hashed, site.clock(), administrator=name == "root")
        client = TestClient(app, base_url=BASE, raise_server_exceptions=True)
        answer = client.post("/api/login", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        people[name] = Person(account.id, client, answer.json()["csrf"])
    return Town(site, people)


def image(store: Store, text: str) -> ImageRef:
    """Return a stored image whose pixels and UIDs say what it shows."""
    frame = text.encode().ljust(12, b" ")[:12]
    uids = (f"1.2.{abs(hash(text)) % 10**8}.1", "1.2.9.1", "1.2.9.2")
    name = store.objects.put(f"object {text}".encode())
    return ImageRef(name, store.objects.put(frame), *uids, None, "thoracolumbar", DISPLAY)


def cases(store: Store, count: int) -> tuple[Case, ...]:
    """Return cases with an MRM and a RIC examination each."""
    return tuple(
        Case(
            f"case-{number:04d}",
            tuple(
                Examination(technique, 0, (image(store, f"{technique.code}{number}"),))
                for technique in Technique
            ),
            Truth(number % 2 == 0, {}, {"ric": number % 3 == 0}),
            age_years=40 + number,
            sex="F",
        )
        for number in range(1, count + 1)
    )


def readers(town: Town) -> tuple[Reader, ...]:
    """Return two readers, a panel and the algorithm, by their accounts."""
    panel = tuple(town[name].id for name in ("cat", "dan", "eve"))
    return (
        Reader("reader-1", ReaderKind.PERSON, (town["ann"].id,)),
        Reader("reader-2", ReaderKind.PERSON, (town["bob"].id,)),
        Reader("panel", ReaderKind.PANEL, panel, (Technique.RIC,)),
        Reader("myeloscope", ReaderKind.ALGORITHM, ()),
    )


def found_trial(town: Town, protocol: Protocol = BOTH, count: int = 3) -> str:
    """Return the id of a trial that is ready to be opened."""
    name = "t1"
    trials, lead = town.site.trials, town["liz"].id
    trials.create(name, "A study", replace(protocol), (lead,), town["root"].id)
    for reader in readers(town):
        trials.add_reader(name, reader, lead)
    trials.add_cases(name, cases(town.site.store, count), lead)
    trials.assign(name, 7, lead)
    return name


def advance(town: Town, trial: str, phase: Phase) -> None:
    """Bring a trial that is ready to be opened to a phase."""
    trials, lead = town.site.trials, town["liz"].id
    steps = (
        lambda: trials.open(trial, lead),
        lambda: trials.lock(trial, lead, "enough"),
        lambda: trials.unblind(trial, lead),
        lambda: trials.archive(trial, lead),
    )
    for step in steps[: list(Phase).index(phase)]:
        step()


def opened_trial(town: Town) -> tuple[str, str]:
    """Return an open trial's address, and that of ann's first read in it."""
    place = f"/api/trials/{found_trial(town)}"
    town.site.trials.open("t1", town["liz"].id)
    return place, f"{place}/reads/{first_read(town['ann'], place)}"


def first_read(person: Person, place: str) -> str:
    """Return the first read on somebody's work list."""
    name: str = person.must("GET", f"{place}/reads")["reads"][0]["id"]
    return name


def answer(grade: int, comment: str = "") -> dict[str, Any]:
    """Return an answer as a browser sends it."""
    regions = ("cervical", "thoracic", "lumbar")
    return {"regions": {region: {"grade": grade} for region in regions}, "comment": comment}
