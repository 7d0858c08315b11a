"""What a running service holds: settings, profile, engine, locators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from api.locators import Locators
from api.profile import CityProfile
from api.settings import Settings
from gis.store.engine import CityEngine, Transaction, transaction


@dataclass(frozen=True, slots=True)
class Service:
    """One city, served by one process.

    ``written`` is set when this process has committed journal rows, for the stamper.
    """

    settings: Settings
    profile: CityProfile
    engine: CityEngine
    locators: Locators
    written: asyncio.Event = field(default_factory=asyncio.Event, init=False, compare=False)

    def journal_written(self) -> None:
        """Say, after a commit, that the journal has new rows; else they wait up to 100 ms."""
        self.written.set()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction of its own, for what must be kept whatever the request comes to.

        Not while the request's own is open: see ``api.request_transaction``.
        """
        async with transaction(self.engine) as tx:
            yield tx


# Asynchronous, or each request would cross to a thread and back for it.
async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]
