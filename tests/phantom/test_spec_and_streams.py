from __future__ import annotations

import pytest

from myeloscope.domain.anatomy import Segment, Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.phantom.spec import DIFFICULTY, Difficulty, FindingSpec, PhantomSpec
from myeloscope.phantom.streams import stream


def test_streams_of_one_seed_differ_and_repeat() -> None:
    first = stream(5, "leak", 1).random(4)
    assert (first == stream(5, "leak", 1).random(4)).all()
    assert (first != stream(5, "leak", 2).random(4)).all()
    assert (first != stream(6, "leak", 1).random(4)).all()


def test_a_stream_is_untouched_by_draws_from_another() -> None:
    before = stream(5, "noise").random()
    stream(5, "coil").random(1000)
    assert stream(5, "noise").random() == before


# The ranges, "Phantom", Scanner.
@pytest.mark.parametrize(
    ("level", "snr", "leak"),
    [
        (Difficulty.EASY, (45, 80), (0.4, 0.7)),
        (Difficulty.MEDIUM, (22, 42), (0.2, 0.4)),
        (Difficulty.HARD, (10, 22), (0.1, 0.25)),
    ],
)
def test_difficulty_in_numbers(
    level: Difficulty, snr: tuple[float, float], leak: tuple[float, float]
) -> None:
    assert DIFFICULTY[level].sac_snr == snr
    assert DIFFICULTY[level].leak_over_sac == leak


def test_a_ratio_must_fit_its_grade() -> None:
    with pytest.raises(ValueError, match="grade 2, not 3"):
        FindingSpec(FindingKind.LEAK, Segment.T4, Side.LEFT, Grade.DEFINITE, ratio=1.0)


def test_a_leak_of_grade_0_and_a_midline_leak_are_refused() -> None:
    with pytest.raises(ValueError, match="grade of 1, 2 or 3"):
        FindingSpec(FindingKind.LEAK, Segment.T4, Side.LEFT, Grade.NONE)
    with pytest.raises(ValueError, match="left or the right"):
        FindingSpec(FindingKind.LEAK, Segment.T4, Side.MIDLINE)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        PhantomSpec(seed=-1)
