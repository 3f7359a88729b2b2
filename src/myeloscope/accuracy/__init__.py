"""Accuracy and agreement of readers: arrays in, frozen records out."""

from myeloscope.accuracy.agreement import (
    Coefficient,
    Weights,
    agreement,
    pair_table,
    presence_indices,
    weight_matrix,
)
from myeloscope.accuracy.binary import (
    Counts,
    binary_accuracy,
    likelihood_ratios,
    predictive_values,
    proportion,
    youden,
)
from myeloscope.accuracy.cluster import (
    cluster_agreement,
    cluster_proportion,
    identical_level_set,
)
from myeloscope.accuracy.paired import mcnemar, noninferiority, tango_difference, tango_score
from myeloscope.accuracy.proportion import Interval, ProportionMethod, proportion_interval
from myeloscope.accuracy.record import COLUMNS, Statistic, undefined

__all__ = [
    "COLUMNS",
    "Coefficient",
    "Counts",
    "Interval",
    "ProportionMethod",
    "Statistic",
    "Weights",
    "agreement",
    "binary_accuracy",
    "cluster_agreement",
    "cluster_proportion",
    "identical_level_set",
    "likelihood_ratios",
    "mcnemar",
    "noninferiority",
    "pair_table",
    "predictive_values",
    "presence_indices",
    "proportion",
    "proportion_interval",
    "tango_difference",
    "tango_score",
    "undefined",
    "weight_matrix",
    "youden",
]
