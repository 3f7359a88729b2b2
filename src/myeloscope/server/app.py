"""The application: routes from the permission table, errors in one shape, the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from myeloscope import __version__
from myeloscope.errors import InputError, LimitError, MyeloscopeError, OutputError
from myeloscope.server import (
    account_routes,
    case_routes,
    dossier_routes,
    look_routes,
    openid_routes,
    read_routes,
    trial_routes,
)
from myeloscope.server.admission import AdmittingRoute, RefusalError
from myeloscope.server.answers import Problem
from myeloscope.server.guard import Guard
from myeloscope.server.pages import add_pages
from myeloscope.server.permissions import RULES, Rule, Who
from myeloscope.server.site import Site
from myeloscope.store.database import UnavailableError
from myeloscope.trial.refusals import ForbiddenError, TrialError

ROUTES = (
    account_routes,
    openid_routes,
    trial_routes,
    read_routes,
    case_routes,
    look_routes,
    dossier_routes,
)
STATUS: Mapping[type[MyeloscopeError], int] = {
    ForbiddenError: 403,
    TrialError: 409,
    LimitError: 413,
    UnavailableError: 503,
    InputError: 422,
    OutputError: 507,
}
"""Error -> status of the answer; the first that fits."""
MEANINGS: Mapping[int, str] = {
    400: "not a request to this server",
    401: "needs a login",
    403: "not for this account, or the CSRF word is missing",
    404: "not one of yours",
    405: "another method",
    409: "not now: the phase, the order, or another tab's save",
    413: "too large",
    415: "another kind of body",
    422: "a value breaks its rule",
    429: "wait after failed logins",
    503: "the database does not answer now; try again",
    507: "no room on the disk",
}
CONTENT: Mapping[str, str] = {
    "get_metadata": "application/dicom+json",
    "get_frame": "application/octet-stream",
    "export_trial": "application/zip",
    "get_case_metadata": "application/dicom+json",
    "get_case_frame": "application/octet-stream",
    "get_look_metadata": "application/dicom+json",
    "get_look_frame": "application/octet-stream",
    "get_look_report": "application/dicom",
}
"""Routes that answer with something else than a record, and with what."""
PROBLEM: Mapping[str, object] = {
    "application/json": {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}
}
"""How every refusal is described: by reference, because a model for each costs the start 0.3 s."""
DECLARES = "health"
"""The one route that describes :class:`Problem` itself."""
LEADS_ON = frozenset({"begin_openid", "finish_openid"})
"""Routes that answer with another address."""


def make_app(site: Site) -> FastAPI:
    """Return the application of a site."""
    app = FastAPI(
        title="MyeloScope",
        version=__version__,
        description="Blinded reader studies of MR myelography. Research use.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        exception_handlers={
            RefusalError: _refused,
            MyeloscopeError: _failed,
            RequestValidationError: _invalid,
            HTTPException: _http,
        },
    )
    app.state.site = site
    # Not by include_router, which makes every route a second time at the first request.
    app.router.route_class = AdmittingRoute
    for name, rule in RULES.items():
        app.add_api_route(rule.path, endpoint(name), **_described(rule))
    add_pages(app)
    app.add_middleware(Guard, settings=site.settings)
    return app


def endpoint(name: str) -> Callable[..., Any]:
    """Return the function that answers a rule of the table."""
    for module in ROUTES:
        if name in vars(module):
            found: Callable[..., Any] = vars(module)[name]
            return found
    raise LookupError(name)


def _described(rule: Rule) -> dict[str, Any]:
    """Return what FastAPI is told of a route beside its function."""
    responses: dict[int | str, dict[str, Any]] = {
        status: {"description": MEANINGS[status], "content": PROBLEM} for status in _statuses(rule)
    }
    if rule.name == DECLARES:
        responses[400] = {"description": MEANINGS[400], "model": Problem}
    described: dict[str, Any] = {
        "methods": [rule.method],
        "name": rule.name,
        "operation_id": rule.name,
        "summary": rule.summary,
        "responses": responses,
    }
    if rule.name in CONTENT:
        described["response_model"] = None
        content: dict[str, object] = {CONTENT[rule.name]: {"schema": {}}}
        described["response_class"] = Response
        responses[200] = {"description": rule.summary, "content": content}
    if rule.name in LEADS_ON:
        described |= {"response_model": None, "response_class": Response, "status_code": 303}
    return described


def _statuses(rule: Rule) -> tuple[int, ...]:
    found = [400, 404, 422, 503]
    if rule.who is not Who.ANYONE:
        found.append(401)
    if rule.changes or rule.who in (Who.ADMINISTRATOR, Who.MEMBER):
        found += [403]
    if rule.who is Who.MEMBER or rule.changes:
        found.append(409)
    if rule.changes:
        found += [413, 415, 507]
    if rule.name == "log_in":
        found += [401, 429]
    return tuple(sorted(set(found)))


def _answer(status: int, record: Mapping[str, str]) -> Response:
    return JSONResponse(dict(record), status_code=status)


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, RefusalError):
        raise error
    return _answer(error.status, error.record)


async def _failed(_: Request, error: Exception) -> Response:
    if not isinstance(error, MyeloscopeError):
        raise error
    for kind, status in STATUS.items():
        if isinstance(error, kind):
            record = {
                "rule": error.rule,
                "value": str(error.value),
                "place": error.place,
                "remedy": error.remedy,
            }
            return _answer(status, record)
    raise error


async def _invalid(_: Request, error: Exception) -> Response:
    """Say which value breaks which rule; the value itself is not repeated."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    record = {"rule": str(first["msg"]), "value": "", "place": place, "remedy": "correct it"}
    return _answer(422, record)


async def _http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    record = {"rule": str(error.detail), "value": "", "place": "request", "remedy": "see the API"}
    return JSONResponse(record, status_code=error.status_code, headers=error.headers)
