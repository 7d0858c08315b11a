"""Which state of the store a tile shows; part of its address, ETag and cache key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.tile_shapes import last_drawn, versions
from gis.store.versions import version_at, version_chain
from tiles.layers import TILE_FORMAT, Layer


@dataclass(frozen=True, slots=True)
class Edition:
    """The boundary version in force (None for a new city) and the number of a layer's tiles.

    Both count: a version published for a later day comes into force without any change.
    """

    version_id: int | None
    number: int

    def __str__(self) -> str:
        """Short word that differs between editions, fit for addresses and headers."""
        return f"{TILE_FORMAT}.{self.version_id or 0}.{self.number}"


async def edition_at(tx: AsyncConnection, layer: Layer, instant: datetime) -> Edition:
    """The edition of a layer's tiles at ``instant``; before a version is drawn, the one before.

    Read it before rendering: then a change in between shows under the old edition for a
    moment, and never an old tile under the new one.
    """
    chain = await version_chain(tx)
    version = version_at(chain, instant)
    if layer.is_drawn and version is not None:
        version = await last_drawn(tx, chain[: chain.index(version) + 1]) or version
    numbers = await versions(tx)
    return Edition(None if version is None else version.id, numbers.get(layer.name, 0))
