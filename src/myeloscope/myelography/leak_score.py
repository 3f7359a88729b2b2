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
        (nodes,) index of the measure a node asks for; -1 where a tree ends.
    bound, left, right, value
        (nodes,) the bound up to which the answer goes left, the nodes that follow, and what is
        added at an end.
    baseline, threshold
        What every site begins with, and the logit from which on a leak is called.
    seeds
        Source of simulated studies -> the seeds it was made from, first and one past the last.
    """

    measures: tuple[str, ...]
    roots: NDArray[np.intp]
    asked: NDArray[np.intp]
    bound: FloatArray
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    value: FloatArray
    baseline: float
    threshold: float
    seeds: Mapping[str, tuple[int, int]]

    def logits(self, sites: Sequence[Mapping[str, float]]) -> FloatArray:
        """Return (sites,) the sum of all trees for what was measured at each site."""
        measured = np.array([[site[name] for name in self.measures] for site in sites])
        node = np.tile(self.roots, (len(sites), 1))
        while (asks := self.asked[node] >= 0).any():
            answer = np.take_along_axis(measured, np.maximum(self.asked[node], 0), axis=1)
            follows = np.where(answer <= self.bound[node], self.left[node], self.right[node])
            node = np.where(asks, follows, node)
        return np.asarray(self.baseline + self.value[node].sum(axis=1))


def model_from_json(text: str) -> LeakModel:
    """Return the model of a ``leak_score.json``; its nodes are numbered within their tree."""
    data = json.loads(text)
    sizes = np.array(data["sizes"], dtype=np.intp)
    roots = np.cumsum(sizes) - sizes
    offset = np.repeat(roots, sizes)
    return LeakModel(
        measures=tuple(data["measures"]),
        roots=roots,
        asked=np.array(data["asked"], dtype=np.intp),
        bound=np.array(data["bound"], dtype=float),
        left=np.array(data["left"], dtype=np.intp) + offset,
        right=np.array(data["right"], dtype=np.intp) + offset,
        value=np.array(data["value"], dtype=float),
        baseline=data["baseline"],
        threshold=data["threshold"],
        seeds={source: (first, stop) for source, (first, stop) in data["seeds"].items()},
    )


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
