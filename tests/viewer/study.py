"""A trial of phantoms for the browser: MR images of two stations, and scintigrams made here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from scipy.ndimage import gaussian_filter

from myeloscope import phantom
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.domain.image import Study
from myeloscope.server.site import Site, make_site
from myeloscope.store.folder import Store, open_store
from myeloscope.trial.protocol import Hidden, Needed, Protocol, Reader, Shown
from myeloscope.trial.state import Case, Display, Examination, ImageRef, Truth

PASSWORD = "correct horse battery"
PEOPLE = ("root", "liz", "ann", "bob", "cat", "dan", "eve")
SEEDS = (8, 9, 12, 15, 21, 33)
TRIAL = "mrm-and-ric"
SIDE = 128
PIXEL_MM = 4.8
SCINTIGRAMS = 2
"""So many cases, the first ones, have scintigrams too."""
HOURS = (0.5, 2, 4, 6)


def found(
    folder: Path,
    protocol: Protocol | None = None,
    seeds: tuple[int, ...] = SEEDS,
    adjudicator: str | None = None,
) -> Site:
    """Return a site with accounts and an open trial: two readers, a panel of three, a lead."""
    store = open_store(folder)
    site = make_site(store, hasher=PasswordHasher.from_parameters(CHEAPEST))
    hashed = site.hasher.hash(PASSWORD)
    ids = {
        name: site.accounts.create(name, hashed, site.clock(), administrator=name == "root").id
        for name in PEOPLE
    }
    trials, lead = site.trials, ids["liz"]
    title = "MR myelography and cisternography"
    trials.create(TRIAL, title, protocol or both(), (lead,), ids["root"])
    for name, user in (("reader 1", "ann"), ("reader 2", "bob")):
        trials.add_reader(TRIAL, Reader(name, ReaderKind.PERSON, (ids[user],)), lead)
    panel = tuple(ids[name] for name in ("cat", "dan", "eve"))
    trials.add_reader(TRIAL, Reader("RIC", ReaderKind.PANEL, panel, (Technique.RIC,)), lead)
    if adjudicator is not None:
        judge = Reader("judge", ReaderKind.PERSON, (ids[adjudicator],), adjudicates=True)
        trials.add_reader(TRIAL, judge, lead)
    trials.add_cases(TRIAL, tuple(_cases(store, seeds)), lead)
    trials.assign(TRIAL, 7, lead)
    trials.open(TRIAL, lead)
    return site


def both() -> Protocol:
    """Return a protocol of both techniques, with confidence asked for."""
    return Protocol(
        techniques=(Technique.MRM, Technique.RIC),
        scales=("paper-mrm/1", "paper-ric/1"),
        required=frozenset({Needed.CONFIDENCE}),
        hidden=frozenset({Hidden.PRIORS}),
        calipers=Shown.AFTER_OWN_GRADE,
    )


def _cases(store: Store, seeds: tuple[int, ...]) -> Iterator[Case]:
    phantoms = {seed: phantom.make(phantom.demo_spec(seed)) for seed in dict.fromkeys(seeds)}
    for number, seed in enumerate(seeds, start=1):
        made = phantoms[seed]
        grades = made.truth.grades[made.study.technique]
        levels = {region: bool(grades[region]) for region in Region}
        done = [Examination(Technique.MRM, 0, tuple(_stations(store, made.study)))]
        if number <= SCINTIGRAMS:
            done.append(Examination(Technique.RIC, 0, tuple(_scintigrams(store, seed))))
        yield Case(
            f"case-{number:04d}",
            tuple(done),
            Truth(any(levels.values()), levels, {"ric": number % 3 != 0}),
            age_years=30 + number,
            sex="F",
        )


def _stations(store: Store, study: Study) -> Iterator[ImageRef]:
    names = ("cervicothoracic", "thoracolumbar")
    for station, view in zip(study.stations, names, strict=True):
        pixels = np.asarray(station.pixels)
        (rows, columns), plane = pixels.shape, station.geometry
        low, high = np.percentile(pixels, (1, 99.5))
        display = Display(
            rows, columns, 1.0, 0.0, float(low + high) / 2, float(high - low),
            plane.row_spacing, plane.column_spacing, (*plane.along_row, *plane.along_column),
            plane.position,
        )  # fmt: skip
        yield _stored(store, pixels, view, display)


def _scintigrams(store: Store, seed: int) -> Iterator[ImageRef]:
    """Yield a column of activity that rises and fades, seen from both sides; no real tracer."""
    random = np.random.default_rng(seed)
    rows = np.arange(SIDE)[:, None] * PIXEL_MM
    column = np.arange(SIDE)[None, :] * PIXEL_MM - SIDE * PIXEL_MM / 2
    leak_row = 150 + 20 * (seed % 5)
    for view in ("anterior", "posterior"):
        sign = 1 if view == "anterior" else -1
        for hours in HOURS:
            top = 420 - 70 * hours
            canal = np.exp(-((column / 9) ** 2)) * (rows > top) * (rows < 560)
            spot = np.exp(-(((column - 16 * sign) / 7) ** 2) - ((rows - leak_row) / 12) ** 2)
            counts = 400 * canal + 160 * spot * min(1.0, hours / 2)
            seen = random.poisson(gaussian_filter(counts, 1.4) + 3).astype(np.float64)
            display = Display(
                SIDE, SIDE, 1.0, 0.0, 75.0, 150.0, PIXEL_MM, PIXEL_MM,
                (float(sign), 0.0, 0.0, 0.0, 0.0, -1.0),
            )  # fmt: skip
            yield _stored(store, seen, f"{view}, {hours:g} h", display)


def _stored(store: Store, pixels: np.ndarray, view: str, display: Display) -> ImageRef:
    content = np.clip(np.rint(pixels), 0, 65535).astype("<u2").tobytes()
    name = store.objects.put(content)
    return ImageRef(name, name, "2.25.1", "2.25.2", "2.25.3", None, view, display)
