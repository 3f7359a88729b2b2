"""Simulator G: a straightened spine of random processes, leaks that wander, a modern scanner."""

from benchmarks.strangers.g.study import simulate

__all__ = ["simulate"]
