"""A client of the real application whose every request runs in the test's own transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from api.app import create_app
from api.intake.service import Intake
from api.locators import Locators
from api.profile import read_profile
from api.service import Service
from api.settings import SHIPPED_PROFILE, Settings
from gis.store.engine import CityEngine, Transaction
from tests.api.signing_in import asking, open_session_of
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
    app.state.intake = Intake.of(app.state.service, app.state.service.transaction)
    yield app


SignedIn = Callable[..., Awaitable[httpx.AsyncClient]]
"""``signed_in(role, area=None, **more)``: a client of a new account with a real session."""


@pytest.fixture
def app(tx: Transaction, engine: CityEngine) -> Iterator[FastAPI]:
    """The application of the test's own city."""
    with app_in(tx, engine) as app:
        yield app


@pytest_asyncio.fixture
async def signed_in(app: FastAPI, tx: Transaction) -> AsyncIterator[SignedIn]:
    """Gives clients in process, each signed in; nothing they write stays."""
    async with AsyncExitStack() as stack:

        async def client_of(
            role: str, area: str | None = None, **more: str | None
        ) -> httpx.AsyncClient:
            token = await open_session_of(tx, role, area, **more)
            return await stack.enter_async_context(asking(app, token))

        yield client_of


@pytest_asyncio.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the application in process without having signed in."""
    async with asking(app) as client:
        yield client


@pytest_asyncio.fixture
async def client(signed_in: SignedIn) -> httpx.AsyncClient:
    """Asks as a dispatcher of the whole city."""
    return await signed_in("dispatcher")
