"""The report as a DICOM object: valid, of the right patient, and the PDF comes out unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from myeloscope.dicom.encapsulated_pdf import encapsulated_pdf
from myeloscope.errors import OutputError
from tests.dicom import mr_source
from tests.dicom.validators import call, iod_errors, write

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.mark.parametrize("pdf", [PDF, PDF + b"\n"], ids=["even or odd", "the other"])
def test_it_is_valid_and_comes_out_as_it_went_in(pdf: bytes, tmp_path: Path) -> None:
    path = write(encapsulated_pdf(mr_source.evidence(), pdf), tmp_path, "pdf")
    assert iod_errors(path) == []
    ran = call("dcm2pdf", path, tmp_path / "out.pdf")
    assert ran.returncode == 0
    assert (tmp_path / "out.pdf").read_bytes().rstrip(b"\0") == pdf
    assert encapsulated_pdf(mr_source.evidence(), pdf).EncapsulatedDocumentLength == len(pdf)


def test_it_names_its_sources_and_its_use() -> None:
    evidence = mr_source.evidence()
    made = encapsulated_pdf(evidence, PDF)
    sources = [item.ReferencedSOPInstanceUID for item in made.SourceInstanceSequence]
    assert sources == [station.sop_uid for station in evidence.study.stations]
    assert made.SeriesDescription.startswith("RESEARCH")
    assert made.DocumentTitle.startswith("RESEARCH")
    assert made.VerificationFlag == "UNVERIFIED"


def test_what_is_no_pdf_is_refused() -> None:
    with pytest.raises(OutputError, match="a report is a PDF"):
        encapsulated_pdf(mr_source.evidence(), b"<html>")
