"""``wangge import counts``: households and people at buildings."""

from __future__ import annotations

import math
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
    """Households, people and shape (6 decimals) of each building."""
    return city.asked(
        "select households, population, st_astext(geometry, 6) from building_counts order by id"
    ).splitlines()


def test_points_are_counted_and_take_the_place_of_those_before(city: CommandLine) -> None:
    points = [shapely.Point(PLACE), shapely.Point(121.025, 30.015)]
    path = a_file(city, "points", points, hh=[12, 30], people=[30, 81])
    told = city.does("import", "counts", path, "--households", "hh", "--population", "people")
    assert told == {
        "buildings": 2, "households": 42, "population": 111,
        "inside": {"households": 30, "population": 81},
        "outside": {"households": 12, "population": 30},
    }  # fmt: skip
    again = city.does("import", "counts", path, "--households", "hh")
    assert again["population"] is None
    assert again["inside"] == {"households": 30, "population": None}
    assert stored(city) == ["12||POINT(121.16 30.04)", "30||POINT(121.025 30.015)"]


def test_a_file_imported_twice_leaves_what_it_left_once(city: CommandLine) -> None:
    path = a_file(city, "twice", [shapely.Point(PLACE), shapely.box(121, 30, 121.1, 30.1)],
                  hh=[1, 2])  # fmt: skip
    once = city.does("import", "counts", path, "--households", "hh"), stored(city)
    assert (city.does("import", "counts", path, "--households", "hh"), stored(city)) == once


def test_polygons_are_kept_and_what_lies_beyond_the_grids_is_told(city: CommandLine) -> None:
    # The city ends at 121.03 E: two thirds of the first and none of the second lie beyond it.
    beyond = shapely.box(121.02, 30.01, 121.05, 30.02)
    within = shapely.MultiPolygon(
        [shapely.box(121.001, 30.001, 121.002, 30.002), shapely.box(121.011, 30, 121.012, 30.001)]
    )
    path = a_file(city, "polygons", [beyond, within], hh=[30, 7])
    told = city.does("import", "counts", path, "--households", "hh")
    assert told["households"] == 37
    assert told["inside"]["households"] == pytest.approx(17, abs=1e-4)
    assert told["outside"]["households"] == pytest.approx(20, abs=1e-4)
    kept = shapely.from_wkt([row.split("|")[2] for row in stored(city)])
    assert shapely.equals(kept, [beyond, within]).all()


def test_people_read_what_lies_inside_and_outside_in_one_line(city: CommandLine) -> None:
    half_beyond = shapely.box(121.025, 30.01, 121.035, 30.02)
    path = a_file(city, "words", [half_beyond], hh=[1601], people=[4000])
    ran = city.run("import", "counts", path, "--households", "hh", "--population", "people")
    assert ran.out == (
        "1 building with 1,601 households and 4,000 people: 800.5 households and 2,000 people"
        " in the grids in force, 800.5 households and 2,000 people outside.\n"
    )


def test_a_declared_datum_is_undone(city: CommandLine) -> None:
    lng, lat = from_wgs84(*PLACE, Datum.GCJ02)
    path = a_file(city, "gcj02", [shapely.Point(float(lng), float(lat))], hh=[3])
    city.does("import", "counts", path, "--households", "hh", "--datum", "gcj02")
    assert stored(city) == ["3||POINT(121.16 30.04)"]


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
        ({"hh": [-1]}, "row 1: -1 in hh"),
        ({"hh": [2.5]}, "row 1: 2.5 in hh"),
        ({"hh": ["many"]}, "row 1: many in hh"),
        ({"hh": [math.inf]}, "row 1: inf in hh"),
        ({"hh": [1_000_001]}, "row 1: 1000001 in hh"),
        ({"hh": ["NaN"]}, "row 1: NaN in hh"),
        ({"hh": [True]}, "row 1: True in hh"),
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


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (None, "row 2 has no geometry"),
        (shapely.Polygon(), "row 2 has no geometry"),
        (shapely.LineString([PLACE, (121.2, 30.1)]), "row 2 is a LineString"),
        (shapely.MultiPoint([PLACE, (121.2, 30.1)]), "row 2 is a MultiPoint"),
        (shapely.GeometryCollection([shapely.Point(PLACE)]), "row 2 is a GeometryCollection"),
        (shapely.Polygon([(121, 30), (121.1, 30.1), (121.1, 30), (121, 30.1)]),
         "row 2: Self-intersection"),
        (shapely.MultiPolygon([shapely.box(121, 30, 121.2, 31), shapely.box(121.1, 30, 121.3, 32)]),
         "row 2: Self-intersection"),
    ],
)  # fmt: skip
def test_what_has_no_area_to_split_and_is_no_point_is_refused(
    city: CommandLine, shape: shapely.Geometry | None, said: str
) -> None:
    before = city.contents()
    path = a_file(city, "shapes", [shapely.box(121, 30, 121.1, 30.1), shape], hh=[1, 2])
    assert said in city.refuses("import", "counts", path, "--households", "hh")
    assert city.contents() == before


def test_a_file_without_rows_is_refused(city: CommandLine) -> None:
    before = city.contents()
    path = a_file(city, "empty", [], hh=[])
    assert "has no rows" in city.refuses("import", "counts", path, "--households", "hh")
    assert city.contents() == before
