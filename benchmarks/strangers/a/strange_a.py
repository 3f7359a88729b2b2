"""MR myelography studies from a simulator of its own: `simulate(seed)` -> (DICOM datasets, truth).

python strange_a.py --first N --count M --out DIR [--jobs 2]
"""
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import argparse
import json
import pathlib
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import sa_body as B
import sa_dicomout as D
import sa_fluids as F
import sa_render as R
import sa_scan as S
import sa_truth as T

NF = 640
LEVELS = {"easy": ((45, 80), (0.4, 0.7)), "medium": ((22, 42), (0.2, 0.4)), "hard": ((10, 22), (0.1, 0.25))}
NAMES = {2: ["cervicothoracic", "thoracolumbar"], 3: ["cervical", "thoracic", "lumbar"]}


def simulate(seed):
    rng = np.random.default_rng([20080401, seed, 77])
    level = ("easy", "medium", "hard")[seed % 3]
    signs = (seed // 3) % 2 == 0
    arm = "patient" if signs or rng.random() < 0.10 else "control"
    (lo, hi), (bl, bh) = LEVELS[level]
    snr, bright = rng.uniform(lo, hi), rng.uniform(bl, bh)
    paper = rng.random() < 0.6
    p = S.protocol(np.random.default_rng([seed, 1]), paper)
    p["train_ms"] = p["etl"] * 7.2
    p["averages"] = 4 if paper else int(rng.choice([1, 2, 4]))
    p["bandwidth"] = float(rng.choice([130, 217, 326, 434]))
    body = B.Body(np.random.default_rng([seed, 2]))
    stations = S.plan(body, np.random.default_rng([seed, 3]), p)
    for st in stations:
        st["plane"] = S.plane_of(st, p, NF)
        st["present"] = True
        st["bad"] = []  # v ranges (mm from the centre) that cannot be read
    ruin = ruin_study(np.random.default_rng([seed, 4]), stations, p)
    found = add_findings(body, np.random.default_rng([seed, 5]), stations, p, arm if signs else "none", (bl, bh), bright)
    images = picture(body, seed, stations, p, found, snr, ruin)
    return write(seed, rng, body, stations, p, found, images, {"level": level, "snr": snr, "bright": bright, "arm": arm, "paper": paper, "ruin": ruin})


def ruin_study(rng, stations, p):
    if rng.random() > 0.10:
        return "none"
    kind = str(rng.choice(["missing-station", "motion", "signal-loss"]))
    st = stations[int(rng.integers(len(stations)))]
    if kind == "missing-station":
        st["present"] = False
    elif kind == "motion":
        st["severe"] = True
        st["bad"] = [(-1e3, 1e3)]
    else:
        a = rng.uniform(80, 150)
        c = rng.uniform(-p["fov"] / 2 + a / 2, p["fov"] / 2 - a / 2)
        st["lost"] = (c, a)
        st["bad"] = [(c - a / 2, c + a / 2)]
    return kind


def seen(stations, p, pt, margin=2.0):
    """Index of the station that shows a body point best, whether it can be read there."""
    best, gap = None, -1e9
    for i, st in enumerate(stations):
        if not st["present"]:
            continue
        u, v, d = (float(x[0]) for x in st["plane"].uvd(pt))
        g = p["fov"] / 2 - max(abs(u), abs(v)) - margin
        if g < 0 or st["plane"].p(d) < 0.3:
            continue
        ok = not any(a <= v <= b for a, b in st["bad"])
        g = g + (1e4 if ok else 0)
        if g > gap:
            best, gap = i, g
    return best, gap > 5e3


def near_plane(stations, p, pt):
    """The station whose plane a finding is measured in even when none shows it."""
    i, _ = seen(stations, p, pt)
    if i is None:
        i = int(np.argmin([abs(st["plane"].uvd(pt)[1][0]) for st in stations]))
    return i


def add_findings(body, rng, stations, p, who, span, bright):
    out = {"leaks": [], "mimics": [], "collections": []}
    if who == "patient":
        n = int(rng.choice([1, 2, 3, 4, 5], p=[0.33, 0.3, 0.2, 0.11, 0.06]))
        cand = []
        for r in body.roots:
            vs = [(st["plane"].uvd(r["wall"])[1][0], st["plane"]) for st in stations]
            inside = any(abs(v) < p["fov"] / 2 - 8 for v, _ in vs)
            if inside and r["segment"] not in ("C1", "C2") and body.val("rx", r["s"]) > 3:
                cand.append(r)
        wt = np.array([{"C": 0.2 / 12, "T": 0.5 / 22, "L": 0.28 / 10, "S": 0.02 / 4}[r["segment"][0]] * (1.5 if r["segment"] in ("C7", "C8", "T1", "T2") else 1) for r in cand])
        home = None
        used = set()
        for _ in range(n * 3):
            if len(out["leaks"]) == n:
                break
            w = wt.copy()
            if home is not None and rng.random() < 0.65:
                w = w * np.exp(-0.5 * ((np.array([r["s"] for r in cand]) - home) / 55) ** 2)
            w[[k for k, r in enumerate(cand) if id(r) in used]] = 0
            rt = cand[rng.choice(len(cand), p=w / w.sum())]
            used.add(id(rt))
            home = rt["s"] if home is None else home
            want = int(rng.choice([1, 2, 3], p=[0.27, 0.38, 0.35]))
            parts, pattern = F.leak(body, rt, rng, want)
            i = near_plane(stations, p, rt["wall"])
            m = T.settle(body, T.window(stations[i]["plane"], rt["wall"]), rt, parts, float(np.clip(bright * rng.normal(1, 0.15), *span)))
            if m is None:
                continue
            out["leaks"].append({"rt": rt, "parts": [q for q, _ in parts], "pattern": pattern, "m": m})
        if rng.random() < 0.09:
            out["collections"].append(F.collection(body, rng))
    chance = {"patient": 0.22}.get(who, 0.36)
    if rng.random() < chance:
        taken = {(f["rt"]["segment"], f["rt"]["side"]) for f in out["leaks"]}
        for _ in range(int(rng.choice([1, 2, 3, 5], p=[0.5, 0.25, 0.15, 0.1]))):
            kind = "meningocele" if rng.random() < 0.2 else "perineurial-cyst"
            rt, part, size, apart = F.cyst(body, rng, kind)
            if (rt["segment"], rt["side"]) in taken and rng.random() < 0.8:
                continue
            out["mimics"].append({"rt": rt, "part": part, "size": size, "apart": apart, "kind": kind})
    return out


def picture(body, seed, stations, p, found, snr, ruin):
    """Clean recon of every present station, then noise, then the vendor's chain. Returns float images."""
    rng = np.random.default_rng([seed, 6])
    other = F.others(body, np.random.default_rng([seed, 7]), p["te"], bool(found["leaks"]))
    hd = F.head(body, np.random.default_rng([seed, 8]))
    fil = F.filaments(body, np.random.default_rng([seed, 9]))
    fil = {"k": "mist", "pts": np.concatenate([f["pts"] for f in fil]), "vol": np.concatenate([f["vol"] for f in fil]), "sigma": 0.4, "amp": 1.0}
    nerves = [F.wire(rt["pts"], rt["nerve"], rt["amp"]) for rt in body.roots]
    found["nerves"] = (np.concatenate([w["pts"] for w in nerves]), np.concatenate([w["vol"] * w["amp"] for w in nerves]))
    found["other"] = [(n, c) for n, c, _ in other + hd]
    ref_y = body.tab["y"].mean()
    fall = lambda y: np.exp(np.clip((np.asarray(y) - ref_y) / 120, -1.2, 0.6))
    flow_seed, ghost = int(rng.integers(1 << 30)), rng.uniform(0.01, 0.05) if rng.random() < 0.35 else 0.0
    mild = rng.random() < 0.25
    fatfail = rng.random() < 0.14
    haze = rng.uniform(0.0, 0.012)
    clean = []
    for i, st in enumerate(stations):
        if not st["present"]:
            clean.append(None)
            continue
        pl = st["plane"]
        sac = R.render_sac(body, pl)
        lay = np.zeros(pl.shape)
        R.mist(pl, lay, fil["pts"], fil["vol"], fil["sigma"])
        csf = sac["csf"] - np.minimum(lay, 0.8 * sac["csf"])
        st["sac"] = sac
        flow = S.flow_map(body, np.random.default_rng([flow_seed, i]), None, pl, sac)
        col = csf * flow
        row_y = np.interp(pl.c[2] + pl.iv * pl.k[2], body.zg, body.tab["y"])
        side = np.zeros(pl.shape)
        for rt in body.roots:
            R.tube(pl, side, rt["pts"], rt["radii"], rt["amp"], sac)
        nerves = np.zeros(pl.shape)
        R.mist(pl, nerves, found["nerves"][0], found["nerves"][1], 0.3)
        side -= np.minimum(nerves, 0.75 * side)
        for f in found["leaks"]:
            for part in f["parts"]:
                F.draw(part, pl, side, sac)
        for f in found["collections"]:
            for part in f["parts"]:
                F.draw(part, pl, side, sac)
        for f in found["mimics"]:
            F.draw(f["part"], pl, side, sac)
        img = (col + side) * fall(row_y)[:, None]
        far, gut = np.zeros(pl.shape), np.zeros(pl.shape)
        for name, c, parts in other + (hd if i == 0 else []):
            g = float(fall(c[1]))
            for part in parts:
                F.draw(part, pl, gut if name in ("bowel", "stomach", "duodenum", "pleural fluid") else far, sac, g)
        img = img + far + smear(np.random.default_rng([flow_seed, 70 + i]), gut, pl)
        lev = float(np.median(csf[csf > 2])) if (csf > 2).any() else 5.0
        img = img + background(np.random.default_rng([flow_seed, 50 + i]), pl, body, lev, haze, fatfail)
        maps = S.sensitivities(np.random.default_rng([flow_seed, 100]), p, pl, p["coils"])
        bias = np.sqrt((np.abs(maps) ** 2).sum(0))
        if "lost" in st:
            c, a = st["lost"]
            k = 1 / (1 + np.exp(-(np.abs(pl.iv - c) - a / 2) / 2.5))
            maps = maps * (0.02 + 0.98 * k)[:, None].astype(np.float32)
        ci = img[None].astype(np.complex64) * maps
        if ghost:
            sh = int(pl.shape[0] * rng.uniform(0.08, 0.3))
            w = (csf * (1 - 0.5 * np.clip(np.abs(sac["s"] - body.top["T3"]) / 200, 0, 2)).clip(0)).astype(np.float32)
            ax = 1 if p["phase_axis"] == 1 else 0
            ci = ci + ghost * (np.roll(w, sh, ax) * np.exp(2j) + np.roll(w, -sh, ax) * np.exp(-1j))[None].astype(np.complex64) * np.abs(maps)
        motion = None
        if st.get("severe"):
            motion = [[(rng.normal(0, 6), rng.normal(0, 4)) for _ in range(4)] for _ in range(3)]
        elif mild:
            motion = [[(rng.normal(0, 0.35), rng.normal(0, 0.25)) for _ in range(2)] for _ in range(max(1, p["averages"]))]
        q = np.clip((np.minimum(np.arange(NF), NF - 1 - np.arange(NF)) * pl.du) / 2.0, 0, 1)
        ci = ci * (q[:, None] * q[None]).astype(np.float32)
        coils, win = S.kspace(ci, p, motion, NF)
        clean.append((coils, win, bias))
    vals = []
    for st, c in zip(stations, clean):
        if c is None:
            continue
        st["core"] = core(st["sac"], p["n"])
        if not st.get("severe"):
            m = S.combine(c[0])
            v = m[st["core"]]
            vals.append(v[v > 0.15 * np.median(v)] if "lost" in st else v)
    if not vals:
        vals = [S.combine(c[0])[st["core"]] for st, c in zip(stations, clean) if c is not None]
    level = float(np.median(np.concatenate(vals)))
    sigma = level / snr
    out = []
    for st, c in zip(stations, clean):
        if c is None:
            out.append(None)
            continue
        coils, win, bias = c
        noisy = [x + sigma * S.noise(rng, win, p) for x in coils]
        if not paper_like(p) and rng.random() < 0.05:  # radio-frequency zipper
            q = int(rng.integers(p["n"]))
            line = sigma * 6 * rng.standard_normal(p["n"])
            for x in noisy:
                if p["phase_axis"] == 1:
                    x[q] += line
                else:
                    x[:, q] += line
        b = np.abs(sf_zoom(bias, p["n"]))
        out.append(S.chain(S.combine(noisy), p, rng, b))
        st["clean"] = S.combine(coils)
        st["sigma"] = sigma
    found["sigma"], found["level"] = sigma, level
    return out


def paper_like(p):
    return p["fov"] == 270.0 and p["n"] == 512


def sf_zoom(a, n):
    i = np.clip((np.arange(n) * (len(a) / n)).astype(int), 0, len(a) - 1)
    return a[np.ix_(i, i)]


def core(sac, n):
    c = (sac["csf"] > 0) & (sac["csf"] > 0.5 * np.median(sac["csf"][sac["csf"] > 0]))
    return sf_zoom(c, n)


def smear(rng, gut, pl):
    """Moving, folded, gas-filled organs: blurred, textured."""
    from scipy.ndimage import gaussian_filter, zoom
    if not gut.any():
        return gut
    n = gut.shape[0]
    t = 0.6 * zoom(rng.normal(0, 1, (90, 90)), n / 90, order=1)[:n, :n] + 0.5 * zoom(rng.normal(0, 1, (30, 30)), n / 30 + 0.01, order=1)[:n, :n]
    return gaussian_filter(gut, rng.uniform(0.8, 2.2) / pl.du) * np.clip(0.75 + 0.55 * t, 0.02, 1.6)


def background(rng, pl, body, lev, haze, fatfail):
    """What is left of the body at long TE: a faint glow, and fat where its suppression failed."""
    from scipy.ndimage import gaussian_filter, zoom
    H = pl.shape[0]
    z = zoom(rng.normal(0, 1, (12, 12)), H / 12, order=1)[:H, :H]
    x = pl.ju[None, :] + pl.c[0]
    trunk = 1 / (1 + np.exp((np.abs(x) - 145) / 6))
    fine = gaussian_filter(rng.normal(0, 1, (H // 2, H // 2)), (7, 3))
    fine = zoom(fine / fine.std(), 2, order=1)
    g = lev * haze * trunk * (1 + 0.35 * z + 0.25 * fine)
    if fatfail:
        sg = rng.choice([-1, 1])
        v = pl.iv[:, None]
        edge = np.exp(-(((x * sg - rng.uniform(95, 130)) / rng.uniform(10, 28)) ** 2)) * np.exp(-(((v - rng.uniform(-110, 110)) / rng.uniform(30, 90)) ** 2))
        streak = 1 + 0.5 * np.abs(zoom(rng.normal(0, 1, (40, 10)), (H / 40, H / 10), order=1)[:H, :H])
        g = g + lev * rng.uniform(0.05, 0.4) * edge * streak
    return np.clip(g, 0, None)


# ------------------------------------------------------------------------------------------------ DICOM and truth
def write(seed, rng, body, stations, p, found, images, meta):
    study, frame, series = D.uid(rng), D.uid(rng), D.uid(rng)
    names = NAMES[p["stations"]]
    texts = rng.choice(["MRM COR TSE 50mm", "MYELO 2D thick slab", "sMYELO_TSE COR", "T2 myelogram cor", "Spine HASTE MYELO cor"])
    scale = rng.uniform(900, 1400) if p["maker"] == "Philips" else rng.uniform(350, 1500)
    slope = round(float(rng.uniform(0.4, 3.5)), 6) if p["maker"] == "Philips" else 1.0
    window = [f"{rng.uniform(600, 800):.0f}", f"{rng.uniform(1800, 2000):.0f}"] if p["maker"] == "Philips" else [f"{0.75 * scale:.0f}", f"{1.7 * scale:.0f}"]
    h0 = int(rng.integers(8, 17))
    datasets, sops = [], []
    one_series = rng.random() < 0.3
    for i, (st, img) in enumerate(zip(stations, images)):
        sops.append(D.uid(rng))
        if img is None:
            continue
        px = img / found["level"] * scale / slope
        top = 4095 if p["maker"] != "GE" else 32767
        px = np.clip(np.rint(px), 0, top).astype(np.uint16)
        du, n = p["fov"] / p["n"], p["n"]
        st["ipp"] = st["centre"] - (n // 2) * du * (st["row"] + st["col"])
        t = 60 * (h0 * 60 + 5 + 3 * i)
        hms = lambda q: f"{q // 3600:02d}{q // 60 % 60:02d}{q % 60:02d}"
        norm = np.cross(st["row"], st["col"])
        datasets.append(D.make(px, {
            "p": p, "rng": rng, "sop": sops[i], "study": study, "series": series if one_series else D.uid(rng), "frame": frame, "seed": seed, "sex": body.sex, "age": body.age,
            "weight": f"{rng.uniform(48, 95):.0f}", "date": "20260301", "study_time": hms(60 * h0 * 60), "time": hms(t), "study_text": "MR MYELOGRAPHY WHOLE SPINE",
            "series_text": f"{texts} {i + 1}" if not one_series else str(texts), "number": 3 if one_series else 301 + 100 * i, "instance": i + 1 if one_series else 1,
            "ipp": st["ipp"], "iop": list(st["row"]) + list(st["col"]), "location": float(st["centre"] @ norm), "window": window, "slope": slope}))
    return datasets, make_truth(seed, body, stations, p, found, meta, study, sops, names)


def r4(v):
    return [round(float(x), 4) for x in v]


def place(stations, p, pt, sops):
    """station, covered, DICOM position, depth, source of a body point."""
    i, ok = seen(stations, p, pt)
    if i is None:
        return None, False, pt, None, None
    st = stations[i]
    u, v, d = (float(x[0]) for x in st["plane"].uvd(pt))
    du, n = p["fov"] / p["n"], p["n"]
    return i, ok, pt + st["shift"], round(d, 4), {"sop_uid": sops[i], "row": round(v / du + n // 2, 4), "column": round(u / du + n // 2, 4)}


def make_truth(seed, body, stations, p, found, meta, study, sops, names):
    sac_path = [np.median(st["sac"]["csf"][st["sac"]["csf"] > 2]) if st["present"] else 5.0 for st in stations]
    roots = []
    for rt in body.roots:
        i, ok, pos, d, _ = place(stations, p, rt["wall"], sops)
        shown = 2 * rt["radii"][5] * rt["amp"] * (stations[i]["plane"].p(d) if i is not None else 1.0) / sac_path[i or 0] * meta["snr"]
        roots.append({"segment": rt["segment"], "side": rt["side"], "visible": bool(shown > 2 and rt["reach"] > 1.2), "in_view": i is not None, "judgeable": bool(ok),
                      "s_mm": round(rt["s"], 4), "position_mm": r4(pos), "sleeve_mm": round(max(rt["reach"], 0.0), 4), "station": i})
    judged = {}
    for r in roots:
        judged[r["segment"]] = judged.get(r["segment"], True) and r["judgeable"]
    core_segs = [s for s in body.segments() if s not in ("C1", "C2", "C3", "S1", "S2")]
    coverage = [s for s in core_segs if judged[s]]
    findings, sac = [], []
    for k, f in enumerate(found["leaks"]):
        rt, m = f["rt"], f["m"]
        i, ok, pos, d, src = place(stations, p, m["pos"], sops)
        ratio = m["extent"] / m["width"]
        grade = 1 if f["pattern"] == ["triangle"] else 2 if ratio <= 1 else 3
        same = [r for r in body.roots if r["side"] == rt["side"]]
        span = [r["segment"] for r in same if m["range"][0] - 2 <= r["s"] <= m["range"][1] + 2 or r is rt]
        findings.append({"id": f"{seed}-leak-{k + 1}", "kind": "leak", "region": body.region(rt["segment"]), "segment": rt["segment"], "segment_range": [span[0], span[-1]], "side": rt["side"],
                         "grade": grade, "reach_mm": round(m["reach"], 4), "extent_mm": round(m["extent"], 4), "sac_width_mm": round(m["width"], 4), "ratio": round(ratio, 3),
                         "pattern": f["pattern"], "position_mm": r4(pos), "depth_mm": d, "station": i, "covered": bool(ok), "source": src, "brightness": round(m["brightness"], 4), "size_mm": None,
                         "_reach_of_max": round(m["reach_of_max"], 3), "_sleeve": round(rt["reach"], 3)})
    grades = {reg: max([f["grade"] for f in findings if f["region"] == reg and f["covered"]], default=0) for reg in ("cervical", "thoracic", "lumbar")}
    check = [{"id": f["id"], "reach_if_quarter_of_peak_mm": f.pop("_reach_of_max"), "normal_sleeve_mm": f.pop("_sleeve")} for f in findings]
    for k, c in enumerate(found["collections"]):
        pt = body.at(c["s"])
        i, ok, pos, d, src = place(stations, p, pt, sops)
        seg = min(body.roots, key=lambda r: abs(r["s"] - c["s"]))["segment"]
        span = [r["segment"] for r in body.roots if c["s0"] <= r["s"] <= c["s1"]] or [seg]
        findings.append({"id": f"{seed}-collection-{k + 1}", "kind": "epidural-collection", "region": body.region(seg), "segment": seg, "segment_range": [span[0], span[-1]],
                         "side": "midline" if len(c["sides"]) == 2 else "left" if c["sides"][0] > 0 else "right", "grade": None, "reach_mm": None, "extent_mm": None,
                         "sac_width_mm": round(2 * float(body.val("rx", c["s"])), 4), "ratio": None, "pattern": ["haze"], "position_mm": r4(pos), "depth_mm": d, "station": i, "covered": bool(ok),
                         "source": src, "brightness": None, "size_mm": round(c["s1"] - c["s0"], 2)})
    mimics = []
    for k, f in enumerate(found["mimics"]):
        rt = f["rt"]
        i, ok, pos, d, src = place(stations, p, f["part"]["c"], sops)
        s, lat = body.lateral(f["part"]["c"], rt["sign"])
        reach = lat + float(f["part"]["rad"][0]) * 0.97
        width = 2 * float(body.val("rx", s))
        mimics.append({"id": f"{seed}-mimic-{k + 1}", "kind": f["kind"], "region": body.region(rt["segment"]), "segment": rt["segment"], "segment_range": [rt["segment"]] * 2, "side": rt["side"], "grade": 0,
                       "reach_mm": round(reach, 4), "extent_mm": round(max(0.0, reach - rt["reach"]), 4), "sac_width_mm": round(width, 4), "ratio": round(max(0.0, reach - rt["reach"]) / max(width, 1), 3),
                       "pattern": ["round"], "position_mm": r4(pos), "depth_mm": d, "station": i, "covered": bool(ok), "source": src, "brightness": None, "size_mm": round(f["size"], 4)})
    for s in np.arange(0, body.s_end, 5.0):
        i, ok, pos, *_ = place(stations, p, body.at(s), sops)
        sac.append({"s_mm": float(s), "position_mm": r4(pos), "width_mm": round(2 * float(body.val("rx", s)), 4), "station": i})
    assess = {}
    for reg in ("cervical", "thoracic", "lumbar"):
        run = worst = 0
        for s in [s for s in core_segs if body.region(s) == reg]:
            run = 0 if judged[s] else run + 1
            worst = max(worst, run)
        assess[reg] = worst <= 2
    fluid = []
    for n, c in found["other"]:
        i, ok, pos, *_ = place(stations, p, c, sops)
        fluid.append({"name": n, "position_mm": r4(pos), "in_view": i is not None})
    return {
        "schema": "myeloscope.truth/1", "seed": seed, "study_uid": study, "arm": meta["arm"], "variety": "paper" if meta["paper"] else "varied", "signs_mrm": any(g >= 1 for g in grades.values()), "signs_ric": None,
        "grades": {"mr-myelography": grades}, "findings": findings, "mimics": mimics, "other_fluid": fluid, "ruined": [r for r, a in assess.items() if not a] if meta["ruin"] != "none" else [],
        "ruin": meta["ruin"], "coverage": coverage, "difficulty": {"level": meta["level"], "sac_snr": round(meta["snr"], 4), "leak_over_sac": round(meta["bright"], 4)},
        "formula": {"thoracic": body.nT, "lumbar": body.nL}, "sac": sac, "roots": roots,
        "stations": [{"name": n, "sop_uid": u, "present": st["present"], "shift_mm": r4(st["shift"]), "normal": r4(st["plane"].n), "slab_mm": p["slab"]} for n, u, st in zip(names, sops, stations)],
        "age_years": body.age, "sex": body.sex,
        "strange": {"assessable": assess, "leaks_in_body": len(found["leaks"]), "check": check, "protocol": {k: v for k, v in p.items()}, "scoliosis_deg": round(body.scoliosis, 2), "stature": round(body.stature, 3), "sac_end_mm": round(body.s_end, 1)},
    }


def save(args):
    seed, out = args
    t = time.time()
    datasets, tr = simulate(seed)
    d = pathlib.Path(out) / str(seed)
    d.mkdir(parents=True, exist_ok=True)
    for old in d.glob("*.dcm"):
        old.unlink()
    for k, ds in enumerate(datasets):
        ds.save_as(d / f"{k + 1}.dcm", enforce_file_format=True)
    (d / "truth.json").write_text(json.dumps(tr, indent=1))
    return seed, time.time() - t, tr


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--first", type=int, required=True)
    ap.add_argument("--count", type=int, required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--jobs", type=int, default=1)
    a = ap.parse_args()
    todo = [(s, a.out) for s in range(a.first, a.first + a.count)]
    if a.jobs > 1:
        import multiprocessing as mp
        pool = mp.get_context("spawn").Pool(a.jobs)
        done = pool.imap_unordered(save, todo)
    else:
        done = map(save, todo)
    for seed, sec, tr in done:
        print(f"{seed} {sec:.1f} s {tr['arm']} {tr['grades']['mr-myelography']} leaks {sum(f['kind'] == 'leak' for f in tr['findings'])} mimics {len(tr['mimics'])} {tr['difficulty']['level']} ruin {tr['ruin']}", flush=True)


if __name__ == "__main__":
    main()
