"""Settings reach ``reading.json`` as flat values."""

from __future__ import annotations

from dataclasses import dataclass, fields

from myeloscope.domain.anatomy import Segment
from myeloscope.settings import ReadSettings


def test_anchors_are_written_in_one_order_whatever_the_users() -> None:
    one = ReadSettings(anchors={Segment.T1: 12.5, Segment.L5: -210.0})
    other = ReadSettings(anchors={Segment.L5: -210.0, Segment.T1: 12.5})
    assert one.as_record()["anchors"] == "L5=-210.00,T1=12.50"
    assert one.as_record() == other.as_record()


def test_every_setting_is_in_the_record() -> None:
    record = ReadSettings().as_record()
    assert set(record) == {item.name for item in fields(ReadSettings)}
    assert record["anchors"] == ""


@dataclass(frozen=True, slots=True)
class MoreSettings(ReadSettings):
    gain: float = 2.5


def test_a_setting_of_one_value_is_itself() -> None:
    assert MoreSettings().as_record() == {"anchors": "", "levels": "", "gain": 2.5}
