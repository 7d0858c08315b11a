"""Work that goes on whatever happens to the database under it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from gis.errors import WanggeError

AGAIN_S = 0.5

_log = logging.getLogger("wangge.stream")


async def persevere(work: Callable[[], Awaitable[None]], complaint: str) -> None:
    """Do ``work`` again and again until cancelled, saying once what keeps it from going on."""
    said = ""
    while True:
        try:
            await work()
        except (WanggeError, TimeoutError) as error:
            if said != (said := str(error) or "it took too long"):
                _log.warning("%s: %s", complaint, said)
        except Exception:  # noqa: BLE001 - without this work no stream tells anything
            _log.exception(complaint)
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # A connection that ends under a cancelled statement may say so in its own way.
            raise asyncio.CancelledError
        await asyncio.sleep(AGAIN_S)
