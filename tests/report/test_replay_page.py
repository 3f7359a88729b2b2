"""A replay as CSV, screen text, page and figures."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from myeloscope.accuracy.replay import PaperData, ReplayVerdict, replay
from myeloscope.domain.paper import TABLE_1, PaperReader
from myeloscope.report.replay_figures import calls_plots, replay_plots
from myeloscope.report.replay_page import replay_html
from myeloscope.report.replay_text import replay_csv, replay_lines, summary
from myeloscope.report.statistics_style import Plot

ROWS = replay()


@pytest.fixture(scope="module")
def plots() -> tuple[Plot, ...]:
    return replay_plots(PaperData())


def test_csv_has_the_columns_of_the_issue_and_every_row() -> None:
    text = replay_csv(ROWS)
    table = list(csv.DictReader(io.StringIO(text)))
    assert text.startswith("quantity,reader,printed,recomputed,verdict,reason\n")
    assert len(table) == len(ROWS)
    slips = {r["quantity"] for r in table if r["verdict"] == "inconsistent"}
    assert slips == {
        "accuracy, 95% CI upper", "positive in T", "case shown in a figure, Fig 3",
    }  # fmt: skip


@pytest.mark.parametrize("width", [40, 80, 100, 120])
def test_screen_text_stays_within_the_width_and_loses_nothing(width: int) -> None:
    lines = [line for line, _ in replay_lines(ROWS, width)]
    assert max(len(line) for line in lines) <= max(width, 72)
    squeezed = "".join("".join(lines).split())
    for row in ROWS:
        assert "".join(row.reason.split()) in squeezed
    assert "thesesameimages" in squeezed


def test_screen_lines_are_marked_by_verdict() -> None:
    kinds = {kind for _, kind in replay_lines(ROWS)}
    assert kinds == {"title", "head", "reason", "plain", *(str(v) for v in ReplayVerdict)}


def test_summary_counts_verdicts() -> None:
    assert summary(ROWS).startswith("73 printed figures and claims: 47 exact, 3 last digit, 4 inc")


def test_page_shows_every_row_and_escapes_the_source(plots: tuple[Plot, ...]) -> None:
    page = replay_html(ROWS, plots, "<mine>.csv", "0")
    assert "&lt;mine&gt;.csv" in page
    assert page.count("<tr>") >= len(ROWS)
    assert page.count("data:image/svg+xml;base64,") == len(plots)
    assert "these same images" in page
    assert "doi:10.1007/BF02295996" in page
    assert replay_html(ROWS, plots, "<mine>.csv", "0") == page


def test_page_without_slips_says_none(plots: tuple[Plot, ...]) -> None:
    exact = tuple(row for row in ROWS if row.verdict is ReplayVerdict.EXACT)
    assert "<p>None.</p>" in replay_html(exact, plots, "t", "0")


def test_figures_are_the_same_bytes_again(plots: tuple[Plot, ...]) -> None:
    assert [p.name for p in plots] == [
        "replay-calls", "replay-intervals", "replay-kappas", "replay-deficit",
    ]  # fmt: skip
    again = calls_plots(PaperData())[0]
    assert (again.svg, again.png) == (plots[0].svg, plots[0].png)


def test_undefined_kappa_is_drawn_as_such() -> None:
    healthy = tuple(p for p in TABLE_1 if not any(p.levels(r) for r in PaperReader))
    assert {p.name for p in replay_plots(PaperData(healthy))} >= {"replay-kappas"}


def test_the_docs_page_says_the_recomputed_numbers() -> None:
    page = (Path(__file__).parents[2] / "docs" / "replay.md").read_text(encoding="utf-8")
    said = set(re.findall(r"\d+\.\d{3,5}\b", page))
    text = " ".join(f"{row.recomputed} {row.printed} {row.reason}" for row in ROWS)
    found = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    stale = {
        number
        for number in said
        if not any(
            abs(value - float(number)) <= 0.5000001 * 10.0 ** -len(number.split(".")[1])
            for value in found
        )
    }
    # 0.062 is the Wald standard error of 26/30, which has no row of its own
    assert stale == {"0.062"}
    assert len(said) > 25
