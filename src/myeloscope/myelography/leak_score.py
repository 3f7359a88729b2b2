"""How much a root's site looks like a leak: boosted trees over what was measured there.

The trees are data (``leak_score.json``), made by ``benchmarks/train_leak_score.py`` from simulated
studies whose seeds the file names. They may only rise with more signal than the neighbours have
and more contrast, and only fall with distance from the root and its course. What they say of a root
is then taken with what they say of the patient's other roots.
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

ASKED_AT_ONCE = 4
"""Questions after which what has come to an end of its tree is left out."""
OTHERS = 0.2
"""Weight of the study's other roots. Any from 0.1 to 0.3 finds the same share of leaks within 0.01
in cross-validation over seven simulators, and so do weights fitted on six for the seventh."""
PLAIN = 11
"""Rank, among the other roots, of one that most likely leaks in no patient and shows what normal
ones look like to the trees in this study."""


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
    baseline
        What every site begins with.
    threshold, further
        Logit from which on a study's most suspect root is called a leak, which makes a case
        positive, and each further one, of which there are many that could be called wrongly.
    seeds
        Source of simulated studies -> the seeds it was made from, first and one past the last.
    """

    measures: tuple[str, ...]
    roots: NDArray[np.intp]
    asked: NDArray[np.intp]
    bound: FloatArray
    value: FloatArray
    follows: NDArray[np.intp]
    baseline: float
    threshold: float
    further: float
    seeds: Mapping[str, tuple[int, int]]

    def logits(self, sites: Sequence[Mapping[str, float]]) -> FloatArray:
        """Return (sites,) the sum of all trees for what was measured at each site."""
        measured = np.array([[site[name] for name in self.measures] for site in sites])
        ends = np.tile(self.roots, len(sites))
        going = np.arange(len(ends))
        while len(going):
            node, site = ends[going], going // len(self.roots) * len(self.measures)
            for _ in range(ASKED_AT_ONCE):
                beyond = measured.take(self.asked.take(node) + site) > self.bound.take(node)
                node = self.follows.take(2 * node + beyond)
            ends[going] = node
            going = going[self.follows.take(2 * node) != node]
        values = self.value.take(ends).reshape(len(sites), -1)
        return np.asarray(self.baseline + values.sum(axis=1))


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
        baseline=data["baseline"],
        threshold=data["threshold"],
        further=data["further"],
        seeds={source: (first, stop) for source, (first, stop) in data["seeds"].items()},
    )


@cache
def leak_model() -> LeakModel:
    """Return the model that comes with the package."""
    return model_from_json(
        files("myeloscope.myelography").joinpath("leak_score.json").read_text("utf-8")
    )


def among_others(logits: FloatArray) -> FloatArray:
    """Return a study's logits (sites,) with what its other roots say added.

    Leaks come in several, so that the most suspect other root speaks for a doubtful one; where many
    roots look suspect, so do the patient's normal sleeves, and the ``PLAIN``-th other one is
    subtracted. The order of the roots stays.
    """
    if len(logits) < 2:
        return logits
    rank = np.empty(len(logits), dtype=np.intp)
    rank[np.argsort(-logits, kind="stable")] = np.arange(len(logits))
    ordered = np.sort(logits)[::-1]
    largest = ordered[np.where(rank == 0, 1, 0)]
    last = len(logits) - 1
    plain = ordered[np.minimum(np.where(rank < PLAIN, PLAIN, PLAIN - 1), last - (rank == last))]
    return np.asarray(logits + OTHERS * (largest - plain))


def leak_scores(sites: Sequence[Mapping[str, float]]) -> tuple[float, ...]:
    """Return the evidence for a leak of each site of one study, 0-1; 0.5 is called a leak.

    It is not a probability.
    """
    if not sites:
        return ()
    model = leak_model()
    logits = among_others(model.logits(sites))
    bounds = np.where(logits == logits.max(), model.threshold, model.further)
    return tuple((1.0 / (1.0 + np.exp(bounds - logits))).tolist())
