"""Stored pixels become the values that were meant, whatever syntax, bits and sign."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from myeloscope.dicom.decode import coded_size, frame_values
from myeloscope.dicom.files import Item
from myeloscope.dicom.load import load
from myeloscope.errors import InputError
from tests.dicom.foreign import SYNTAXES, enhanced, mr, ramp, save

ITEM = Item("image.dcm", Path("image.dcm"), 1)


def values(ds: Dataset, number: int | None = None) -> Any:  # noqa: ANN401
    return frame_values(ds, ITEM, number)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(("bits", "signed"), [(8, False), (12, False), (16, False), (16, True)])
def test_every_lossless_syntax_returns_the_stored_values(
    tmp_path: Path, syntax: str, bits: int, signed: bool
) -> None:
    top = (1 << bits) - 1
    stored = ramp(top=top) - (1 << (bits - 1) if signed else 0)
    ds = mr(
        stored=stored,
        BitsAllocated=8 if bits == 8 else 16,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelRepresentation=int(signed),
    )
    path = save(ds, tmp_path / "a.dcm", syntax)
    assert dcmread(path).file_meta.TransferSyntaxUID == SYNTAXES[syntax]
    pixels = load([path]).study.stations[0].pixels
    assert pixels.dtype == np.float32
    np.testing.assert_array_equal(pixels, stored)


# pydicom's own test data: the same picture by other encoders, and as native values
@pytest.mark.parametrize(
    "name",
    [
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_implicit.dcm",
        "MR_small_bigendian.dcm",
    ],
)
def test_files_of_other_encoders_decode_to_the_native_twin(name: str) -> None:
    twin, other = (dcmread(str(get_testdata_file(n))) for n in ("MR_small.dcm", name))
    expected = np.frombuffer(twin.PixelData, "<i2").reshape(twin.Rows, twin.Columns)
    np.testing.assert_array_equal(values(other), expected)


def test_32_bits_signed_and_unsigned_stay_whole() -> None:
    stored = ramp(top=(1 << 24)) * 200
    unsigned = mr(stored=stored, BitsAllocated=32, BitsStored=32, HighBit=31)
    np.testing.assert_array_equal(values(unsigned), stored.astype(np.float32))
    signed = mr(
        stored=stored - (1 << 31),
        BitsAllocated=32,
        BitsStored=32,
        HighBit=31,
        PixelRepresentation=1,
    )
    np.testing.assert_array_equal(values(signed), (stored - (1 << 31)).astype(np.float32))


def test_rescale_is_applied_and_absent_rescale_is_identity() -> None:
    np.testing.assert_allclose(
        values(mr(RescaleSlope=0.5, RescaleIntercept=-100)), ramp() * 0.5 - 100
    )
    np.testing.assert_array_equal(values(mr()), ramp())


def test_a_modality_lut_maps_stored_values() -> None:
    table = Dataset()
    table.LUTDescriptor = [4, 1, 16]
    table.LUTData = [10, 20, 40, 80]
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "US"
    table.ModalityLUTType = "US"
    ds = mr(stored=np.array([[0, 1], [2, 9]]), ModalityLUTSequence=[table])
    # PS3.3 C.11.1.1: values below the first mapped one take its entry, above the last the last
    np.testing.assert_array_equal(values(ds), [[10, 10], [20, 80]])


def test_foreign_bits_outside_bits_stored_are_dropped() -> None:
    overlay = ramp() | (1 << 15)
    np.testing.assert_array_equal(values(mr(stored=overlay)), ramp())
    left_aligned = mr(stored=ramp() << 4, HighBit=15)
    np.testing.assert_array_equal(values(left_aligned), ramp())


def test_signed_values_in_fewer_bits_keep_their_sign() -> None:
    stored = ramp() - 2048
    ds = mr(stored=stored & 0x0FFF, PixelRepresentation=1)
    np.testing.assert_array_equal(values(ds), stored)


def test_monochrome1_is_turned_so_that_bright_is_high() -> None:
    ds = mr(PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(values(ds), 4095 - ramp())
    signed = mr(
        stored=ramp() - 2048, PhotometricInterpretation="MONOCHROME1", PixelRepresentation=1
    )
    np.testing.assert_array_equal(values(signed), -1 - (ramp() - 2048))


def test_padding_takes_the_darkest_real_value() -> None:
    stored = ramp() + 0
    stored[:2] = 4000
    stored[-1] = 3000
    ds = mr(stored=stored, PixelPaddingValue=4000)
    expected = np.where(stored == 4000, stored[stored != 4000].min(), stored)
    np.testing.assert_array_equal(values(ds), expected)
    ranged = mr(stored=stored, PixelPaddingValue=4000, PixelPaddingRangeLimit=3990)
    kept = (stored < 3990) | (stored > 4000)
    np.testing.assert_array_equal(values(ranged), np.where(kept, stored, stored[kept].min()))


def test_an_image_of_nothing_but_padding_is_left_alone() -> None:
    flat = mr(stored=np.zeros((4, 4), int), PixelPaddingValue=0)
    np.testing.assert_array_equal(values(flat), np.zeros((4, 4)))


def test_padding_of_an_inverted_image_is_dark_too() -> None:
    stored = ramp() + 0
    stored[0] = 0
    ds = mr(stored=stored, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=0)
    assert values(ds)[0].max() == 0


def test_a_frames_own_rescale_goes_before_the_shared_one() -> None:
    ds = enhanced(np.stack([ramp(), ramp()]), [200.0, 0.0])
    own = Dataset()
    own.RescaleSlope, own.RescaleIntercept = 3, 1
    ds.PerFrameFunctionalGroupsSequence[1].PixelValueTransformationSequence = [own]
    np.testing.assert_array_equal(values(ds, 1), ramp() * 2 - 3)
    np.testing.assert_array_equal(values(ds, 2), ramp() * 3 + 1)


def test_float_pixels_are_read_and_nan_is_refused() -> None:
    ds = mr(BitsAllocated=32)
    picture = ramp().astype("<f4") / 7
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.FloatPixelData = picture.tobytes()
    np.testing.assert_array_equal(values(ds), picture)
    picture[3, 3] = np.nan
    ds.FloatPixelData = picture.tobytes()
    with pytest.raises(InputError, match="pixel values must be finite; found NaN"):
        values(ds)


def test_missing_pixels_have_a_line() -> None:
    ds = mr()
    del ds.PixelData
    with pytest.raises(InputError, match=r"image.dcm: an image must have pixel data; found none"):
        values(ds)


def test_short_pixels_have_a_line() -> None:
    ds = mr()
    ds.PixelData = ds.PixelData[:-10]
    with pytest.raises(InputError, match="pixel data must be whole and decodable"):
        values(ds)


@pytest.mark.parametrize(
    ("syntax", "name"),
    [("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000"), ("1.2.3.4", "1.2.3.4")],
)
def test_a_syntax_without_codec_is_named(syntax: str, name: str) -> None:
    ds = mr()
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    with pytest.raises(InputError, match=f"transfer syntax must be one.*found {name}"):
        values(ds)


@pytest.mark.parametrize("bits", [0, 17, 33])
def test_impossible_bits_are_refused(bits: int) -> None:
    with pytest.raises(InputError, match="decodable"):
        values(mr(BitsStored=bits))


@pytest.mark.parametrize("slope", ["0", "NaN"])
def test_a_slope_without_meaning_is_refused(slope: str) -> None:
    with pytest.raises(InputError, match="Rescale Slope"):
        values(mr(RescaleSlope=slope))


def test_codestreams_larger_than_the_header_never_reach_a_codec(tmp_path: Path) -> None:
    for syntax in ("JPEG 2000", "JPEG-LS", "JPEG lossless"):
        ds = dcmread(save(mr(), tmp_path / "a.dcm", syntax))
        assert coded_size(ds.PixelData) == (40, 32, 1)
        ds.Rows = 41
        with pytest.raises(InputError, match=r"header's size 41 x 32; found 40 x 32"):
            values(ds)


@pytest.mark.parametrize(("at", "value"), [(42, 0x7F), (42, 0xFF), (43, 2), (44, 255)])
def test_a_component_that_no_codec_stands_never_reaches_one(
    tmp_path: Path, at: int, value: int
) -> None:
    """ITU-T T.800 A.5.1: 1 to 38 bits; other depths and subsampling ended the process."""
    ds = dcmread(save(mr(), tmp_path / "a.dcm", "JPEG 2000"))
    place = ds.PixelData.index(b"\xff\x4f\xff\x51") + at
    ds.PixelData = ds.PixelData[:place] + bytes([value]) + ds.PixelData[place + 1 :]
    with pytest.raises(InputError, match="header's size 40 x 32; found no size"):
        values(ds)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xe0\x00", b"\xff\xd8\xff\xe0\x00\x04ab\x00"])
def test_no_codestream_has_no_size(data: bytes) -> None:
    assert coded_size(encapsulate([data or b"\x00\x00"])) is None
