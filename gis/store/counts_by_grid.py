"""Households and population of each grid of a boundary version.

Counts are kept as they were given, at a point or over a polygon, and split when they are
asked for: new boundaries need no new import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# A piece of less than this share of its polygon is none, and pieces that sum to one within it
# leave nothing outside: that is the rounding of an overlay in doubles.
_NOTHING = 1e-9
_FIGURES = ("households", "population")
_IDS = ("grid_id", "community_id", "township_id")


def _area_m2(shape: str) -> str:
    """SQL of an area on the ellipsoid.

    An edge is straight in degrees and its geodesic is not: 1 m apart in the middle of 10 km.
    In stretches of 0.01°, 1 km, they keep within 1 cm, and a cut leaves the sum alone.
    """
    return f"ST_Area(CAST(ST_Segmentize({shape}, 0.01) AS geography))"


# Grid 0 is no grid: what lies outside. `met` is walked grid by grid, so that PostGIS prepares
# each grid once for all buildings that it meets.
_SPLIT = f"""
    WITH met AS MATERIALIZED (
        SELECT building.id, part.grid_id, grids.code, building.geometry AS whole,
               CASE WHEN ST_Covers(part.geometry, building.geometry) THEN building.geometry
                    ELSE ST_Intersection(part.geometry, building.geometry) END AS piece
        FROM grid_versions AS part
        JOIN grids ON grids.id = part.grid_id
        JOIN building_counts AS building ON ST_Intersects(part.geometry, building.geometry)
        WHERE part.version_id = :version
    ), pieces AS MATERIALIZED (
        SELECT id, grid_id, whole, ST_Area(piece) AS area_deg2, {_area_m2("piece")} AS area_m2
        FROM met WHERE ST_Dimension(whole) = 2
    ), pieces_together AS (
        SELECT id, grid_id, whole, area_m2, sum(area_m2) OVER building AS together_m2,
               sum(area_deg2) OVER building > ST_Area(whole) * (1 - {_NOTHING}) AS is_inside
        FROM pieces WHERE area_deg2 > ST_Area(whole) * {_NOTHING}
        WINDOW building AS (PARTITION BY id)
    ), inside AS MATERIALIZED (
        (SELECT DISTINCT ON (id) id, grid_id, CAST(1 AS float8) AS share
         FROM met WHERE ST_Dimension(whole) = 0 ORDER BY id, code COLLATE "C")
        UNION ALL
        SELECT id, grid_id, area_m2 / CASE WHEN is_inside THEN together_m2
               ELSE greatest(together_m2, {_area_m2("whole")}) END
        FROM pieces_together
    ), parts AS (
        SELECT id, grid_id, share FROM inside
        UNION ALL
        SELECT id, 0, 1 - coalesce(sum(share), 0)
        FROM building_counts LEFT JOIN inside USING (id) GROUP BY id
    ), summed AS (
        SELECT grid_id, sum(households * share) AS households,
               sum(population * share) AS population
        FROM parts JOIN building_counts USING (id)
        WHERE share > {_NOTHING} GROUP BY grid_id
    ), areas AS (
        SELECT grid_id, community_id, township_id
        FROM grid_versions JOIN community_versions USING (version_id, community_id)
        WHERE version_id = :version
        UNION ALL SELECT 0, 0, 0
    ), counted AS (
        SELECT CASE WHEN count(households) > 0 THEN CAST(0 AS float8) END AS households,
               CASE WHEN count(population) > 0 THEN CAST(0 AS float8) END AS population
        FROM building_counts
    )
    SELECT areas.grid_id, community_id, township_id,
           CASE WHEN summed.grid_id IS NULL THEN counted.households ELSE summed.households END,
           CASE WHEN summed.grid_id IS NULL THEN counted.population ELSE summed.population END
    FROM areas CROSS JOIN counted LEFT JOIN summed USING (grid_id)
    ORDER BY areas.grid_id
"""  # noqa: S608 - no part of it comes from outside


@dataclass(frozen=True, slots=True)
class Figures:
    """Households and people, fractional; None where they were not counted."""

    households: float | None
    population: float | None


@dataclass(frozen=True, slots=True)
class CountsByGrid:
    """What was counted, split among the grids of one boundary version.

    ``grids`` has a row for each grid, by id: ``grid_id, community_id, township_id`` and
    ``households, population`` (Float64). NA means not known: no such figure was imported,
    or no building of the grid has it. 0 is a grid without buildings. ``outside`` lies in
    no grid; with ``inside``, the sums over all grids, it is all that was imported.
    """

    grids: pd.DataFrame
    inside: Figures
    outside: Figures


async def counts_by_grid(tx: AsyncConnection, version_id: int) -> CountsByGrid:
    """Split the city's counts among the grids of a version.

    A point counts for the grid that it intersects, on an edge for the lowest code; the
    distance within which a report is still ``nearest`` to a grid does not apply. A polygon
    is cut in degrees, as all topology is, and split in proportion to the areas of the
    pieces on the WGS84 ellipsoid; what the pieces leave of its area is outside.
    """
    rows = await tx.execute(text(_SPLIT), {"version": version_id})
    split = pd.DataFrame(rows.all(), columns=[*_IDS, *_FIGURES])
    split = split.astype(dict.fromkeys(_FIGURES, "Float64"))
    is_grid = split["grid_id"] > 0
    grids = split[is_grid].reset_index(drop=True)
    return CountsByGrid(grids, _sums(grids), _sums(split[~is_grid]))


def _sums(rows: pd.DataFrame) -> Figures:
    totals: list[Any] = [rows[name].sum(min_count=1) for name in _FIGURES]
    return Figures(*(None if pd.isna(total) else float(total) for total in totals))
