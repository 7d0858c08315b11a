"""An impact as a GeoPackage, to look at in any desktop GIS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from boundaries.exchange import write_layers
from boundaries.succession.impact import GridFigures, Impact, Move
from boundaries.succession.lineage import CodedPolygons, Descent
from gis.polygonal import only_polygons

_FIGURES = ("code", "name", "kind", "community", "township", "area_m2", "households",
            "population", "load", "staff")  # fmt: skip


def impact_layers(impact: Impact) -> dict[str, gpd.GeoDataFrame]:
    """The layers of an impact, EPSG:4326, also those with nothing in them.

    ``grids_before`` and ``grids_after``: the grids that change, with their figures.
    ``cases``: each open case that changes its grid, at its place, from whom to whom.
    ``lineage``: each piece of ground by old and new grid, with its shares.
    What nobody counted is empty, not 0.
    """
    return {
        "grids_before": _grids(impact.before, impact.shapes_before),
        "grids_after": _grids(impact.after, impact.shapes_after),
        "cases": _cases(impact.moves_of("cases")),
        "lineage": _lineage(impact),
    }


def write_impact(impact: Impact, path: Path) -> None:
    """Write the layers as one GeoPackage, whole or not at all.

    Raises
    ------
    BadInput
        ``folder_missing``.
    """
    write_layers(impact_layers(impact), path)


def _grids(figures: Sequence[GridFigures], shapes: CodedPolygons) -> gpd.GeoDataFrame:
    polygons = dict(zip(shapes.codes, shapes.polygons, strict=True))
    rows = pd.DataFrame([asdict(each) for each in figures], columns=list(_FIGURES))
    counted = dict.fromkeys(("area_m2", "households", "population"), "Float64")
    rows = rows.astype(counted | dict.fromkeys(("load", "staff"), "int64"))
    return gpd.GeoDataFrame(rows, geometry=[polygons[code] for code in rows["code"]], crs=4326)


def _cases(moves: Sequence[Move]) -> gpd.GeoDataFrame:
    def code(move: Move, side: str) -> str | None:
        person = getattr(move, f"person_{side}")
        return None if person is None else str(person.code)

    columns = {
        "number": pd.Series([move.row_id for move in moves], dtype="int64"),
        "grid_from": _texts([move.grid_from for move in moves]),
        "grid_to": _texts([move.grid_to for move in moves]),
        "staff_from": _texts([code(move, "from") for move in moves]),
        "staff_to": _texts([code(move, "to") for move in moves]),
    }
    places = [None if move.place is None else shapely.Point(move.place) for move in moves]
    return gpd.GeoDataFrame(columns, geometry=places, crs=4326)


def _lineage(impact: Impact) -> gpd.GeoDataFrame:
    old, new = (
        dict(zip(shapes.codes, shapes.polygons, strict=True))
        for shapes in (impact.shapes_before, impact.shapes_after)
    )
    rows: Sequence[Descent] = impact.lineage
    pieces = [shapely.intersection(old[row.old], new[row.new]) for row in rows]
    columns = {
        "old": _texts([row.old for row in rows]),
        "new": _texts([row.new for row in rows]),
        **{
            name: pd.Series([getattr(row, name) for row in rows], dtype="Float64")
            for name in ("area_m2", "area_share", "households_share")
        },
    }
    return gpd.GeoDataFrame(columns, geometry=list(only_polygons(pieces)), crs=4326)


def _texts(words: Sequence[str | None]) -> pd.Series:
    return pd.Series(words, dtype="object")
