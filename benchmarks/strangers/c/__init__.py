"""Simulator C: voxels of distance fields summed along rays, leaks by first-passage percolation."""

from benchmarks.strangers.c.study import simulate

__all__ = ["simulate"]
