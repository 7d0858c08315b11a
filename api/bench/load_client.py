"""A load of reports over HTTP: connections kept alive, each sends the next when answered.

A process of its own, ``python -m api.bench.load_client '{"port": …}'``; the last line it
prints is one JSON object. Raw protocols, so that the load costs as little as it can of the
cores it shares with the server.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field
from functools import partial


@dataclass(frozen=True, slots=True)
class Load:
    """What to send where.

    Parameters
    ----------
    box
        West, south, east, north of the points, degrees.
    key
        Channel key; empty for the open channel.
    """

    port: int
    seconds: float
    connections: int
    box: tuple[float, float, float, float]
    category: str
    seed: int
    key: str = ""


@dataclass(slots=True)
class Measured:
    """Answers 201, everything else, and how long each took in milliseconds."""

    created: int = 0
    others: int = 0
    latencies_ms: list[float] = field(default_factory=list)


class _Reporter(asyncio.Protocol):
    def __init__(self, load: Load, rng: random.Random, until: float, measured: Measured) -> None:
        self._load, self._rng, self._until, self._measured = load, rng, until, measured
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._sent_at = 0.0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection is one
        self._transport = transport
        self._send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.ended.done():
            self._measured.others += 1
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if not found or len(body) < int(length):
            return
        now = time.perf_counter()
        if head.startswith(b"HTTP/1.1 201 "):
            self._measured.created += 1
            self._measured.latencies_ms.append((now - self._sent_at) * 1000)
        else:
            self._measured.others += 1
        self._received = b""
        if now < self._until:
            self._send()
        elif self._transport:
            self.ended.set_result(None)
            self._transport.close()

    def _send(self) -> None:
        west, south, east, north = self._load.box
        body = json.dumps(
            {
                "lng": round(self._rng.uniform(west, east), 7),
                "lat": round(self._rng.uniform(south, north), 7),
                "category": self._load.category,
                "description": "二号楼前的通道被堵住了",
            }
        ).encode()
        key = f"X-API-Key: {self._load.key}\r\n" if self._load.key else ""
        head = (
            f"POST /api/reports HTTP/1.1\r\nHost: 127.0.0.1:{self._load.port}\r\n{key}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        assert self._transport is not None  # noqa: S101 - set when the connection was made
        self._sent_at = time.perf_counter()
        self._transport.write(head.encode() + body)


async def send(load: Load) -> Measured:
    """Send for as long as the load says."""
    loop, measured = asyncio.get_running_loop(), Measured()
    until = time.perf_counter() + load.seconds
    reporters = []
    for number in range(load.connections):
        rng = random.Random(load.seed * 1000 + number)  # noqa: S311 - points, not secrets
        _, reporter = await loop.create_connection(
            partial(_Reporter, load, rng, until, measured), "127.0.0.1", load.port
        )
        reporters.append(reporter)
    await asyncio.gather(*(reporter.ended for reporter in reporters))
    return measured


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(asdict(asyncio.run(send(Load(**given | {"box": tuple(given["box"])}))))))
