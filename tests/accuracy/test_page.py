"""The examples of docs/statistics.md do what they say, and no figure lacks one."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

from myeloscope.accuracy import Grid, Reads, Resampling, Source, StudySettings, analyse
from myeloscope.accuracy.reads import case_grid

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")


def _run(text: str) -> doctest.TestResults:
    plain = re.sub(r"^```.*$", "", text, flags=re.MULTILINE)
    test = doctest.DocTestParser().get_doctest(plain, {}, "statistics.md", None, 0)
    said: list[str] = []
    results = doctest.DocTestRunner().run(test, out=said.append)
    assert results.failed == 0, "".join(said)
    return results


def test_examples() -> None:
    assert _run(PAGE).attempted > 40


def test_a_wrong_example_is_seen() -> None:
    with pytest.raises(AssertionError, match="Expected"):
        _run("```python\n>>> 1 + 1\n3\n```\n")


def test_every_figure_and_method_is_named() -> None:
    grade = np.array([0, 2, 0, 0, -1, 0], dtype=np.int8)[:, None].repeat(2, axis=1)
    levels = Grid(
        np.array([0, 1, 0, 0, 0, 0], np.int8), grade, np.ones((6, 2), bool), np.repeat([0, 1], 3)
    )
    cases = case_grid(levels, np.array([1, 0], np.int8))
    reads = Reads(("a", "b"), (Source("M", "1"), Source("M", "2")), cases, levels)
    rows = analyse(reads, StudySettings(prevalence=0.1, resampling=Resampling(40), worst_case=True))
    words = {row.statistic for row in rows} | {row.method for row in rows} - {""}
    words |= {row.weights for row in rows} - {""}
    assert [word for word in sorted(words) if f"`{word}`" not in PAGE] == []
