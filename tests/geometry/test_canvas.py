"""Stations join to one canvas: right places, right sides, one scale, noise as said."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myeloscope.errors import InputError
from myeloscope.geometry import canvas as canvases
from myeloscope.geometry import plane as planes
from myeloscope.geometry.blend import BLEND_MM
from myeloscope.geometry.canvas import Canvas, from_station, stitch, to_patient, to_station
from tests.geometry.scenes import Floats, Scene, View, centroid, column, dot, plane, station, study

UPPER = View(middle=(0, 0, 70))
LOWER = View(middle=(0, 0, -70))
COMMON = {"in_plane": st.floats(-60, 60), "tilt": st.floats(-40, 40), "swing": st.floats(-40, 40)}


def pair(lower: View = LOWER, scene: Scene = column, **changes: float) -> Canvas:
    """Return two stations of 180 mm with 40 mm of overlap, joined."""
    moved = (changes.pop("x", 0.0), changes.pop("z", 0.0))
    noise = changes.get("noise", 0.0)
    return stitch(
        study(
            station(UPPER, scene, seed=1, noise=noise),
            station(lower, scene, seed=2, moved=moved, **changes),
        )
    )


@settings(deadline=None, max_examples=60)
@given(
    view=st.builds(
        View,
        middle=st.tuples(st.floats(-5, 5), st.floats(-50, 50), st.floats(-5, 5)),
        quarters=st.integers(0, 3),
        mirrored=st.booleans(),
        spacing=st.sampled_from([(1.0, 1.0), (0.7, 1.3), (2.0, 1.0)]),
        shape=st.sampled_from([(90, 100), (120, 81)]),
        **COMMON,
    ),
    at=st.tuples(st.floats(-12, 12), st.floats(-12, 12)),
)
def test_a_dot_lands_at_its_place_in_the_patient_and_back(
    view: View, at: tuple[float, float]
) -> None:
    taken = station(view, dot(*at, size=3.0))
    canvas = stitch(study(taken))
    spot = centroid(canvas.pixels.astype(float))
    xyz = to_patient(canvas, spot)[0]
    # the scene has no depth: compare where the plane shows the dot, in x and z
    assert xyz[0] == pytest.approx(at[0], abs=0.25)
    assert xyz[2] == pytest.approx(at[1], abs=0.25)
    assert abs(planes.distance(taken.geometry, [xyz])[0]) < 1e-6
    index, rc = to_station(canvas, spot)
    assert index.tolist() == [0]
    np.testing.assert_allclose(rc[0], centroid(taken.pixels.astype(float)), atol=0.25)
    np.testing.assert_allclose(from_station(canvas, 0, rc)[0], spot, atol=1e-6)
    np.testing.assert_allclose(planes.to_patient(canvas.geometry, [spot])[0], xyz, atol=1.0)


@settings(deadline=None, max_examples=40)
@given(view=st.builds(View, quarters=st.integers(0, 3), mirrored=st.booleans(), **COMMON))
def test_the_canvas_runs_down_and_to_the_left(view: View) -> None:
    canvas = stitch(study(station(view, dot(0, 0))))
    # LPS: left is +x, superior is +z
    assert canvas.geometry.along_row[0] > 0.3
    assert canvas.geometry.along_column[2] < -0.3
    assert canvas.geometry.row_spacing == canvas.geometry.column_spacing == canvas.spacing_mm == 1.0


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_turned_and_mirrored_storage_gives_the_same_pixels(quarters: int, mirrored: bool) -> None:
    plain = stitch(study(station(View(shape=(120, 120)), column)))
    other = stitch(
        study(station(View(quarters=quarters, mirrored=mirrored, shape=(120, 120)), column))
    )
    np.testing.assert_allclose(other.pixels, plain.pixels, atol=1e-3)
    np.testing.assert_allclose(other.geometry.position, plain.geometry.position, atol=1e-9)


def test_a_single_station_is_copied_untouched() -> None:
    taken = station(UPPER, column, noise=50)
    canvas = stitch(study(taken))
    np.testing.assert_array_equal(canvas.pixels, taken.pixels)
    assert canvas.covered.all()
    assert (canvas.station == 0).all()
    assert (canvas.shifts_mm, canvas.gains, canvas.seam_error_mm) == (((0.0, 0.0),), (1.0,), None)
    assert canvas.warnings == ()


@pytest.mark.parametrize(
    ("x", "z"), [(0, 0), (4, 0), (-7, 2), (3, -4), (0, 5), (12, 0), (1.4, -2.6)]
)
def test_a_patient_who_moved_is_moved_back(x: float, z: float) -> None:
    canvas = pair(x=x, z=z, noise=15)
    # a patient at +x (left), +z (up) has to go right and down, by whole pixels of 1 mm
    np.testing.assert_allclose(canvas.shifts_mm[1], (z, -x), atol=0.61)
    assert canvas.seam_error_mm is not None
    assert canvas.seam_error_mm < 0.61
    assert canvas.warnings == ()


def test_moves_are_undone_in_the_patient_positions() -> None:
    moved = (6.0, -3.0)

    def scene(x: Floats, z: Floats) -> Floats:
        return column(x, z) + dot(45, -100)(x, z) * 3

    lower = station(LOWER, scene, seed=2, moved=moved)
    canvas = stitch(study(station(UPPER, scene, seed=1), lower))
    np.testing.assert_allclose(canvas.shifts_mm[1], (-3, -6))
    window = canvas.pixels[200:, 100:].astype(float)
    spot = centroid(window) + np.array([200, 100])
    # the lower image shows the dot where the patient was then; the canvas where it belongs
    np.testing.assert_allclose(to_patient(canvas, spot)[0], (51, 0, -103), atol=0.1)
    joined = planes.to_patient(canvas.geometry, [spot])[0]
    np.testing.assert_allclose(joined, (45, 0, -100), atol=0.1)
    index, rc = to_station(canvas, spot)
    assert index.tolist() == [1]
    np.testing.assert_allclose(planes.to_patient(lower.geometry, rc)[0], (51, 0, -103), atol=0.1)


@pytest.mark.parametrize("gain", [0.1, 0.5, 1.0, 3.0, 40.0])
def test_scales_are_matched(gain: float) -> None:
    canvas = pair(gain=gain, noise=10)
    assert canvas.gains[0] == 1
    assert canvas.gains[1] == pytest.approx(1 / gain, rel=0.02)
    below = canvas.pixels[250:300].max()
    assert below == pytest.approx(1000, rel=0.15)


def test_three_stations_carry_moves_and_gains_downward() -> None:
    low = View(middle=(0, 0, -210))
    canvas = stitch(
        study(
            station(UPPER, column, seed=1, noise=5),
            station(LOWER, column, seed=2, noise=5, moved=(5, 0), gain=2),
            station(low, column, seed=3, noise=5, moved=(5, 0), gain=2),
        )
    )
    assert [round(shift[1]) for shift in canvas.shifts_mm] == [0, -5, -5]
    np.testing.assert_allclose(canvas.gains, (1, 0.5, 0.5), rtol=0.02)
    assert canvas.pixels.shape == (460, 165)
    assert set(np.unique(canvas.station)) == {-1, 0, 1, 2}


def test_noise_falls_only_in_the_band_of_the_blend() -> None:
    upper, lower = (station(v, noise=100, seed=s) for v, s in ((UPPER, 1), (LOWER, 2)))
    canvas = stitch(study(upper, lower))
    deviation = canvas.pixels.std(axis=1)
    seam = 160  # rows 140 to 180 overlap
    far = np.abs(np.arange(len(deviation)) - seam) > BLEND_MM / 2
    assert deviation[far].mean() == pytest.approx(100, rel=0.01)
    middle = deviation[seam - 1 : seam + 2].mean()
    assert middle == pytest.approx(100 / np.sqrt(2), rel=0.08)
    assert deviation.min() > 55


def test_stations_that_share_nothing_are_placed_by_their_headers() -> None:
    canvas = pair(View(middle=(0, 0, -150)))
    assert canvas.shifts_mm[1] == (0.0, 0.0)
    assert canvas.seam_error_mm is None
    assert canvas.warnings == (
        "station 2: no overlap with the station above, so it is placed by its header alone",
        "station 2: no bright overlap, so its brightness is not matched",
    )
    gap = ~canvas.covered.any(axis=1)
    assert gap.sum() == 40
    assert (canvas.station[gap] == -1).all()
    assert (canvas.pixels[gap] == 0).all()


def test_stations_beside_each_other_do_not_overlap() -> None:
    canvas = pair(View(middle=(300, 0, -70)))
    assert canvas.warnings[0].startswith("station 2: no overlap")


@pytest.mark.parametrize(
    ("height", "why"),
    [(-105, "its overlap is too small to compare"), (-70, "its overlap does not fit")],
)
def test_an_overlap_without_column_is_told(height: float, why: str) -> None:
    canvas = pair(View(middle=(0, 0, height)), scene=dot(0, 150), noise=1)
    assert canvas.seam_error_mm is None
    assert why in canvas.warnings[0]


def test_noise_alone_moves_nothing() -> None:
    canvas = stitch(
        study(station(UPPER, noise=100, seed=1), station(LOWER, noise=100, seed=2, moved=(3, 3)))
    )
    assert canvas.shifts_mm[1] == (0.0, 0.0)
    assert "its overlap does not fit" in canvas.warnings[0]


def test_tilted_stations_are_laid_flat() -> None:
    # two planes hinged at z = 0: arc length along each is what the canvas measures
    half = 80 * np.cos(np.radians(12))
    upper = View(middle=(0, 80 * np.sin(np.radians(12)), half), tilt=12)
    lower = View(middle=(0, 80 * np.sin(np.radians(12)), -half), tilt=-12)
    stations = [
        station(view, lambda x, z: column(x, z / np.cos(np.radians(12))), seed=n)
        for n, view in enumerate((upper, lower))
    ]
    signs = [s.geometry.along_column[1] for s in stations]
    assert signs[0] * signs[1] < 0
    canvas = stitch(study(*stations))
    assert canvas.warnings == ()
    points = np.array([(20.0, 80.0), (canvas.pixels.shape[0] - 20.0, 80.0)])
    index, _ = to_station(canvas, points)
    assert index.tolist() == [0, 1]
    xyz = to_patient(canvas, points)
    for n in (0, 1):
        assert abs(planes.distance(stations[n].geometry, xyz[n : n + 1])[0]) < 1e-6
    np.testing.assert_array_equal(canvas.pixels[:100, :], stations[0].pixels[:100, :])


def test_different_field_and_matrix_are_joined() -> None:
    other = View(middle=(4, 0, -70), spacing=(0.8, 1.25), shape=(225, 160))
    canvas = pair(other, x=4.0)
    assert canvas.spacing_mm == 0.8
    assert canvas.warnings == ()
    assert canvas.shifts_mm[1][1] == pytest.approx(-4, abs=0.5)
    z = np.array([60.0, -10.0, -130.0])
    rows = (160 - z) / 0.8
    for row in rows.round().astype(int):
        line = canvas.pixels[row].astype(float)
        edge = np.flatnonzero(line > 300)
        assert (edge[-1] - edge[0]) * 0.8 == pytest.approx(15.3, abs=4)


@pytest.mark.parametrize("turn", [2.0, -7.0, 90.0, 97.0, 33.0])
def test_a_turned_lower_station_continues_the_column(turn: float) -> None:
    canvas = pair(View(middle=(0, 0, -60), in_plane=turn, shape=(200, 200)), noise=5)
    assert canvas.warnings == ()
    assert np.abs(canvas.shifts_mm[1]).max() <= 1.0
    truth = [10 * np.sin((160 - row) / 70) + 79.5 for row in range(30, 290, 20)]
    for row, expected in zip(range(30, 290, 20), truth, strict=True):
        line = np.clip(canvas.pixels[row].astype(float) - 300, 0, None)
        start = np.flatnonzero(canvas.station[30] == 0)[0]
        middle = (line * np.arange(len(line))).sum() / line.sum() - start
        assert middle == pytest.approx(expected, abs=1.2)


def test_coarser_canvases_are_smoothed_not_aliased() -> None:
    for turn in (0.0, 30.0):
        taken = station(View(in_plane=turn), noise=100)
        canvas = stitch(study(taken), spacing_mm=3.0)
        inside = canvas.pixels[20:40, 20:30]
        assert inside.std() < 55
        assert canvas.spacing_mm == 3.0


def test_the_default_spacing_is_the_finest_but_not_below_its_floor() -> None:
    fine = stitch(study(station(View(spacing=(0.25, 0.25)), column)))
    assert fine.spacing_mm == canvases.FINEST_MM
    assert fine.pixels.shape == (113, 100)


def test_sagittal_planes_are_refused() -> None:
    with pytest.raises(InputError, match="nearer to coronal"):
        stitch(study(station(View(swing=80), column)))


def test_stations_of_contradictory_headers_are_refused() -> None:
    with pytest.raises(InputError, match=r"must fit in 2500 mm; found 5180 x 160 mm"):
        pair(View(middle=(0, 0, -4930)))


def test_a_canvas_beyond_all_bounds_is_refused_before_it_is_made() -> None:
    fine = station(View(spacing=(0.4, 0.4)), column)
    with pytest.raises(InputError, match=r"20 Mi pixels at most; found 2340 x 2080 mm at 0.4 mm"):
        stitch(study(fine, station(View(spacing=(13.0, 13.0)), column)))


def test_points_outside_take_the_nearest_station() -> None:
    canvas = pair(View(middle=(0, 0, -150)))
    index, _ = to_station(canvas, [(-50, 80), (185, 80), (215, 80), (900, 0)])
    assert index.tolist() == [0, 0, 1, 1]


def test_a_plane_made_of_many_gives_the_mean() -> None:
    views = [View(middle=(0, y, z)) for y, z in ((10, 70), (-10, -70))]
    canvas = stitch(study(*(station(view, column, seed=n) for n, view in enumerate(views))))
    assert canvas.geometry.position[1] == pytest.approx(0)
    upper, lower = to_patient(canvas, [(10, 80), (310, 80)])
    assert (upper[1], lower[1]) == (pytest.approx(10), pytest.approx(-10))
    assert plane(views[0]).position[2] == pytest.approx(canvas.geometry.position[2])


def test_two_stations_are_joined_fast() -> None:
    views = [View(middle=(0, 0, z), spacing=(0.53, 0.53), shape=(512, 512)) for z in (115, -115)]
    both = study(*(station(view, column, seed=n, noise=20) for n, view in enumerate(views)))
    stitch(both)
    spent = []
    for _ in range(3):
        begun = time.process_time()
        stitch(both)
        spent.append(time.process_time() - begun)
    assert min(spent) < 0.1  # some 10 ms; the benchmark page has the figure
