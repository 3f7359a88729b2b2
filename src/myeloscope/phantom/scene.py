"""Everything about one examination but its pixels."""

from __future__ import annotations

from dataclasses import dataclass

from myeloscope.phantom.body import Body
from myeloscope.phantom.spec import Ruin
from myeloscope.phantom.stations import Protocol, StationPlan


@dataclass(frozen=True, slots=True, eq=False)
class RuinPlan:
    """How a study is spoilt.

    ``station`` is the one that suffers; ``band`` the heights (z, mm) between which signal is
    lost, for ``Ruin.LOST_SIGNAL``.
    """

    kind: Ruin
    station: int
    band: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A body on the table: protocol, stations, ruin and the sac's SNR."""

    body: Body
    protocol: Protocol
    plans: tuple[StationPlan, ...]
    ruin: RuinPlan
    snr: float
