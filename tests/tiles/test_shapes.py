from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from sqlalchemy import text

from gis.store.tile_shapes import versions
from tests.tiles.conftest import PublishedCity
from tests.tiles.small_city import grid_frame
from tiles.layers import EDGE_LEVELS, STORED_ZOOMS
from tiles.shapes import LayerShapes, build_shapes


@pytest.fixture(scope="module")
def shapes() -> dict[tuple[str, int], LayerShapes]:
    return {(shape.layer, shape.zoom): shape for shape in build_shapes(grid_frame())}


Shapes = dict[tuple[str, int], LayerShapes]


@pytest.mark.parametrize("zoom", STORED_ZOOMS)
def test_every_level_is_a_coverage_at_every_zoom_and_none_loses_an_area(
    shapes: Shapes, zoom: int
) -> None:
    frame = grid_frame()
    for layer, codes in (
        ("townships", "township"),
        ("communities", "community"),
        ("grids", "code"),
    ):
        shape = shapes[layer, zoom]
        assert list(shape.keys) == sorted(set(frame[codes]))
        assert not shapely.is_empty(shape.geometries).any()
        assert shapely.coverage_is_valid(shape.geometries)


@pytest.mark.parametrize("zoom", STORED_ZOOMS)
def test_levels_share_their_lines(shapes: Shapes, zoom: int) -> None:
    grids, townships = shapes["grids", zoom].geometries, shapes["townships", zoom].geometries
    vertices = set(map(tuple, shapely.get_coordinates(grids)))
    assert set(map(tuple, shapely.get_coordinates(townships))) <= vertices
    assert np.isclose(shapely.area(grids).sum(), shapely.area(townships).sum(), rtol=1e-12)


def test_the_last_zoom_is_the_raw_coverage(shapes: Shapes) -> None:
    drawn = shapes["grids", STORED_ZOOMS[-1]].geometries
    stored = grid_frame().geometry.to_numpy()
    assert (shapely.get_num_coordinates(drawn) == shapely.get_num_coordinates(stored)).all()


@pytest.mark.parametrize("zoom", STORED_ZOOMS)
def test_each_edge_is_there_once(shapes: Shapes, zoom: int) -> None:
    lines = shapes["edges", zoom].geometries
    together = shapely.union_all(lines)
    assert np.isclose(shapely.length(lines).sum(), together.length, rtol=1e-9)
    # Of this city's levels: grids are 87 units wide at zoom 8, communities 86 at zoom 7.
    drawn = {8: "grids", 7: "communities"}.get(min(zoom, 8), "townships")
    outlines = shapely.union_all(shapely.boundary(shapes[drawn, zoom].geometries))
    assert np.isclose(together.length, outlines.length, rtol=1e-9)


def test_an_edge_has_the_highest_level_that_differs_on_its_two_sides(shapes: Shapes) -> None:
    zoom = STORED_ZOOMS[-1]
    edges = shapes["edges", zoom]
    middles, aside = _middles(edges.geometries)
    sides = [_owners(shapes["grids", zoom], middles + sign * aside) for sign in (-1, 1)]
    seen = defaultdict(set)
    for level, left, right in zip(edges.keys, *sides, strict=True):
        seen[level].add(_level_between(left, right))
    assert seen == {level: {level} for level in EDGE_LEVELS}


def _middles(lines: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A point on each line, and a step of 1 m across it there."""
    counts = shapely.get_num_points(lines)
    ends = [
        shapely.get_coordinates(shapely.get_point(lines, counts // 2 - back)) for back in (1, 0)
    ]
    along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0], axis=1)[:, None]
    return (ends[0] + ends[1]) / 2, along[:, ::-1] * [1, -1]


def _owners(grids: LayerShapes, places: NDArray[np.float64]) -> list[str | None]:
    points = np.asarray(shapely.points(places))
    inside = shapely.contains(grids.geometries[None, :], points[:, None])
    return [grids.keys[row.argmax()] if row.any() else None for row in inside]


def _level_between(left: str | None, right: str | None) -> str:
    if left is None or right is None:
        return "city"
    frame = grid_frame().set_index("code")
    for level in ("township", "community"):
        if frame.at[left, level] != frame.at[right, level]:
            return level
    return "grid"


async def test_shapes_are_stored_under_the_ids_of_their_codes(city: PublishedCity) -> None:
    rows = await city.tx.execute(
        text("""
            SELECT g.code, ST_AsBinary(ST_Transform(s.geometry, 4326)) AS shape
            FROM tile_shapes AS s JOIN grids AS g ON g.id = s.feature_id
            WHERE s.layer = 'grids' AND s.zoom = :zoom AND s.version_id = :version_id
        """),
        {"zoom": STORED_ZOOMS[-1], "version_id": city.version_id},
    )
    stored = {row.code: shapely.from_wkb(row.shape) for row in rows}
    expected = grid_frame().set_index("code").geometry
    assert set(stored) == set(expected.index)
    for code, shape in stored.items():
        assert shape.symmetric_difference(expected[code]).area < 1e-9 * expected[code].area + 1e-12


async def test_storing_shapes_gives_each_of_their_layers_a_number(city: PublishedCity) -> None:
    assert set(await versions(city.tx)) == {"townships", "communities", "grids", "edges"}
