"""Grids exported, edited with GDAL as a desktop GIS does, imported as a draft, and published."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import pandas as pd
import pyogrio
import pytest
import shapely

from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NINE_GRIDS, NewCity, with_nine_grids
from tests.api.cli.serving import Served, free_port, wait_until
from tests.small_city import nine_grids

PASSWORD = "打开城市 1234"


@pytest.fixture(scope="module")
def city(new_city: NewCity) -> CommandLine:
    return with_nine_grids(new_city())


def halves(shape: Any) -> list[shapely.Geometry]:
    """A square in its own CRS, cut from west to east in the middle of its sides."""
    west, south, east, north = shape.bounds
    return [
        shapely.intersection(shape, shapely.box(west - 1, *edges))
        for edges in (
            (south - 1, east + 1, (south + north) / 2),
            ((south + north) / 2, east + 1, north + 1),
        )
    ]


def edited(prompt: CommandLine, path: str, **options: Any) -> Path:
    """Divide g00 and merge g21 into g20, by the geometry library alone; give g22 a name."""
    frame = pyogrio.read_dataframe(prompt.folder / path)
    by_code = dict(zip(frame["code"], frame.geometry, strict=True))
    lower, upper = halves(by_code["g00"])
    frame.loc[frame["code"] == "g00", "geometry"] = lower
    frame.loc[frame["code"] == "g20", "geometry"] = shapely.union(by_code["g20"], by_code["g21"])
    frame.loc[frame["code"] == "g22", "name"] = "桥东"
    new = frame.iloc[[0]].assign(code=None, name="北半")
    new = new.set_geometry(gpd.GeoSeries([upper], index=new.index, crs=frame.crs))
    rows = [frame[frame["code"] != "g21"], new]
    whole = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=frame.crs)
    target = prompt.folder / f"edited-{path}"
    pyogrio.write_dataframe(whole, target, **options)
    return target


def test_an_export_that_nobody_edited_is_no_draft(city: CommandLine) -> None:
    for ending, crs in (("gpkg", "EPSG:4549"), ("shp", "EPSG:4490"), ("parquet", "EPSG:3857")):
        out = f"same.{ending}"
        city.does("export", "grids", "--out", out, "--crs", crs, "--encoding", "gbk")
        read = gpd.read_parquet if ending == "parquet" else pyogrio.read_dataframe
        assert read(city.folder / out).crs == crs
        told = city.does("import", "draft", out, "--name", "外业")
        assert (told["draft"], told["operations"], told["unchanged"]) == (None, 0, True)
        assert told["found"]["unchanged"] == 9
    assert city.asked("select count(*) from drafts").strip() == "0"


def test_a_coverage_edited_elsewhere_is_looked_at_in_the_studio_and_published(
    new_city: NewCity,
) -> None:
    prompt = with_nine_grids(new_city()).given(port=free_port())
    for name, role in (("planner", "planner"), ("leader", "leader")):
        prompt.does("users", "add", name, "--role", role, "--password", PASSWORD)
    prompt.does("export", "grids", "--out", "grids.shp", "--crs", "EPSG:4549", "--encoding", "GBK")
    path = edited(prompt, "grids.shp", encoding="GBK")
    told = prompt.does("import", "draft", path, "--name", "外业调整")
    assert told["found"] == {
        "unchanged": 5, "redrawn": 2, "recoded": 0, "renamed": 1, "community_changed": 0,
        "kind_changed": 0, "added": 1, "retired": 1, "corners_snapped": 0,
    }  # fmt: skip
    served = Served(prompt)
    wait_until(served.is_ready)
    try:
        publish(served, told)
    finally:
        served.end(signal.SIGTERM)
    # Held against the version it was made of it is the same draft still.
    again = prompt.does("import", "draft", path, "--name", "再来", "--base-version", "1")
    assert (again["base_version"], again["found"]) == (1, told["found"])
    prompt.does("export", "grids", "--out", "after.gpkg")
    after = pyogrio.read_dataframe(prompt.folder / "after.gpkg").set_index("name")
    wanted = pyogrio.read_dataframe(path).to_crs(4326).set_index("name")
    assert sorted(after.index) == sorted(wanted.index)
    codes = after["code"].to_dict()
    assert codes.pop("北半") not in {*nine_grids()["code"], None}
    assert codes == wanted["code"].drop("北半").to_dict()
    shapes = after.geometry.to_numpy(), wanted.loc[after.index].geometry.to_numpy()
    apart = shapely.area(shapely.symmetric_difference(*shapes))
    # 2 cm, or 2e-7 degree, along four edges of 0.01 degree.
    assert apart.max() < 4 * 0.01 * 2e-7


def publish(served: Served, told: dict[str, Any]) -> None:
    """The way of a draft over HTTP: read, checked, handed in, approved, published."""

    def signed_in(name: str) -> httpx.Client:
        token = served.sign_in(name, PASSWORD).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=served.address, headers=headers, timeout=30)

    path = f"/api/drafts/{told['draft']}"
    with signed_in("planner") as planner, signed_in("leader") as leader:
        shown = planner.get(path).json()
        assert [each["operation"]["op"] for each in shown["history"]] == [
            "redraw",
            "redraw",
            "rename",
        ]
        assert planner.get(f"{path}/checks").json()["publishable"]
        steps = ((planner, "submit"), (leader, "approve"), (planner, "publish"))
        for revision, (who, step) in enumerate(steps, start=shown["revision"]):
            done = who.post(f"{path}/{step}", headers={"If-Match": f'"{revision}"'})
            assert done.is_success, done.text
        assert done.json()["version"] == 2


def test_a_draft_is_exported_and_named_columns_are_read(city: CommandLine) -> None:
    city.does("export", "grids", "--out", "before.gpkg")
    frame = pyogrio.read_dataframe(city.folder / "before.gpkg")
    names = {"code": "编号", "name": "名称", "kind": "类别", "community": "所属"}
    frame = frame.rename(columns=names)
    frame.loc[0, ["名称", "类别", "所属"]] = ["桥西", "专属网格", "c1"]
    pyogrio.write_dataframe(frame, city.folder / "named.fgb")
    assert "no column code; the file has 编号" in city.refuses(
        "import", "draft", "named.fgb", "--name", "外业"
    )
    columns = ("--code", "编号", "--name-col", "名称", "--kind", "类别", "--community", "所属")
    told = city.does("import", "draft", "named.fgb", "--name", "外业", *columns)
    assert told["base_version"] == 1
    found = told["found"]
    assert (found["renamed"], found["kind_changed"], found["community_changed"]) == (1, 1, 1)
    out = city.does("export", "grids", "--out", "draft.csv", "--draft", str(told["draft"]))
    assert (out["grids"], out["draft"]) == (9, told["draft"])
    assert "桥西" in (city.folder / "draft.csv").read_text("utf-8")


def test_what_cannot_be_meant_is_one_line_with_the_row(city: CommandLine) -> None:
    city.does("export", "grids", "--out", "before.gpkg")
    frame = pyogrio.read_dataframe(city.folder / "before.gpkg")
    frame.loc[frame["code"] == "g12", "code"] = "g11"
    pyogrio.write_dataframe(frame, city.folder / "twice.gpkg")
    line = city.refuses("import", "draft", "twice.gpkg", "--name", "外业")
    assert "row 6 (code g11): row 5 has this code too" in line
    before = city.contents()
    assert "There is no version 9" in city.refuses(
        "import", "draft", "before.gpkg", "--name", "外业", "--base-version", "9"
    )
    assert "name has 1 to 80" in city.refuses("import", "draft", "before.gpkg", "--name", " ")
    out = ("export", "grids", "--out", "x.gpkg")
    assert "There is no draft 99" in city.refuses(*out, "--draft", "99")
    as_of = ("--as-of", "2026-01-01T00:00:00Z")
    assert "leave it out" in city.refuses(*out, "--draft", "1", *as_of)
    assert city.contents() == before


def test_how_an_edge_between_communities_may_move_is_said(city: CommandLine) -> None:
    city.does("export", "grids", "--out", "before.gpkg")
    frame = pyogrio.read_dataframe(city.folder / "before.gpkg").set_index("code", drop=False)
    west, east = frame.loc["g10"].geometry, frame.loc["g20"].geometry
    strip = shapely.box(east.bounds[0], east.bounds[1], east.bounds[0] + 0.002, east.bounds[3])
    frame.loc["g10", "geometry"] = shapely.union(west, strip)
    frame.loc["g20", "geometry"] = shapely.difference(east, strip)
    pyogrio.write_dataframe(frame, city.folder / "moved.gpkg")
    asked = ("import", "draft", "moved.gpkg", "--name", "外业")
    ran = city.run(*asked)
    assert ran.status != 0
    assert "With --allow-community-change edges" in ran.err
    assert "row 4 (code g10), row 7 (code g20): The edge of community" in ran.err
    assert city.does(*asked, "--allow-community-change")["found"]["redrawn"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--crs", "EPSG:99999"), "unknown CRS"),
        (("--crs", "EPSG:32633"), "is not used where the grids are"),
        (("--encoding", "latin-1"), "UTF-8 or GBK"),
    ],
)
def test_what_cannot_be_written_is_refused(
    city: CommandLine, words: tuple[str, str], said: str
) -> None:
    assert said in city.refuses("export", "grids", "--out", "x.shp", *words)


def test_a_sign_that_gbk_lacks_is_named_with_its_row(prompt: CommandLine) -> None:
    frame = nine_grids()
    frame.loc[1, "name"] = "𠮷祥里"
    frame.to_file(prompt.folder / "grids.geojson", driver="GeoJSON")
    prompt.does("import", "grids", "grids.geojson", *NINE_GRIDS)
    line = prompt.refuses("export", "grids", "--out", "x.shp", "--encoding", "GBK")
    assert "row 2: name '𠮷祥里' has a sign that GBK lacks" in line
