from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from gis.errors import NotFound
from gis.store.tile_shapes import write_shapes
from tests.tiles.conftest import PublishedCity
from tests.tiles.decoding import Feature, decoded, tile_of, tiles_over
from tests.tiles.lost_area import MOST_LOST, lost_area
from tests.tiles.small_city import (
    AWKWARD_NAME,
    DEDICATED,
    SIDE,
    SOUTH,
    STEP,
    WEST,
    WIDE,
    grid_frame,
)
from tiles.layers import EDGE_LEVELS, get_layer
from tiles.mvt import query, render

TILE = shapely.box(0, 0, 4096, 4096)
TILE_AND_BUFFER = shapely.box(-64, -64, 4096 + 64, 4096 + 64)
BOUNDS = (WEST, SOUTH, WEST + 2 * SIDE * STEP, SOUTH + SIDE * STEP)
MIDDLE = (WEST + SIDE * STEP * 0.55, SOUTH + SIDE * STEP * 0.45)


async def layers_of(
    city: PublishedCity, layer: str, tile: tuple[int, int, int]
) -> dict[str, list[Feature]]:
    return decoded(await render(city.tx, get_layer(layer), *tile, city.version_id))


def in_tile_units(geometry: Any, tile: tuple[int, int, int]) -> Any:
    """Degrees to units of a tile by the formula of the Web Mercator pyramid, y down."""
    z, x, y = tile

    def units(places: Any) -> Any:
        across = (places[:, 0] + 180) / 360
        down = (1 - np.arcsinh(np.tan(np.radians(places[:, 1]))) / math.pi) / 2
        return (np.stack([across, down], axis=1) * 2**z - [x, y]) * 4096

    return shapely.transform(geometry, units)


@pytest.mark.parametrize("layer", ["townships", "communities", "grids"])
@pytest.mark.parametrize("zoom", range(6, 16))
async def test_neighbours_in_a_tile_neither_overlap_nor_leave_a_gap(
    city: PublishedCity, layer: str, zoom: int
) -> None:
    some = tiles_over(*BOUNDS, zoom)[:: 1 if zoom < 12 else 7]
    seen = 0
    for tile in some:
        polygons = [f.geometry for f in (await layers_of(city, layer, tile)).get(layer, [])]
        assert all(polygon.is_valid for polygon in polygons)
        assert lost_area(polygons) <= MOST_LOST
        seen += len(polygons)
    assert seen


@pytest.mark.parametrize("zoom", [9, 11, 13])
async def test_at_the_border_of_the_city_a_tile_shows_just_its_part(
    city: PublishedCity, zoom: int
) -> None:
    tile = tile_of(WEST + 1e-6, SOUTH + SIDE * STEP - 1e-6, zoom)
    city_in_units = in_tile_units(shapely.box(*BOUNDS), tile)
    expected = city_in_units.intersection(TILE_AND_BUFFER)
    shown = shapely.union_all([f.geometry for f in (await layers_of(city, "grids", tile))["grids"]])
    assert 0 < expected.area < TILE_AND_BUFFER.area
    assert shown.symmetric_difference(expected).area < expected.length * 1.0


@pytest.mark.parametrize("zoom", [12, 14, 16])
async def test_a_grid_over_many_tiles_is_whole_in_each(city: PublishedCity, zoom: int) -> None:
    wide = grid_frame().set_index("code").geometry[WIDE].buffer(-1e-6)
    west, south, east, north = wide.bounds
    filled = 0
    for tile in tiles_over(west, south, east, north, zoom)[:: 4 if zoom < 16 else 60]:
        expected = in_tile_units(wide, tile).intersection(TILE_AND_BUFFER)
        if expected.is_empty:
            continue
        (feature,) = (
            f
            for f in (await layers_of(city, "grids", tile))["grids"]
            if f.properties["code"] == WIDE
        )
        assert feature.geometry.symmetric_difference(expected).area < 4 * expected.length
        filled += expected.equals(TILE_AND_BUFFER)
    assert filled


async def test_a_grid_inside_another_lies_in_its_hole(city: PublishedCity) -> None:
    tile = tile_of(WEST + 3.5 * STEP, SOUTH + 3.5 * STEP, 13)
    grids = {f.properties["code"]: f for f in (await layers_of(city, "grids", tile))["grids"]}
    school, around = grids[DEDICATED], grids["g33"]
    assert school.properties["kind"] == "dedicated"
    assert around.properties["kind"] == "base"
    assert school.geometry.area > 1000
    assert school.geometry.intersection(around.geometry).area <= MOST_LOST


async def test_polygons_carry_their_names_codes_and_parents(city: PublishedCity) -> None:
    tile = tile_of(WEST + 0.5 * STEP, SOUTH + 0.5 * STEP, 9)
    frame = grid_frame().set_index("code", drop=False)
    grids = (await layers_of(city, "grids", tile))["grids"]
    assert {f.properties["code"]: f.properties for f in grids} == {
        row["code"]: row for row in frame.drop(columns="geometry").to_dict("records")
    }
    assert AWKWARD_NAME in {f.properties["name"] for f in grids}
    assert len({f.id for f in grids}) == len(grids)
    communities = (await layers_of(city, "communities", tile))["communities"]
    assert {tuple(f.properties.items()) for f in communities} == {
        (
            ("code", row.community),
            ("name", row.community_name),
            ("township", row.township),
            ("township_name", row.township_name),
        )
        for row in frame.itertuples()
    }
    townships = (await layers_of(city, "townships", tile))["townships"]
    assert {f.properties["code"]: f.properties["name"] for f in townships} == dict(
        zip(frame["township"], frame["township_name"], strict=True)
    )


@pytest.mark.parametrize("zoom", range(6, 16))
async def test_an_edge_is_in_a_tile_once(city: PublishedCity, zoom: int) -> None:
    for tile in tiles_over(*BOUNDS, zoom)[:: 1 if zoom < 12 else 9]:
        lines = [f.geometry for f in (await layers_of(city, "edges", tile)).get("edges", [])]
        once = shapely.union_all(lines).length
        assert sum(line.length for line in lines) == pytest.approx(once, rel=1e-9)


@pytest.mark.parametrize("zoom", [10, 12, 14, 15])
async def test_edges_run_where_the_grids_end(city: PublishedCity, zoom: int) -> None:
    tile = tile_of(*MIDDLE, zoom)
    edges = [f.geometry for f in (await layers_of(city, "edges", tile))["edges"]]
    grids = [f.geometry for f in (await layers_of(city, "grids", tile))["grids"]]
    outlines = shapely.union_all(shapely.boundary(grids)).intersection(TILE)
    drawn = shapely.union_all(edges).intersection(TILE)
    # Polygons and lines are rounded apart, each by less than a unit.
    assert outlines.difference(drawn.buffer(1.5)).length == 0
    assert drawn.difference(outlines.buffer(1.5)).length == 0


@pytest.mark.parametrize(("zoom", "levels"), [(5, 2), (6, 2), (7, 3), (8, 4), (14, 4)])
async def test_low_zooms_leave_the_fine_edges_out(
    city: PublishedCity, zoom: int, levels: int
) -> None:
    shown = {
        f.properties["level"]
        for tile in tiles_over(*BOUNDS, zoom)
        for f in (await layers_of(city, "edges", tile)).get("edges", [])
    }
    assert shown == set(EDGE_LEVELS[:levels])


@pytest.mark.parametrize(
    ("layer", "zoom"),
    [("townships", 0), ("townships", 9), ("communities", 10), ("grids", 12), ("grids", 14)],
)
async def test_a_label_is_in_one_tile_and_inside_its_area(
    city: PublishedCity, layer: str, zoom: int
) -> None:
    labelled = []
    for tile in tiles_over(*BOUNDS, zoom):
        layers = await layers_of(city, layer, tile)
        areas = {f.id: f for f in layers.get(layer, [])}
        for label in layers.get(f"{layer}_labels", []):
            assert 0 <= label.geometry.x <= 4095
            assert 0 <= label.geometry.y <= 4095
            assert label.properties == {
                key: areas[label.id].properties[key] for key in ("code", "name")
            }
            assert zoom < 9 or areas[label.id].geometry.distance(label.geometry) <= 1
            labelled.append(label.properties["code"])
    column = {"townships": "township", "communities": "community", "grids": "code"}[layer]
    assert sorted(labelled) == sorted(set(grid_frame()[column]))


@pytest.mark.parametrize(("layer", "zoom"), [("communities", 9), ("grids", 11)])
async def test_labels_that_no_map_has_room_for_are_left_out(
    city: PublishedCity, layer: str, zoom: int
) -> None:
    assert set(await layers_of(city, layer, tile_of(*MIDDLE, zoom))) == {layer}


async def test_a_label_on_the_border_of_two_tiles_is_in_one_of_them(city: PublishedCity) -> None:
    z, x, y = tile_of(*MIDDLE, 13)
    unit = 360 / 2**z / 4096
    border = (x + 1) * 360 / 2**z - 180
    for share in (-1.0, -0.5, -0.25, 0.0, 0.25, 0.5):
        savepoint = await city.tx.begin_nested()
        await city.tx.execute(
            text("ALTER TABLE township_versions DISABLE TRIGGER township_versions_unalterable")
        )
        await city.tx.execute(
            text(
                "UPDATE township_versions SET label = ST_SetSRID(ST_MakePoint(:lng, :lat), 4326)"
                " WHERE name = 't00镇'"
            ),
            {"lng": border + share * unit, "lat": MIDDLE[1]},
        )
        found = [
            label
            for column in (x, x + 1)
            for label in (await layers_of(city, "townships", (z, column, y))).get(
                "townships_labels", []
            )
            if label.properties["code"] == "t00"
        ]
        assert len(found) == 1
        await savepoint.rollback()


@pytest.mark.parametrize("layer", ["townships", "communities", "grids", "edges", "cases"])
async def test_a_tile_away_from_the_city_is_empty(city: PublishedCity, layer: str) -> None:
    assert await render(city.tx, get_layer(layer), 10, 3, 3, city.version_id) == b""


@pytest.mark.parametrize("layer", ["townships", "communities", "grids", "edges", "cases"])
async def test_a_city_without_a_version_has_empty_tiles(city: PublishedCity, layer: str) -> None:
    assert await render(city.tx, get_layer(layer), *tile_of(*MIDDLE, 10), None) == b""


async def test_zooms_outside_the_stored_ones_are_cut_from_the_nearest(city: PublishedCity) -> None:
    (whole,) = (
        f
        for f in (await layers_of(city, "edges", (0, 0, 0)))["edges"]
        if f.properties["level"] == "city"
    )
    assert whole.geometry.length > 0
    assert (await layers_of(city, "grids", tile_of(*MIDDLE, 22)))["grids"]


@pytest.mark.parametrize(
    "tile",
    [(-1, 0, 0), (23, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0), (3, 0, -1), (0, 10**30, 0)],
)
async def test_a_tile_outside_the_pyramid_is_not_found(
    city: PublishedCity, tile: tuple[int, int, int]
) -> None:
    with pytest.raises(NotFound) as refused:
        await render(city.tx, get_layer("grids"), *tile, city.version_id)
    assert refused.value.code == "tile_out_of_range"


async def test_polygon_tiles_use_the_index(city: PublishedCity) -> None:
    places = np.random.default_rng(5).uniform([13.4e6, 3.4e6], [13.8e6, 3.8e6], (20_000, 2))
    boxes = np.asarray(shapely.box(*places.T, *(places + 500).T))
    await write_shapes(city.tx, city.version_id, "grids", 13, np.ones(len(boxes)), boxes)
    await city.tx.execute(text("ANALYZE tile_shapes"))
    statement, bound = query(get_layer("grids"), *tile_of(*MIDDLE, 13), city.version_id)
    plan = await city.tx.execute(text(f"EXPLAIN {statement.text}"), bound)
    lines = list(plan.scalars())
    assert any("ix_tile_shapes_cut" in line for line in lines)
    assert not any("Seq Scan on tile_shapes" in line for line in lines)
