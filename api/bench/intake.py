"""Durable intake over HTTP beside the least that could be called one.

Both are one process with one pool on the same server, asked in turns by the same load on
the same connections: a bare endpoint that inserts one row and asks PostGIS for the grid
(``api.bench.bare_intake``), and ``wangge serve``, which stores report, case, words, person
and journal row. Each answers after its commit.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

import numpy as np

from api.bench.bare_intake import TABLES
from api.bench.load_client import Load
from api.bench.scratch_city import gridded_city
from api.bench.served import OURS, served
from api.profile import CityProfile
from gis.store import staff
from gis.store.channel_keys import add_key
from gis.store.driver import run_script
from gis.store.engine import Transaction, transaction
from gis.store.staff import Post

CITY = "bench_intake"
CATEGORY = "other"
BARE = (
    *("-m", "uvicorn", "--factory", "api.bench.bare_intake:create_app"),
    *("--port", "{port}", "--log-level", "warning"),
)


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of one of the two: answers 201 a second, their milliseconds, other answers."""

    per_s: float
    median_ms: float
    p99_ms: float
    others: int


@dataclass(frozen=True, slots=True)
class IntakeRates:
    """Turns of both, in pairs."""

    bare: Sequence[Round]
    ours: Sequence[Round]

    @property
    def ratio(self) -> float:
        """Median over the pairs of our rate by the bare one's."""
        return median(o.per_s / b.per_s for b, o in zip(self.bare, self.ours, strict=True))

    @property
    def p99_ms(self) -> float:
        """Median over our turns of the time that 99 of 100 answers took at most."""
        return median(each.p99_ms for each in self.ours)


async def measure(
    url: str,
    profile: CityProfile,
    *,
    grids: int,
    rounds: int,
    seconds: float,
    connections: int,
    seed: int,
) -> IntakeRates:
    """Both in turns, ``rounds`` times for ``seconds`` each, in a scratch city."""
    async with gridded_city(url, CITY, profile, grids=grids, seed=seed) as (engine, frame):
        west, south, east, north = map(float, frame.total_bounds)
        async with transaction(engine) as tx:
            await _post_workers(tx)
            key = await add_key(tx, "bench", "program")
            await run_script(tx, TABLES)
        with served(url, CITY, *BARE) as (bare, _), served(url, CITY, *OURS) as (ours, _):
            turns: dict[int, list[Round]] = {bare: [], ours: []}
            for number in range(rounds + 1):
                for port in turns:
                    load = Load(
                        port,
                        seconds,
                        connections,
                        (west, south, east, north),
                        CATEGORY,
                        seed + number,
                        key if port == ours else "",
                    )
                    turn = await asyncio.to_thread(_turn, load)
                    if number:  # the first is to warm up
                        turns[port].append(turn)
    return IntakeRates(turns[bare], turns[ours])


async def _post_workers(tx: Transaction) -> None:
    """A worker for every grid, who answers for what comes in there."""
    grids = {
        code: area_id
        for code, (level, area_id) in (await staff.area_ids(tx)).items()
        if level == "grid"
    }
    await staff.put_staff(tx, {code: code for code in grids})
    await staff.add_assignments(
        tx, [Post(code, "worker", "grid", grid_id, None, None) for code, grid_id in grids.items()]
    )


def _turn(load: Load) -> Round:
    """Let one load run in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", "api.bench.load_client", json.dumps(asdict(load))],
        capture_output=True,
        text=True,
        check=True,
    )
    measured = json.loads(ran.stdout)
    latencies_ms = np.array(measured["latencies_ms"] or [np.nan])
    return Round(
        per_s=measured["created"] / load.seconds,
        median_ms=float(np.median(latencies_ms)),
        p99_ms=float(np.percentile(latencies_ms, 99)),
        others=measured["others"],
    )
