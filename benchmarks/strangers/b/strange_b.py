"""Independent simulator B of coronal thick-slab MR myelography: projected path lengths.

simulate(seed) -> (list of pydicom datasets, truth).   python strange_b.py --first N --count M --out DIR [--jobs 2]
"""
from __future__ import annotations

import os
os.environ.setdefault("OMP_NUM_THREADS", "1"); os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates, gaussian_filter1d

sys.path.insert(0, str(Path(__file__).parent))
from anatomy_b import make_spine, smooth_noise
from bodyfluid_b import Plane, body_items, fat_items
from scanner_b import VENDORS, acquire, shading, to_dicom, uid
from signs_b import STEP, draw_cyst, draw_leak, field, sstep

THALF = 80.0
SNR = {"easy": (45, 80), "medium": (22, 42), "hard": (10, 22)}
RATIO = {"easy": (.4, .7), "medium": (.2, .4), "hard": (.1, .25)}
SIDES = {1: "left", -1: "right"}


def sac_sheet(rng, sp):
    """Straightened sheet of sac + sleeves, mm of path.  Rows s (0.3 mm), columns t in [-THALF, THALF]."""
    s = np.arange(sp.s[0], sp.s[-1], STEP)
    half = 24.0
    tl = np.arange(-half, half + STEP / 2, STEP)
    f = lambda a: np.interp(s, sp.s, a)[:, None]
    w, d, cw, cd = f(sp.width), f(sp.depth), f(sp.cord_w), f(sp.cord_d)
    w_ = np.maximum(w, .01)
    chord = d * np.sqrt(np.clip(1 - (2 * tl / w_) ** 2, 0, None))
    off = (rng.normal(0, .5) + .5 * smooth_noise(rng, len(s), 150))[:, None] * np.clip((w - cw) / 6, 0, 1)
    cord = cd * np.sqrt(np.clip(1 - (2 * (tl - off) / np.maximum(cw, .01)) ** 2, 0, None)) * (cw > .3)
    sac = np.clip(chord - cord, 0, None)
    # roots inside the sac: rootlets in the neck and chest, cauda equina below
    dark = np.zeros_like(sac)
    strength = rng.uniform(.3, 1.6)
    for r in sp.roots:
        top = r.s - (6 if r.segment[0] == "C" else 22 if r.segment[0] == "T" else 70 + rng.uniform(0, 60))
        top = max(top, min(sp.conus - 15, r.s - 4)) if r.segment[0] in "LS" else top
        rr = np.clip((s - top) / max(r.s - top, 1), 0, 1)
        e = sp.w(r.s) / 2
        start = np.interp(top, sp.s, sp.cord_w) / 2 * .8 + rng.uniform(0, 2)
        t = r.side * (start + (e - start) * rr ** rng.uniform(1.0, 2.4)) + .4 * smooth_noise(rng, len(s), 60)
        on = ((s > top) & (s < r.s)).astype(float)
        rad = rng.uniform(.4, .8)
        i = np.nonzero(on)[0]
        for k in range(1 if r.segment[0] != "L" else 2):
            tt = t + k * rng.normal(0, .8)
            if len(i) == 0: continue
            q = 2 * np.sqrt(np.clip(rad ** 2 - (tl[None] - tt[i, None]) ** 2, 0, None))
            dark[i] += q * strength
    sac = np.maximum(sac - dark, sac * .25)
    flow = 1 - rng.uniform(0, .22) * np.clip(smooth_noise(rng, len(s), rng.uniform(60, 200)), 0, 2.5)[:, None]
    flow = flow * (1 - rng.uniform(0, .12) * np.clip(field(rng, sac.shape, (30, 7)), 0, 2.5))
    sac *= np.clip(flow, .35, 1)
    sac *= sstep((s - rng.uniform(-26, -12)) / rng.uniform(8, 16))[:, None]   # opens into the posterior fossa
    full = np.zeros((len(s), int(round(2 * THALF / STEP)) + 1), np.float32)
    t = -THALF + np.arange(full.shape[1]) * STEP
    a = int(round((tl[0] + THALF) / STEP))
    full[:, a:a + len(tl)] = sac
    # sleeves: short tapered spikes
    for r in sp.roots:
        if not r.visible: continue
        e = sp.w(r.s) / 2
        i0, i1 = np.searchsorted(s, [r.s - 8, r.s + r.length + 8])
        if i1 - i0 < 4: continue
        u = r.side * t
        j = np.nonzero((u > e - 5) & (u < e + r.lateral + 5))[0]
        U, S = u[j][None], s[i0:i1][:, None]
        an = np.radians(r.angle)
        du, ds = U - e, S - r.s
        l = du * np.sin(an) + ds * np.cos(an)
        q = du * np.cos(an) - ds * np.sin(an)
        rad = r.radius * np.clip(1 - .65 * l / r.length, 0, 1.15) * (l < r.length) * (l > -2.5)
        tip = sstep((r.length - l) / 1.0)
        lay = 2 * np.sqrt(np.clip(rad ** 2 - q ** 2, 0, None)) * r.strength * tip
        # axilla: small smooth bump joining sac and sleeve
        bump = 1.5 * r.radius * np.clip(1 - np.abs(ds - .35 * np.clip(du, 0, None)) / 3.2, 0, 1) * np.clip(1 - du / 2.6, 0, 1) * (du > -2.5)
        core = 2 * np.sqrt(np.clip((rad * .45) ** 2 - q ** 2, 0, None)) * .8
        lay = np.maximum(gaussian_filter(np.maximum(lay - core * (l > r.length * .25), bump * r.strength), .7), 0)
        edge_row = (np.interp(s[i0:i1], sp.s, sp.width) / 2)[:, None]
        full[i0:i1, j] += (lay * sstep((U - edge_row + 2.5) / 2.5)).astype(np.float32)
    return s, t, full


def paste(full, s, t, sh, L, side, scale, gap=0.0):
    i = int(round((sh.s0 - s[0]) / STEP))
    a = max(i, 0); b = min(i + sh.n[0], len(s))
    n = min(sh.n[1], int(THALF / STEP) - 1)
    c = len(t) // 2
    if b <= a: return
    v = (L[a - i:b - i, :n] * scale).astype(np.float32)
    if side > 0: full[a:b, c:c + n] += v
    else: full[a:b, c - n + 1:c + 1] += v[:, ::-1]


class Station:
    def __init__(self, name, centre, tilt, spin, yaw, fov, m, slab, shift):
        self.name, self.fov, self.m, self.slab, self.shift = name, fov, m, slab, np.asarray(shift, float)
        cx, sx = np.cos(spin), np.sin(spin); ct, st = np.cos(tilt), np.sin(tilt); cy, sy = np.cos(yaw), np.sin(yaw)
        Rt = np.array([[1, 0, 0], [0, ct, -st], [0, st, ct]]); Rs = np.array([[cx, 0, sx], [0, 1, 0], [-sx, 0, cx]]); Ry = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
        R = Ry @ Rt @ Rs
        self.col, self.row = R @ [1, 0, 0], R @ [0, 0, -1]
        self.nrm = np.cross(self.col, self.row)
        self.px = fov / m
        self.ipp = np.asarray(centre, float) - (m - 1) / 2 * self.px * (self.col + self.row)
        k = max(1, round(self.px / .28))
        self.k = k; self.n = m * k
        self.ssp = self.px / k
        self.sso = self.ipp - (k - 1) / 2 * self.ssp * (self.col + self.row)
        self.present = True
        self.void = None

    def pix(self, p):
        """patient (anatomy) -> header mm -> column, row, depth."""
        d = np.asarray(p, float) + self.shift - self.ipp
        return d @ self.col / self.px, d @ self.row / self.px, d @ self.nrm

    def margin(self, p):
        c, r, _ = self.pix(p)
        return np.minimum(np.minimum(c, self.m - 1 - c), np.minimum(r, self.m - 1 - r)) * self.px

    def sees(self, p):
        c, r, d = self.pix(p)
        return bool(self.present and self.margin(p) > 3 and abs(d) < self.slab / 2 - 1)


def render(st, sp, s, t, full):
    """Straightened sheet -> station plane (mm of path)."""
    pl = Plane(st.sso - st.shift, st.col, st.row, st.nrm, st.ssp, st.n, st.slab)
    p = sp.xyz
    c, r, d = pl.to(p)
    r = np.maximum.accumulate(r + np.arange(len(r)) * 1e-6)
    rows = np.arange(st.n, dtype=float)
    axc = np.interp(rows, r, c)                                    # column of the axis at each row
    s_of = np.interp(rows, r, sp.s, left=-999, right=9999)
    slope = np.gradient(axc)                                       # dcol / drow
    cos = 1 / np.sqrt(1 + slope ** 2)
    half = int(THALF / st.ssp)
    lo = int(max(axc.min() - half, 0)); hi = int(min(axc.max() + half, st.n))
    if hi <= lo: return pl
    cc = np.arange(lo, hi)[None]
    off = (cc - axc[:, None]) * st.ssp
    tt = off * cos[:, None]
    foot = rows[:, None] + off * (slope * cos ** 2)[:, None] / st.ssp
    ss = np.interp(foot, rows, s_of)
    ok = (s_of[:, None] > -900) & (s_of[:, None] < 9000)
    v = map_coordinates(full, [(ss - s[0]) / STEP, (tt + THALF) / STEP], order=1, mode="constant")
    prof = np.interp(ss, sp.s, pl.profile(d))
    pl.img[:, lo:hi] += (v * ok * prof).astype(np.float32)
    return pl


def simulate(seed: int):
    rng = np.random.default_rng([seed, 0xB0B])
    level = ("easy", "medium", "hard")[seed % 3]
    arm = "patient" if rng.random() < .5 else "control"
    variety = "paper" if rng.random() < .8 else "odd"
    snr, ratio = rng.uniform(*SNR[level]), rng.uniform(*RATIO[level])
    age, sex = int(rng.integers(17, 75)), str(rng.choice(["F", "M"], p=[.6, .4]))
    sp = make_spine(rng)
    root = {(r.segment, r.side): r for r in sp.roots}

    # protocol
    fov, m, slab, te, tr, etl = 270.0, 512, 50.0, 1000.0, 8000.0, 256
    if variety == "odd":
        fov = float(rng.choice([240, 250, 280, 300, 320, 350, 380]))
        m = int(rng.choice([256, 320, 384, 448, 512, 640, 768]))
        slab = float(rng.choice([30, 40, 45, 60, 70, 80]))
        te = float(rng.choice([600, 750, 900, 1100, 1200])); tr = float(rng.choice([6000, 8000, 10000])); etl = int(rng.choice([128, 200, 256, 320]))
    overlap = rng.uniform(10, 35) if rng.random() < .9 else rng.uniform(35, 80)
    l_last = f"L{sp.formula['lumbar']}"
    z_c4, z_l5 = sp.at(root["C4", 1].s)[2], sp.at(root[l_last, 1].s)[2]
    total = 2 * fov - overlap
    slack = total - (z_c4 - z_l5)
    bottom = z_l5 - (np.clip(slack, 10, 200) * rng.uniform(.25, .75) if slack > 10 else rng.uniform(2, 20))
    if rng.random() < .08: bottom += rng.uniform(-55, 55)
    zc = [bottom + total - fov / 2, bottom + fov / 2]
    stations = []
    tilt_user = rng.random() < .6
    for k, name in enumerate(("cervicothoracic", "thoracolumbar")):
        z = sp.xyz[:, 2]
        inz = np.abs(z - zc[k]) < fov / 2 - 5
        fit = np.polyfit(z[inz], sp.xyz[inz, 1], 1) if inz.sum() > 50 else [0, 0]
        slope = np.clip(fit[0], -.35, .35) * (rng.uniform(.5, 1) if tilt_user else 0)
        resid = sp.xyz[inz, 1] - slope * (z[inz] - zc[k])
        y = .5 * (resid.max() + resid.min()) + rng.normal(0, 3)
        spin = np.radians(rng.normal(0, 1.0) if rng.random() < .8 else rng.uniform(-7, 7))
        yaw = np.radians(rng.normal(0, .8) if rng.random() < .85 else rng.uniform(-6, 6))
        shift = np.zeros(3) if k == 0 else rng.normal(0, [1.8, 1.2, 1.8]) * (1 if rng.random() < .85 else 3)
        x = np.interp(-zc[k], -z, sp.xyz[:, 0]) * rng.uniform(.3, 1) + rng.normal(0, 6)
        stations.append(Station(name, np.array([x, y, zc[k]]) + (shift if rng.random() < .2 else 0), -np.arctan(slope), spin, yaw, fov, m, slab, shift))

    # ruin
    ruin, ruined = "none", []
    if rng.random() < .10:
        ruin = str(rng.choice(["missing-station", "motion", "void"], p=[.35, .35, .3]))
        k = int(rng.integers(2))
        if ruin == "missing-station": stations[k].present = False
        if ruin == "void":
            span = rng.uniform(.28, .65) * fov
            stations[k].void = (float(rng.uniform(.1, .9 - span / fov)) * fov, span)
        ruin_k = k

    def ruined_at(k, p):
        if ruin == "none" or k != ruin_k: return False
        if ruin == "motion": return True
        if ruin == "void":
            y0, span = stations[k].void
            _, r, _ = stations[k].pix(p)
            return y0 - 6 < r * stations[k].px < y0 + span + 6
        return False

    def station_of(p):
        best, bm = None, 3.0
        for k, st in enumerate(stations):
            if st.sees(p):
                mg = st.margin(p) - (500 if ruined_at(k, p) else 0)
                if best is None or mg > bm: best, bm = k, mg
        return best

    for r in sp.roots:
        pos = sp.at(r.s, r.side * sp.w(r.s) / 2)
        r.station = station_of(pos)
        r.in_view = r.station is not None
        r.judgeable = r.in_view and not ruined_at(r.station, pos)
        r.position = pos + (stations[r.station].shift if r.in_view else 0)

    # sac
    s, t, full = sac_sheet(rng, sp)
    seen = np.array([station_of(p) is not None for p in sp.at(np.arange(sp.mid["C3"], sp.s_end - 25, 4))])
    sv = np.arange(sp.mid["C3"], sp.s_end - 25, 4)
    sv = sv[seen] if seen.sum() > 10 else sv
    means = [full[min(int((v - s[0]) / STEP), len(s) - 1), np.abs(t) < .45 * sp.w(v)].mean() for v in sv]
    ref = float(np.median(means))                                  # sac signal = mean over the inner 90 % of the width, median along s

    # findings
    usable = [r for r in sp.roots if r.in_view and r.segment not in ("C1", "C2", "S2")]
    judge = [r for r in usable if r.judgeable] or usable
    findings, mimics = [], []
    leak_roots = []

    def record(r, kind, grade, rec, pattern, size, ident, bright):
        k = r.station
        c = rr = None
        if k is not None:
            cpx, rpx, dep = stations[k].pix(r.position - stations[k].shift)
            src = {"sop_uid": stations[k].sop, "row": round(float(rpx), 4), "column": round(float(cpx), 4)}
        else:
            src, dep = None, None
        return {"id": ident, "kind": kind, "region": r.region, "segment": r.segment, "segment_range": rec.get("range", [r.segment, r.segment]),
                "side": SIDES[r.side], "grade": grade, "reach_mm": round(float(rec["reach"]), 4), "extent_mm": round(float(rec["extent"]), 4),
                "sac_width_mm": round(float(rec["width"]), 4), "ratio": round(float(rec["extent"] / max(rec["width"], 1e-3)), 4), "pattern": pattern,
                "position_mm": [round(float(v), 4) for v in r.position], "depth_mm": None if dep is None else round(float(dep), 4), "station": k,
                "covered": bool(r.judgeable), "source": src, "brightness": None if bright is None else round(float(bright), 4), "size_mm": None if size is None else round(float(size), 4)}

    for st in stations: st.sop = uid(rng)
    if arm == "patient":
        want = int(rng.choice([1, 2, 3, 4, 5, 6], p=[.26, .24, .18, .14, .10, .08]))
        pool = usable if rng.random() < .25 else judge
        pool = [r for r in pool if sp.w(r.s) > 8.5 and stations[r.station].margin(sp.at(r.s)) > 9] or pool
        foci = [pool[int(rng.integers(len(pool)))]]
        if rng.random() < .5:                                      # an area first, then a root of it: neck, junctions and lumbar get their share
            area = [("C3", "C4", "C5", "C6", "C7"), ("C7", "C8", "T1", "T2"), ("T11", "T12", "L1"), ("L1", "L2", "L3", "L4", "L5", "S1")][int(rng.integers(4))]
            inside = [r for r in pool if r.segment in area]
            if inside: foci = [inside[int(rng.integers(len(inside)))]]
        style = rng.choice([1, 2, 3], p=[.3, .38, .32])
        while len(leak_roots) < want:
            if rng.random() < .3: foci.append(pool[int(rng.integers(len(pool)))])
            c = foci[-1]
            near = sorted([r for r in pool if r not in leak_roots], key=lambda r: abs(r.s - c.s) + rng.uniform(0, 22))
            if not near: break
            leak_roots.append(near[0])
        for i, r in enumerate(leak_roots):
            kind = int(style if rng.random() < .6 else rng.choice([1, 2, 3]))
            b = ratio * rng.uniform(.82, 1.2) if len(leak_roots) > 1 else ratio
            for attempt in range(8):
                rt = {1: 0.0, 2: rng.uniform(.25, .95), 3: rng.uniform(1.05, 2.15)}[kind]
                sh, L, rec = draw_leak(rng, sp, r, kind, rt, b)
                far = [sp.at(v, r.side * (sp.w(v) / 2 + rec["reach"] * q)) for v in rec["s_span"] for q in (0, 1)]
                seen_all = all(any(st.present and st.margin(p) > 1 for st in stations) for p in far)
                if (kind == 1 or (rec["grade"] == kind and rec["extent"] > (2.5 if "triangle" in rec["pattern"] else 5.0))) and (seen_all or not r.judgeable): break
                if attempt == 5 and not seen_all: kind = max(kind - 1, 1)
            over = [q for q in sp.roots if q.side == r.side and rec["s_span"][0] < q.s < rec["s_span"][1]]
            order = [q.segment for q in sp.roots if q.side == r.side]
            ends = sorted({q.segment for q in over} | {r.segment}, key=order.index)
            rec["range"] = [ends[0], ends[-1]]
            paste(full, s, t, sh, L, r.side, ref)
            findings.append(record(r, "leak", rec["grade"], rec, rec["pattern"], None, f"{seed}-leak-{i + 1}", b))
    # cysts
    ncyst = 0
    if arm == "control" and rng.random() < .34: ncyst = int(rng.integers(1, 6))
    elif arm == "patient" and rng.random() < .3: ncyst = int(rng.integers(1, 4))
    taken = []
    for i in range(ncyst):
        same = leak_roots and i == 0 and rng.random() < .5
        pool = leak_roots if same else ([r for r in sp.roots if r.in_view and r.segment not in ("C1", "C2") and sp.w(r.s) > 4] or [r for r in sp.roots if sp.w(r.s) > 4])
        wts = np.array([3 if q.segment in ("C7", "C8", "T1", "T2") else 2 if q.segment[0] in "LS" or q.segment in ("T9", "T10", "T11", "T12") else 1 for q in pool], float)
        r = pool[int(rng.choice(len(pool), p=wts / wts.sum()))]
        if r in taken or (r in leak_roots and not same): continue
        taken.append(r)
        big = rng.random() < .12
        sh, L, rec = draw_cyst(rng, sp, r, big)
        peak = L.max() / ref
        wgt = min(1.0, rng.uniform(.3, 1.2) / peak) if rng.random() < .8 else rng.uniform(.3, 1.0)
        paste(full, s, t, sh, L * wgt, r.side, 1.0)
        mimics.append(record(r, "meningocele" if big else "perineurial-cyst", 0, rec, ["round"], rec["d"], f"{seed}-cyst-{i + 1}", float(np.percentile(L[L > .3 * L.max()], 75) * wgt / ref)))

    # other fluid
    items = body_items(rng, sp)
    fats = fat_items(rng, sp, level)
    other = []
    for name, p, _ in items:
        p = np.asarray(p, float)
        k = next((i for i, st in enumerate(stations) if st.present and st.margin(p) > 0 and abs(st.pix(p)[2]) < st.slab / 2), None)
        q = p + (stations[k].shift if k is not None else 0)
        other.append({"name": name, "position_mm": [round(float(v), 4) for v in q], "in_view": k is not None})
    for _, p, *_x in fats:
        k = next((i for i, st in enumerate(stations) if st.present and st.margin(p) > 0), None)
        other.append({"name": "fat", "position_mm": [round(float(v), 4) for v in p + (stations[k].shift if k is not None else 0)], "in_view": k is not None})

    # scanner
    vendor = str(rng.choice(list(VENDORS), p=[.4, .3, .2, .1]))
    hard = {"easy": .5, "medium": 1.0, "hard": 1.6}[level]
    pe_row = bool(rng.random() < .55)
    study, frame, series0 = uid(rng), uid(rng), uid(rng)
    one_series = bool(rng.random() < .55)
    strength = rng.uniform(.1, .9)
    filt = float(rng.choice([0, rng.uniform(.1, 1)]))
    acq_p = float(rng.choice([1.0, rng.uniform(.5, .95)])); acq_f = float(rng.choice([1.0, rng.uniform(.7, 1)]))
    decay = rng.uniform(.3, .75) * etl / 256 * (1 if rng.random() < .9 else 1.6)
    order = str(rng.choice(["linear", "centric"], p=[.8, .2]))
    partial = 1.0 if rng.random() < .7 else rng.uniform(.6, .85)
    normal = bool(rng.random() < .35)
    bg = rng.uniform(0, .025)
    gain_common = rng.uniform(.6, 1.5)
    if vendor == "Philips Medical Systems": bits, slope, icpt, full_scale = 12, float(rng.choice([2.568, rng.uniform(.3, 6)])), 0.0, rng.uniform(900, 3600)
    elif vendor == "GE MEDICAL SYSTEMS": bits, slope, icpt, full_scale = 16, None, 0.0, rng.uniform(800, 12000)
    elif vendor == "SIEMENS": bits, slope, icpt, full_scale = 12, None, 0.0, rng.uniform(400, 3500)
    else: bits, slope, icpt, full_scale = 16, 1.0, float(rng.choice([0, 0, -rng.uniform(1, 40)])), rng.uniform(1500, 30000)
    ghosts_on, motion_on = rng.random() < .4 * hard, rng.random() < .3 * hard
    date = f"20{int(rng.integers(5, 24)):02d}{int(rng.integers(1, 13)):02d}{int(rng.integers(1, 29)):02d}"
    datasets = []
    for k, st in enumerate(stations):
        r2 = np.random.default_rng([seed, 0xB0B, k])
        if not st.present: continue
        pl = render(st, sp, s, t, full)
        for name, _, draw in items: draw(pl)
        img = pl.img / ref
        for _, p, sg, amp, sd, rough in fats:
            q = Plane.__new__(Plane); q.__dict__.update(pl.__dict__); q.img = img; q.blob(p, sg, amp, np.random.default_rng(sd), rough)
        # faint tissue: body outline
        lowres = field(r2, (64, 64), 5)
        rows_m = (np.arange(64) - 32) / 64 * fov
        xx = np.abs(rows_m)[None] ; bw = (105 + 25 * np.tanh((rows_m / 120)) * (1 if k == 0 else .4) + 6 * field(r2, (64, 64), 12)[:, :1].ravel())[:, None]
        body = sstep((bw + 30 - xx) / 12) * np.clip(1 + .45 * lowres, 0, 3) * bg
        from scipy.ndimage import zoom
        img += zoom(body, st.n / 64, order=1)[:st.n, :st.n].astype(np.float32)
        sh = shading(r2, st.n, strength)
        c, r, _ = pl.to(sp.xyz)
        inn = (r > 0) & (r < st.n - 1) & (c > 0) & (c < st.n - 1)
        if inn.sum() > 5: sh = sh / np.median(sh[r[inn].astype(int), c[inn].astype(int)])
        img = img * sh
        if st.void:
            y0, span = st.void
            y = np.arange(st.n)[:, None] * st.ssp
            x = (np.arange(st.n)[None] - st.n / 2) * st.ssp
            wob = 3 * smooth_noise(r2, st.n, 60)[None]
            hole = sstep((y - y0 + wob) / 6 + .5) * sstep((y0 + span - y + wob) / 6 + .5) * sstep((fov * .45 - np.abs(x - r2.normal(0, 8))) / 25)
            img = img * (1 - .985 * hole)
        double, shotwise, drift, jitter = None, 0, 0.0, 0.0
        if motion_on and r2.random() < .8:
            a = r2.normal(0, 1.0, 2) * r2.uniform(.4, 1.6) / st.px
            double = (a[0], a[1], r2.uniform(.15, .5))
            shotwise = int(r2.choice([0, 0, 1, 2]))
            if r2.random() < .4: drift = r2.uniform(.2, 1.2) / st.px
        if ruin == "motion" and k == ruin_k:
            drift = r2.uniform(22, 60) / st.px
            double = (r2.uniform(8, 25) / st.px, r2.uniform(-20, 20) / st.px, .5); shotwise = int(r2.integers(1, 6))
            snr_k = snr * r2.uniform(.2, .4)
            jitter = r2.uniform(3, 8) / st.px
            img = gaussian_filter(img, np.array([r2.uniform(2, 5), r2.uniform(2, 5)]) / st.ssp)
        else: snr_k = snr
        par = dict(sigma=1 / snr_k, acq_phase=acq_p, acq_freq=acq_f, decay=decay, order=order, partial=partial, filter=filt, pe_row=pe_row,
                   ghost=(r2.uniform(.004, .03) * hard if ghosts_on else 0.0), ghost_shift=(m / 2 if r2.random() < .3 else r2.uniform(.03, .5) * m), ghost_phase=r2.random(),
                   ghost_asym=r2.uniform(0, 1), double=double, shotwise=shotwise, drift=drift, jitter=jitter)
        mag = acquire(img, m, r2, par)
        if normal:
            small = sh[st.k // 2::st.k, st.k // 2::st.k][:m, :m]
            mag = mag / np.clip(small, .25, 3) ** r2.uniform(.5, 1.0)
        gain = gain_common * (r2.uniform(.85, 1.18) if r2.random() < .75 else r2.uniform(.45, 2.0))
        top = 2 ** bits - 1
        val = mag * full_scale / 1.8 * gain                           # stored values
        if val.max() > top: val = np.minimum(val, top) if r2.random() < .08 else val * top / val.max()
        pix = np.round(np.clip(val - icpt, 0, top)).astype(np.uint16)
        sl = 1.0 if slope is None else slope
        desc = str(r2.choice(["MRM thick slab {}", "MYELO {}", "SSh_TSE MYELOGRAPHY {}", "T2 HASTE MYELO COR {}", "MR MYELO COR 50MM {}"])).format({"cervicothoracic": "C-T", "thoracolumbar": "T-L"}[st.name])
        tmin = 5 + 2 * k
        meta = dict(sop=st.sop, vendor=vendor, model=str(r2.choice(VENDORS[vendor]["models"])), date=date, study_time="101500", time=f"10{20 + tmin:02d}00", desc=desc, study_desc="MR spine whole",
                    seed=seed, sex=sex, age=age, body=("CTSPINE", "TLSPINE")[k], fatsat=bool(rng.random() < .5), slab=slab, tr=tr, te=te, avg=4, etl=etl, bw=200, steps=int(m * acq_p), m=m, pe_row=pe_row,
                    study=study, series=series0 if one_series else uid(r2), series_no=(301 if one_series else 301 + 100 * k), instance=(k + 1 if one_series else 1),
                    ipp=st.ipp, iop=[*st.col, *st.row], frame=frame, px=st.px, bits=bits, slope=slope, intercept=icpt, wc=700 if r2.random() < .4 else float(np.percentile(pix, 99.5) * sl / 2), ww=1900 if r2.random() < .4 else float(max(np.percentile(pix, 99.9) * sl, 2)))
        datasets.append(to_dicom(pix, meta))

    regions = ("cervical", "thoracic", "lumbar")
    grades = {g: max([f["grade"] for f in findings if f["region"] == g], default=0) for g in regions}
    main = [r for r in sp.roots if r.segment not in ("C1", "C2", "C3", "S1", "S2")]
    if ruin != "none":
        bad = [r for r in main if r.side > 0 and not r.judgeable and (ruin != "missing-station" or True)]
        why = [r for r in bad if ruin == "missing-station" or r.in_view]
        st = stations[ruin_k]
        z0, z1 = st.ipp[2], (st.ipp + (m - 1) * st.px * st.row)[2]
        if ruin == "void": z0, z1 = (st.ipp + st.void[0] * st.row)[2], (st.ipp + (st.void[0] + st.void[1]) * st.row)[2]
        ruined.append({"kind": ruin, "station": ruin_k, "name": st.name, "z_mm": [round(float(z1), 3), round(float(z0), 3)], "regions": [g for g in regions if any(r.region == g for r in why)],
                       "roots": [r.segment for r in why]})
    cover = []
    for r in main:
        if r.in_view and r.segment not in cover and root[r.segment, -r.side].in_view: cover.append(r.segment)
    sacs = []
    for v in np.arange(0.0, sp.s_end, 5.0):
        p = sp.at(v); k = station_of(p)
        sacs.append({"s_mm": float(v), "position_mm": [round(float(x), 4) for x in p + (stations[k].shift if k is not None else 0)], "width_mm": round(float(sp.w(v)), 4), "station": k})
    truth = {"schema": "myeloscope.truth/1", "seed": seed, "study_uid": study, "arm": arm, "variety": variety, "signs_mrm": any(f["covered"] and f["grade"] for f in findings), "signs_ric": False,
             "grades": {"mr-myelography": grades}, "findings": findings, "mimics": mimics, "other_fluid": other, "ruined": ruined, "ruin": ruin, "coverage": cover,
             "difficulty": {"level": level, "sac_snr": round(float(snr), 4), "leak_over_sac": round(float(ratio), 4) if findings else None}, "formula": sp.formula, "sac": sacs,
             "roots": [{"segment": r.segment, "side": SIDES[r.side], "visible": r.visible, "in_view": r.in_view, "judgeable": r.judgeable, "s_mm": round(r.s, 4),
                        "position_mm": [round(float(x), 4) for x in r.position], "sleeve_mm": round(float(r.lateral), 4), "angle_deg": round(r.angle, 2), "station": r.station} for r in sp.roots],
             "stations": [{"name": st.name, "sop_uid": st.sop, "present": st.present, "shift_mm": [round(float(x), 4) for x in st.shift], "normal": [round(float(x), 4) for x in st.nrm], "slab_mm": slab} for st in stations],
             "age_years": age, "sex": sex}
    return datasets, truth


def write(seed: int, out: str) -> float:
    t0 = time.time()
    ds, truth = simulate(seed)
    d = Path(out) / str(seed); d.mkdir(parents=True, exist_ok=True)
    for f in d.glob("*.dcm"): f.unlink()
    for i, x in enumerate(ds): x.save_as(d / f"IM{i + 1:04d}.dcm", enforce_file_format=True)
    (d / "truth.json").write_text(json.dumps(truth, indent=1))
    return time.time() - t0


def main(argv=None) -> int:
    ap = argparse.ArgumentParser(); ap.add_argument("--first", type=int, default=1); ap.add_argument("--count", type=int, default=1); ap.add_argument("--out", required=True); ap.add_argument("--jobs", type=int, default=1)
    a = ap.parse_args(argv)
    seeds = range(a.first, a.first + a.count)
    if a.jobs > 1:
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(a.jobs) as ex: ts = list(ex.map(write, seeds, [a.out] * a.count))
    else: ts = [write(x, a.out) for x in seeds]
    print(f"{len(ts)} studies, {np.mean(ts):.2f} s each (per core), in {a.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
