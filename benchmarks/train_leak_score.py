"""Make the trees of the leak score from phantoms: src/myeloscope/myelography/leak_score.json.

    python -m benchmarks.train_leak_score --first 0 --count 600

Seeds must lie below 10000 (those from 10000 on are for reporting). Prints what cross-validation by
study says of the trees before it writes them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold, cross_val_predict

from benchmarks.reading_quality import NEAR_MM
from benchmarks.strangers.source import spec_of
from myeloscope.domain.anatomy import Side
from myeloscope.domain.grade import FindingKind
from myeloscope.geometry.canvas import stitch
from myeloscope.myelography.judge import is_round
from myeloscope.myelography.signs import find_signs, place_of
from myeloscope.myelography.spine import canvas_noise, see_spine
from myeloscope.phantom import Phantom, make
from myeloscope.phantom.spec import Ruin
from myeloscope.phantom.truth import Truth

TARGET = Path("src/myeloscope/myelography/leak_score.json")
RISES = ("area", "contrast", "lateral", "lateral_contrast", "mass_ratio", "brightness_ratio")
FALLS = ("off_course", "near")
FALSE_SHARE = 0.14
"""Share of controls that may be called positive, by cross-validation."""
DOUBTFUL_MM = 30.0
"""Unmatched candidates this near a true finding are neither leak nor normal: left out."""


@dataclass(frozen=True, slots=True)
class Example:
    """One candidate of one phantom; ``leak`` is None where the truth is doubtful."""

    seed: int
    features: dict[str, float]
    leak: bool | None


def examples_of(phantom: Phantom) -> list[Example]:
    """Return the candidates of a phantom that are not round, with what they truly are."""
    truth = phantom.truth
    if truth.ruin != Ruin.NONE.value:
        return []
    canvas = stitch(phantom.study)
    spine = see_spine(canvas, canvas_noise(canvas, phantom.study), {})
    if spine is None:
        return []
    result = []
    known = [f for f in (*truth.findings, *truth.mimics) if f.station is not None]
    for sign in find_signs(spine):
        if is_round(sign.features):
            continue
        at = spine.patient_mm(*place_of(sign.candidate), sign.side)[0]
        near = [
            (float(np.hypot(f.position_mm[0] - at[0], f.position_mm[2] - at[2])), f.kind)
            for f in known
            if f.side is sign.side
        ]
        leak: bool | None = any(d <= NEAR_MM and kind is FindingKind.LEAK for d, kind in near)
        beside = any(NEAR_MM < d < DOUBTFUL_MM for d, _ in near)
        if not leak and (beside or _in_collection(at, sign.side, truth)):
            leak = None
        result.append(Example(truth.seed, sign.features.as_record(), leak))
    return result


def _in_collection(at: NDArray[np.float64], side: Side, truth: Truth) -> bool:
    """Return whether a place may lie in an epidural collection: fluid of a leak, not graded."""
    return any(
        f.kind is FindingKind.EPIDURAL_COLLECTION
        and f.side in (side, Side.MIDLINE)
        and abs(f.position_mm[2] - at[2]) < (f.size_mm or 60.0)
        for f in truth.findings
    )


def _make_examples(seed: int) -> list[Example]:
    return examples_of(make(spec_of(seed)))


def threshold_of(
    logits: NDArray[np.float64], groups: NDArray[np.intp], controls: Sequence[int]
) -> float:
    """Return the logit that only ``FALSE_SHARE`` of the controls exceed."""
    highest = [max(logits[groups == seed], default=-20.0) for seed in controls]
    return float(np.quantile(highest, 1 - FALSE_SHARE))


def trees_as_json(
    model: HistGradientBoostingClassifier, names: Sequence[str], threshold: float, seeds: range
) -> str:
    """Return the fitted trees as the package's JSON."""
    trees = []
    for (predictor,) in model._predictors:
        trees.append(
            [
                [
                    -1 if node["is_leaf"] else int(node["feature_idx"]),
                    float(f"{0.0 if node['is_leaf'] else node['num_threshold']:.6g}"),
                    int(node["left"]),
                    int(node["right"]),
                    float(f"{node['value'] if node['is_leaf'] else 0.0:.5g}"),
                ]
                for node in predictor.nodes
            ]
        )
    baseline = float(f"{float(model._baseline_prediction[0, 0]):.6g}")
    head = {
        "seeds": f"{seeds.start}-{seeds.stop}",
        "baseline": baseline,
        "threshold": float(f"{threshold:.6g}"),
        "features": list(names),
    }
    rows = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    return json.dumps(head, indent=1)[:-2] + f',\n "trees": [\n{rows}\n ]\n}}\n'


def train(examples: Sequence[Example], seeds: range) -> str:
    """Fit the trees, print what cross-validation says of them, and return them as JSON."""
    sure = [e for e in examples if e.leak is not None]
    names = list(sure[0].features)
    x = np.array([[e.features[name] for name in names] for e in sure])
    y = np.array([bool(e.leak) for e in sure])
    groups = np.array([e.seed for e in sure])
    model = HistGradientBoostingClassifier(
        max_iter=110,
        max_leaf_nodes=8,
        learning_rate=0.07,
        min_samples_leaf=20,
        l2_regularization=5.0,
        early_stopping=False,
        monotonic_cst=[(n in RISES) - (n in FALLS) for n in names],
        random_state=0,
    )
    held_out = cross_val_predict(
        model, x, y, groups=groups, cv=GroupKFold(5), method="decision_function"
    )
    controls = [seed for seed in seeds if seed % 2 == 0]
    threshold = threshold_of(held_out, groups, controls)
    print(f"{len(sure)} candidates, {y.sum()} leaks; called at logit {threshold:.2f}")
    print(f"leaks kept {np.mean(held_out[y] > threshold):.3f}")
    return trees_as_json(model.fit(x, y), names, threshold, seeds)


def main(argv: Sequence[str] | None = None) -> int:
    """Make the phantoms, train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=TARGET)
    args = parser.parse_args(argv)
    seeds = range(args.first, args.first + args.count)
    if seeds.stop > 10000:
        parser.error("seeds from 10000 on are for reporting, not for training")
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("forkserver")) as pool:
        found = [e for part in pool.map(_make_examples, seeds, chunksize=4) for e in part]
    args.out.write_text(train(found, seeds), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
