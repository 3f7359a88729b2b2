"""Tables of an analysis about agreement and paired comparison."""

from __future__ import annotations

from myeloscope.accuracy.agreement import Weights
from myeloscope.accuracy.cluster import METHOD as CLUSTER
from myeloscope.accuracy.raters import GroupCoefficient
from myeloscope.accuracy.reads import LEVELS
from myeloscope.accuracy.record import Statistic
from myeloscope.accuracy.roc import DELONG
from myeloscope.accuracy.study_pairs import ENDPOINTS
from myeloscope.report.statistics_cells import NONE, Table, figure_text, p_text, value_text
from myeloscope.report.statistics_lookup import Lookup, Wanted, Whose

_PLAIN, _LINEAR, _QUADRATIC = (
    w.value for w in (Weights.UNWEIGHTED, Weights.LINEAR, Weights.QUADRATIC)
)
_NAMES = {
    "percent_agreement": "agreement",
    "fleiss_kappa": "Fleiss' kappa",
    "conger_kappa": "Conger's kappa",
    "gwet_ac": "Gwet's AC",
    "krippendorff_alpha": "Krippendorff's alpha",
    "bennett_s": "Bennett's S",
}


def pair_tables(found: Lookup) -> tuple[Table, ...]:
    """Return the tables about pairs of readers and all readers, empty ones left out."""
    made = (
        grades_table(found),
        presence_table(found),
        all_readers_table(found),
        paired_table(found),
        margins_table(found),
        level_agreement_table(found),
    )
    return tuple(table for table in made if table.rows)


def _n(figure: Statistic | None) -> str:
    return NONE if figure is None or figure.n is None else str(figure.n)


def grades_table(found: Lookup) -> Table:
    """Return agreement of pairs on the grades."""
    wanted = (
        Wanted("percent_agreement", weights=_PLAIN),
        Wanted("cohen_kappa", weights=_PLAIN),
        Wanted("cohen_kappa", weights=_LINEAR),
        Wanted("cohen_kappa", weights=_QUADRATIC),
        Wanted("gwet_ac", weights=_QUADRATIC),
    )
    rows = []
    for pair in found.pairs():
        figures = [found.find(w, found.pair(*pair)) for w in wanted]
        rows.append((found.pair_name(pair), _n(figures[0]), *map(figure_text, figures)))
    head = (
        "Pair",
        "n",
        "Agreement",
        "Kappa",
        "Kappa, linear",
        "Kappa, quadratic",
        "AC2, quadratic",
    )
    note = "The scale is 0-3, also where a grade was not used. 95% intervals."
    note += found.pairs_left_out
    return Table("Agreement on grades", head, tuple(rows), note)


def presence_table(found: Lookup) -> Table:
    """Return agreement of pairs on the presence of a sign."""
    wanted = (
        Wanted("percent_agreement", 1, weights=_PLAIN),
        Wanted("cohen_kappa", 1, weights=_PLAIN),
        Wanted("pabak", 1),
        Wanted("gwet_ac", 1, weights=_PLAIN),
    )
    rows = []
    for pair in found.pairs():
        whose = found.pair(*pair)
        figures = [found.find(w, whose) for w in wanted]
        indices = [found.find(Wanted(n, 1), whose) for n in ("prevalence_index", "bias_index")]
        rows.append(
            (
                found.pair_name(pair),
                *map(figure_text, figures),
                *(value_text(i.value if i else None) for i in indices),
            )
        )
    head = ("Pair", "Agreement", "Kappa", "PABAK", "AC1", "Prevalence index", "Bias index")
    return Table("Agreement on presence (positive from grade 1)", head, tuple(rows))


def all_readers_table(found: Lookup) -> Table:
    """Return agreement of all readers of each modality; empty with one reader in each."""
    rows = []
    for modality, sources in found.reads.modalities.items():
        if len(sources) < 2:
            continue
        for kind in GroupCoefficient:
            wanted = [Wanted(kind.value, weights=w.value) for w in Weights]
            wanted.append(Wanted(kind.value, 1, weights=_PLAIN))
            figures = [found.find(w, Whose(modality)) for w in wanted]
            name = _NAMES.get(kind.value, kind.value)
            rows.append((modality, name, *map(figure_text, figures)))
    head = ("Modality", "Coefficient", *(w.value.capitalize() for w in Weights), "Presence")
    note = "All available reads; 95% intervals. Presence: positive from grade 1, unweighted."
    return Table("Agreement of all readers", head, tuple(rows), note)


def paired_table(found: Lookup) -> Table:
    """Return paired differences of accuracy with their tests."""
    rows = []
    for pair in found.pairs():
        whose = found.pair(*pair)
        for endpoint in ENDPOINTS:
            exact = found.find(Wanted("mcnemar_exact", 1, endpoint=endpoint), whose)
            test = found.find(Wanted("noninferiority", 1, endpoint=endpoint), whose)
            shown = NONE
            if test is not None and test.ci_low is not None:
                shown = "not shown" if "not shown" in test.note else "shown"
            p = (p_text(exact.value if exact else None), p_text(test.p if test else None))
            rows.append(
                (found.pair_name(pair), endpoint, _n(test), figure_text(test, 3), *p, shown)
            )
        area = found.find(Wanted("auc_difference", None, DELONG, endpoint="auc"), whose)
        if area is not None:
            cells = (_n(area), figure_text(area, 3), p_text(area.p), NONE, NONE)
            rows.append((found.pair_name(pair), "AUC", *cells))
    head = ("Pair", "Endpoint", "n", "Difference", "p", "p, non-inferiority", "Non-inferior")
    margin = found.analysis.settings.margin
    note = (
        "Differences are first minus second, positive from grade 1, with Tango's 95% score "
        "interval; p by the exact McNemar test. Non-inferiority of the first, margin "
        f"{margin:g}, one-sided. AUC: paired DeLong."
    )
    return Table("Paired comparison", head, tuple(rows), note)


def margins_table(found: Lookup) -> Table:
    """Return the tests of equal use of the grades."""
    rows = []
    for pair in found.pairs():
        cells: list[str] = []
        for name in ("stuart_maxwell", "bhapkar"):
            figure = found.find(Wanted(name), found.pair(*pair))
            cells += [figure_text(figure), p_text(figure.p if figure else None)]
        rows.append((found.pair_name(pair), *cells))
    head = ("Pair", "Stuart-Maxwell chi-square", "p", "Bhapkar chi-square", "p")
    return Table("Do readers use the grades alike?", head, tuple(rows))


def level_agreement_table(found: Lookup) -> Table:
    """Return agreement on levels apart from presence; empty without levels."""
    if found.reads.levels is None:
        return Table("", (), ())
    rows = []
    for pair in found.pairs():
        whose = found.pair(*pair)
        same = found.find(Wanted("identical_level_set", 1), whose)
        pooled = found.find(Wanted("cohen_kappa", 1, CLUSTER, _PLAIN), whose)
        single = (
            found.find(Wanted("cohen_kappa", 1, "", _PLAIN, level=level), whose) for level in LEVELS
        )
        cells = (figure_text(same), figure_text(pooled), *map(figure_text, single))
        rows.append((found.pair_name(pair), *cells))
    head = ("Pair", "Same set of levels", "Kappa, all levels", *(f"Kappa, {x}" for x in LEVELS))
    note = (
        "Positive from grade 1. Kappa over all levels has patients as clusters. Agreement on the "
        "presence of a sign anywhere says nothing about its level: hence the first column."
    )
    return Table("Agreement on levels", head, tuple(rows), note)
