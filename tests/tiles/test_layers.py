from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from gis.errors import NotFound
from tiles.layers import LAYER_NAMES, STORED_ZOOMS, edge_levels, get_layer, stored_zoom
from tiles.tilejson import WORLD, tilejson

URL = "http://127.0.0.1:8000/tiles/grids/{z}/{x}/{y}.mvt"


def test_an_unknown_layer_is_not_found_and_the_message_names_those_there_are() -> None:
    with pytest.raises(NotFound) as refused:
        get_layer("persons")
    assert refused.value.code == "tile_layer_unknown"
    assert all(name in refused.value.message for name in LAYER_NAMES)


def test_every_zoom_is_cut_from_the_nearest_stored_one() -> None:
    for zoom in range(23):
        distance = {stored: abs(stored - zoom) for stored in STORED_ZOOMS}
        assert distance[stored_zoom(zoom)] == min(distance.values())


def test_a_level_drawn_at_a_zoom_is_drawn_at_all_nearer_ones() -> None:
    widths = np.array([4000.0, 900.0, 200.0, 50.0])
    drawn = [set(edge_levels(zoom, list(widths * 2.0 ** (zoom - 9)))) for zoom in range(22)]
    assert all(far <= near for far, near in pairwise(drawn))
    assert drawn[0] == {0, 1}
    assert drawn[9] == {0, 1, 2}
    assert drawn[10] == {0, 1, 2, 3}


def test_a_city_of_a_hundred_wide_grids_shows_them_where_one_of_thousands_does_not() -> None:
    assert edge_levels(9, [2000, 2000, 2000, 200]) == (0, 1, 2, 3)
    assert edge_levels(9, [2000, 500, 100, 40]) == (0, 1, 2)


def test_the_last_stored_zoom_draws_every_edge() -> None:
    assert edge_levels(STORED_ZOOMS[-1], [9, 9, 9, 9]) == (0, 1, 2, 3)


@pytest.mark.parametrize("name", LAYER_NAMES)
def test_tilejson_describes_each_mvt_layer(name: str) -> None:
    layer = get_layer(name)
    described = tilejson(layer, tiles_url=URL, bounds=(121, 30, 121.4, 30.3))
    assert described["tilejson"] == "3.0.0"
    assert described["tiles"] == [URL]
    assert described["bounds"] == [121, 30, 121.4, 30.3]
    vector_layers = described["vector_layers"]
    assert isinstance(vector_layers, list)
    assert vector_layers[0]["id"] == name
    for vector_layer in vector_layers:
        assert set(vector_layer["fields"].values()) <= {"String", "Number"}
        assert 0 <= vector_layer["minzoom"] <= vector_layer["maxzoom"] == described["maxzoom"]


def test_unknown_bounds_are_those_of_the_web_mercator_world() -> None:
    assert tilejson(get_layer("cases"), tiles_url=URL, bounds=None)["bounds"] == list(WORLD)
