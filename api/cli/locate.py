"""``wangge locate``: the rows of a file, each with its grid and person."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import typer

from api.cases.coordinates import read_coordinates
from api.cases.duty import NO_RULE, Roster
from api.cases.files.open import open_table
from api.cases.files.table import Table
from api.cases.placement import place
from api.cli.open_city import open_city
from api.cli.output import AsJson, result, say
from api.locating import utc
from api.locators import Locator, Locators
from boundaries.exchange import write_table
from gis.datum import Datum
from gis.locate import Reason
from gis.store.engine import transaction
from gis.store.staff import posts_during

ADDED = ("grid_code", "grid_reason", "staff", "staff_rule")
WITHOUT_GEOMETRY = frozenset({".csv", ".xlsx"})
NAMED_LINES = 5


def locate(
    file: Annotated[Path, typer.Argument(help="CSV, xlsx or any table GDAL reads.")],
    lng: Annotated[str, typer.Option(help="Column with longitudes.")],
    lat: Annotated[str, typer.Option(help="Column with latitudes.")],
    out: Annotated[Path, typer.Option(help="File to write; its ending says the format.")],
    datum: Annotated[Datum, typer.Option(help="Datum of the coordinates.")] = Datum.WGS84,
    as_json: AsJson = False,
) -> None:
    """Add grid_code, grid_reason, staff and staff_rule of now to each row of a file."""
    asyncio.run(_locate(file, lng, lat, out, datum, as_json=as_json))


async def _locate(
    path: Path, lng: str, lat: str, out: Path, datum: Datum, *, as_json: bool
) -> None:
    table = open_table(path)
    places = table.index_of(lng), table.index_of(lat)
    now = datetime.now(UTC)
    async with open_city() as city, transaction(city.engine) as tx:
        locators = await Locators(
            nearest_m=city.profile.nearest_m, metric=city.profile.metric_crs
        ).at(tx, now)
        posts = await posts_during(tx, now, now)
        roles = city.profile.duty.roles
    frame = await asyncio.to_thread(_located, table, places, datum, locators, posts, roles, now)
    await asyncio.to_thread(write_table, _with_geometry(frame, out), out)
    reasons = frame["grid_reason"].value_counts().to_dict()
    counts = {reason.word: int(reasons.get(reason.word, 0)) for reason in Reason}
    blank = len(frame) - sum(counts.values())
    result(
        {"read": len(frame), **counts, "without_place": blank, "file": str(out)},
        as_json=as_json,
        words=f"{len(frame):,} rows in {out}: "
        + ", ".join(f"{count:,} {word}" for word, count in counts.items())
        + (f", {blank:,} without usable coordinates" if blank else "")
        + ".",
    )


def _located(
    table: Table,
    places: tuple[int, int],
    datum: Datum,
    locators: list[Locator],
    posts: pd.DataFrame,
    roles: tuple[str, ...],
    now: datetime,
) -> pd.DataFrame:
    """The file's rows as text with the four columns, and ``lng``/``lat`` in WGS84 beside them."""
    roster = Roster.build(posts, roles)
    staff = np.array([*posts["staff_code"], None], dtype=object)
    words = np.array([*(reason.word for reason in Reason)], dtype=object)
    parts = []
    for rows in table.chunks():
        given = read_coordinates(rows.column(places[0]), rows.column(places[1]), None)
        good = np.flatnonzero(given.fault == 0)
        _say_unusable(rows.lines[given.fault != 0])
        instants = np.full(len(good), utc(now))
        placed = place(locators, given.lng[good], given.lat[good], datum, instants)
        answers = placed.answered_by(roster, instants)
        part = rows.cells.rename_columns(_unique(table.columns)).to_pandas()
        code = np.array([*(locators[0].index.codes if locators else ()), None], dtype=object)
        added = pd.DataFrame(
            {
                "grid_code": code[placed.grid],
                "grid_reason": words[placed.reason],
                "staff": staff[answers.post],
                "staff_rule": pd.arrays.IntegerArray(answers.rule, answers.rule == NO_RULE),
                "geometry": shapely.points(placed.lng, placed.lat),
            },
            index=good,
        )
        parts.append(part.drop(columns=[*ADDED], errors="ignore").join(added))
    located: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return located


def _with_geometry(frame: pd.DataFrame, out: Path) -> pd.DataFrame:
    if out.suffix.lower() in WITHOUT_GEOMETRY:
        return frame.drop(columns="geometry")
    points: pd.DataFrame = gpd.GeoDataFrame(frame, geometry="geometry", crs=4326)
    return points


def _unique(columns: tuple[str, ...]) -> list[str]:
    """Header names with repeats numbered, as no format takes two columns of one name."""
    seen: dict[str, int] = {}
    names = []
    for column in columns:
        seen[column] = seen.get(column, 0) + 1
        names.append(column if seen[column] == 1 else f"{column}_{seen[column]}")
    return names


def _say_unusable(lines: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    for line in lines[:NAMED_LINES]:
        say(f"line {line}: no usable coordinates, left without a grid")
