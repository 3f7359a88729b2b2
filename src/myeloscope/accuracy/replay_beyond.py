"""What the paper did not print and its Table 1 gives: intervals, paired tests, levels, regions."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from myeloscope.accuracy.agreement import Coefficient, agreement, pair_table, presence_indices
from myeloscope.accuracy.binary import Counts, binary_accuracy
from myeloscope.accuracy.cluster import cluster_agreement, identical_level_set
from myeloscope.accuracy.paired import mcnemar, noninferiority, tango_difference
from myeloscope.accuracy.proportion import ProportionMethod, proportion_interval
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.replay_data import MRM_READERS, PAIRS, Calls, PaperData, pair_name
from myeloscope.accuracy.replay_readers import (
    MARGIN,
    Share,
    discordant,
    kappa_of,
    pair_calls,
    printed_lower,
    shares,
    table_text,
)
from myeloscope.accuracy.replay_verdict import (
    ReplayRow,
    ReplayVerdict,
    interval_text,
    number_text,
)
from myeloscope.accuracy.roc import auc
from myeloscope.domain.anatomy import Region
from myeloscope.domain.paper import R1_R2, PaperReader

INTERVALS = "Intervals that should be reported"
AGREEMENT = "Agreement, with what the paper leaves out"
PAIRED = "MRM against RIC in the same patients"
REGIONS = "Levels and regions"
ACCURACY_TOO = "Accuracy, further figures"
_R1, _R2, _RIC = PaperReader.READER_1, PaperReader.READER_2, PaperReader.RIC


def _added(section: str, quantity: str, reader: str, recomputed: str, reason: str) -> ReplayRow:
    return ReplayRow(section, quantity, reader, "", recomputed, ReplayVerdict.NOT_PRINTED, reason)


def statistic_text(figure: Statistic) -> str:
    """Return a figure with its interval, or why it is undefined."""
    if figure.value is None:
        return figure.note
    text = number_text(figure.value)
    if figure.ci_low is None or figure.ci_high is None:
        return text
    return f"{text} ({interval_text(figure.ci_low, figure.ci_high)})"


def beyond_rows(data: PaperData) -> tuple[ReplayRow, ...]:
    """Return every row that the paper does not print and its data give."""
    return (
        *_interval_rows(data),
        *_implied_z(data),
        *_kappa_intervals(data),
        *_other_kappas(data),
        *_paired_rows(data),
        *_level_rows(data),
        *_region_rows(data),
        *_accuracy_rows(data),
    )


def _interval_rows(data: PaperData) -> Iterator[ReplayRow]:
    """Yield Wilson and Clopper-Pearson intervals of the seven printed proportions."""
    for share in shares(data):
        wald, _ = share.interval(ProportionMethod.WALD)
        wilson = share.interval(ProportionMethod.WILSON)
        exact = share.interval(ProportionMethod.CLOPPER_PEARSON)
        name = f"{share.measure}, 95% CI"
        reason = f"{share.x}/{share.n}; the Wald lower limit is {wald - wilson[0]:+.3f} from it"
        yield _added(INTERVALS, f"{name} Wilson", share.reader, interval_text(*wilson), reason)
        reason = f"{share.x}/{share.n}, exact"
        yield _added(
            INTERVALS, f"{name} Clopper-Pearson", share.reader, interval_text(*exact), reason
        )


def _implied_z(data: PaperData) -> Iterator[ReplayRow]:
    """Yield the range of z that would give each printed lower limit by plain rounding."""
    seen: dict[tuple[int, int], Share] = {}
    for share in shares(data):
        seen.setdefault((share.x, share.n), share)
    found = []
    for share in seen.values():
        p, limit = share.x / share.n, float(printed_lower(share))
        se = math.sqrt(p * (1 - p) / share.n)
        if se:
            found.append((share, (p - limit - 0.0005) / se, (p - limit + 0.0005) / se))
    low, high = max((f[1] for f in found), default=0), min((f[2] for f in found), default=0)
    verdict = (
        "no single z gives all limits by plain rounding"
        if low > high
        else f"z of {low:.4f} to {high:.4f} gives all limits"
    )
    for share, first, last in found:
        quantity = f"z behind the printed lower limit {printed_lower(share)}"
        reason = f"Wald, {share.x}/{share.n}; {verdict}"
        yield _added(INTERVALS, quantity, share.reader, f"{first:.4f} to {last:.4f}", reason)


def _kappa_intervals(data: PaperData) -> Iterator[ReplayRow]:
    """Yield standard errors and intervals of the printed kappas, PABAK, AC1 and indices."""
    for first, second in PAIRS:
        name = pair_name(first, second)
        one, two = pair_calls(data, first, second)
        table = pair_table(one, two, 2)
        kappa = agreement(table)
        yield _added(AGREEMENT, "kappa, SE", name, number_text(kappa.se), "Fleiss-Cohen-Everitt")
        reason = "z interval, cut at 1"
        if kappa.ci_low is not None and kappa.ci_low <= 0:
            reason += f"; it includes 0: n = {len(one)} does not support the word"
        limits = kappa.note if kappa.value is None else interval_text(kappa.ci_low, kappa.ci_high)
        yield _added(AGREEMENT, "kappa, 95% CI", name, limits, reason)
        pabak, prevalence, bias = presence_indices(table)
        yield _added(AGREEMENT, "PABAK", name, statistic_text(pabak), "2 po - 1, exact interval")
        ac1 = agreement(table, Coefficient.GWET)
        reason = f"Gwet; prevalence index {number_text(prevalence.value, 3)}"
        if abs(prevalence.value or 0) > 0.5:
            most = "positive" if (prevalence.value or 0) < 0 else "negative"
            reason += f": nearly all are {most}, which holds kappa down (paradox)"
        yield _added(AGREEMENT, "AC1", name, statistic_text(ac1), reason)
        reason = "(second alone - first alone) / n"
        yield _added(AGREEMENT, "bias index", name, number_text(bias.value), reason)


def _other_kappas(data: PaperData) -> Iterator[ReplayRow]:
    """Yield the kappas between the readers that are not the printed one."""
    patients = data.presence(_R1), data.presence(_R2)
    controls = data.control_calls(_R1), data.control_calls(_R2)
    apart = data.all_calls(_R1, 0), data.all_calls(_R2, 0)
    sets: tuple[tuple[str, tuple[Calls, Calls]], ...] = (
        ("kappa, patients only", patients),
        ("kappa, controls only", controls),
        ("kappa, if no control positive were shared", apart),
    )
    for quantity, (one, two) in sets:
        reason = f"table {table_text(one, two)}, n = {len(one)}"
        yield _added(AGREEMENT, quantity, R1_R2, statistic_text(kappa_of(one, two)), reason)


def _paired_rows(data: PaperData) -> Iterator[ReplayRow]:
    """Yield McNemar, Tango and non-inferiority of each MRM reader against RIC."""
    for reader in MRM_READERS:
        name = pair_name(reader, _RIC)
        b, c, n = discordant(data, reader, _RIC)
        split = f"{b} by MRM only, {c} by RIC only, of {n}"
        exact, midp = mcnemar(b, c, n)[:2]
        yield _added(PAIRED, "McNemar exact p", name, number_text(exact.value), split)
        yield _added(PAIRED, "McNemar mid-p", name, number_text(midp.value), split)
        difference = tango_difference(b, c, n)
        quantity = "sensitivity difference (Tango 95% CI)"
        yield _added(PAIRED, quantity, name, statistic_text(difference), "MRM minus RIC, paired")
        test = noninferiority(b, c, n, MARGIN)
        quantity = f"non-inferiority, margin {MARGIN:.2f}, one-sided p"
        reason = test.note.removesuffix("; p one-sided") + f" (z {number_text(test.test, 3)})"
        yield _added(PAIRED, quantity, name, number_text(test.p), reason)


def _level_rows(data: PaperData) -> Iterator[ReplayRow]:
    """Yield agreement on levels apart from presence: level sets, and kappa over patient-levels."""
    n = len(data.patients)
    clusters = np.repeat(np.arange(n), len(Region))
    for first, second in PAIRS:
        name = pair_name(first, second)
        one, two = data.levels(first), data.levels(second)
        same = identical_level_set(one, two)
        count = round((same.value or 0) * n)
        reason = f"Wilson {interval_text(same.ci_low, same.ci_high, 3)}"
        yield _added(REGIONS, "identical level sets", name, f"{count}/{n}", reason)
        naive = kappa_of(one.ravel(), two.ravel())
        clustered = cluster_agreement(one.ravel(), two.ravel(), clusters, 2)
        quantity = f"kappa over {one.size} patient-levels (cluster 95% CI)"
        reason = f"SE {number_text(clustered.se, 3)} by patient, "
        reason += f"{number_text(naive.se, 3)} if levels were independent"
        yield _added(REGIONS, quantity, name, statistic_text(clustered), reason)


def _region_rows(data: PaperData) -> Iterator[ReplayRow]:
    """Yield each region's agreement with RIC, and RIC's levels found by each reader."""
    for k, region in enumerate(Region):
        reference = data.levels(_RIC)[:, k]
        for reader in MRM_READERS:
            name = pair_name(reader, _RIC)
            calls = data.levels(reader)[:, k]
            table = pair_table(calls, reference, 2)
            (tn, fn), (fp, tp) = table.tolist()
            yield _share_row(f"{region.letter}: RIC levels found", name, tp, tp + fn)
            yield _share_row(f"{region.letter}: RIC-free levels left free", name, tn, tn + fp)
            yield _share_row(f"{region.letter}: same call", name, tp + tn, len(calls))
            reason = f"table {table.tolist()}"
            kappa = statistic_text(agreement(table))
            yield _added(REGIONS, f"{region.letter}: kappa", name, kappa, reason)


def _share_row(quantity: str, name: str, x: int, n: int) -> ReplayRow:
    """Return a count out of a count with its Wilson interval."""
    if n == 0:
        return _added(REGIONS, quantity, name, "undefined: no such level", "0 levels")
    interval = proportion_interval(x, n)
    reason = f"{number_text(x / n, 3)}, Wilson {interval_text(interval.low, interval.high, 3)}"
    return _added(REGIONS, quantity, name, f"{x}/{n}", reason)


def _accuracy_rows(data: PaperData) -> Iterator[ReplayRow]:
    """Yield AUC, likelihood ratios, odds ratio and Youden, also of either and both readers."""
    truth = np.concatenate(
        [np.ones(len(data.patients), np.int64), np.zeros(data.controls.n, np.int64)]
    )
    one, two = data.all_calls(_R1), data.all_calls(_R2)
    for name, calls in (
        (str(_R1), one), (str(_R2), two), ("either reader", one | two), ("both readers", one & two)
    ):  # fmt: skip
        reason = "one threshold: the mean of sensitivity and specificity; DeLong"
        yield _added(
            ACCURACY_TOO, "AUC of the calls", name, statistic_text(auc(calls, truth)), reason
        )
        yield from _ratio_rows(name, calls, truth)


_RATIOS = {
    "sensitivity": "sensitivity (Wilson 95% CI)",
    "specificity": "specificity (Wilson 95% CI)",
    "lr_positive": "positive likelihood ratio",
    "lr_negative": "negative likelihood ratio",
    "diagnostic_odds_ratio": "diagnostic odds ratio",
    "youden": "Youden's index",
}


def _ratio_rows(name: str, calls: Calls, truth: Calls) -> Iterator[ReplayRow]:
    """Yield the figures of a 2 x 2 table against the clinical diagnosis."""
    (tn, fn), (fp, tp) = pair_table(calls, truth, 2).tolist()
    reason = f"TP {tp}, FN {fn}, FP {fp}, TN {tn}"
    combined = name in ("either reader", "both readers")
    for figure in binary_accuracy(Counts(tp, fn, fp, tn)):
        share = figure.statistic in ("sensitivity", "specificity")
        if figure.statistic not in _RATIOS or (share and not combined):
            continue
        if figure.method in (ProportionMethod.WILSON, "") or figure.statistic in _LOG:
            quantity = _RATIOS[figure.statistic]
            yield _added(ACCURACY_TOO, quantity, name, statistic_text(figure), reason)


_LOG = ("lr_positive", "lr_negative", "diagnostic_odds_ratio")
