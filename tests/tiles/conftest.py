"""The small city, published once a module; what a test adds is rolled back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest_asyncio

from boundaries.publish import publish
from gis.crs import metric_crs
from gis.store.engine import CityEngine, Transaction
from tests.databases import rolled_back
from tests.tiles.small_city import SOUTH, WEST, grid_frame
from tiles.shapes import build_shapes, store_shapes


@dataclass(frozen=True)
class PublishedCity:
    """A transaction in which a version is published, its shapes stored."""

    tx: Transaction
    version_id: int


@pytest_asyncio.fixture(scope="module")
async def _published(engine: CityEngine) -> AsyncIterator[PublishedCity]:
    async with rolled_back(engine) as tx:
        frame = grid_frame()
        published = await publish(
            tx,
            frame,
            effective_at=datetime(2026, 1, 1, tzinfo=UTC),
            actor="test",
            crs=metric_crs(WEST, SOUTH),
        )
        await store_shapes(tx, published.version.id, build_shapes(frame))
        yield PublishedCity(tx, published.version.id)


@pytest_asyncio.fixture
async def city(_published: PublishedCity) -> AsyncIterator[PublishedCity]:
    """The published small city."""
    savepoint = await _published.tx.begin_nested()
    yield _published
    await savepoint.rollback()
