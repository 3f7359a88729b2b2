"""Make the trees of the leak score from simulated studies: myelography/leak_score.json.

    python -m benchmarks.train_leak_score

makes the studies of every source (our phantoms and the strangers), measures every root's site,
prints what cross-validation by study says of the trees, source by source, and writes them. Of the
pattern network they learn what it says of studies it has not met (``train_leak_pattern``, which
goes before).
``--apart`` also says of each source what trees made from all the others do on it, a simulator they
have never met; they do without the pattern network, which has met them all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from benchmarks.leak_examples import (
    HELD_OUT,
    Example,
    arguments,
    measured,
    seeds_of,
    studies_of,
)
from benchmarks.strangers.source import Source
from myeloscope.myelography.leak_score import among_others

TARGET = Path("src/myeloscope/myelography/leak_score.json")
FALSE_A_STUDY = (0.1, 0.2, 0.5, 1.0)
RISES = (
    "course_",
    "spot_",
    "patch_",
    "all_",
    "contrast_",
    "over_low_",
    "mass_ratio",
    "brightness_ratio",
    "pattern",
)
"""More of these, by the beginning of their names, never speaks against a leak."""
FALLS = ("piece_off_course", "piece_near")
FALSE_SHARE = 0.13
"""Share of controls that may be called positive, by cross-validation."""
FALSE_LEAKS = 0.18
"""Leaks that may be called wrongly a study, by cross-validation."""
NORMAL_SHARE = 0.4
"""Part of the normal sites that trees are fitted to: they are forty times as many as leaks, and
more of them find no more."""
FOLDS = 3


def threshold_of(logits: NDArray[np.float64], examples: Sequence[Example]) -> float:
    """Return the logit that only ``FALSE_SHARE`` of the controls exceed, the same of each source.

    Sources count alike, however many studies they give.
    """
    bounds = []
    for source in sorted({e.source for e in examples}):
        highest: dict[int, float] = {}
        for example, logit in zip(examples, logits.tolist(), strict=True):
            if example.source is source and not example.patient:
                highest[example.seed] = max(highest.get(example.seed, -np.inf), logit)
        bounds.append(np.quantile(list(highest.values()), 1 - FALSE_SHARE))
    return float(np.mean(bounds))


def further_of(logits: NDArray[np.float64], table: Table, threshold: float) -> float:
    """Return the logit for roots beside a study's most suspect one, at least the threshold.

    With it ``FALSE_LEAKS`` are called wrongly a study, the mean over sources.
    """
    groups = table.groups()
    top = np.full(groups.max() + 1, -np.inf)
    np.maximum.at(top, groups, logits)
    most_suspect = logits == top[groups]
    per_study = np.zeros(len(logits))
    for source in table.sources:
        here = table.of_source(source)
        per_study[here] = 1.0 / len(np.unique(groups[here])) / len(table.sources)
    false = ~table.y & (logits >= threshold)
    left = FALSE_LEAKS - per_study[false & most_suspect].sum()
    others = np.flatnonzero(false & ~most_suspect)
    others = others[np.argsort(-logits[others])]
    count = int(np.searchsorted(np.cumsum(per_study[others]), left, side="right"))
    return float(logits[others[count]]) if count < len(others) else threshold


@dataclass(frozen=True, slots=True)
class Bounds:
    """Logits from which on a study's most suspect root and each further one are called."""

    threshold: float
    further: float


def trees_as_json(
    model: HistGradientBoostingClassifier,
    names: Sequence[str],
    bounds: Bounds,
    seeds: Mapping[str, tuple[int, int]],
) -> str:
    """Return the fitted trees as the package's JSON, a row for every tree."""
    head = {
        "seeds": seeds,
        "baseline": _short(model._baseline_prediction[0, 0]),
        "threshold": _short(bounds.threshold),
        "further": _short(bounds.further),
        "measures": list(names),
        "sizes": [len(predictor.nodes) for (predictor,) in model._predictors],
    }
    rows: dict[str, list[list[float]]] = {
        name: [] for name in ("asked", "bound", "left", "right", "value")
    }
    for (predictor,) in model._predictors:
        nodes = predictor.nodes
        ends = nodes["is_leaf"].astype(bool)
        rows["asked"].append(np.where(ends, -1, nodes["feature_idx"]).tolist())
        rows["bound"].append([_short(v) for v in np.where(ends, 0.0, nodes["num_threshold"])])
        rows["left"].append(np.where(ends, 0, nodes["left"]).tolist())
        rows["right"].append(np.where(ends, 0, nodes["right"]).tolist())
        rows["value"].append([_short(v) for v in np.where(ends, nodes["value"], 0.0)])
    parts = [json.dumps(head, indent=1)[:-2]]
    for name, trees in rows.items():
        lines = ",\n".join(json.dumps(tree, separators=(",", ":"))[1:-1] for tree in trees)
        parts.append(f' "{name}": [\n{lines}\n ]')
    return ",\n".join(parts) + "\n}\n"


def _short(value: float) -> float:
    return float(f"{float(value):.6g}")


def new_trees(names: Sequence[str]) -> HistGradientBoostingClassifier:
    """Return the trees to be fitted, bound to rise and fall as the house wants it."""
    return HistGradientBoostingClassifier(
        max_iter=250,
        max_leaf_nodes=31,
        learning_rate=0.08,
        min_samples_leaf=10,
        max_features=0.7,
        l2_regularization=5.0,
        early_stopping=False,
        monotonic_cst=[name.startswith(RISES) - name.startswith(FALLS) for name in names],
        random_state=0,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All examples whose truth is sure: (sites, measures) and (sites,) leaking or not."""

    examples: Sequence[Example]
    names: Sequence[str]
    x: NDArray[np.float64]
    y: NDArray[np.bool_]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Table:
        """Return the table of what is sure."""
        sure = [e for e in examples if e.leak is not None]
        names = list(sure[0].measures)
        x = np.array([[e.measures[name] for name in names] for e in sure])
        return cls(sure, names, x, np.array([bool(e.leak) for e in sure]))

    @property
    def sources(self) -> list[Source]:
        """Return the sources there are."""
        return sorted({e.source for e in self.examples})

    def of_source(self, source: Source) -> NDArray[np.bool_]:
        """Return (sites,) which are a source's."""
        return np.array([e.source is source for e in self.examples])

    def groups(self) -> NDArray[np.intp]:
        """Return (sites,) the number of each site's study."""
        return studies_of(self.examples)

    def among_others(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return logits (sites,) each with what its study's other roots say added."""
        told, groups = np.empty(len(logits)), self.groups()
        for study in range(groups.max() + 1):
            here = groups == study
            told[here] = among_others(logits[here])
        return told


def told_of(table: Table, source: Source, logits: NDArray[np.float64]) -> str:
    """Say what logits do on a source: leaks found at false ones a study, cases told apart."""
    here = table.of_source(source)
    leaks, normal = logits[here & table.y], np.sort(logits[here & ~table.y])[::-1]
    cases: dict[tuple[int, bool], float] = {}
    for k in np.flatnonzero(here).tolist():
        case = table.examples[k].seed, table.examples[k].patient
        cases[case] = max(cases.get(case, -np.inf), float(logits[k]))
    shares = [np.mean(leaks > normal[round(rate * len(cases))]) for rate in FALSE_A_STUDY]
    auc = roc_auc_score([patient for _, patient in cases], list(cases.values()))
    found = ", ".join(f"{s:.3f} at {r:g}" for s, r in zip(shares, FALSE_A_STUDY, strict=True))
    return f"{source}: {len(cases)} studies, leaks found {found} false a study; case AUC {auc:.3f}"


def with_pattern(examples: Sequence[Example], held_out: NDArray[np.float64]) -> list[Example]:
    """Return examples with what a pattern network that has not met their study says of them."""
    return [
        replace(e, measures={**e.measures, "pattern": told})
        for e, told in zip(examples, held_out.tolist(), strict=True)
    ]


def without_pattern(examples: Sequence[Example]) -> list[Example]:
    """Return examples without what a pattern network says of them."""
    return [
        replace(e, measures={k: v for k, v in e.measures.items() if k != "pattern"})
        for e in examples
    ]


def fitted(table: Table, among: NDArray[np.intp]) -> HistGradientBoostingClassifier:
    """Return trees fitted to the leaks and a part of the normal sites among these rows."""
    taken = table.y | (np.random.default_rng(0).random(len(table.y)) < NORMAL_SHARE)
    rows = among[taken[among]]
    return new_trees(table.names).fit(table.x[rows], table.y[rows])


def train(examples: Sequence[Example], seeds: Mapping[str, tuple[int, int]]) -> str:
    """Fit the trees, print what cross-validation says of them, and return them as JSON."""
    table = Table.of(examples)
    held_out = np.empty(len(table.y))
    for others, here in GroupKFold(FOLDS).split(table.x, groups=table.groups()):
        held_out[here] = fitted(table, others).decision_function(table.x[here])
    held_out = table.among_others(held_out)
    threshold = threshold_of(held_out, table.examples)
    bounds = Bounds(threshold, further_of(held_out, table, threshold))
    print(
        f"{len(table.y)} sites, {table.y.sum()} leaks; called at logit {bounds.threshold:.2f}, "
        f"beside another from {bounds.further:.2f} on"
    )
    for source in table.sources:
        print(told_of(table, source, held_out), flush=True)
    trees = fitted(table, np.arange(len(table.y)))
    return trees_as_json(trees, table.names, bounds, seeds)


def tell_apart(examples: Sequence[Example]) -> None:
    """Print what trees made from all other sources do on each.

    They do without the pattern network, which has met every source.
    """
    table = Table.of(without_pattern(examples))
    for source in table.sources:
        here = table.of_source(source)
        logits = np.full(len(here), np.nan)
        logits[here] = fitted(table, np.flatnonzero(~here)).decision_function(table.x[here])
        told = told_of(table, source, table.among_others(logits))
        print(f"never met, {told}", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Make the studies, train and write."""
    parser = arguments(__doc__, TARGET)
    parser.add_argument("--apart", action="store_true", help="leave each source out as well")
    args = parser.parse_args(argv)
    kept = args.tables / HELD_OUT
    if not kept.exists():
        parser.error(f"no {kept}: run benchmarks.train_leak_pattern with the same seeds first")
    seeds = seeds_of(args.share)
    found = measured(seeds, args.tables, args.jobs)
    held_out = np.load(kept)
    if len(held_out) != len(found):
        parser.error(
            f"{kept} has {len(held_out)} roots, and {len(found)} were measured: "
            "run benchmarks.train_leak_pattern with the same seeds first"
        )
    found = with_pattern(found, held_out)
    text = train(found, {str(s): (0, count) for s, count in seeds.items()})
    args.out.write_text(text, encoding="utf-8")
    if args.apart:
        tell_apart(found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
