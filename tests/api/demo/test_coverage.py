"""The generated grids look like a city's and are a coverage as they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from api.demo import drawn
from api.demo.coverage import DemoGround, generate_ground, read_names
from api.settings import read_settings
from boundaries.intake import admit, measuring_crs
from boundaries.publish import content_hash
from gis.measures import area_m2, polsby_popper
from tests.api.demo.along_edges import share_along_edges
from tests.api.demo.conftest import GroundOf


@pytest.fixture(scope="module")
def shapes(ground: DemoGround) -> np.ndarray:
    found: np.ndarray = ground.grids.geometry.to_numpy()
    return found


def test_the_outline_is_a_sketch_that_covers_the_real_county() -> None:
    path = Path(read_settings().test_data) / "yuyao" / "county_330281_from_datav_wgs84.geojson"
    if not path.is_file():
        pytest.skip(f"{path.name} is not in WANGGE_TEST_DATA")
    [feature] = json.loads(path.read_text("utf-8"))["features"]
    real = shapely.from_geojson(json.dumps(feature["geometry"]))
    ours = drawn.outline()
    assert 90 <= len(drawn.OUTLINE) <= 120
    assert shapely.intersection(ours, real).area / shapely.union(ours, real).area >= 0.9


def test_the_outline_was_drawn_and_not_thinned_out_of_a_boundary_file() -> None:
    """A line thinned by Douglas and Peucker keeps corners of the file it was made from."""
    folder = Path(read_settings().test_data) / "yuyao"
    files = sorted(folder.glob("county_*.geojson"))
    if not files:
        pytest.skip("yuyao/county_*.geojson are not in WANGGE_TEST_DATA")
    ours = shapely.points(drawn.OUTLINE)
    for path in files:
        theirs = shapely.from_geojson(path.read_text("utf-8"))
        corners = shapely.MultiPoint(shapely.get_coordinates(theirs))
        # Chance brings a corner of ours within 20 m of one of thousands now and then.
        assert (shapely.distance(ours, corners) < 2e-4).mean() < 0.1, path.name


def test_no_file_of_boundaries_is_shipped() -> None:
    root = Path(__file__).parents[3]
    rooms = [root / room for room in ("api", "gis", "tiles", "boundaries", "web/src", "web/public")]
    formats = {".geojson", ".shp", ".gpkg", ".fgb", ".parquet", ".kml", ".topojson", ".pmtiles"}
    found = [path for room in rooms for path in room.rglob("*") if path.suffix.lower() in formats]
    assert found == []


def test_townships_and_communities_are_those_of_the_public_lists() -> None:
    folder = Path(read_settings().test_data) / "yuyao"
    names = read_names()
    for file, ours in (("towns", names.townships), ("villages", names.communities)):
        path = folder / f"{file}_330281.csv"
        if not path.is_file():
            pytest.skip(f"{path.name} is not in WANGGE_TEST_DATA")
        listed = pd.read_csv(path, dtype=str).set_index("code")
        assert ours.set_index("code")["name"].to_dict() == listed["name"].to_dict()
    above = names.communities["code"].str[:9]
    assert set(above) == set(names.townships["code"])


def test_the_grids_fill_the_outline(shapes: np.ndarray) -> None:
    city = shapely.coverage_union_all(shapes)
    differs = shapely.symmetric_difference(city, drawn.outline()).area
    # Corners are snapped to half a metre: on 300 km of outline 0.03 km² of 1,535.
    assert differs / drawn.outline().area < 1e-4


@pytest.mark.parametrize("seed", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_nothing_has_to_be_repaired(ground_of: GroundOf, seed: int) -> None:
    frame = ground_of(seed).grids
    admission = admit(frame, crs=measuring_crs(frame))
    assert admission.repair is None
    assert admission.warnings == ()


@pytest.mark.parametrize("seed", [9, pytest.param(22, marks=pytest.mark.slow)])
def test_a_line_that_sways_past_what_it_parts_is_drawn_again(
    ground_of: GroundOf, seed: int
) -> None:
    assert ground_of(seed).grids["township"].nunique() == 21


def test_every_community_and_township_of_the_lists_is_there(ground: DemoGround) -> None:
    names, grids = read_names(), ground.grids
    assert len(grids) == 1_497
    assert set(grids["township"]) == set(names.townships["code"])
    assert len(names.townships) == 21
    assert set(grids["community"]) == set(names.communities["code"])
    assert len(names.communities) == 326
    named = grids.drop_duplicates("community").set_index("community")["community_name"]
    listed = names.communities.set_index("code")["name"]
    assert named.sort_index().equals(listed.sort_index().rename("community_name"))


def test_each_township_lies_around_its_seat(ground: DemoGround) -> None:
    for code, seat in drawn.SEATS.items():
        members = ground.grids[ground.grids["township"] == code]
        assert members.geometry.contains(shapely.Point(seat)).any(), code


def test_townships_and_communities_are_each_one_piece(ground: DemoGround) -> None:
    for level in ("township", "community"):
        for code, members in ground.grids.groupby(level):
            union = shapely.coverage_union_all(members.geometry.to_numpy())
            assert len(shapely.get_parts(union)) == 1, code


def test_a_code_tells_community_and_kind(ground: DemoGround) -> None:
    grids = ground.grids
    assert (grids["code"].str[:12] == grids["community"]).all()
    assert grids["code"].str.fullmatch(r"\d{15}").all()
    number = grids["code"].str[12:].astype(int)
    assert ((number > 900) == (grids["kind"] == "dedicated")).all()
    base = number[grids["kind"] == "base"].groupby(grids["community"])
    assert (base.min() == 1).all()
    assert (base.max() == base.count()).all()


def test_dedicated_grids_are_schools_markets_works_and_hospitals(ground: DemoGround) -> None:
    dedicated = ground.grids[ground.grids["kind"] == "dedicated"]
    assert 80 <= len(dedicated) <= 200
    for word, least in (("小学", 20), ("中学", 10), ("农贸市场", 20), ("工业园", 10), ("医院", 5)):
        assert dedicated["name"].str.endswith(word).sum() >= least
    assert dedicated["name"].is_unique


def test_the_town_is_dense_and_the_mountains_are_wide(
    ground: DemoGround, shapes: np.ndarray
) -> None:
    crs = measuring_crs(ground.grids)
    area = area_m2(shapes, crs)
    p5, p95 = np.percentile(area, [5, 95])
    assert p95 / p5 >= 20
    by_township = pd.Series(area).groupby(ground.grids["township"]).median()
    town, mountains = by_township["330281001"], by_township["330281116"]
    assert mountains > 5 * town


def test_grids_are_compact_and_light(ground: DemoGround, shapes: np.ndarray) -> None:
    assert np.median(polsby_popper(shapes, measuring_crs(ground.grids))) >= 0.4
    corners = shapely.get_num_coordinates(shapes)
    assert np.median(corners) >= 15
    assert np.percentile(corners, 95) <= 150
    assert corners.sum() < 120_000


def test_grids_meet_along_streets_that_go_on(ground: DemoGround, shapes: np.ndarray) -> None:
    """Half of the town's length of river and main roads is an edge of grids, not crossed by it."""
    to_ground = ground.site.plane.to_ground
    town = shapely.Point(drawn.CENTRE).buffer(0.03)
    lines = [
        shapely.intersection(shapely.transform(line, to_ground), town)
        for kind, *_, line in ground.site.lines
        if kind in {"river", "main_road"}
    ]
    in_town = shapely.multilinestrings(
        [part for line in lines for part in shapely.get_parts(line) if part.length > 0]
    )
    assert share_along_edges(in_town, shapes, within=2e-5) > 0.5


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    ground: DemoGround, ground_of: GroundOf
) -> None:
    again = generate_ground.__wrapped__(1)
    assert content_hash(again.grids) == content_hash(ground.grids)
    assert content_hash(ground_of(9).grids) != content_hash(ground.grids)
