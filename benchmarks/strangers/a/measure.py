"""What a leak measures: its clean signal alone against the clean sac alone, on a fine plane.

Its own brightness is the 90th percentile of its signal beside the sac; it ends at a quarter of
that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, label

from benchmarks.strangers.a.anatomy import Floats
from benchmarks.strangers.a.findings import Weighted
from benchmarks.strangers.a.plane import Plane, project_sac
from benchmarks.strangers.a.shapes import Part
from benchmarks.strangers.a.sleeves import Body, Root

Mask = NDArray[np.bool_]
PIXEL, SIGMA, HALF = 0.4, 0.45, 72.0
"""Pixel, blur and half width of the plane a leak is measured on, mm."""
SEEN = 0.87
"""Share of the clean sac's signal that roots and pulsation leave."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Reach, extent and the sac's width, mm; position and span along ``s``.

    ``reach_of_max`` is the reach if a quarter of the peak were meant.
    """

    reach: float
    extent: float
    width: float
    position: Floats
    span: tuple[float, float]
    reach_of_max: float
    brightness: float


def window(pl: Plane, point: Floats) -> Plane:
    """Return a fine plane around a point, parallel to a station's and not cut by its edges."""
    u, v, _ = pl.see(point)
    centre: Floats = pl.c + u[0] * pl.r + v[0] * pl.k
    return pl.moved(centre, int(2 * HALF / PIXEL), PIXEL)


def lateral_map(body: Body, pl: Plane, sign: int) -> tuple[Floats, Floats]:
    """Return ``s`` and mm beyond the silhouette's edge for each pixel, across the axis."""
    near = np.where(body.s <= body.s_end + 30)[0][::4]
    u, v, _ = pl.see(body.p[near])
    s, rx = body.s[near], body.rx[near]
    o = np.argsort(v)
    u, v, s, rx = u[o], v[o], s[o], rx[o]
    tu = np.gradient(u, v)
    uu, vv = np.meshgrid(pl.u, pl.v)
    foot = vv.copy()
    for _ in range(3):
        c, m = np.interp(foot, v, u), np.interp(foot, v, tu)
        foot = foot + ((uu - c) * m + (vv - foot)) / (1 + m * m)
    c, m = np.interp(foot, v, u), np.interp(foot, v, tu)
    off = ((uu - c) - (vv - foot) * m) / np.sqrt(1 + m * m)
    return np.interp(foot, v, s), sign * off - np.interp(foot, v, rx)


def settle(
    body: Body, pl: Plane, root: Root, parts: Weighted, target: float
) -> tuple[list[Part], Measured] | None:
    """Return a leak's parts scaled to a mean brightness over the sac's, and its measures.

    Nothing is returned where the plane shows no sac or no leak.
    """
    sac = project_sac(body, pl)
    s, lat = lateral_map(body, pl, root.sign)
    core = (sac.csf > 0) & (np.abs(s - root.s) < 10) & (lat < -1)
    sac_mean = SEEN * float(sac.csf[core].mean()) if core.any() else float("nan")
    if not np.isfinite(sac_mean) or sac_mean < 1:
        return None
    total = np.zeros(pl.shape)
    gains = []
    for part, relative in parts:
        one = np.zeros(pl.shape)
        part.draw(pl, one, sac)
        sel = one[(lat > 0) & (one > 0.05 * one.max())] if one.max() > 0 else np.zeros(0)
        ref = np.percentile(sel, 85) if sel.size > 4 else 0
        g = relative / ref if ref > 0 else 0.0
        gains.append(g)
        total += g * one
    total = gaussian_filter(total, SIGMA / PIXEL)
    if not (total[lat > 0] > 0).any():
        return None
    mask = _outline(total, lat > 0)
    k = target * sac_mean / total[mask].mean()
    scaled = [
        replace(part, amplitude=part.amplitude * g * k)
        for (part, _), g in zip(parts, gains, strict=True)
    ]
    return scaled, _measure(body, pl, root, (total, mask, s, lat), target)


def _outline(total: Floats, side: Mask) -> Mask:
    """Return where a finding's signal is above a quarter of its own brightness, less specks."""
    sel = total[side & (total > 0.1 * total[side].max())]
    mask = side & (total > np.percentile(sel, 90) / 4)
    lab, n = label(mask, np.ones((3, 3)))
    if n > 1:
        size = np.bincount(lab.ravel())
        size[0] = 0
        mask = np.isin(lab, np.where(size * PIXEL * PIXEL > 0.6)[0])
    return np.asarray(mask)


def _measure(
    body: Body,
    pl: Plane,
    root: Root,
    maps: tuple[Floats, Mask, Floats, Floats],
    brightness: float,
) -> Measured:
    """Return the measures of a leak from its signal, outline, ``s`` and lateral distance."""
    total, mask, s, lat = maps
    reach = float(lat[mask].max())
    edge = mask & (lat < 1.2)
    if edge.sum() >= 3:
        s_m = float(np.average(s[edge], weights=total[edge]))
        _, left, post = body.frame(s_m)
        yo = (root.wall - body.at(root.s)) @ post
        pos = body.at(s_m) + root.sign * left * body.value(body.rx, s_m) + post * yo
    else:
        u, v = np.meshgrid(pl.u, pl.v)
        uc = np.average(u[mask], weights=total[mask])
        vc = np.average(v[mask], weights=total[mask])
        d = pl.see(root.points[-1])[2][0]
        pos = pl.c + uc * pl.r + vc * pl.k + d * pl.n
        s_m = float(np.average(s[mask], weights=total[mask]))
    peaks = lat[(lat > 0) & (total > 0.25 * total[lat > 0].max())]
    return Measured(
        reach=reach,
        extent=max(0.0, reach - root.reach),
        width=2 * float(body.value(body.rx, s_m)),
        position=pos,
        span=(float(s[mask].min()), float(s[mask].max())),
        reach_of_max=float(peaks.max()),
        brightness=brightness,
    )
