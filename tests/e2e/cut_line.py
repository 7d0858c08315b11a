"""A line to a service that counts what is asked of it, and can be cut and mended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE_BYTES = 65_536


class CutLine:
    """Passes the bytes of each connection on to a service; counts the requests that begin."""

    def __init__(self, port: int) -> None:
        self._there = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: dict[socket.socket, bytes] = {}
        self._is_cut = False
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._take_in, daemon=True).start()

    def count(self, path: str) -> int:
        """How many connections are open on which this was asked last."""
        with suppress(RuntimeError):
            return sum(asked.startswith(path.encode()) for asked in [*self._open.values()])
        return self.count(path)

    def cut(self) -> None:
        """Close every connection, and refuse new ones until ``mend``."""
        self._is_cut = True
        for connection in [*self._open]:
            _close(connection)

    def mend(self) -> None:
        """Take connections again."""
        self._is_cut = False

    def close(self) -> None:
        """Close for good."""
        self.cut()
        self._listener.close()

    def _take_in(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                if self._is_cut:
                    _close(here)
                else:
                    threading.Thread(target=self._pass_on, args=(here,), daemon=True).start()

    def _pass_on(self, here: socket.socket) -> None:
        there = socket.create_connection(("127.0.0.1", self._there))
        self._open[here] = b""
        back = threading.Thread(target=_copy, args=(there, here), daemon=True)
        back.start()
        with suppress(OSError):
            while piece := here.recv(PIECE_BYTES):
                method, _, rest = piece.partition(b" ")
                if method in (b"GET", b"POST", b"DELETE"):
                    self._open[here] = rest
                there.sendall(piece)
        _close(there)
        _close(here)
        self._open.pop(here, None)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE_BYTES):
            target.sendall(piece)
    _close(target)


def _close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextmanager
def cut_line(url: str) -> Iterator[CutLine]:
    """A line to the service at ``url``."""
    line = CutLine(int(url.rpartition(":")[2]))
    yield line
    line.close()
