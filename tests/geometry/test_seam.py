"""What an overlap tells: moves to a fraction of a pixel, with honest deviations."""

from __future__ import annotations

import numpy as np
import pytest

from myeloscope.geometry.seam import Seam, compare
from tests.geometry.scenes import Floats, column

ALL = np.ones((80, 300), bool)


def overlap(
    down: float = 0, left: float = 0, *, straight: bool = False, noise: float = 0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return 40 x 150 mm at 0.5 mm as two stations see it; the lower one's content lies off."""
    z, x = 20 - 0.5 * np.arange(80)[:, None], 0.5 * np.arange(300)[None, :] - 75
    draw = np.random.default_rng(seed)

    def take(down: float, left: float) -> Floats:
        scene = _straight if straight else column
        signal = scene(np.broadcast_to(x - left, (80, 300)), np.broadcast_to(z + down, (80, 300)))
        return np.asarray(signal + noise * draw.standard_normal((80, 300)))

    return take(0, 0).astype(np.float32), take(down, left).astype(np.float32)


def _straight(x: Floats, z: Floats) -> Floats:
    return np.asarray(1000 * np.sqrt(np.clip(1 - (x / 8) ** 2, 0, None)) + 0 * z)


def seam_of(images: tuple[np.ndarray, np.ndarray]) -> Seam:
    seam = compare(*images, ALL, 0.5)
    assert seam is not None
    return seam


@pytest.mark.parametrize(
    ("down", "left"), [(0.0, 0.0), (0.3, -0.2), (-3.4, 5.7), (2.2, -11.3), (5.0, 2.0)]
)
def test_moves_are_found_to_a_tenth_of_a_mm(down: float, left: float) -> None:
    seam = seam_of(overlap(down, left, noise=20))
    np.testing.assert_allclose(seam.move_mm, (-down, -left), atol=0.1)
    assert seam.sure
    assert seam.likeness > 0.95


def test_a_column_without_marks_says_nothing_along_itself() -> None:
    seam = seam_of(overlap(3.0, -2.0, straight=True, noise=20))
    assert seam.move_mm[0] == 0
    assert seam.move_mm[1] == pytest.approx(2.0, abs=0.1)
    assert seam.deviation_mm[0] > 0.5
    assert seam.sure


def test_the_deviation_is_that_of_repeated_estimates() -> None:
    seams = [seam_of(overlap(0, 1.25, noise=150, seed=n)) for n in range(40)]
    errors = np.array([seam.move_mm[1] + 1.25 for seam in seams])
    claimed = np.mean([seam.deviation_mm[1] for seam in seams])
    assert 0.4 * claimed < errors.std() < 1.6 * claimed
    assert abs(errors.mean()) < 0.1


def test_too_little_overlap_has_no_answer() -> None:
    upper, lower = overlap()
    assert compare(upper[:10], lower[:10], ALL[:10], 0.5) is None


@pytest.mark.parametrize("rows", [0, 12])
def test_too_little_cover_has_no_answer(rows: int) -> None:
    covered = np.zeros_like(ALL)
    covered[:rows] = True
    assert compare(*overlap(), covered, 0.5) is None


def test_only_what_both_stations_cover_is_compared() -> None:
    upper, lower = overlap(1.0, -2.0)
    covered = ALL.copy()
    covered[:14] = False
    lower[:14] = 0
    seam = compare(upper, lower, covered, 0.5)
    assert seam is not None
    np.testing.assert_allclose(seam.move_mm, (-1, 2), atol=0.1)


def test_a_column_at_the_edge_has_no_answer() -> None:
    upper, lower = overlap()
    assert compare(upper[:, 140:200], lower[:, 140:200], ALL[:, 140:200], 0.5) is None


def test_different_pictures_are_not_sure() -> None:
    upper, _ = overlap()
    other = overlap(noise=1000, seed=3)[1] - overlap()[1]
    seam = compare(upper, other.astype(np.float32), ALL, 0.5)
    assert seam is not None
    assert not seam.sure
    assert seam.gain is None


def test_pictures_without_structure_are_not_sure() -> None:
    flat = np.full((80, 300), 7, np.float32)
    seam = compare(flat, flat, ALL, 0.5)
    assert seam is None or not seam.sure


def test_too_few_bright_pixels_tell_no_scale() -> None:
    x = np.broadcast_to(0.5 * np.arange(300) - 75, (20, 300))
    thin = (1000 * np.exp(-((x / 1.0) ** 2))).astype(np.float32)
    seam = compare(thin, 2 * thin, ALL[:20], 0.5)
    assert seam is not None
    assert seam.sure
    assert seam.gain is None


def test_a_column_where_one_station_ends_has_no_answer() -> None:
    upper, lower = overlap()
    covered = ALL.copy()
    covered[:, :90] = False
    assert compare(upper, lower, covered, 0.5) is None


def test_bright_organs_that_moved_do_not_outweigh_the_column() -> None:
    upper, lower = overlap(0.0, -2.0, noise=20)
    z, x = np.mgrid[:80, :300] * 0.5
    for image, shift in ((upper, 0), (lower, 9)):
        for middle in (34, 116):
            kidney = ((x - middle) / 17) ** 2 + ((z - 10 - shift) / 30) ** 2 < 1
            image[kidney] = np.maximum(image[kidney], 2500)
    seam = seam_of((upper, lower))
    assert seam.sure
    assert seam.move_mm[1] == pytest.approx(2.0, abs=0.3)
