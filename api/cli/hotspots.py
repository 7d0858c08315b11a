"""``wangge hotspots``: what stands out of a file of points, or of a table with weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from api.cli.hotspot_cells import PointOptions, write_cells
from api.cli.hotspot_table import TableOptions, write_rows
from api.cli.output import AsJson
from api.cli.overwriting import refuse_overwriting
from gis.errors import BadInput
from gis.patterns.getis_ord import Style
from gis.patterns.steps import Step
from gis.patterns.time_classes import Variant


def hotspots(
    file: Annotated[Path, typer.Argument(help="CSV, xlsx or any table GDAL reads.")],
    out: Annotated[Path, typer.Option(help="File to write; its ending says the format.")],
    lng: Annotated[str | None, typer.Option(help="Column with longitudes.")] = None,
    lat: Annotated[str | None, typer.Option(help="Column with latitudes.")] = None,
    resolution: Annotated[int | None, typer.Option(help="Resolution of the H3 cells.")] = None,
    region: Annotated[
        Path | None, typer.Option(help="Polygons of the region; else all around the points.")
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=10, help="Rings of neighbours.")] = 1,
    time: Annotated[str | None, typer.Option(help="Column with times.")] = None,
    step: Annotated[Step, typer.Option(help="Steps in time.")] = "week",
    emerging: Annotated[Variant | None, typer.Option(help="Classes in time, by variant.")] = None,
    tz: Annotated[str, typer.Option(help="Zone of times without one.")] = "Asia/Shanghai",
    value: Annotated[str | None, typer.Option(help="Column with values.")] = None,
    row_id: Annotated[str | None, typer.Option("--id", help="Column with names of places.")] = None,
    weights: Annotated[Path | None, typer.Option(help="GAL file of neighbours.")] = None,
    style: Annotated[Style, typer.Option(help="Style of the weights.")] = "binary",
    star: Annotated[bool, typer.Option(help="Count a place among its neighbours.")] = True,
    as_json: AsJson = False,
) -> None:
    """Hotspots of points by cell (--lng), or of values by place (--value).

    Points: cell, count, z, p, q, bin, and class with --emerging. Values: id, value, z, p, q, bin.
    """
    refuse_overwriting(file, out, option="--out")
    if value is not None:
        if row_id is None or weights is None:
            _needs("--value", "--id and --weights")
        write_rows(file, TableOptions(value, row_id, weights, style, star), out, as_json=as_json)
        return
    if lng is None or lat is None or resolution is None:
        _needs("hotspots", "--lng, --lat and --resolution, or --value, --id and --weights")
    if emerging is not None and time is None:
        _needs("--emerging", "--time")
    options = PointOptions(lng, lat, resolution, region, k, time, step, emerging, tz)
    write_cells(file, options, out, as_json=as_json)


def _needs(what: str, needed: str) -> NoReturn:
    raise BadInput("option_missing", f"{what} needs {needed}")
