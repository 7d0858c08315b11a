"""A server of a scratch city in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from gis.errors import Unavailable

START_S = 60
OURS = ("-c", "from api.cli.main import main; main()", "serve")
"""Arguments for Python that run ``wangge serve``."""


class Served(NamedTuple):
    """A server: where it listens, and its process."""

    port: int
    pid: int


@contextmanager
def served(url: str, city: str, *arguments: str) -> Iterator[Served]:
    """Run Python with these arguments as a server of a city.

    ``{port}`` in an argument is the port it is to listen on.

    Raises
    ------
    Unavailable
        ``bench_server_away``.
    """
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = int(reserved.getsockname()[1])
    settings = {
        "WANGGE_DATABASE_URL": url,
        "WANGGE_CITY": city,
        "WANGGE_HOST": "127.0.0.1",
        "WANGGE_PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, *(word.format(port=port) for word in arguments)],
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            _wait_for(process, port)
            yield Served(port, process.pid)
        finally:
            process.terminate()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise Unavailable("bench_server_away", f"Nothing answers on port {port}.", port=port)
