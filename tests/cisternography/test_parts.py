"""The parts of the reading on scenes whose answer follows from arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from myeloscope.cisternography.activity import take_apart, unblurred
from myeloscope.cisternography.canal import find_canal
from myeloscope.cisternography.levels import LANDMARKS, STATURE, TEMPLATE, name_levels
from myeloscope.cisternography.planar import STEP_MM, moments_of, nuclear
from myeloscope.domain.anatomy import Segment, Side
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Acquisition, PlaneGeometry, Station, Study
from myeloscope.domain.reading import Reading, Root, SacPoint
from myeloscope.domain.scintigraphy import TC99M_HALF_LIFE_H, NuclearAcquisition, View
from tests.cisternography.scenes import WELL, reading

PIXEL = 2.4


def plane(way: float, n: int = 256) -> PlaneGeometry:
    half = (n - 1) / 2 * PIXEL
    return PlaneGeometry((-way * half, 0.0, half), (way, 0.0, 0.0), (0.0, 0.0, -1.0), PIXEL, PIXEL)


def station(pixels: np.ndarray, view: View, hours: float = 0.5, way: float = 1.0) -> Station:
    about = NuclearAcquisition(
        view, hours=hours, duration_s=300.0, nuclide="Tc-99m", dose_mbq=200.0
    )
    return Station(
        pixels.astype(np.float32), plane(way), Acquisition(), "1.2", f"1.2.{view}{hours}",
        nuclear=about,
    )  # fmt: skip


def column(fwhm: float, height: float, at: float = 0.0) -> np.ndarray:
    """Return a straight column of a Gaussian profile with a sharp lower end."""
    x = (np.arange(256) - 127.5) * PIXEL
    z = (127.5 - np.arange(256)) * PIXEL
    profile = height * np.exp(-4 * np.log(2) * ((x - at) / fwhm) ** 2)
    return np.where((np.abs(z) < 240)[:, None], profile[None] + 2.0, 2.0)


def study(*stations: Station) -> Study:
    return Study("1.2.3", Technique.RIC, stations)


def test_the_mean_of_opposed_views_is_geometric() -> None:
    front, back = column(16, 100), column(16, 400)
    pair = study(station(front, View.ANTERIOR), station(back[:, ::-1], View.POSTERIOR, way=-1.0))
    (moment,) = moments_of(pair)
    middle = moment.density.shape[0] // 2
    peak = moment.density[middle].max() * PIXEL**2
    # sqrt(102 x 402), lowered by the smoothing of a 16 mm profile: 16 / hypot(16, blur)
    blur = 2.3548 * moment.spread_mm
    assert peak == pytest.approx(np.sqrt(102 * 402) * 16 / np.hypot(16, blur), rel=0.05)
    assert moment.motion_mm == 0.0


def test_poissons_error_of_the_mean_is_as_large_as_it_is_found() -> None:
    rng = np.random.default_rng(5)
    flat = np.full((256, 256), 30.0)
    spread = []
    for _ in range(4):
        views = study(
            station(rng.poisson(flat), View.ANTERIOR),
            station(rng.poisson(flat * 2), View.POSTERIOR, way=-1.0),
        )
        (moment,) = moments_of(views)
        inner = (slice(40, -40), slice(30, -30))
        spread.append(moment.density[inner].std() / np.sqrt(moment.variance[inner].mean()))
    assert np.mean(spread) == pytest.approx(1.0, abs=0.15)


def test_activity_is_corrected_for_decay_duration_and_dose() -> None:
    early = station(column(16, 100), View.ANTERIOR, 0.5)
    late = station(column(16, 100), View.ANTERIOR, 0.5 + TC99M_HALF_LIFE_H)
    one, two = moments_of(study(early, late))
    assert two.scale / one.scale == pytest.approx(2.0)


def test_views_of_one_time_belong_together_and_others_do_not() -> None:
    views = [
        station(column(16, 100), View.ANTERIOR, 2.0),
        station(column(16, 100), View.POSTERIOR, 2.2, way=-1.0),
        station(column(16, 100), View.ANTERIOR, 4.0),
    ]
    moments = moments_of(study(*views))
    assert [moment.stations for moment in moments] == [(0, 1), (2,)]
    assert moments[1].motion_mm is None


def test_a_station_without_its_acquisition_is_refused() -> None:
    bare = replace(station(column(16, 100), View.ANTERIOR), nuclear=None)
    with pytest.raises(ValueError, match="no planar gamma-camera image"):
        nuclear(bare)


@pytest.mark.parametrize("at", [-30.0, 0.0, 12.3])
@pytest.mark.parametrize("fwhm", [14.0, 20.0])
def test_the_canal_is_found_where_it_is_and_as_wide(at: float, fwhm: float) -> None:
    canal = find_canal(moments_of(study(station(column(fwhm, 200, at), View.ANTERIOR))))
    assert canal is not None
    straight = canal.times[0]
    inner = np.abs(straight.z) < 200
    assert np.abs(straight.axis[inner] - at).max() < 0.5
    activity = take_apart(canal, straight)
    assert activity.valid[inner].all()
    assert np.median(activity.width[inner]) == pytest.approx(fwhm, rel=0.06)
    assert np.abs(activity.ratio[inner]).max() < 0.06


def test_a_tilted_canal_is_followed() -> None:
    x = (np.arange(256) - 127.5) * PIXEL
    z = (127.5 - np.arange(256)) * PIXEL
    at = 0.08 * z
    picture = 200 * np.exp(-4 * np.log(2) * ((x[None] - at[:, None]) / 16) ** 2) + 2
    canal = find_canal(moments_of(study(station(picture, View.ANTERIOR))))
    assert canal is not None
    straight = canal.times[0]
    inner = np.abs(straight.z) < 200
    assert np.abs(straight.axis - 0.08 * straight.z)[inner].max() < 0.8
    assert canal.s[-1] > abs(straight.z[-1] - straight.z[0])


def test_widths_lose_our_own_blur_in_quadrature() -> None:
    assert unblurred(np.array([13.0]), 5.0 / 2.3548)[0] == pytest.approx(12.0)
    assert unblurred(np.array([3.0]), 5.0)[0] == pytest.approx(4.0)


def test_without_a_column_there_is_no_canal() -> None:
    flat = np.random.default_rng(3).poisson(1.0, (256, 256))
    assert find_canal(moments_of(study(station(flat, View.ANTERIOR)))) is None


def test_levels_follow_landmarks_and_stature() -> None:
    exact = {name: (40 + STATURE * at, 5.0) for name, (at, _) in LANDMARKS.items()}
    ladder = name_levels(exact)
    for segment, at in TEMPLATE.items():
        assert ladder.exits_mm[segment] == pytest.approx(40 + STATURE * at, abs=1.0)
    assert ladder.nearest(ladder.exits_mm[Segment.T6] + 3) is Segment.T6
    # a root has run down on its way out
    assert ladder.root_of(ladder.exits_mm[Segment.L3] + 10, 12.0) is Segment.L3


def test_a_landmark_taken_for_another_pulls_little() -> None:
    exact = {name: (40 + STATURE * at, 5.0) for name, (at, _) in LANDMARKS.items()}
    wrong = exact | {"kidneys": (exact["kidneys"][0] + 180.0, 8.0)}
    moved = name_levels(wrong).exits_mm[Segment.T12] - name_levels(exact).exits_mm[Segment.T12]
    assert abs(moved) < 12.0
    assert "kidneys" not in name_levels(wrong).used


def test_more_landmarks_leave_less_doubt() -> None:
    one = name_levels({"end": (640.0, 6.0)})
    two = name_levels({"end": (640.0, 6.0), "skull": (20.0, 10.0)})
    assert two.sd_mm[Segment.C8] < one.sd_mm[Segment.C8]
    assert two.uncertainty_roots() < one.uncertainty_roots()


def test_the_injection_is_put_between_what_is_seen_and_its_usual_level() -> None:
    ladder = name_levels({name: (40 + STATURE * at, 5.0) for name, (at, _) in LANDMARKS.items()})
    usual = 40 + STATURE * LANDMARKS["injection"][0]
    place, doubt = ladder.injection((usual, 24.0))
    assert place == pytest.approx(usual, abs=1.0)
    assert doubt < 24.0
    moved, _ = ladder.injection((usual + 60.0, 24.0))
    assert usual + 20.0 < moved < usual + 40.0
    without = replace(ladder, exits_mm={Segment.T1: 100.0})
    assert without.injection((300.0, 24.0)) == (300.0, 24.0)


def mrm_reading(scale: float) -> Reading:
    """Return a reading with roots and sac of a person of another stature."""
    roots = tuple(
        Root(segment, side, True, None, (0.0, 0.0, -scale * at), 4.0)
        for segment, at in TEMPLATE.items()
        for side in (Side.LEFT, Side.RIGHT)
    )
    sac = tuple(SacPoint(s, (0.0, 0.0, -scale * s), 15.0) for s in (0.0, 300.0, 611.0))
    return replace(reading(WELL), technique=Technique.MRM, roots=roots, sac=sac)


def test_an_mrm_reading_of_the_patient_gives_its_own_spacing() -> None:
    ladder = name_levels({"end": (700.0, 6.0)}, mrm_reading(1.1))
    gap = ladder.exits_mm[Segment.L1] - ladder.exits_mm[Segment.C8]
    expected = 1.1 * (TEMPLATE[Segment.L1] - TEMPLATE[Segment.C8])
    assert gap == pytest.approx(expected, rel=0.03)
    assert "MR myelography" in ladder.note


def test_an_mrm_reading_whose_sac_ends_at_its_last_root_moves_no_level() -> None:
    exact = {name: (40 + STATURE * at, 5.0) for name, (at, _) in LANDMARKS.items()}
    short = mrm_reading(STATURE)
    kept = tuple(r for r in short.roots if r.segment is not None and r.segment.value[0] != "S")
    sac = tuple(SacPoint(s, (0.0, 0.0, -STATURE * s), 15.0) for s in (0.0, 300.0, 570.0))
    ladder = name_levels(exact, replace(short, roots=kept, sac=sac))
    for root in (Segment.C7, Segment.T6, Segment.L3):
        assert ladder.exits_mm[root] == pytest.approx(40 + STATURE * TEMPLATE[root], abs=5.0)


def test_a_reading_of_few_roots_does_not_name_levels() -> None:
    few = mrm_reading(1.1)
    ladder = name_levels({"end": (640.0, 6.0)}, replace(few, roots=few.roots[:4]))
    assert set(ladder.exits_mm) == set(TEMPLATE)


def test_the_grid_is_even_about_the_middle() -> None:
    (moment,) = moments_of(study(station(column(16, 100), View.ANTERIOR)))
    assert moment.x[0] == pytest.approx(-moment.x[-1])
    assert np.diff(moment.x) == pytest.approx(STEP_MM)
