"""The roots' normal sleeves, and the body: a spine with its roots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.strangers.a.anatomy import AxialTable, Floats, Rng, Spine

ANGLE = {
    "C1": 88, "C2": 84, "C3": 78, "C4": 72, "C5": 66, "C6": 62, "C7": 59, "C8": 57,
    "S1": 20, "S2": 15,
}  # fmt: skip
"""Angle between root and downward axis, degrees."""
LENGTH = {
    "C1": 1.6, "C2": 2.4, "C3": 3.2, "C4": 4.0, "C5": 4.6, "C6": 5.0, "C7": 5.2, "C8": 5.0,
    "S1": 15.0, "S2": 11.0,
}  # fmt: skip
"""Length of a sleeve, mm."""


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """One root's sleeve: a bent tapering tube of nine points.

    ``wall`` is where it leaves the sac, ``direction`` where to, ``nerve`` its nerve's radius,
    ``reach`` how far the sleeve shows beside the silhouette, mm.
    """

    segment: str
    side: str
    sign: int
    s: float
    wall: Floats
    direction: Floats
    points: Floats
    radii: Floats
    amplitude: float
    nerve: float
    length: float
    reach: float


@dataclass(frozen=True, slots=True)
class _Habit:
    """What is usual for one level, before a side's own scatter."""

    angle: float
    length: float
    radius: float
    scale: float
    turn: float
    shrink: float


class Body(Spine):
    """A spine with its roots and its axial sections."""

    def __init__(self, rng: Rng) -> None:
        super().__init__(rng)
        self.roots: list[Root] = []
        scale, turn = np.exp(rng.normal(0, 0.13)), rng.normal(0, 3)
        shrink = 0.6 if rng.random() < 0.08 else 1
        for segment in self.segments():
            habit = self._habit(segment, (scale, turn, shrink))
            s0 = self._exit(segment) + rng.normal(0, 1.0 if segment[0] == "C" else 1.8)
            self.roots += [self._root(rng, segment, side, s0, habit) for side in ("left", "right")]
        self.axial = AxialTable(self)

    def _exit(self, segment: str) -> float:
        """Return where a root usually leaves the sac."""
        if segment == "C8":
            return self.bottom["C7"] + 0.5
        if segment == "S1":
            above = self.bottom[self.last_l] - self.top[self.last_l]
            return self.top["S1"] - 0.18 * above
        if segment == "S2":
            return self.top["S2"] - 0.25 * (self.bottom["S1"] - self.top["S1"])
        number = int(segment[1:])
        if segment[0] == "C":
            share = 0.02
        elif segment[0] == "T":
            share = 0.72 - 0.14 * ((number - 1) / (self.thoracic - 1))
        else:
            share = 0.46 - 0.36 * ((number - 1) / (self.lumbar - 1))
        return self.top[segment] + share * (self.bottom[segment] - self.top[segment])

    def _habit(self, segment: str, person: tuple[float, float, float]) -> _Habit:
        """Return the usual angle, length and radius of a level's sleeve."""
        i = int(segment[1:])
        if segment[0] == "T":
            f = (i - 1) / (self.thoracic - 1)
            angle = [58, 61, 63][min(i - 1, 2)] - 8 * max(0, f - 0.4) / 0.6
            length = [4.6, 4.0, 3.6][min(i - 1, 2)] + 2.6 * max(0, f - 0.6) / 0.4
            return _Habit(angle, length, 1.5, *person)
        if segment[0] == "L":
            f = (i - 1) / (self.lumbar - 1)
            return _Habit(46 - 19 * f, 9 + 8.5 * f, 2.3 + 0.5 * f, *person)
        radius = {"S1": 2.6, "S2": 2.0}.get(segment, 1.75)
        return _Habit(ANGLE[segment], LENGTH[segment], radius, *person)

    def _root(self, rng: Rng, segment: str, side: str, s0: float, habit: _Habit) -> Root:
        """Return one side's root: its own angle, length and width, now and then unusual."""
        s = min(s0 + rng.normal(0, 0.9 if segment[0] in "CT" else 1.6), self.s_end - 5)
        a = np.clip(habit.angle + habit.turn + rng.normal(0, 5), 9, 95)
        length = habit.length * habit.scale * np.exp(rng.normal(0, 0.2)) * habit.shrink
        wide = False
        u = rng.random()
        if u < 0.022:
            length = length * rng.uniform(1.35, 1.75)
        elif u < 0.055:
            wide = True
        r0 = habit.radius * np.exp(rng.normal(0, 0.12)) * (1.35 if wide else 1)
        sign = 1 if side == "left" else -1
        wall, d = self._take_off(rng, segment, sign, s, np.radians(a))
        pts, r = self._tube(rng, (segment, s), (wall, d), (length, r0), wide)
        amp = float(np.clip(rng.normal(0.72, 0.15), 0.35, 1.0))
        if rng.random() < 0.07:
            amp *= 0.45
        nerve = rng.uniform(0.1, 0.27) * r0 if segment[0] in "LS" else 0.15 * r0
        reach = float(self.lateral(pts[-1], sign)[1] + 0.6 * r[-1])
        return Root(
            segment, side, sign, float(s), wall, d, pts, r, amp, nerve, float(length), reach
        )  # fmt: skip

    def _take_off(
        self, rng: Rng, segment: str, sign: int, s: float, a: float
    ) -> tuple[Floats, Floats]:
        """Return where a sleeve leaves the sac and its direction."""
        t, left, post = self.frame(s)
        fwd = {"C": 0.45, "T": -0.05, "L": 0.3, "S": 0.35}[segment[0]] + rng.normal(0, 0.1)
        if segment == "C8":
            fwd = 0.35
        rx, ry = self.value(self.rx, s), self.value(self.ry, s)
        yo = rng.normal(0.0, 0.12) * ry
        xo = rx * (1 - abs(yo / max(ry, 1e-6)) ** self.power) ** (1 / self.power)
        wall: Floats = self.at(s) + sign * left * xo + post * yo
        d: Floats = np.cos(a) * t + np.sin(a) * sign * left - fwd * np.sin(a) * post * 0.8
        d /= np.linalg.norm(d)
        return wall, d

    def _tube(
        self,
        rng: Rng,
        place: tuple[str, float],
        start: tuple[Floats, Floats],
        size: tuple[float, float],
        wide: bool,
    ) -> tuple[Floats, Floats]:
        """Return a sleeve's points and radii."""
        (segment, s), (wall, d), (ln, r0) = place, start, size
        t = self.frame(s)[0]
        bend = rng.normal(0.05, 0.04) * (1 if segment[0] in "CT" else 0.6)
        q = np.concatenate([[-2.2, -0.6], np.linspace(0, 1, 7) ** 1.15 * ln])
        pts = wall + q[:, None] * d + (np.clip(q, 0, None) ** 2 / max(ln, 1))[:, None] * bend * t
        f = np.clip(q / ln, 0, 1)
        wander = np.cumsum(rng.normal(0, 0.03 * min(ln, 8) / 6, (9, 3)), 0)
        pts = pts + wander * (f > 0)[:, None]
        taper = rng.uniform(0.55, 1.05)
        r = r0 * (1 - f) ** taper + rng.uniform(0.35, 0.75) * f**0.5 * min(1, r0 / 1.6)
        r = r * (1 + rng.normal(0, 0.05, 9)) + 0.22 * r0 * np.exp(-np.clip(q, 0, None) / 1.3)
        r[q < 0] = r0 * 1.15
        if wide:
            r = r * (1 + 0.25 * np.exp(-(((f - 0.75) / 0.2) ** 2)))
        return pts, r
