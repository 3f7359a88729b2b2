"""The report as Encapsulated PDF Storage (PS3.3 A.45.1)."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import EncapsulatedPDFStorage

from myeloscope.dicom.document import (
    Evidence,
    image_references,
    new_object,
    set_series_description,
)
from myeloscope.errors import OutputError

SERIES_NUMBER = 9903


def encapsulated_pdf(evidence: Evidence, pdf: bytes, title: str = "MR myelography") -> Dataset:
    """Return the PDF as a DICOM object of the patient and study.

    Burned In Annotation is YES: a report may show dates and identifiers that tell the patient.

    Raises
    ------
    OutputError
        If the bytes are not a PDF.
    """
    if not pdf.startswith(b"%PDF-"):
        raise OutputError(
            "a report is a PDF",
            value=repr(pdf[:5]),
            place=f"study {evidence.study.uid}",
            remedy="pass the bytes of report.pdf",
        )
    series = Dataset()
    series.Modality = "DOC"
    series.SeriesInstanceUID = evidence.uid("pdf", "series")
    series.SeriesNumber = SERIES_NUMBER
    set_series_description(series, "report")
    made = new_object(evidence, EncapsulatedPDFStorage, evidence.uid("pdf"), series)
    made.ConversionType = "WSD"
    made.InstanceNumber = 1
    made.AcquisitionDateTime = None
    made.BurnedInAnnotation = "YES"
    made.RecognizableVisualFeatures = "NO"
    made.VerificationFlag = "UNVERIFIED"
    made.SourceInstanceSequence = image_references(evidence.source)
    made.DocumentTitle = f"RESEARCH {title}"
    made.ConceptNameCodeSequence = []
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocumentLength = len(pdf)
    made.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    return made
