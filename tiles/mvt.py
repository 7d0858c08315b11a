"""Rendering one Mapbox Vector Tile (MVT 2) from the store."""

from __future__ import annotations

from functools import cache
from importlib import resources

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.errors import NotFound
from gis.store.case_filter import CaseFilter
from tiles.layers import EXTENT, MAX_ZOOM, Layer, stored_zoom

# From here on a screen holds few enough cases to show them one by one.
SINGLE_CASES_FROM_ZOOM = 13
# A tile with more places than this gathers them all the same (about 60 bytes a place).
MOST_SPOTS = 2_000


async def render(
    tx: AsyncConnection,
    layer: Layer,
    z: int,
    x: int,
    y: int,
    version_id: int | None,
    cases: CaseFilter = CaseFilter(),  # noqa: B008 - frozen
) -> bytes:
    """One tile of the XYZ scheme (EPSG:3857, y from the north), 4096 units wide.

    Parameters
    ----------
    version_id
        The boundary version to draw; None draws none (cases do not need one).
    cases
        Which cases; ``bbox`` is not looked at. Other layers ignore it.

    Returns
    -------
    bytes
        The encoded tile; empty when nothing lies in it.

    Raises
    ------
    NotFound
        ``tile_out_of_range``: no such zoom, column or row.
    """
    check_address(z, x, y)
    if layer.name == "cases":
        # A plan made without knowing the tile reads the index for a whole city too: 290 ms
        # instead of 53 for 85,000 cases. Planning anew costs 0.6 ms.
        await tx.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    elif version_id is None:
        return b""
    statement, bound = query(layer, z, x, y, version_id, cases)
    return bytes((await tx.execute(statement, bound)).scalar_one())


def query(
    layer: Layer, z: int, x: int, y: int, version_id: int | None, cases: CaseFilter
) -> tuple[TextClause, dict[str, object]]:
    """The statement that encodes a tile, and the values it is bound to."""
    bound: dict[str, object] = {"z": z, "x": x, "y": y}
    if layer.name == "cases":
        bound |= _bound_cases(z, x, y, cases)
    else:
        bound |= {"version_id": version_id, "stored_zoom": stored_zoom(z)}
    if layer.labels_from_zoom is not None:
        bound["labels_from_zoom"] = layer.labels_from_zoom
    return _sql(layer.name), bound


def check_address(z: int, x: int, y: int) -> None:
    """Refuse a tile that is not in the pyramid: NotFound ``tile_out_of_range``."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(
            "tile_out_of_range",
            f"There is no tile {z}/{x}/{y}: zoom is 0 to {MAX_ZOOM}, column and row 0 to 2^zoom-1.",
            z=z,
            x=x,
            y=y,
        )


def _bound_cases(z: int, x: int, y: int, cases: CaseFilter) -> dict[str, object]:
    return {
        "world_units": float(EXTENT * 2**z),
        "west_units": float(EXTENT * x),
        "north_units": float(EXTENT * y),
        "gathered": z < SINGLE_CASES_FROM_ZOOM,
        "most_spots": MOST_SPOTS,
        "occurred_from": cases.occurred_from,
        "occurred_to": cases.occurred_to,
        "categories": list(cases.categories) or None,
        "hidden": list(cases.hidden),
        "states": list(cases.states) or None,
        "kinds": list(cases.kinds) or None,
        "grid": cases.grid,
        "within_grids": None if cases.within_grids is None else sorted(cases.within_grids),
        "only_categories": None if cases.only_categories is None else sorted(cases.only_categories),
        "held": cases.held,
    }


@cache
def _sql(layer: str) -> TextClause:
    return text((resources.files("tiles") / "sql" / f"{layer}.sql").read_text("utf-8"))
