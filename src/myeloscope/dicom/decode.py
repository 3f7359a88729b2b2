"""Stored pixels -> values: transfer syntax, bits, sign, padding, inversion, modality LUT.

Codecs come from pydicom (native, deflated, RLE), GDCM (JPEG lossless, JPEG 2000, JPEG-LS) and
CharLS (JPEG-LS).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.processing import apply_modality_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID

from myeloscope.dicom.files import Item
from myeloscope.dicom.header import faults_of
from myeloscope.domain.image import FloatImage
from myeloscope.errors import InputError

PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
JPEGS = frozenset(f"1.2.840.10008.1.2.4.{code}" for code in (50, 51, 57, 70, 80, 81, 90, 91))
"""JPEG, JPEG-LS and JPEG 2000 that come with the package's codecs."""
READABLE = JPEGS | {f"1.2.840.10008.1.2{tail}" for tail in ("", ".1", ".1.99", ".2", ".5")}
"""Transfer syntaxes that can be decoded."""
MOST_DEPTH = 38
"""Bits of a JPEG 2000 component at most (ITU-T T.800, table A.11)."""
LEAST_VALUE, MOST_VALUE = 1e-6, 1e12
"""Between these the reading is the same but for its unit; single precision carries no further."""


def frame_values(dataset: Dataset, item: Item, number: int | None) -> FloatImage:
    """Return one frame's values after the modality LUT.

    Parameters
    ----------
    dataset
        The whole object.
    item
        Its file, for messages.
    number
        Frame from 1, or ``None`` for a single image.

    Returns
    -------
    ndarray of shape (rows, columns), float32

    Raises
    ------
    InputError
        If pixels are missing, cut short, too many, of an unknown syntax, or not finite.
    """
    with faults_of(item, "pixel data must be whole and decodable"):
        _check(dataset, item, (number or 1) - 1)
        # pydicom would cut left-aligned values (allowed until 2008) to the lowest bits
        whole: dict[str, Any] = {}
        if _drop(dataset):
            whole["bits_stored"] = int(dataset.BitsAllocated)
        stored = np.asarray(pixel_array(dataset, index=(number or 1) - 1, raw=True, **whole))
        if stored.ndim != 2:
            raise _fault(item, "an image must have one value per pixel", f"shape {stored.shape}")
        if "PixelData" in dataset:
            values = _modality(_meant(stored, dataset), dataset, number)
        else:
            values = stored.astype(np.float64)
    if not np.all(np.isfinite(values)):
        raise _fault(item, "pixel values must be finite", "NaN or infinite values")
    largest = float(np.abs(values).max())
    if not (largest == 0 or LEAST_VALUE <= largest <= MOST_VALUE):
        rule = f"the largest pixel value must lie in {LEAST_VALUE:g} to {MOST_VALUE:g}"
        raise _fault(item, rule, f"{largest:g}")
    return np.ascontiguousarray(values, np.float32)


def _check(dataset: Dataset, item: Item, index: int) -> None:
    """Refuse what must not reach a codec."""
    syntax = UID(str(dataset.file_meta.TransferSyntaxUID))
    if not any(keyword in dataset for keyword in PIXEL_KEYWORDS):
        raise _fault(item, "an image must have pixel data", "none, or the file is cut short")
    if syntax not in READABLE:
        raise _fault(item, "the transfer syntax must be one that can be decoded", syntax.name)
    if syntax in JPEGS and "PixelData" in dataset:
        frames = int(dataset.get("NumberOfFrames", 1) or 1)
        size = coded_size(
            get_frame(
                dataset.PixelData,
                index,
                number_of_frames=frames,
                extended_offsets=_extended_offsets(dataset),
            )
        )
        stated = (int(dataset.Rows), int(dataset.Columns), 1)
        if size != stated:
            raise _fault(
                item,
                f"compressed pixels must have the header's size {_times(stated)}",
                "no size" if size is None else _times(size),
            )


def _extended_offsets(dataset: Dataset) -> tuple[bytes, bytes] | None:
    """Return where frames lie by the Extended Offset Table (PS3.3 C.7.6.3.1.8), as codecs do."""
    if "ExtendedOffsetTable" not in dataset or "ExtendedOffsetTableLengths" not in dataset:
        return None
    return dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths


def _times(size: tuple[int, int, int]) -> str:
    """Return rows, columns and, if there are several, components in words."""
    return f"{size[0]} x {size[1]}" + (f" x {size[2]}" if size[2] != 1 else "")


def coded_size(codestream: bytes) -> tuple[int, int, int] | None:
    """Return (rows, columns, components) by a codestream's own header, ``None`` without one.

    JPEG and JPEG-LS: frame header SOFn / SOF55 (ITU-T T.81 B.2.2, T.87 C.2.2); JPEG 2000: SIZ
    (ITU-T T.800 A.5.1), with a depth that the standard has and without subsampling: a codec aborts
    at others. It allocates by these, whatever the DICOM header says.
    """
    siz = codestream.find(b"\xff\x4f\xff\x51")
    if siz >= 0 and len(codestream) >= siz + 42:
        x, y, x0, y0 = (
            int.from_bytes(codestream[siz + at : siz + at + 4]) for at in (8, 12, 16, 20)
        )
        depth, every_x, every_y = (*codestream[siz + 42 : siz + 45], 0, 0, 0)[:3]
        if (depth & 0x7F) + 1 > MOST_DEPTH or every_x != 1 or every_y != 1:
            return None
        return y - y0, x - x0, int.from_bytes(codestream[siz + 40 : siz + 42])
    at = codestream.find(b"\xff\xd8\xff")
    if at < 0:
        return None
    at += 2
    while at + 10 <= len(codestream) and codestream[at] == 0xFF:
        marker = codestream[at + 1]
        if marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            rows = int.from_bytes(codestream[at + 5 : at + 7])
            return rows, int.from_bytes(codestream[at + 7 : at + 9]), codestream[at + 9]
        at += 2 + int.from_bytes(codestream[at + 2 : at + 4])
    return None


def _meant(stored: NDArray[np.generic], dataset: Dataset) -> NDArray[np.float64]:
    """Return stored values with foreign bits masked, padding filled, inversion undone.

    PS3.5 8.1.1 (bits stored, high bit), PS3.3 C.7.5.1.1.2 (padding), C.7.6.3.1.2 (MONOCHROME1).
    """
    allocated, bits = int(dataset.BitsAllocated), int(dataset.BitsStored)
    signed = int(dataset.get("PixelRepresentation", 0) or 0) == 1
    if not 1 <= bits <= allocated <= 32:
        raise ValueError(f"{bits} bits stored in {allocated}")
    whole = stored.astype(np.int64) >> _drop(dataset)
    whole &= (1 << bits) - 1
    if signed:
        whole -= (whole >> (bits - 1)) << bits
    values = whole.astype(np.float64)
    padding = dataset.get("PixelPaddingValue")
    if padding is not None and padding != "":
        other = dataset.get("PixelPaddingRangeLimit", padding)
        low, high = sorted((_as_stored(padding, bits, signed), _as_stored(other, bits, signed)))
        padded = (whole >= low) & (whole <= high)
        if padded.any() and not padded.all():
            dark = dataset.PhotometricInterpretation != "MONOCHROME1"
            kept = values[~padded]
            values[padded] = kept.min() if dark else kept.max()
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        values = (-1.0 if signed else (1 << bits) - 1.0) - values
    return values


def _drop(dataset: Dataset) -> int:
    """Return how many unused bits lie below the stored ones in native pixels."""
    syntax = UID(str(dataset.file_meta.TransferSyntaxUID))
    if syntax.is_encapsulated or "HighBit" not in dataset or "BitsStored" not in dataset:
        return 0
    return max(int(dataset.HighBit) + 1 - int(dataset.BitsStored), 0)


def _as_stored(value: object, bits: int, signed: bool) -> int:
    """Return a padding value in the sign of the pixels, whatever its own VR was."""
    number = int(str(value))
    return number if signed else number & ((1 << bits) - 1)


def _modality(
    values: NDArray[np.float64], dataset: Dataset, number: int | None
) -> NDArray[np.float64]:
    """Return rescaled values (PS3.3 C.11.1, C.7.6.16.2.9)."""
    place: Dataset = dataset
    if number is not None:
        for keyword, index in (
            ("PerFrameFunctionalGroupsSequence", number - 1),
            ("SharedFunctionalGroupsSequence", 0),
        ):
            groups = dataset.get(keyword) or []
            group = groups[index] if index < len(groups) else Dataset()
            if group.get("PixelValueTransformationSequence"):
                place = group.PixelValueTransformationSequence[0]
                break
    if place.get("ModalityLUTSequence"):
        return np.asarray(apply_modality_lut(values.astype(np.int64), place), np.float64)
    slope = float(place.get("RescaleSlope", 1) or 0)
    intercept = float(place.get("RescaleIntercept", 0) or 0)
    if not np.isfinite(slope) or slope == 0:
        raise ValueError(f"Rescale Slope {slope}")
    return values * slope + intercept


def _fault(item: Item, rule: str, value: object) -> InputError:
    """Return the error for pixels that cannot be used."""
    return InputError(rule, value=value, place=item.name, remedy="export the images again")
