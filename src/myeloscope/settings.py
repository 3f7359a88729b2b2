"""Settings of a reading, declared once; the command line, docs and ``reading.json`` read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from myeloscope.domain.anatomy import Segment


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """What the user may set for a reading.

    Attributes
    ----------
    anchors
        Roots the user has named: root -> height in the patient (LPS z of the point where the
        root's sleeve leaves the sac), mm; for MR myelography.
    levels
        Digest of the MR myelography reading that names the levels of a cisternogram; empty
        without one.
    """

    anchors: Mapping[Segment, float] = field(default_factory=dict)
    levels: str = ""

    def as_record(self) -> dict[str, float | int | str | bool]:
        """Return the settings as flat JSON values, for the reading's ``settings`` block."""
        record: dict[str, float | int | str | bool] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "anchors":
                value = ",".join(f"{root}={z:.2f}" for root, z in sorted(value.items()))
            record[item.name] = value
        return record
