from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from boundaries.exchange import write_table
from tests.api.cli.command_line import CommandLine
from tests.boundaries.parting import is_connected, members_of
from tests.gis.lattice import crooked_lattice

COLUMNS, ROWS = 6, 5
ASKED = ("balance", "units.gpkg", "--weight", "households", "--parts", "4")


def lattice_table() -> gpd.GeoDataFrame:
    cells = crooked_lattice(COLUMNS, ROWS, seed=2)
    households = np.random.default_rng(2).integers(20, 200, len(cells))
    codes = [f"格{number}" for number in range(len(cells))]
    return gpd.GeoDataFrame({"code": codes, "households": households}, geometry=cells, crs=4326)


@pytest.fixture
def prompt(tmp_path: Path) -> CommandLine:
    """A prompt beside a coverage of thirty units; there is no city and no server."""
    write_table(lattice_table(), tmp_path / "units.gpkg")
    return CommandLine(tmp_path, "")


def borders(frame: gpd.GeoDataFrame) -> list[set[int]]:
    shapes = frame.geometry.to_numpy()
    touching = [shapely.length(shapely.intersection(shape, shapes)) > 0 for shape in shapes]
    return [set(np.flatnonzero(row).tolist()) - {at} for at, row in enumerate(touching)]


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb", ".shp", ".parquet"])
def test_every_row_gets_its_part_in_the_format_of_the_suffix(
    prompt: CommandLine, ending: str
) -> None:
    out = prompt.folder / f"parts{ending}"
    told = prompt.does(*ASKED, "--seconds", "0.2", "--seed", "7", "--out", out)
    found = gpd.read_parquet(out) if ending == ".parquet" else gpd.read_file(out)
    found = found.sort_values(
        "code", key=lambda codes: codes.str[1:].astype(int), ignore_index=True
    )
    given = lattice_table()
    name = {column[:10]: column for column in given.columns}
    assert found.rename(columns=name)["households"].tolist() == given["households"].tolist()
    assert shapely.equals(found.geometry.to_numpy(), given.geometry.to_numpy()).all()
    part = found["part"].to_numpy() - 1
    near = borders(found)
    assert all(is_connected(members, near) for members in members_of(part, 4))
    weights = np.bincount(part, weights=given["households"]).tolist()
    assert told["weights"] == weights
    mean = sum(weights) / 4
    assert told["deviation"] == pytest.approx(max(abs(each - mean) for each in weights) / mean)
    assert (told["parts"], told["units"], told["seed"]) == (4, 30, 7)
    assert told["seconds"] >= 0


def parts_of(prompt: CommandLine, *words: str) -> gpd.GeoDataFrame:
    prompt.does(*ASKED, *words, "--out", "parts.gpkg")
    return gpd.read_file(prompt.folder / "parts.gpkg")


def test_the_same_seed_parts_alike_and_another_seed_does_not(prompt: CommandLine) -> None:
    one, again, other = (
        parts_of(prompt, "--seconds", "0", "--seed", seed)["part"].tolist()
        for seed in ("1", "1", "2")
    )
    assert one == again
    assert one != other


def test_what_is_even_enough_is_cut_straight(prompt: CommandLine) -> None:
    """The straight cut from north to south is half a percent off; any that is not is longer."""
    columns = np.arange(COLUMNS * ROWS) // ROWS
    heavy_west = lattice_table().assign(households=np.where(columns < COLUMNS // 2, 100, 99))
    write_table(heavy_west, prompt.folder / "units.gpkg")
    found = [
        parts_of(prompt, "--parts", "2", "--seconds", "0.5", "--enough", enough)
        for enough in ("0", "1")
    ]
    even, straight = (sorted(each.groupby("part")["households"].sum()) for each in found)
    assert even[1] - even[0] < 9
    assert straight == [1485, 1500]


def test_the_layer_that_is_named_is_parted(prompt: CommandLine) -> None:
    lattice = lattice_table()
    layers = {"first": lattice.iloc[:6], "second": lattice}
    for name, frame in layers.items():
        frame.to_file(prompt.folder / "layers.gpkg", layer=name, driver="GPKG")
    for name, frame in layers.items():
        told = prompt.does("balance", "layers.gpkg", "--weight", "households", "--parts", "2",
                           "--seconds", "0", "--layer", name, "--out", "p.gpkg")  # fmt: skip
        assert told["units"] == len(frame)


def test_parts_are_numbered_from_west_to_east(prompt: CommandLine) -> None:
    prompt.does(*ASKED, "--seconds", "0", "--out", "parts.gpkg")
    found = gpd.read_file(prompt.folder / "parts.gpkg").to_crs(32651)
    middles = found.dissolve("part").centroid.x
    assert middles.index.tolist() == [1, 2, 3, 4]
    assert middles.is_monotonic_increasing


def test_a_file_without_a_crs_keeps_its_coordinates(prompt: CommandLine) -> None:
    plain = lattice_table().to_crs(32651).set_crs(None, allow_override=True)
    plain.to_parquet(prompt.folder / "plain.parquet")
    ran = prompt.run("balance", "plain.parquet", "--weight", "households", "--parts", "2",
                     "--seconds", "0", "--out", "parts.gpkg")  # fmt: skip
    assert ran.status == 0, ran.err
    assert "names no CRS" in ran.err
    found = gpd.read_file(prompt.folder / "parts.gpkg")
    assert shapely.equals(found.geometry.to_numpy(), plain.geometry.to_numpy()).all()


def test_the_output_can_be_parted_again(prompt: CommandLine) -> None:
    told = prompt.does(*ASKED, "--seconds", "0", "--out", "once.gpkg")
    assert (told["proven"], told["settled"], told["rounds"]) == (False, False, 0)
    prompt.does("balance", "once.gpkg", "--weight", "households", "--parts", "2", "--seconds", "0",
                "--out", "again.gpkg")  # fmt: skip
    assert set(gpd.read_file(prompt.folder / "again.gpkg")["part"]) == {1, 2}


def test_the_sentence_says_when_the_time_ran_out(prompt: CommandLine) -> None:
    ran = prompt.run(*ASKED, "--seconds", "0", "--out", "parts.gpkg")
    assert ran.status == 0
    assert ran.out.startswith("30 units in 4 parts, the farthest ")
    assert "the time ran out" in ran.out


# ---- bad input -----------------------------------------------------------------------------------


def refused(prompt: CommandLine, frame: gpd.GeoDataFrame) -> str:
    """The explanation for a table that cannot be parted; nothing is written."""
    frame.to_parquet(prompt.folder / "bad.parquet")
    why = prompt.refuses("balance", "bad.parquet", "--weight", "households", "--parts", "2",
                         "--out", "parts.gpkg")  # fmt: skip
    assert not (prompt.folder / "parts.gpkg").exists()
    return why


def with_geometry(row: int, shape: shapely.Geometry | None) -> gpd.GeoDataFrame:
    frame = lattice_table()
    frame.loc[row, "geometry"] = shape
    return frame


def with_weight(row: int, weight: object) -> gpd.GeoDataFrame:
    frame = lattice_table()
    frame["households"] = frame["households"].astype(str if isinstance(weight, str) else float)
    frame.loc[row, "households"] = weight
    return frame


def test_polygons_that_overlap_are_named(prompt: CommandLine) -> None:
    cell = lattice_table().geometry[0]
    west, south, east, north = cell.bounds
    why = refused(prompt, with_geometry(0, shapely.box(west, south, east + 0.002, north - 0.004)))
    assert "no coverage" in why
    assert "row 1 and row 6 overlap" in why


def test_borders_that_do_not_match_are_named(prompt: CommandLine) -> None:
    middle = shapely.segmentize(lattice_table().geometry[8], 0.001)
    assert "row 9" in refused(prompt, with_geometry(8, middle))


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        (None, "row 3 has no geometry"),
        (shapely.Polygon(), "row 3 has no geometry"),
        (shapely.Point(121, 30), "row 3 is a Point"),
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "row 3: Self-intersection"),
    ],
)
def test_a_shape_that_is_no_unit_is_named(
    prompt: CommandLine, shape: shapely.Geometry | None, why: str
) -> None:
    assert why in refused(prompt, with_geometry(2, shape))


@pytest.mark.parametrize(
    ("weight", "why"),
    [
        (float("nan"), "row 5 has no weight"),
        (-1.0, "row 5 has a weight below 0"),
        (float("inf"), "row 5 has a weight without end"),
        ("many", "row 5: many in households is no number"),
    ],
)
def test_a_weight_that_is_none_is_named(prompt: CommandLine, weight: object, why: str) -> None:
    assert why in refused(prompt, with_weight(4, weight))


def test_units_apart_from_each_other_are_named(prompt: CommandLine) -> None:
    frame = lattice_table()
    far = frame.geometry.translate(1.0)
    both = gpd.GeoDataFrame(
        {"households": [*frame["households"]] * 3},
        geometry=[*frame.geometry, *far, *far.translate(1.0)],
        crs=4326,
    )
    assert "3 pieces that share no border (with row 1, row 31, row 61)" in refused(prompt, both)


def test_a_narrow_gap_is_told(prompt: CommandLine) -> None:
    boxes = [
        shapely.box(0, 0, 100, 100),
        shapely.box(105, 0, 200, 100),
        shapely.box(0, 100, 200, 200),
    ]
    frame = gpd.GeoDataFrame({"w": [1, 1, 2]}, geometry=boxes, crs=32651)
    frame.loc[2, "geometry"] = shapely.Polygon(
        [(0, 100), (100, 100), (105, 100), (200, 100), (200, 200), (0, 200)]
    )
    frame.to_parquet(prompt.folder / "gap.parquet")
    ran = prompt.run("balance", "gap.parquet", "--weight", "w", "--parts", "2", "--out", "p.gpkg")
    assert ran.status == 0
    assert "2 units face another across a gap of up to 10 m (row 1, row 2)" in ran.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--weight", "people", "--parts", "2", "--out", "p.gpkg"), "no column people"),
        (("--weight", "households", "--parts", "31", "--out", "p.gpkg"), "31 parts"),
        (("--weight", "households", "--parts", "0", "--out", "p.gpkg"), "at least 1"),
        (("--weight", "households", "--parts", "2", "--out", "p.odd"), "cannot write p.odd"),
        (("--weight", "households", "--parts", "2", "--out", "units.gpkg"), "would overwrite"),
        (("--weight", "code", "--parts", "2", "--out", "p.gpkg"), "is no number"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    prompt: CommandLine, words: tuple[str, ...], why: str
) -> None:
    assert why in prompt.refuses("balance", "units.gpkg", *words)
