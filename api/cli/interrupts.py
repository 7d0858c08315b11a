"""Ctrl-C while nothing is open yet."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """End the process on Ctrl-C with one line; for imports, which have nothing to close.

    An exception would be told with a traceback, or be lost in a callback of the
    import system.
    """
    before = signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(_: int, __: FrameType | None) -> None:
    os.write(2, b"wangge: interrupted\n")
    os._exit(INTERRUPTED)
