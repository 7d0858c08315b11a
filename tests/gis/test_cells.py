"""Cells against H3 itself: of points, parents and regions; pentagons, poles and 180 degrees."""

from __future__ import annotations

import h3
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from gis.cells import CellRegion, cells_of, counts_by_resolution, names, parents, polygons
from gis.cells import resolution_of as common_resolution
from gis.errors import BadInput

Floats = NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)
SPHERE = pyproj.Geod(a=6_371_007.180918475, b=6_371_007.180918475)
"""The sphere on which H3 measures cells."""

PENTAGON = h3.cell_to_latlng(sorted(h3.get_pentagons(8))[5])
MIDDLES = {
    "a city": (121.1, 30.2),
    "a pentagon": (PENTAGON[1], PENTAGON[0]),
    "the far north": (20.0, 80.0),
}


def blob(lng: float, lat: float, *, seed: int, size: float = 0.05) -> shapely.Polygon:
    """A star of 24 corners around a place, with a hole."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    far = size * rng.uniform(0.5, 1.0, 24)
    wide = far / np.cos(np.radians(lat))
    shell = np.column_stack([lng + wide * np.cos(turn), lat + far * np.sin(turn)])
    return shapely.Polygon(shell, [(shell - (lng, lat)) * 0.3 + (lng, lat)])


def split_at_180(region: shapely.Geometry) -> shapely.Geometry:
    """The part beyond 180 degrees moved to the west, as GeoJSON asks for."""
    east = shapely.intersection(region, shapely.box(0, -90, 180, 90))
    west = shapely.intersection(region, shapely.box(180, -90, 360, 90))
    return shapely.union_all([east, shapely.transform(west, lambda at: at - (360.0, 0.0))])


def ground_m2(region: shapely.Geometry) -> float:
    dense = shapely.segmentize(region, 0.005)
    return abs(float(SPHERE.geometry_area_perimeter(shapely.orient_polygons(dense))[0]))


def points_in(region: shapely.Geometry, count: int, seed: int) -> tuple[Floats, Floats]:
    west, south, east, north = shapely.bounds(region).tolist()
    rng = np.random.default_rng(seed)
    lng, lat = rng.uniform(west, east, 6 * count), rng.uniform(south, north, 6 * count)
    inside = shapely.contains_xy(region, lng, lat)
    return lng[inside][:count], lat[inside][:count]


@given(
    points=st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=20),
    resolution=st.integers(0, 15),
)
def test_a_point_lies_in_the_cell_h3_tells(
    points: list[tuple[float, float]], resolution: int
) -> None:
    lng, lat = np.array(points, dtype=float).reshape(-1, 2).T
    expected = [h3.latlng_to_cell(y, x, resolution) for x, y in points]
    assert names(cells_of(lng, lat, resolution)) == expected


@given(seed=SEEDS, fine=st.integers(0, 15), data=st.data())
def test_a_parent_is_the_one_h3_tells(seed: int, fine: int, data: st.DataObject) -> None:
    coarse = data.draw(st.integers(0, fine))
    rng = np.random.default_rng(seed)
    listed = [
        *names(cells_of(rng.uniform(-180, 180, 20), rng.uniform(-90, 90, 20), fine)),
        *h3.get_pentagons(fine),
    ]
    cells = np.array([int(name, 16) for name in listed], dtype=np.uint64)
    expected = [h3.cell_to_parent(name, coarse) for name in listed]
    assert names(parents(cells, coarse)) == expected


@given(seed=SEEDS, finest=st.integers(5, 10))
def test_coarser_counts_add_up(seed: int, finest: int) -> None:
    rng = np.random.default_rng(seed)
    lng, lat = rng.normal(121.1, 0.2, 300), rng.normal(30.2, 0.2, 300)
    found = counts_by_resolution(lng, lat, [finest - 2, finest, finest - 1])
    assert sorted(found) == [finest - 2, finest - 1, finest]
    for coarse in (finest - 2, finest - 1):
        summed: dict[str, int] = {}
        for name, count in zip(names(found[finest][0]), found[finest][1].tolist(), strict=True):
            parent = h3.cell_to_parent(name, coarse)
            summed[parent] = summed.get(parent, 0) + count
        cells, counts = found[coarse]
        assert dict(zip(names(cells), counts.tolist(), strict=True)) == summed
        assert sum(summed.values()) == 300


@pytest.mark.parametrize("place", MIDDLES)
@pytest.mark.parametrize("resolution", [6, 7, 8, 9])
def test_a_region_is_every_cell_that_overlaps_it(place: str, resolution: int) -> None:
    """Of all cells around; H3's own "overlap" forgets a cell in which a hole lies whole."""
    lng, lat = MIDDLES[place]
    region = blob(lng, lat, seed=resolution)
    steps = {6: 4, 7: 8, 8: 20, 9: 50}[resolution]
    disk = h3.grid_disk(h3.latlng_to_cell(lat, lng, resolution), steps)
    corners = {name: [at[::-1] for at in h3.cell_to_boundary(name)] for name in disk}
    shapes = {name: shapely.Polygon(ring) for name, ring in corners.items()}
    expected = {
        name: shapely.area(shapely.intersection(shape, region)) / shapely.area(shape)
        for name, shape in shapes.items()
        if shapely.intersects(shape, region)
    }
    found = CellRegion.of(region, resolution)
    assert (np.diff(found.cells) > 0).all()
    assert dict(zip(names(found.cells), found.share, strict=True)) == pytest.approx(
        expected, abs=1e-9
    )


@given(seed=SEEDS, place=st.sampled_from(sorted(MIDDLES)), resolution=st.integers(4, 9))
def test_every_point_of_a_region_lies_in_a_cell_of_it(
    seed: int, place: str, resolution: int
) -> None:
    region = blob(*MIDDLES[place], seed=seed)
    lng, lat = points_in(region, 200, seed)
    found = CellRegion.of(region, resolution)
    cells = cells_of(lng, lat, resolution)
    assert (found.positions(cells) >= 0).all()
    assert found.counts(cells).sum() == len(lng)


@given(seed=SEEDS, place=st.sampled_from(["a city", "a pentagon"]), resolution=st.integers(6, 9))
def test_shares_of_cells_add_up_to_the_ground_of_the_region(
    seed: int, place: str, resolution: int
) -> None:
    region = blob(*MIDDLES[place], seed=seed)
    found = CellRegion.of(region, resolution)
    of_cells = [h3.cell_area(name, "m^2") for name in names(found.cells)]
    assert found.share @ np.array(of_cells) == pytest.approx(ground_m2(region), rel=1e-3)


@pytest.mark.parametrize("resolution", [6, 8, 9])
def test_a_region_across_180_degrees_is_one_with_that_beside_it(resolution: int) -> None:
    whole = blob(180.0, -16.9, seed=resolution)
    region = split_at_180(whole)
    found = CellRegion.of(region, resolution)
    lng, lat = points_in(whole, 300, 0)
    assert np.ptp(lng) > 0.05
    wrapped = np.where(lng > 180, lng - 360, lng)
    assert (found.positions(cells_of(wrapped, lat, resolution)) >= 0).all()
    of_cells = [h3.cell_area(name, "m^2") for name in names(found.cells)]
    assert found.share @ np.array(of_cells) == pytest.approx(ground_m2(region), rel=1e-3)
    west, _, east, _ = shapely.bounds(polygons(found.cells)).T
    assert (east - west < 1).all()
    # Neighbours across the line are found: all are one piece.
    assert connected_components(found.rings(1).matrix)[0] == 1


def test_a_small_region_across_180_degrees_is_not_taken_for_a_belt_around_the_earth() -> None:
    region = split_at_180(blob(180.0, -16.9, seed=1))
    assert len(CellRegion.of(region, 11).cells) < 100_000


@given(seed=SEEDS, middle=st.sampled_from([121.1, 180.0, -179.98]), count=st.integers(1, 40))
def test_the_region_around_points_holds_them_all_and_every_cell_counts_whole(
    seed: int, middle: float, count: int
) -> None:
    rng = np.random.default_rng(seed)
    lng = (rng.normal(middle, 0.02, count) + 180) % 360 - 180
    lat = rng.normal(-16.9, 0.02, count)
    found = CellRegion.around(lng, lat, 8)
    assert found.counts(cells_of(lng, lat, 8)).sum() == count
    assert (found.share == 1).all()
    assert len(found.cells) < 2_000


def test_a_cell_that_is_none_of_the_region_has_no_place_in_it() -> None:
    region = CellRegion.of(blob(121.1, 30.2, seed=0), 8)
    far = cells_of([0.0, 121.1], [0.0, 30.25], 8)
    assert region.positions(far).tolist()[0] == -1
    assert region.counts(cells_of([0.0], [0.0], 8)).sum() == 0


@pytest.mark.parametrize("resolution", [-1, 16])
def test_what_is_no_resolution_is_refused(resolution: int) -> None:
    for ask in (
        lambda: cells_of([121.0], [30.0], resolution),
        lambda: CellRegion.of(blob(121.1, 30.2, seed=0), resolution),
    ):
        with pytest.raises(BadInput) as refusal:
            ask()
        assert refusal.value.code == "resolution_invalid"


@pytest.mark.parametrize("point", [(181.0, 0.0), (0.0, 90.5), (np.nan, 0.0), (0.0, np.inf)])
def test_a_point_that_is_none_is_refused_by_its_row(point: tuple[float, float]) -> None:
    with pytest.raises(BadInput, match="row 2") as refusal:
        cells_of([121.0, point[0]], [30.0, point[1]], 8)
    assert refusal.value.code == "coordinates_invalid"
    assert refusal.value.where["row"] == 2


def test_a_country_in_cells_of_a_street_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(BadInput, match="choose a coarser one") as refusal:
        CellRegion.of(shapely.box(75, 18, 135, 53), 10)
    assert refusal.value.code == "resolution_too_fine"


def test_cells_of_several_resolutions_have_none_in_common() -> None:
    mixed = np.concatenate([cells_of([121.0], [30.0], 8), cells_of([121.0], [30.0], 9)])
    assert common_resolution(mixed[:1]) == 8
    for cells in (mixed, mixed[:0]):
        with pytest.raises(BadInput) as refusal:
            common_resolution(cells)
        assert refusal.value.code == "cells_mixed"
