"""Accuracy and agreement of readers: arrays in, frozen records out."""

from myeloscope.accuracy.record import COLUMNS, Statistic, undefined

__all__ = ["COLUMNS", "Statistic", "undefined"]
