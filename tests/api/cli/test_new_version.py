"""A second import of changed grids: a version of its own, and what follows from it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import geopandas as gpd
import httpx
import pytest
import shapely

from api.app import create_app
from api.settings import Settings
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NINE_GRIDS, NewCity, with_nine_grids
from tests.api.cli.report_files import WITH_ID, place, row, write
from tests.small_city import SOUTH, STEP, WEST, nine_grids

# Both in the lower half of the border between g00 and g10, which moves west by half a grid.
STAYS, MOVES, GONE = place(0.25, 0.5), place(0.75, 0.5), place(2.5, 2.5)


def point(column: float, row: float) -> tuple[float, float]:
    return WEST + column * STEP, SOUTH + row * STEP


def redrawn(folder: Path) -> Path:
    """``g10`` takes the east half of ``g00``, and ``g22`` is no more."""
    frame = nine_grids()
    # Every corner is one of all who meet there, as a coverage needs it.
    half, whole = (point(0.5, 1), point(1, 1))
    drawn = {
        "g00": [point(0, 0), point(0.5, 0), half, point(0, 1)],
        "g10": [point(0.5, 0), point(2, 0), point(2, 1), whole, half],
        "g01": [point(0, 1), half, whole, point(1, 2), point(0, 2)],
    }
    for code, shape in ((code, shapely.Polygon(ring)) for code, ring in drawn.items()):
        frame.loc[frame["code"] == code, "geometry"] = shape
    path = folder / "redrawn.geojson"
    frame[frame["code"] != "g22"].to_file(path, driver="GeoJSON")
    return path


@pytest.fixture(scope="module")
def city(new_city: NewCity) -> CommandLine:
    """A city with three reports before its second version and the same three after it."""
    city = with_nine_grids(new_city())
    before = [row("stays", STAYS), row("moves", MOVES), row("gone", GONE)]
    city.does("import", "reports", write(city.folder / "before.csv", before), *WITH_ID)
    told = city.does("import", "grids", redrawn(city.folder), *NINE_GRIDS, "--new-outline")
    assert (told["version"], told["unchanged"], told["grids"]) == (2, False, 8)
    return city


def grids_of(city: CommandLine, which: str) -> dict[str, str]:
    lines = city.asked(
        f"select external_id, coalesce(grids.code, '') from reports"
        f" join cases on number = case_number left join grids on grids.id = cases.{which}"
    ).splitlines()
    return dict(line.split("|") for line in lines)


def test_a_case_keeps_the_grid_of_its_own_time_and_gets_that_of_today(city: CommandLine) -> None:
    assert grids_of(city, "grid_id") == {"stays": "g00", "moves": "g00", "gone": "g22"}
    assert grids_of(city, "today_grid_id") == {"stays": "g00", "moves": "g10", "gone": ""}


def test_the_journal_tells_what_was_published_and_how_many_cases_moved(city: CommandLine) -> None:
    told = city.asked(
        "select kind, coalesce(after ->> 'grids', after ->> 'cases') from journal"
        " where kind ~ '^(version|cases)[.]' order by id"
    )
    first, *second = told.splitlines()
    assert first == "version.published|9"
    assert second[0] == "version.published|8"
    assert sorted(second[1:]) == ["cases.followed|2", "version.drawn|"]


def test_a_report_of_old_is_placed_in_the_version_of_its_time(city: CommandLine) -> None:
    late = write(city.folder / "late.csv", [row("late", MOVES), row("late too", GONE)])
    told = city.does("import", "reports", late, *WITH_ID)
    assert told["outside"] == 0
    own, today = grids_of(city, "grid_id"), grids_of(city, "today_grid_id")
    assert (own["late"], today["late"]) == ("g00", "g10")
    assert (own["late too"], today["late too"]) == ("g22", "")
    city.asked("delete from reports where external_id like 'late%'")
    city.asked("delete from cases where number not in (select case_number from reports)")


def test_each_version_is_exported_as_of_its_time(city: CommandLine) -> None:
    since = city.asked(
        "select to_char(max(effective_at), 'YYYY-MM-DD\"T\"HH24:MI:SS.USTZH:TZM')"
        " from boundary_versions"
    )
    earlier = "2000-01-01T08:00:00+08:00"
    for as_of, version, grids in ((earlier, 1, 9), (since, 2, 8)):
        told = city.does("export", "grids", "--out", "g.gpkg", "--as-of", as_of)
        assert (told["version"], told["grids"]) == (version, grids)
        assert len(gpd.read_file(city.folder / "g.gpkg")) == grids
    assert city.does("export", "grids", "--out", "g.gpkg")["version"] == 2


def test_a_grid_that_comes_back_needs_a_new_code_and_the_others_keep_theirs(
    city: CommandLine,
) -> None:
    line = city.refuses("import", "grids", "grids.geojson", *NINE_GRIDS, "--new-outline")
    assert "g22" in line
    grids = city.asked("select code, id from grids order by 1")
    back = nine_grids().replace({"code": {"g22": "h22"}})
    back.to_file(city.folder / "back.geojson", driver="GeoJSON")
    assert (
        city.does("import", "grids", "back.geojson", *NINE_GRIDS, "--new-outline")["version"] == 3
    )
    assert city.asked("select code, id from grids where code <> 'h22' order by 1") == grids
    assert grids_of(city, "today_grid_id") == grids_of(city, "grid_id") | {"gone": "h22"}


@pytest.fixture
def other_city(new_city: NewCity) -> CommandLine:
    return with_nine_grids(new_city())


async def test_a_running_service_sees_a_new_version_at_once(other_city: CommandLine) -> None:
    settings = Settings(
        database_url=other_city.url,
        city=other_city.variables["WANGGE_CITY"],
        home=other_city.folder,
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):

        async def located(where: str) -> str | None:
            lng, lat = where.split(",")
            answer = await client.get("/api/locate", params={"lng": lng, "lat": lat})
            grid = answer.json()["grid"]
            return None if grid is None else str(grid["code"])

        assert (await located(MOVES), await located(GONE)) == ("g00", "g22")
        importing = other_city.start(
            "import", "grids", str(redrawn(other_city.folder)), *NINE_GRIDS, "--new-outline"
        )
        _, err = await asyncio.to_thread(importing.communicate)
        assert importing.returncode == 0, err
        assert (await located(MOVES), await located(GONE)) == ("g10", None)
