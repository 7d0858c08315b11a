"""``wangge export``: grids and reports in the formats others read."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import pandas as pd
import typer

from api.cli.open_city import OpenCity, open_city
from api.cli.output import AsJson, counted, result
from api.cli.writing import write_and_tell
from api.planning import planning_of
from boundaries.drafts import Drafts
from boundaries.exchange import UTF_8, export_grids
from gis.errors import BadInput, NotFound
from gis.store.drafts import find_draft
from gis.store.engine import Transaction, transaction
from gis.store.grids import load_grids
from gis.store.reports import export_reports
from gis.store.versions import version_at, version_chain

PAGE_REPORTS = 100_000

export_app = typer.Typer(help="Export a city's data.", add_completion=False)

Out = Annotated[Path, typer.Option("--out", help=".gpkg .geojson .fgb .parquet .csv .xlsx or .shp")]


@export_app.command("grids")
def grids(
    out: Out,
    as_of: Annotated[
        str | None, typer.Option(help="Instant with offset, e.g. 2026-11-22T08:00:00Z.")
    ] = None,
    draft: Annotated[
        int | None, typer.Option(min=1, help="The grids of a draft, by its number.")
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help="CRS of the coordinates, default EPSG:4326.")
    ] = None,
    encoding: Annotated[str, typer.Option(help="Of a .shp: UTF-8 or GBK.")] = UTF_8,
    as_json: AsJson = False,
) -> None:
    """Export the grids: code, name, kind, community, township."""
    if draft is not None and as_of is not None:
        raise BadInput("as_of_of_a_draft", "--as-of is of a version; leave it out with --draft.")
    asyncio.run(_grids(out, _instant(as_of), draft, crs, encoding.upper(), as_json=as_json))


@export_app.command("reports")
def reports(out: Out, as_json: AsJson = False) -> None:
    """Export every report with its grid, its person and the reasons for both."""
    asyncio.run(_reports(out, as_json=as_json))


async def _grids(
    out: Path, as_of: datetime, draft: int | None, crs: str | None, encoding: str, *, as_json: bool
) -> None:
    async with open_city() as city, transaction(city.engine) as tx:
        if draft is not None:
            frame, of = await _of_draft(tx, city, draft), {"draft": draft}
        else:
            version = version_at(await version_chain(tx), as_of)
            if version is None:
                raise NotFound("no_version", f"City {city.settings.city} had no grids at {as_of}.")
            frame, of = await load_grids(tx, version.id), {"version": version.number}
    await asyncio.to_thread(export_grids, frame, out, crs=crs, encoding=encoding)
    ((what, number),) = of.items()
    result(
        {"grids": len(frame), **of, "file": str(out)},
        as_json=as_json,
        words=f"{counted(len(frame), 'grid')} of {what} {number} in {out}.",
    )


async def _of_draft(tx: Transaction, city: OpenCity, draft_id: int) -> gpd.GeoDataFrame:
    draft = await find_draft(tx, draft_id)
    if draft is None:
        raise NotFound("draft_not_found", f"There is no draft {draft_id}.")
    coverage = await Drafts(planning_of(city.profile)).coverage(tx, draft)
    return coverage.frame()


async def _reports(out: Path, *, as_json: bool) -> None:
    async with open_city() as city, transaction(city.engine) as tx:
        frame = await _all_reports(tx)
    await asyncio.to_thread(write_and_tell, frame, out)
    result(
        {"reports": len(frame), "file": str(out)},
        as_json=as_json,
        words=f"{counted(len(frame), 'report')} in {out}.",
    )


async def _all_reports(tx: Transaction) -> gpd.GeoDataFrame:
    pages: list[pd.DataFrame] = []
    after = 0
    while True:
        page = await export_reports(tx, after_id=after, limit=PAGE_REPORTS)
        pages.append(page)
        if len(page) < PAGE_REPORTS:
            break
        after = int(page["id"].iloc[-1])
    # Beside rows without a rule it would turn into 1.0, 2.0, …
    pages = [page.astype({"staff_rule": "Int8"}) for page in pages]
    whole = pd.concat(pages, ignore_index=True).drop(columns="id")
    return gpd.GeoDataFrame(
        whole, geometry=gpd.points_from_xy(whole["lng"], whole["lat"]), crs=4326
    )


def _instant(words: str | None) -> datetime:
    if words is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(words)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadInput(
            "as_of_invalid",
            f"--as-of {words!r} is no instant with an offset, e.g. 2026-11-22T08:00:00Z.",
            option="--as-of",
        )
    return instant
