"""Truth from the noise-free clean geometry: each finding's signal alone against the sac alone."""
import numpy as np
from scipy.ndimage import gaussian_filter, label

import sa_fluids as fluids
import sa_render as R

PX = 0.4
SIGMA = 0.45


def window(pl, point, half=72.0):
    """A fine plane, parallel to the station's, around a point: not cut by the station's field of view."""
    u, v, _ = pl.uvd(point)
    n = int(2 * half / PX)
    return pl.moved(pl.c + u[0] * pl.r + v[0] * pl.k, (n, n), PX)


def lateral_map(body, pl, sac, sg):
    """Arc length s and mm beyond the sac's silhouette edge for each pixel of the plane, on side sg, across the local (projected) axis."""
    near = np.where((body.s <= body.s_end + 30))[0][::4]
    u, v, _ = pl.uvd(body.p[near])
    s, rx = body.s[near], body.rx[near]
    o = np.argsort(v)
    u, v, s, rx = u[o], v[o], s[o], rx[o]
    tu = np.gradient(u, v)
    V = pl.iv
    U, VV = np.meshgrid(pl.ju, V)
    vv = VV.copy()
    for _ in range(3):
        c, m = np.interp(vv, v, u), np.interp(vv, v, tu)
        q = ((U - c) * m + (VV - vv)) / (1 + m * m)
        vv = vv + q
    c, m = np.interp(vv, v, u), np.interp(vv, v, tu)
    off = ((U - c) - (VV - vv) * m) / np.sqrt(1 + m * m)
    return np.interp(vv, v, s), sg * off - np.interp(vv, v, rx)


def settle(body, pl, rt, parts, target):
    """Scales a leak's parts so that its mean brightness beside the sac is target x the sac's; returns its measured truth."""
    sac = R.render_sac(body, pl)
    s, lat = lateral_map(body, pl, sac, rt["sign"])
    core = (sac["csf"] > 0) & (np.abs(s - rt["s"]) < 10) & (lat < -1)
    # roots and pulsation take about an eighth of the sac's signal: brightness is meant against the sac as seen
    sac_mean = 0.87 * float(sac["csf"][core].mean()) if core.any() else float("nan")
    if not np.isfinite(sac_mean) or sac_mean < 1:
        return None
    total = np.zeros(pl.shape)
    gains = []
    for part, rel in parts:
        one = np.zeros(pl.shape)
        fluids.draw(part, pl, one, sac)
        if part["k"] == "mist":
            pass
        sel = one[(lat > 0) & (one > 0.05 * one.max())] if one.max() > 0 else np.zeros(0)
        ref = np.percentile(sel, 85) if sel.size > 4 else 0
        g = rel / ref if ref > 0 else 0.0
        gains.append(g)
        total += g * one
    total = gaussian_filter(total, SIGMA / PX)
    side = lat > 0
    if not (total[side] > 0).any():
        return None
    mask, own = outline(total, side)
    k = target * sac_mean / total[mask].mean()
    for (part, _), g in zip(parts, gains):
        part["amp"] = part["amp"] * g * k
    m = measure(body, pl, rt, total, s, lat)
    m["brightness"] = float(target)
    m["sac_mean"] = sac_mean
    return m


def outline(total, side):
    """The finding's own brightness B (90th percentile of its signal beside the sac) and where it is above B / 4, specks left out."""
    sel = total[side & (total > 0.1 * total[side].max())]
    own = np.percentile(sel, 90)
    mask = side & (total > own / 4)
    lab, n = label(mask, np.ones((3, 3)))
    if n > 1:
        size = np.bincount(lab.ravel())
        size[0] = 0
        mask = np.isin(lab, np.where(size * PX * PX > 0.6)[0])
    return mask, own


def measure(body, pl, rt, total, s, lat):
    mask, own = outline(total, lat > 0)
    reach = float(lat[mask].max())
    edge = mask & (lat < 1.2)
    if edge.sum() >= 3:
        s_m = float(np.average(s[edge], weights=total[edge]))
        t, left, post = body.frame(s_m)
        yo = (rt["wall"] - body.at(rt["s"])) @ post
        pos = body.at(s_m) + rt["sign"] * left * body.val("rx", s_m) + post * yo
        touches = True
    else:
        u, v = np.meshgrid(pl.ju, pl.iv)
        uc, vc = np.average(u[mask], weights=total[mask]), np.average(v[mask], weights=total[mask])
        d = pl.uvd(rt["pts"][-1])[2][0]
        pos = pl.c + uc * pl.r + vc * pl.k + d * pl.n
        s_m, touches = float(np.average(s[mask], weights=total[mask])), False
    width = 2 * float(body.val("rx", s_m))
    extent = max(0.0, reach - rt["reach"])
    rng_s = (float(s[mask].min()), float(s[mask].max()))
    # how much the answer depends on what "its own brightness" means
    alt = lat[(lat > 0) & (total > 0.25 * total[lat > 0].max())]
    return {"reach": reach, "extent": extent, "width": width, "pos": pos, "s": s_m, "range": rng_s, "touches": touches, "reach_of_max": float(alt.max())}
