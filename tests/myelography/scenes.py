"""Synthetic canvases with closed-form sacs, for tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPACING = 0.5


def column(
    width_mm: float = 15.0,
    *,
    rows: int = 800,
    columns: int = 400,
    bend_mm: float = 0.0,
    sigma: float = 0.0,
) -> NDArray[np.float32]:
    """Return a sac of elliptical section: brightness is the chord, 100 at the middle."""
    row, col = np.indices((rows, columns)) * SPACING
    middle = columns * SPACING / 2 + bend_mm * np.sin(row / 90.0)
    t = (col - middle) / (width_mm / 2)
    image = 100.0 * np.sqrt(np.clip(1 - t**2, 0, None))
    rng = np.random.default_rng(3)
    noisy: NDArray[np.float64] = np.hypot(
        image + sigma * rng.standard_normal(image.shape),
        sigma * rng.standard_normal(image.shape),
    )
    return noisy.astype(np.float32)
