"""A running ``wangge serve`` in a process of its own, and where it answers."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable

import httpx

from tests.api.cli.command_line import CommandLine

PATIENCE_S = 180

Start = Callable[..., "Served"]


class Served:
    """A running ``wangge serve`` and where it answers."""

    def __init__(self, prompt: CommandLine, *options: str) -> None:
        self.address = f"http://127.0.0.1:{prompt.variables['WANGGE_PORT']}"
        self.process = prompt.start("serve", *options)

    def get(self, path: str, token: str | None = None) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{self.address}{path}", headers=headers, timeout=10)

    def sign_in(self, name: str, password: str) -> httpx.Response:
        given = {"username": name, "password": password}
        return httpx.post(f"{self.address}/api/session", json=given, timeout=10)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()
        try:
            return self.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def end(self, how: signal.Signals) -> tuple[int, str, str]:
        """Signal its whole process group, as a terminal or a service manager does."""
        os.killpg(self.process.pid, how)
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, err


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        return str(reserved.getsockname()[1])
