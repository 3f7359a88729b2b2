"""Simulator E: a voxel body through whose spaces leaked fluid flows, summed along the slab."""

from benchmarks.strangers.e.study import simulate

__all__ = ["simulate"]
