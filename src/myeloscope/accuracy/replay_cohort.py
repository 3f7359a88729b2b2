"""Replay of who was studied, how they were treated and imaged, and who is pictured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import mean, median

import numpy as np
from scipy import stats

from myeloscope.accuracy.replay_data import PaperData, letters
from myeloscope.accuracy.replay_verdict import (
    ReplayRow,
    ReplayVerdict,
    claim_verdict,
    number_text,
    number_verdict,
    people,
)
from myeloscope.domain.anatomy import Region
from myeloscope.domain.paper import (
    ACQUISITION,
    CONTROL_GROUP,
    FIGURE_CASES,
    MBQ_PER_MCI,
    PATIENTS,
    PRINTED,
    FigureCase,
    PaperFigure,
    PaperPatient,
    PaperQuantity,
    PaperReader,
    Sex,
    Treatment,
)

SECTION = "Patients, treatment and acquisition"
PICTURES = "Cases pictured"
_Q = PaperQuantity
_NO_CONTROL_TABLE = "the paper lists no controls one by one"


def cohort_rows(data: PaperData) -> tuple[ReplayRow, ...]:
    """Return the rows on patients, controls, treatment and acquisition, in the paper's order."""
    rows = []
    for figure in PRINTED:
        if figure.quantity in _COUNTS and figure.reader == PATIENTS:
            rows.append(_patient_row(data, figure))
        elif figure.quantity in _CLAIMS:
            rows.append(_CLAIMS[figure.quantity](data, figure))
        elif figure.reader == CONTROL_GROUP and figure.quantity in _CONTROL_AGES:
            rows.append(_row(figure, "", ReplayVerdict.NOT_DERIVABLE, _NO_CONTROL_TABLE))
    return (*rows, *_added(data))


def _row(figure: PaperFigure, recomputed: str, verdict: ReplayVerdict, reason: str) -> ReplayRow:
    return ReplayRow(
        SECTION, figure.quantity, figure.reader, figure.text, recomputed, verdict, reason
    )


def _where(data: PaperData, test: Callable[[PaperPatient], bool]) -> tuple[int, ...]:
    return tuple(p.patient for p in data.patients if test(p))


def _ages(data: PaperData) -> tuple[int, ...]:
    return tuple(p.age for p in data.patients)


def _mean_age(data: PaperData) -> tuple[float, str]:
    ages = _ages(data)
    return mean(ages), f"sum of ages {sum(ages)} / {len(ages)}"


def _counted(test: Callable[[PaperPatient], bool]) -> Callable[[PaperData], tuple[float, str]]:
    """Return a count of patients together with their numbers."""

    def count(data: PaperData) -> tuple[float, str]:
        found = _where(data, test)
        return len(found), f"Table 1: {people(found)}"

    return count


def _patients(data: PaperData) -> tuple[float, str]:
    return len(data.patients), "rows of Table 1"


def _youngest(data: PaperData) -> tuple[float, str]:
    youngest = min(_ages(data))
    return youngest, f"Table 1: {people(_where(data, lambda p: p.age == youngest))}"


def _oldest(data: PaperData) -> tuple[float, str]:
    oldest = max(_ages(data))
    return oldest, f"Table 1: {people(_where(data, lambda p: p.age == oldest))}"


_COUNTS: Mapping[PaperQuantity, Callable[[PaperData], tuple[float, str]]] = {
    _Q.PATIENTS: _patients,
    _Q.AGE_MEAN: _mean_age,
    _Q.AGE_MIN: _youngest,
    _Q.AGE_MAX: _oldest,
    _Q.MEN: _counted(lambda p: p.sex is Sex.MALE),
    _Q.WOMEN: _counted(lambda p: p.sex is Sex.FEMALE),
    _Q.EBP_TREATED: _counted(lambda p: p.treatment is Treatment.EBP),
    _Q.EBP_REPEATED: _counted(lambda p: p.ebp_count > 1),
    _Q.EBP_NONE: _counted(lambda p: p.treatment is Treatment.CONSERVATIVE),
}
_CONTROL_AGES = (_Q.AGE_MEAN, _Q.AGE_MIN, _Q.AGE_MAX)


def _patient_row(data: PaperData, figure: PaperFigure) -> ReplayRow:
    """Hold a printed number of the patients against Table 1."""
    value, reason = _COUNTS[figure.quantity](data)
    verdict = number_verdict(figure.text, value)
    if verdict is ReplayVerdict.LAST_DIGIT:
        decimals = len(figure.text.partition(".")[2])
        reason += f": rounds to {value:.{decimals}f}"
    return _row(figure, number_text(value), verdict, reason)


def _control_count(data: PaperData, figure: PaperFigure) -> ReplayRow:
    """Return the row on the number of controls."""
    verdict = number_verdict(figure.text, data.controls.n)
    return _row(figure, str(data.controls.n), verdict, "denominator of the specificities")


def _sex_ratio(data: PaperData, figure: PaperFigure) -> ReplayRow:
    """Hold the controls' sex ratio against the patients': a mirrored ratio is suspect."""
    left, right = (int(part) for part in figure.text.split(":"))
    n = data.controls.n
    if n % (left + right):
        reason = f"{n} controls cannot be split {figure.text}"
        return _row(figure, "", ReplayVerdict.INCONSISTENT, reason)
    men, women = n * left // (left + right), n * right // (left + right)
    own = (len(_where(data, lambda p: p.sex is Sex.MALE)), len(data.patients))
    own_men, own_women = own[0], own[1] - own[0]
    p = float(stats.fisher_exact(np.array([[own_men, own_women], [men, women]])).pvalue)
    mirrored = own_men * men == own_women * women and own_men != own_women
    reason = f"{men} men and {women} women; the patients are {own_men} and {own_women}"
    reason += f" (Fisher p {p:.3f})"
    if mirrored:
        reason += (
            "; the ratio is the patients' mirror image and both pictured controls are women: "
            "perhaps swapped, undecidable"
        )
    verdict = ReplayVerdict.SUSPECT if mirrored else ReplayVerdict.PLAUSIBLE
    return _row(figure, f"{men} men, {women} women", verdict, reason)


def _order(data: PaperData, figure: PaperFigure) -> ReplayRow:
    """Hold the order of the two studies against the number of patients."""
    first, second = (int(part) for part in figure.text.split("/"))
    fits = first + second == len(data.patients)
    verdict = ReplayVerdict.PLAUSIBLE if fits else ReplayVerdict.INCONSISTENT
    reason = f"the sum {first + second} is {'' if fits else 'not '}the number of patients"
    return _row(figure, f"{first} + {second} = {first + second}", verdict, reason)


def _station(_: PaperData, figure: PaperFigure) -> ReplayRow:
    """Hold a station's duration against the repetition time."""
    tr_s = ACQUISITION.tr_ms / 1000
    shots = ACQUISITION.phase_lines // ACQUISITION.echo_train
    cycles = float(figure.text) / tr_s
    averages, rest = divmod(round(cycles), shots)
    whole = cycles.is_integer()
    verdict = ReplayVerdict.PLAUSIBLE if whole else ReplayVerdict.INCONSISTENT
    reason = (
        f"{ACQUISITION.phase_lines} lines / factor {ACQUISITION.echo_train} = {shots} shots of "
        f"{tr_s:g} s: {averages} averages and {rest} more excitation fit"
    )
    return _row(figure, f"{cycles:g} repetitions of {tr_s:g} s", verdict, reason)


def _acquisition(_: PaperData, figure: PaperFigure) -> ReplayRow:
    """Hold the whole duration against that of the stations."""
    total = ACQUISITION.stations * ACQUISITION.station_s
    agrees = number_verdict(figure.text, total) is ReplayVerdict.EXACT
    verdict = ReplayVerdict.PLAUSIBLE if agrees else ReplayVerdict.INCONSISTENT
    reason = f"{ACQUISITION.stations} stations of {ACQUISITION.station_s} s, without pauses"
    return _row(figure, str(total), verdict, reason)


def _activity(_: PaperData, figure: PaperFigure) -> ReplayRow:
    """Hold the tracer's activity in MBq against that in mCi."""
    low, high = (dose * MBQ_PER_MCI for dose in ACQUISITION.activity_mci)
    verdict = claim_verdict(figure.text == f"{low}-{high}")
    lowest, highest = ACQUISITION.activity_mci
    reason = f"{lowest}-{highest} mCi of {MBQ_PER_MCI} MBq each"
    return _row(figure, f"{low}-{high}", verdict, reason)


def _text_only(reason: str) -> Callable[[PaperData, PaperFigure], ReplayRow]:
    """Return the row of a figure that stands in the text alone."""

    def row(_: PaperData, figure: PaperFigure) -> ReplayRow:
        return _row(figure, "", ReplayVerdict.NOT_DERIVABLE, reason)

    return row


_CLAIMS: Mapping[PaperQuantity, Callable[[PaperData, PaperFigure], ReplayRow]] = {
    _Q.PATIENTS: _control_count,
    _Q.SEX_RATIO: _sex_ratio,
    _Q.ORDER_OF_STUDIES: _order,
    _Q.INTERVAL: _text_only("no days are given for single patients"),
    _Q.STATION: _station,
    _Q.ACQUISITION: _acquisition,
    _Q.ACTIVITY: _activity,
    _Q.IMPROVED: _text_only("outcome is told in the text only, not by patient"),
    _Q.FOLLOW_UP: _text_only("follow-up is told in the text only, not by patient"),
}


def _added(data: PaperData) -> tuple[ReplayRow, ...]:
    """Return what Table 1 gives and the paper does not print."""
    ages, patches = _ages(data), sum(p.ebp_count for p in data.patients)
    found = (
        ("age, median (years)", number_text(median(ages)), "from Table 1"),
        ("epidural blood patches, all", str(patches), "sum of Table 1's last column"),
    )
    return tuple(
        ReplayRow(SECTION, quantity, PATIENTS, "", value, ReplayVerdict.NOT_PRINTED, reason)
        for quantity, value, reason in found
    )


def picture_rows(data: PaperData) -> tuple[ReplayRow, ...]:
    """Hold the captions of pictured patients against Table 1."""
    return tuple(_picture(data, case) for case in FIGURE_CASES)


def _picture(data: PaperData, case: FigureCase) -> ReplayRow:
    """Find the pictured patient by age and sex and compare the levels."""
    printed = f"{case.age} {case.sex}: MRM {letters(case.mrm)}, RIC {letters(case.ric)}"
    quantity = f"{_Q.FIGURE_CASE}, {case.figure}"
    same = [p for p in data.patients if (p.age, p.sex) == (case.age, case.sex)]
    if not same:
        reason = "no patient of Table 1 has this age and sex"
        return _pictured(quantity, printed, "", ReplayVerdict.INCONSISTENT, reason)
    agreeing = [p for p in same if _agrees(p, case)]
    patient = (agreeing or same)[0]
    found = ", ".join(f"{r} {letters(patient.levels(r))}" for r in PaperReader)
    reason = f"{people(tuple(p.patient for p in same))} of Table 1 by age and sex"
    if not agreeing:
        reason += f"; {_differences(data, patient, case)}"
    verdict = claim_verdict(bool(agreeing))
    return _pictured(quantity, printed, f"patient {patient.patient}: {found}", verdict, reason)


def _pictured(
    quantity: str, printed: str, recomputed: str, verdict: ReplayVerdict, reason: str
) -> ReplayRow:
    return ReplayRow(PICTURES, quantity, "all readers", printed, recomputed, verdict, reason)


def _agrees(patient: PaperPatient, case: FigureCase) -> bool:
    """Return whether all three calls of a patient are those of the caption."""
    return patient.ric == case.ric and case.mrm == patient.reader1 == patient.reader2


def _differences(data: PaperData, patient: PaperPatient, case: FigureCase) -> str:
    """Return which calls differ from the caption, and what the caption would change."""
    captioned = {r: case.ric if r is PaperReader.RIC else case.mrm for r in PaperReader}
    off = [r for r in PaperReader if set(patient.levels(r)) != set(captioned[r])]
    text = f"the caption differs in {' and '.join(off)}"
    new = set(case.ric) - set(patient.ric)
    for region in sorted(new, key=list(Region).index):
        count = len(data.who(PaperReader.RIC, region))
        text += f"; RIC would have {region.letter} {count + 1} times, not {count}"
    return text
