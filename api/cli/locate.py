"""``wangge locate``: the rows of a file, each with its grid and person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import typer
from numpy.typing import NDArray

from api.cases.coordinates import read_coordinates
from api.cases.duty import NO_RULE, Roster
from api.cases.files.open import open_table
from api.cases.files.table import Rows, Table, no_rows
from api.cases.placement import place
from api.cases.report_faults import ReportFault, told
from api.cli.open_city import open_city
from api.cli.output import AsJson, counted, result, say
from api.cli.overwriting import refuse_overwriting
from api.cli.writing import write_and_tell
from api.locating import utc
from api.locators import Locator, Locators, city_bounds
from gis.datum import Datum
from gis.locate import Reason
from gis.store.engine import transaction
from gis.store.staff import posts_during

ADDED = ("grid_code", "grid_reason", "staff", "staff_rule")
WITHOUT_GEOMETRY = frozenset({".csv", ".xlsx"})
RESERVED = frozenset({"geometry", "geom", "fid", "ogc_fid"})
"""What formats with a geometry call columns of their own."""
NAMED_LINES = 20


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
    refuse_overwriting(path, out, option="--out")
    places = table.index_of(lng), table.index_of(lat)
    now = datetime.now(UTC)
    async with open_city() as city, transaction(city.engine) as tx:
        locators = await Locators(
            nearest_m=city.profile.nearest_m, metric=city.profile.metric_crs
        ).at(tx, now)
        posts = await posts_during(tx, now, now)
        roles = city.profile.duty.roles
    found = await asyncio.to_thread(_located, table, places, datum, locators, posts, roles, now)
    await asyncio.to_thread(write_and_tell, _written(found, out), out)
    reasons = found.rows["grid_reason"].value_counts().to_dict()
    counts = {reason.word: int(reasons.get(reason.word, 0)) for reason in Reason}
    blank = len(found.rows) - sum(counts.values())
    result(
        {
            "read": len(found.rows) + found.left_out,
            **counts,
            "without_place": blank,
            "left_out": found.left_out,
            "file": str(out),
        },
        as_json=as_json,
        words=f"{counted(len(found.rows), 'row')} in {out}: "
        + ", ".join(f"{count:,} {word}" for word, count in counts.items())
        + (f", {blank:,} without usable coordinates" if blank else "")
        + (f"; {counted(found.left_out, 'row')} left out" if found.left_out else "")
        + ".",
    )


@dataclass(frozen=True, slots=True)
class LocatedRows:
    """The file's rows as text with the four columns; their points in WGS84, None for no place.

    ``left_out`` counts rows that could not be cut into the file's columns.
    """

    rows: pd.DataFrame
    points: NDArray[np.object_]
    left_out: int


def _located(
    table: Table,
    places: tuple[int, int],
    datum: Datum,
    locators: list[Locator],
    posts: pd.DataFrame,
    roles: tuple[str, ...],
    now: datetime,
) -> LocatedRows:
    roster = Roster.build(posts, roles)
    staff = np.array([*posts["staff_code"], None], dtype=object)
    words = np.array([*(reason.word for reason in Reason)], dtype=object)
    code = np.array([*(locators[0].index.codes if locators else ()), None], dtype=object)
    bounds = city_bounds(locators)
    parts, points, left_out = [], [], 0
    for chunk in table.chunks():
        rows = chunk.without_blank()
        given = read_coordinates(rows.column(places[0]), rows.column(places[1]), bounds)
        good = np.flatnonzero(given.fault == 0)
        _say_unusable(rows, places, given.fault, len(table.columns))
        left_out += len(rows.malformed)
        instants = np.full(len(good), utc(now))
        placed = place(locators, given.lng[good], given.lat[good], datum, instants)
        answers = placed.answered_by(roster, instants)
        added = pd.DataFrame(
            {
                "grid_code": code[placed.grid],
                "grid_reason": words[placed.reason],
                "staff": staff[answers.post],
                "staff_rule": pd.arrays.IntegerArray(answers.rule, answers.rule == NO_RULE),
            },
            index=good,
        )
        part = rows.cells.to_pandas().set_axis(list(table.columns), axis=1)
        parts.append(part.drop(columns=[*ADDED], errors="ignore").join(added))
        points.append(np.full(len(part), None, dtype=object))
        points[-1][good] = shapely.points(placed.lng, placed.lat)
    if not sum(map(len, parts)):
        raise no_rows(table.path)
    located: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return LocatedRows(located, np.concatenate(points), left_out)


def _written(found: LocatedRows, out: Path) -> pd.DataFrame:
    """The rows as the format takes them: each column with a name of its own."""
    if out.suffix.lower() in WITHOUT_GEOMETRY:
        return found.rows.set_axis(_unique(found.rows.columns, frozenset()), axis=1)
    rows = found.rows.set_axis(_unique(found.rows.columns, RESERVED), axis=1)
    points: pd.DataFrame = gpd.GeoDataFrame(rows, geometry=found.points, crs=4326)
    return points


def _unique(columns: Iterable[str], reserved: frozenset[str]) -> list[str]:
    """Names with repeats numbered; most formats do not tell ``Id`` from ``id``."""
    given = list(columns)
    taken = {*reserved, *ADDED}
    names = []
    for number, column in enumerate(given, start=1):
        name, again = column or f"column_{number}", 1
        while name.lower() in taken and column not in ADDED:
            again += 1
            name = f"{column or 'column'}_{again}"
        taken.add(name.lower())
        names.append(name)
    return names


def _say_unusable(
    rows: Rows, places: tuple[int, int], fault: NDArray[np.uint8], width: int
) -> None:
    lng, lat = (rows.column(place) for place in places)
    lines = []
    for row in np.flatnonzero(fault).tolist():
        texts = {"lng": lng[row].as_py(), "lat": lat[row].as_py()}
        why = told(ReportFault(fault[row]), texts)
        lines.append((int(rows.lines[row]), f"{why}; left without a grid"))
    lines += [
        (row.line, f"{len(row.values)} values for {width} columns, left out")
        for row in rows.malformed
    ]
    for line, why in sorted(lines)[:NAMED_LINES]:
        say(f"line {line}: {why}")
    if len(lines) > NAMED_LINES:
        say(f"… and {len(lines) - NAMED_LINES:,} lines more.")
