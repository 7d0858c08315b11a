"""A cell's descendants by its index, found by a range of indices and within a box."""

from __future__ import annotations

import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.cells import (
    CASE_RESOLUTION,
    box_of_children,
    cell_named,
    cells_of,
    names,
    parents,
)
from gis.errors import BadInput

SEEDS = st.integers(0, 2**32)
RESOLUTIONS = st.integers(0, CASE_RESOLUTION)


@given(seed=SEEDS, resolution=RESOLUTIONS)
def test_the_box_of_a_cell_holds_every_point_of_its_descendants(seed: int, resolution: int) -> None:
    rng = np.random.default_rng(seed)
    # Points of one parent's finest cells, near its corners, where they stick out the most.
    cell = int(cells_of([rng.uniform(-180, 180)], [rng.uniform(-88, 88)], resolution)[0])
    box = box_of_children(np.array([cell], dtype=np.uint64))
    if box is None:
        return
    west, south, east, north = box
    lng, lat = rng.uniform((west, south), (east, north), (2_000, 2)).T
    inside = parents(cells_of(lng, lat, CASE_RESOLUTION), resolution) == cell
    assert inside.any()
    # The box leaves half the cell's width on each side, and they stick out by less than a fifth.
    wide, high = (east - west) / 2, (north - south) / 2
    at_rim = (np.minimum(lng - west, east - lng) < 0.3 * wide) | (
        np.minimum(lat - south, north - lat) < 0.3 * high
    )
    assert not (inside & at_rim).any()


@given(seed=SEEDS, resolution=RESOLUTIONS)
def test_a_cell_is_read_as_h3_writes_it(seed: int, resolution: int) -> None:
    rng = np.random.default_rng(seed)
    lng, lat = rng.uniform(-180, 180), rng.uniform(-90, 90)
    cell = cells_of([lng], [lat], resolution)
    assert names(cell) == [h3.latlng_to_cell(lat, lng, resolution)]
    assert cell_named(names(cell)[0]) == int(cell[0])


@pytest.mark.parametrize(
    "word", ["", "zz", "0", "ffffffffffffffff", "8928308280fffff0", "8928308280ffff", "121,30"]
)
def test_what_is_no_cell_is_refused(word: str) -> None:
    with pytest.raises(BadInput, match="no cell of H3") as refusal:
        cell_named(word)
    assert refusal.value.where == {"field": "cell", "value": word}
