"""One study from one seed: a person, slabs, findings, images and the truth about them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from benchmarks.strangers.a.anatomy import Floats, Rng
from benchmarks.strangers.a.case import Difficulty, View, add_findings, ruined
from benchmarks.strangers.a.dicom import Header, Place, choose_header, to_dataset, uid
from benchmarks.strangers.a.picture import Pictures, take
from benchmarks.strangers.a.protocol import Protocol, choose_protocol, plan
from benchmarks.strangers.a.sleeves import Body
from benchmarks.strangers.a.truth import Case, Record, write

LEVELS = ("easy", "medium", "hard")
SNR = {"easy": (45, 80), "medium": (22, 42), "hard": (10, 22)}
BRIGHT = {"easy": (0.4, 0.7), "medium": (0.2, 0.4), "hard": (0.1, 0.25)}
"""Range of the leaks' brightness over the sac's."""


def simulate(seed: int) -> tuple[list[Dataset], Record]:
    """Return the images of a study and its truth; the same for the same seed.

    The difficulty is ``seed % 3``; there are leaks where ``seed // 3`` is even.
    """
    rng = np.random.default_rng([20080401, seed, 77])
    streams = [np.random.default_rng([seed, k]) for k in range(6)]
    level = LEVELS[seed % 3]
    signs = (seed // 3) % 2 == 0
    arm = "patient" if signs or rng.random() < 0.10 else "control"
    snr, bright = rng.uniform(*SNR[level]), rng.uniform(*BRIGHT[level])
    paper = rng.random() < 0.6
    p = choose_protocol(streams[1], rng, paper)
    body = Body(streams[2])
    ruin, stations = ruined(streams[4], plan(body, streams[3], p), p)
    view = View(stations, p)
    hard = Difficulty(level, snr, BRIGHT[level], bright)
    found = add_findings(body, streams[5], view, signs, hard)
    pictures = take(body, seed, view, found, snr)
    header = choose_header(rng, p, (seed, body.sex, body.age))
    sops, datasets = _datasets(rng, header, view, pictures)
    case = Case(seed, body, view, found, pictures, header.study, sops, arm, paper, ruin, hard)
    return datasets, write(case)


def _datasets(
    rng: Rng, header: Header, view: View, pictures: Pictures
) -> tuple[list[str], list[Dataset]]:
    """Return the UIDs of all stations, and the datasets of those that were taken."""
    p = view.protocol
    sops, datasets = [], []
    for i, (station, image) in enumerate(zip(view.stations, pictures.images, strict=True)):
        sops.append(uid(rng))
        if image is None:
            continue
        series = header.series if header.one_series else uid(rng)
        half = (p.n // 2) * (p.fov / p.n) * (station.row + station.column)
        place = Place(
            number=i,
            sop=sops[i],
            series=series,
            weight=f"{rng.uniform(48, 95):.0f}",
            corner=station.centre - half,
            axes=(station.row, station.column),
            location=float(station.centre @ np.cross(station.row, station.column)),
        )
        datasets.append(to_dataset(header, p, place, _stored(image, header, pictures.level, p)))
    return sops, datasets


def _stored(image: Floats, header: Header, level: float, p: Protocol) -> NDArray[np.uint16]:
    """Return stored values of an image."""
    top = 32767 if p.maker == "GE" else 4095
    values = image / level * header.scale / header.slope
    return np.asarray(np.clip(np.rint(values), 0, top).astype(np.uint16))
