"""``wangge import grids``: a city's coverage from any file GDAL reads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import pyproj
import typer

from api.cli.open_city import OpenCity, open_city
from api.cli.output import AsJson, counted, result, say
from api.due_jobs import DueJobs, jobs_of_a_city
from api.profile import read_profile
from api.publishing import publish_coverage
from api.settings import read_settings
from boundaries.files.fault_file import list_faults, write_faults
from boundaries.files.grid_file import GridFileOptions, read_grids
from boundaries.intake import (
    DEFAULT_MAX_GAP_M,
    Admission,
    CoverageRefused,
    admit,
    measuring_crs,
)
from boundaries.publish import Published
from gis.datum import Datum
from gis.errors import BadInput, NotFound
from gis.store.cities import CityRow, add_city, get_city
from gis.store.engine import Transaction, transaction
from gis.store.versions import version_chain

LISTED_FAULTS = 200


@dataclass(frozen=True, slots=True)
class Admitting:
    """How a file is admitted."""

    repair: bool
    max_gap_m: float
    drop_collapsed: bool
    faults: Path
    new_outline: bool


def import_grids(
    file: Annotated[Path, typer.Argument(help="Any format GDAL reads.")],
    code: Annotated[str, typer.Option(help="Column with the grid codes.")],
    city_name: Annotated[str | None, typer.Option(help="Name of a new city.")] = None,
    name: Annotated[str | None, typer.Option(help="Column with grid names.")] = None,
    township: Annotated[str | None, typer.Option(help="Column with townships.")] = None,
    community: Annotated[str | None, typer.Option(help="Column with communities.")] = None,
    kind: Annotated[str | None, typer.Option(help="Column with base or dedicated.")] = None,
    layer: Annotated[str | None, typer.Option(help="Layer of the file.")] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of the file, e.g. EPSG:4549.")] = None,
    datum: Annotated[Datum | None, typer.Option(help="Datum, whatever the file claims.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Repair the coverage.")] = False,
    max_gap: Annotated[
        float, typer.Option(min=0, help="Metres; gaps no wider are faults.")
    ] = DEFAULT_MAX_GAP_M,
    drop_collapsed: Annotated[
        bool, typer.Option("--drop-collapsed", help="Leave out grids a repair makes vanish.")
    ] = False,
    new_outline: Annotated[
        bool, typer.Option("--new-outline", help="The city's outline changes with this file.")
    ] = False,
    faults: Annotated[
        Path | None, typer.Option(help="GeoPackage of the faults; default beside the file's name.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a coverage; the city is made and migrated when it is new."""
    options = GridFileOptions(
        code=code,
        city_name=city_name or read_settings().city,
        name=name,
        township=township,
        community=community,
        kind=kind,
        layer=layer,
        crs=crs,
        datum=datum,
    )
    admitting = Admitting(
        repair, max_gap, drop_collapsed, faults or Path(f"{file.stem}-faults.gpkg"), new_outline
    )
    asyncio.run(_import(file, options, city_name, admitting, as_json=as_json))


async def _import(
    file: Path,
    options: GridFileOptions,
    city_name: str | None,
    admitting: Admitting,
    *,
    as_json: bool,
) -> None:
    stored, latest = await _stored_city()
    name = stored.name if stored else options.city_name
    if city_name not in {None, name}:
        say(f"The city is called {name} already; --city-name {city_name} is not used.")
    # Everything about the file is decided before the city is made or touched.
    read = read_grids(file, replace(options, city_name=name))
    for note in read.notes:
        say(note)
    crs = measuring_crs(read.frame, read_profile(read_settings().profile).metric_crs)
    admission = _admitted(read.frame, crs, admitting)
    for warning in admission.warnings:
        say(warning)
    async with open_city(create=True) as city, transaction(city.engine) as tx:
        await add_city(tx, CityRow(city.settings.city, name, generated=False))
        published = await _published(tx, city, admission, crs, admitting, onto=latest)
    async with open_city() as city:
        # What follows from it is not left to a service that may not be running.
        await DueJobs(city.engine, jobs_of_a_city(city.profile)).do_all()
    _tell(admission, published, as_json=as_json)


async def _published(
    tx: Transaction,
    city: OpenCity,
    admission: Admission,
    crs: pyproj.CRS,
    admitting: Admitting,
    *,
    onto: int,
) -> Published:
    try:
        published = await publish_coverage(
            tx,
            admission.frame,
            profile=city.profile,
            now=datetime.now(UTC),
            actor="command",
            crs=crs,
            allow_outline_change=admitting.new_outline,
            onto=onto,
        )
    except BadInput as refusal:
        if refusal.code == "outline_changed":
            say("With --new-outline the city's outline changes with this file.")
        raise
    if published.outline_change is not None:
        say(f"The city's outline has changed: {published.outline_change}.")
    return published


async def _stored_city() -> tuple[CityRow | None, int]:
    """The city, and the number of its latest version: 0 where there is none."""
    try:
        async with open_city() as city, transaction(city.engine) as tx:
            chain = await version_chain(tx)
            return await get_city(tx), chain[-1].number if chain else 0
    except NotFound as error:
        if error.code != "city_not_there":
            raise
        return None, 0


def _admitted(frame: gpd.GeoDataFrame, crs: pyproj.CRS, admitting: Admitting) -> Admission:
    try:
        admission = admit(
            frame,
            crs=crs,
            repair=admitting.repair,
            max_gap_m=admitting.max_gap_m,
            drop_collapsed=admitting.drop_collapsed,
        )
    except CoverageRefused as refusal:
        lines = list_faults(refusal.faults)
        for line in lines[:LISTED_FAULTS]:
            say(line)
        if len(lines) > LISTED_FAULTS:
            say(f"… and {len(lines) - LISTED_FAULTS} more in {admitting.faults}.")
        write_faults(refusal.faults, admitting.faults)
        say(f"Every fault is in {admitting.faults}, to look at.")
        if refusal.code == "repair_loses_grids":
            say("With --drop-collapsed they are left out.")
        raise
    if admission.repair is not None:
        repaired = replace(admission.faults, holes=(), multipart=())
        for line in list_faults(repaired)[:LISTED_FAULTS]:
            say(line)
        write_faults(admission.faults, admitting.faults)
        say(f"What was repaired is in {admitting.faults}, to look at.")
    return admission


def _tell(admission: Admission, published: Published, *, as_json: bool) -> None:
    repair = admission.repair
    version = published.version
    count = len(admission.frame)
    result(
        {
            "grids": count,
            "version": version.number,
            "unchanged": not published.is_new,
            "warnings": len(admission.warnings),
            "faults": {kind: len(found) for kind, found in admission.faults.by_kind.items()},
            "repaired": repair is not None,
            "changed": [] if repair is None else [change.code for change in repair.changed],
            "dropped": [] if repair is None else list(repair.vanished),
        },
        as_json=as_json,
        words=f"{counted(count, 'grid')}, version {version.number}."
        if published.is_new
        else f"Nothing changed: version {version.number} holds the same {counted(count, 'grid')}.",
    )
