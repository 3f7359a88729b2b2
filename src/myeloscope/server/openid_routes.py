"""Logging in at an identity provider: there, and back with who it was."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from myeloscope.server.account_routes import begin
from myeloscope.server.admission import Here, RefusalError, Visit
from myeloscope.server.answers import WaysIn
from myeloscope.server.permissions import RULES
from myeloscope.server.site import IdentityProvider, OpenIdError

HOME = "/"
FAILED = "/#openid-failed"
UNKNOWN = "/#openid-unknown="
"""Where a login ends that came to nothing; an unknown subject is shown to whom it belongs to."""
LOGIN_S = 600


def ways_in(here: Here) -> WaysIn:
    """Return how one may log in here."""
    return WaysIn(password=True, openid=here.site.openid is not None)


def begin_openid(here: Here, request: Request) -> Response:
    """Send the browser to the identity provider."""
    try:
        address, kept = _provider(here).begin(_back(here, request))
    except OpenIdError:
        return _see(FAILED)
    answer = _see(address)
    answer.set_cookie(
        _cookie(here),
        kept,
        max_age=LOGIN_S,
        path="/",
        secure=here.site.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def finish_openid(here: Here, request: Request) -> Response:
    """Begin the session of whoever the identity provider names, if an account is theirs."""
    site, kept = here.site, request.cookies.get(_cookie(here), "")
    try:
        found = _provider(here).finish(kept, request.query_params, _back(here, request))
    except OpenIdError:
        return _see(FAILED)
    account = site.accounts.of_identity(found.issuer, found.subject)
    if account is None or account.disabled:
        return _see(UNKNOWN + quote(found.subject, safe=""))
    answer = _see(HOME)
    begin(site, account, request, answer)
    answer.delete_cookie(_cookie(here), path="/", secure=site.settings.secure, httponly=True)
    return answer


def _provider(here: Visit) -> IdentityProvider:
    if here.site.openid is None:
        raise RefusalError(404, "there must be an identity provider", "log in with a password")
    return here.site.openid


def _see(address: str) -> Response:
    return RedirectResponse(address, status_code=303)


def _cookie(here: Visit) -> str:
    return f"{here.site.settings.cookie}-openid"


def _back(here: Visit, request: Request) -> str:
    """Return our own address of :func:`finish_openid`; the Host header was checked before."""
    scheme = "https" if here.site.settings.secure else "http"
    return f"{scheme}://{request.headers['host']}{RULES['finish_openid'].path}"
