"""A draft of a full city over HTTP: its operations, its impact, publishing it.

One planner, one leader, one service process. What publishing a change of ten grids costs is
told beside what a join of all reports with all grids costs in PostGIS, in the same run, and
today's grid of every case is compared with that join's afterwards.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import shapely

from api.bench.desk_city import fill
from api.bench.gestures import gestures
from api.bench.scratch_city import scratch_city
from api.bench.served import OURS, served
from api.passwords import hash_password
from api.profile import CityProfile
from boundaries.draft_coverage import DraftCoverage
from boundaries.intake import measuring_crs
from boundaries.operation_json import write_operation
from boundaries.operations import Split
from gis.store.accounts import add_account
from gis.store.engine import CityEngine, transaction
from gis.store.grids import load_grids
from gis.store.versions import version_chain

CITY = "bench_drafts"
PASSWORD = "a-draft-of-a-full-city"  # noqa: S105 - of a city that lives for this run
GRIDS_CHANGED = 10
PATIENCE_S = 300.0
IDLE_S = 3.0
"""The server closes a connection that nothing came over for 5 s."""
PLACES = {"town": 0.999, "country": 0.1}
"""Where the ten grids lie: at what share of the grids, ordered by their reports."""

JOIN = """
CREATE TEMPORARY TABLE joined AS
SELECT cases.number, min(grids.grid_id) AS grid_id, count(*) AS grids
FROM cases JOIN grid_versions AS grids ON ST_Intersects(grids.geometry, cases.point)
WHERE grids.version_id = $1 GROUP BY cases.number
"""
# A case on an edge is in two grids; which of them it gets is not PostGIS' to say.
DIFFERING = """
SELECT count(*) FILTER (WHERE cases.today_grid_id IS DISTINCT FROM joined.grid_id)
FROM joined JOIN cases USING (number) WHERE joined.grids = 1
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """Milliseconds of one request over its runs, refusals among them."""

    request: str
    runs: int
    refused: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Published:
    """One change of ten grids, in seconds.

    ``followed_s``: from the answer until tiles are drawn and closed cases have followed.
    ``cases``: those that changed their grid, open and closed; ``differing`` of all cases have
    another grid than by the join.
    """

    where: str
    impact_s: float
    publish_s: float
    followed_s: float
    join_s: float
    cases: int
    differing: int


@dataclass(frozen=True, slots=True)
class DraftFigures:
    """The figures of one run."""

    reports: int
    grids: int
    operations: tuple[Answered, ...]
    published: tuple[Published, ...]


async def measure(
    url: str, profile: CityProfile, *, reports: int, grids: int, runs: int, seed: int, now: datetime
) -> DraftFigures:
    """Fill a scratch city, serve it, draw on it and publish it; drop it."""
    async with scratch_city(url, CITY) as engine:
        await fill(engine, profile, reports=reports, grids=grids, seed=seed, now=now)
        password_hash = hash_password(PASSWORD)
        async with transaction(engine) as tx:
            for role in ("planner", "leader"):
                await add_account(tx, name=role, role=role, password_hash=password_hash)
        with (
            served(url, CITY, *OURS) as (port, _),
            closing(_Person(port, "planner")) as planner,
            closing(_Person(port, "leader")) as leader,
        ):
            coverage, by_reports = await _coverage(engine)
            operations = await asyncio.to_thread(_operate, planner, coverage, runs, seed)
            published = [
                await _publish(engine, planner, leader, where, by_reports[int(share * (grids - 1))])
                for where, share in PLACES.items()
            ]
    return DraftFigures(reports, grids, operations, tuple(published))


class _Answer(NamedTuple):
    status: int
    body: Any
    ms: float


class _Person:
    """Somebody signed in, on one connection that is kept."""

    def __init__(self, port: int, name: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self._headers = {"Content-Type": "application/json"}
        self._asked_at = time.monotonic()
        opened = self.ask("POST", "/api/session", {"username": name, "password": PASSWORD})
        self._headers["Authorization"] = f"Bearer {opened.body['token']}"

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None, revision: int | None = None) -> _Answer:
        headers = self._headers | ({} if revision is None else {"If-Match": f'"{revision}"'})
        sent = None if body is None else json.dumps(body)
        if time.monotonic() - self._asked_at > IDLE_S:
            self._connection.close()
        started = time.perf_counter()
        self._connection.request(method, path, sent, headers)
        response = self._connection.getresponse()
        read = response.read()
        ms = 1_000 * (time.perf_counter() - started)
        self._asked_at = time.monotonic()
        return _Answer(response.status, json.loads(read) if read else None, ms)

    def done(
        self, method: str, path: str, body: Any = None, revision: int | None = None
    ) -> _Answer:
        answer = self.ask(method, path, body, revision)
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body}")
        return answer


def _operate(
    planner: _Person, coverage: DraftCoverage, runs: int, seed: int
) -> tuple[Answered, ...]:
    """Each kind of operation at ``runs`` grids, each undone before the next."""
    rng = np.random.default_rng([seed, 8])
    draft = planner.done("POST", "/api/drafts", {"name": "bench"}).body
    path, revision = f"/api/drafts/{draft['id']}", draft["revision"]
    took: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for turn, code in enumerate(rng.choice(sorted(coverage.grids), runs + 1).tolist()):
        for name, operation in gestures(coverage, code, rng).items():
            answer = planner.ask("POST", f"{path}/operations", write_operation(operation), revision)
            answers = {name: answer}
            if answer.status == 200:
                undone = planner.done("POST", f"{path}/undo", None, answer.body["revision"])
                revision = undone.body["revision"]
                answers["undo"] = undone
            if turn:  # the first is to warm up
                for what, each in answers.items():
                    took[what].append((each.ms, each.status != 200))
    return tuple(
        Answered(name, len(times), sum(refused for _, refused in times), *_percentiles(times))
        for name, times in took.items()
    )


def _percentiles(times: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    p50, p95 = np.percentile([ms for ms, _ in times], [50, 95])
    return float(p50), float(p95)


async def _coverage(engine: CityEngine) -> tuple[DraftCoverage, list[str]]:
    """The coverage in force, and its codes by how many reports lie in them, fewest first."""
    async with transaction(engine) as tx:
        chain = await version_chain(tx)
        frame = await load_grids(tx, chain[-1].id)
        driver: Any = (await tx.get_raw_connection()).driver_connection
        rows = await driver.fetch(
            "SELECT code FROM grids LEFT JOIN (SELECT today_grid_id AS id, count(*) AS n"
            " FROM cases GROUP BY 1) AS c USING (id) ORDER BY coalesce(n, 0), code"
        )
    return DraftCoverage.of(frame, measuring_crs(frame)), [row["code"] for row in rows]


async def _publish(
    engine: CityEngine, planner: _Person, leader: _Person, where: str, middle: str
) -> Published:
    """Split ten grids around one, look at the impact, publish, and join all as a peer does."""
    coverage, _ = await _coverage(engine)
    centre = shapely.centroid(coverage.grids[middle].geometry)
    nearest = sorted(
        coverage.grids.values(), key=lambda grid: shapely.distance(grid.geometry, centre)
    )
    draft = planner.done("POST", "/api/drafts", {"name": where}).body
    path, revision = f"/api/drafts/{draft['id']}", draft["revision"]
    for grid in nearest[:GRIDS_CHANGED]:
        asked = write_operation(Split(grid.code, _across(grid.geometry)))
        revision = planner.done("POST", f"{path}/operations", asked, revision).body["revision"]
    impact = planner.done("GET", f"{path}/impact")
    revision = planner.done("POST", f"{path}/submit", None, revision).body["revision"]
    revision = leader.done("POST", f"{path}/approve", None, revision).body["revision"]
    before = await _todays_grids(engine)
    published = leader.done("POST", f"{path}/publish", {}, revision)
    followed_s = await _until_followed(engine)
    after = await _todays_grids(engine)
    join_s, differing = await _joined(engine)
    return Published(
        where,
        impact.ms / 1_000,
        published.ms / 1_000,
        followed_s,
        join_s,
        sum(before.get(number) != grid for number, grid in after.items()),
        differing,
    )


def _across(shape: shapely.Geometry) -> shapely.LineString:
    _, south, _, north = shapely.bounds(shape).tolist()
    middle = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
    return shapely.LineString([(middle[0], south - 1e-4), (middle[0], north + 1e-4)])


async def _todays_grids(engine: CityEngine) -> dict[int, int | None]:
    async with transaction(engine) as tx:
        driver: Any = (await tx.get_raw_connection()).driver_connection
        return dict(await driver.fetch("SELECT number, today_grid_id FROM cases"))


async def _until_followed(engine: CityEngine) -> float:
    """Seconds until nothing is due any more."""
    started = time.perf_counter()
    while time.perf_counter() - started < PATIENCE_S:
        async with transaction(engine) as tx:
            driver: Any = (await tx.get_raw_connection()).driver_connection
            if not await driver.fetchval("SELECT count(*) FROM due_jobs WHERE done_at IS NULL"):
                return time.perf_counter() - started
        await asyncio.sleep(0.1)
    raise RuntimeError(f"What is due was not done in {PATIENCE_S:.0f} s.")


async def _joined(engine: CityEngine) -> tuple[float, int]:
    """Seconds of a join of all cases with all grids, and cases whose grid of today is another."""
    async with transaction(engine) as tx:
        version = (await version_chain(tx))[-1]
        driver: Any = (await tx.get_raw_connection()).driver_connection
        started = time.perf_counter()
        await driver.execute("DROP TABLE IF EXISTS joined")
        await driver.execute(JOIN, version.id)
        join_s = time.perf_counter() - started
        return join_s, await driver.fetchval(DIFFERING)
