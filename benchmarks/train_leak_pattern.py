"""Make the pattern network from simulated studies: myelography/leak_pattern.npz.

    pip install torch==2.13.0
    python -m benchmarks.train_leak_pattern
    python -m benchmarks.train_leak_score

PyTorch is needed for this command alone, and not installed with the project. What was measured is
shared with ``train_leak_score`` (``--tables``). Beside the network made from all studies, one is
made from each two thirds of them, and what it says of the last third is kept: the trees, made
afterwards, must learn from what the network says of studies that it has not met. Needs 12 GB of
memory, and about half an hour on two cores once the studies are measured.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ModuleNotFoundError:
    sys.exit("PyTorch is missing, which only this command needs: pip install torch==2.13.0")

from benchmarks.leak_examples import (
    HELD_OUT,
    Example,
    arguments,
    measured,
    seeds_of,
    studies_of,
)
from myeloscope.myelography.pattern import CONTEXT, DIM, STEPS

TARGET = Path("src/myeloscope/myelography/leak_pattern.npz")
FOLDS = 3
EPOCHS = 12
BATCH = 256
NORMAL_TO_LEAK = 4
"""Normal roots for each leaking one, drawn anew for every epoch."""
FILTERS = (32, 48, 64)
SIZES = (5, 3, 3)
HIDDEN = (64, 32)
LOG_SCALE = 0.15
"""Standard deviation of the logarithm of a factor that all signals are multiplied by."""
SHIFT = (2, 1)
"""Largest shift along the sac and outward, mm."""
RATE, DECAY, DROPPED = 4e-3, 0.02, 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Roots:
    """Roots as the network takes them.

    Attributes
    ----------
    seen
        (n, 29, 45, 7) 16-bit pictures.
    context
        (n, 4) measures of ``CONTEXT``.
    leak, sure
        (n,) whether a root leaks, and whether that is sure.
    study
        (n,) number of its study.
    """

    seen: NDArray[np.float16]
    context: NDArray[np.float32]
    leak: NDArray[np.bool_]
    sure: NDArray[np.bool_]
    study: NDArray[np.intp]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Roots:
        """Return examples as arrays."""
        seen = np.empty((len(examples), *examples[0].seen.shape), dtype=np.float16)
        for place, example in zip(seen, examples, strict=True):
            place[:] = example.seen
        return cls(
            seen,
            np.array([[e.measures[name] for name in CONTEXT] for e in examples], dtype=np.float32),
            np.array([bool(e.leak) for e in examples]),
            np.array([e.leak is not None for e in examples]),
            studies_of(examples),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The picture's layers, the last ones that also take the context, and the context's scale."""

    picture: nn.Sequential
    last: nn.Sequential
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def new(cls, context: NDArray[np.float32]) -> Network:
        """Return a network that has learned nothing yet, for roots with such contexts (n, 4)."""
        layers: list[nn.Module] = []
        channels = 7
        for filters, size, step in zip(FILTERS, SIZES, STEPS, strict=True):
            layers += [
                nn.Conv2d(channels, filters, size, step, size // 2),
                nn.BatchNorm2d(filters),
                nn.ReLU(),
            ]
            channels = filters
        flat = nn.Sequential(*layers)(torch.zeros(2, 7, 29, 45)).flatten(1).shape[1]
        layers += [nn.Flatten(), nn.Dropout(DROPPED), nn.Linear(flat, HIDDEN[0]), nn.ReLU()]
        layers += [nn.Dropout(DROPPED)]
        last = [nn.Linear(HIDDEN[0] + len(CONTEXT), HIDDEN[1]), nn.ReLU(), nn.Linear(HIDDEN[1], 1)]
        return cls(
            nn.Sequential(*layers).to(memory_format=torch.channels_last),
            nn.Sequential(*last),
            context.mean(axis=0),
            context.std(axis=0) + 1e-6,
        )

    def parameters(self) -> list[nn.Parameter]:
        """Return everything that is learned."""
        return [*self.picture.parameters(), *self.last.parameters()]

    def train(self, *, learning: bool) -> None:
        """Drop out values and gather their scale, or do not."""
        self.picture.train(learning)
        self.last.train(learning)

    def logits(self, seen: torch.Tensor, context: NDArray[np.float32]) -> torch.Tensor:
        """Return (n,) logits of pictures (n, 29, 45, 7)."""
        scaled = np.clip((context - self.mean) / self.deviation, -6.0, 6.0)
        picture = self.picture(seen.permute(0, 3, 1, 2))
        return self.last(torch.cat([picture, torch.from_numpy(scaled)], dim=1))[:, 0]

    def told(self, roots: Roots, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return logits of some roots."""
        self.train(learning=False)
        parts = np.array_split(rows, max(1, len(rows) // 1024))
        with torch.no_grad():
            told = [
                self.logits(torch.from_numpy(roots.seen[part]).float(), roots.context[part])
                for part in parts
            ]
        return np.asarray(torch.cat(told).double().numpy())

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """Return the weights as the package keeps them, the normalisation folded in."""
        found: dict[str, NDArray[np.floating]] = {}
        steps = list(self.picture)
        for k in range(len(FILTERS)):
            convolution, norm = steps[3 * k : 3 * k + 2]
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            weights = convolution.weight * gain[:, None, None, None]
            bias = (convolution.bias - norm.running_mean) * gain + norm.bias
            found[f"convolution_{k}"] = weights.detach().numpy().transpose(2, 3, 1, 0)
            found[f"convolution_bias_{k}"] = bias.detach().numpy()
        dense = [step for step in (*steps, *self.last) if isinstance(step, nn.Linear)]
        for k, layer in enumerate(dense):
            found[f"dense_{k}"] = layer.weight.detach().numpy().T
            found[f"dense_bias_{k}"] = layer.bias.detach().numpy()
        # from (channels, places) to the package's (places, channels)
        flat = found["dense_0"]
        by_channel = flat.reshape(FILTERS[-1], -1, flat.shape[1])
        found["dense_0"] = by_channel.transpose(1, 0, 2).reshape(flat.shape)
        small = {name: values.astype(np.float16) for name, values in found.items()}
        return small | {"mean": self.mean, "deviation": self.deviation}


def varied(seen: torch.Tensor, drawn: np.random.Generator) -> torch.Tensor:
    """Return pictures (n, 29, 45, 7) with other brightness, shifted a little along and outward."""
    factors = np.exp(LOG_SCALE * drawn.normal(size=(len(seen), 1, 1, 1))).astype(np.float32)
    for channels in ([0], [2, 3, 4]):
        signal = torch.expm1(2.0 * seen[..., channels]) * DIM * torch.from_numpy(factors)
        seen[..., channels] = torch.log1p(signal / DIM) / 2.0
    seen[..., 5] = seen[..., 0] - seen[..., 4]
    along, outward = (int(drawn.integers(-most, most + 1)) for most in SHIFT)
    return torch.roll(seen, (along, outward), (1, 2))


def made_from(roots: Roots, rows: NDArray[np.intp], told: str) -> Network:
    """Return a network made from some roots; ``told`` says which in the lines of progress."""
    torch.manual_seed(0)
    drawn = np.random.default_rng(0)
    sure = rows[roots.sure[rows]]
    leaks, normal = sure[roots.leak[sure]], sure[~roots.leak[sure]]
    taken = min(len(normal), NORMAL_TO_LEAK * len(leaks))
    batches = (len(leaks) + taken) // BATCH
    network = Network.new(roots.context[sure])
    descent = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    rates = torch.optim.lr_scheduler.OneCycleLR(descent, RATE, total_steps=EPOCHS * batches + 1)
    network.train(learning=True)
    for epoch in range(EPOCHS):
        begun, loss = time.monotonic(), 0.0
        order = drawn.permutation(
            np.concatenate([leaks, drawn.choice(normal, taken, replace=False)])
        )
        for batch in np.array_split(order[: batches * BATCH], batches):
            seen = varied(torch.from_numpy(roots.seen[batch]).float(), drawn)
            wanted = torch.from_numpy(roots.leak[batch]).float()
            error = functional.binary_cross_entropy_with_logits(
                network.logits(seen, roots.context[batch]), wanted
            )
            descent.zero_grad()
            error.backward()
            descent.step()
            rates.step()
            loss += float(error.detach()) / batches
        taken_s = time.monotonic() - begun
        line = f"{told}: epoch {epoch + 1} of {EPOCHS}, loss {loss:.4f}, {taken_s:.0f} s"
        print(line, file=sys.stderr, flush=True)
    return network


def held_out(roots: Roots) -> NDArray[np.float64]:
    """Return (n,) what networks that have not met a root's study say of it."""
    told = np.empty(len(roots.leak))
    folds = GroupKFold(FOLDS).split(roots.context, groups=roots.study)
    for number, (others, here) in enumerate(folds, start=1):
        network = made_from(roots, others, f"without part {number} of {FOLDS}")
        told[here] = network.told(roots, here)
    return told


def main(argv: Sequence[str] | None = None) -> int:
    """Make the studies, train and write."""
    args = arguments(__doc__, TARGET).parse_args(argv)
    roots = Roots.of(measured(seeds_of(args.share), args.tables, args.jobs))
    torch.set_num_threads(args.jobs)
    np.save(args.tables / HELD_OUT, held_out(roots))
    network = made_from(roots, np.arange(len(roots.leak)), "all")
    with args.out.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **network.arrays())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
