"""Leaks by the scale: drawn in the sac's frame, measured before any projection or noise.

The grade follows by construction (DESIGN, "The scale"): a leak is first given its kind (triangle
alone, lateral signal with or without a triangle) and the extent wanted; the form is fitted so
that its own signal ends there; reach, extent and ratio are then measured on the form itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter

from myeloscope.domain.grade import Grade, Pattern
from myeloscope.phantom.column import chord
from myeloscope.phantom.forms import Corridor, Form, haze, reticular, streaks
from myeloscope.phantom.matter import Cloud
from myeloscope.phantom.sleeves import LATTICE_MM, Cone, Sleeve, cone_points
from myeloscope.phantom.spec import FindingSpec
from myeloscope.phantom.spine import Spine

FORMS: dict[Pattern, Callable[[np.random.Generator, Corridor], Form]] = {
    Pattern.STREAKS: streaks,
    Pattern.RETICULAR: reticular,
    Pattern.HAZE: haze,
}
RASTER_MM = 0.25
DETECTOR_BLUR_MM = 0.3  # about one 0.53 mm pixel
FIT_MM = 0.04
TRIES = 8
END_FRACTION = 0.25  # DESIGN: signal ends at a quarter of the finding's own brightness


@dataclass(frozen=True, slots=True)
class LeakPlan:
    """What a leak shall be: ``ratio`` is the extent wanted over the sac's width."""

    sleeve: Sleeve
    grade: Grade
    ratio: float
    patterns: tuple[Pattern, ...]
    triangle: bool
    brightness: float


@dataclass(frozen=True, slots=True, eq=False)
class Leak:
    """A leak made: its fluid and its measurements (mm).

    ``brightness`` is its own brightness (path, mm) over that of the sac at its root.
    """

    plan: LeakPlan
    clouds: tuple[Cloud, ...]
    reach: float
    extent: float
    sac_width: float
    low: float
    high: float
    brightness: float

    @property
    def ratio(self) -> float:
        """Return extent over sac width."""
        return self.extent / self.sac_width

    @property
    def grade(self) -> Grade:
        """Return the grade that follows from construction and measured extent."""
        if self.plan.grade is Grade.POSSIBLE:
            return Grade.POSSIBLE
        return Grade.PROBABLE if self.ratio <= 1 else Grade.DEFINITE

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Return the visible forms, triangle first."""
        return ((Pattern.TRIANGLE,) if self.plan.triangle else ()) + self.plan.patterns


def plan_leak(
    rng: np.random.Generator, wanted: FindingSpec, sleeve: Sleeve, brightness: float
) -> LeakPlan:
    """Complete what was asked for by drawing the rest."""
    grade = wanted.grade
    if grade is None:
        grade = Grade(int(rng.choice(3, p=(0.25, 0.42, 0.33))) + 1)
        if wanted.ratio is not None:
            grade = Grade.PROBABLE if wanted.ratio <= 1 else Grade.DEFINITE
    near = rng.random() < 0.2
    low, high = {1: (0.0, 0.0), 2: (0.22, 0.97), 3: (1.03, 2.6)}[int(grade)]
    if near and grade > Grade.POSSIBLE:
        low, high = (0.85, 0.99) if grade is Grade.PROBABLE else (1.01, 1.15)
    ratio = wanted.ratio if wanted.ratio is not None else float(rng.uniform(low, high))
    choice = rng.choice(6, p=(0.42, 0.14, 0.12, 0.14, 0.12, 0.06))
    drawn = (
        (Pattern.STREAKS,),
        (Pattern.RETICULAR,),
        (Pattern.HAZE,),
        (Pattern.STREAKS, Pattern.HAZE),
        (Pattern.STREAKS, Pattern.RETICULAR),
        (Pattern.RETICULAR, Pattern.HAZE),
    )[choice]
    patterns = tuple(p for p in wanted.pattern if p is not Pattern.TRIANGLE) or drawn
    triangle = bool(rng.random() < 0.85) if wanted.triangle is None else wanted.triangle
    if grade is Grade.POSSIBLE:
        patterns, triangle = (), True
    return LeakPlan(sleeve, grade, ratio, patterns, triangle, brightness)


def sac_path(spine: Spine, s: float) -> float:
    """Return the sac's mean free path over the inner 60 % of its width at ``s``, mm."""
    at = np.full(41, s)
    a = spine.at(spine.half_width, at)
    q = np.linspace(-0.6, 0.6, 41) * a
    free = chord(q, a, spine.at(spine.half_depth, at)) - chord(
        q - spine.at(spine.cord_q, at),
        spine.at(spine.cord_half_width, at),
        spine.at(spine.cord_half_depth, at),
    )
    return float(2 * np.maximum(free, 0).mean() * spine.at(spine.flow, at)[0])


def _triangle(rng: np.random.Generator, plan: LeakPlan) -> Form:
    """Return the triangular expansion: solid, smooth, tapering, beyond the normal sleeve."""
    sleeve = plan.sleeve
    spread = sleeve.base / np.sin(sleeve.angle)
    across = max(sleeve.across * rng.uniform(1.15, 1.9), sleeve.across + rng.uniform(1.5, 4.0))
    if plan.grade is not Grade.POSSIBLE:
        across = min(across, sleeve.across + 0.6 * plan.ratio * 12)
    angle = float(np.radians(np.clip(np.degrees(sleeve.angle) + rng.normal(8, 6), 40, 100)))
    wider = max(spread * rng.uniform(1.25, 1.9), rng.uniform(4.0, 8.0))
    cone = Cone(
        start=0.0,
        sign=1.0,
        across=float(min(across, 14.0)),
        angle=angle,
        base=float(min(wider, 13.0) * np.sin(angle)),
        depth=1.0,
        taper=float(rng.uniform(0.85, 1.3)),
    )
    s, r, half = cone_points(cone)
    inner = r > -1.0
    s, r, half = s[inner], r[inner], half[inner]
    return Form(s, r, np.zeros_like(s), 2 * half * LATTICE_MM**2, 0.25)


def _measure(forms: Sequence[Form], beyond: float) -> tuple[float, float]:
    """Return own brightness (path, mm) and the distance r where the signal ends, mm.

    The form's path is rastered at a quarter millimetre and softened like one pixel; its profile
    over r is the brightest path at that distance. Own brightness is the 90th percentile of the
    profile outside ``beyond`` (the normal sleeve's tip for lateral signal, else the sac's edge).
    """
    low = min(float(form.s.min()) for form in forms) - 4
    high = max(float(form.s.max()) for form in forms) + 4
    far = max(float(form.r.max()) for form in forms) + 4
    shape = (int((high - low) / RASTER_MM) + 1, int((far + 3) / RASTER_MM) + 1)
    image = np.zeros(shape)
    for form in forms:
        i = ((form.s - low) / RASTER_MM).astype(np.intp)
        j = ((form.r + 3) / RASTER_MM).astype(np.intp)
        flat = np.bincount(i * shape[1] + j, form.volumes, minlength=shape[0] * shape[1])
        soft = np.hypot(form.blur_mm, DETECTOR_BLUR_MM) / RASTER_MM
        image += gaussian_filter(flat.reshape(shape), soft) / RASTER_MM**2
    r = (np.arange(shape[1]) + 0.5) * RASTER_MM - 3
    profile = image.max(axis=0)
    outside = profile[(r > max(beyond, 0.3)) & (profile > 0.08 * profile[r > 0].max())]
    if not len(outside):
        outside = profile[r > 0]
    own = float(np.percentile(outside, 90))
    last = int(np.flatnonzero(profile >= END_FRACTION * own)[-1])
    inner, outer = profile[last], profile[min(last + 1, len(profile) - 1)]
    part = (inner - END_FRACTION * own) / max(inner - outer, 1e-12)
    return own, float(r[last] + np.clip(part, 0, 1) * RASTER_MM)


def _corridor(rng: np.random.Generator, plan: LeakPlan, width: float) -> Corridor:
    """Draw where lateral fluid lies."""
    sleeve = plan.sleeve
    # profuse fluid runs up and down beside several roots
    profuse = rng.choice((1.0, 1.0, 2.0, 3.5)) if plan.grade is Grade.DEFINITE else 1.0
    return Corridor(
        start=sleeve.across * float(rng.uniform(0.6, 1.0)),
        length=plan.ratio * width,
        slope=float(np.clip(1 / np.tan(sleeve.angle) + rng.normal(0, 0.15), -0.3, 1.8)),
        spread=float(rng.uniform(1.2, 4.5) * rng.choice((1.0, 1.0, 1.6)) * profuse),
        fan=float(rng.uniform(0.05, 0.6)),
    )


def _lateral(
    rng: np.random.Generator, plan: LeakPlan, width: float
) -> tuple[list[Form], float, float]:
    """Return lateral forms fitted to the extent wanted, their brightness and where they end.

    Where a drawn form's faint end cannot be fitted, another one is drawn.
    """
    tip = plan.sleeve.across
    goal = tip + plan.ratio * width
    for _ in range(TRIES):
        corridor = _corridor(rng, plan, width)
        forms = [FORMS[pattern](rng, corridor) for pattern in plan.patterns]
        own, end = _measure(forms, tip)
        for _ in range(10):
            if abs(end - goal) < FIT_MM:
                return forms, own, end
            stretch = (goal - corridor.start) / max(end - corridor.start, 0.3)
            forms = [_stretched(form, corridor.start, stretch) for form in forms]
            own, end = _measure(forms, tip)
    return forms, own, end


def _stretched(form: Form, start: float, factor: float) -> Form:
    """Return a form stretched outward beyond ``start``."""
    return replace(form, r=np.where(form.r > start, start + (form.r - start) * factor, form.r))


def make_leak(rng: np.random.Generator, spine: Spine, plan: LeakPlan) -> Leak:
    """Make a leak's fluid and measure it.

    Returns
    -------
    Leak
        Its own brightness is ``plan.brightness`` times the sac's at its root; its grade follows
        from its measured extent over the sac's width there.
    """
    sleeve = plan.sleeve
    width = float(spine.width(np.array([sleeve.s]))[0])
    goal = plan.brightness * sac_path(spine, sleeve.s)
    forms: list[Form] = []
    end = 0.0
    if plan.patterns:
        lateral, own, end = _lateral(rng, plan, width)
        forms += [replace(form, volumes=form.volumes * (goal / own)) for form in lateral]
    if plan.triangle:
        triangle = _triangle(rng, plan)
        own, tip = _measure([triangle], 0.0)
        share = rng.uniform(0.9, 1.5) if plan.patterns else 1.0
        forms.append(replace(triangle, volumes=triangle.volumes * (goal * share / own)))
        end = end if plan.patterns else tip
    clouds = tuple(_cloud(spine, sleeve, form) for form in forms)
    return Leak(
        plan=plan,
        clouds=clouds,
        reach=end,
        extent=max(end - sleeve.across, 0.0),
        sac_width=width,
        low=sleeve.s + min(float(f.s.min()) for f in forms),
        high=sleeve.s + max(float(f.s.max()) for f in forms),
        brightness=plan.brightness,
    )


def _cloud(spine: Spine, sleeve: Sleeve, form: Form) -> Cloud:
    """Place a form at its root."""
    s = np.clip(sleeve.s + form.s, spine.s[0], spine.s[-1])
    a, b = spine.at(spine.half_width, s), spine.at(spine.half_depth, s)
    q = sleeve.sign * (a + form.r)
    return Cloud(
        points=spine.to_patient(s, q, form.w + 0.15 * b),
        volumes=form.volumes,
        half_depth=np.full(len(s), 1.5),
        blur_mm=form.blur_mm,
    )
