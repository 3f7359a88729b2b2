"""Pictures of a reading as Secondary Capture Image Storage (PS3.3 A.8.1), RGB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from myeloscope.dicom.document import (
    RESEARCH_USE,
    Evidence,
    image_references,
    new_object,
    set_series_description,
)
from myeloscope.errors import OutputError

SERIES_NUMBER = 9904


def secondary_capture(
    evidence: Evidence, rgb: NDArray[np.uint8], title: str, number: int = 1
) -> Dataset:
    """Return a picture as a DICOM object of the patient and study.

    Burned In Annotation is NO, which speaks of the patient's identity (PS3.3 C.7.6.1.1.2 and
    Table C.7-9): the pictures carry outlines, names of roots and grades. No pixel spacing is
    given: a picture is not for measuring.

    Parameters
    ----------
    evidence
        Source, study, reading and time.
    rgb
        Shape (rows, columns, 3).
    title
        What the picture shows; becomes the Image Comments and Derivation Description.
    number
        Instance number within the series of pictures, from 1.

    Raises
    ------
    OutputError
        If the array is not an 8-bit RGB picture.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise OutputError(
            "a picture has shape (rows, columns, 3) and 8 bits",
            value=f"{rgb.shape} of {rgb.dtype}",
            place=f"picture {title!r}",
            remedy="convert it to RGB first",
        )
    series = Dataset()
    series.Modality = "OT"
    series.SeriesInstanceUID = evidence.uid("pictures", "series")
    series.SeriesNumber = SERIES_NUMBER
    series.BodyPartExamined = "SPINE"
    set_series_description(series, "pictures")
    uid = evidence.uid("picture", number, title)
    made = new_object(evidence, SecondaryCaptureImageStorage, uid, series)
    made.ConversionType = "WSD"
    made.SecondaryCaptureDeviceManufacturer = made.Manufacturer
    made.SecondaryCaptureDeviceSoftwareVersions = made.SoftwareVersions
    made.InstanceNumber = number
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.PatientOrientation = None
    made.BurnedInAnnotation = "NO"
    made.RecognizableVisualFeatures = "NO"
    made.LossyImageCompression = "00"
    made.ImageComments = f"{title}; {RESEARCH_USE}"
    made.DerivationDescription = title
    made.SourceImageSequence = image_references(evidence.source)
    _set_pixels(made, rgb)
    return made


def _set_pixels(made: Dataset, rgb: NDArray[np.uint8]) -> None:
    made.SamplesPerPixel = 3
    made.PhotometricInterpretation = "RGB"
    made.PlanarConfiguration = 0
    made.Rows, made.Columns = rgb.shape[:2]
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelRepresentation = 0
    pixels = np.ascontiguousarray(rgb).tobytes()
    made.PixelData = pixels + b"\0" * (len(pixels) % 2)
