from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.stats.inter_rater import cohens_kappa

from myeloscope.accuracy import (
    Coefficient,
    Weights,
    agreement,
    marginal_homogeneity,
    pair_table,
    presence_indices,
    weight_matrix,
)
from myeloscope.accuracy.agreement import coefficient_values

SKIN = np.array([[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]])
TABLES = arrays(np.int64, (4, 4), elements=st.integers(0, 30)).filter(lambda t: t.sum() > 1)


def test_sas_skin_condition() -> None:
    # SAS/STAT PROC FREQ, example "Cohen's kappa": .3449 ASE .0724 (.2030, .4868), ASE0 .0612
    row = agreement(SKIN)
    assert (row.value, row.se) == pytest.approx((0.3449, 0.0724), abs=5e-5)
    assert (row.ci_low, row.ci_high) == pytest.approx((0.2030, 0.4868), abs=6e-5)
    assert row.se_null == pytest.approx(0.0612, abs=5e-5)


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_weighted_kappa_is_that_of_statsmodels(weights: str) -> None:
    peer = cohens_kappa(SKIN, wt={"linear": "linear", "quadratic": "fc"}[weights])
    row = agreement(SKIN, "cohen_kappa", weights)
    assert (row.value, row.se, row.se_null, row.test) == pytest.approx(
        (peer.kappa, peer.std_kappa, peer.std_kappa0, peer.z_value)
    )


def test_ordinal_weights_are_gwets() -> None:
    # Gwet 2014: 1 - C(d + 1, 2) / C(4, 2) = 1 - (0, 1, 3, 6) / 6
    assert weight_matrix(4, "ordinal")[0] == pytest.approx([1, 5 / 6, 1 / 2, 0])
    assert weight_matrix(4, "linear")[3] == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_pair_table_keeps_unused_grades_and_drops_missing() -> None:
    table = pair_table([0, 3, -1, 0], [0, 3, 1, -1], 4)
    assert table.shape == (4, 4)
    assert table.sum() == 2
    assert (table[0, 0], table[3, 3]) == (1, 1)
    with pytest.raises(ValueError, match="off the scale"):
        pair_table([4], [0], 4)
    with pytest.raises(ValueError, match="at least 2"):
        weight_matrix(1)
    with pytest.raises(ValueError, match="square"):
        agreement([[1, 2]])


def test_an_unused_grade_moves_linear_weights_only_by_the_scale() -> None:
    # STATISTICS: grades must keep their places; dropping the middle one would change the weights
    one, two = [0, 0, 3, 3, 1, 3], [0, 1, 3, 0, 1, 3]
    whole = agreement(pair_table(one, two, 4), "cohen_kappa", "linear").value
    packed = {0: 0, 1: 1, 3: 2}
    dropped = pair_table([packed[x] for x in one], [packed[x] for x in two], 3)
    assert whole != pytest.approx(agreement(dropped, "cohen_kappa", "linear").value)


def test_perfect_agreement_has_no_interval() -> None:
    row = agreement(np.diag([3, 0, 2, 4]))
    assert row.value == 1
    assert row.se == 0
    assert row.ci_low is None
    assert row.note == "interval undefined: perfect agreement, the standard error is 0"
    assert row.test is not None


def test_one_grade_only_says_so() -> None:
    table = np.zeros((4, 4), dtype=int)
    table[0, 0] = 9
    for kind in (Coefficient.COHEN, Coefficient.SCOTT, Coefficient.KRIPPENDORFF):
        assert agreement(table, kind).undefined == "both used one grade only"
    assert agreement(table, "gwet_ac").value == 1
    assert agreement(table, "bennett_s").value == 1
    assert agreement(np.zeros((2, 2))).undefined == "no case was read by both"


def test_one_reader_with_one_grade() -> None:
    row = agreement([[0, 0], [5, 5]])
    assert row.value == 0
    assert row.test is None
    assert "test undefined: one of the two used one grade only" in row.note


def test_one_case() -> None:
    row = agreement([[0, 1], [0, 0]], "gwet_ac")
    assert row.value is not None
    assert row.se is None
    assert row.note == "standard error and interval undefined: one case only"


def test_own_weights() -> None:
    weights = weight_matrix(4, "quadratic")
    row = agreement(SKIN, "cohen_kappa", weights)
    assert row.weights == "own"
    assert row.value == agreement(SKIN, "cohen_kappa", "quadratic").value


def test_presence_indices() -> None:
    # SAS paper 242-2009: kappa -.016, PABAK .9, PI .95, BI .03
    pabak, prevalence, bias = presence_indices([[95, 4], [1, 0]])
    assert (pabak.value, prevalence.value, bias.value) == pytest.approx((0.9, 0.95, 0.03))
    assert {row.undefined for row in presence_indices(np.zeros((2, 2)))} == {
        "no case was read by both"
    }
    with pytest.raises(ValueError, match="2 x 2"):
        presence_indices(SKIN)


@settings(deadline=None)
@given(TABLES, st.sampled_from(list(Coefficient)), st.sampled_from(list(Weights)))
def test_swapping_readers_changes_nothing(
    table: np.ndarray, kind: Coefficient, weights: Weights
) -> None:
    one, two = agreement(table, kind, weights), agreement(table.T, kind, weights)
    assert (one.value is None) == (two.value is None)
    if one.value is not None and two.value is not None:
        assert one.value == pytest.approx(two.value, abs=1e-9)
        assert one.se == pytest.approx(two.se, abs=1e-9)
        assert one.value <= 1 + 1e-9


@settings(deadline=None)
@given(TABLES, st.sampled_from(list(Coefficient)), st.sampled_from(list(Weights)))
def test_many_tables_at_once_give_the_same_values(
    table: np.ndarray, kind: Coefficient, weights: Weights
) -> None:
    (value,) = coefficient_values(table.reshape(1, 16).astype(float), kind, weights)
    expected = agreement(table, kind, weights).value
    assert (expected is None) == math.isnan(value)
    if expected is not None:
        assert value == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(TABLES)
def test_mirroring_the_scale_changes_nothing(table: np.ndarray) -> None:
    turned = table[::-1, ::-1]
    for weights in Weights:
        one, two = (agreement(t, "cohen_kappa", weights).value for t in (table, turned))
        assert one == pytest.approx(two, abs=1e-9)


def _simulated(p: np.ndarray, n: int, size: int) -> np.ndarray:
    return np.random.default_rng(4).multinomial(n, p.ravel(), size=size).reshape(size, 4, 4)


@pytest.mark.parametrize("kind", ["cohen_kappa", "gwet_ac", "krippendorff_alpha", "scott_pi"])
def test_intervals_cover(kind: str) -> None:
    p = SKIN / SKIN.sum()
    # alpha's small-sample term vanishes in the population: many copies of the table
    truth = agreement(SKIN * 10_000, kind, "linear").value
    rows = [agreement(table, kind, "linear") for table in _simulated(p, 200, 800)]
    covered = np.mean([row.ci_low <= truth <= row.ci_high for row in rows])  # type: ignore[operator]
    assert covered == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 800))


def test_type_1_error_of_kappa_and_of_the_marginal_tests() -> None:
    margin = np.array([0.5, 0.25, 0.15, 0.1])
    tables = _simulated(np.outer(margin, margin), 150, 800)
    rejected = np.mean([agreement(table).p < 0.05 for table in tables])  # type: ignore[operator]
    error = 3 * math.sqrt(0.95 * 0.05 / 800)
    assert rejected == pytest.approx(0.05, abs=error)
    both = [marginal_homogeneity(table) for table in tables]
    for index in (0, 1):
        share = np.mean([rows[index].p < 0.05 for rows in both])  # type: ignore[operator]
        assert share == pytest.approx(0.05, abs=error)
