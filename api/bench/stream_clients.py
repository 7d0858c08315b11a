"""Many clients of one stream in one process; ``wangge bench stream`` starts it.

Each notes position and instant of every change as its bytes come in. Nothing is parsed that
need not be: the processor is the one that the measured service runs on.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import uvloop

from api.open_files import allow_many_open_files

CONNECT_AT_ONCE = 40
LOOK_S = 0.5
_CHANGE = re.compile(rb"event: change\nid: [^:\n]*:(\d+)\n")
_HELLO = b"event: hello"
# Longer than what of one match can lie before a cut.
_TAIL_BYTES = 128


@dataclass(frozen=True, slots=True)
class Clients:
    """How many clients, of which service, and how long they wait for how many changes.

    ``out`` is where the answer goes: an array (client, change, 2) of position and instant on
    the monotonic clock, NaN where a change never came.
    """

    port: int
    token: str
    clients: int
    changes: int
    patience_s: float
    out: str


class _Client(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self.request = request
        self.is_open = asyncio.get_running_loop().create_future()
        self.heard: list[tuple[int, float]] = []
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(self.request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        data = self.rest + data
        end = 0
        for found in _CHANGE.finditer(data):
            self.heard.append((int(found[1]), now))
            end = found.end()
        self.rest = data[max(end, len(data) - _TAIL_BYTES) :]
        if not self.is_open.done() and _HELLO in data:
            self.is_open.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_open.done():
            self.is_open.set_exception(exc or ConnectionError(self.rest.decode()))


async def listen(asked: Clients) -> None:
    """Connect all, say so, wait until each has heard all changes or patience ends."""
    request = (
        "GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {asked.token}\r\n\r\n"
    ).encode()
    loop = asyncio.get_running_loop()
    turn = asyncio.Semaphore(CONNECT_AT_ONCE)

    async def connect() -> _Client:
        async with turn:
            _, client = await loop.create_connection(
                lambda: _Client(request), "127.0.0.1", asked.port
            )
            await client.is_open
            return client

    clients = await asyncio.gather(*(connect() for _ in range(asked.clients)))
    print("connected", flush=True)
    for _ in range(int(asked.patience_s / LOOK_S)):
        if all(len(client.heard) >= asked.changes for client in clients):
            break
        await asyncio.sleep(LOOK_S)
    # What comes twice comes after what was waited for.
    await asyncio.sleep(0.5)
    heard = np.full((asked.clients, max(len(c.heard) for c in clients), 2), np.nan)
    for number, client in enumerate(clients):
        heard[number, : len(client.heard)] = client.heard
    np.save(asked.out, heard)


if __name__ == "__main__":
    allow_many_open_files()
    uvloop.run(listen(Clients(**json.loads(Path(sys.argv[1]).read_text("utf-8")))))
