"""Accuracy and agreement of readers: arrays in, frozen records out.

Everything a reader study needs stands here; ``docs/statistics.md`` has an example of each.
"""

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
from myeloscope.accuracy.bootstrap import Resampling, bootstrap, draw
from myeloscope.accuracy.cluster import (
    cluster_agreement,
    cluster_proportion,
    identical_level_set,
)
from myeloscope.accuracy.complete import complete_kappas, light_kappa
from myeloscope.accuracy.figures import (
    BINARY,
    auc_contributions,
    auc_difference_figure,
    auc_figure,
    group_contributions,
    group_figure,
    pair_contributions,
    pair_figure,
)
from myeloscope.accuracy.marginal import marginal_homogeneity
from myeloscope.accuracy.paired import mcnemar, noninferiority, tango_difference, tango_score
from myeloscope.accuracy.proportion import Interval, ProportionMethod, proportion_interval
from myeloscope.accuracy.raters import (
    GroupCoefficient,
    Ratings,
    group_agreement,
    krippendorff_metric_alpha,
    ratings,
)
from myeloscope.accuracy.reads import Grid, Reads, Source
from myeloscope.accuracy.record import COLUMNS, Statistic, undefined
from myeloscope.accuracy.roc import (
    auc,
    auc_difference,
    delong_covariance,
    obuchowski_covariance,
    roc_components,
)
from myeloscope.accuracy.study import Analysis, StudySettings, analyse

__all__ = [
    "BINARY",
    "COLUMNS",
    "Analysis",
    "Coefficient",
    "Counts",
    "Grid",
    "GroupCoefficient",
    "Interval",
    "ProportionMethod",
    "Ratings",
    "Reads",
    "Resampling",
    "Source",
    "Statistic",
    "StudySettings",
    "Weights",
    "agreement",
    "analyse",
    "auc",
    "auc_contributions",
    "auc_difference",
    "auc_difference_figure",
    "auc_figure",
    "binary_accuracy",
    "bootstrap",
    "cluster_agreement",
    "cluster_proportion",
    "complete_kappas",
    "delong_covariance",
    "draw",
    "group_agreement",
    "group_contributions",
    "group_figure",
    "identical_level_set",
    "krippendorff_metric_alpha",
    "light_kappa",
    "likelihood_ratios",
    "marginal_homogeneity",
    "mcnemar",
    "noninferiority",
    "obuchowski_covariance",
    "pair_contributions",
    "pair_figure",
    "pair_table",
    "predictive_values",
    "presence_indices",
    "proportion",
    "proportion_interval",
    "ratings",
    "roc_components",
    "tango_difference",
    "tango_score",
    "undefined",
    "weight_matrix",
    "youden",
]
