"""One figure of an analysis: the row of ``statistics.csv``.

The fields are the columns of the table, in their order. Text that does not apply is ``""``; a
number that does not apply, or cannot be computed, is ``None`` and never a NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

UNDEFINED = "undefined: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One figure with all that identifies it.

    Attributes
    ----------
    statistic
        Name of the figure, such as ``sensitivity`` or ``cohen_kappa``.
    endpoint
        ``auc``, ``sensitivity``, ``specificity`` or ``accuracy`` where a test is about one.
    modality, modality_2, reader, reader_2
        Whom it is about; ``reader`` is empty for a figure over all readers.
    level
        ``C``, ``T`` or ``L``; empty for cases and for figures pooled over the levels.
    weights
        ``unweighted``, ``linear``, ``quadratic`` or ``ordinal`` for agreement.
    threshold
        Lowest grade that counts as positive (1-3); ``None`` for the scale itself.
    method, effects, term
        Which interval or estimator, which effects are random, which part of a result.
    value, se, se_null, ci_low, ci_high
        Estimate, its standard error, that under the null, and its 95 % interval.
    cut
        1 where the interval was cut to the statistic's range, 0 where it was not.
    test, df, df_2, p
        Test statistic, its degrees of freedom and two-sided p (one-sided where the note says so).
    deff
        Design effect against a simple random sample.
    n
        How many cases, levels or pairs the figure rests on.
    note
        Begins with ``undefined:`` where there is no value, and says why.
    """

    statistic: str
    endpoint: str = ""
    modality: str = ""
    modality_2: str = ""
    reader: str = ""
    reader_2: str = ""
    level: str = ""
    weights: str = ""
    threshold: int | None = None
    method: str = ""
    effects: str = ""
    term: str = ""
    value: float | None = None
    se: float | None = None
    se_null: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    cut: int | None = None
    test: float | None = None
    df: float | None = None
    df_2: float | None = None
    p: float | None = None
    deff: float | None = None
    n: int | None = None
    note: str = ""

    @property
    def undefined(self) -> str | None:
        """Return why there is no value, or ``None`` where there is one."""
        return self.note.removeprefix(UNDEFINED) if self.note.startswith(UNDEFINED) else None

    def about(self, **identity: str | float | None) -> Statistic:
        """Return the same figure with other identifying fields (``modality``, ``reader``, ...)."""
        return replace(self, **identity)  # type: ignore[arg-type]

    def as_row(self) -> Mapping[str, str | int | float | None]:
        """Return the figure as column -> cell, in the table's order."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS: tuple[str, ...] = tuple(item.name for item in fields(Statistic))


def undefined(statistic: str, reason: str, **identity: str | float | None) -> Statistic:
    """Return a figure without a value, with the reason in its note."""
    return Statistic(statistic=statistic, note=f"{UNDEFINED}{reason}").about(**identity)
