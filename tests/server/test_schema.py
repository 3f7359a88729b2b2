"""Whatever the OpenAPI allows, and what it does not, is answered as it says; for every role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from myeloscope.server.app import make_app
from myeloscope.server.permissions import RULES
from myeloscope.trial.protocol import Phase
from tests.server.study import Person, Town, advance, first_read, found_trial

_Case: TypeAlias = schemathesis.Case[Any]
_Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
HOST = {"Host": "127.0.0.1"}
EXAMPLES = 3
PATIENT_S = 300
"""The machine may be busy, s."""
ASKERS = (
    ("root", Phase.DRAFT), ("liz", Phase.DRAFT), ("liz", Phase.UNBLINDED),
    ("ann", Phase.OPEN), ("cat", Phase.OPEN), ("stranger", Phase.OPEN), (None, Phase.OPEN),
)  # fmt: skip
"""Every role, and phases in which most of its routes are open."""
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@dataclass(frozen=True, slots=True)
class _Login:
    """A fresh session's cookie and CSRF word; every example begins with its own."""

    cookies: dict[str, str]
    headers: dict[str, str]


def _log_in(town: Town, who: str | None) -> _Login:
    site = town.site
    if who is None:
        return _Login({}, {})
    found = site.accounts.named(who)
    assert found is not None
    session, cookie = site.accounts.log_in(found[0], site.clock(), "schemathesis")
    return _Login({site.settings.cookie: cookie}, {"X-CSRF-Token": session.csrf})


def _real_ids(town: Town, place: str, person: Person | None) -> dict[str, str]:
    """Return ids that exist, a reader's own read among them."""
    known = {"trial": "t1", "account": town["bob"].id}
    if person is None or person not in (town["ann"], town["cat"]):
        return known
    read = first_read(person, place)
    study = person.must("GET", f"{place}/reads/{read}")["study"]["uid"]
    first = person.must("GET", f"{place}/reads/{read}/studies/{study}/metadata")[0]
    uids = {"series": first["0020000E"]["Value"][0], "instance": first["00080018"]["Value"][0]}
    return {**known, "read": read, "study": study, **uids}


def _cases(operation: _Operation) -> st.SearchStrategy[_Case]:
    """Return requests that the schema allows, and, where something is asked for, forbids."""
    fitting = operation.as_strategy(POSITIVE)
    if not operation.body and not operation.query:
        return fitting
    return st.one_of(fitting, operation.as_strategy(NEGATIVE))


@pytest.mark.parametrize(("who", "phase"), ASKERS)
def test_every_answer_is_documented(small_town: Town, who: str | None, phase: Phase) -> None:
    town = small_town
    found_trial(town)
    advance(town, "t1", phase)
    place, app = "/api/trials/t1", make_app(town.site)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=HOST)
    known = _real_ids(town, place, town.people.get(who) if who else None)
    asked: set[str] = set()

    def ask(case: _Case, real: bool) -> None:
        if real:
            case.path_parameters |= {k: v for k, v in known.items() if k in case.path_parameters}
        login = _log_in(town, who)
        answer = case.call(
            headers={**HOST, **login.headers}, cookies=login.cookies, timeout=PATIENT_S
        )
        case.validate_response(answer, checks=CHECKS)
        asked.add(case.operation.definition.raw["operationId"])

    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        check = given(case=_cases(found.ok()), real=st.sampled_from((True, True, False)))(ask)
        quiet = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=(Stage.generate,),
            suppress_health_check=list(HealthCheck),
        )
        seed(7)(quiet(check))()
    assert asked == set(RULES)
