"""Real volumes, on a synthetic T2 volume whose sac is known."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.domain.grade import Technique
from myeloscope.phantom.from_volume import make_from_volume
from myeloscope.phantom.spec import PhantomSpec
from myeloscope.phantom.spine import Floats
from myeloscope.phantom.streams import stream
from myeloscope.phantom.volume import Volume, csf_reference, find_canal, heavy_t2, isotropic

SHAPE = (44, 90, 80)


def middle(z: Floats) -> tuple[Floats, Floats]:
    return 22 + 3 * np.sin(z / 30), 52 + 4 * np.cos(z / 40)


def spine_like() -> Volume:
    """Return a bent tube of CSF with a grey cord, marrow in front, fat behind and in front."""
    x, y, z = np.indices(SHAPE).astype(float)
    cx, cy = middle(z)
    r = np.hypot((x - cx) / 8, (y - cy) / 7)
    data = np.full(SHAPE, 60.0)
    data[(y > cy - 40) & (y < cy - 11)] = 90  # vertebral bodies
    data[y < cy - 44] = 240  # a sheet of fat in front
    data[(y > 84)] = 260  # skin
    data[(y > 88)] = 0
    data[r < 1] = 220
    data[np.hypot(x - cx, y - cy) < 4] = 110
    return Volume(data + stream(1, "t2").normal(0, 4, SHAPE), np.eye(4))


def test_the_canal_is_found_along_its_bends() -> None:
    path = find_canal(spine_like())
    x, y = middle(np.arange(SHAPE[2], dtype=float))
    assert np.abs(path[:, 0] - x).max() < 2.5
    assert np.abs(path[:, 1] - y).max() < 2.5


def test_csf_is_the_reference() -> None:
    volume = spine_like()
    reference = csf_reference(volume, find_canal(volume))
    assert reference == pytest.approx(np.full((SHAPE[0], 1, SHAPE[2]), 220.0), rel=0.05)


def test_a_coil_that_sees_one_side_better_leaves_csf_on_both() -> None:
    even = spine_like()
    x = np.arange(SHAPE[0])[:, None, None]
    uneven = Volume(even.data * (1 - 0.012 * (x - 22)), even.affine)
    signal = heavy_t2(uneven, find_canal(uneven), 1000.0)
    middles, _ = middle(np.arange(SHAPE[2], dtype=float))
    sides = [
        np.mean([signal[round(m) + step, 45:60, z].max() for z, m in enumerate(middles)])
        for step in (-6, 6)
    ]
    assert min(sides) > 0.6 * max(sides)


def test_fat_in_the_foramina_is_kept_no_farther_out_than_a_sleeve() -> None:
    volume = spine_like()
    x, y, z = np.indices(SHAPE).astype(float)
    cx, cy = middle(z)
    away = np.abs(x - cx)
    fat = (away > 8) & (away < 14) & (np.abs(y - cy) < 3) & (z % 26 < 11)
    with_fat = Volume(np.where(fat, 240.0, volume.data), volume.affine)
    signal = heavy_t2(with_fat, find_canal(with_fat), 1000.0)
    assert signal[fat & (away > 11.5)].max() < 0.3
    assert signal[fat & (away < 9)].max() > 0.5


def test_contrast_rises_to_the_ratio_of_echo_times_and_fat_is_gone() -> None:
    volume = spine_like()
    signal = heavy_t2(volume, find_canal(volume), 1000.0)
    x, y = (round(float(v)) for v in middle(np.array(40.0)))
    # cord 110 / 220 to the power 1000 / 100
    assert signal[x, y, 40] < 0.02
    assert signal[x - 6, y, 40] > 0.5
    assert signal[:, :6, 40].max() < 0.03
    assert signal[:, 84:, 40].max() < 0.03


def test_the_image_shows_one_bright_column_where_the_sac_is() -> None:
    made = make_from_volume(spine_like(), PhantomSpec(seed=5))
    (station,) = made.study.stations
    assert station.pixels.shape == (512, 512)
    assert station.acquisition.field_of_view_mm == 80
    plane = station.geometry
    for z in (15.0, 40.0, 65.0):
        row = round((plane.position[2] - z) / plane.row_spacing)
        line = station.pixels[row - 2 : row + 3].mean(axis=0)
        x = plane.position[0] + np.arange(512) * plane.column_spacing
        bright = x[line > 0.5 * line.max()]
        assert (bright.min() + bright.max()) / 2 == pytest.approx(
            float(middle(np.array(z))[0]), abs=1
        )
        assert bright.max() - bright.min() == pytest.approx(14, abs=3)
    assert made.truth.findings == ()
    assert not any(made.truth.grades[Technique.MRM].values())


def test_voxels_become_1_mm_and_stay_in_place() -> None:
    data = np.zeros((20, 20, 40))
    data[10, 10, 20] = 1
    affine = np.diag([2.0, 1.0, 0.5, 1.0])
    affine[:3, 3] = 5, 6, 7
    even = isotropic(Volume(data, affine))
    assert even.data.shape == (40, 20, 20)
    assert even.spacing == pytest.approx(np.ones(3))
    weight = even.data / even.data.sum()
    index = np.array([(weight * axis).sum() for axis in np.indices(even.data.shape)])
    place = even.affine[:3, :3] @ index + even.affine[:3, 3]
    assert place == pytest.approx([25, 16, 17], abs=0.6)


def test_small_and_empty_volumes_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Volume(np.ones((4, 40, 40)), np.eye(4))
    with pytest.raises(ValueError, match="some signal"):
        Volume(np.zeros((20, 20, 20)), np.eye(4))
