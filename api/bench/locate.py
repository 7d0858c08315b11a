"""The join side by side: ours and its peers on the same points and grids, in one run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from api.bench.coverage import BenchCoverage, make_coverage
from api.bench.peers import Answer, DuckDb, Peer, SedonaDb, Sjoin, StrTree, Wangge
from api.bench.points import bench_points
from api.bench.postgis import PostGis
from gis.errors import BadInput, WanggeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

OURS = "wangge"
PEERS: dict[str, Callable[[BenchCoverage, NDArray[np.float64]], Peer]] = {
    OURS: Wangge,
    "wangge_2_threads": partial(Wangge, threads=2),
    "sjoin": Sjoin,
    "strtree": StrTree,
    "duckdb": DuckDb,
    "sedonadb": SedonaDb,
    "postgis": PostGis,
}
# Ours ends in hundredths of a second: it runs until the median means something.
FEWEST_RUNS, LEAST_SECONDS, MOST_RUNS = 3, 1.0, 50


@dataclass(frozen=True)
class Measured:
    """One peer's figures.

    Attributes
    ----------
    points_per_s
        By the median run; None when the peer is missing.
    runs
        How many.
    load_s
        Time to take the data into its own form and to index it, not part of the rate.
    differing
        Points answered otherwise than by ours.
    missing
        Why there is no figure.
    """

    points_per_s: float | None = None
    runs: int = 0
    load_s: float | None = None
    differing: int = 0
    missing: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Figures of all peers over the same data; ``index_mb`` and ``one_point_us`` are ours."""

    points: int
    grids: int
    vertices_per_grid: float
    index_mb: float
    one_point_us: float
    peers: dict[str, Measured]

    @property
    def agree(self) -> bool:
        """Whether all measured peers gave the same answer for every point."""
        return all(peer.differing == 0 for peer in self.peers.values())


def compare(points: int, grids: int, peers: Sequence[str], seed: int) -> Comparison:
    """Measure ``peers`` (names of :data:`PEERS`; ours always) on a made-up coverage."""
    for name in peers:
        if name not in PEERS:
            raise BadInput("unknown_peer", f"No peer {name!r}; there are {', '.join(PEERS)}.")
    if points < 1 or grids < 1:
        raise BadInput("bench_size", f"{points} points, {grids} grids: at least one of each.")
    coverage = make_coverage(grids, seed)
    places = bench_points(coverage.polygons, points, seed)
    Wangge(make_coverage(4, seed), places[:1]).join()  # loads the compiled loops
    started = time.perf_counter()
    ours = Wangge(coverage, places)
    load_s = time.perf_counter() - started
    answer, first = _measure(ours, load_s, None)
    figures = {OURS: first}
    for name in dict.fromkeys(peers):
        if name != OURS:
            figures[name] = _measure_peer(name, coverage, places, answer)
    return Comparison(
        points=points,
        grids=grids,
        vertices_per_grid=coverage.vertices_per_grid,
        index_mb=ours.index.raster_mb,
        one_point_us=_one_point_us(ours, places[:2000]),
        peers=figures,
    )


def _measure_peer(
    name: str, coverage: BenchCoverage, places: NDArray[np.float64], expected: Answer
) -> Measured:
    started = time.perf_counter()
    try:
        peer = PEERS[name](coverage, places)
    except ImportError as error:
        return Measured(missing=f"{error.name} is not installed")
    except WanggeError as error:
        return Measured(missing=error.message)
    try:
        return _measure(peer, time.perf_counter() - started, expected)[1]
    finally:
        peer.close()


def _measure(peer: Peer, load_s: float, expected: Answer | None) -> tuple[Answer, Measured]:
    """Join again and again; compare the last result."""
    seconds: list[float] = []
    while len(seconds) < FEWEST_RUNS or (sum(seconds) < LEAST_SECONDS and len(seconds) < MOST_RUNS):
        started = time.perf_counter()
        joined = peer.join()
        seconds.append(time.perf_counter() - started)
    answer = peer.answer(joined)
    return answer, Measured(
        points_per_s=len(answer.grid) / float(np.median(seconds)),
        runs=len(seconds),
        load_s=load_s,
        differing=answer.differences(expected) if expected else 0,
    )


def _one_point_us(ours: Wangge, places: NDArray[np.float64]) -> float:
    """Median time of ``locate_one``, microseconds."""
    seconds = []
    for lng, lat in places.tolist():
        started = time.perf_counter()
        ours.index.locate_one(lng, lat)
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds)) * 1e6
