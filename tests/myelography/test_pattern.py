"""The pattern network: what it sees of a root, and that it reckons as PyTorch does."""

from __future__ import annotations

import math

import numpy as np
import pytest

from myeloscope.myelography.pattern import (
    CONTEXT,
    DIM,
    SURE_SPREADS,
    network_from_arrays,
    pattern_network,
    views,
)

OWN, OVER_SPREAD, OTHER_SIDE, USUAL, HIGH, EXCESS, MASK = range(7)


def test_a_network_reckons_as_pytorch_does() -> None:
    # the logits are those of torch 2.13 (conv2d, linear, relu; 64 bits) for the same arrays
    drawn = np.random.default_rng(7)

    def layer(*shape: int) -> tuple[np.ndarray, np.ndarray]:
        weights = drawn.normal(size=shape) / np.sqrt(np.prod(shape[:-1]))
        return weights, drawn.normal(size=shape[-1]) * 0.1

    arrays: dict[str, np.ndarray] = {}
    for k, shape in enumerate(((5, 5, 7, 4), (3, 3, 4, 5), (3, 3, 5, 6))):
        arrays[f"convolution_{k}"], arrays[f"convolution_bias_{k}"] = layer(*shape)
    for k, sizes in enumerate(((144, 8), (12, 6), (6, 1))):
        arrays[f"dense_{k}"], arrays[f"dense_bias_{k}"] = layer(*sizes)
    arrays["mean"], arrays["deviation"] = drawn.normal(size=4), drawn.uniform(0.5, 2, size=4)
    seen, context = drawn.normal(size=(3, 29, 45, 7)), drawn.normal(size=(3, 4))
    told = network_from_arrays(arrays).logits(seen.astype(np.float32), context)
    assert told.tolist() == pytest.approx([0.10664, 0.11114, -0.25579], abs=6e-4)


def test_roots_are_told_one_by_one_as_they_are_together() -> None:
    drawn = np.random.default_rng(3)
    seen = drawn.uniform(0, 1, size=(2, 5, 29, 45, 7)).astype(np.float32)
    context = drawn.uniform(0, 1, size=(2, 5, len(CONTEXT)))
    network = pattern_network()
    together = network.logits(seen, context)
    assert together.shape == (2, 5)
    assert np.ptp(together) > 0.01
    alone = network.logits(seen[1:, 3:4], context[1:, 3:4])
    assert alone[0, 0] == pytest.approx(together[1, 3], abs=2e-3)


def test_what_the_network_sees() -> None:
    signal = np.zeros((2, 1, 29, 45))
    signal[0] = DIM * (math.e**2 - 1)  # compressed: log(1 + signal / DIM) / 2 = 1
    signal[1] = -0.2  # below the background: nothing
    own = np.ones(signal.shape, dtype=bool)
    own[0, 0, 0, 0] = False
    usual, high = np.zeros((1, 29, 45)), np.full((1, 29, 45), DIM * (math.e - 1))
    spread = np.array([[signal[0, 0, 0, 0] / SURE_SPREADS], [0.1]])
    seen = views(signal, own, usual, high, spread)
    assert seen.shape == (2, 1, 29, 45, 7)
    right, left = seen[0, 0, 5, 5], seen[1, 0, 5, 5]
    assert right[OWN] == pytest.approx(1.0)
    assert right[OVER_SPREAD] == pytest.approx(math.tanh(1.0))
    assert left[OWN] == 0.0
    assert left[OVER_SPREAD] == pytest.approx(math.tanh(-0.4))
    assert (right[OTHER_SIDE], left[OTHER_SIDE]) == (left[OWN], right[OWN])
    assert right[USUAL] == 0.0
    assert right[HIGH] == pytest.approx(0.5)
    assert right[EXCESS] == pytest.approx(0.5)
    assert (seen[0, 0, 0, 0, MASK], right[MASK]) == (0.0, 1.0)


def test_the_package_brings_a_network_that_rises_with_a_leak() -> None:
    # a triangle of a third of the sac's signal beside the sac, where neighbours show nothing
    signal = np.zeros((2, 1, 29, 45))
    along, outward = np.mgrid[-14:15, 1:46]
    signal[0, 0] = 0.35 * (np.abs(along) < 8 - 0.6 * outward)
    own = np.ones(signal.shape, dtype=bool)
    nothing = np.zeros((1, 29, 45))
    seen = views(signal, own, nothing, nothing, np.full((2, 1), 0.01))
    context = np.tile(pattern_network().mean.astype(float), (2, 1, 1))
    leaking, plain = pattern_network().logits(seen, context)[:, 0]
    assert leaking > plain + 3.0
