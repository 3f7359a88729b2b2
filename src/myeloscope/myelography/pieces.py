"""Which pieces of unexplained signal belong to one leak."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import binary_dilation, distance_transform_edt

from myeloscope.geometry.ranks import median
from myeloscope.myelography.candidates import Candidate
from myeloscope.myelography.lateral import FloatArray
from myeloscope.myelography.sac import STEP_MM


def join(pieces: list[Candidate]) -> Candidate:
    """Return the pieces of one root as one candidate."""
    rows = slice(min(p.rows.start for p in pieces), max(p.rows.stop for p in pieces))
    columns = slice(min(p.columns.start for p in pieces), max(p.columns.stop for p in pieces))
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    region, excess = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for piece in pieces:
        top, left = piece.rows.start - rows.start, piece.columns.start - columns.start
        part = (
            slice(top, top + piece.region.shape[0]),
            slice(left, left + piece.region.shape[1]),
        )
        region[part] |= piece.region
        excess[part] |= piece.excess
    return Candidate(
        pieces[0].side, pieces[0].root, rows, columns, region, excess, max(p.run_mm for p in pieces)
    )


GAP_MM = 5.0
"""How far signal may be from the rest of a leak and still be its own: streaks break up in noise."""
LARGER, BRIGHTER = 1.5, 1.5
"""Leaks thin out and fade outward: what lies apart and is so much larger, or brighter, is not."""


def within_reach(pieces: Sequence[Candidate]) -> list[Candidate]:
    """Return the pieces of one root that belong together.

    They begin at the sleeve, or go on within 5 mm of those, no larger and no brighter. What else
    lies in the root's corridor (a kidney, a vessel, noise) is other fluid.
    """
    together = [piece for piece in pieces if not piece.is_detached]
    apart = [piece for piece in pieces if piece.is_detached]
    if not together:
        return []
    area = sum(piece.area_mm2 for piece in together)
    bright = max(_brightness(piece) for piece in together)
    apart = [
        piece
        for piece in apart
        if piece.area_mm2 <= LARGER * area and _brightness(piece) <= BRIGHTER * bright
    ]
    while apart:
        away_mm = _away_mm(together, apart)
        near = [p for p in apart if away_mm[p.rows, p.columns][p.region].min() < GAP_MM]
        if not near:
            break
        together += near
        apart = [piece for piece in apart if piece not in near]
    return together


def _brightness(piece: Candidate) -> float:
    return median(piece.side.smooth[piece.rows, piece.columns][piece.excess])


def _away_mm(pieces: Sequence[Candidate], others: Sequence[Candidate]) -> FloatArray:
    """Return (N, M) how far from the pieces every place of the side is, mm; inf beyond them all."""
    free = np.ones(pieces[0].side.mask.shape, dtype=bool)
    for piece in pieces:
        free[piece.rows, piece.columns] &= ~piece.region
    both = (*pieces, *others)
    rows = slice(min(p.rows.start for p in both), max(p.rows.stop for p in both))
    away = np.full(free.shape, np.inf)
    away[rows] = distance_transform_edt(free[rows], sampling=STEP_MM)
    return away


def adjoins(one: Candidate, other: Candidate) -> bool:
    """Return whether two candidates of one side of the patient touch or overlap."""
    covered = np.zeros(one.side.mask.shape, dtype=bool)
    covered[one.rows, one.columns] = one.region
    near = binary_dilation(covered, structure=np.ones((3, 3), dtype=bool))
    return bool((near[other.rows, other.columns] & other.region).any())
