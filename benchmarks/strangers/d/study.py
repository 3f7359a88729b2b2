"""A cisternogram with its truth, from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.strangers.d.body import Body, Floats, draw_body, grid, taking
from benchmarks.strangers.d.camera import Head, blur_mm, path_of, rays, shot, voxels
from benchmarks.strangers.d.leaks import Pocket, make_cyst, make_leak
from benchmarks.strangers.d.tracer import Drift, draw_drift, fed, line_at, pools
from benchmarks.strangers.d.truth import Made, truth_of
from myeloscope.domain.anatomy import Region, Segment, SpineFormula
from myeloscope.domain.grade import Grade, Technique
from myeloscope.domain.image import Acquisition, PlaneGeometry, Station, Study
from myeloscope.domain.scintigraphy import TC99M_HALF_LIFE_H, NuclearAcquisition, View
from myeloscope.phantom.ric_truth import RicTruth

VIEWS = (View.ANTERIOR, View.POSTERIOR)
FEWEST, MOST = 2.5e5, 3e6
"""Counts of the brightest image."""
HEAD = (
    ((0, 5, 14), (9, 5, 6), 200),
    ((0, -30, 35), (9, 8, 7), 250),
    ((26, -30, 46), (8, 9, 7), 150),
    ((-26, -30, 46), (8, 9, 7), 150),
    ((0, -10, 85), (45, 45, 28), 350),
)
"""Cisterna magna, basal and Sylvian cisterns, convexity: place over the foramen magnum, SD (mm)
and number of points."""


def simulate(seed: int) -> tuple[Study, RicTruth]:
    """Return a cisternogram and its truth; odd seeds have signs."""
    rng = np.random.default_rng([seed, 68])
    body = draw_body(rng)
    drift = draw_drift(rng, body, slow=bool(rng.random() < 0.06))
    hours = tuple(float(h * np.exp(rng.normal(0, 0.06))) for h in (0.5, 2.0, 4.0, 6.0))
    head = _head(rng)
    middle = blur_mm(head, body.shape.deep + head.gap) * 2.355
    pockets = _pockets(rng, body, drift, (middle, hours), sick=seed % 2 == 1)
    late = fed(drift, body, drift.start, (0.1, float(rng.uniform(1.0, 1.8))), hours)
    puncture = late * float(rng.uniform(2, 9)) * (rng.random() < 0.2)
    spots = _spots(rng, body, drift)
    shares = pools(drift, body, hours)
    paths = [path_of(taking(body), head, view) for view in VIEWS]
    poses = [_pose(rng) for _ in hours]
    pictures = []
    for k, at in enumerate(hours):
        parts = [_column(body, drift, at)]
        parts += [_even(pocket.points, pocket.held[k]) for pocket in pockets]
        parts += [_even(spots[name], shares[name][k]) for name in shares]
        parts.append(_even(spots["puncture"], puncture[k]))
        points, activity = (np.concatenate(part) for part in zip(*parts, strict=True))
        lit = voxels(points, activity)
        decayed = 0.5 ** (at / TC99M_HALF_LIFE_H)
        pictures += [shot(rays(lit, path, head), head, poses[k]) * decayed for path in paths]
    for k in range(1, len(pictures), 2):
        pictures[k] = pictures[k] * head.table
    total = float(np.exp(rng.uniform(np.log(FEWEST), np.log(MOST))))
    gain = total / max(float(p.sum()) for p in pictures)
    counts = [rng.poisson(p * gain).astype(np.float32) for p in pictures]
    made = Made(seed, body, pockets, hours, head, poses, spots, shares, puncture)
    study = _study(seed, counts, hours, head)
    return study, truth_of(made, study)


def _even(points: Floats, share: float) -> tuple[Floats, Floats]:
    """Return points and an even part of a share for each."""
    return points, np.full(len(points), share / len(points))


def _head(rng: np.random.Generator) -> Head:
    """Draw a camera: 64 to 512 pixels over 560-680 mm."""
    rows = int(rng.choice((128, 256, 256, 512)))
    field = float(rng.uniform(560, 680))
    return Head(
        rows, rows, field / rows, (field - 4, float(rng.uniform(390, 520))),
        float(rng.uniform(10, 70)), float(rng.uniform(0.036, 0.06)),
        float(rng.uniform(0.15, 0.45)), float(rng.uniform(0.82, 1.0)),
    )  # fmt: skip


def _pose(rng: np.random.Generator) -> tuple[float, float, float]:
    """Draw how the patient lies at one time: aside and up (mm), turned (rad)."""
    return float(rng.normal(0, 8)), float(rng.normal(25, 8)), float(rng.normal(0, 0.02))


def _pockets(
    rng: np.random.Generator, body: Body, drift: Drift, seen: tuple[float, tuple[float, ...]],
    *, sick: bool,
) -> list[Pocket]:  # fmt: skip
    """Return leaks of one to three regions where there shall be signs, and cysts."""
    formula = SpineFormula()
    order = [s for s in formula.segments if s in body.roots]
    able = order[order.index(Segment.C3) : order.index(Segment.L5) + 1]
    made = []
    if sick:
        count = int(rng.choice((1, 2, 3), p=(0.6, 0.3, 0.1)))
        for index in rng.choice(3, count, replace=False):
            here = [s for s in able if formula.region(s) is tuple(Region)[index]]
            for _ in range(int(rng.choice((1, 2), p=(0.7, 0.3)))):
                root = (here[int(rng.integers(len(here)))], bool(rng.random() < 0.5))
                grade = Grade(int(rng.integers(1, 4)))
                made.append(make_leak(rng, body, drift, root, grade, seen))
    for _ in range(int(rng.integers(0, 3))):
        root = (able[int(rng.integers(len(able)))], bool(rng.random() < 0.5))
        if all(root != (p.segment, p.left) for p in made):
            made.append(make_cyst(rng, body, drift, root, seen))
    return made


def _column(body: Body, drift: Drift, at: float) -> tuple[Floats, Floats]:
    """Return points of the sac around the cord, and the activity of each."""
    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    ring = np.concatenate([
        share * np.stack([np.cos(angles), 0.75 * np.sin(angles)], axis=1)
        for share in (0.62, 0.8, 0.95)
    ])  # fmt: skip
    line = line_at(drift, body, at) * 2.0
    half = 0.5 * body.width(body.s)
    points = np.repeat(body.line, len(ring), axis=0)
    offsets = half[:, None, None] * ring[None]
    points[:, :2] += offsets.reshape(-1, 2)
    return points, np.repeat(line / len(ring), len(ring))


def _spots(rng: np.random.Generator, body: Body, drift: Drift) -> dict[str, Floats]:
    """Return points of head, blood, kidneys, bladder and of CSF that came through the puncture."""
    top = body.line[0]
    head = [top + np.array(at) + rng.standard_normal((n, 3)) * np.array(sd) for at, sd, n in HEAD]
    x, y, z = grid()
    inside = np.argwhere(taking(body) > 0)
    chosen = inside[rng.integers(len(inside), size=15_000)]
    blood = np.stack([x[chosen[:, 2]], y[chosen[:, 1]], z[chosen[:, 0]]], axis=1)
    waist = body.place(body.level("L1", 0.6))
    kidneys = [
        waist
        + np.array([way * rng.uniform(50, 66), 8.0, rng.uniform(-18, 12) - 6 * (way < 0)])
        + rng.standard_normal((400, 3)) * np.array([10, 9, 23])
        for way in (-1, 1)
    ]
    low = body.place(body.end)
    bladder = low + np.array([0, -75, -55]) + rng.standard_normal((500, 3)) * rng.uniform(14, 24)
    at = drift.start + rng.normal(12, 16, 400)
    side = rng.choice((-1.0, 1.0), 400, p=(p := rng.uniform(0.1, 0.9), 1 - p))
    out = np.stack([np.interp(at, body.s, body.line[:, i]) for i in range(3)], axis=1)
    out[:, 0] += side * (9 + rng.exponential(rng.uniform(5, 12), 400))
    return {"head": np.concatenate(head), "blood": blood, "kidneys": np.concatenate(kidneys),
            "bladder": bladder, "puncture": out}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Clock:
    """Names of a study's images."""

    seed: int

    def uid(self, *numbers: int) -> str:
        """Return a UID of the study, or of an image of it."""
        return ".".join(("2.25.68", str(self.seed + 1), *map(str, numbers)))


def _study(seed: int, counts: list[np.ndarray], hours: tuple[float, ...], head: Head) -> Study:
    """Return the images as a study: the back as its detector sees it."""
    names = _Clock(seed)
    stations = []
    for k, image in enumerate(counts):
        behind = k % 2 == 1
        way = -1.0 if behind else 1.0
        stations.append(Station(
            pixels=np.ascontiguousarray(image[:, ::-1] if behind else image),
            geometry=PlaneGeometry(
                (-way * (head.columns - 1) / 2 * head.pixel, 0.0, (head.rows - 1) / 2 * head.pixel),
                (way, 0.0, 0.0), (0.0, 0.0, -1.0), head.pixel, head.pixel,
            ),
            acquisition=Acquisition(acquired=None),
            series_uid=names.uid(1, k // 2), sop_uid=names.uid(2, k),
            nuclear=NuclearAcquisition(
                view=VIEWS[k % 2], hours=hours[k // 2], duration_s=300.0, nuclide="Tc-99m",
                dose_mbq=222.0, window_kev=(126.0, 154.0), times_from="simulated",
            ),
        ))  # fmt: skip
    return Study(names.uid(), Technique.RIC, tuple(stations))
