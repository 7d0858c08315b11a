"""``wangge import reports``: a file of reports, each a case of its own."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cases.rejects import RejectsFile
from api.cases.report_checks import ReportRules
from api.cases.report_file import ReportColumns, open_report_file
from api.cli.open_city import OpenCity, open_city
from api.cli.output import AsJson, counted, progress, result
from api.cli.overwriting import refuse_overwriting
from api.cli.zone import read_zone
from api.known_categories import known_categories
from api.locators import Locators, city_bounds
from api.report_import import ImportInto, Tally, import_reports
from gis.datum import Datum
from gis.store.engine import transaction


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What the command line said."""

    columns: ReportColumns
    datum: Datum
    zone: str | None
    add_categories: bool
    state: str
    strict: bool
    rejects: Path | None


def import_reports_command(
    file: Annotated[Path, typer.Argument(help="CSV, xlsx or any table GDAL reads.")],
    lng: Annotated[str, typer.Option(help="Column with longitudes.")],
    lat: Annotated[str, typer.Option(help="Column with latitudes.")],
    time_column: Annotated[str, typer.Option("--time", help="Column with times.")],
    category: Annotated[str, typer.Option(help="Column with categories.")],
    id_column: Annotated[str | None, typer.Option("--id", help="Column with ids.")] = None,
    datum: Annotated[Datum, typer.Option(help="Datum of the coordinates.")] = Datum.WGS84,
    tz: Annotated[str | None, typer.Option(help="Zone of times without an offset.")] = None,
    add_categories: Annotated[
        bool, typer.Option("--add-categories", help="Store unknown categories.")
    ] = False,
    open_cases: Annotated[
        bool, typer.Option("--open-cases", help="Cases to be handled, not history.")
    ] = False,
    rejects: Annotated[Path | None, typer.Option(help="CSV of the rows not taken.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Import nothing if a row is rejected.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import reports; each makes a case, joined to its grid and person."""
    options = ReportOptions(
        ReportColumns(lng=lng, lat=lat, time=time_column, category=category, id=id_column),
        datum,
        tz,
        add_categories,
        "received" if open_cases else "historic",
        strict,
        rejects,
    )
    asyncio.run(_import(file, options, as_json=as_json))


async def _import(path: Path, options: ReportOptions, *, as_json: bool) -> None:
    file = open_report_file(path, options.columns)
    refuse_overwriting(path, options.rejects, option="--rejects")
    started = time.monotonic()
    async with open_city() as city:
        locators = Locators(nearest_m=city.profile.nearest_m, metric=city.profile.metric_crs)
        rules = await _rules(city, locators, options)
        into = ImportInto(
            city.engine,
            city.profile,
            locators,
            options.state,
            options.strict,
            file.table.content_hash,
        )
        with (
            RejectsFile(options.rejects, file.table.columns) as rejects,
            progress("Importing reports", file.table.row_count) as bar,
        ):
            tally = await import_reports(file, rules, rejects, into, bar)
    _tell(tally, rejects, time.monotonic() - started, as_json=as_json)


async def _rules(city: OpenCity, locators: Locators, options: ReportOptions) -> ReportRules:
    now = datetime.now(UTC)
    async with transaction(city.engine) as tx:
        known = await known_categories(tx, city.profile)
        today = await locators.at(tx, now)
    return ReportRules(
        datum=options.datum,
        zone=read_zone(options.zone) if options.zone else city.profile.zone,
        categories=frozenset(known.by_code),
        add_categories=options.add_categories,
        bounds=city_bounds(today),
        now=now,
    )


def _tell(tally: Tally, rejects: RejectsFile, seconds: float, *, as_json: bool) -> None:
    result(
        {
            "read": tally.read,
            "imported": tally.imported,
            "unchanged": tally.unchanged,
            "rejected": tally.rejected,
            **{word: tally.reasons[word] for word in ("inside", "edge", "nearest", "outside")},
            "flagged": dict(tally.flagged),
            "rejected_for": dict(rejects.by_reason),
            "seconds": round(seconds, 3),
            "reports_per_s": round(tally.imported / seconds),
        },
        as_json=as_json,
        words=f"{counted(tally.read, 'row')}: {tally.imported:,} imported"
        f" ({tally.reasons['inside']:,} inside, {tally.reasons['edge']:,} on an edge,"
        f" {tally.reasons['nearest']:,} nearest, {tally.reasons['outside']:,} outside),"
        f" {tally.unchanged:,} unchanged, {tally.rejected:,} rejected, in {seconds:.1f} s.",
    )
