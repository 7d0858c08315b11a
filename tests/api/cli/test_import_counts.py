"""``wangge import counts``: households and people at buildings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from gis.datum import Datum, from_wgs84
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NewCity, with_nine_grids

PLACE = (121.16, 30.04)


@pytest.fixture(scope="module")
def city(new_city: NewCity) -> CommandLine:
    return with_nine_grids(new_city())


def a_file(city: CommandLine, name: str, shapes: list[Any], **columns: list[Any]) -> Path:
    path = city.folder / f"{name}.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(path, driver="GPKG")
    return path


def stored(city: CommandLine) -> list[str]:
    return city.asked(
        "select households, population, round(st_x(point)::numeric, 6),"
        " round(st_y(point)::numeric, 6) from building_counts order by id"
    ).splitlines()


def test_points_are_counted_and_take_the_place_of_those_before(city: CommandLine) -> None:
    points = [shapely.Point(PLACE), shapely.Point(121.17, 30.05)]
    path = a_file(city, "points", points, hh=[12, 30], people=[30, 81])
    told = city.does("import", "counts", path, "--households", "hh", "--population", "people")
    assert told == {"buildings": 2, "households": 42, "population": 111}
    again = city.does("import", "counts", path, "--households", "hh")
    assert again == {"buildings": 2, "households": 42, "population": None}
    assert stored(city) == ["12||121.160000|30.040000", "30||121.170000|30.050000"]


def test_the_counts_of_a_polygon_stand_at_a_point_inside_it(city: CommandLine) -> None:
    horseshoe = shapely.box(121.1, 30.0, 121.2, 30.1) - shapely.box(121.12, 30.0, 121.18, 30.08)
    path = a_file(city, "polygon", [horseshoe], hh=[7])
    city.does("import", "counts", path, "--households", "hh")
    [row] = stored(city)
    lng, lat = map(float, row.split("|")[2:])
    assert horseshoe.contains(shapely.Point(lng, lat))


def test_a_declared_datum_is_undone(city: CommandLine) -> None:
    lng, lat = from_wgs84(*PLACE, Datum.GCJ02)
    path = a_file(city, "gcj02", [shapely.Point(float(lng), float(lat))], hh=[3])
    city.does("import", "counts", path, "--households", "hh", "--datum", "gcj02")
    assert stored(city) == ["3||121.160000|30.040000"]


def test_an_empty_count_is_absent_and_not_nought(city: CommandLine) -> None:
    points = [shapely.Point(PLACE), shapely.Point(121.17, 30.05)]
    path = a_file(city, "gaps", points, hh=[4.0, None])
    told = city.does("import", "counts", path, "--households", "hh")
    assert told["households"] == 4
    assert [row.split("|")[0] for row in stored(city)] == ["4", ""]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"hh": [1], "户主姓名": ["甲"]}, "户主姓名"),
        ({"hh": [-1]}, "row 1"),
        ({"hh": [2.5]}, "row 1"),
        ({"hh": ["many"]}, "many"),
        ({"families": [1]}, "families"),
    ],
)
def test_what_is_no_count_is_refused_and_nothing_changes(
    city: CommandLine, columns: dict[str, list[Any]], said: str
) -> None:
    before = city.contents()
    path = a_file(city, "refused", [shapely.Point(PLACE)], **columns)
    assert said in city.refuses("import", "counts", path, "--households", "hh")
    assert city.contents() == before


def test_lines_hold_no_counts(city: CommandLine) -> None:
    path = a_file(city, "line", [shapely.LineString([PLACE, (121.2, 30.1)])], hh=[1])
    assert "LineString" in city.refuses("import", "counts", path, "--households", "hh")
