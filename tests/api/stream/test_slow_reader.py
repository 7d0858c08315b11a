"""A client that does not read: cut, while nobody else waits; and it may come back."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from gis.store.engine import transaction
from tests.api.stream.conftest import LiveCity
from tests.api.stream.sse import stream

EVENTS = 12_000
PADDING = "x" * 1_000
"""Makes 15 MB of events: more than the kernel's and the service's buffers together."""


def open_without_reading(city: LiveCity, token: str) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.connect(("127.0.0.1", int(city.prompt.variables["WANGGE_PORT"])))
    client.sendall(
        b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Authorization: Bearer " + token.encode() + b"\r\n\r\n"
    )
    return client


def is_established(port: int) -> bool:
    """Whether the kernel has a connection to this port whose near side is still open."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return any(row[2].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


def read_to_the_end(client: socket.socket) -> int:
    """How many bytes come before the connection ends; a timeout fails."""
    client.settimeout(30)
    read = 0
    try:
        while piece := client.recv(65_536):
            read += len(piece)
    except ConnectionResetError:
        pass
    return read


async def test_a_client_that_never_reads_is_cut_and_the_others_hear_everything(
    city: LiveCity,
) -> None:
    token = await city.token()
    since = await city.last_position()
    with closing(open_without_reading(city, token)) as deaf:
        async with stream(city.address, token, str(since)) as opened:
            await opened.take(1)
            async with transaction(city.engine) as tx:
                await tx.execute(
                    text(
                        "INSERT INTO journal (actor, kind, subject) SELECT 'test',"
                        " 'city.noted', 'version/' || n || :padding"
                        " FROM generate_series(1, CAST(:events AS int)) AS n"
                    ),
                    {"padding": PADDING, "events": EVENTS},
                )
            async with asyncio.timeout(60):
                told = await opened.take(EVENTS)
        assert [each.data["position"] for each in told] == list(
            range(since + 1, since + EVENTS + 1)
        )
        port = deaf.getsockname()[1]
        async with asyncio.timeout(60):
            while is_established(port):  # noqa: ASYNC110 - the kernel wakes nobody for that
                await asyncio.sleep(0.2)
        # Its connection ended before it read: only what lay in buffers comes, then the end.
        read = await asyncio.to_thread(read_to_the_end, deaf)
        assert 0 < read < EVENTS * len(PADDING)
    # Resumed, it hears what it missed.
    async with stream(city.address, token, f"{city.code}:{since}") as opened:
        told = await opened.take(EVENTS + 1)
    assert told[-1].data["position"] == since + EVENTS
