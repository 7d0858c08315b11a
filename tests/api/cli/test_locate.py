from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NINE_GRIDS, NewCity
from tests.api.cli.other_formats import as_layer, as_workbook
from tests.api.cli.report_files import place, row, write
from tests.api.cli.staff_files import write_staff
from tests.small_city import SOUTH, WEST, nine_grids

PLACES = {
    "middle": (place(0.5, 0.5), ("g00", "inside", "W0", 2)),
    "edge": (place(1, 1.5), ("g01", "edge", "L1", 3)),
    "near": (place(-0.01, 2.5), ("g02", "nearest", None, None)),
    "sea": ("124.0,30.5", (None, "outside", None, None)),
    "bad": ("here,there", (None, None, None, None)),
}
ADDED = ["grid_code", "grid_reason", "staff", "staff_rule"]
ASKED = ("--lng", "lng", "--lat", "lat")


@pytest.fixture(scope="module")
def city(small_city: CommandLine) -> CommandLine:
    small_city.does("import", "staff", write_staff(small_city.folder))
    return small_city


@pytest.fixture(scope="module")
def file(city: CommandLine) -> Path:
    return write(city.folder / "p.csv", [row(name, where) for name, (where, _) in PLACES.items()])


def read_table(path: Path) -> pd.DataFrame:
    readers = {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".parquet": gpd.read_parquet}
    found: pd.DataFrame = readers.get(path.suffix, gpd.read_file)(path)
    return found


def plain(value: Any) -> Any:
    return None if pd.isna(value) else value


@pytest.mark.parametrize(
    "ending", [".csv", ".xlsx", ".gpkg", ".geojson", ".fgb", ".parquet", ".shp"]
)
def test_each_row_gets_its_grid_and_person_in_every_format(
    city: CommandLine, file: Path, ending: str
) -> None:
    out = city.folder / f"located{ending}"
    told = city.does("locate", file, *ASKED, "--out", out)
    reasons = {word: told[word] for word in ("inside", "edge", "nearest", "outside")}
    assert reasons == dict.fromkeys(reasons, 1)
    assert (told["read"], told["without_place"]) == (5, 1)
    found = read_table(out)
    assert len(found) == 5
    columns = ["id", *(name[:10] if ending == ".shp" else name for name in ADDED)]
    got = {
        name: tuple(map(plain, answer))
        for name, *answer in found[columns].itertuples(index=False, name=None)
    }
    assert got == {name: answer for name, (_, answer) in PLACES.items()}
    if isinstance(found, gpd.GeoDataFrame):
        missing = found.geometry.isna() | found.geometry.is_empty
        assert found.loc[missing, "id"].tolist() == ["bad"]


def test_everything_the_file_had_stays_as_it_was(city: CommandLine, file: Path) -> None:
    city.does("locate", file, *ASKED, "--out", "located.csv")
    with file.open() as before, (city.folder / "located.csv").open(newline="") as after:
        for given, found in zip(csv.DictReader(before), csv.DictReader(after), strict=True):
            assert {name: found[name] for name in given} == given


def test_rows_without_a_usable_place_are_named_by_line(city: CommandLine) -> None:
    rows = [row("a"), row("b", ","), row("c", "121.005,nan"), "too,short", row("e")]
    path = write(city.folder / "bad.csv", rows)
    ran = city.run("locate", path, *ASKED, "--out", "located.csv")
    assert ran.status == 0
    for line in (3, 4, 5):
        assert f"line {line}: " in ran.err
    assert "line 2" not in ran.err
    assert "line 6" not in ran.err
    assert pd.read_csv(city.folder / "located.csv")["id"].tolist() == ["a", "b", "c", "e"]


def test_swapped_columns_are_named_and_left_without_a_grid(city: CommandLine) -> None:
    path = write(city.folder / "swapped.csv", [row("a"), row("b", "30.005,121.005")])
    ran = city.run("locate", path, *ASKED, "--out", "located.csv")
    assert ran.status == 0
    assert ran.err.splitlines() == [
        "line 3: longitude and latitude look swapped: longitude '30.005', latitude '121.005';"
        " left without a grid"
    ]
    found = pd.read_csv(city.folder / "located.csv")
    assert found["id"].tolist() == ["a", "b"]
    assert [plain(reason) for reason in found["grid_reason"]] == ["inside", None]


def test_columns_swapped_on_a_place_that_could_be_are_known_by_the_citys_bounds(
    new_city: NewCity,
) -> None:
    # At 30° E, 29° N both orders lie on the globe.
    prompt = new_city()
    moved = nine_grids()
    moved["geometry"] = moved.translate(30 - WEST, 29 - SOUTH)
    moved.to_file(prompt.folder / "grids.geojson", driver="GeoJSON")
    prompt.does("import", "grids", "grids.geojson", *NINE_GRIDS)
    path = write(prompt.folder / "p.csv", [row("a", "30.005,29.005"), row("b", "29.005,30.005")])
    told = prompt.does("locate", path, *ASKED, "--out", "located.csv")
    assert (told["inside"], told["outside"], told["without_place"]) == (1, 0, 1)


def test_blank_rows_at_the_end_are_no_rows(city: CommandLine) -> None:
    path = write(city.folder / "blank.csv", [row("a"), "", ",,,,,", ""])
    ran = city.run("locate", path, *ASKED, "--out", "located.csv")
    assert ran.err == ""
    assert len(pd.read_csv(city.folder / "located.csv")) == 1


def test_a_workbook_and_a_point_layer_are_located_too(city: CommandLine) -> None:
    path = write(city.folder / "q.csv", [row("middle"), row("edge", place(1, 1.5))])
    for other in (as_workbook(path), as_layer(path)):
        city.does("locate", other, *ASKED, "--out", "located.csv")
        found = pd.read_csv(city.folder / "located.csv")
        assert found["grid_code"].tolist() == ["g00", "g01"], other


def test_located_twice_the_columns_are_there_once(city: CommandLine, file: Path) -> None:
    city.does("locate", file, *ASKED, "--out", "once.csv")
    city.does("locate", "once.csv", *ASKED, "--out", "twice.csv")
    assert (city.folder / "twice.csv").read_text() == (city.folder / "once.csv").read_text()


@pytest.mark.parametrize("ending", [".csv", ".gpkg", ".parquet", ".xlsx", ".shp", ".geojson"])
def test_columns_named_as_formats_name_their_own_are_no_trouble(
    city: CommandLine, ending: str
) -> None:
    path = city.folder / "named.csv"
    path.write_text(
        "fid,FID,geometry,geom,ogc_fid,lng,lat,lng\nx,y,POINT EMPTY,z,,121.005,30.005,9\n"
    )
    line = city.refuses("locate", path, *ASKED, "--out", f"by_name{ending}")
    assert "2 columns called 'lng'" in line
    path.write_text("fid,FID,geometry,geom,ogc_fid,lng,lat\nx,y,POINT EMPTY,z,,121.005,30.005\n")
    city.does("locate", path, *ASKED, "--out", f"by_name{ending}")
    found = read_table(city.folder / f"by_name{ending}")
    assert found["grid_code"].tolist() == ["g00"]


def test_text_that_looks_like_a_number_or_a_formula_stays_text(city: CommandLine) -> None:
    path = city.folder / "codes.csv"
    path.write_text("code,note,lng,lat\n007,=1+1,121.005,30.005\n")
    city.does("locate", path, *ASKED, "--out", "codes.xlsx")
    sheet = openpyxl.load_workbook(city.folder / "codes.xlsx").active
    assert sheet is not None
    assert [sheet.cell(2, column).value for column in (1, 2)] == ["007", "=1+1"]
    assert [sheet.cell(2, column).data_type for column in (1, 2)] == ["s", "s"]


def test_a_declared_datum_is_undone(city: CommandLine) -> None:
    path = write(city.folder / "gcj.csv", [row("a")])
    city.does("locate", path, *ASKED, "--datum", "gcj02", "--out", "located.gpkg")
    point = gpd.read_file(city.folder / "located.gpkg").to_crs("EPSG:4549").geometry.iloc[0]
    given = gpd.GeoSeries(gpd.points_from_xy([121.005], [30.005]), crs=4326).to_crs("EPSG:4549")
    assert 300 < point.distance(given.iloc[0]) < 800


@pytest.mark.parametrize("out", ["own.csv", "../{folder}/own.csv", "symbolic.csv", "hard.csv"])
def test_the_file_itself_is_never_written_over(city: CommandLine, out: str) -> None:
    path = write(city.folder / "own.csv", [row("a")])
    for link, make in (("symbolic.csv", "symlink_to"), ("hard.csv", "hardlink_to")):
        (city.folder / link).unlink(missing_ok=True)
        getattr(city.folder / link, make)(path)
    content = path.read_bytes()
    line = city.refuses("locate", path, *ASKED, "--out", out.format(folder=city.folder.name))
    assert "--out" in line
    assert "own.csv" in line
    assert path.read_bytes() == content


def test_the_names_a_shapefile_cuts_are_told_beside_its_own(city: CommandLine) -> None:
    path = city.folder / "long.csv"
    path.write_text("description_1,description_2,lng,lat\na,b,121.005,30.005\n")
    ran = city.run("locate", path, *ASKED, "--out", "long.shp")
    cut = (
        "description_1 as descriptio",
        "description_2 as descript_1",
        "grid_reason as grid_reaso",
    )
    assert ran.err.endswith(f"written are: {', '.join(cut)}.\n")
    found = gpd.read_file(city.folder / "long.shp")
    assert (found["descriptio"][0], found["descript_1"][0]) == ("a", "b")


def test_nothing_is_stored(city: CommandLine, file: Path) -> None:
    before = city.contents()
    city.does("locate", file, *ASKED, "--out", "located.csv")
    assert city.contents() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["p.csv", "--lng", "x", "--lat", "lat", "--out", "o.csv"], "no column 'x'"),
        (["p.csv", *ASKED, "--out", "o.doc"], "o.doc"),
        (["p.csv", *ASKED, "--out", "nowhere/o.csv"], "nowhere"),
        (["grids.geojson", *ASKED, "--out", "o.csv"], "no column 'lng'"),
    ],
)
def test_what_cannot_be_located_is_told_before_anything_is_written(
    city: CommandLine, file: Path, words: list[str], said: str
) -> None:
    assert said in city.refuses("locate", *words)
    assert not list(city.folder.glob("**/o.*"))
