"""A body drawn from a seed: spine, sleeves, leaks, mimics and other fluid."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from myeloscope.domain.anatomy import Segment, Side, SpineFormula
from myeloscope.domain.grade import FindingKind
from myeloscope.phantom.column import cauda_clouds, sac_cloud
from myeloscope.phantom.fluids import Fluid
from myeloscope.phantom.leaks import Leak, make_leak, plan_leak
from myeloscope.phantom.matter import Cloud, Ellipsoid, flipped
from myeloscope.phantom.mimics import Mimic, make_collection, make_cyst
from myeloscope.phantom.sleeves import Sleeve, cone_cloud, draw_sleeves, sleeve_cone
from myeloscope.phantom.spec import DIFFICULTY, Arm, FindingSpec, PhantomSpec, Variety
from myeloscope.phantom.spine import Floats, Spine, draw_spine
from myeloscope.phantom.stations import MARGIN_MM, graded_span, root_height
from myeloscope.phantom.streams import stream
from myeloscope.phantom.surroundings import draw_fluids

EDGE_MM = 10.0  # leaks are drawn at roots this far inside the covered height


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A body; ``flip`` is -1 where left and right are exchanged, else 1."""

    spine: Spine
    sleeves: tuple[Sleeve, ...]
    leaks: tuple[Leak, ...]
    mimics: tuple[Mimic, ...]
    fluids: tuple[Fluid, ...]
    flip: float

    def place(self, s: float, q: float, w: float = 0.0) -> Floats:
        """Return LPS mm, shape (3,), of a point in axis coordinates, mirrored if the body is."""
        point = self.spine.to_patient(np.array([s]), np.array([q]), np.array([w]))[0]
        return np.asarray(point * np.array([self.flip, 1.0, 1.0]))

    def side(self, left: bool) -> Side:
        """Return the side of the patient of something drawn on the left or right."""
        return Side.LEFT if left == (self.flip > 0) else Side.RIGHT

    def turned(self, cloud: Cloud) -> Cloud:
        """Return a cloud in the patient, mirrored if the body is."""
        return flipped(cloud) if self.flip < 0 else cloud

    def turned_body(self, body: Ellipsoid) -> Ellipsoid:
        """Return an ellipsoid in the patient, mirrored if the body is."""
        if self.flip > 0:
            return body
        x, y, z = body.centre
        return replace(body, centre=(-x, y, z), turn=-body.turn)


def draw_formula(spec: PhantomSpec) -> SpineFormula:
    """Return the spine formula asked for, or draw one (transitional in about 8 %)."""
    if spec.formula is not None:
        return spec.formula
    rng = stream(spec.seed, "formula")
    if rng.random() > 0.08:
        return SpineFormula()
    thoracic, lumbar = ((12, 4), (12, 6), (11, 5), (13, 5), (13, 4), (11, 6))[rng.choice(6)]
    return SpineFormula(thoracic, lumbar)


def draw_anatomy(spec: PhantomSpec, coverage: float, *, covers: bool) -> Spine:
    """Draw the spine; where the study shall cover C4-L5, stature is cut to what fits."""
    rng = stream(spec.seed, "stature")
    stature = float(np.clip(rng.normal(0.93, 0.05), 0.80, 1.07))
    narrowed = 1.0
    if spec.arm is Arm.PATIENT and rng.random() < 0.5:
        narrowed = float(rng.uniform(0.82, 0.97))
    if spec.variety is Variety.WIDE:
        stature = float(np.clip(stature * rng.normal(1, 0.06), 0.74, 1.12))
        narrowed *= float(rng.uniform(0.85, 1.2))
    formula = draw_formula(spec)

    def drawn(scale: float) -> Spine:
        return draw_spine(
            stream(spec.seed, "spine"),
            formula,
            stature=scale,
            narrowed=narrowed,
            curved=spec.curved,
        )

    spine = drawn(stature)
    room = coverage - 2 * MARGIN_MM
    if covers and graded_span(spine) > room:
        spine = drawn(stature * (room - 4) / graded_span(spine))
    return spine


def shown_roots(spine: Spine, top: float, bottom: float) -> tuple[int, int]:
    """Return the first and last root (index in the formula's segments) well between two heights."""
    shown = [
        index
        for index, segment in enumerate(spine.formula.segments[:-3])
        if bottom + EDGE_MM < root_height(spine, segment) < top - EDGE_MM
    ]
    return shown[0], shown[-1]


def _anchor(rng: np.random.Generator, formula: SpineFormula) -> int:
    """Draw the index of a root where a leak is: every region, the junction often."""
    place = rng.choice(4, p=(0.20, 0.22, 0.33, 0.25))
    first_t, first_l = 8, 8 + formula.thoracic
    low, high = (
        (1, 7),
        (6, first_t + 2),
        (first_t + 2, first_l - 1),
        (first_l - 1, first_l + formula.lumbar + 1),
    )[place]
    return int(rng.integers(low, high))


def draw_findings(
    spec: PhantomSpec, formula: SpineFormula, shown: tuple[int, int]
) -> tuple[FindingSpec, ...]:
    """Draw what a body of this arm has: leaks, cysts, meningoceles, collections.

    ``shown`` are the first and last root that the stations cover; leaks are drawn among them.
    """
    if spec.findings is not None:
        return spec.findings
    rng = stream(spec.seed, "findings")
    wanted: list[FindingSpec] = []
    segments = formula.segments
    leaks = 0
    if spec.arm is Arm.PATIENT and rng.random() > 0.08:
        leaks = int(rng.choice(6, p=(0.18, 0.24, 0.22, 0.16, 0.12, 0.08))) + 1
    index = _anchor(rng, formula)
    taken: set[tuple[int, bool]] = set()
    while len(taken) < leaks:
        near = rng.random() < 0.55
        index = index + int(rng.integers(-2, 3)) if near else _anchor(rng, formula)
        left = bool(rng.random() < 0.5)
        if (index, left) in taken or not max(1, shown[0]) <= index <= shown[1]:
            index = _anchor(rng, formula)
            continue
        taken.add((index, left))
        wanted.append(FindingSpec(FindingKind.LEAK, segments[index], _side(left)))
    mimics = stream(spec.seed, "mimics")
    if leaks and mimics.random() < 0.12:
        at, left = sorted(taken)[0]
        wanted.append(FindingSpec(FindingKind.PERINEURIAL_CYST, segments[at], _side(left)))
    if leaks and mimics.random() < 0.18:
        at, left = sorted(taken)[-1]
        wanted.append(FindingSpec(FindingKind.EPIDURAL_COLLECTION, segments[at], _side(left)))
    return (*wanted, *_draw_cysts(mimics, formula))


def _draw_cysts(rng: np.random.Generator, formula: SpineFormula) -> list[FindingSpec]:
    """Draw cysts: common without disease; C7-T2, lower chest, loin, S1-S2 (ANATOMY)."""
    wanted = []
    places = np.arange(2, 8 + formula.thoracic + formula.lumbar + 2)
    first_l = 8 + formula.thoracic
    weight = np.full(len(places), 0.3)
    weight[(places >= 6) & (places <= 9)] = 1.6
    weight[(places >= first_l - 4) & (places < first_l + 2)] = 1.2
    weight[places >= first_l + formula.lumbar] = 3.0
    count = int(rng.choice(5, p=(0.55, 0.2, 0.12, 0.08, 0.05)))
    for place in rng.choice(places, size=count, p=weight / weight.sum(), replace=False):
        left = bool(rng.random() < 0.5)
        wide = rng.random() < 0.08
        kind = FindingKind.MENINGOCELE if wide else FindingKind.PERINEURIAL_CYST
        wanted.append(FindingSpec(kind, formula.segments[place], _side(left)))
        if rng.random() < 0.2:
            wanted.append(FindingSpec(kind, formula.segments[place], _side(not left)))
    return wanted


def _side(left: bool) -> Side:
    return Side.LEFT if left else Side.RIGHT


def draw_body(spec: PhantomSpec, spine: Spine, shown: tuple[int, int]) -> Body:
    """Draw the body of a phantom around its spine; ``shown`` as in :func:`draw_findings`."""
    sleeves = draw_sleeves(stream(spec.seed, "sleeves"), spine)
    by_root = {(sleeve.segment, sleeve.side): sleeve for sleeve in sleeves}
    study = DIFFICULTY[spec.difficulty].leak_over_sac
    middle = stream(spec.seed, "brightness").uniform(*study)
    leaks: list[Leak] = []
    mimics: list[Mimic] = []
    for number, wanted in enumerate(draw_findings(spec, spine.formula, shown)):
        sleeve = by_root.get((wanted.segment, _drawn_side(wanted.side, spec)))
        if sleeve is None:
            continue
        rng = stream(spec.seed, "finding", number)
        bright = float(np.clip(middle * rng.uniform(0.85, 1.15), *study))
        if wanted.kind is FindingKind.LEAK:
            leaks.append(make_leak(rng, spine, plan_leak(rng, wanted, sleeve, bright)))
        else:
            mimics.append(_make_mimic(rng, spine, sleeve, wanted))
    fluids = draw_fluids(spec, spine) if spec.other_fluid else ()
    flip = -1.0 if spec.mirrored else 1.0
    return Body(spine, sleeves, tuple(leaks), tuple(mimics), fluids, flip)


def _drawn_side(side: Side, spec: PhantomSpec) -> Side:
    """Return the side before mirroring of a side of the patient that was asked for."""
    if not spec.mirrored or spec.findings is None:
        return side
    return Side.RIGHT if side is Side.LEFT else Side.LEFT


def _make_mimic(
    rng: np.random.Generator, spine: Spine, sleeve: Sleeve, wanted: FindingSpec
) -> Mimic:
    """Make the cyst, meningocele or collection asked for."""
    if wanted.kind is FindingKind.EPIDURAL_COLLECTION:
        length = wanted.size_mm or float(rng.uniform(30, 150))
        return make_collection(rng, spine, sleeve, length, float(rng.uniform(0.35, 0.9)))
    wide = wanted.kind is FindingKind.MENINGOCELE
    sacral = sleeve.segment in (Segment.S1, Segment.S2, Segment.S3)
    low, high = (12.0, 24.0) if wide else (5.0, 18.0) if sacral else (4.0, 14.0)
    size = wanted.size_mm or float(low + (high - low) * rng.beta(1.4, 2.4))
    return make_cyst(rng, spine, sleeve, size, wide=wide)


def csf_clouds(seed: int, body: Body, step: float) -> list[Cloud]:
    """Return all CSF of a body: column, sleeves, leaks and collections, less its nerve roots.

    ``step`` is the spacing of the detector's fine grid, mm.
    """
    spine = body.spine
    clouds = [sac_cloud(spine, step)]
    clouds += cauda_clouds(stream(seed, "cauda"), spine, body.sleeves)
    clouds += [
        cone_cloud(spine, sleeve_cone(sleeve), sleeve.fill)
        for sleeve in body.sleeves
        if sleeve.fill > 0
    ]
    clouds += [cloud for leak in body.leaks for cloud in leak.clouds]
    clouds += [cloud for mimic in body.mimics for cloud in mimic.clouds]
    return [body.turned(cloud) for cloud in clouds]
