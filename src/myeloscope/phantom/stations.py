"""Where the technologist put the slabs, and how the patient moved between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from myeloscope.domain.anatomy import Segment
from myeloscope.domain.image import PlaneGeometry
from myeloscope.phantom.matter import Detector, Slab
from myeloscope.phantom.sleeves import exit_point
from myeloscope.phantom.spec import PhantomSpec, Variety
from myeloscope.phantom.spine import Floats, Spine

FINE_MM = 0.29  # the fine grid is at most this coarse
MARGIN_MM = 9.0


@dataclass(frozen=True, slots=True)
class Protocol:
    """Acquisition settings shared by the stations of a study.

    ``phase_down`` is true where phase encoding runs along the columns (head-foot).
    """

    matrix: int
    field_mm: float
    slab_mm: float
    edge_mm: float
    overlap_mm: float
    stations: int
    echo_ms: float
    repetition_ms: float
    train: int
    shots: int
    field_t: float
    phase_down: bool

    @property
    def spacing_mm(self) -> float:
        """Return the pixel spacing, rounded to what a DICOM decimal string keeps, mm."""
        return round(self.field_mm / self.matrix, 8)

    @property
    def coverage_mm(self) -> float:
        """Return the length that all stations show together, mm."""
        return self.stations * self.field_mm - (self.stations - 1) * self.overlap_mm


@dataclass(frozen=True, slots=True)
class View:
    """How an image is turned: by ``turn`` (rad) and quarters, or seen from behind."""

    turn: float = 0.0
    quarters: int = 0
    behind: bool = False


@dataclass(frozen=True, slots=True)
class StationPlan:
    """One station.

    ``shift`` is how far the patient had moved (LPS mm); ``seen`` is the detector as the patient's
    own coordinates see it, moved the other way.
    """

    name: str
    detector: Detector
    shift: tuple[float, float, float]
    seen: Detector


def draw_protocol(rng: np.random.Generator, variety: Variety) -> Protocol:
    """Draw acquisition settings: the paper's, or wide ones beyond them."""
    overlap = rng.uniform(10, 35)
    edge = rng.uniform(1.0, 4.0)
    phase_down = bool(rng.random() < 0.5)
    if variety is Variety.PAPER:
        return Protocol(512, 270.0, 50.0, edge, overlap, 2, 1000.0, 8000.0, 256, 2, 1.5, phase_down)
    matrix = int(rng.choice((256, 384, 512, 640, 1024), p=(0.15, 0.2, 0.4, 0.15, 0.1)))
    field = float(np.round(rng.uniform(240, 400)))
    stations = 3 if field < 300 and rng.random() < 0.45 else 2
    shots = int(rng.choice((1, 2, 4)))
    return Protocol(
        matrix=matrix,
        field_mm=field,
        slab_mm=float(np.round(rng.uniform(38, 75))),
        edge_mm=edge,
        overlap_mm=float(rng.uniform(10, 60)),
        stations=stations,
        echo_ms=float(np.round(rng.uniform(700, 1200))),
        repetition_ms=float(np.round(rng.uniform(4000, 9000))),
        train=matrix // shots,
        shots=shots,
        field_t=float(rng.choice((1.5, 3.0))),
        phase_down=phase_down,
    )


def root_height(spine: Spine, segment: Segment) -> float:
    """Return LPS z of the sac's centre where a root leaves it, mm."""
    return float(spine.at(spine.centre, np.array([exit_point(segment, spine)]))[0, 2])


def graded_span(spine: Spine) -> float:
    """Return the height from the C4 root to the last lumbar root, mm."""
    last = Segment(f"L{spine.formula.lumbar}")
    return root_height(spine, Segment.C4) - root_height(spine, last)


def draw_top(rng: np.random.Generator, spine: Spine, coverage: float, *, covers: bool) -> float:
    """Draw the height (z) of the upper edge of the first station, mm."""
    top = root_height(spine, Segment.C4) + MARGIN_MM
    slack = coverage - graded_span(spine) - 2 * MARGIN_MM
    if covers or slack > 150:
        return top + max(slack, 0.0) * float(rng.beta(2, 2))
    miss = rng.uniform(14, 75)
    upper = top - miss
    lower = top + max(slack, 0.0) + miss
    return float(upper if rng.random() < 0.35 else lower)


def _tilt(rng: np.random.Generator, spine: Spine, high: float, low: float) -> tuple[float, float]:
    """Return a tilt around x (rad) and the y of the slab's middle for a range of heights."""
    z, y = spine.centre[:, 2], spine.centre[:, 1]
    shown = (z < high) & (z > low) & (spine.s < spine.sac_end) & (spine.s > 0)
    if shown.sum() < 20:
        return 0.0, float(y.mean())
    middle = 0.5 * (high + low)
    slope, level = np.polyfit(z[shown] - middle, y[shown], 1)
    fitted = -np.arctan(slope) * rng.uniform(0.5, 1.0) + np.radians(rng.normal(0, 2))
    tilt = float(np.clip(fitted, -np.radians(20), np.radians(20)))
    tilt = tilt if rng.random() < 0.5 else 0.0
    # without tilt the slab is centred between the extremes of the canal, as one would set it
    straight = 0.5 * (y[shown].min() + y[shown].max())
    return tilt, float((level if tilt else straight) + rng.normal(-2, 3))


def _view(rng: np.random.Generator, variety: Variety) -> View:
    """Draw how images are turned: upright and from the front, or, widely, sometimes not."""
    kind = rng.random()
    if variety is Variety.PAPER or kind < 0.8:
        return View()
    if kind < 0.88:
        return View(behind=True)
    return View(quarters=int(rng.integers(1, 4)))


def plan_stations(
    rng: np.random.Generator, spine: Spine, protocol: Protocol, top: float, spec: PhantomSpec
) -> tuple[StationPlan, ...]:
    """Place the slabs from ``top`` (z, mm) downward.

    Slabs may be tilted around x (up to 20 degrees) to follow the spine and turned a little in
    their plane; from the second on, the patient has moved by a few mm.
    """
    names = {2: ("cervicothoracic", "thoracolumbar"), 3: ("cervical", "thoracic", "lumbar")}
    view = _view(rng, spec.variety)
    loose = 3.0 if spec.variety is Variety.WIDE else 1.0
    flip = -1.0 if spec.mirrored else 1.0
    plans = []
    for index, name in enumerate(names[protocol.stations]):
        high = top - index * (protocol.field_mm - protocol.overlap_mm)
        middle = high - protocol.field_mm / 2
        tilt, y = _tilt(rng, spine, high, high - protocol.field_mm)
        x_shown = spine.centre[np.abs(spine.centre[:, 2] - middle) < protocol.field_mm / 2, 0]
        x = flip * float(x_shown.mean() if len(x_shown) else 0.0) + rng.normal(0, 5)
        turn = float(np.radians(np.clip(loose * rng.normal(0, 1.2), -8, 8)))
        shift = loose * rng.normal(0, (1.5, 1.5, 1.2)) * (index > 0)
        place = np.array([x, y, middle])
        slab = place_slab(protocol, place, tilt, replace(view, turn=turn))
        shift_mm = (float(shift[0]), float(shift[1]), float(shift[2]))
        detector = detector_for(slab, protocol)
        plans.append(StationPlan(name, detector, shift_mm, _moved(detector, shift_mm)))
    return tuple(plans)


def place_slab(protocol: Protocol, middle: Floats, tilt: float, view: View) -> Slab:
    """Return the slab around a middle point, tilted around x (rad) and turned in its plane."""
    u = np.array([-1.0 if view.behind else 1.0, 0.0, 0.0])
    v = np.array([0.0, np.sin(tilt), -np.cos(tilt)])
    turn = view.turn + 0.5 * np.pi * view.quarters
    row = np.cos(turn) * u + np.sin(turn) * v
    column = -np.sin(turn) * u + np.cos(turn) * v
    normal = np.cross(row, column)
    spacing = protocol.spacing_mm
    corner = middle - (row + column) * spacing * (protocol.matrix - 1) / 2
    plane = PlaneGeometry(
        _triple(corner, 4), _triple(row, 10), _triple(column, 10), spacing, spacing
    )
    return Slab(plane, _triple(normal, 10), protocol.slab_mm, protocol.edge_mm)


def detector_for(slab: Slab, protocol: Protocol) -> Detector:
    """Return the detector of a slab, its fine grid at most :data:`FINE_MM` coarse."""
    factor = max(1, int(np.ceil(protocol.spacing_mm / FINE_MM)))
    return Detector(slab, protocol.matrix, protocol.matrix, factor)


def _moved(detector: Detector, shift: tuple[float, float, float]) -> Detector:
    """Return the detector as seen from a patient who has moved by ``shift``, mm."""
    plane = detector.slab.plane
    x, y, z = (float(p - d) for p, d in zip(plane.position, shift, strict=True))
    slab = replace(detector.slab, plane=replace(plane, position=(x, y, z)))
    return replace(detector, slab=slab)


def _triple(vector: Floats, digits: int) -> tuple[float, float, float]:
    """Return a vector as plain numbers, rounded to what DICOM's decimal strings keep."""
    x, y, z = (round(float(part), digits) for part in vector)
    return x, y, z
