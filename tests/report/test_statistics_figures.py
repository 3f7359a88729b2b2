"""The figures of the analysis report: what is drawn, and equal bytes for equal input."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from myeloscope.report.statistics_forest import ForestAxis, ForestRow, forest, interval_text
from myeloscope.report.statistics_grid import (
    CALL_SCALE,
    MISSING,
    ReadGrid,
    agreement_maps,
    call_grids,
    pair_counts,
    reader_pairs,
)
from myeloscope.report.statistics_names import (
    cut,
    cut_middle,
    drawable,
    labels,
    reader_name,
)
from myeloscope.report.statistics_roc import RocCurve, roc_figure
from myeloscope.report.statistics_style import GRADE_COLOURS, SERIES_COLOURS, Plot


def _grid(n_cases: int = 6, readers: tuple[tuple[str, str], ...] = ()) -> ReadGrid:
    readers = readers or (("MRM", "1"), ("MRM", "2"), ("RIC", "RIC"))
    grades = np.arange(n_cases * len(readers) * 3).reshape(n_cases, len(readers), 3) % 4
    grades[0, 0, 0] = MISSING
    return ReadGrid(
        cases=tuple(f"case {i}" for i in range(n_cases)),
        readers=readers,
        levels=("C", "T", "L"),
        grades=grades.astype(np.int8),
        truth=(np.arange(n_cases) % 2).astype(np.int8),
    )


def _is_drawn(plot: Plot) -> bool:
    """Return whether SVG and PNG are whole and nothing dark touches the picture's edge."""
    with Image.open(io.BytesIO(plot.png)) as image:
        grey = np.asarray(image.convert("L"))
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return plot.svg.rstrip().endswith(b"</svg>") and grey.min() < 80 and border.min() > 200


def _luminance(colour: str) -> float:
    """Return WCAG 2.2 relative luminance of ``#rrggbb``."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


FOREST = (
    ForestRow("Sensitivity"),
    ForestRow("reader 1", 0.867, 0.621, 0.963, interval_text(0.867, 0.621, 0.963)),
    ForestRow("outside the axis", 0.2, -0.4, 1.3, "0.20", 1),
    ForestRow("undefined", text="undefined: one class absent"),
)


def test_interval_text_has_a_true_minus_and_leaves_out_what_is_missing() -> None:
    assert interval_text(0.634, -0.011, 1.0) == "0.63 (\N{MINUS SIGN}0.01 to 1.00)"
    assert interval_text(0.13, -0.001, 0.26) == "0.13 (0.00 to 0.26)"
    assert interval_text(0.5, None, None) == "0.50"
    assert interval_text(None, None, None) == ""


def test_forest_is_drawn_and_repeats_byte_for_byte() -> None:
    def draw() -> Plot:
        return forest(FOREST, ForestAxis("Proportion", 0, 1, (0.5,)), "f", "caption", "alt")

    first, again = draw(), draw()
    assert _is_drawn(first)
    assert (first.svg, first.png) == (again.svg, again.png)
    assert b"<dc:date>" not in first.svg


def test_pair_counts_leave_missing_reads_out() -> None:
    first = np.array([0, 1, 3, MISSING, 2], dtype=np.int8)
    second = np.array([0, 2, 3, 1, MISSING], dtype=np.int8)
    counts = pair_counts(first, second, 4)
    assert counts.sum() == 3
    assert (counts[0, 0], counts[1, 2], counts[3, 3]) == (1, 1, 1)


def test_case_grade_is_highest_if_positive_or_all_read() -> None:
    grades = np.array([[[MISSING, 2, 0]], [[MISSING, 0, 0]], [[0, 0, 0]]], dtype=np.int8)
    grid = ReadGrid(("a", "b", "c"), (("MRM", "1"),), ("C", "T", "L"), grades, np.zeros(3, np.int8))
    # DESIGN: the highest grade if it is >= 1 or all levels were read, else missing
    assert grid.case_grades()[:, 0].tolist() == [2, MISSING, 0]


def test_pairs_are_readers_of_a_modality_then_each_with_the_consensus() -> None:
    assert reader_pairs(_grid()) == ((0, 1), (0, 2), (1, 2))
    crossed = _grid(readers=(("MRM", "1"), ("MRM", "2"), ("RIC", "1"), ("RIC", "2")))
    assert reader_pairs(crossed) == ((0, 1), (2, 3), (0, 2), (1, 3))


@pytest.mark.parametrize("n_readers", [1, 3, 7])
def test_maps_and_grids_are_drawn_inside_their_edges(n_readers: int) -> None:
    grid = _grid(readers=tuple(("MRM", f"reader number {i}") for i in range(n_readers)))
    plots = agreement_maps(grid) + call_grids(grid)
    assert all(_is_drawn(plot) for plot in plots)
    assert len(agreement_maps(grid)) == -(-n_readers * (n_readers - 1) // 2 // 12)


def test_grid_of_many_cases_says_what_it_leaves_out() -> None:
    plots = call_grids(_grid(n_cases=200), most=2)
    assert [plot.name for plot in plots] == ["calls-1", "calls-2"]
    assert "3 further figures are not drawn" in plots[1].caption
    assert "not drawn" not in plots[0].caption


def test_plain_calls_use_plus_and_dash_and_whole_cases_have_no_regions() -> None:
    calls = ReadGrid(
        ("a", "b"), (("MRM", "1"),), ("",), np.array([[[1]], [[0]]], np.int8),
        np.array([1, MISSING], np.int8), CALL_SCALE,
    )  # fmt: skip
    (plot,) = call_grids(calls)
    assert "Calls made (+ positive)" in plot.caption
    assert "open dot" in plot.caption
    assert "Hatched" not in plot.caption
    assert "region" not in plot.caption
    assert calls.colour(1)[0] == GRADE_COLOURS[2]


def test_roc_has_a_panel_a_reader() -> None:
    points = ((0.0, 0.0), (0.2, 0.8), (1.0, 1.0))
    curves = tuple(
        RocCurve(m, r, points, ((1, 0.2, 0.8),), "AUC 0.80") for r in "1234" for m in ("MRM", "RIC")
    )
    plot = roc_figure(curves)
    assert _is_drawn(plot)
    assert "4 readers" in plot.alt


def test_grades_darken_and_series_differ_in_grey() -> None:
    lightness = [_luminance(c) for c in GRADE_COLOURS]
    assert all(a / b > 1.3 for a, b in pairwise(lightness))
    first, second = (_luminance(c) for c in SERIES_COLOURS[:2])
    # WCAG 2.2, 1.4.11: graphics stand out from white by 3:1
    assert all((1.05) / (c + 0.05) >= 3 for c in (first, second))


def test_names_are_short_and_plain() -> None:
    assert reader_name("RIC", "RIC") == "RIC"
    assert reader_name("MRM", "1") == "reader 1 (MRM)"
    assert reader_name("", "smith") == "smith"
    assert cut("abcdef", 4) == "abc\N{HORIZONTAL ELLIPSIS}"
    assert cut_middle("1.2.840.99999.17", 9) == "1.2\N{HORIZONTAL ELLIPSIS}99.17"
    assert cut_middle("short", 9) == "short"


def test_what_the_font_lacks_is_marked_or_numbered() -> None:
    assert drawable("M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller") == "M\u00fcller"
    name = "\N{CJK UNIFIED IDEOGRAPH-65E5}1"
    assert cut_middle(name, 9) == cut(name, 9) == "\N{REPLACEMENT CHARACTER}1"
    assert labels([name, "2"], 9).texts == ("R1", "R2")
    assert labels([name, "2"], 9).key == f" R1: {name}; R2: 2."
    assert _is_drawn(forest((ForestRow("$a$ \\frac", 0.5),), ForestAxis("x", 0, 1), "f", "c", "a"))


def test_labels_are_never_two_alike() -> None:
    assert labels(["reader 1", "reader 2"], 10).texts == ("reader 1", "reader 2")
    long = labels(["radiologist-alpha", "radiologist-beta"], 12)
    assert long.texts == ("R1", "R2")
    assert long.key == " R1: radiologist-alpha; R2: radiologist-beta."
