"""Replay of the printed results: accuracy with intervals, kappas, counts of levels, claims."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from myeloscope.accuracy.agreement import agreement, pair_table
from myeloscope.accuracy.paired import mcnemar, noninferiority
from myeloscope.accuracy.proportion import ProportionMethod, proportion_interval
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.replay_data import (
    MRM_READERS,
    PAIRS,
    Calls,
    PaperData,
    pair_name,
)
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
    CONTROL_GROUP,
    PRINTED,
    R1_R2,
    PaperQuantity,
    PaperReader,
)

ACCURACY = "Accuracy"
KAPPAS = "Agreement on the presence of a leak"
LEVELS = "Levels called positive"
CLAIMS = "Claims in the text"
MARGIN = 0.10
_Q = PaperQuantity
_R1, _R2, _RIC = PaperReader.READER_1, PaperReader.READER_2, PaperReader.RIC
_MEASURES = (_Q.SENSITIVITY, _Q.SPECIFICITY, _Q.ACCURACY)
_LIMITS = {
    _Q.SENSITIVITY: (_Q.SENSITIVITY_LOW, _Q.SENSITIVITY_HIGH),
    _Q.SPECIFICITY: (_Q.SPECIFICITY_LOW, _Q.SPECIFICITY_HIGH),
    _Q.ACCURACY: (_Q.ACCURACY_LOW, _Q.ACCURACY_HIGH),
}
_COUNTED = {_Q.THORACIC: Region.THORACIC, _Q.LUMBAR: Region.LUMBAR}


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion the paper reports: ``x`` of ``n``, of which measure and reader."""

    measure: PaperQuantity
    reader: PaperReader
    x: int
    n: int

    def interval(self, method: ProportionMethod) -> tuple[float, float]:
        """Return the 95 % limits by one method."""
        found = proportion_interval(self.x, self.n, method)
        return found.low, found.high


def printed(quantity: PaperQuantity, reader: str) -> str:
    """Return what the paper prints of a quantity, empty where it prints nothing."""
    found = (f.text for f in PRINTED if (f.quantity, f.reader) == (quantity, reader))
    return next(found, "")


def shares(data: PaperData) -> tuple[Share, ...]:
    """Return the seven proportions of the paper: sensitivity for all, the others without RIC."""
    n, m = len(data.patients), data.controls.n
    hits = {reader: int(data.presence(reader).sum()) for reader in PaperReader}
    right = {reader: m - data.control_positives(reader) for reader in MRM_READERS}
    return (
        *(Share(_Q.SENSITIVITY, r, hits[r], n) for r in PaperReader),
        *(Share(_Q.SPECIFICITY, r, right[r], m) for r in MRM_READERS),
        *(Share(_Q.ACCURACY, r, hits[r] + right[r], n + m) for r in MRM_READERS),
    )


def accuracy_rows(data: PaperData) -> tuple[ReplayRow, ...]:
    """Return positives, sensitivity, specificity and accuracy with their printed Wald limits."""
    rows = [*_positives(data)]
    every = shares(data)
    for share in every:
        value, text = share.x / share.n, printed(share.measure, share.reader)
        reason = f"{share.x}/{share.n}"
        verdict = number_verdict(text, value)
        rows.append(
            _row(ACCURACY, share.measure, share.reader, number_text(value), verdict, reason)
        )
        rows += [_lower(share, every), _upper(share)]
    for measure in _MEASURES[1:]:
        reason = "no control had RIC"
        row = _row(ACCURACY, measure, _RIC, "", ReplayVerdict.NOT_DERIVABLE, reason)
        rows.append(replace(row, printed="not available"))
    return tuple(rows)


def _row(
    section: str,
    quantity: PaperQuantity,
    reader: str,
    recomputed: str,
    verdict: ReplayVerdict,
    reason: str,
) -> ReplayRow:  # fmt: skip
    text = printed(quantity, reader)
    return ReplayRow(section, quantity, reader, text, recomputed, verdict, reason)


def _positives(data: PaperData) -> Iterator[ReplayRow]:
    """Yield the counts of positive patients and controls."""
    for reader in PaperReader:
        calls = data.presence(reader)
        missed = tuple(p.patient for p in data.patients if not p.levels(reader))
        verdict = number_verdict(printed(_Q.POSITIVES, reader), int(calls.sum()))
        reason = f"of {len(calls)} patients; negative: {people(missed)}"
        yield _row(ACCURACY, _Q.POSITIVES, reader, str(calls.sum()), verdict, reason)
    for reader in MRM_READERS:
        who, n = f"{reader}, {CONTROL_GROUP}", data.controls.n
        wrong = round(n * (1 - float(printed(_Q.SPECIFICITY, reader))))
        verdict = number_verdict(printed(_Q.POSITIVES, who), wrong)
        reason = f"from the printed specificity: {n} x (1 - {printed(_Q.SPECIFICITY, reader)})"
        yield _row(ACCURACY, _Q.POSITIVES, who, str(wrong), verdict, reason)


def rounded_error_limit(x: int, n: int) -> float:
    """Return the lower Wald limit from an SE rounded to 3 places, cut after 3 places.

    The one recipe found that gives all lower limits of the paper (STATISTICS, part 1): software
    shows the standard error to three places, the rest is done by hand.
    """
    p = x / n
    se = round(math.sqrt(p * (1 - p) / n), 3)
    return math.floor((p - 1.96 * se) * 1000) / 1000


def _lower(share: Share, every: tuple[Share, ...]) -> ReplayRow:
    """Hold a printed lower limit against the Wald limit."""
    quantity = _LIMITS[share.measure][0]
    low, _ = share.interval(ProportionMethod.WALD)
    text = printed(quantity, share.reader)
    verdict = number_verdict(text, low)
    reason = f"Wald limit of {share.x}/{share.n}"
    if verdict is not ReplayVerdict.EXACT:
        reason += f" rounds to {low:.3f}"
        if f"{rounded_error_limit(share.x, share.n):.3f}" == text:
            reason += f"; an SE rounded to 3 places first, then cut, gives {text}"
            if all(_by_rounded_error(s) for s in every):
                reason += ", and all the other lower limits too"
    return _row(ACCURACY, quantity, share.reader, number_text(low), verdict, reason)


def printed_lower(share: Share) -> str:
    """Return the lower limit the paper prints for a proportion."""
    return printed(_LIMITS[share.measure][0], share.reader)


def printed_limits(share: Share) -> tuple[float, float]:
    """Return both limits the paper prints for a proportion."""
    low, high = (float(printed(q, share.reader)) for q in _LIMITS[share.measure])
    return low, high


def _by_rounded_error(share: Share) -> bool:
    """Return whether the rounded standard error explains a printed lower limit."""
    return f"{rounded_error_limit(share.x, share.n):.3f}" == printed_lower(share)


def _upper(share: Share) -> ReplayRow:
    """Hold a printed upper limit against the Wald limit cut at 1."""
    quantity = _LIMITS[share.measure][1]
    _, high = share.interval(ProportionMethod.WALD)
    _, cut = share.interval(ProportionMethod.WALD_CLIPPED)
    text = printed(quantity, share.reader)
    verdict = number_verdict(text, cut)
    reason = f"Wald limit of {share.x}/{share.n}"
    if high > 1:
        reason += f" is {high:.5f}, cut at 1"
    elif float(text) == 1:
        reason += f" stays below 1: nothing is cut, it should be {high:.3f}"
    return _row(ACCURACY, quantity, share.reader, number_text(cut), verdict, reason)


def kappa_of(first: Calls, second: Calls) -> Statistic:
    """Return Cohen's kappa of two sets of calls."""
    return agreement(pair_table(first, second, 2))


def pair_calls(data: PaperData, first: PaperReader, second: PaperReader) -> tuple[Calls, Calls]:
    """Return the calls the paper compares: patients with RIC, all cases between MRM readers."""
    if _RIC in (first, second):
        return data.presence(first), data.presence(second)
    return data.all_calls(first), data.all_calls(second)


def table_text(first: Calls, second: Calls) -> str:
    """Return the 2 x 2 table, rows the first reader - then +: ``[[1, 1], [0, 13]]``."""
    return str(pair_table(first, second, 2).tolist())


def kappa_rows(data: PaperData) -> tuple[ReplayRow, ...]:
    """Return the printed kappas and the words the paper puts on them."""
    rows = []
    for first, second in PAIRS:
        name = pair_name(first, second)
        one, two = pair_calls(data, first, second)
        value = kappa_of(one, two).value
        verdict = number_verdict(printed(_Q.KAPPA, name), value)
        reason = f"table {table_text(one, two)} (rows - then +), n = {len(one)}"
        if name == R1_R2:
            reason += f"; {_arrangements(data)}"
        rows.append(_row(KAPPAS, _Q.KAPPA, name, number_text(value), verdict, reason))
    for first, second in PAIRS:
        name = pair_name(first, second)
        word = landis_koch(kappa_of(*pair_calls(data, first, second)).value)
        verdict = claim_verdict(word == printed(_Q.KAPPA_WORD, name))
        reason = "Landis and Koch 1977; the words say nothing of the interval"
        rows.append(_row(KAPPAS, _Q.KAPPA_WORD, name, word, verdict, reason))
    return (*rows, _shared_control(data))


def _overlaps(data: PaperData) -> dict[int, float | None]:
    """Return kappa for each number of controls that both readers may have called."""
    counts = data.controls.reader1_positive, data.controls.reader2_positive
    least = max(0, sum(counts) - data.controls.n)
    return {
        shared: kappa_of(data.all_calls(_R1, shared), data.all_calls(_R2, shared)).value
        for shared in range(min(counts), least - 1, -1)
    }


def _arrangements(data: PaperData) -> str:
    """Return what kappa would be for each way the readers' control positives can overlap."""
    found = (f"{shared} shared: {number_text(k, 3)}" for shared, k in _overlaps(data).items())
    return "by control positives, " + ", ".join(found)


def _shared_control(data: PaperData) -> ReplayRow:
    """Return the row on the control both readers called, which Figure 2D shows."""
    text, shared = printed(_Q.KAPPA, R1_R2), data.controls.both_positive
    fitting = [
        k for k, v in _overlaps(data).items() if number_verdict(text, v) is ReplayVerdict.EXACT
    ]
    settled = fitting == [shared]
    reason = (
        "Figure 2D shows a control that both called grade 1; the printed kappa holds with this "
        "overlap only, so the calls of all cases are known"
        if settled
        else "Figure 2D shows one; with this table the printed kappa does not single it out"
    )
    verdict = claim_verdict(settled)
    row = _row(KAPPAS, _Q.FIGURE_2D, R1_R2, f"{shared} control", verdict, reason)
    return replace(row, printed="one control")


def landis_koch(kappa: float | None) -> str:
    """Return the word for a kappa (Landis, Koch, Biometrics 1977;33:159)."""
    if kappa is None:
        return "undefined"
    if kappa < 0:
        return "poor"
    words = ((0.20, "slight"), (0.40, "fair"), (0.60, "moderate"), (0.80, "substantial"))
    return next((word for top, word in words if kappa <= top), "almost perfect")


def level_rows(data: PaperData) -> tuple[ReplayRow, ...]:
    """Return how often each level was called, and the claims about levels."""
    rows = []
    for quantity, region in _COUNTED.items():
        for reader in PaperReader:
            who = data.who(reader, region)
            verdict = number_verdict(printed(quantity, reader), len(who))
            reason = f"{region.letter} in {people(who)} of Table 1"
            rows.append(_row(LEVELS, quantity, reader, str(len(who)), verdict, reason))
    for reader in PaperReader:
        who = data.who(reader, Region.CERVICAL)
        reason = f"C in {people(who)} of Table 1"
        verdict = ReplayVerdict.NOT_PRINTED
        rows.append(_row(LEVELS, _Q.CERVICAL, reader, str(len(who)), verdict, reason))
    return (*rows, *_sites(data), *_order_of_levels(data))


def _sites(data: PaperData) -> Iterator[ReplayRow]:
    """Yield the rows on "all had multiple sites"."""
    single = tuple(
        p.patient for p in data.patients if all(len(p.levels(r)) == 1 for r in PaperReader)
    )
    for reader in PaperReader:
        found = [len(p.levels(reader)) for p in data.patients if p.levels(reader)]
        several = sum(k > 1 for k in found)
        verdict = ReplayVerdict.PLAUSIBLE if several == len(found) else ReplayVerdict.SUSPECT
        reason = f"more than one level in {several} of {len(found)} positive patients; "
        reason += f"a single level by all three: {people(single)}; "
        reason += "true only if a site is a nerve root, which cannot be tested"
        row = _row(LEVELS, _Q.MULTIPLE_SITES, reader, f"{several}/{len(found)}", verdict, reason)
        yield replace(row, printed=printed(_Q.MULTIPLE_SITES, "all readers"))


def _order_of_levels(data: PaperData) -> Iterator[ReplayRow]:
    """Yield the rows on the levels' order of frequency."""
    for reader in PaperReader:
        c, t, lumbar = (len(data.who(reader, region)) for region in Region)
        verdict = claim_verdict(t > lumbar > c)
        reason = "counts of Table 1"
        if t > lumbar == c or t == lumbar > c:
            verdict = ReplayVerdict.PLAUSIBLE
            reason += f": {'L and C' if lumbar == c else 'T and L'} are tied"
        found = f"T {t}, L {lumbar}, C {c}"
        row = _row(LEVELS, _Q.LEVEL_ORDER, reader, found, verdict, reason)
        yield replace(row, printed=printed(_Q.LEVEL_ORDER, "all readers"))


def discordant(data: PaperData, first: PaperReader, second: PaperReader) -> tuple[int, int, int]:
    """Return patients called by the first only, by the second only, and all patients."""
    one, two = data.presence(first), data.presence(second)
    return int(((one == 1) & (two == 0)).sum()), int(((one == 0) & (two == 1)).sum()), len(one)


def claim_rows(data: PaperData) -> tuple[ReplayRow, ...]:
    """Return the rows on "comparable to RIC" and on the grades nobody printed."""
    rows = []
    for reader in MRM_READERS:
        b, c, n = discordant(data, reader, _RIC)
        test = noninferiority(b, c, n, MARGIN)
        low, high = test.ci_low, test.ci_high
        if test.value is None or low is None or high is None:
            continue
        p = mcnemar(b, c, n)[0].value
        shown = low > -MARGIN
        verdict = ReplayVerdict.PLAUSIBLE if shown else ReplayVerdict.NOT_DERIVABLE
        reason = f"McNemar exact p {p:.3g} ({b} v {c}) is no proof of equality; "
        reason += f"a deficit of {max(0.0, -100 * low):.0f} points is not excluded"
        found = f"{test.value:.3f} ({low:.3f} to {high:.3f})"
        row = _row(CLAIMS, _Q.COMPARABLE, reader, found, verdict, reason)
        rows.append(replace(row, printed=printed(_Q.COMPARABLE, "MRM")))
    reason = (
        "the paper prints levels, no grades: weighted kappa, AUC and alpha on grades cannot be "
        "had, and none is invented here"
    )
    grades = _row(CLAIMS, _Q.GRADES, "all readers", "", ReplayVerdict.NOT_DERIVABLE, reason)
    return (*rows, grades)
