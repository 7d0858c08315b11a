"""Keep the server's log short without a logging process of its own."""

from __future__ import annotations

import os
from pathlib import Path

LIMIT_BYTES = 4_000_000
KEPT_BYTES = 1_000_000


def keep_short(log: Path) -> None:
    """Cut the log to its last megabyte when it has grown past four.

    The server appends, so it goes on at the new end; a line it writes in this
    instant may be lost.
    """
    if not log.exists() or log.stat().st_size <= LIMIT_BYTES:
        return
    with log.open("rb") as lines:
        lines.seek(-KEPT_BYTES, os.SEEK_END)
        tail = lines.read().partition(b"\n")[2]
    os.truncate(log, 0)
    with log.open("ab") as lines:
        lines.write(tail)
