"""Leaks drawn on a sheet beside the sac, and what they measure there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, label

from benchmarks.strangers.b.anatomy import Floats, Rng, Root, Spine
from benchmarks.strangers.b.sheet import STEP, Sheet, field, smooth_step

KINDS = ["streaks", "reticular", "haze"]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A drawn finding's measures, mm; ``s_span`` is its extent along the sac."""

    reach: float
    extent: float
    width: float
    grade: int
    pattern: tuple[str, ...] = ()
    s_span: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A finding on its sheet: values in the sheet's pixels, and what they measure."""

    sheet: Sheet
    layer: Floats
    measured: Measured


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """Where a leak runs: the root's way on beyond its sleeve (``u``, ``s``), as far as ``far``.

    ``edge`` is the sac's edge at the root, ``edge_row`` in each row, mm; ``aim`` the grade.
    """

    root: Root
    aim: int
    edge: float
    far: float
    u: Floats
    s: Floats
    sheet: Sheet
    edge_row: Floats

    def along(self, u: float) -> np.float64:
        """Return ``s`` of the course at a distance from the axis."""
        return np.interp(u, self.u, self.s)

    def alongs(self, u: Floats) -> Floats:
        """Return ``s`` of the course at distances from the axis."""
        return np.interp(u, self.u, self.s)


@dataclass(frozen=True, slots=True)
class _Looks:
    """How lateral signal looks: its forms, half width at ``start``, flare, and filaments."""

    forms: tuple[str, ...]
    half: float
    flare: float
    count: int
    start: float


def _course(rng: Rng, angle: float, tip: tuple[float, float], far: float) -> tuple[Floats, Floats]:
    """Return ``u`` and ``s`` of where a root goes on beyond its sleeve's tip."""
    tip_s, tip_u = tip
    u: Floats = np.arange(0, far + 30, STEP)
    end = np.clip(angle + rng.uniform(5, 40), 48, 92) + rng.normal(0, 5)
    way = np.clip(u - tip_u, 0, None) / rng.uniform(8, 22)
    turned = angle + (end - angle) * (1 - np.exp(-way))
    ds = STEP / np.tan(np.radians(np.clip(turned, 14, 100)))
    s = np.cumsum(ds)
    s += tip_s - np.interp(tip_u, u, s)
    return u, s


def draw_leak(
    rng: Rng, spine: Spine, root: Root, wish: tuple[int, float], brightness: float
) -> Drawn:
    """Return a leak; ``wish``: the grade aimed at, and extent over the sac's width."""
    aim, ratio = wish
    w = spine.w(root.s)
    edge, lat = w / 2, root.lateral
    tip_u = edge + lat
    tip_s = root.s + root.length * np.cos(np.radians(root.angle))
    far = min(tip_u + ratio * w, 78.0)
    u, s = _course(rng, root.angle, (tip_s, tip_u), far)
    span = np.interp(far, u, s) - root.s
    sheet = Sheet(root.s - 32, root.s + max(span, 0) + 42, far + 14)
    edge_row = np.interp(sheet.s, spine.s, spine.width) / 2
    course = _Course(root, aim, edge, far, u, s, sheet, edge_row)
    tri = _triangle(rng, course)
    pattern: tuple[str, ...] = () if tri is None else ("triangle",)
    web = np.zeros(sheet.n) if tri is None else tri
    side = np.zeros(sheet.n)
    if aim > 1:
        looks = _looks(rng, course)
        pattern += looks.forms
        side = _lateral(rng, course, looks)
    if aim == 3 and rng.random() < 0.7:
        side += _round_sleeve(rng, course)
    layer = np.maximum(web, side) + 0.35 * np.minimum(web, side)
    layer = layer * smooth_step((sheet.u - edge_row + 2.5) / 2.5)
    layer = gaussian_filter(layer, 0.35 / STEP)
    layer *= brightness / _own_brightness(layer, sheet, edge)
    layer = np.minimum(layer, 2.6 * brightness)
    return Drawn(sheet, layer, _measure(course, layer, w, brightness, pattern))


def _measure(
    course: _Course, layer: Floats, width: float, brightness: float, pattern: tuple[str, ...]
) -> Measured:
    """Return what a leak measures; it ends at a quarter of its own brightness."""
    sheet, edge = course.sheet, course.edge
    reach = _farthest(layer, sheet, edge, brightness / 4) - edge
    rows = np.nonzero((layer[:, sheet.u[0] > edge] > brightness / 4).any(1))[0]
    span = (float(sheet.s[rows[0], 0]), float(sheet.s[rows[-1], 0]))
    extent = max(reach - course.root.lateral, 0.0)
    grade = 1 if course.aim == 1 else 2 if extent <= width else 3
    return Measured(reach, extent, width, grade, pattern, span)


def _own_brightness(layer: Floats, sheet: Sheet, edge: float) -> float:
    """Return the 75th percentile of the signal outside the sac's edge."""
    v = layer[:, sheet.u[0] > edge]
    v = v[v > 0.12 * v.max()]
    return float(np.percentile(v, 75))


def _farthest(layer: Floats, sheet: Sheet, edge: float, threshold: float) -> float:
    """Return the outermost ``u`` with signal, specks below 1.5 mm2 aside."""
    lab, n = label(layer >= threshold, structure=np.ones((3, 3)))
    if n == 0:
        return edge
    size = np.bincount(lab.ravel()) * STEP**2
    keep = size >= 1.5
    keep[0] = False
    cols = np.nonzero(keep[lab].any(0))[0]
    return float(sheet.u[0][cols[-1]] + STEP / 2) if len(cols) else edge


def _triangle(rng: Rng, course: _Course) -> Floats | None:
    """Return the triangular expansion in the axilla, which one in ten wider leaks lacks."""
    root, sheet, aim = course.root, course.sheet, course.aim
    base, height = rng.uniform(6, 16), rng.uniform(4, 12)
    if aim == 1:
        height = max(height, root.lateral * rng.uniform(0.8, 1.25))
        base = max(base, 7)
    elif rng.random() < 0.1:
        return None
    x = sheet.u - course.edge_row
    frac = np.clip(1 - x / height, 0, None) ** rng.uniform(0.75, 1.35)
    down = np.tan(np.radians(90 - max(root.angle, 28)))
    shift = root.s + rng.normal(0, 1)
    mid = shift + np.clip(x, 0, None) * down * rng.uniform(0.6, 1.0)
    half = base / 2 * frac
    soft = rng.uniform(0.35, 0.9)
    tri = smooth_step((half - np.abs(sheet.s - mid)) / soft * 0.5 + 0.5) * (x < height + 2)
    tri = tri * smooth_step((height - x) / soft + 0.5)
    tri = tri * np.clip(0.75 + 0.35 * np.clip(1 - x / height, 0, 1), 0, 2)
    if aim == 1:
        tri = tri * (1 + rng.uniform(0, 0.10) * field(rng, sheet.n, 8))
    return tri


def _looks(rng: Rng, course: _Course) -> _Looks:
    """Return how the lateral signal of a leak looks."""
    forms: tuple[str, ...]
    if course.aim == 2:
        forms = (str(rng.choice(KINDS, p=[0.55, 0.2, 0.25])),)
        if rng.random() < 0.45:
            forms += (str(rng.choice([k for k in KINDS if k not in forms])),)
        size = (rng.uniform(1.5, 4.5), rng.uniform(0.02, 0.22), int(rng.integers(3, 10)))
    else:
        forms = ("haze", "streaks")
        if rng.random() < 0.3:
            forms += ("reticular",)
        size = (rng.uniform(4, 9), rng.uniform(0.05, 0.4), int(rng.integers(8, 28)))
    start = course.edge + course.root.lateral * rng.uniform(0.0, 0.9)
    return _Looks(forms, *size, start)


def _lateral(rng: Rng, course: _Course, looks: _Looks) -> Floats:
    """Return the signal lateral to the sleeve."""
    sheet = course.sheet
    side = np.zeros(sheet.n)
    if "haze" in looks.forms:
        side += _haze(rng, course, looks)
    if "streaks" in looks.forms or "reticular" in looks.forms:
        _streaks(rng, course, looks)
    if "reticular" in looks.forms:
        _reticulum(rng, course, looks)
    side += 1 - np.exp(-1.1 * sheet.lines())
    return side


def _haze(rng: Rng, course: _Course, looks: _Looks) -> Floats:
    """Return a cloud with a ragged border around the course."""
    sheet, start, far = course.sheet, looks.start, course.far
    half = looks.half + looks.flare * np.clip(sheet.u - start, 0, None)
    inside = smooth_step((sheet.u - start) / 1.5 + 0.5)
    tex = field(rng, sheet.n, rng.uniform(4, 11))
    fringe = field(rng, sheet.n, rng.uniform(5, 12))
    back = (far - start) * rng.uniform(0.05, 0.35)
    rim = far + 0.15 * back - back * np.abs(fringe) * 0.8 - sheet.u
    ends = smooth_step(rim / rng.uniform(1.5, 5) + 0.35)
    rel = np.clip((sheet.u - start) / max(far + 1 - start, 1), 0, 1)
    half = half * np.sqrt(np.clip(1 - rel ** rng.uniform(2, 6), 0, 1))
    half = half * np.exp(rng.uniform(0.05, 0.35) * field(rng, sheet.n, (14, 7)))
    sway = rng.uniform(0, 3) * field(rng, (1, sheet.n[1]), 12)
    bump = half - np.abs(sheet.s - course.alongs(sheet.u) + sway)
    bump = bump + rng.uniform(0, 1.5) * fringe
    fine = field(rng, sheet.n, rng.uniform(2, 4))
    rise = bump / np.maximum(half, 1) + rng.uniform(0.2, 0.5) * tex
    gate = smooth_step(rise / rng.uniform(0.3, 0.9) + 0.3)
    length = max(far - course.edge, 1)
    fall = np.clip(1 - rng.uniform(0, 0.55) * (sheet.u - course.edge) / length, 0.2, 1)
    cloud = gaussian_filter(gate * inside * ends, rng.uniform(1, 3)) * fall
    cloud = cloud * np.clip(1 + rng.uniform(0.1, 0.45) * tex + 0.2 * fine, 0.1, 3)
    main = course.aim == 3 or looks.forms[0] == "haze"
    return np.asarray(cloud * rng.uniform(0.55, 1.0) * (1 if main else 0.5))


def _streaks(rng: Rng, course: _Course, looks: _Looks) -> None:
    """Draw filaments along the course, one of them at least to its far end."""
    start, far = looks.start, course.far
    count = looks.count if "streaks" in looks.forms else max(4, looks.count)
    reached = False
    for k in range(count):
        whole = k == 0 or (course.aim == 3 and rng.random() < 0.35) or rng.random() < 0.2
        if whole or rng.random() < 0.6:
            a = start + rng.uniform(-2, 3)
        else:
            a = start + rng.uniform(0, 0.6) * (far - start)
        b = far if (whole and not reached) else a + rng.uniform(0.25, 1.0) * (far - a)
        reached |= whole
        if b - a >= 2:
            _streak(rng, course, looks, (a, b), whole)


def _streak(
    rng: Rng, course: _Course, looks: _Looks, ends: tuple[float, float], whole: bool
) -> None:
    """Draw one filament from ``a`` to ``b``, mm from the axis."""
    (a, b), start = ends, looks.start
    u: Floats = np.arange(a, b, STEP * 0.6)
    rel = (u - start) / max(course.far - start, 1)
    wobble = np.cumsum(rng.standard_normal(len(u)))
    wobble -= np.linspace(0, wobble[-1] * 0.7, len(u))
    wobble = gaussian_filter(wobble, 6) * 0.16
    off = rng.uniform(-1, 1) * (looks.half + looks.flare * np.clip(u - start, 0, None))
    s = course.alongs(u) + off * rng.uniform(0.5, 1.1) + wobble
    amp = 1 + 0.35 * gaussian_filter(rng.standard_normal(len(u)), 8) * 4
    fade = smooth_step((b - u) / 1.0) if whole else smooth_step((b - u) / 4)
    amp = amp * smooth_step((u - a) / 1.2) * fade
    amp = np.clip(amp, 0.0, 2) * rng.uniform(0.6, 1.2) * (1 - rng.uniform(0, 0.4) * rel)
    step = np.hypot(np.gradient(s), np.gradient(u)) / STEP
    course.sheet.line(s, u, amp * step, float(rng.choice([0.8, 1.2, 1.7])))


def _reticulum(rng: Rng, course: _Course, looks: _Looks) -> None:
    """Draw short filaments that cross the course."""
    start, far = looks.start, course.far
    for _ in range(int(rng.integers(6, 16))):
        at = rng.uniform(start, far - 1)
        length = rng.uniform(3, 10)
        th = np.radians(rng.uniform(40, 140))
        p: Floats = np.arange(-length / 2, length / 2, STEP * 0.6)
        away = rng.uniform(-0.7, 0.7) * (looks.half + looks.flare * (at - start))
        s = course.along(at) + away + p * np.sin(th) + 0.05 * p**2 * rng.normal()
        u = at + p * np.cos(th)
        keep = u < far
        amp = 0.6 * rng.uniform(0.5, 1.2)
        course.sheet.line(s[keep], u[keep], amp, float(rng.choice([0.8, 1.2])))


def _round_sleeve(rng: Rng, course: _Course) -> Floats:
    """Return profuse fluid round the sleeve."""
    sheet = course.sheet
    down = (sheet.s - course.root.s - 2) / rng.uniform(5, 12)
    out = (sheet.u - course.edge - 2) / rng.uniform(4, 9)
    glow = np.exp(-(down**2 + out**2))
    glow = glow * np.clip(0.7 + 0.35 * field(rng, sheet.n, 5), 0, 2)
    return np.asarray(glow * (sheet.u > course.edge_row - 2))


def draw_cyst(rng: Rng, spine: Spine, root: Root, big: bool) -> tuple[Drawn, float]:
    """Return a cyst or meningocele, mm of path, and its diameter: oval, lobed or necked."""
    w = spine.w(root.s)
    edge, lat = w / 2, root.lateral
    d = rng.uniform(14, 30) if big else rng.uniform(4, 14)
    if root.segment[0] == "S" and rng.random() < 0.5:
        d = rng.uniform(8, 26)
    r = d / 2
    f = rng.uniform(0.1, 1.3)
    u0 = edge + max(r * rng.uniform(0.35, 1.05), lat * f)
    steep = np.tan(np.radians(max(root.angle, 25)))
    s0 = root.s + (u0 - edge) / steep * rng.uniform(0.5, 1)
    sheet = Sheet(s0 - r - 6, s0 + r + 6, u0 + r + 6)
    oval = rng.uniform(0.8, 1.25)
    q = ((sheet.s - s0) / (r * oval)) ** 2 + ((sheet.u - u0) / r) ** 2
    layer = 2 * r * np.sqrt(np.clip(1 - q, 0, None))
    if big and rng.random() < 0.4:
        r2 = r * rng.uniform(0.5, 0.8)
        away = sheet.s - s0 - r * rng.uniform(-0.7, 0.7)
        q = (away / r2) ** 2 + ((sheet.u - u0 + r * 0.3) / r2) ** 2
        layer = np.maximum(layer, 2 * r2 * np.sqrt(np.clip(1 - q, 0, None)))
    layer = gaussian_filter(layer, 0.25 / STEP)
    across = np.abs(sheet.s - root.s - (sheet.u - edge) * 0.3) / 2.2
    neck = smooth_step(1 - across) * (sheet.u < u0) * (sheet.u > edge - 2)
    layer = np.maximum(layer, neck * rng.uniform(0, 3.5))
    reach = u0 + r - edge
    measured = Measured(float(reach), float(max(0.0, reach - lat)), w, 0)
    return Drawn(sheet, layer, measured), d
