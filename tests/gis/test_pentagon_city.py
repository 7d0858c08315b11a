"""A city with one of the twelve pentagons in it: five neighbours, and nothing else is odd."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import shapely
from scipy.stats import binom

from gis.cells import CellRegion, cells_of, counts_by_resolution
from gis.hotspots import hotspots_of_counts
from gis.patterns.usual_course import usual_course
from gis.trends import EmergingOptions, emerging_hotspots

# In the sea off Norway; of resolution 7 a cell is 2.4 km wide.
PENTAGON = h3.get_pentagons(7)[0]
LAT, LNG = h3.cell_to_latlng(PENTAGON)
OUTLINE = shapely.box(LNG - 0.5, LAT - 0.2, LNG + 0.5, LAT + 0.2)


def region() -> CellRegion:
    return CellRegion.of(OUTLINE, 7)


def at_pentagon(found: CellRegion) -> int:
    return int(found.positions(np.array([int(PENTAGON, 16)], dtype=np.uint64))[0])


def test_it_is_one_of_the_cells_and_points_fall_into_it() -> None:
    found = region()
    assert at_pentagon(found) >= 0
    assert f"{cells_of([LNG], [LAT], 7)[0]:x}" == PENTAGON
    rng = np.random.default_rng(1)
    lng, lat = rng.uniform(LNG - 0.1, LNG + 0.1, 2_000), rng.uniform(LAT - 0.05, LAT + 0.05, 2_000)
    coarse = counts_by_resolution(lng, lat, [9, 7])[7]
    counts = dict(zip(coarse[0].tolist(), coarse[1].tolist(), strict=True))
    # By index: a point's cell of resolution 9, and its parent.
    parents = [h3.cell_to_parent(h3.latlng_to_cell(*at, 9), 7) for at in zip(lat, lng, strict=True)]
    assert counts[int(PENTAGON, 16)] == parents.count(PENTAGON) > 10


@pytest.mark.parametrize("k", [1, 2, 3])
def test_its_rings_are_those_of_h3(k: int) -> None:
    found = region()
    neighbours = found.rings(k)
    for name in h3.grid_disk(PENTAGON, 2):
        at = int(found.positions(np.array([int(name, 16)], dtype=np.uint64))[0])
        own = neighbours.others[neighbours.starts[at] : neighbours.starts[at + 1]]
        told = {f"{found.cells[other]:x}" for other in own}
        assert told == set(h3.grid_disk(name, k)) - {name}
    assert neighbours.cardinalities[at_pentagon(found)] == {1: 5, 2: 15, 3: 30}[k]


def test_a_hotspot_on_it_is_found_with_the_tail_of_its_six_cells() -> None:
    found = region()
    at, rng = at_pentagon(found), np.random.default_rng(2)
    counts = np.zeros(len(found.cells))
    np.add.at(counts, rng.integers(0, len(counts), 60), 1)
    counts[at] += 12
    told = hotspots_of_counts(counts, found.share, found.rings(1))
    assert (told.lack, told.bin[at]) == (None, 99)
    if told.chance == "binomial":
        around = found.rings(1).sums(counts)[at] + counts[at]
        area = (found.rings(1).sums(found.share)[at] + found.share[at]) / found.share.sum()
        assert told.p[at] == pytest.approx(2 * binom.sf(around - 1, counts.sum(), area))


def test_its_course_in_time_is_told_as_that_of_any_cell() -> None:
    found = region()
    at, rng = at_pentagon(found), np.random.default_rng(3)
    cube = rng.poisson(1.0, (len(found.cells), 12)).astype(float)
    cube[at, 8:] += 25
    told = emerging_hotspots(cube, found.share, found.rings(1), EmergingOptions())
    assert np.isfinite(told.z).all()
    assert np.isfinite(told.q).all()
    assert told.classes[at] == "consecutive-hot"
    usual = usual_course(cube, at)
    assert (cube[at, 8:] > usual.high[8:]).all()
