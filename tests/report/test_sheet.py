"""The drawing kit: dashes by length, hatching inside its box, labels that keep apart."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from myeloscope.report.marks import Stroke
from myeloscope.report.sheet import Face, Sheet, font, spread, text_width, to_jpeg, to_png, window

WHITE = (255, 255, 255)
BLACK = (0, 0, 0)


def drawn(sheet: Sheet) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.asarray(sheet.picture().convert("L"))


@given(
    st.lists(st.floats(0, 500), min_size=1, max_size=40).map(sorted),
    st.floats(1, 60),
)
def test_spread_keeps_order_gap_and_range(wanted: list[float], gap: float) -> None:
    places = spread(wanted, gap, 10, 490)
    fits = min(gap, 480 / max(1, len(wanted) - 1))
    assert all(b - a >= fits - 1e-6 for a, b in pairwise(places))
    assert min(places) >= 10 - 1e-6
    assert max(places) <= 490 + 1e-6


def test_spread_leaves_alone_what_has_room() -> None:
    assert spread([50, 120, 300], 40, 0, 400) == [50, 120, 300]


def test_spread_moves_a_pair_apart_evenly() -> None:
    # Least squares: both give way by the same amount.
    assert spread([100, 100], 40, 0, 400) == [80, 120]


def test_dashes_are_as_long_as_asked() -> None:
    sheet = Sheet(120, 20, ground=BLACK)
    sheet.line([(10, 10), (110, 10)], Stroke(WHITE, 2, (10, 10)))
    row = drawn(sheet)[10]
    assert [int(row[x]) > 128 for x in (15, 25, 35, 45, 55)] == [True, False, True, False, True]


def test_a_solid_line_has_no_gap_and_closes() -> None:
    sheet = Sheet(60, 60, ground=BLACK)
    sheet.line([(10, 10), (50, 10), (50, 50)], Stroke(WHITE, 3), closed=True)
    grey = drawn(sheet)
    assert grey[10, 12:49].min() > 128
    assert grey[30, 30] > 128


def test_a_line_without_length_does_no_harm() -> None:
    sheet = Sheet(20, 20, ground=BLACK)
    sheet.line([(5, 5), (5, 5)], Stroke(WHITE, 2, (3, 3)))
    assert drawn(sheet).shape == (20, 20)


def test_hatching_stays_in_its_box() -> None:
    sheet = Sheet(100, 100, ground=BLACK)
    sheet.hatch((20, 30, 80, 60), WHITE)
    grey = drawn(sheet).copy()
    assert grey[30:60, 20:80].max() > 100
    grey[28:62, 18:82] = 0
    assert grey.max() == 0


def test_a_box_is_filled_and_an_empty_one_is_not() -> None:
    sheet = Sheet(40, 40, ground=BLACK)
    sheet.box((10, 10, 20, 30), WHITE)
    sheet.box((30, 30, 30, 30), WHITE)
    grey = drawn(sheet)
    assert grey[10:30, 10:20].min() == 255
    assert int(np.count_nonzero(grey)) == 200


def test_a_picture_fills_its_box() -> None:
    sheet = Sheet(40, 40, ground=BLACK)
    sheet.paste(np.full((5, 5), 200, np.uint8), (10, 20, 30, 40))
    grey = drawn(sheet)
    assert np.all(grey[20:40, 10:30] == 200)
    assert grey[:20].max() == 0


def test_text_is_written_over_lines_and_upright_text_runs_upward() -> None:
    sheet = Sheet(60, 120, ground=BLACK)
    sheet.upright((30, 60), "thoracic", Face(18, WHITE))
    rows, columns = np.nonzero(drawn(sheet) > 100)
    assert np.ptp(rows) > 2 * np.ptp(columns)
    assert abs(rows.mean() - 60) < 4


def test_a_halo_darkens_around_letters() -> None:
    plain, haloed = (Sheet(60, 30, ground=(200, 200, 200)) for _ in range(2))
    plain.text((30, 15), "T3", Face(14, WHITE), "mm")
    haloed.text((30, 15), "T3", Face(14, WHITE, halo=True), "mm")
    assert drawn(plain).min() == 200
    assert drawn(haloed).min() < 60


def test_fonts_come_with_the_program() -> None:
    assert font(12).getname() == ("DejaVu Sans", "Book")
    assert text_width("wide", Face(20, bold=True)) > text_width("wide", Face(10))


def test_missing_fonts_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myeloscope.report.sheet.find_spec", lambda _: None)
    with pytest.raises(FileNotFoundError, match="matplotlib"):
        font(97)


def test_window_maps_white_and_survives_bad_pixels() -> None:
    pixels = np.array([[0, 50, 100, 200, np.nan, -5]], np.float32)
    assert window(pixels, 100).tolist() == [[0, 128, 255, 255, 0, 0]]
    assert window(pixels, 0).max() == 0


def test_png_is_lossless_and_deterministic_and_jpeg_smaller() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (80, 90, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(to_png(picture)))), noise)
    assert to_png(picture) == to_png(picture)
    assert len(to_jpeg(picture)) < len(to_png(picture))
