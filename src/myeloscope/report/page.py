"""HTML pages from templates: self-contained, escaped, one look for readings and statistics.

A page's template extends ``base.html`` and fills its blocks ``title``, ``meta``, ``style`` and
``body``; pictures go in as :func:`data_uri`. A page needs no script and asks no server.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

RESEARCH_ONLY = "Research use, not for clinical decisions."


@cache
def environment() -> Environment:
    """Return the template environment: escaping on, unknown names refused, filter ``number``."""
    made = Environment(
        loader=PackageLoader("myeloscope.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["number"] = number
    made.globals["research_only"] = RESEARCH_ONLY
    return made


def render(template: str, **context: object) -> str:
    """Return a page made from a template of ``report/templates`` and the values it names."""
    style = resources.files("myeloscope.report").joinpath("style.css").read_text("utf-8")
    return environment().get_template(template).render(style=style, **context)


def data_uri(content: bytes, media_type: str = "image/png") -> str:
    """Return bytes as a ``data:`` address (RFC 2397), to be put into a page."""
    return f"data:{media_type};base64,{b64encode(content).decode()}"


def number(value: float | None, decimals: int = 1, missing: str = "\N{EN DASH}") -> str:
    """Return a number as a page shows it: fixed decimals, a true minus sign, a dash for none."""
    if value is None:
        return missing
    return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")
