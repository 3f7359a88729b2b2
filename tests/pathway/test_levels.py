"""Levels as people write them."""

from __future__ import annotations

import pytest

from myeloscope.domain.anatomy import Segment
from myeloscope.pathway.levels import root_at, roots_apart, within


@pytest.mark.parametrize(
    ("level", "root"),
    [
        # Cervical roots leave above their vertebra, all others below (C8 between C7 and T1).
        ("C1/2", Segment.C2),
        ("c7/t1", Segment.C8),
        ("C7-T1", Segment.C8),
        ("T1/2", Segment.T1),
        ("T12/L1", Segment.T12),
        ("L3/4", Segment.L3),
        (" L5 / S1 ", Segment.L5),
        ("T9", Segment.T9),
        ("C5", Segment.C5),
        ("T14", None),
        ("lumbar", None),
    ],
)
def test_root_at_a_level(level: str, root: Segment | None) -> None:
    assert root_at(level) is root


def test_distance_counts_roots_across_regions() -> None:
    assert roots_apart(Segment.L3, Segment.T12) == 3
    assert roots_apart(Segment.C8, Segment.T1) == 1
    assert roots_apart(Segment.L6, Segment.L5) is None
    assert roots_apart(Segment.L5, Segment.T13) is None


def test_range_includes_its_ends() -> None:
    inside = [root for root in Segment if within(root, "C7", "T1")]
    assert inside == [Segment.C7, Segment.C8, Segment.T1]
    assert not within(None, "C1", "S5")
