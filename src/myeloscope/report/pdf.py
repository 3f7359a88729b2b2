"""A page as PDF/A-3u (ISO 19005-3, level U): archivable, searchable, and equal bytes again."""

from __future__ import annotations

import warnings
from hashlib import sha256

from weasyprint import HTML
from weasyprint.urls import URLFetcher

VARIANT = "pdf/a-3u"


def to_pdf(html: str) -> bytes:
    """Return a whole HTML page as PDF/A-3u.

    Nothing outside the page is read: an address that is not ``data:`` is left out of the PDF, so
    that no text from a DICOM header or a reader's comment can pull in a file or call a server.
    Title and dates come from the page's ``<title>`` and ``<meta name="dcterms.created">``, the
    identifier from its text: equal pages are equal bytes.

    Parameters
    ----------
    html
        A page as :func:`myeloscope.report.page.render` returns it.
    """
    page = HTML(string=html, base_url="about:blank", url_fetcher=_only_data())
    identifier = sha256(html.encode()).digest()[:16]
    with warnings.catch_warnings():
        # WeasyPrint 70 leaves its colour profile to be closed by the garbage collector.
        warnings.filterwarnings("ignore", "unclosed file", ResourceWarning)
        written: bytes = page.write_pdf(pdf_variant=VARIANT, pdf_identifier=identifier)
    return written


def _only_data() -> URLFetcher:
    return URLFetcher(allowed_protocols=("data",), allow_redirects=False)
