"""The benchmark of the statistics measures, and can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import statistics
from benchmarks.statistics import Line
from myeloscope.exchange.reads import read_table


@pytest.mark.parametrize(("ours", "verdict"), [(0.001, "| yes |"), (0.1, "| NO |")])
def test_a_line_says_whether_the_goal_is_kept(ours: float, verdict: str) -> None:
    line = Line("work", "peer", 1.0, ours, 50)
    assert str(line).endswith(verdict)
    assert line.ratio == pytest.approx(1 / ours)


def test_the_loops_of_the_peers_run() -> None:
    by_sklearn, by_statsmodels = statistics.kappa_lines(40)
    assert by_sklearn.theirs_s > by_sklearn.ours_s
    assert by_statsmodels.theirs_s > 0


def test_growth_is_shown_per_size() -> None:
    lines = statistics.delong_growth((200, 400))
    assert [line.split(" ")[1] for line in lines] == ["200", "400"]


def test_the_table_has_five_readers_in_two_modalities(tmp_path: Path) -> None:
    statistics.write_table(tmp_path / "reads.csv", 30)
    reads = read_table(tmp_path / "reads.csv")
    assert len(reads.sources) == 10
    assert (reads.cases.grade >= 0).all()
    assert len(reads.names) == 30
