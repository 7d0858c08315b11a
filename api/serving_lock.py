"""One `serve` a city and home: a second one is refused and told who the first is."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from api.settings import Settings
from gis.errors import Conflict


@contextmanager
def serving_lock(settings: Settings, address: str) -> Iterator[None]:
    """Hold the right to serve the city; the kernel frees it however the process ends.

    Raises
    ------
    Conflict
        ``already_served``, naming process and address of the holder.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / f"serve-{settings.city}.lock"
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise Conflict(
                "already_served",
                f"City {settings.city} is already served by {holder}.",
                city=settings.city,
                holder=holder,
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} at {address}\n")
        file.flush()
        yield
        file.truncate(0)
