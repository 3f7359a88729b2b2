"""Simulator B: path lengths on a straightened sheet, bent onto each station's slab."""

from benchmarks.strangers.b.study import simulate

__all__ = ["simulate"]
