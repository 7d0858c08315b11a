"""What planners and programs may send as an area, a line or a point, and the answer to each."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from boundaries.editing.drawn import MOST_PLACES
from boundaries.operations import (
    Carve,
    MoveCorner,
    MoveStretch,
    Operation,
    Redraw,
    RedrawOutline,
    Split,
    Transfer,
)
from tests.boundaries.square_city import (
    at,
    blob,
    block,
    done,
    line,
    point,
    refused,
    ring,
    square_city,
)

CITY = square_city()
BY_AREA: dict[str, Callable[[Any], Operation]] = {
    "transfer": lambda area: Transfer("G00", area, None, True),
    "carve": lambda area: Carve(area, "学校", None, None, True),
    "redraw": lambda area: Redraw("G00", area, None, True),
}
BY_LINE: dict[str, Callable[[Any], Operation]] = {
    "split": lambda drawn: Split("G00", drawn),
    "move stretch": lambda drawn: MoveStretch(drawn, True),
}
SQUARE = block(0.8, 0.2, 1.2, 0.6)
NO_NUMBERS = (math.nan, math.inf, -math.inf)


def swapped(shape: Any) -> Any:
    return shapely.transform(shape, lambda places: places[:, ::-1])


def with_number(shape: Any, number: float) -> Any:
    """A shape with one coordinate replaced."""

    def put(places: NDArray[np.float64]) -> NDArray[np.float64]:
        places[1 if len(places) > 1 else 0, 0] = number
        return places

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return shapely.transform(shape, put)


@pytest.mark.parametrize("operation", BY_AREA.values(), ids=BY_AREA)
@pytest.mark.parametrize(
    ("area", "code"),
    [
        (None, "area_invalid"),
        (shapely.Polygon(), "area_invalid"),
        (shapely.MultiPolygon(), "area_invalid"),
        (point(0.5, 0.5), "area_invalid"),
        (line((0, 0), (1, 1)), "area_invalid"),
        (shapely.GeometryCollection([SQUARE]), "area_invalid"),
        (ring((0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8)), "area_invalid"),
        (ring((0.2, 0.2), (0.8, 0.2), (0.8, 0.9), (0.8, 0.4), (0.2, 0.4)), "area_invalid"),
        (ring((0.2, 0.2), (0.8, 0.2), (0.5, 0.2)), "area_invalid"),
        (shapely.Polygon([at(0.5, 0.5)] * 4), "area_invalid"),
        (blob(0.5, 0.5, 1e-9, 8), "area_invalid"),
        (shapely.MultiPolygon([SQUARE, SQUARE]), "area_invalid"),
        (shapely.MultiPolygon([SQUARE, block(1, 0.4, 1.4, 0.8)]), "area_invalid"),
        (shapely.Polygon(SQUARE.exterior, [block(5, 5, 6, 6).exterior]), "area_invalid"),
        (swapped(SQUARE), "coordinates_invalid"),
        (shapely.transform(SQUARE, lambda c: c * 1e5), "coordinates_invalid"),
        (shapely.box(-1e300, -1e300, 1e300, 1e300), "coordinates_invalid"),
        (blob(1, 0.5, 0.3, 100_000), "too_many_points"),
    ],
    ids=[
        "nothing",
        "empty",
        "empty of parts",
        "a point",
        "a line",
        "a collection",
        "crosses itself",
        "a spike",
        "flat",
        "a point four times",
        "smaller than a step",
        "twice the same part",
        "parts that overlap",
        "a hole outside",
        "latitude first",
        "in metres",
        "beyond numbers",
        "100,000 points",
    ],
)
def test_an_area_that_is_none_has_a_clear_answer(
    operation: Callable[[Any], Operation], area: Any, code: str
) -> None:
    why = refused(CITY, operation(area), code)
    json.dumps(why.where, allow_nan=False)


@pytest.mark.parametrize("operation", BY_AREA.values(), ids=BY_AREA)
@pytest.mark.parametrize("number", NO_NUMBERS)
def test_an_area_without_numbers_has_a_clear_answer(
    operation: Callable[[Any], Operation], number: float
) -> None:
    refused(CITY, operation(with_number(SQUARE, number)), "coordinates_invalid")


@pytest.mark.parametrize("operation", BY_AREA.values(), ids=BY_AREA)
def test_an_area_far_away_is_outside_the_city(
    operation: Callable[[Any], Operation],
) -> None:
    with pytest.raises(Exception, match=r"no grid in this area|beyond the outline") as caught:
        done(CITY, operation(block(-1000, 200, -999, 201)))
    assert getattr(caught.value, "code", None) in {"outside_city", "outline_fixed"}


def test_the_whole_world_is_more_than_a_grid_may_be() -> None:
    why = refused(CITY, Redraw("G00", shapely.box(-180, -90, 180, 90), None, True), "outline_fixed")
    assert shapely.area(why.place) > 60_000


@pytest.mark.parametrize("operation", BY_AREA.values(), ids=BY_AREA)
def test_heights_winding_and_repeated_points_make_no_other_area(
    operation: Callable[[Any], Operation],
) -> None:
    ground = block(0, 0, 1.3, 1)
    repeated = np.repeat(shapely.get_coordinates(ground), 2, axis=0)
    strange = shapely.Polygon(np.column_stack([repeated[::-1], np.arange(len(repeated))]))
    plain, other = (done(CITY, operation(each)) for each in (ground, strange))
    assert {c: g.geometry.wkb for c, g in plain.grids.items()} == {
        c: g.geometry.wkb for c, g in other.grids.items()
    }


@pytest.mark.parametrize("operation", BY_LINE.values(), ids=BY_LINE)
@pytest.mark.parametrize(
    ("drawn", "code"),
    [
        (None, "line_invalid"),
        (shapely.LineString(), "line_invalid"),
        (SQUARE, "line_invalid"),
        (shapely.MultiLineString([line((0, 0.5), (1, 0.5))]), "line_invalid"),
        (shapely.LineString([at(0, 0.5), at(0, 0.5)]), "line_invalid"),
        (line((0, 0.5), (1, 0.5), (0.5, 0.2), (0.5, 0.8)), "line_crosses_itself"),
        (line((0, 0.5), (1, 0.5), (0, 0.5)), "line_crosses_itself"),
        (swapped(line((0, 0.5), (1, 0.5))), "coordinates_invalid"),
        (shapely.LineString([(-1e300, 30.005), (1e300, 30.005)]), "coordinates_invalid"),
        (line(*((x / 1e5, 0.5) for x in range(100_000))), "too_many_points"),
    ],
    ids=[
        "nothing",
        "empty",
        "an area",
        "several lines",
        "one place twice",
        "crosses itself",
        "back on itself",
        "latitude first",
        "beyond numbers",
        "100,000 points",
    ],
)
def test_a_line_that_is_none_has_a_clear_answer(
    operation: Callable[[Any], Operation], drawn: Any, code: str
) -> None:
    why = refused(CITY, operation(drawn), code)
    json.dumps(why.where, allow_nan=False)


@pytest.mark.parametrize("operation", BY_LINE.values(), ids=BY_LINE)
@pytest.mark.parametrize("number", NO_NUMBERS)
def test_a_line_without_numbers_has_a_clear_answer(
    operation: Callable[[Any], Operation], number: float
) -> None:
    drawn = with_number(line((0, 0.5), (1, 0.5)), number)
    refused(CITY, operation(drawn), "coordinates_invalid")


@pytest.mark.parametrize("which", ["from", "to"])
@pytest.mark.parametrize(
    ("place", "code"),
    [
        (None, "point_invalid"),
        (shapely.Point(), "point_invalid"),
        (SQUARE, "point_invalid"),
        (swapped(point(1, 1)), "coordinates_invalid"),
        (with_number(point(1, 1), math.nan), "coordinates_invalid"),
        (with_number(point(1, 1), math.inf), "coordinates_invalid"),
    ],
    ids=["nothing", "empty", "an area", "latitude first", "no number", "infinite"],
)
def test_a_point_that_is_none_has_a_clear_answer(which: str, place: Any, code: str) -> None:
    corner = point(1, 1)
    move = MoveCorner(place, corner) if which == "from" else MoveCorner(corner, place)
    refused(CITY, move, code)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (None, "outline_invalid"),
        (shapely.MultiPolygon(), "outline_invalid"),
        (line((0, 0), (4, 3)), "outline_invalid"),
        (shapely.GeometryCollection([block(0, 0, 4, 3)]), "outline_invalid"),
        (ring((0, 0), (4, 3), (4, 0), (0, 3)), "outline_invalid"),
        (swapped(block(0, 0, 4, 4)), "coordinates_invalid"),
        (with_number(block(0, 0, 4, 4), math.nan), "coordinates_invalid"),
        (blob(2, 1.5, 3, 100_000), "too_many_points"),
    ],
    ids=[
        "nothing",
        "empty",
        "a line",
        "a collection",
        "crosses itself",
        "latitude first",
        "no number",
        "100,000",
    ],
)
def test_an_outline_that_is_none_has_a_clear_answer(new: Any, code: str) -> None:
    why = refused(CITY, RedrawOutline(new, "勘界"), code)
    json.dumps(why.where, allow_nan=False)


def in_the_west(shape: Any) -> Any:
    """Moved to where a latitude could be a longitude and a longitude a latitude."""
    return shapely.transform(shape, lambda places: np.round(places - (34, -13), 9))


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (Split("G03", swapped(in_the_west(line((1.5, -1), (1.5, 2))))), "line_misses"),
        (MoveCorner(*(swapped(in_the_west(point(1, y))) for y in (1, 1.1))), "no_edge_here"),
        (MoveStretch(swapped(in_the_west(line((1, 1), (1.5, 1.1), (2, 1))))), "no_edge_here"),
        (Transfer("G03", swapped(in_the_west(SQUARE))), "outside_city"),
        (Carve(swapped(in_the_west(SQUARE)), "学校"), "outside_city"),
        (Redraw("G00", swapped(in_the_west(SQUARE)), None, True), "outline_fixed"),
        (RedrawOutline(swapped(in_the_west(block(0, 0, 4, 3))), "勘界"), "nothing_left"),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_latitude_first_is_refused_where_both_could_be_either(
    operation: Operation, code: str
) -> None:
    moved = [replace(grid, geometry=in_the_west(grid.geometry)) for grid in CITY.grids.values()]
    why = refused(CITY.with_changes(moved), operation, code)
    assert why.place is not None


def test_as_many_points_as_are_allowed_are_worked_with() -> None:
    after = done(CITY, Transfer("G00", blob(1, 0.5, 0.3, MOST_PLACES - 1)))
    assert shapely.get_num_coordinates(after.grids["G00"].geometry) > MOST_PLACES / 3
    wave = np.linspace(-0.1, 1.1, MOST_PLACES)
    done(CITY, Split("G00", line(*zip(wave, 0.5 + 0.01 * np.sin(wave * 300), strict=True))))
