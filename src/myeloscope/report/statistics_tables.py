"""Tables of an analysis about single readers: reads, accuracy, areas, levels, sensitivity."""

from __future__ import annotations

from collections import Counter

from myeloscope.accuracy.cluster import METHOD as CLUSTER
from myeloscope.accuracy.proportion import ProportionMethod
from myeloscope.accuracy.reads import GRADES, LEVELS
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.roc import DELONG, OBUCHOWSKI
from myeloscope.accuracy.study import WORST_CASE
from myeloscope.accuracy.study_calls import THRESHOLDS
from myeloscope.report.statistics_cells import NONE, Table, figure_text, value_text
from myeloscope.report.statistics_lookup import Lookup, Wanted

WILSON = ProportionMethod.WILSON.value
PROPORTIONS = ("sensitivity", "specificity", "accuracy")
_WALD = ProportionMethod.WALD.value
AT_LEAST = "\N{GREATER-THAN OR EQUAL TO}"


def reader_tables(found: Lookup) -> tuple[Table, ...]:
    """Return the tables about single readers, empty ones left out."""
    made = (
        reads_table(found),
        accuracy_table(found),
        ratios_table(found),
        predictive_table(found),
        areas_table(found),
        level_accuracy_table(found),
        bootstrap_table(found),
        worst_case_table(found),
    )
    return tuple(table for table in made if table.rows)


def reads_table(found: Lookup) -> Table:
    """Return how many cases each reader read, with which grades."""
    grid = found.reads.cases
    rows = []
    for index in range(len(found.reads.sources)):
        grade, asked = grid.grade[:, index], grid.asked[:, index]
        counts = [str(int((grade == k).sum())) for k in range(GRADES)]
        read, lost = int((grade >= 0).sum()), int((asked & (grade < 0)).sum())
        rows.append((found.name(index), str(read), str(lost), *counts))
    head = ("Reader", "Cases read", "Missing", *(f"Grade {k}" for k in range(GRADES)))
    note = "A missing read is left out unless stated otherwise; it is never counted as grade 0."
    if found.reads.levels is not None:
        note += (
            " A case's grade is the highest over its levels if that is 1 or more or all were read."
        )
    return Table("Reads", head, tuple(rows), note)


def _per_threshold(found: Lookup, wanted: tuple[Wanted, ...]) -> tuple[tuple[str, ...], ...]:
    """Return a row for each reader and threshold with the wanted figures at it."""
    rows = []
    for index in range(len(found.reads.sources)):
        whose = found.source(index)
        for threshold in THRESHOLDS:
            at = (Wanted(w.statistic, threshold, w.method) for w in wanted)
            cells = tuple(figure_text(found.find(w, whose)) for w in at)
            rows.append((found.name(index), f"{AT_LEAST} {threshold}", *cells))
    return tuple(rows)


def accuracy_table(found: Lookup) -> Table:
    """Return sensitivity, specificity and accuracy with Wilson intervals."""
    rows = _per_threshold(found, tuple(Wanted(name, None, WILSON) for name in PROPORTIONS))
    head = ("Reader", "Positive from", *(name.capitalize() for name in PROPORTIONS))
    return Table("Accuracy of cases", head, rows, "95% Wilson intervals.")


def ratios_table(found: Lookup) -> Table:
    """Return likelihood ratios, odds ratio and Youden's index."""
    wanted = (
        Wanted("lr_positive", None, _WALD),
        Wanted("lr_negative", None, _WALD),
        Wanted("diagnostic_odds_ratio", None, _WALD),
        Wanted("youden", None, WILSON),
    )
    head = ("Reader", "Positive from", "LR+", "LR\N{MINUS SIGN}", "Odds ratio", "Youden")
    note = "95% intervals: log scale for the ratios, square-and-add of Wilson's for Youden's index."
    return Table("Likelihood ratios", head, _per_threshold(found, wanted), note)


def predictive_table(found: Lookup) -> Table:
    """Return predictive values at the stated prevalence; empty without one."""
    prevalence = found.analysis.settings.prevalence
    if prevalence is None:
        return Table("", (), ())
    rows = _per_threshold(found, (Wanted("ppv"), Wanted("npv")))
    head = ("Reader", "Positive from", "PPV", "NPV")
    note = "The table of reads says nothing about prevalence: it was stated by the user."
    return Table(f"Predictive values at a prevalence of {prevalence:g}", head, rows, note)


def areas_table(found: Lookup) -> Table:
    """Return the areas under the ROC curves, over cases and over levels."""
    leveled = found.reads.levels is not None
    rows: list[tuple[str, ...]] = []
    for index in range(len(found.reads.sources)):
        whose = found.source(index)
        case = found.find(Wanted("auc", None, DELONG), whose)
        level = found.find(Wanted("auc", None, OBUCHOWSKI), whose)
        cells = (figure_text(case, 3), value_text(case.se if case else None, 4))
        rows.append((found.name(index), *cells, *((figure_text(level, 3),) if leveled else ())))
    extra = ("Levels (Obuchowski, clustered)",) if leveled else ()
    head = ("Reader", "Cases (DeLong)", "SE", *extra)
    return Table("Areas under the ROC curve", head, tuple(rows), "95% intervals, cut at 1.")


def level_accuracy_table(found: Lookup) -> Table:
    """Return accuracy by level with cluster errors; empty without levels."""
    rows: list[tuple[str, ...]] = []
    if found.reads.levels is not None:
        for index in range(len(found.reads.sources)):
            for level in ("", *LEVELS):
                cells = [
                    cell
                    for name in PROPORTIONS[:2]
                    for cell in _with_deff(
                        found.find(Wanted(name, 1, CLUSTER, level=level), found.source(index))
                    )
                ]
                rows.append((found.name(index), level or "all", *cells))
    head = ("Reader", "Level", "Sensitivity", "n", "deff", "Specificity", "n", "deff")
    note = (
        "Positive from grade 1. Patients are clusters: logit intervals with t on clusters "
        "\N{MINUS SIGN} 1 df; deff is the design effect."
    )
    return Table("Accuracy of levels", head, tuple(rows), note)


def _with_deff(figure: Statistic | None) -> tuple[str, str, str]:
    if figure is None:
        return NONE, NONE, NONE
    n = NONE if figure.n is None else str(figure.n)
    return figure_text(figure), n, value_text(figure.deff)


def bootstrap_table(found: Lookup) -> Table:
    """Return bootstrap intervals of the main figures; empty without bootstrap."""
    resampling = found.analysis.settings.resampling
    if resampling is None:
        return Table("", (), ())
    rows = []
    for index in range(len(found.reads.sources)):
        for name, threshold in (*((p, 1) for p in PROPORTIONS), ("auc", None)):
            made = [
                found.find(Wanted(name, threshold, method), found.source(index))
                for method in ("bootstrap-percentile", "bootstrap-bca")
            ]
            notes = "; ".join(dict.fromkeys(m.note for m in made if m and m.note))
            label = "AUC" if name == "auc" else name
            rows.append((found.name(index), label, *map(figure_text, made), notes))
    head = ("Reader", "Figure", "Percentile", "BCa", "Note")
    note = f"{resampling.resamples} resamples of cases, seed {resampling.seed}; positive from 1."
    return Table("Bootstrap intervals", head, tuple(rows), note)


def worst_case_table(found: Lookup) -> Table:
    """Return accuracy with missing reads counted as wrong; empty where not asked for."""
    if not found.analysis.settings.worst_case:
        return Table("", (), ())
    rows = []
    for index in range(len(found.reads.sources)):
        whose = found.source(index)
        wanted = (Wanted(name, 1, WILSON, term=WORST_CASE) for name in PROPORTIONS)
        rows.append((found.name(index), *(figure_text(found.find(w, whose)) for w in wanted)))
    head = ("Reader", *(name.capitalize() for name in PROPORTIONS))
    note = "Positive from grade 1; 95% Wilson intervals."
    return Table("Worst case: missing reads counted as wrong", head, tuple(rows), note)


def undefined_table(found: Lookup) -> Table:
    """Return which figures do not exist and why, counted; empty where all do."""
    counted = Counter(
        (row.statistic, row.undefined) for row in found.analysis.statistics if row.undefined
    )
    rows = tuple((name, reason or "", str(n)) for (name, reason), n in sorted(counted.items()))
    head = ("Figure", "Why it is undefined", "Rows of statistics.csv")
    return Table("Figures that are undefined", head, rows)
