"""Who asks, and whether the permission table lets them: before a body is even read."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from myeloscope.server.permissions import RULES, Rule, Who
from myeloscope.server.site import Site
from myeloscope.store.accounts import Session
from myeloscope.trial.protocol import Role
from myeloscope.trial.refusals import ForbiddenError
from myeloscope.trial.rules import NAME
from myeloscope.trial.state import Trial
from myeloscope.trial.visibility import roles

CSRF = "x-csrf-token"


class RefusalError(Exception):
    """A request that is refused, with the status of the answer."""

    def __init__(self, status: int, rule: str, remedy: str, value: str = "") -> None:
        self.status = status
        self.record = {"rule": rule, "value": value, "place": "request", "remedy": remedy}
        super().__init__(rule)


@dataclass(frozen=True, slots=True)
class Visit:
    """An admitted request: the site, who asks, and the trial with their roles in it."""

    site: Site
    session: Session | None
    trial: Trial | None = None
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who is logged in."""

    site: Site
    session: Session

    @property
    def id(self) -> str:
        """Return the account's id."""
        return self.session.account.id


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role in the trial that the path names."""

    site: Site
    session: Session
    trial: Trial
    roles: frozenset[Role]

    @property
    def id(self) -> str:
        """Return the account's id."""
        return self.session.account.id


class AdmittingRoute(APIRoute):
    """A route that asks the permission table before it reads the request's body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with the question before it."""
        answer = super().get_route_handler()
        rule = RULES[self.name]

        async def handler(request: Request) -> Response:
            request.state.visit = await run_in_threadpool(admit, request, rule)
            return await answer(request)

        return handler


def admit(request: Request, rule: Rule) -> Visit:
    """Return who asks, or refuse.

    Raises
    ------
    RefusalError
        401 without a session, 403 without the role or the CSRF word, 409 in another phase.
    """
    site: Site = request.app.state.site
    cookie = request.cookies.get(site.settings.cookie, "")
    session = site.accounts.session(cookie, site.clock()) if cookie else None
    if rule.who is Who.ANYONE:
        return Visit(site, session)
    if session is None:
        raise RefusalError(401, "this needs a login", "log in")
    if rule.changes and not _same(request.headers.get(CSRF, ""), session.csrf):
        raise RefusalError(403, "a change repeats the session's word", f"send it as {CSRF}")
    if rule.who is Who.ADMINISTRATOR and not session.account.administrator:
        raise _forbidden()
    if rule.who is not Who.MEMBER:
        return Visit(site, session)
    return _as_member(site, session, rule, request.path_params["trial"])


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _as_member(site: Site, session: Session, rule: Rule, name: str) -> Visit:
    if not NAME.fullmatch(name):
        raise _forbidden()
    try:
        trial = site.store.log.trial(name)
    except ForbiddenError as error:
        raise _forbidden() from error
    account = session.account
    own = roles(trial, account.id, administrator=account.administrator)
    if not own & rule.roles:
        raise _forbidden()
    if trial.phase not in rule.phases:
        wanted = ", ".join(sorted(rule.phases))
        raise RefusalError(409, f"the trial must be {wanted}", "reload", trial.phase)
    return Visit(site, session, trial, own)


def _forbidden() -> RefusalError:
    """Return the same refusal for what is not there and what is not theirs."""
    return RefusalError(403, "this is not for your account", "ask the trial's lead")


def _visit(request: Request) -> Visit:
    visit: Visit = request.state.visit
    return visit


def _guest(request: Request) -> Guest:
    visit = _visit(request)
    if visit.session is None:
        raise RefusalError(401, "this needs a login", "log in")
    return Guest(visit.site, visit.session)


def _member(request: Request) -> Member:
    visit = _visit(request)
    if visit.session is None or visit.trial is None:
        raise _forbidden()
    return Member(visit.site, visit.session, visit.trial, visit.roles)


Here = Annotated[Visit, Depends(_visit)]
SignedIn = Annotated[Guest, Depends(_guest)]
InTrial = Annotated[Member, Depends(_member)]
