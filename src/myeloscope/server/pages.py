"""The workstation's files: one page and what it loads, built by ``scripts/setup``, in the wheel."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"
PAGES = ("/", "/set-up")
"""Addresses that people open; the page itself knows the rest, behind the ``#``."""
MISSING = "The workstation is not built: run scripts/setup, or install the wheel.\n"


def add_pages(app: FastAPI, folder: Path = STATIC) -> None:
    """Let an application send the workstation; where it was not built, say so."""

    def page(_: Request) -> Response:
        index = folder / "index.html"
        if not index.exists():
            return PlainTextResponse(MISSING, status_code=503)
        return FileResponse(index, media_type="text/html")

    for path in PAGES:
        app.add_route(path, page)
    if folder.is_dir():
        app.mount("/static", StaticFiles(directory=folder))
