"""The city's own basemap on the page: it is drawn, and what the map writes can be read."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.desk import NO_CASES, Desk

LEAST_FONT_PX = 12
# Kinds of shapes, and the layer that draws each: the demo city's river is an area.
DRAWN = {
    "hill": "background-hill",
    "water": "background-water",
    "river": "background-water",
    "main_road": "background-main-road",
}
# Every size the style gives a text, at the zooms the map has.
SIZES = """(element) => {
    const map = element.deskMap.map;
    const found = [];
    for (let zoom = map.getMinZoom(); zoom <= map.getMaxZoom(); zoom += 0.5) {
        map.jumpTo({ zoom });
        for (const { id, type } of map.getStyle().layers) {
            if (type !== 'symbol') continue;
            const layer = map.style.getLayer(id);
            if (layer.layout?.get('text-field') === undefined) continue;
            layer.recalculate({ zoom, now: 0, fadeDuration: 0, zoomHistory: {},
                transition: {}, globalState: {} }, []);
            const size = layer.layout.get('text-size');
            const kind = size.value ?? size;
            const least = kind.kind === 'constant' ? kind.value
                : Math.min(...['', '1', '12345'].map((label) =>
                    kind.evaluate({ zoom }, { properties: { label } })));
            found.push([id, zoom, least]);
        }
    }
    return found;
}"""


@pytest.fixture
def city_desk(desk: Desk) -> Desk:
    desk.open(NO_CASES, "wide")
    return desk


def test_hills_water_river_and_main_roads_are_drawn_beneath_the_grids(city_desk: Desk) -> None:
    for kind, layer in DRAWN.items():
        assert kind in {shape["kind"] for shape in city_desk.rendered(layer)}, kind
    order: list[str] = city_desk.map.evaluate(
        "(element) => element.deskMap.map.getStyle().layers.map(({ id }) => id)"
    )
    assert max(order.index(layer) for layer in DRAWN.values()) < order.index("edges-grid")


def test_the_picture_is_another_one_without_the_basemap(city_desk: Desk) -> None:
    with_it = picture(city_desk.page, city_desk)
    city_desk.map.evaluate(
        """(element) => {
            const { map } = element.deskMap;
            for (const { id } of map.getStyle().layers) {
                if (id.startsWith('background-')) map.setLayoutProperty(id, 'visibility', 'none');
            }
            return new Promise((done) => map.once('idle', done));
        }"""
    )
    assert picture(city_desk.page, city_desk) != with_it


def test_the_river_and_the_streams_of_the_town_are_named(desk: Desk) -> None:
    # Where it is named: in the middle of what of it a view shows.
    desk.open(f"{NO_CASES}&view=121.15,30.045,13")
    labels = desk.rendered("background-river-label", "background-stream-label")
    assert {"姚江", "候青江"} <= {label["name_zh"] for label in labels}


def test_no_text_of_the_map_is_smaller_than_twelve_pixels(city_desk: Desk) -> None:
    found: list[Any] = city_desk.map.evaluate(SIZES)
    assert len({layer for layer, _, _ in found}) >= 4
    assert all(isinstance(each[2], int | float) for each in found), found[:5]
    assert [each for each in found if not each[2] >= LEAST_FONT_PX] == []


def picture(page: Page, desk: Desk) -> bytes:
    box = desk.map.bounding_box()
    assert box
    middle = {
        "x": box["x"] + box["width"] / 4,
        "y": box["y"] + box["height"] / 4,
        "width": box["width"] / 2,
        "height": box["height"] / 2,
    }
    return page.screenshot(clip=middle)  # type: ignore[arg-type]
