"""``wangge import counts``: households and people at buildings, from any file GDAL reads."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from api.cli.open_city import open_city
from api.cli.output import AsJson, counted, result, say
from boundaries.count_file import CountFileOptions, read_counts
from gis.datum import Datum
from gis.store import journal
from gis.store.building_counts import count_totals, replace_counts
from gis.store.engine import transaction


def import_counts(
    file: Annotated[Path, typer.Argument(help="Points or polygons, any format GDAL reads.")],
    households: Annotated[str, typer.Option(help="Column with the households.")],
    population: Annotated[str | None, typer.Option(help="Column with the people.")] = None,
    datum: Annotated[Datum | None, typer.Option(help="Datum, whatever the file claims.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import counts at buildings in the place of those the city had."""
    options = CountFileOptions(households, population, datum)
    asyncio.run(_import(file, options, as_json=as_json))


async def _import(path: Path, options: CountFileOptions, *, as_json: bool) -> None:
    read = read_counts(path, options)
    for note in read.notes:
        say(note)
    async with open_city() as city, transaction(city.engine) as tx:
        await replace_counts(tx, read.frame)
        totals = await count_totals(tx)
        await journal.append(
            tx,
            actor="command",
            kind="counts.imported",
            subject="building_counts",
            after={
                "buildings": totals.buildings,
                "households": totals.households,
                "population": totals.population,
            },
        )
    sums = [f"{totals.households or 0:,} households"]
    if totals.population is not None:
        sums.append(f"{totals.population:,} people")
    result(
        {
            "buildings": totals.buildings,
            "households": totals.households,
            "population": totals.population,
        },
        as_json=as_json,
        words=f"{counted(totals.buildings, 'building')} with {' and '.join(sums)}.",
    )
