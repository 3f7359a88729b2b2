"""Medians and percentiles against numpy's, to the bit."""

import numpy as np
import pytest

from myeloscope.geometry.ranks import median, medians, percentile, percentiles

COUNTS = [1, 2, 7, 8, 201, 5000]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("share", [0.0, 22.0, 42.0, 50.0, 95.0, 99.0])
def test_percentiles_are_numpys_to_the_bit(count: int, share: float) -> None:
    rows = np.random.default_rng(count).normal(size=(3, count))
    assert percentiles(rows, share).tolist() == np.percentile(rows, share, axis=1).tolist()
    assert percentile(rows, share) == np.percentile(rows, share)


@pytest.mark.parametrize("count", COUNTS)
def test_medians_are_numpys_to_the_bit(count: int) -> None:
    wide = np.random.default_rng(count).normal(size=(3, count))
    assert medians(wide).tolist() == np.median(wide, axis=1).tolist()
    for rows in (wide, wide.astype(np.float32)):
        assert median(rows[0]) == np.median(rows[0])
        assert median(rows) == np.median(rows)


def test_ties_and_order_do_not_matter() -> None:
    values = np.array([3.0, 1.0, 1.0, 3.0, 1.0, 3.0])
    kept = values.copy()
    assert (median(values), percentile(values, 20.0), percentile(values, 80.0)) == (2.0, 1.0, 3.0)
    assert values.tolist() == kept.tolist()
