"""Rendering one Mapbox Vector Tile (MVT 2) from the store."""

from __future__ import annotations

from functools import cache
from importlib import resources

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.errors import NotFound
from gis.store.case_filter import CaseFilter
from tiles.case_memory import CaseMemory
from tiles.case_tiles import render_cases
from tiles.layers import MAX_ZOOM, Layer, stored_zoom


async def render(
    tx: AsyncConnection,
    layer: Layer,
    z: int,
    x: int,
    y: int,
    version_id: int | None,
    cases: CaseFilter = CaseFilter(),  # noqa: B008 - frozen
    memory: CaseMemory | None = None,
) -> bytes:
    """One tile of the XYZ scheme (EPSG:3857, y from the north), 4096 units wide.

    Parameters
    ----------
    version_id
        The boundary version to draw; None draws none. Cases are told apart by its townships.
    cases
        Which cases; ``bbox`` is not looked at. Other layers ignore it.
    memory
        Where this city's final cases are kept from one tile to the next; None reads them.

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
        return await render_cases(
            tx, _sql("cases"), z, x, y, version_id, cases, memory or CaseMemory()
        )
    if version_id is None:
        return b""
    statement, bound = query(layer, z, x, y, version_id)
    return bytes((await tx.execute(statement, bound)).scalar_one())


def query(
    layer: Layer, z: int, x: int, y: int, version_id: int
) -> tuple[TextClause, dict[str, object]]:
    """The statement that encodes a tile of shapes, and the values it is bound to."""
    bound: dict[str, object] = {
        "z": z,
        "x": x,
        "y": y,
        "version_id": version_id,
        "stored_zoom": stored_zoom(z),
    }
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


@cache
def _sql(layer: str) -> TextClause:
    return text((resources.files("tiles") / "sql" / f"{layer}.sql").read_text("utf-8"))
