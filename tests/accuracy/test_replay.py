"""The paper replayed: STATISTICS.md part 1 row by row, and what moves with another table."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myeloscope.accuracy.replay import (
    CAVEATS,
    PaperData,
    ReplayRow,
    ReplayVerdict,
    replay,
    verdict_counts,
)
from myeloscope.accuracy.replay_readers import landis_koch, rounded_error_limit
from myeloscope.accuracy.replay_verdict import interval_text, number_text, number_verdict, people
from myeloscope.domain.anatomy import Region
from myeloscope.domain.paper import (
    PRINTED,
    TABLE_1,
    ControlCounts,
    PaperPatient,
    Sex,
    Treatment,
)

ROWS = replay()
V = ReplayVerdict
R1, R2, RIC = "reader 1", "reader 2", "RIC"


def _find(quantity: str, reader: str, rows: tuple[ReplayRow, ...] = ROWS) -> ReplayRow:
    (row,) = [r for r in rows if (r.quantity, r.reader) == (quantity, reader)]
    return row


def _numbers(text: str) -> list[float]:
    return [float(x) for x in re.findall(r"(?<!\d)-?\d+(?:\.\d+)?", text)]


# STATISTICS.md part 1: quantity, reader, printed, recomputed, verdict.
PART_1 = [
    ("positive cases", R1, "13", [13], V.EXACT),
    ("positive cases", R2, "12", [12], V.EXACT),
    ("positive cases", RIC, "14", [14], V.EXACT),
    ("sensitivity", R1, "0.867", [0.86667], V.EXACT),
    ("sensitivity", R2, "0.800", [0.8], V.EXACT),
    ("sensitivity", RIC, "0.933", [0.93333], V.EXACT),
    ("specificity", R1, "0.867", [0.86667], V.EXACT),
    ("specificity", R2, "0.933", [0.93333], V.EXACT),
    ("specificity", RIC, "not available", [], V.NOT_DERIVABLE),
    ("accuracy", R1, "0.867", [0.86667], V.EXACT),
    ("accuracy", R2, "0.867", [0.86667], V.EXACT),
    ("sensitivity, 95% CI lower", R2, "0.598", [0.59758], V.EXACT),
    ("specificity, 95% CI lower", R2, "0.807", [0.80710], V.EXACT),
    ("sensitivity, 95% CI lower", RIC, "0.807", [0.80710], V.EXACT),
    ("sensitivity, 95% CI lower", R1, "0.694", [0.69464], V.LAST_DIGIT),
    ("specificity, 95% CI lower", R1, "0.694", [0.69464], V.LAST_DIGIT),
    ("sensitivity, 95% CI upper", R1, "1.000", [1], V.EXACT),
    ("accuracy, 95% CI lower", R1, "0.745", [0.74502], V.EXACT),
    ("accuracy, 95% CI upper", R1, "1.000", [0.98831], V.INCONSISTENT),
    ("accuracy, 95% CI upper", R2, "1.000", [0.98831], V.INCONSISTENT),
    ("kappa, presence of a leak", "reader 1 vs RIC", "0.634", [0.63415], V.EXACT),
    ("kappa, presence of a leak", "reader 2 vs RIC", "0.444", [0.44444], V.EXACT),
    ("kappa, presence of a leak", "reader 1 vs reader 2", "0.867", [0.86667], V.EXACT),
    ("positive in T", R1, "7", [8], V.INCONSISTENT),
    ("positive in T", R2, "8", [8], V.EXACT),
    ("positive in T", RIC, "11", [11], V.EXACT),
    ("positive in L", R1, "6", [6], V.EXACT),
    ("positive in L", R2, "7", [7], V.EXACT),
    ("positive in L", RIC, "4", [4], V.EXACT),
    ("positive in C", R1, "", [3], V.NOT_PRINTED),
    ("positive in C", R2, "", [2], V.NOT_PRINTED),
    ("positive in C", RIC, "", [4], V.NOT_PRINTED),
    ("cases with multiple sites", R1, "all", [4, 13], V.SUSPECT),
    ("cases with multiple sites", R2, "all", [5, 12], V.SUSPECT),
    ("cases with multiple sites", RIC, "all", [5, 14], V.SUSPECT),
    ("most frequent levels", R1, "T, then L", [8, 6, 3], V.EXACT),
    ("most frequent levels", R2, "T, then L", [8, 7, 2], V.EXACT),
    ("most frequent levels", RIC, "T, then L", [11, 4, 4], V.PLAUSIBLE),
    ("treated by EBP", "patients", "13", [13], V.EXACT),
    ("EBP more than once", "patients", "7", [7], V.EXACT),
    ("treated conservatively only", "patients", "2", [2], V.EXACT),
    ("epidural blood patches, all", "patients", "", [24], V.NOT_PRINTED),
    ("age, mean (years)", "patients", "37.6", [37.53333], V.LAST_DIGIT),
    ("age, median (years)", "patients", "", [40], V.NOT_PRINTED),
    ("age, youngest (years)", "patients", "17", [17], V.EXACT),
    ("age, oldest (years)", "patients", "53", [53], V.EXACT),
    ("men", "patients", "5", [5], V.EXACT),
    ("women", "patients", "10", [10], V.EXACT),
    ("men : women", "controls", "2:1", [10, 5], V.SUSPECT),
    ("age, mean (years)", "controls", "37.3", [], V.NOT_DERIVABLE),
    ("MRM first / RIC first", "patients", "7/8", [7, 8, 15], V.PLAUSIBLE),
    ("acquisition time (s)", "MRM", "144", [144], V.PLAUSIBLE),
    ("activity of the tracer (MBq)", RIC, "185-259", [185, 259], V.EXACT),
    ("acquisition time of a station (s)", "MRM", "72", [9, 8], V.PLAUSIBLE),
    ("MRM comparable to RIC", R1, "comparable", [-0.067, -0.298, 0.151], V.NOT_DERIVABLE),
    ("MRM comparable to RIC", R2, "comparable", [-0.133, -0.379, 0.098], V.NOT_DERIVABLE),
    ("grades 0-3 by case and level", "all readers", "", [], V.NOT_DERIVABLE),
    ("kappa, SE", "reader 1 vs RIC", "", [0.32894], V.NOT_PRINTED),
    ("kappa, 95% CI", "reader 1 vs RIC", "", [-0.01057, 1], V.NOT_PRINTED),
    ("kappa, 95% CI", "reader 2 vs RIC", "", [-0.15154, 1], V.NOT_PRINTED),
    ("kappa, 95% CI", "reader 1 vs reader 2", "", [0.68974, 1], V.NOT_PRINTED),
    ("kappa, patients only", "reader 1 vs reader 2", "", [0.7619], V.NOT_PRINTED),
    ("kappa, controls only", "reader 1 vs reader 2", "", [0.63415], V.NOT_PRINTED),
    ("PABAK", "reader 2 vs RIC", "", [0.73333], V.NOT_PRINTED),
    ("AC1", "reader 1 vs RIC", "", [0.91870], V.NOT_PRINTED),
    ("AC1", "reader 2 vs RIC", "", [0.82659], V.NOT_PRINTED),
    ("McNemar exact p", "reader 1 vs RIC", "", [1], V.NOT_PRINTED),
    ("McNemar exact p", "reader 2 vs RIC", "", [0.5], V.NOT_PRINTED),
    ("identical level sets", "reader 1 vs reader 2", "", [11, 15], V.NOT_PRINTED),
    ("identical level sets", "reader 1 vs RIC", "", [5, 15], V.NOT_PRINTED),
    ("identical level sets", "reader 2 vs RIC", "", [6, 15], V.NOT_PRINTED),
    ("T: RIC levels found", "reader 1 vs RIC", "", [8, 11], V.NOT_PRINTED),
    ("C: RIC levels found", "reader 2 vs RIC", "", [1, 4], V.NOT_PRINTED),
    ("L: RIC levels found", "reader 2 vs RIC", "", [4, 4], V.NOT_PRINTED),
    ("positive likelihood ratio", R1, "", [6.5], V.NOT_PRINTED),
    ("positive likelihood ratio", R2, "", [12], V.NOT_PRINTED),
    ("diagnostic odds ratio", R1, "", [42.25], V.NOT_PRINTED),
    ("diagnostic odds ratio", R2, "", [56], V.NOT_PRINTED),
    ("AUC of the calls", R1, "", [0.86667], V.NOT_PRINTED),
    ("AUC of the calls", "either reader", "", [0.86667], V.NOT_PRINTED),
]


@pytest.mark.parametrize(("quantity", "reader", "printed", "recomputed", "verdict"), PART_1)
def test_part_1_row_by_row(
    quantity: str, reader: str, printed: str, recomputed: list[float], verdict: ReplayVerdict
) -> None:
    row = _find(quantity, reader)
    assert (row.printed, row.verdict) == (printed, verdict)
    found = _numbers(row.recomputed)
    if len(recomputed) == 1:
        found = found[:1]
    assert found == pytest.approx(recomputed, abs=6e-6)


@pytest.mark.parametrize(
    ("quantity", "reader", "limits"),
    [  # STATISTICS.md part 1: statsmodels = R binom
        ("sensitivity, 95% CI Wilson", R1, (0.621, 0.963)),
        ("sensitivity, 95% CI Wilson", R2, (0.548, 0.930)),
        ("sensitivity, 95% CI Wilson", RIC, (0.702, 0.988)),
        ("accuracy, 95% CI Wilson", R1, (0.703, 0.947)),
        ("sensitivity, 95% CI Clopper-Pearson", R1, (0.595, 0.983)),
        ("specificity, 95% CI Clopper-Pearson", R2, (0.681, 0.998)),
        ("accuracy, 95% CI Clopper-Pearson", R2, (0.693, 0.962)),
    ],
)
def test_intervals_not_printed(quantity: str, reader: str, limits: tuple[float, float]) -> None:
    assert _numbers(_find(quantity, reader).recomputed) == pytest.approx(limits, abs=6e-4)


@pytest.mark.parametrize(
    ("quantity", "reader", "words"),
    [
        ("sensitivity, 95% CI lower", R1, "all the other lower limits too"),
        ("accuracy, 95% CI upper", R1, "should be 0.988"),
        ("kappa, presence of a leak", "reader 1 vs reader 2", "1 shared: 0.867, 0 shared: 0.733"),
        ("kappa, presence of a leak", "reader 1 vs RIC", "[[1, 1], [0, 13]]"),
        ("positive in T", R1, "1, 2, 7, 8, 9, 11, 12, 15"),
        ("cases with multiple sites", RIC, "a single level by all three: patients 4, 7, 8, 10"),
        ("men : women", "controls", "Fisher p 0.143"),
        ("acquisition time of a station (s)", "MRM", "2 shots of 8 s: 4 averages and 1 more"),
        ("MRM comparable to RIC", R1, "a deficit of 30 points is not excluded"),
        ("MRM comparable to RIC", R2, "a deficit of 38 points is not excluded"),
        ("kappa, 95% CI", "reader 1 vs RIC", "includes 0"),
        ("kappa over 45 patient-levels (cluster 95% CI)", "reader 1 vs reader 2", "SE 0.130"),
        ("kappa over 45 patient-levels (cluster 95% CI)", "reader 1 vs RIC", "SE 0.078"),
        ("kappa over 45 patient-levels (cluster 95% CI)", "reader 2 vs RIC", "0.128 if"),
        ("z behind the printed lower limit 0.694", R1, "no single z"),
    ],
)
def test_reasons_give_the_numbers_of_part_1(quantity: str, reader: str, words: str) -> None:
    assert words in _find(quantity, reader).reason


def test_pictured_patients() -> None:
    eight, eleven = [row for row in ROWS if row.quantity.startswith("case shown")]
    assert (eight.verdict, eleven.verdict) == (V.EXACT, V.INCONSISTENT)
    assert "patient 11: reader 1 T, reader 2 T/L, RIC C/T" in eleven.recomputed
    assert "RIC would have L 5 times, not 4" in eleven.reason


def test_every_printed_figure_of_the_paper_is_replayed() -> None:
    shown = {(row.quantity, row.printed) for row in ROWS}
    assert {(str(f.quantity), f.text) for f in PRINTED} <= shown


def test_no_row_stands_twice_and_each_has_a_reason_or_is_added() -> None:
    keys = [(row.section, row.quantity, row.reader) for row in ROWS]
    assert len(keys) == len(set(keys))
    assert all(row.reason for row in ROWS)
    assert all((row.verdict is V.NOT_PRINTED) <= (not row.printed) for row in ROWS)


def test_the_slips_are_these_and_no_others() -> None:
    counts = verdict_counts(ROWS)
    # part 1: three last digits, the two accuracy limits, thoracic count, Fig 3; sex and sites
    assert (counts[V.LAST_DIGIT], counts[V.INCONSISTENT], counts[V.SUSPECT]) == (3, 4, 4)


def test_it_says_that_the_criteria_were_made_on_these_images() -> None:
    assert "these same images" in CAVEATS[0]


def test_the_recipe_behind_the_lower_limits() -> None:
    # STATISTICS.md part 1: SE rounded to 3 places, x 1.96, cut to 3 places gives all four
    found = [rounded_error_limit(x, n) for x, n in ((13, 15), (12, 15), (14, 15), (26, 30))]
    assert found == [0.694, 0.598, 0.807, 0.745]


@pytest.mark.parametrize(
    ("printed", "value", "verdict"),
    [
        ("0.867", 13 / 15, V.EXACT),
        ("0.694", 0.69464, V.LAST_DIGIT),
        ("0.695", 0.69464, V.EXACT),
        ("0.696", 0.69464, V.LAST_DIGIT),
        ("0.697", 0.69464, V.INCONSISTENT),
        ("37.6", 563 / 15, V.LAST_DIGIT),
        ("0.5", 0.45, V.EXACT),
        ("0.4", 0.45, V.EXACT),
        ("7", 8, V.INCONSISTENT),
        ("8", 8, V.EXACT),
        ("0.634", None, V.INCONSISTENT),
    ],
)
def test_number_verdict(printed: str, value: float | None, verdict: ReplayVerdict) -> None:
    assert number_verdict(printed, value) is verdict


@pytest.mark.parametrize(
    ("kappa", "word"),
    [(None, "undefined"), (-0.1, "poor"), (0.0, "slight"), (0.21, "fair"), (0.444, "moderate"),
     (0.634, "substantial"), (0.867, "almost perfect")],
)  # fmt: skip
def test_landis_koch(kappa: float | None, word: str) -> None:
    assert landis_koch(kappa) == word


def test_texts() -> None:
    assert (number_text(8), number_text(0.5), number_text(None)) == ("8", "0.50000", "undefined")
    assert interval_text(0.1, None) == "undefined"
    assert (people(()), people((6,)), people((3, 6))) == (
        "no patient", "patient 6", "patients 3, 6",
    )  # fmt: skip


def _changed(patient: int, **values: object) -> PaperData:
    return PaperData(
        tuple(
            replace(p, **values) if p.patient == patient else p  # type: ignore[arg-type]
            for p in TABLE_1
        )
    )


def test_another_call_moves_every_figure_that_rests_on_it() -> None:
    rows = replay(_changed(8, reader1=()))
    assert _find("positive in T", R1, rows).verdict is V.EXACT
    assert _find("positive in T", R1, rows).recomputed == "7"
    for quantity in ("sensitivity", "sensitivity, 95% CI lower", "accuracy", "positive cases"):
        assert _find(quantity, R1, rows).verdict is V.INCONSISTENT
        assert _find(quantity, R2, rows) == _find(quantity, R2)
    for pair in ("reader 1 vs RIC", "reader 1 vs reader 2"):
        assert _find("kappa, presence of a leak", pair, rows).verdict is V.INCONSISTENT
    assert _find("kappa in words", "reader 1 vs RIC", rows).verdict is V.INCONSISTENT
    assert next(r for r in rows if r.quantity.endswith("Fig 2A, B")).verdict is V.INCONSISTENT
    shared = _find("control called grade 1 by both readers", "reader 1 vs reader 2", rows)
    assert shared.verdict is V.INCONSISTENT


def test_a_table_with_the_captions_calls_makes_figure_3_exact() -> None:
    both = (Region.THORACIC, Region.LUMBAR)
    rows = replay(_changed(11, reader1=both, ric=both))
    assert next(r for r in rows if r.quantity.endswith("Fig 3")).verdict is V.EXACT
    assert _find("positive in L", RIC, rows).verdict is V.INCONSISTENT


def test_other_ages_and_sexes_move_theirs() -> None:
    rows = replay(_changed(1, age=43, sex=Sex.MALE))
    assert _find("age, mean (years)", "patients", rows).verdict is V.EXACT
    assert _find("men", "patients", rows).recomputed == "6"
    assert _find("men : women", "controls", rows).verdict is V.PLAUSIBLE


def test_controls_that_cannot_be_split_as_printed() -> None:
    rows = replay(PaperData(controls=ControlCounts(14, 2, 1, 1)))
    assert _find("men : women", "controls", rows).verdict is V.INCONSISTENT
    assert _find("number of cases", "controls", rows).verdict is V.INCONSISTENT


def test_the_paradox_is_told_in_the_right_direction() -> None:
    healthy = tuple(replace(p, reader1=(), reader2=(), ric=()) for p in TABLE_1[:13])
    rows = replay(PaperData(healthy + TABLE_1[13:]))
    assert "nearly all are negative" in _find("AC1", "reader 1 vs RIC", rows).reason
    assert "nearly all are positive" in _find("AC1", "reader 1 vs RIC").reason


def test_a_table_without_the_pictured_patients() -> None:
    rows = replay(PaperData(TABLE_1[:2]))
    assert all(r.verdict is V.INCONSISTENT for r in rows if r.quantity.startswith("case shown"))
    assert _find("MRM first / RIC first", "patients", rows).verdict is V.INCONSISTENT


def test_mrm_as_good_as_ric_in_many_patients_makes_the_claim_plausible() -> None:
    calls = (Region.THORACIC,)
    patients = tuple(
        PaperPatient(i + 1, 40, Sex.FEMALE, calls, calls, calls, Treatment.EBP, 1)
        for i in range(60)
    )
    rows = replay(PaperData(patients))
    assert _find("MRM comparable to RIC", R1, rows).verdict is V.PLAUSIBLE
    assert _find("cases with multiple sites", R1, rows).recomputed == "0/60"


levels = st.lists(st.sampled_from(Region), unique=True, max_size=3).map(
    lambda found: tuple(r for r in Region if r in found)
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(levels, levels, levels), min_size=1, max_size=6))
def test_any_table_is_replayed_and_undefined_is_said(
    calls: list[tuple[tuple[Region, ...], ...]],
) -> None:
    patients = tuple(
        PaperPatient(i + 1, 30 + i, Sex.MALE, a, b, c, Treatment.CONSERVATIVE, 0)
        for i, (a, b, c) in enumerate(calls)
    )
    rows = replay(PaperData(patients))
    assert len(rows) >= len(PRINTED)
    assert not any("nan" in row.recomputed or "None" in row.reason for row in rows)
