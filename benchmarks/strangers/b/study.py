"""One study from one seed: a person, slabs, findings, images and the truth about them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pydicom.dataset import Dataset

from benchmarks.strangers.b.anatomy import Rng, Spine, make_spine
from benchmarks.strangers.b.case import Scene, View, add_cysts, add_leaks, plan, ruined
from benchmarks.strangers.b.dicom import uid
from benchmarks.strangers.b.organs import fat_of, organs_of
from benchmarks.strangers.b.picture import choose_study, take
from benchmarks.strangers.b.sac import Straight, straighten
from benchmarks.strangers.b.station import Format
from benchmarks.strangers.b.truth import Answer, Record, write

LEVELS = ("easy", "medium", "hard")
SNR = {"easy": (45, 80), "medium": (22, 42), "hard": (10, 22)}
RATIO = {"easy": (0.4, 0.7), "medium": (0.2, 0.4), "hard": (0.1, 0.25)}
"""Range of the leaks' brightness over the sac's."""
STREAM = 0xB0B


def simulate(seed: int) -> tuple[list[Dataset], Record]:
    """Return the images of a study and its truth; the same for the same seed.

    The difficulty is ``seed % 3``.
    """
    rng = np.random.default_rng([seed, STREAM])
    level = LEVELS[seed % 3]
    patient = rng.random() < 0.5
    paper = rng.random() < 0.8
    snr, ratio = rng.uniform(*SNR[level]), rng.uniform(*RATIO[level])
    age, sex = int(rng.integers(17, 75)), str(rng.choice(["F", "M"], p=[0.6, 0.4]))
    spine = make_spine(rng)
    form, times = _format(rng, paper)
    view = ruined(rng, plan(rng, spine, form), form.fov)
    seen = [view.root(spine, root) for root in spine.roots]
    sheet = straighten(rng, spine)
    level_mm = _sac_level(spine, view, sheet)
    stations = [replace(station, sop=uid(rng)) for station in view.stations]
    view = replace(view, stations=stations)
    scene = Scene(seed, spine, view, seen, sheet, level_mm)
    leaks = add_leaks(rng, scene, ratio) if patient else []
    cysts = add_cysts(rng, scene, patient, [f.at for f in leaks])
    organs, fats = organs_of(rng, spine), fat_of(rng, spine)
    study = choose_study(rng, (seed, sex, age), times, (level, snr), form.m)
    datasets = take(rng, scene, study, organs, fats)
    arm, variety = "patient" if patient else "control", "paper" if paper else "odd"
    answer = Answer(
        study.header.study, arm, variety, level, snr, ratio, age, sex, leaks, cysts, organs, fats
    )  # fmt: skip
    return datasets, write(scene, answer)


def _format(rng: Rng, paper: bool) -> tuple[Format, tuple[float, float, int]]:
    """Return the format, and echo time, repetition time and echo train: the paper's or others."""
    if paper:
        return Format(270.0, 512, 50.0), (1000.0, 8000.0, 256)
    fov = float(rng.choice([240, 250, 280, 300, 320, 350, 380]))
    m = int(rng.choice([256, 320, 384, 448, 512, 640, 768]))
    slab = float(rng.choice([30, 40, 45, 60, 70, 80]))
    te = float(rng.choice([600, 750, 900, 1100, 1200]))
    tr = float(rng.choice([6000, 8000, 10000]))
    return Format(fov, m, slab), (te, tr, int(rng.choice([128, 200, 256, 320])))


def _sac_level(spine: Spine, view: View, sheet: Straight) -> float:
    """Return the sac's signal: mean over the width's inner 90 %, median along the covered sac."""
    s = np.arange(spine.levels.mid["C3"], spine.s_end - 25, 4)
    seen = np.array([view.station_of(p) is not None for p in spine.at(s)])
    s = s[seen] if seen.sum() > 10 else s
    return float(np.median([sheet.mean_at(spine, v) for v in s]))
