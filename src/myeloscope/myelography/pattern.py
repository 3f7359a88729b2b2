"""How much the signal around a root looks like a leak's: a small convolutional network.

It sees a root as a picture where the measures of :mod:`myeloscope.myelography.sites` are numbers:
its own signal, the other side's and what the neighbours show, straightened along the root's course.
The weights are data (``leak_pattern.npz``), made by ``benchmarks/train_leak_pattern.py``; what the
network says is one measure among those that the trees of the leak score are made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from myeloscope.myelography.candidates import BoolImage
from myeloscope.myelography.lateral import FloatArray

Float32 = NDArray[np.float32]

DIM = 0.05
"""Signal over the sac's at which the compressed scale turns from linear to logarithmic."""
SURE_SPREADS = 5.0
"""Spreads of the background that the scale of what stands out of it saturates at."""
STEPS = (2, 2, 2)
"""Places from one position of each convolution's filters to the next."""
CONTEXT = ("slope", "usual_tip", "spread", "round")
"""Measures of the root that the network is told beside the picture."""
DECIMALS = 3
"""Digits after the point that are kept: sums of 32-bit products differ beyond between machines."""


def views(
    signal: FloatArray, own: BoolImage, usual: FloatArray, high: FloatArray, spread: FloatArray
) -> Float32:
    """Return (2, n, 29, 45, 7) what the network sees of every root.

    Parameters
    ----------
    signal
        (2, n, 29, 45) signal over the sac's around each root of the right and the left side.
    own
        (2, n, 29, 45) which places are the root's own.
    usual, high
        (n, 29, 45) the usual and the high pattern of the neighbours.
    spread
        (2, n) spread of the background at each root.

    Returns
    -------
    numpy.ndarray
        Own signal, compressed and over the spread; the other side's; the two patterns; by how much
        it exceeds the high one, all compressed; and which places are its own.
    """
    seen = np.empty((*signal.shape, 7), dtype=np.float32)
    seen[..., 0] = _compressed(signal)
    seen[..., 1] = np.tanh(signal / (SURE_SPREADS * spread[..., None, None]))
    seen[..., 2] = seen[::-1, ..., 0]
    seen[..., 3] = _compressed(usual)
    seen[..., 4] = _compressed(high)
    seen[..., 5] = seen[..., 0] - seen[..., 4]
    seen[..., 6] = own
    return seen


def _compressed(signal: FloatArray) -> Float32:
    return np.asarray(np.log1p(np.maximum(signal, 0.0) / DIM) / 2.0, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class PatternNetwork:
    """Three convolutions and three dense layers; between them negative values are cut.

    Attributes
    ----------
    convolutions
        For each (rows, columns, channels, filters) weights and (filters,) bias, its normalisation
        folded in.
    dense
        For each (values, outputs) weights and (outputs,) bias; the second also takes the context.
    mean, deviation
        (context,) of the training's roots, by which the context is scaled.
    """

    convolutions: tuple[tuple[Float32, Float32], ...]
    dense: tuple[tuple[Float32, Float32], ...]
    mean: Float32
    deviation: Float32

    def logits(self, seen: Float32, context: FloatArray) -> FloatArray:
        """Return (...) the evidence for a leak of roots (..., 29, 45, 7) with context (..., 4)."""
        values = seen.reshape(-1, *seen.shape[-3:])
        for (weights, bias), step in zip(self.convolutions, STEPS, strict=True):
            values = _cut(_windows(values, weights.shape[0], step) @ _flat(weights) + bias)
        scaled = np.clip(
            (context.reshape(len(values), -1) - self.mean) / self.deviation, -6.0, 6.0
        ).astype(np.float32)
        (weights, bias), (second, second_bias), (last, last_bias) = self.dense
        values = _cut(values.reshape(len(values), -1) @ weights + bias)
        values = _cut(np.concatenate([values, scaled], axis=1) @ second + second_bias)
        told = (values @ last + last_bias).astype(float).reshape(seen.shape[:-3])
        return np.round(told, DECIMALS)


def _cut(values: Float32) -> Float32:
    return np.maximum(values, 0.0, out=values)


def _flat(weights: Float32) -> Float32:
    return weights.reshape(-1, weights.shape[-1])


def _windows(images: Float32, size: int, step: int) -> Float32:
    """Return (n, rows, columns, size * size * channels) what lies around every ``step``-th pixel.

    Beyond the rim lies nothing.
    """
    rim = size // 2
    padded = np.pad(images, ((0, 0), (rim, rim), (rim, rim), (0, 0)))
    windows = sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::step, ::step]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(*windows.shape[:3], -1)


def network_from_arrays(arrays: Mapping[str, NDArray[np.floating]]) -> PatternNetwork:
    """Return the network of a ``leak_pattern.npz``."""
    held = {name: np.asarray(values, dtype=np.float32) for name, values in arrays.items()}
    return PatternNetwork(
        tuple((held[f"convolution_{k}"], held[f"convolution_bias_{k}"]) for k in range(3)),
        tuple((held[f"dense_{k}"], held[f"dense_bias_{k}"]) for k in range(3)),
        held["mean"],
        held["deviation"],
    )


@cache
def pattern_network() -> PatternNetwork:
    """Return the network that comes with the package."""
    path = files("myeloscope.myelography").joinpath("leak_pattern.npz")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return network_from_arrays(arrays)
