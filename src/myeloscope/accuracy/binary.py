"""Accuracy of yes-no calls against a reference: a 2 x 2 table in, figures with intervals out.

Sources: Simel, Samsa, Matchar, J Clin Epidemiol 1991;44:763 (likelihood ratios, log scale); Woolf,
Ann Hum Genet 1955;19:251 (odds ratio); Newcombe, Stat Med 1998;17:873 (square-and-add interval of
a difference); Mercaldo, Lau, Zhou, Stat Med 2007;26:2170 (predictive values, logit scale).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from myeloscope.accuracy.proportion import Interval, ProportionMethod, Z, proportion_interval
from myeloscope.accuracy.record import Statistic, undefined

_NO_POSITIVE = "no case with the condition was read"
_NO_NEGATIVE = "no case without the condition was read"


@dataclass(frozen=True, slots=True)
class Counts:
    """A 2 x 2 table: true positives, false negatives, false positives, true negatives."""

    tp: int
    fn: int
    fp: int
    tn: int

    def __post_init__(self) -> None:
        """Refuse negative counts."""
        if min(self.tp, self.fn, self.fp, self.tn) < 0:
            raise ValueError(f"counts cannot be negative: {self}")

    @property
    def positives(self) -> int:
        """Return how many cases have the condition."""
        return self.tp + self.fn

    @property
    def negatives(self) -> int:
        """Return how many cases do not."""
        return self.fp + self.tn


def proportion(
    statistic: str, successes: int, n: int, reason: str = "nothing was read"
) -> tuple[Statistic, ...]:
    """Return one proportion with each interval of ``ProportionMethod``.

    ``se`` is the Wald standard error. Without cases every figure is undefined for ``reason``.
    """
    if n == 0:
        return tuple(
            undefined(statistic, reason, method=method.value, n=0) for method in ProportionMethod
        )
    p = successes / n
    rows = []
    for method in ProportionMethod:
        interval = proportion_interval(successes, n, method)
        rows.append(
            Statistic(
                statistic=statistic,
                method=method.value,
                value=p,
                se=math.sqrt(p * (1 - p) / n),
                ci_low=interval.low,
                ci_high=interval.high,
                cut=int(interval.cut),
                n=n,
            )
        )
    return tuple(rows)


def binary_accuracy(counts: Counts) -> tuple[Statistic, ...]:
    """Return sensitivity, specificity, accuracy, Youden's index and the ratios of a 2 x 2 table.

    Each proportion stands with every method; the ratios have a Wald interval on the log scale.
    """
    n = counts.positives + counts.negatives
    return (
        *proportion("sensitivity", counts.tp, counts.positives, _NO_POSITIVE),
        *proportion("specificity", counts.tn, counts.negatives, _NO_NEGATIVE),
        *proportion("accuracy", counts.tp + counts.tn, n),
        *likelihood_ratios(counts),
        *youden(counts),
    )


def _one_class(counts: Counts) -> str:
    """Return why figures of both classes cannot be had, or nothing."""
    if not counts.positives:
        return _NO_POSITIVE
    return "" if counts.negatives else _NO_NEGATIVE


def _log_ratio(statistic: str, ratio: float, variance: float, n: int) -> Statistic:
    """Return a ratio with its log-scale interval; ``variance`` is that of its logarithm."""
    se = math.sqrt(variance)
    return Statistic(
        statistic=statistic,
        method="wald",
        value=ratio,
        ci_low=ratio * math.exp(-Z * se),
        ci_high=ratio * math.exp(Z * se),
        cut=0,
        n=n,
        note="log scale",
    )


def likelihood_ratios(counts: Counts) -> tuple[Statistic, Statistic, Statistic]:
    """Return LR+, LR- and the diagnostic odds ratio.

    A ratio with a zero numerator is 0 without an interval; with a zero denominator, undefined.
    """
    return (
        _likelihood_ratio("lr_positive", (counts.tp, counts.fp), counts),
        _likelihood_ratio("lr_negative", (counts.fn, counts.tn), counts),
        _odds_ratio(counts),
    )


def _likelihood_ratio(statistic: str, calls: tuple[int, int], counts: Counts) -> Statistic:
    n = counts.positives + counts.negatives
    reason = _one_class(counts)
    if not reason and not calls[1]:
        side = "positive" if statistic == "lr_positive" else "negative"
        reason = f"no {side} call among cases without the condition"
    if reason:
        return undefined(statistic, reason, method="wald", n=n)
    with_it, without = calls[0] / counts.positives, calls[1] / counts.negatives
    if not calls[0]:
        note = "interval undefined: the ratio is 0 and has no logarithm"
        return Statistic(statistic=statistic, method="wald", value=0.0, n=n, note=note)
    variance = 1 / calls[0] - 1 / counts.positives + 1 / calls[1] - 1 / counts.negatives
    return _log_ratio(statistic, with_it / without, variance, n)


def _odds_ratio(counts: Counts) -> Statistic:
    n = counts.positives + counts.negatives
    name = "diagnostic_odds_ratio"
    reason = _one_class(counts)
    if not reason and not counts.fn * counts.fp:
        reason = "no wrong call in one of the classes"
    if reason:
        return undefined(name, reason, method="wald", n=n)
    ratio = counts.tp * counts.tn / (counts.fn * counts.fp)
    if not ratio:
        note = "interval undefined: the ratio is 0 and has no logarithm"
        return Statistic(statistic=name, method="wald", value=0.0, n=n, note=note)
    variance = 1 / counts.tp + 1 / counts.fn + 1 / counts.fp + 1 / counts.tn
    return _log_ratio(name, ratio, variance, n)


def youden(counts: Counts) -> tuple[Statistic, ...]:
    """Return Youden's index, sensitivity + specificity - 1, with each method.

    ``wald`` uses its standard error; ``clopper-pearson`` adds the limits of the two exact
    intervals (conservative, as epiR prints it); the others square and add (Newcombe's method 10).
    """
    n = counts.positives + counts.negatives
    reason = _one_class(counts)
    if reason:
        return tuple(undefined("youden", reason, method=m.value, n=n) for m in ProportionMethod)
    se_, sp = counts.tp / counts.positives, counts.tn / counts.negatives
    error = math.sqrt(se_ * (1 - se_) / counts.positives + sp * (1 - sp) / counts.negatives)
    return tuple(
        Statistic(
            statistic="youden",
            method=method.value,
            value=se_ + sp - 1,
            se=error,
            ci_low=interval.low,
            ci_high=interval.high,
            cut=int(interval.cut),
            n=n,
        )
        for method, interval in _youden_intervals(counts, se_, sp)
    )


def _youden_intervals(
    counts: Counts, se_: float, sp: float
) -> Iterator[tuple[ProportionMethod, Interval]]:
    """Yield the interval of each method around ``se_ + sp - 1``."""
    for method in ProportionMethod:
        one = proportion_interval(counts.tp, counts.positives, method)
        two = proportion_interval(counts.tn, counts.negatives, method)
        if method is ProportionMethod.CLOPPER_PEARSON:
            yield method, Interval(one.low + two.low - 1, one.high + two.high - 1)
            continue
        if method is ProportionMethod.WALD_CLIPPED:
            one = proportion_interval(counts.tp, counts.positives, ProportionMethod.WALD)
            two = proportion_interval(counts.tn, counts.negatives, ProportionMethod.WALD)
        down = math.hypot(se_ - one.low, sp - two.low)
        up = math.hypot(one.high - se_, two.high - sp)
        interval = Interval(se_ + sp - 1 - down, se_ + sp - 1 + up)
        clipped = method is ProportionMethod.WALD_CLIPPED
        yield method, interval.within(-1.0, 1.0) if clipped else interval


def predictive_values(counts: Counts, prevalence: float) -> tuple[Statistic, Statistic]:
    """Return PPV and NPV at a stated prevalence, with logit intervals.

    The logit of PPV is logit(prevalence) + log LR+, so the interval is that of LR+ moved there.

    Raises
    ------
    ValueError
        When the prevalence is not strictly between 0 and 1.
    """
    if not 0 < prevalence < 1:
        raise ValueError(f"prevalence must lie strictly between 0 and 1, not {prevalence}")
    positive = Counts(counts.tp, counts.fn, counts.fp, counts.tn)
    negative = Counts(tp=counts.tn, fn=counts.fp, fp=counts.fn, tn=counts.tp)
    return (
        _predictive("ppv", positive, prevalence),
        _predictive("npv", negative, 1 - prevalence),
    )


def _predictive(statistic: str, counts: Counts, prevalence: float) -> Statistic:
    """Return the predictive value of the calls counted as positive in ``counts``."""
    n = counts.positives + counts.negatives
    note = f"at prevalence {prevalence if statistic == 'ppv' else 1 - prevalence:.6g}"
    reason = _one_class(counts)
    if not reason and not counts.tp + counts.fp:
        reason = "no such call was made"
    if reason:
        return undefined(statistic, reason, n=n)
    right = counts.tp / counts.positives * prevalence
    wrong = counts.fp / counts.negatives * (1 - prevalence)
    value = right / (right + wrong)
    ratio = _likelihood_ratio("lr_positive", (counts.tp, counts.fp), counts)
    if ratio.ci_low is None or ratio.ci_high is None:
        note += "; interval undefined: the value is 0 or 1 and has no logit"
        return Statistic(statistic=statistic, value=value, n=n, note=note)
    odds = prevalence / (1 - prevalence)
    low, high = (odds * limit / (1 + odds * limit) for limit in (ratio.ci_low, ratio.ci_high))
    return Statistic(
        statistic=statistic, value=value, ci_low=low, ci_high=high, cut=0, n=n, note=note
    )
