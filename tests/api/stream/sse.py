"""A client of the stream as a program would write it: lines in, events out."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Told:
    """One event: its name, its id, its data."""

    name: str
    id: str
    data: dict[str, Any]


class Stream:
    """An open stream; ``last_id`` is what a browser would send to go on."""

    def __init__(self, response: httpx.Response, last_id: str | None) -> None:
        self.response = response
        self.last_id = last_id
        self._events = self._read()

    def events(self) -> AsyncIterator[Told]:
        """Events in turn, until the connection ends in whatever way."""
        return self._events

    async def _read(self) -> AsyncGenerator[Told]:
        name, data, id_ = "message", "", self.last_id
        try:
            async for line in self.response.aiter_lines():
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if field == "event":
                    name = value
                elif field == "data":
                    data += value
                elif field == "id":
                    id_ = value
                elif not line:
                    # By the specification the id counts even when there is no data.
                    self.last_id = id_
                    if data:
                        yield Told(name, id_ or "", json.loads(data))
                    name, data = "message", ""
        except httpx.TransportError:
            return

    async def close(self) -> None:
        """Read no more."""
        await self._events.aclose()

    async def take(self, count: int) -> list[Told]:
        """The next so many events."""
        return [await anext(self._events) for _ in range(count)]


@asynccontextmanager
async def stream(
    address: str, token: str, last_id: str | None = None, **query: str
) -> AsyncIterator[Stream]:
    """Open the stream of a service, going on after ``last_id``."""
    headers = {"Authorization": f"Bearer {token}"}
    if last_id is not None:
        headers["Last-Event-ID"] = last_id
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream("GET", f"{address}/api/stream", headers=headers, params=query) as response,
    ):
        if response.status_code == 200:
            assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        else:
            await response.aread()
        opened = Stream(response, last_id)
        yield opened
        await opened.close()
