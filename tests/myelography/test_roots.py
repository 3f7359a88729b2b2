"""How long a normal sleeve of one patient is expected to be."""

from __future__ import annotations

import pytest

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.myelography.normal import NormalRoot
from myeloscope.myelography.roots import RootPlace, expected_sleeve_mm

NORMAL = NormalRoot(25.0, 14.0, 1.0, 4.0, 1.4, 0.5)
SEGMENTS = (Segment.T3, Segment.T4, Segment.T5, Segment.T6, Segment.T7)


def place(segment: Segment, s_mm: float, sleeve_mm: float, *, visible: bool = True) -> RootPlace:
    return RootPlace(segment, Side.LEFT, s_mm, NORMAL, visible, sleeve_mm)


def roots(*lengths: float) -> list[RootPlace]:
    return [place(s, 25.0 * k, v) for k, (s, v) in enumerate(zip(SEGMENTS, lengths, strict=True))]


def test_half_is_usual_and_half_the_patients_own() -> None:
    root = place(Segment.T8, 60.0, 30.0)
    # the others' median is 2 mm, half of the usual 4: 4 * (1 + 0.5) / 2
    assert expected_sleeve_mm(root, [root, *roots(2.0, 2.0, 2.0, 1.0, 9.0)]) == pytest.approx(3.0)


def test_one_patient_s_sleeves_move_it_no_further_than_that() -> None:
    root = place(Segment.T8, 60.0, 4.0)
    assert expected_sleeve_mm(root, roots(20.0, 20.0, 20.0, 20.0, 20.0)) == pytest.approx(5.2)
    assert expected_sleeve_mm(root, roots(0.5, 0.5, 0.5, 0.5, 0.5)) == pytest.approx(2.8)


def test_few_or_far_or_unseen_sleeves_tell_nothing() -> None:
    root = place(Segment.T8, 500.0, 4.0)
    assert expected_sleeve_mm(root, roots(2.0, 2.0, 2.0, 2.0, 2.0)) == 4.0
    near = place(Segment.T8, 60.0, 4.0)
    assert expected_sleeve_mm(near, roots(2.0, 2.0, 2.0, 2.0, 2.0)[:4]) == 4.0
    unseen = [place(s, 50.0, 0.0, visible=False) for s in SEGMENTS]
    assert expected_sleeve_mm(near, unseen) == 4.0
