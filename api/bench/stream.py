"""The live stream under load: many clients, one process, changes written by another connection."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
from numpy.typing import NDArray

from api.bench.scratch_city import gridded_city
from api.bench.served import OURS, served
from api.bench.stream_clients import Clients
from api.open_files import allow_many_open_files
from api.profile import CityProfile
from api.session_token import new_token, token_hash
from gis.errors import Unavailable
from gis.store import accounts, journal, sessions
from gis.store.engine import CityEngine, transaction

CITY = "bench_stream"
GRIDS = 100
CASES = 20
START_S = 60.0
PATIENCE_S = 15.0
HEALTH_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class StreamRun:
    """What was told, and what it took.

    Parameters
    ----------
    complete
        Clients that heard every change once and in order.
    delay_ms
        Percentiles 50, 95, 99 of the milliseconds from asking for the commit to the
        client's socket.
    cores
        Processor time of the serving process, of one core.
    health_p95_ms
        Of ``/healthz``, asked twenty times a second meanwhile.
    """

    clients: int
    complete: int
    changes: int
    per_s: float
    delay_ms: tuple[float, float, float]
    cores: float
    health_p95_ms: float


async def measure(
    url: str, profile: CityProfile, *, clients: int, per_s: float, seconds: float, seed: int
) -> StreamRun:
    """Let ``clients`` hear what is written in a scratch city ``per_s`` times a second."""
    allow_many_open_files()
    changes = round(per_s * seconds)
    async with gridded_city(url, CITY, profile, grids=GRIDS, seed=seed) as (engine, frame):
        token = await _signed_in(engine)
        with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
            with served(url, CITY, *OURS) as (port, pid):
                inside = frame.geometry.iloc[0].representative_point()
                await _report_cases(port, inside.x, inside.y)
                asked = Clients(
                    port, token, clients, changes, seconds + PATIENCE_S, f"{folder}/heard.npy"
                )
                listening = await _connected(asked, Path(folder))
                cpu_s, began = _cpu_s(pid), time.monotonic()
                commits, health_ms = await asyncio.gather(
                    _write(engine, changes, per_s), _probe(port, seconds)
                )
                cores = (_cpu_s(pid) - cpu_s) / (time.monotonic() - began)
                await listening.wait()
            heard = np.load(asked.out)
    return _told(clients, per_s, commits, heard, cores, health_ms)


def _told(
    clients: int,
    per_s: float,
    commits: list[float],
    heard: NDArray[np.float64],
    cores: float,
    health_ms: list[float],
) -> StreamRun:
    changes = len(commits)
    positions = heard[:, :, 0]
    first = np.nanmin(positions)
    expected = first + np.arange(positions.shape[1])
    complete = (
        int((positions == expected).all(axis=1).sum()) if positions.shape[1] == changes else 0
    )
    # One connection wrote them in turn, so the order of the commits is that of the positions.
    turn = np.nan_to_num(positions - first).astype(int)
    told = ~np.isnan(positions) & (turn < changes)
    delays_ms = (heard[:, :, 1] - np.array(commits)[np.clip(turn, 0, changes - 1)])[told] * 1e3
    p50, p95, p99 = np.percentile(delays_ms, (50, 95, 99))
    return StreamRun(
        clients=clients,
        complete=complete,
        changes=changes,
        per_s=per_s,
        delay_ms=(float(p50), float(p95), float(p99)),
        cores=cores,
        health_p95_ms=float(np.percentile(health_ms, 95)),
    )


async def _signed_in(engine: CityEngine) -> str:
    token, now = new_token(), datetime.now(UTC)
    async with transaction(engine) as tx:
        account_id = await accounts.add_account(
            tx, name="bench", role="dispatcher", password_hash=None
        )
        await sessions.open_session(
            tx, token_hash(token), account_id, at=now, until=now + timedelta(hours=1)
        )
    return token


async def _report_cases(port: int, lng: float, lat: float) -> None:
    body = {"lng": lng, "lat": lat, "category": "other", "description": "bench"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(CASES):
            (await client.post("/api/reports", json=body)).raise_for_status()


async def _write(engine: CityEngine, changes: int, per_s: float) -> list[float]:
    """Write on a fixed schedule; the instants at which the commits were asked for."""
    commits = []
    began = time.monotonic()
    for number in range(changes):
        await asyncio.sleep(max(0.0, began + number / per_s - time.monotonic()))
        async with transaction(engine) as tx:
            await journal.append(
                tx, actor="bench", kind="case.noted", subject=f"case/{number % CASES + 1}"
            )
            commits.append(time.monotonic())
    return commits


async def _probe(port: int, seconds: float) -> list[float]:
    took_ms = []
    until = time.monotonic() + seconds
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        while time.monotonic() < until:
            began = time.monotonic()
            (await client.get("/healthz")).raise_for_status()
            took_ms.append((time.monotonic() - began) * 1e3)
            await asyncio.sleep(HEALTH_EVERY_S)
    return took_ms


async def _connected(asked: Clients, folder: Path) -> Process:
    """The clients in a process of their own, once all of them are connected."""
    wish = folder / "asked.json"
    wish.write_text(json.dumps(asdict(asked)), "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.bench.stream_clients", str(wish), stdout=PIPE
    )
    assert process.stdout is not None  # noqa: S101 - it was asked for
    try:
        async with asyncio.timeout(START_S):
            said = await process.stdout.readline()
    except TimeoutError:
        said = b""
    if said != b"connected\n":
        process.kill()
        raise Unavailable("bench_clients_away", "The clients could not connect.")
    return process


def _cpu_s(pid: int) -> float:
    """Processor seconds of a process so far (user and system), as Linux counts them."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
