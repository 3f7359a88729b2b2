"""Pages and PDF: self-contained, escaped, archivable, equal bytes for equal pages."""

from __future__ import annotations

import io
import re
import zlib
from base64 import b64decode
from pathlib import Path

import pypdfium2
import pytest
from jinja2 import UndefinedError

from myeloscope.report.page import RESEARCH_ONLY, data_uri, environment, number, render
from myeloscope.report.pdf import to_pdf

PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
)


def page(body: str) -> str:
    source = "{% extends 'base.html' %}{% block body %}" + body + "{% endblock %}"
    return environment().from_string(source).render(style="", name="<b>&")


def test_base_page_needs_nothing_from_outside() -> None:
    html = render("base.html")
    assert not re.search(r"(?:src|href)=[\"'](?!data:)", html)
    assert "@import" not in html
    assert "url(" not in html
    assert "<script" not in html


def test_values_are_escaped() -> None:
    assert "&lt;b&gt;&amp;" in page("{{ name }}")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UndefinedError):
        page("{{ nonsense }}")


def test_data_uri_carries_the_bytes() -> None:
    head, _, body = data_uri(b"\x00abc").partition(",")
    assert head == "data:image/png;base64"
    assert b64decode(body) == b"\x00abc"


def test_numbers_have_fixed_decimals_a_minus_sign_and_a_dash_for_none() -> None:
    assert number(-3.14159, 2) == "\N{MINUS SIGN}3.14"
    assert number(None) == "\N{EN DASH}"


def test_pdf_is_pdf_a_3u_and_searchable() -> None:
    pdf = to_pdf(render("base.html"))
    # ISO 19005-3, 6.6.4: the PDF/A identification schema in the XMP packet.
    xmp = next(text for text in streams(pdf) if b"x:xmpmeta" in text)
    assert b'part="3"' in xmp
    assert b'conformance="U"' in xmp
    document = pypdfium2.PdfDocument(pdf)
    assert RESEARCH_ONLY in document[0].get_textpage().get_text_bounded()


def test_equal_pages_are_equal_bytes_and_others_differ() -> None:
    assert to_pdf(page("a")) == to_pdf(page("a"))
    assert to_pdf(page("a")) != to_pdf(page("b"))


def test_pdf_takes_no_file(tmp_path: Path) -> None:
    stolen = tmp_path / "stolen.png"
    stolen.write_bytes(PIXEL)
    inside = to_pdf(page(f"<img src='{data_uri(PIXEL)}'>"))
    outside = to_pdf(page(f"<img src='{stolen.as_uri()}'>"))
    assert pictures(inside) == 1
    assert pictures(outside) == 0


def streams(pdf: bytes) -> list[bytes]:
    """Return the decompressed streams of a PDF, those that are deflated or plain."""
    found = []
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(raw))
        except zlib.error:
            found.append(raw)
    return found


def pictures(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    image_kind = 3  # FPDF_PAGEOBJ_IMAGE of PDFium's fpdf_edit.h
    return sum(item.type == image_kind for page in document for item in page.get_objects())
