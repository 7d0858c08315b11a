"""Ten thousand reports in a minute from one address, as the acceptance has it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from statistics import median

import httpx
import pytest

from tests.api.cli.serving import Served
from tests.api.cli.test_serve_intake import ask, at, elsewhere, home, prompt, send, served, stored

__all__ = ["elsewhere", "home", "prompt", "served"]

REPORTS, SENDERS, MINUTE_S = 10_000, 8, 60.0
QUIET_EVERY_S = 0.25


@pytest.mark.slow
async def test_ten_thousand_in_a_minute_from_one_address_are_held_none_lost_the_rest_unhindered(
    home: Path, served: Served, elsewhere: httpx.AsyncClient
) -> None:
    before = await stored(home)
    alone_s = [await _taken_s(elsewhere, f"alone {number}", set()) for number in range(20)]
    cases: set[int] = set()
    quiet: set[int] = set()
    began = time.monotonic()

    async def flood(client: httpx.AsyncClient, share: range) -> None:
        for number in share:
            # On a schedule: a minute's worth in a minute, however fast the service is.
            due = began + number * MINUTE_S / REPORTS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            answer = await send(client, f"minute {number}")
            assert answer.status_code == 201
            cases.add(answer.json()["case"])

    async with at(served, "127.0.0.8") as client:
        flooding = asyncio.gather(
            *(flood(client, range(first, REPORTS, SENDERS)) for first in range(SENDERS))
        )
        beside_s: list[float] = []
        while not flooding.done():
            beside_s.append(await _taken_s(elsewhere, f"beside {len(beside_s)}", quiet))
            await asyncio.sleep(QUIET_EVERY_S)
        await flooding
    assert len(cases) == REPORTS
    assert await stored(home) == before + len(alone_s) + REPORTS + len(quiet)
    rows = await ask(home, "SELECT number FROM cases WHERE held_at IS NOT NULL")
    held = {row.number for row in rows}
    assert held < cases
    assert len(held) > REPORTS / 2
    assert len(quiet) > 30
    assert not held & quiet
    # Unhindered: of one address the others feel no more than company.
    assert median(beside_s) < median(alone_s) + 0.1


async def _taken_s(client: httpx.AsyncClient, key: str, into: set[int]) -> float:
    began = time.monotonic()
    answer = await send(client, key)
    assert answer.status_code == 201
    into.add(answer.json()["case"])
    return time.monotonic() - began
