"""The simulator of cisternograms apart from the phantom holds its physics and its truth."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.strangers.d import simulate
from benchmarks.strangers.d.body import LUNG, STEP, TISSUE, draw_body, grid, taking
from benchmarks.strangers.d.camera import Head, blur_mm, path_of, rays, shot, voxels
from benchmarks.strangers.d.leaks import canal_look, look
from benchmarks.strangers.d.tracer import draw_drift, line_at, pools
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, Technique
from myeloscope.domain.scintigraphy import View

HEAD = Head(128, 128, 4.8, (600.0, 500.0), 20.0, 0.045, 0.0, 1.0)


def test_tracer_is_kept_and_rises() -> None:
    rng = np.random.default_rng(3)
    body = draw_body(rng)
    drift = draw_drift(rng, body, slow=False)
    hours = (0.5, 2.0, 6.0)
    shares = pools(drift, body, hours)
    for k, at in enumerate(hours):
        line = line_at(drift, body, at)
        total = line.sum() * 2.0 + sum(float(shares[name][k]) for name in shares)
        assert total == pytest.approx(1.0, abs=0.03)
    middle = [np.average(body.s, weights=line_at(drift, body, at)) for at in hours]
    assert middle[0] > middle[1] > middle[2]


def test_a_point_is_weakened_by_the_tissue_before_it_and_blurred_by_its_distance() -> None:
    x, y, z = grid()
    mu = np.zeros((len(z), len(y), len(x)))
    mu[:, 20:80] = TISSUE
    at = np.array([[0.0, y[50], 0.0]])
    for view, layers in ((View.POSTERIOR, 79 - 50), (View.ANTERIOR, 50 - 20)):
        path = path_of(mu, HEAD, view)
        seen = rays(voxels(at, np.ones(1)), path, HEAD)
        assert seen.sum() == pytest.approx(np.exp(-TISSUE * STEP * (layers + 0.5)), rel=1e-3)
        course = seen.sum(axis=0)
        spread = np.sqrt(np.average((x - np.average(x, weights=course)) ** 2, weights=course))
        wanted = blur_mm(HEAD, float(path.distance[50]))
        assert spread == pytest.approx(wanted, rel=0.05)


def test_a_picture_keeps_its_counts_in_the_heads_pixels() -> None:
    x, _, z = grid()
    picture = np.exp(-0.5 * ((z[:, None] / 40) ** 2 + (x[None] / 25) ** 2))
    seen = shot(picture, HEAD, (12.0, -8.0, 0.05))
    assert seen.sum() == pytest.approx(picture.sum(), rel=0.01)
    rows, columns = np.indices(seen.shape)
    assert np.average((columns - 63.5) * 4.8, weights=seen) == pytest.approx(12.0, abs=0.5)
    assert np.average((63.5 - rows) * 4.8, weights=seen) == pytest.approx(-8.0, abs=0.5)


def test_looks_are_widths_at_half_maximum() -> None:
    points = np.random.default_rng(1).normal(0, 5, (4000, 2))
    wide, _ = look(points, 10.0)
    assert wide == pytest.approx(2.355 * np.hypot(5, 10 / 2.355), rel=0.08)
    body = draw_body(np.random.default_rng(2))
    assert (
        canal_look(body, body.level("C4", 0.5), 9)[0] > canal_look(body, body.level("T6", 0), 9)[0]
    )


def test_a_body_takes_less_in_the_lungs() -> None:
    body = draw_body(np.random.default_rng(4))
    mu = taking(body)
    _, _, z = grid()
    chest = mu[int(np.abs(z - body.place(body.level("T6", 0.5))[2]).argmin())]
    assert mu[mu > 0].min() == LUNG
    assert chest.max() > LUNG


def test_a_study_is_the_same_twice_and_its_grades_are_its_leaks() -> None:
    study, truth = simulate(1)
    again, _ = simulate(1)
    assert len(study.stations) == 8
    for one, two in zip(study.stations, again.stations, strict=True):
        assert np.array_equal(one.pixels, two.pixels)
    assert truth.signs_ric
    for region in Region:
        here = [f.grade for f in truth.findings if f.region is region]
        assert truth.grades[Technique.RIC][region] == max(here, default=Grade.NONE)
