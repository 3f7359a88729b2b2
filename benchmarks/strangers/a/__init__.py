"""Simulator A: solids as intervals of depth on each ray, leaks as particles in a swirling flow."""

from benchmarks.strangers.a.study import simulate

__all__ = ["simulate"]
