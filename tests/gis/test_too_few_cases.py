"""Where so few cases are that no bin of a cube could stand out, none does, wherever they lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.trends import EmergingOptions, can_stand_out, emerging_hotspots
from tests.gis.test_hotspots import SMALL

STEPS = 10


def cube_of(
    bins: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    region, _ = SMALL
    counts = np.zeros((len(region.cells), STEPS))
    np.add.at(counts.reshape(-1), bins, 1)
    return counts


@settings(max_examples=max(6, settings().max_examples // 8))
@given(seed=st.integers(0, 2**32 - 1), level=st.sampled_from([0.01, 0.05, 1e-4, 1e-9]))
def test_what_cannot_stand_out_does_not(seed: int, level: float) -> None:
    region, neighbours = SMALL
    rng = np.random.default_rng(seed)
    options = EmergingOptions(level=level)
    size = len(region.cells) * STEPS
    for count in (1, 2, 3):
        scattered = rng.integers(0, size, count)
        for bins in (scattered, np.repeat(scattered[0], count)):
            counts = cube_of(bins)
            found = emerging_hotspots(counts, region.share, neighbours, options)
            if not can_stand_out(counts, region.share, neighbours, options):
                assert (found.q > level).all()


@pytest.mark.parametrize(("count", "can"), [(1, False), (2, True), (3, True)])
def test_one_case_is_too_few(count: int, can: bool) -> None:
    region, neighbours = SMALL
    counts = cube_of(np.arange(count))
    assert can_stand_out(counts, region.share, neighbours, EmergingOptions()) == can
