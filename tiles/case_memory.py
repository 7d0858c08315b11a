"""Final cases kept in memory as columns: a million of them are gathered in 40 ms.

PostgreSQL takes a second to read as many rows, and counts made beforehand would serve only
the filters they were made for. 64 bytes a case: a million cases are 64 MB a process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.area_grids import Townships, townships_of
from gis.store.case_blocks import CaseColumns, final_cases, open_cases_now
from gis.store.case_filter import CaseFilter
from gis.store.tables.cases import FINAL_STATES, OPEN_STATES
from tiles.gathering import PlacedCases, microseconds, place

# While final cases change without pause, the blocks read last are shown as they are.
MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class _Block:
    changes: int
    placed: PlacedCases
    first_us: int
    last_us: int


class CaseMemory:
    """What one process knows of one city's final cases. Not for two cities."""

    def __init__(self) -> None:
        self._blocks: dict[int, _Block] = {}
        self._reading = asyncio.Lock()
        self._townships: dict[int, Townships] = {}

    async def cases(self, tx: AsyncConnection, wanted: CaseFilter) -> list[PlacedCases]:
        """The open cases of a filter, and the blocks whose final cases it may hold.

        Of one instant: blocks are read until none has changed when the open cases are read.
        The first call reads every block (5 s for a million cases on busy cores), later ones
        the changed.
        """
        wants_open = not wanted.states or not set(OPEN_STATES).isdisjoint(wanted.states)
        wants_final = not wanted.states or not set(FINAL_STATES).isdisjoint(wanted.states)
        for _ in range(MOST_ROUNDS):
            now = await open_cases_now(tx, wanted)
            if not wants_final or not await self._refresh(tx, now.changes):
                break
        found = [place(now.cases)] if wants_open else []
        if wants_final:
            found += [block.placed for block in self._blocks.values() if _meets(block, wanted)]
        return found

    async def townships(self, tx: AsyncConnection, version_id: int) -> Townships:
        """The townships of a boundary version, which never changes: asked for once."""
        if version_id not in self._townships:
            self._townships[version_id] = await townships_of(tx, version_id)
        return self._townships[version_id]

    async def warm(self, tx: AsyncConnection) -> None:
        """Read what is not known yet, before somebody waits for it."""
        await self.cases(tx, CaseFilter())

    async def _refresh(self, tx: AsyncConnection, changes: Mapping[int, int]) -> bool:
        """Read the blocks that changed since they were read; answers whether any had."""
        async with self._reading:
            stale = [
                block
                for block, count in changes.items()
                if block not in self._blocks or self._blocks[block].changes != count
            ]
            for block in stale:
                # Asked after the count: what was read is as new as the count, or newer.
                self._blocks[block] = _block(changes[block], await final_cases(tx, block))
        return bool(stale)


def _block(changes: int, cases: CaseColumns) -> _Block:
    us = cases.occurred_us
    return _Block(changes, place(cases), int(us.min(initial=2**62)), int(us.max(initial=-(2**62))))


def _meets(block: _Block, wanted: CaseFilter) -> bool:
    """Whether the block may hold cases of the filter's time."""
    starts, ends = wanted.occurred_from, wanted.occurred_to
    return not (
        (starts is not None and block.last_us < microseconds(starts))
        or (ends is not None and block.first_us >= microseconds(ends))
    )
