"""``wangge hotspots`` and ``wangge trend`` as somebody with a file meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import h3
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from esda import G_Local
from libpysal.weights import W, fill_diagonal

from tests.api.cli.command_line import CommandLine

DATA = Path(__file__).parents[2] / "data"
POINTS = ("hotspots", "points.csv", "--lng", "x", "--lat", "y", "--resolution", "8")
TABLE = ("hotspots", "picture.csv", "--value", "val", "--id", "id", "--weights", "nb30.gal")
STYLES = ("star", "plain", "row")
WEEKS = 20


@pytest.fixture
def prompt(tmp_path: Path) -> CommandLine:
    """A prompt beside points of twenty weeks, the picture of Getis and Ord, and Bogra's rain."""
    rng = np.random.default_rng(1)
    lng, lat = rng.uniform(121, 121.25, 3_000), rng.uniform(29.9, 30.1, 3_000)
    day = rng.integers(0, 7 * WEEKS, 3_000)
    # In the last five weeks 200 more around one place.
    more = rng.normal((121.1, 30.02), 0.003, (200, 2))
    days = np.datetime64("2026-03-02") + np.append(day, rng.integers(7 * 15, 7 * WEEKS, 200))
    pd.DataFrame(
        {
            "x": np.append(lng, more[:, 0]),
            "y": np.append(lat, more[:, 1]),
            "at": [f"{date} 23:30" for date in days],
        }
    ).to_csv(tmp_path / "points.csv", index=False)
    square = gpd.GeoDataFrame(geometry=[shapely.box(121, 29.9, 121.25, 30.1)], crs=4326)
    square.to_crs(32651).to_file(tmp_path / "region.gpkg")
    gpd.GeoDataFrame(geometry=[shapely.Point(121, 30)], crs=4326).to_file(tmp_path / "places.gpkg")
    shutil.copy(DATA / "gi-star" / "getisord_points_and_values.csv", tmp_path / "picture.csv")
    shutil.copy(DATA / "gi-star" / "getisord_nb30.gal", tmp_path / "nb30.gal")
    shutil.copy(DATA / "trend" / "bogra_monthly_rainfall_1981_2010.csv", tmp_path / "rain.csv")
    return CommandLine(tmp_path, "")


def test_every_cell_of_the_region_is_counted_and_tested_as_h3_and_esda_do(
    prompt: CommandLine,
) -> None:
    told = prompt.does(*POINTS, "--region", "region.gpkg", "--out", "cells.csv")
    cells = pd.read_csv(prompt.folder / "cells.csv").set_index("cell")
    points = pd.read_csv(prompt.folder / "points.csv")
    counted = pd.Series(
        [h3.latlng_to_cell(lat, lng, 8) for lng, lat in zip(points.x, points.y, strict=True)]
    ).value_counts()
    assert set(counted.index) <= set(cells.index)
    assert (cells["count"] == counted.reindex(cells.index).fillna(0)).all()
    assert told["cases"] == len(points)
    assert (told["cells"], told["outside"]) == (len(cells), 0)
    prompt.does(*POINTS, "--region", "region.gpkg", "--k", "2", "--out", "wide.csv")
    wide = pd.read_csv(prompt.folder / "wide.csv").set_index("cell")
    for k, found in ((1, cells), (2, wide)):
        lists = {
            cell: [c for c in h3.grid_disk(cell, k) if c != cell and c in cells.index]
            for cell in cells.index
        }
        theirs = G_Local(
            found["count"].to_numpy(float),
            W(lists, id_order=list(found.index), silence_warnings=True),
            transform="B",
            permutations=0,
            star=True,
        )
        np.testing.assert_allclose(found["z"], theirs.Zs, atol=1e-9)
    # The place where more were put, and nothing of the rain around it.
    hot = cells.index[cells["bin"] > 0]
    assert h3.latlng_to_cell(30.02, 121.1, 8) in hot
    assert all(h3.great_circle_distance(h3.cell_to_latlng(c), (30.02, 121.1)) < 3 for c in hot)
    assert told["hot"] == len(hot)


def test_classes_in_time_are_told_with_the_cells_outlines(prompt: CommandLine) -> None:
    told = prompt.does(
        *POINTS, "--time", "at", "--step", "week", "--emerging", "esri-new", "--out", "cells.gpkg"
    )
    cells = gpd.read_file(prompt.folder / "cells.gpkg").set_index("cell")
    place = h3.latlng_to_cell(30.02, 121.1, 8)
    assert cells["class"][place] == "consecutive-hot"
    assert told["classes"]["consecutive-hot"] == (cells["class"] == "consecutive-hot").sum()
    outline = shapely.Polygon([(lng, lat) for lat, lng in h3.cell_to_boundary(place)])
    assert shapely.hausdorff_distance(cells.geometry[place], outline) < 1e-9


def test_step_zone_and_variant_say_what_a_place_is_called(prompt: CommandLine) -> None:
    """A place with cases of an early week only, and one of the last day, morning and night."""
    rng = np.random.default_rng(4)
    last = np.datetime64("2026-07-19", "h")
    past, late = (121.05, 29.95), (121.2, 30.05)
    rain = np.column_stack([rng.uniform(121, 121.25, 3_000), rng.uniform(29.9, 30.1, 3_000)])
    hours = last + 1 - 24 * np.append(rng.integers(0, 7 * WEEKS, 3_000), np.full(80, 7 * 14))
    hours = np.append(hours, last + np.repeat([1, 17], 40))
    points = np.vstack([rain, rng.normal(np.repeat([past, late], 80, axis=0), 0.001)])
    bursts = pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "at": [f"{h}:00Z" for h in hours]})
    bursts.to_csv(prompt.folder / "points.csv", index=False)
    for step, zone, variant, called in (
        # At night in UTC it is the day after in Shanghai.
        ("day", "Asia/Shanghai", "esri-new", ("none", "consecutive-hot")),
        ("day", "UTC", "esri-new", ("none", "new-hot")),
        ("week", "UTC", "esri-new", ("none", "new-hot")),
        ("week", "UTC", "esri-old", ("sporadic-hot", "new-hot")),
    ):
        asked = "--time", "at", "--step", step, "--tz", zone, "--emerging", variant
        told = prompt.does(*POINTS, *asked, "--out", "cells.csv")
        cells = pd.read_csv(prompt.folder / "cells.csv").set_index("cell")["class"]
        assert tuple(cells[h3.latlng_to_cell(y, x, 8)] for x, y in (past, late)) == called
        assert told["classes"][called[1]] == (cells == called[1]).sum()


def test_a_table_keeps_its_order_and_has_the_published_deviates(prompt: CommandLine) -> None:
    prompt.does(*TABLE, "--out", "star.csv")
    prompt.does(*TABLE, "--no-star", "--out", "plain.csv")
    prompt.does(*TABLE, "--style", "row", "--out", "row.csv")
    star, plain, row = (pd.read_csv(prompt.folder / f"{name}.csv") for name in STYLES)
    picture = pd.read_csv(prompt.folder / "picture.csv")
    assert star["id"].tolist() == picture["id"].tolist()
    np.testing.assert_allclose(star["z"], picture["Gstar30"], atol=1e-12)
    np.testing.assert_allclose(plain["z"], picture["G30"], atol=1e-12)
    file = libpysal.io.open(str(prompt.folder / "nb30.gal"))
    lists = W(file.read().neighbors, id_order=[str(name) for name in picture["id"]])
    file.close()
    itself_too = fill_diagonal(lists, 1)
    theirs = G_Local(
        picture["val"].to_numpy(float), itself_too, transform="R", permutations=0, star=None
    )
    np.testing.assert_allclose(row["z"], theirs.Zs, atol=1e-9)
    assert not np.allclose(row["z"], star["z"], atol=1e-3)
    assert list(star.columns) == ["id", "value", "z", "p", "q", "bin"]
    assert set(star["bin"]) <= {-99, -95, -90, 0, 90, 95, 99}


def test_an_island_keeps_its_row_and_has_no_deviate(prompt: CommandLine) -> None:
    (prompt.folder / "few.csv").write_text("id,v\na,1\nisland,9\nb,2\nc,4\n")
    (prompt.folder / "few.gal").write_text("4\na 1\nb\nb 2\na c\nc 1\nb\nisland 0\n\n")
    told = prompt.does(
        "hotspots",
        "few.csv",
        "--value",
        "v",
        "--id",
        "id",
        "--weights",
        "few.gal",
        "--out",
        "o.csv",
    )
    rows = pd.read_csv(prompt.folder / "o.csv")
    assert rows["id"].tolist() == ["a", "island", "b", "c"]
    assert rows["z"].isna().tolist() == [False, True, False, False]
    assert told["islands"] == 1


def test_rain_has_the_published_trend_and_series_are_told_apart(prompt: CommandLine) -> None:
    prompt.does("trend", "rain.csv", "--value", "bogra_mm", "--out", "all.csv")
    printed = json.loads((DATA / "trend" / "mann_kendall_expected.json").read_text())
    published = printed["published_test_expectations"]["original_test"]
    whole = pd.read_csv(prompt.folder / "all.csv").iloc[0]
    assert whole["s"] == published["S"]
    assert whole["p"] == pytest.approx(published["p"], rel=1e-12)
    assert whole["slope"] == printed["rerun_with_release_1_4_3"]["original_test"]["slope"]
    asked = "trend", "rain.csv", "--value", "bogra_mm", "--by", "month"
    prompt.does(*asked, "--order", "year", "--out", "months.csv")
    months = pd.read_csv(prompt.folder / "months.csv")
    assert months["month"].tolist() == list(range(1, 13))
    mixed = pd.read_csv(prompt.folder / "rain.csv").sample(frac=1, random_state=1)
    mixed.to_csv(prompt.folder / "rain.csv", index=False)
    prompt.does(*asked, "--order", "year", "--out", "again.csv")
    again = pd.read_csv(prompt.folder / "again.csv").sort_values("month", ignore_index=True)
    pd.testing.assert_frame_equal(again, months)
    # The seasonal test sums the S of the twelve months.
    seasonal = printed["published_test_expectations"]["seasonal_period12"]
    assert months["s"].sum() == seasonal["S"]
    assert months["var"].sum() == pytest.approx(seasonal["var_S"])


def test_too_little_is_said_with_its_reason_and_no_nan_is_written(prompt: CommandLine) -> None:
    one = prompt.folder / "one.csv"
    one.write_text("x,y\n121,30\n")
    told = prompt.does(
        "hotspots", "one.csv", "--lng", "x", "--lat", "y", "--resolution", "9",
        "--region", "region.gpkg", "--out", "o.csv",
    )  # fmt: skip
    assert told["not_enough_data"] == "too_few_cases"
    text = (prompt.folder / "o.csv").read_text()
    assert "nan" not in text.lower()
    assert text.count(",1,,,,0") == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--resolution", "16"), "between 0 and 15"),
        (("--resolution", "15"), "5,000,000"),
        (("--lng", "longitude"), "longitude"),
        (("--emerging", "esri-new"), "--time"),
        (("--region", "points.csv"), "no layer with geometry"),
        (("--region", "places.gpkg"), "no polygon"),
    ],
)
def test_what_cannot_be_asked_of_points_is_refused_in_a_line(
    prompt: CommandLine, words: tuple[str, str], named: str
) -> None:
    line = prompt.refuses(*POINTS, "--out", "o.csv", *words)
    assert named in line
    assert not (prompt.folder / "o.csv").exists()


def test_what_is_wrong_with_a_table_is_refused_by_line_or_name(prompt: CommandLine) -> None:
    folder = prompt.folder
    (folder / "few.csv").write_text("id,v\na,1\nb,x\n")
    (folder / "twice.csv").write_text("id,v\na,1\na,2\n")
    (folder / "good.csv").write_text("id,v\na,1\nb,2\nc,3\n")
    (folder / "ab.gal").write_text("2\na 1\nb\nb 1\na\n")
    (folder / "az.gal").write_text("2\na 1\nz\nb 1\na\n")
    (folder / "cut.gal").write_text("2\na 1\nb\nb 3\na\n")
    for table, weights, named in (
        ("few.csv", "ab.gal", "line 3"),
        ("twice.csv", "ab.gal", "line 3"),
        ("good.csv", "az.gal", "'z'"),
        ("good.csv", "cut.gal", "'b'"),
        ("good.csv", "few.csv", "few.csv"),
    ):
        line = prompt.refuses(
            "hotspots", table, "--value", "v", "--id", "id", "--weights", weights, "--out", "o.csv"
        )
        assert named in line, line
    assert "--weights" in prompt.refuses("hotspots", "good.csv", "--value", "v", "--out", "o.csv")


def test_a_series_longer_than_its_pairs_could_be_held_is_refused(prompt: CommandLine) -> None:
    (prompt.folder / "long.csv").write_text("v\n" + "1\n" * 10_001)
    assert "10,001 periods" in prompt.refuses("trend", "long.csv", "--value", "v", "--out", "o.csv")
