"""A client of the real application whose every request runs in the test's own transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest_asyncio
from fastapi import FastAPI

from api.app import create_app
from api.intake.service import Intake
from api.locators import Locators
from api.profile import read_profile
from api.service import Service
from api.settings import SHIPPED_PROFILE, Settings
from gis.store.engine import CityEngine, Transaction
from tests.databases import CITY


@dataclass(frozen=True, slots=True)
class ServiceInTest(Service):
    """A service whose every transaction is part of the test's, and rolled back with it."""

    tx: Transaction

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A savepoint of the test's transaction."""
        async with self.tx.begin_nested():
            yield self.tx


@contextmanager
def app_in(tx: Transaction, engine: CityEngine) -> Iterator[FastAPI]:
    """The application without its lifespan: its database is the test's transaction."""
    settings = Settings(city=CITY, home=Path("unused"), profile=SHIPPED_PROFILE)
    profile = read_profile(settings.profile)
    app = create_app(settings)
    app.state.service = ServiceInTest(
        settings,
        profile,
        engine,
        Locators(nearest_m=profile.nearest_m, metric=profile.metric_crs),
        tx,
    )
    app.state.intake = Intake.of(app.state.service)
    yield app


@pytest_asyncio.fixture
async def client(tx: Transaction, engine: CityEngine) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the application in process; nothing it writes stays."""
    with app_in(tx, engine) as app:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as asking:
            yield asking
