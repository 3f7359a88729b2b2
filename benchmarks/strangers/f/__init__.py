"""Simulator F: a picture drawn by hand, contours, strokes and textures, then seen by a scanner."""

from benchmarks.strangers.f.study import simulate

__all__ = ["simulate"]
