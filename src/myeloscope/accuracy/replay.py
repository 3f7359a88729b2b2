"""The source paper replayed: each printed figure, the recomputed one, a verdict and a reason.

Everything is computed from :class:`PaperData`; with another table every figure that rests on it
moves, and its verdict with it. Only the words about fixed facts of the paper are text.
"""

from __future__ import annotations

from typing import Final

from myeloscope.accuracy.replay_beyond import beyond_rows
from myeloscope.accuracy.replay_cohort import cohort_rows, picture_rows
from myeloscope.accuracy.replay_data import PaperData
from myeloscope.accuracy.replay_readers import accuracy_rows, claim_rows, kappa_rows, level_rows
from myeloscope.accuracy.replay_verdict import ReplayRow, ReplayVerdict

__all__ = ["CAVEATS", "PaperData", "ReplayRow", "ReplayVerdict", "replay", "verdict_counts"]

CAVEATS: Final[tuple[str, ...]] = (
    "The MRM criteria were written by one author after seeing these same images with the RIC: "
    "the accuracy is optimistic, and no recomputation mends that.",
    "The reference standard is the clinical diagnosis; the controls had no RIC, so RIC has no "
    "specificity here, and its readers were not blinded.",
    "In 8 of 15 patients MRM came after RIC, and so after a lumbar puncture that may itself leak.",
    "The paper prints levels, no grades, for the patients; no grade is invented here.",
)


def replay(data: PaperData | None = None) -> tuple[ReplayRow, ...]:
    """Return every printed figure of the paper with its recomputation, then what was left out.

    Parameters
    ----------
    data
        Patients and control counts; by default the paper's own.

    Returns
    -------
    tuple of ReplayRow
        In the order in which the screen and the page show them, by section.
    """
    source = data or PaperData()
    return (
        *cohort_rows(source),
        *accuracy_rows(source),
        *kappa_rows(source),
        *level_rows(source),
        *picture_rows(source),
        *claim_rows(source),
        *beyond_rows(source),
    )


def verdict_counts(rows: tuple[ReplayRow, ...]) -> dict[ReplayVerdict, int]:
    """Return how many rows have each verdict, in the verdicts' order."""
    return {verdict: sum(row.verdict is verdict for row in rows) for verdict in ReplayVerdict}
