"""Reading DICOM data sets: tolerant of the world's files, closed against the hostile ones."""

from __future__ import annotations

import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    EnhancedMRColorImageStorage,
    EnhancedMRImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    LegacyConvertedEnhancedMRImageStorage,
    MRImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    NuclearMedicineImageStorage,
    SecondaryCaptureImageStorage,
)

from myeloscope.dicom.files import Item
from myeloscope.errors import InputError

MOST_INFLATED = 256 << 20
META_BYTES = 1024
CHUNK_BYTES = 1 << 20
ZIP = b"PK\x03\x04"
NATIVE: dict[tuple[bool | None, bool | None], UID] = {
    (True, True): ImplicitVRLittleEndian,
    (False, True): ExplicitVRLittleEndian,
    (False, False): ExplicitVRBigEndian,
}
"""Transfer syntax by (implicit VR, little endian)."""
IMAGES = (
    MRImageStorage,
    EnhancedMRImageStorage,
    LegacyConvertedEnhancedMRImageStorage,
    EnhancedMRColorImageStorage,
    NuclearMedicineImageStorage,
    SecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
)
"""Classes of images that a study may be made of."""
UID_LETTERS = re.compile(r"[0-9]+(\.[0-9]+)*")
"""A UID's letters (PS3.5 9.1): folders and references are named by them."""
MOST_UID = 64
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pydicom and the decoders raise on damaged data (values are converted when asked for)."""


@contextmanager
def faults_of(item: Item, rule: str) -> Iterator[None]:
    """Turn what damaged data raises inside into an :class:`InputError`; quieten warnings.

    Parameters
    ----------
    item
        The file that is being read.
    rule
        What should hold.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FAULTS as error:
        detail = str(error).strip().splitlines()
        raise InputError(
            rule,
            value=f"{type(error).__name__}: {detail[0][:120]}" if detail else type(error).__name__,
            place=item.name,
            remedy="leave it out or export it again",
        ) from error


def read(item: Item, *, pixels: bool, tags: Sequence[str] | None = None) -> Dataset:
    """Return the data set of a file.

    Parameters
    ----------
    item
        The file.
    pixels
        Whether to read past the header.
    tags
        Keywords to read; by default all.

    Raises
    ------
    InputError
        If the file is not DICOM, or damaged.
    """
    with item.open() as stream, faults_of(item, "a file must be whole DICOM"):
        head = stream.read(132)
        if not _looks_like_dicom(head):
            raise InputError(
                "a file must be DICOM",
                value=_format(head),
                place=item.name,
                remedy="leave it out" if not head.startswith(ZIP) else "pass the zip itself",
            )
        _check_deflated(stream, item)
        stream.seek(0)
        dataset = dcmread(
            stream,
            stop_before_pixels=not pixels,
            force=True,
            specific_tags=list(tags) if tags is not None else None,
        )
        dataset.ensure_file_meta()
        if "TransferSyntaxUID" not in dataset.file_meta:
            # without a header of its own a file says by its first bytes how it is written
            dataset.file_meta.TransferSyntaxUID = NATIVE[dataset.original_encoding]
        return dataset


def sound(header: Dataset) -> Dataset:
    """Return a header that other objects can be made from: what cannot be carried over left out.

    An element stays if its value can be read and written again, and is a number where it must be.
    A SOP Class that is missing, or none of :data:`IMAGES` (a vendor's own; damaged), is taken from
    the meta information, else it is MR Image Storage: references must name one that others know.
    UIDs are of the kind UI, whatever a damaged file calls them.
    """
    kept = Dataset()
    kept.file_meta = header.file_meta
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tag in sorted(header.keys()):
            one, buffer = Dataset(), DicomBytesIO()
            buffer.is_implicit_VR, buffer.is_little_endian = False, True
            try:
                one.add(header[tag])
                write_dataset(buffer, one)
                if one[tag].VR in ("DS", "IS") and not one[tag].is_empty:
                    np.array(one[tag].value, float)
            except FAULTS:
                continue
            kept.add(header[tag])
    stated = (kept.get("SOPClassUID"), header.file_meta.get("MediaStorageSOPClassUID"))
    kept.SOPClassUID = next((uid for uid in stated if uid in IMAGES), MRImageStorage)
    for keyword in UIDS:
        if keyword in kept:
            kept.add_new(keyword, "UI", str(kept[keyword].value))
    return kept


def wrong_uid(uid: str) -> str | None:
    """Return what a UID is instead of digits and dots (PS3.5 9.1), ``None`` where it is one.

    Its other letters are not shown: in a damaged file they may be a neighbour's, such as a name.
    """
    if len(uid) <= MOST_UID and UID_LETTERS.fullmatch(uid):
        return None
    begins = re.match(r"[0-9.]*", uid)
    shown = begins.group()[:MOST_UID] if begins else ""
    return f"'{shown}' and {len(uid) - len(shown)} more characters"


def _format(head: bytes) -> str:
    """Return what a file that is no DICOM is."""
    if head.startswith(ZIP):
        return "a zip inside a folder or zip"
    return "another format" if head else "an empty file"


def _looks_like_dicom(head: bytes) -> bool:
    """Return whether a file starts as DICOM, with the prefix or without (old exports)."""
    if head[128:132] == b"DICM":
        return True
    return len(head) > 8 and head[:2] in (b"\x08\x00", b"\x02\x00", b"\x00\x08") and 0 in head[4:8]


def _check_deflated(stream: BinaryIO, item: Item) -> None:
    """Refuse a deflated data set that would inflate without bound (PS3.5 A.5)."""
    stream.seek(132)
    meta = stream.read(META_BYTES)
    if DeflatedExplicitVRLittleEndian.encode() not in meta:
        return
    # group length of the file meta information: UL in explicit little endian (PS3.10 7.1)
    stream.seek(132 + 12 + int.from_bytes(meta[8:12], "little"))
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = 0
    while chunk := stream.read(CHUNK_BYTES):
        while chunk:
            inflated += len(inflate.decompress(chunk, CHUNK_BYTES))
            chunk = inflate.unconsumed_tail
            if inflated > MOST_INFLATED:
                raise InputError(
                    f"a deflated file may unpack to {MOST_INFLATED >> 20} MiB at most",
                    value="more",
                    place=item.name,
                    remedy="leave it out",
                )
