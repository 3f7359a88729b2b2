"""MR myelography against cisternography: what is joined, and why something is not."""

from __future__ import annotations

import pytest

from myeloscope.comparison.agreement import Agreement, TwoTechniques, agree
from myeloscope.domain.anatomy import Region, Side
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.domain.reading import RegionReading
from tests.comparison.readings import SEGMENTS, Leak, View, reading

C7, C8, T5, L1 = 6, 7, 12, 20
SOUND = RegionReading(Grade.NONE, True)
SIGN = RegionReading(Grade.PROBABLE, True)
UNREAD = RegionReading(None, False, reason="no counts")
PARTLY = RegionReading(Grade.POSSIBLE, True, at_least=True)


Regions = tuple[RegionReading, RegionReading, RegionReading]


def pair(
    mrm: list[Leak],
    others: list[Leak],
    *,
    mrm_regions: Regions | None = None,
    ric_regions: Regions | None = None,
) -> TwoTechniques:
    return agree(
        reading(mrm, View(regions=mrm_regions)),
        reading(others, View(day="2024-03-03", technique=Technique.RIC, regions=ric_regions)),
    )


def only(made: TwoTechniques) -> tuple[Agreement, str]:
    (sign,) = made.signs
    return sign.agreement, sign.reason


def test_names_used_here_are_what_they_say() -> None:
    assert [SEGMENTS[n].value for n in (C7, C8, T5, L1)] == ["C7", "C8", "T5", "L1"]


@pytest.mark.parametrize(
    ("mrm", "others", "words"),
    [
        (Leak(T5), Leak(T5), "same level"),
        (Leak(T5), Leak(T5 + 2), "same level within 2 roots"),
        (Leak(T5), Leak(T5 + 5), "same region and side, 5 roots apart"),
        # C7 is cervical, C8 thoracic: the junction parts what is one root apart
        (Leak(C7), Leak(C8), "1 roots apart, across the border of cervical and thoracic"),
        (Leak(T5), Leak(T5, side=Side.UNKNOWN), "the cisternogram tells no side"),
    ],
)
def test_signs_of_one_side_and_level_are_joined(mrm: Leak, others: Leak, words: str) -> None:
    told = only(pair([mrm], [others]))
    assert told[0] is Agreement.BOTH
    assert words in told[1]


def test_the_nearest_roots_are_joined_first() -> None:
    made = pair([Leak(T5), Leak(T5 + 4)], [Leak(T5 + 4)])
    told = {sign.segment: sign.agreement for sign in made.signs}
    assert told == {SEGMENTS[T5]: Agreement.MRM_ONLY, SEGMENTS[T5 + 4]: Agreement.BOTH}
    assert [sign.roots_apart for sign in made.signs] == [None, 0]


@pytest.mark.parametrize(
    ("mrm", "others", "kind", "words"),
    [
        ([Leak(T5)], [], Agreement.MRM_ONLY, "no activity of RIC at this level"),
        ([Leak(T5, extent=6.0)], [], Agreement.MRM_ONLY, "below RIC's resolution (10 mm)"),
        ([], [Leak(T5)], Agreement.RIC_ONLY, "no sign of MRM at this level"),
        (
            [Leak(T5 + 1, grade=Grade.NONE, kind=FindingKind.PERINEURIAL_CYST)],
            [Leak(T5)], Agreement.RIC_ONLY, "MRM has a cyst at T6, which tracer may fill",
        ),
    ],
)  # fmt: skip
def test_why_one_technique_is_alone(
    mrm: list[Leak], others: list[Leak], kind: Agreement, words: str
) -> None:
    told = only(pair(mrm, others))
    assert told[0] is kind
    assert words in told[1]


def test_beyond_the_border_of_a_region_a_neighbour_is_named() -> None:
    made = pair([Leak(C7 - 1)], [Leak(C8 + 1)])
    reasons = [sign.reason for sign in made.signs]
    assert reasons == [
        "RIC has a sign at T1, beyond the border of the region",
        "no sign of MRM at this level and side",
    ]


def test_other_sides_are_not_joined() -> None:
    made = pair([Leak(T5)], [Leak(T5, side=Side.RIGHT)])
    assert {sign.agreement for sign in made.signs} == {Agreement.MRM_ONLY, Agreement.RIC_ONLY}


def test_what_one_technique_could_not_judge_is_not_comparable() -> None:
    told = only(pair([Leak(T5)], [], ric_regions=(SOUND, UNREAD, SOUND)))
    assert told == (Agreement.NOT_COMPARABLE, "not assessable by RIC: no counts")
    told = only(pair([], [Leak(T5)], mrm_regions=(SOUND, UNREAD, SOUND)))
    assert told == (Agreement.NOT_COMPARABLE, "not assessable by MRM: no counts")
    told = only(pair([], [Leak(T5)], mrm_regions=(SOUND, PARTLY, SOUND)))
    assert told == (Agreement.NOT_COMPARABLE, "MRM judged this region in part only")


def test_regions_agree_by_their_grades() -> None:
    made = pair([], [], mrm_regions=(SIGN, SIGN, SOUND), ric_regions=(SIGN, SOUND, UNREAD))
    told = {read.region: read.agreement for read in made.regions}
    assert told == {
        Region.CERVICAL: Agreement.BOTH,
        Region.THORACIC: Agreement.MRM_ONLY,
        Region.LUMBAR: Agreement.NOT_COMPARABLE,
    }
    assert made.regions[2].reason == "not assessable; RIC: no counts"
    made = pair([], [], mrm_regions=(SOUND, SOUND, UNREAD), ric_regions=(SOUND, SIGN, UNREAD))
    assert [read.agreement for read in made.regions[:2]] == ["neither", "ric-only"]


@pytest.mark.parametrize(
    ("mrm_day", "ric_day", "root", "words"),
    [
        ("2024-03-01", "2024-03-03", T5, []),
        ("2024-03-03", "2024-03-01", T5, ["2 days after the tracer's lumbar puncture"]),
        ("2024-03-03", "2024-03-01", L1, ["lumbar puncture", "signs in the lumbar region"]),
        ("2024-03-01", "2024-03-20", T5, ["19 days lie between"]),
        (None, "2024-03-20", T5, ["one of them carries no date"]),
    ],
)
def test_interval_and_order_are_told(
    mrm_day: str | None, ric_day: str, root: int, words: list[str]
) -> None:
    made = agree(
        reading([Leak(root)], View(day=mrm_day)),
        reading([], View(day=ric_day, technique=Technique.RIC)),
    )
    assert len(made.cautions) == len(words)
    for caution, word in zip(made.cautions, words, strict=True):
        assert word in caution
