"""How much a candidate looks like a leak: boosted trees over its measured features.

The trees are data (``leak_score.json``), made by ``benchmarks/train_leak_score.py`` from phantoms
whose seeds the file names. They may only rise with more unexplained signal, more signal beyond the
longest normal sleeve and more contrast, and only fall with distance from the root and its course.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp



@dataclass(frozen=True, slots=True)
class Node:
    """A question (go left when the feature is at most the threshold) or, at the end, a value."""

    feature: str | None
    threshold: float
    left: int
    right: int
    value: float


@dataclass(frozen=True, slots=True)
class LeakModel:
    """Additive trees on the logit scale; ``threshold`` is the logit from which on a leak is called.

    ``seeds`` are the phantoms it was made from, first and one past the last.
    """

    trees: tuple[tuple[Node, ...], ...]
    baseline: float
    threshold: float
    seeds: tuple[int, int]


def tree_value(tree: tuple[Node, ...], values: Mapping[str, float]) -> float:
    """Follow one tree from its root to a value."""
    node = tree[0]
    while node.feature is not None:
        node = tree[node.left if values[node.feature] <= node.threshold else node.right]
    return node.value


def model_from_json(data: Mapping[str, object]) -> LeakModel:
    """Return the model of a parsed ``leak_score.json``."""
    names, trees = data["features"], data["trees"]
    assert isinstance(names, list)
    assert isinstance(trees, list)
    first, stop = (int(str(seed)) for seed in str(data["seeds"]).split("-"))
    return LeakModel(
        tuple(
            tuple(
                Node(None if f < 0 else names[f], threshold, left, right, value)
                for f, threshold, left, right, value in tree
            )
            for tree in trees
        ),
        float(str(data["baseline"])),
        float(str(data["threshold"])),
        (first, stop),
    )


@cache
def leak_model() -> LeakModel:
    """Return the model that comes with the package."""
    text = files("myeloscope.myelography").joinpath("leak_score.json").read_text("utf-8")
    return model_from_json(json.loads(text))


def leak_score(measures: Mapping[str, float]) -> float:
    """Return the evidence for a leak, 0-1; 0.5 and more is called a leak. Not a probability."""
    model = leak_model()
    logit = model.baseline + sum(tree_value(tree, measures) for tree in model.trees)
    return 1.0 / (1.0 + exp(-(logit - model.threshold)))
