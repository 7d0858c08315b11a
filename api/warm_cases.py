"""Keeping a process's memory of final cases filled, so that no tile waits for it."""

from __future__ import annotations

import asyncio
import logging

from gis.store.case_blocks import sum_up_changes
from gis.store.engine import CityEngine, transaction
from tiles.case_memory import CaseMemory

# A block that changed meanwhile is read again by the first tile that needs it.
EVERY_S = 60.0

_log = logging.getLogger("wangge.warm_cases")


async def keep_warm(engine: CityEngine, memory: CaseMemory) -> None:
    """Read what changed, now and every minute, until cancelled."""
    while True:
        try:
            async with transaction(engine) as tx:
                await sum_up_changes(tx)
            async with transaction(engine) as tx:
                await memory.warm(tx)
        except Exception as error:  # noqa: BLE001 - tiles read for themselves what is missing
            _log.warning("The cases were not read ahead: %s", error)
        await asyncio.sleep(EVERY_S)
