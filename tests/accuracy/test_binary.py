from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myeloscope.accuracy import (
    Counts,
    Statistic,
    binary_accuracy,
    likelihood_ratios,
    predictive_values,
    proportion,
    youden,
)

PAPER = Counts(tp=13, fn=2, fp=2, tn=13)


def _one(rows: tuple[Statistic, ...], statistic: str, method: str) -> Statistic:
    (row,) = (row for row in rows if (row.statistic, row.method) == (statistic, method))
    return row


def test_paper_reader_1() -> None:
    # STATISTICS part 1: 13/15, Wald from .69464 (unclipped), Wilson .621-.963; accuracy 26/30
    rows = binary_accuracy(PAPER)
    wald = _one(rows, "sensitivity", "wald")
    assert wald.value == pytest.approx(13 / 15)
    assert wald.ci_low == pytest.approx(0.69464, abs=5e-6)
    wilson = _one(rows, "specificity", "wilson")
    assert (wilson.ci_low, wilson.ci_high) == pytest.approx((0.621, 0.963), abs=5e-4)
    assert _one(rows, "accuracy", "wald").ci_high == pytest.approx(0.98831, abs=5e-6)
    assert len(rows) == 3 * 6 + 3 + 6


def test_youden_adds_exact_limits_and_squares_the_others() -> None:
    rows = youden(PAPER)
    # epiR 2.0.57 epi.tests: .190794606793256 .966848173119833
    exact = _one(rows, "youden", "clopper-pearson")
    assert (exact.ci_low, exact.ci_high) == pytest.approx((0.190794606793256, 0.966848173119833))
    wald = _one(rows, "youden", "wald")
    error = math.sqrt(2 * 13 * 2 / 15**3)
    assert wald.se == pytest.approx(error)
    assert wald.ci_low == pytest.approx(11 / 15 - 1.959963984540054 * error)
    assert _one(youden(Counts(15, 0, 1, 14)), "youden", "wald").ci_high > 1  # type: ignore[operator]
    assert _one(youden(Counts(15, 0, 1, 14)), "youden", "wald-clipped").ci_high == 1


def test_newcombe_square_and_add() -> None:
    # Newcombe, Stat Med 1998;17:873, table II, method 10: 56/70 - 48/80 = .2 (.0524, .3339);
    # specificity is 1 - 48/80
    row = _one(youden(Counts(56, 14, 48, 32)), "youden", "wilson")
    assert (row.ci_low, row.ci_high) == pytest.approx((0.0524, 0.3339), abs=6e-5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(5, 0, 0, 5), (None, 0.0, None)),
        (Counts(0, 5, 2, 3), (0.0, 5 / 3, 0.0)),
        (Counts(5, 0, 5, 0), (1.0, None, None)),
        (Counts(0, 0, 2, 3), (None, None, None)),
        (Counts(2, 3, 0, 0), (None, None, None)),
    ],
)
def test_ratios_at_the_edges(counts: Counts, expected: tuple[float | None, ...]) -> None:
    rows = likelihood_ratios(counts)
    assert [row.value for row in rows] == pytest.approx(list(expected))
    for row in rows:
        if row.value is None:
            assert row.note.startswith("undefined: ")
        elif row.value == 0:
            assert row.ci_low is None
            assert row.note.startswith("interval undefined")
        else:
            assert row.ci_low is not None


def test_one_class_absent() -> None:
    rows = binary_accuracy(Counts(3, 1, 0, 0))
    absent = [row for row in rows if row.statistic in ("specificity", "youden", "lr_positive")]
    assert len(absent) == 13
    assert {row.undefined for row in absent} == {"no case without the condition was read"}
    assert _one(rows, "sensitivity", "wilson").value == 0.75
    assert {row.undefined for row in proportion("accuracy", 0, 0)} == {"nothing was read"}


def test_predictive_values_at_the_sample_prevalence_are_the_columns() -> None:
    counts = Counts(30, 10, 6, 54)
    ppv, npv = predictive_values(counts, 0.4)
    assert (ppv.value, npv.value) == pytest.approx((30 / 36, 54 / 64))
    # Mercaldo 2007, eq. 8: logit interval, by hand
    spread = math.sqrt((10 / 40) / 30 + (54 / 60) / 6)
    middle = math.log((30 / 36) / (6 / 36))
    assert ppv.ci_low == pytest.approx(1 / (1 + math.exp(-(middle - 1.959963984540054 * spread))))
    assert ppv.note == "at prevalence 0.4"
    assert npv.note == "at prevalence 0.4"


def test_predictive_values_at_the_edges() -> None:
    ppv, npv = predictive_values(Counts(10, 2, 0, 9), 0.1)
    assert ppv.value == 1
    assert ppv.ci_low is None
    assert "interval undefined" in ppv.note
    assert npv.ci_low is not None
    never, _ = predictive_values(Counts(0, 2, 0, 9), 0.1)
    assert never.undefined == "no such call was made"
    nobody, _ = predictive_values(Counts(0, 0, 0, 9), 0.1)
    assert nobody.undefined == "no case with the condition was read"
    with pytest.raises(ValueError, match="prevalence"):
        predictive_values(PAPER, 1.0)


@settings(deadline=None)
@given(*[st.integers(0, 60)] * 4)
def test_no_figure_is_a_nan(tp: int, fn: int, fp: int, tn: int) -> None:
    counts = Counts(tp, fn, fp, tn)
    for row in (*binary_accuracy(counts), *predictive_values(counts, 0.3)):
        numbers = (row.value, row.se, row.ci_low, row.ci_high)
        assert all(number is None or math.isfinite(number) for number in numbers)
        assert (row.value is None) == row.note.startswith("undefined: ")
        if row.ci_low is not None and row.method not in ("jeffreys", "agresti-coull"):
            assert row.ci_low <= row.value + 1e-12 <= row.ci_high + 2e-12  # type: ignore[operator]


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        Counts(1, -1, 0, 0)
