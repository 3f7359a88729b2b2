"""Named random streams of one seed: adding an effect never reshuffles the others."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator that belongs to a seed and a name.

    Parameters
    ----------
    seed
        The phantom's seed, >= 0.
    names
        Path of the stream, such as ``"leak", 2``; a stream depends on nothing else.

    Returns
    -------
    numpy.random.Generator
        PCG64 seeded through ``SeedSequence`` with the seed and the CRC-32 of each name
        (O'Neill 2014 for PCG; NumPy's documented way to make independent streams).
    """
    words = [zlib.crc32(str(name).encode()) for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))
