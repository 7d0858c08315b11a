from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from tests.api.cli import grid_files
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NINE_GRIDS, NewCity, with_nine_grids
from tests.api.cli.grid_files import Write
from tests.api.cli.report_files import WITH_ID, row, write
from tests.small_city import nine_grids

# What is wrong → words of the one line that says so: the row, the code or the column.
REFUSED: list[tuple[Write, tuple[str, ...]]] = [
    (grid_files.bow_tie, ("1 invalid polygon", "g00")),
    (grid_files.overlap, ("1 overlap", "g00 and g10")),
    (grid_files.narrow_gap, ("1 narrow gap", "g11")),
    (grid_files.repeated_code, ("code g01", "rows 2, 3", "(1 code repeats)")),
    (grid_files.two_communities, ("grid g01", "2 communities: c0, c1")),
    (grid_files.person_columns, ("身份证号, 联系电话",)),
    (grid_files.no_crs, ("coordinate reference system", "--crs")),
    (grid_files.wrong_crs, ("row 1 (code g00)", "wrong CRS")),
    (grid_files.no_rows, ("empty.gpkg has no rows",)),
    (grid_files.truncated_zip, ("nine.zip cannot be read",)),
    (grid_files.null_geometry, ("row 6 (code g12) has no geometry",)),
    (grid_files.empty_geometry, ("row 6 (code g12)", "geometry")),
    (grid_files.collection, ("row 6 (code g12) is a GeometryCollection",)),
    (grid_files.not_a_map, ("words.zip cannot be read",)),
]
NAMES = [write.__name__ for write, _ in REFUSED]


@pytest.fixture(scope="module")
def no_city(new_city: NewCity) -> CommandLine:
    """A prompt for a city that no test makes."""
    return new_city()


@pytest.mark.parametrize(("write", "words"), REFUSED, ids=NAMES)
def test_a_bad_file_makes_no_city(
    no_city: CommandLine, write: Write, words: tuple[str, ...], tmp_path: Path
) -> None:
    line = no_city.refuses("import", "grids", write(tmp_path), *NINE_GRIDS)
    for word in words:
        assert word in line
    assert no_city.contents() == {}


@pytest.mark.parametrize("write", [write for write, _ in REFUSED], ids=NAMES)
def test_a_bad_file_leaves_the_city_as_it_was(
    small_city: CommandLine, write: Write, tmp_path: Path
) -> None:
    before = small_city.contents()
    small_city.refuses("import", "grids", write(tmp_path), *NINE_GRIDS)
    assert small_city.contents() == before


def test_every_fault_is_listed_and_written_to_look_at(prompt: CommandLine) -> None:
    ran = prompt.run("import", "grids", grid_files.overlap(prompt.folder), *NINE_GRIDS)
    (listed,) = [line for line in ran.err.splitlines() if line.startswith("overlaps: ")]
    # 0.01 of a step of 0.01° at 30° N is 9.6 m; the step northwards is 1,108 m.
    area = float(listed.split(":")[2].split(" m²")[0].replace(",", ""))
    assert area == pytest.approx(9.65 * 1108.5, rel=0.01)
    assert "nine-faults.gpkg" in ran.err
    faults = gpd.read_file(prompt.folder / "nine-faults.gpkg", layer="overlaps")
    assert faults["codes"].tolist() == ["g00, g10"]
    assert faults["area_m2"].tolist() == pytest.approx([area], abs=0.01)
    expected = grid_files.box(1, 0, 1.01, 1)
    assert shapely.symmetric_difference(faults.geometry.iloc[0], expected).area < 1e-12


def test_the_faults_go_where_they_are_wanted(prompt: CommandLine) -> None:
    file = grid_files.narrow_gap(prompt.folder)
    prompt.refuses("import", "grids", file, *NINE_GRIDS, "--faults", "look/here.gpkg")
    (prompt.folder / "look").mkdir()
    prompt.refuses("import", "grids", file, *NINE_GRIDS, "--faults", "look/here.gpkg")
    gaps = gpd.read_file(prompt.folder / "look/here.gpkg", layer="gaps")
    assert len(gaps) == 1
    assert "g11" in gaps["codes"].iloc[0]


@pytest.mark.parametrize("write", [grid_files.gbk_shapefile, grid_files.two_hundred_columns])
def test_an_odd_but_sound_file_arrives_unharmed(prompt: CommandLine, write: Write) -> None:
    prompt.does("import", "grids", write(prompt.folder), *NINE_GRIDS)
    prompt.does("export", "grids", "--out", "out.gpkg")
    back = gpd.read_file(prompt.folder / "out.gpkg")
    wanted = nine_grids()
    assert back["name"].tolist() == wanted["name"].tolist()
    assert back["kind"].tolist() == wanted["kind"].tolist()
    drawn, meant = (shapely.normalize(frame.geometry.to_numpy()) for frame in (back, wanted))
    assert [shape.wkb for shape in drawn] == [shape.wkb for shape in meant]


def test_a_repair_names_the_grids_it_changed_much_and_only_those(prompt: CommandLine) -> None:
    # g00 takes an eighth of g10, and a thousandth of g01.
    shape = shapely.union(grid_files.box(0, 0, 1.125, 1), grid_files.box(0, 1, 1, 1.001))
    file = grid_files.nine(prompt.folder, g00=shape)
    ran = prompt.run("import", "grids", file, *NINE_GRIDS, "--repair")
    assert ran.status == 0, ran.err
    named = [line for line in ran.err.splitlines() if line.startswith("the repair changed")]
    shares = {line.split()[4]: float(line.split()[6].rstrip("%")) for line in named}
    # Whoever of the two the eighth goes to, the other has changed by so much.
    assert shares in ({"g00": 11.1}, {"g10": 12.5}), named
    assert "nine-faults.gpkg" in ran.err


def test_a_repair_that_would_lose_a_code_is_refused_and_names_it(prompt: CommandLine) -> None:
    file = grid_files.swallowed(prompt.folder)
    line = prompt.refuses("import", "grids", file, *NINE_GRIDS, "--repair")
    assert "would make 1 grid vanish, inside another: g22" in line
    assert prompt.contents() == {}
    told = prompt.does("import", "grids", file, *NINE_GRIDS, "--repair", "--drop-collapsed")
    assert told["dropped"] == ["g22"]
    assert told["grids"] == 9
    prompt.does("export", "grids", "--out", "out.csv")
    codes = [row.split(",")[0] for row in (prompt.folder / "out.csv").read_text().splitlines()[1:]]
    assert codes == [code for code in nine_grids()["code"] if code != "g22"] + ["g99"]


def test_a_wide_gap_becomes_a_declared_hole_until_it_counts_as_a_fault(
    prompt: CommandLine,
) -> None:
    file = grid_files.without_the_middle(prompt.folder)
    line = prompt.refuses("import", "grids", file, *NINE_GRIDS, "--max-gap", "2000")
    assert "1 narrow gap" in line
    ran = prompt.run("import", "grids", file, *NINE_GRIDS)
    assert ran.status == 0
    assert ran.err.startswith("declared hole: ")
    holes = prompt.asked(
        "select st_numinteriorrings(st_geometryn(outline, 1)) from boundary_versions"
    )
    assert holes == "1"


def test_one_is_told_as_one(prompt: CommandLine) -> None:
    nine_grids().head(1).to_file(prompt.folder / "one.geojson", driver="GeoJSON")
    write(prompt.folder / "r.csv", [row("a")])
    importing = ("import", "grids", "one.geojson", "--code", "code", "--city-name", "小城")
    for said, words in {
        "1 grid, version 1.": importing,
        "Nothing changed: version 1 holds the same 1 grid.": importing,
        "1 grid of version 1 in g.csv.": ("export", "grids", "--out", "g.csv"),
        "1 row: 1 imported": ("import", "reports", "r.csv", *WITH_ID),
        "1 report in o.csv.": ("export", "reports", "--out", "o.csv"),
        "1 row in l.csv:": ("locate", "r.csv", *WITH_ID[:4], "--out", "l.csv"),
        "1 city, 0 changed": ("migrate",),
    }.items():
        assert prompt.run(*words).out.startswith(said)


def test_the_same_file_again_changes_nothing(small_city: CommandLine) -> None:
    before = small_city.contents()
    told = small_city.does("import", "grids", "grids.geojson", *NINE_GRIDS)
    assert (told["unchanged"], told["version"], told["grids"]) == (True, 1, 9)
    assert small_city.contents() == before


def test_an_outline_changes_only_when_the_command_says_so(prompt: CommandLine) -> None:
    with_nine_grids(prompt)
    before = prompt.contents()
    file = grid_files.without_the_corner(prompt.folder)
    line = prompt.refuses("import", "grids", file, *NINE_GRIDS)
    # A grid is 965 m wide and 1,108.5 m high.
    removed_m2 = float(line.split(" and ")[1].split(" m² removed")[0].replace(",", ""))
    assert removed_m2 == pytest.approx(965 * 1108.5, rel=0.01)
    assert "0 m² added" in line
    lng, lat = line.split("for instance at ")[1].split(";")[0].split(", ")
    assert grid_files.box(2, 2, 3, 3).contains(shapely.Point(float(lng), float(lat)))
    assert prompt.contents() == before
    ran = prompt.run("import", "grids", file, *NINE_GRIDS, "--new-outline", "--json")
    assert ran.status == 0
    assert f"0 m² added and {removed_m2:,.0f} m² removed" in ran.err
    # The same file again needs no word of it.
    assert prompt.does("import", "grids", file, *NINE_GRIDS)["unchanged"] is True


def test_without_the_upper_levels_there_is_one_of_each_named_after_the_city(
    prompt: CommandLine,
) -> None:
    file = grid_files.nine(prompt.folder)
    prompt.does("import", "grids", file, "--code", "code", "--city-name", "小城")
    for level in ("townships", "communities"):
        assert prompt.asked(f"select code from {level}") == "小城"


def test_a_city_keeps_the_name_it_has(prompt: CommandLine) -> None:
    with_nine_grids(prompt)
    before = prompt.contents()
    again = [word if word != "小城" else "大城" for word in NINE_GRIDS]
    ran = prompt.run("import", "grids", "grids.geojson", *again, "--json")
    assert ran.status == 0
    assert "小城" in ran.err
    assert prompt.contents() == before
    # Nor does another name make other levels.
    bare = ("import", "grids", "grids.geojson", "--code", "code")
    prompt.does(*bare, "--city-name", "大城")
    assert prompt.asked("select code from townships where code not like 't_'") == "小城"
    assert prompt.does(*bare)["unchanged"] is True


def test_a_city_whose_schema_is_behind_is_not_renamed_by_an_import(new_city: NewCity) -> None:
    behind = with_nine_grids(new_city())
    behind.asked("update alembic_version set version_num = '0000'")
    line = behind.refuses("import", "grids", "grids.geojson", "--code", "code")
    assert "wangge migrate" in line
