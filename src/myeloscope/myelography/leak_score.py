"""How much a root's site looks like a leak: boosted trees over what was measured there.

The trees are data (``leak_score.json``), made by ``benchmarks/train_leak_score.py`` from simulated
studies whose seeds the file names. They may only rise with more signal than the neighbours have
and more contrast, and only fall with distance from the root and its course.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from myeloscope.myelography.lateral import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LeakModel:
    """Additive trees on the logit scale, their nodes one after the other.

    Attributes
    ----------
    measures
        Names of the measures that are asked for.
    roots
        (trees,) first node of each tree.
    asked
        (nodes,) index of the measure a node asks for; any where a tree ends.
    bound, value
        (nodes,) the bound up to which the answer goes left, and what is added at an end.
    follows
        (2 nodes,) of each node the node to the left, then the one to the right; itself at an end.
    depth
        Most questions from the first node of a tree to an end.
    baseline, threshold
        What every site begins with, and the logit from which on a leak is called.
    seeds
        Source of simulated studies -> the seeds it was made from, first and one past the last.
    """

    measures: tuple[str, ...]
    roots: NDArray[np.intp]
    asked: NDArray[np.intp]
    bound: FloatArray
    value: FloatArray
    follows: NDArray[np.intp]
    depth: int
    baseline: float
    threshold: float
    seeds: Mapping[str, tuple[int, int]]

    def logits(self, sites: Sequence[Mapping[str, float]]) -> FloatArray:
        """Return (sites,) the sum of all trees for what was measured at each site."""
        measured = np.array([[site[name] for name in self.measures] for site in sites])
        site = np.arange(len(sites))[:, None] * len(self.measures)
        node = np.tile(self.roots, (len(sites), 1))
        for _ in range(self.depth):
            beyond = measured.take(self.asked.take(node) + site) > self.bound.take(node)
            node = self.follows.take(2 * node + beyond)
        return np.asarray(self.baseline + self.value.take(node).sum(axis=1))


def model_from_json(text: str) -> LeakModel:
    """Return the model of a ``leak_score.json``; its nodes are numbered within their tree."""
    data = json.loads(text)
    sizes = np.array(data["sizes"], dtype=np.intp)
    roots = np.cumsum(sizes) - sizes
    asked = np.array(data["asked"], dtype=np.intp)
    offset, own = np.repeat(roots, sizes), np.arange(len(asked))
    sides = (np.array(data[side], dtype=np.intp) + offset for side in ("left", "right"))
    follows = np.stack([np.where(asked < 0, own, side) for side in sides], axis=1)
    return LeakModel(
        measures=tuple(data["measures"]),
        roots=roots,
        asked=np.maximum(asked, 0),
        bound=np.array(data["bound"], dtype=float),
        value=np.array(data["value"], dtype=float),
        follows=follows.ravel(),
        depth=_depth(follows, roots),
        baseline=data["baseline"],
        threshold=data["threshold"],
        seeds={source: (first, stop) for source, (first, stop) in data["seeds"].items()},
    )


def _depth(follows: NDArray[np.intp], roots: NDArray[np.intp]) -> int:
    """Return the most steps from the first node of a tree to an end, where nothing follows."""
    depth, nodes = 0, roots
    while len(nodes := np.setdiff1d(follows[nodes], nodes)):
        depth += 1
    return depth


@cache
def leak_model() -> LeakModel:
    """Return the model that comes with the package."""
    return model_from_json(
        files("myeloscope.myelography").joinpath("leak_score.json").read_text("utf-8")
    )


def leak_scores(sites: Sequence[Mapping[str, float]]) -> tuple[float, ...]:
    """Return each site's evidence for a leak, 0-1; 0.5 is called a leak. Not a probability."""
    if not sites:
        return ()
    model = leak_model()
    return tuple((1.0 / (1.0 + np.exp(model.threshold - model.logits(sites)))).tolist())
