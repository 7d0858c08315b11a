from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NINE_GRIDS, NewCity
from tests.api.cli.report_files import WITH_ID, place, row, write
from tests.api.cli.staff_files import write_staff
from tests.api.cli.test_locate import plain, read_table
from tests.small_city import nine_grids

ENDINGS = [".gpkg", ".geojson", ".fgb", ".parquet", ".csv", ".xlsx", ".shp"]
REPORT_COLUMNS = [
    "external_id", "lng", "lat", "category", "occurred_at", "grid_code", "grid_reason", "staff",
    "staff_rule",
]  # fmt: skip

CUT = {"external_id": "external_i", "occurred_at": "occurred_a", "grid_reason": "grid_reaso"}
"""Names a shapefile has no room for, and what it calls these columns."""


@pytest.fixture(scope="module")
def city(small_city: CommandLine) -> CommandLine:
    small_city.does("import", "staff", write_staff(small_city.folder))
    rows = [
        row("中文编号", place(0.5, 0.5), "2026-05-04 20:00:01"),
        row("edge", place(1, 1.5), "2026-05-04"),
        row("outside", "124.0,30.5", "1999-12-31T23:59:59Z", "other"),
    ]
    small_city.does("import", "reports", write(small_city.folder / "r.csv", rows), *WITH_ID)
    return small_city


@pytest.mark.parametrize("ending", ENDINGS)
def test_grids_are_exported_in_every_format(city: CommandLine, ending: str) -> None:
    told = city.does("export", "grids", "--out", f"g{ending}")
    assert (told["grids"], told["version"]) == (9, 1)
    # A .fgb is in the order of its spatial index.
    found = read_table(city.folder / f"g{ending}").sort_values("code", ignore_index=True)
    wanted = nine_grids()
    columns = ["code", "name", "kind", "community", "township"]
    assert [c for c in found.columns if c != "geometry"] == columns
    for column in columns:
        assert found[column].tolist() == wanted[column].tolist()
    if isinstance(found, gpd.GeoDataFrame):
        drawn, meant = (shapely.normalize(f.geometry.to_numpy()) for f in (found, wanted))
        assert [shape.wkb for shape in drawn] == [shape.wkb for shape in meant]


@pytest.mark.parametrize("ending", ENDINGS)
def test_reports_are_exported_in_every_format(city: CommandLine, ending: str) -> None:
    assert city.does("export", "reports", "--out", f"r{ending}")["reports"] == 3
    found = read_table(city.folder / f"r{ending}")
    found = found.sort_values("lng", ignore_index=True)
    short = [CUT.get(name, name) if ending == ".shp" else name for name in REPORT_COLUMNS]
    assert [c for c in found.columns if c != "geometry"] == short
    rows = [tuple(map(plain, r)) for r in found[short].itertuples(index=False, name=None)]
    assert [(r[0], *r[5:]) for r in rows] == [
        ("中文编号", "g00", "inside", "W0", 2),
        ("edge", "g01", "edge", "L1", 3),
        ("outside", None, "outside", None, None),
    ]
    assert [pd.Timestamp(r[4]).tz_convert("UTC").isoformat() for r in rows] == [
        "2026-05-04T12:00:01+00:00",
        "2026-05-03T16:00:00+00:00",
        "1999-12-31T23:59:59+00:00",
    ]
    assert [r[1:4] for r in rows] == [
        (121.005, 30.005, "garbage"),
        (121.01, 30.015, "garbage"),
        (124.0, 30.5, "other"),
    ]
    if isinstance(found, gpd.GeoDataFrame):
        assert [(p.x, p.y) for p in found.geometry] == [r[1:3] for r in rows]


def test_the_names_a_shapefile_cuts_are_told_in_one_line(city: CommandLine) -> None:
    cut = ", ".join(f"{name} as {short}" for name, short in CUT.items())
    said = f"A shapefile has room for ten letters of a column name; written are: {cut}.\n"
    assert city.run("export", "reports", "--out", "cut.shp").err == said
    for what, out in (("grids", "cut.shp"), ("reports", "whole.gpkg")):
        assert city.run("export", what, "--out", out).err == ""


def test_a_city_without_reports_exports_a_table_without_rows(prompt: CommandLine) -> None:
    prompt.does("migrate")
    for ending in ENDINGS:
        assert prompt.does("export", "reports", "--out", f"none{ending}")["reports"] == 0
        assert len(read_table(prompt.folder / f"none{ending}")) == 0


def test_what_was_exported_is_imported_as_the_same_city(
    city: CommandLine, new_city: NewCity
) -> None:
    other = new_city()
    city.does("export", "grids", "--out", other.folder / "g.gpkg")
    options = ("--code", "code", "--name", "name", "--kind", "kind", "--community", "community")
    again = ("import", "grids", "g.gpkg", *options, "--township", "township")
    assert other.does(*again, "--city-name", "小城")["version"] == 1
    same = "select content_hash from boundary_versions"
    assert other.asked(same) == city.asked(same)


def test_an_instant_before_the_first_version_has_no_grids(city: CommandLine) -> None:
    line = city.refuses("export", "grids", "--out", "g.csv", "--as-of", "1850-01-01T00:00:00Z")
    assert "had no grids at 1850-01-01" in line
    assert not (city.folder / "none.csv").exists()


def test_an_unknown_format_is_refused_naming_those_there_are(city: CommandLine) -> None:
    for what in ("grids", "reports"):
        line = city.refuses("export", what, "--out", "out.doc")
        for ending in ENDINGS:
            assert ending in line


def test_a_file_that_cannot_be_written_whole_leaves_the_old_one(
    city: CommandLine, new_city: NewCity
) -> None:
    city.does("export", "grids", "--out", "kept.shp")
    before = {path.name: path.read_bytes() for path in city.folder.glob("kept.*")}
    frame = nine_grids()
    frame.loc[0, "name"] = "词" * 90  # 270 bytes, and a shapefile has room for 254
    frame.to_file(city.folder / "long.geojson", driver="GeoJSON")
    other = city.given(city=new_city().variables["WANGGE_CITY"])
    other.does("import", "grids", "long.geojson", *NINE_GRIDS)
    assert "row 1: name is longer" in other.refuses("export", "grids", "--out", "kept.shp")
    assert {path.name: path.read_bytes() for path in city.folder.glob("kept.*")} == before
    assert not list(city.folder.glob(".writing-*"))
