"""``wangge import counts``: households and people at buildings, from any file GDAL reads."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.open_city import open_city
from api.cli.output import AsJson, counted, result, say
from boundaries.files.count_file import CountFileOptions, read_counts
from gis.datum import Datum
from gis.store import journal
from gis.store.building_counts import count_totals, replace_counts
from gis.store.counts_by_grid import CountsByGrid, Figures, counts_by_grid
from gis.store.engine import Transaction, transaction
from gis.store.versions import version_at, version_chain

# Of a household that a polygon's split leaves inside or outside, as it is printed.
DECIMALS = 6


def import_counts(
    file: Annotated[Path, typer.Argument(help="Points or polygons, any format GDAL reads.")],
    households: Annotated[str, typer.Option(help="Column with the households.")],
    population: Annotated[str | None, typer.Option(help="Column with the people.")] = None,
    datum: Annotated[Datum | None, typer.Option(help="Datum, whatever the file claims.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import counts at buildings or blocks in the place of those the city had."""
    options = CountFileOptions(households, population, datum)
    asyncio.run(_import(file, options, as_json=as_json))


async def _import(path: Path, options: CountFileOptions, *, as_json: bool) -> None:
    read = read_counts(path, options)
    for note in read.notes:
        say(note)
    async with open_city() as city, transaction(city.engine) as tx:
        await replace_counts(tx, read.frame)
        totals = await count_totals(tx)
        split = await _split_today(tx)
        stored = {
            "buildings": totals.buildings,
            "households": totals.households,
            "population": totals.population,
        }
        await journal.append(
            tx,
            actor="command",
            kind="counts.imported",
            subject="building_counts",
            after=stored,
        )
    given = Figures(totals.households, totals.population)
    words = f"{counted(totals.buildings, 'building')} with {_words(given)}"
    if split is None:
        words += "; no grids are in force yet"
    else:
        words += f": {_words(split.inside)} in the grids in force"
        words += f", {_words(split.outside)} outside"
    result(
        {
            **stored,
            "inside": None if split is None else _rounded(split.inside),
            "outside": None if split is None else _rounded(split.outside),
        },
        as_json=as_json,
        words=f"{words}.",
    )


async def _split_today(tx: Transaction) -> CountsByGrid | None:
    """The counts by the grids in force; None where none are yet."""
    version = version_at(await version_chain(tx), datetime.now(UTC))
    return None if version is None else await counts_by_grid(tx, version.id)


def _words(figures: Figures) -> str:
    named = ((figures.households, "households"), (figures.population, "people"))
    said = [f"{round(figure, 1):,.12g} {name}" for figure, name in named if figure is not None]
    return " and ".join(said) or "no count"


def _rounded(figures: Figures) -> dict[str, float | None]:
    return {
        name: None if figure is None else round(figure, DECIMALS)
        for name, figure in asdict(figures).items()
    }
