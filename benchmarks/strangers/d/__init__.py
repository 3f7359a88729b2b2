"""Simulator D: cisternograms from voxels, rays through lungs and bone, a drifting cloud."""

from benchmarks.strangers.d.study import simulate

__all__ = ["simulate"]
