"""Every route, asked by every kind of person in every phase with real ids, against the table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from myeloscope.server.app import ROUTES, endpoint, make_app
from myeloscope.server.permissions import RULES, Rule, Who
from myeloscope.trial.protocol import Phase, Role
from tests.server.study import BASE, Person, Town, advance, answer, found_trial

ROLES: dict[str, frozenset[Role]] = {
    "root": frozenset({Role.ADMINISTRATOR}),
    "liz": frozenset({Role.LEAD}),
    "ann": frozenset({Role.READER}),
    "cat": frozenset({Role.PANEL_MEMBER}),
    "stranger": frozenset(),
}
ONCE = {"log_out", "change_password", "disable_account", "set_up", "log_in", "import_cases",
        "open_look", "make_dossier"}  # fmt: skip
"""Routes that would end the sessions in use, or need more than a record; tested elsewhere."""
LATE = {"open_trial", "lock_trial", "unblind_trial", "archive_trial"}
"""Routes that change the phase; they are asked last."""
BODIES = {
    "log_in": {"name": "nobody", "password": "nothing at all"},
    "set_up": {"secret": "x", "password": "twelve letters"},
    "change_password": {"old": "x", "new": "twelve letters"},
    "create_account": {"name": "new-one"},
    "bind_identity": {"issuer": "https://id.example", "subject": "s"},
    "create_trial": {"title": "Another", "leads": []},
    "put_protocol": {"washout_days": 2},
    "add_reader": {"id": "x", "kind": "algorithm", "users": []},
    "assign": {"seed": 3},
    "lock_trial": {"reason": "enough"},
    "save_read": {"base": 0, "answer": answer(1)},
    "vote": {"answer": answer(1)},
    "lock_read": {"base": 0},
    "amend_read": {"reason": "why not"},
    "save_look": {"comment": "seen"},
}


@dataclass(frozen=True, slots=True)
class _Ids:
    """Ids that exist: a reader's own read and image where there are any, else another's."""

    read: str
    study: str = "1.2.3"
    series: str = "1.2.3"
    instance: str = "1.2.3"


def _ids(town: Town, person: Person | None, trial: str) -> _Ids:
    state = town.site.store.log.trial(trial)
    own = [
        name
        for reader in state.readers.values()
        if person is not None and person.id in reader.users
        for name in state.orders[reader.id]
    ]
    if not own or person is None or state.phase is Phase.DRAFT:
        return _Ids(own[0] if own else state.orders["reader-2"][0])
    place = f"/api/trials/{trial}/reads/{own[0]}"
    study = person.must("GET", place)["study"]["uid"]
    first = person.must("GET", f"{place}/studies/{study}/metadata")[0]
    return _Ids(own[0], study, *(first[tag]["Value"][0] for tag in ("0020000E", "00080018")))


def _expected(rule: Rule, who: str | None, phase: Phase) -> set[int] | None:
    """Return the statuses that the table calls for; ``None`` where it lets the request in."""
    if rule.who is Who.ANYONE:
        return None
    if who is None:
        return {401}
    if rule.who is Who.ADMINISTRATOR and who != "root":
        return {403}
    if rule.who is Who.MEMBER and not ROLES[who] & rule.roles:
        return {403}
    if rule.who is Who.MEMBER and phase not in rule.phases:
        return {409}
    return None


def _combinations() -> Iterator[tuple[Rule, str | None]]:
    for rule, who in itertools.product(RULES.values(), (*ROLES, None)):
        if rule.name not in ONCE or who is None or who == "stranger":
            yield rule, who


@pytest.mark.parametrize("phase", Phase)
def test_every_route_for_everybody_in_every_phase(small_town: Town, phase: Phase) -> None:
    town = small_town
    nobody = TestClient(make_app(town.site), base_url=BASE)
    asked = 0
    rules = sorted(
        _combinations(), key=lambda pair: pair[0].name in LATE and 1 + (phase in pair[0].phases)
    )
    trial = found_trial(town)
    advance(town, trial, phase)
    people: list[Person | None] = [None, *(town[name] for name in ROLES)]
    ids = {person: _ids(town, person, trial) for person in people}
    for rule, who in rules:
        if rule.who is Who.ANYONE:
            continue
        person = town.people.get(who) if who is not None else None
        known = {**asdict(ids[person]), "trial": trial, "account": town["bob"].id}
        path = rule.path.format(**known, session="0" * 32, look="0" * 32, case="case-0001")
        given: dict[str, Any] = {"json": BODIES.get(rule.name)} if rule.changes else {}
        if person is not None and rule.name in ONCE and rule.who is Who.ACCOUNT:
            continue
        answered = (
            nobody.request(rule.method, path, **given)
            if person is None
            else person.ask(rule.method, path, **given)
        )
        expected = _expected(rule, who, phase)
        where = (rule.name, who, phase, answered.status_code, answered.text[:200])
        if expected is not None:
            assert answered.status_code in expected, where
        else:
            assert answered.status_code in (200, 404, 409, 422) or (
                answered.status_code == 403 and "belongs to its reader" in answered.text
            ), where
            assert "the trial must be" not in answered.text, where
        asked += 1
    assert asked > 150


def test_every_rule_has_an_answer_and_every_answer_a_rule() -> None:
    for name in RULES:
        assert callable(endpoint(name))
    public = {
        name
        for module in ROUTES
        for name, found in vars(module).items()
        if callable(found) and getattr(found, "__module__", "") == module.__name__
        if not name.startswith("_") and not isinstance(found, type)
    }
    assert public - set(RULES) == {"begin"}


def test_the_openapi_is_the_table(small_town: Town) -> None:
    described = small_town["ann"].client.get("/openapi.json").json()
    listed = {
        (method.upper(), path, operation["operationId"])
        for path, item in described["paths"].items()
        for method, operation in item.items()
    }
    assert listed == {(rule.method, rule.path, rule.name) for rule in RULES.values()}


def test_an_unknown_trial_answers_as_one_that_is_not_theirs(small_town: Town) -> None:
    found_trial(small_town)
    known = small_town["stranger"].ask("GET", "/api/trials/t1")
    unknown = small_town["stranger"].ask("GET", "/api/trials/t2")
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
