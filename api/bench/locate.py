"""The join side by side: ours and its peers on the same points and grids, in one run."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from api.bench.coverage import BenchCoverage, make_coverage
from api.bench.peers import Answer, DuckDb, Peer, SedonaDb, Sjoin, StrTree, Wangge
from api.bench.points import bench_points, single_points
from api.bench.postgis import PostGis
from gis.crs import metric_crs
from gis.errors import BadInput, WanggeError
from gis.locate import GridIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = "wangge"
MakePeer = Callable[[BenchCoverage, NDArray[np.float64]], Peer]
PEERS: dict[str, MakePeer] = {
    OURS: Wangge,
    "wangge_2_threads": partial(Wangge, threads=2),
    "sjoin": Sjoin,
    "strtree": StrTree,
    "duckdb": DuckDb,
    "sedonadb": SedonaDb,
    "postgis": PostGis,
}
# All take turns, so that another program's load meets all alike. One turn of ours ends in
# hundredths of a second: it is repeated until the median means something.
TURNS, LEAST_SECONDS_A_TURN = 3, 0.4
SINGLE_POINTS, NEAREST_M = 6000, 50.0


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
    """Figures of all peers over the same data; ``index_mb`` and ``one_point_us`` are ours.

    ``one_point_us`` has the median of a single point's time by the reason of its answer.
    """

    points: int
    grids: int
    vertices_per_grid: float
    index_mb: float
    one_point_us: dict[str, float]
    peers: dict[str, Measured]

    @property
    def agree(self) -> bool:
        """Whether every peer asked for has a figure and the same answer for every point."""
        return not self.missing and not self.differing

    @property
    def missing(self) -> list[str]:
        """Names of the peers asked for that have no figure."""
        return [name for name, peer in self.peers.items() if peer.points_per_s is None]

    @property
    def differing(self) -> list[str]:
        """Names of the peers that answered otherwise than ours for some point."""
        return [name for name, peer in self.peers.items() if peer.differing]


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
    with ExitStack() as held:
        contestants: dict[str, _Contestant] = {}
        missing: dict[str, Measured] = {}
        for name in dict.fromkeys([OURS, *peers]):
            try:
                contestants[name] = _Contestant(PEERS[name], coverage, places)
            except ImportError as error:
                missing[name] = Measured(missing=f"{error.name} is not installed")
            except WanggeError as error:
                missing[name] = Measured(missing=error.message)
            else:
                held.callback(contestants[name].peer.close)
        for _ in range(TURNS):
            for contestant in contestants.values():
                contestant.take_turn()
        ours = contestants[OURS]
        expected = ours.answer()
        measured = {name: each.measured(expected) for name, each in contestants.items()}
        index = cast("Wangge", ours.peer).index
        return Comparison(
            points=points,
            grids=grids,
            vertices_per_grid=coverage.vertices_per_grid,
            index_mb=index.raster_mb,
            one_point_us=_one_point_us(coverage, seed),
            peers=measured | missing,
        )


class _Contestant:
    """A peer with its data taken in, its times and its last result."""

    def __init__(
        self, make: MakePeer, coverage: BenchCoverage, places: NDArray[np.float64]
    ) -> None:
        started = time.perf_counter()
        self.peer = make(coverage, places)
        self._load_s = time.perf_counter() - started
        self._seconds: list[float] = []
        self._joined: object = None

    def take_turn(self) -> None:
        turn_s = 0.0
        while turn_s < LEAST_SECONDS_A_TURN:
            started = time.perf_counter()
            self._joined = self.peer.join()
            self._seconds.append(time.perf_counter() - started)
            turn_s += self._seconds[-1]

    def answer(self) -> Answer:
        return self.peer.answer(self._joined)

    def measured(self, expected: Answer) -> Measured:
        return Measured(
            points_per_s=len(expected.grid) / float(np.median(self._seconds)),
            runs=len(self._seconds),
            load_s=self._load_s,
            differing=self.answer().differences(expected),
        )


def _one_point_us(coverage: BenchCoverage, seed: int) -> dict[str, float]:
    """Median time of ``locate_one`` in microseconds, by the word of the reason.

    With a nearest distance as cities have one; the peers know none, so the join above has none.
    """
    west, south, _, _ = shapely.total_bounds(coverage.polygons)
    index = GridIndex.build(
        coverage.codes, coverage.polygons, nearest_m=NEAREST_M, crs=metric_crs(west, south)
    )
    seconds = defaultdict[str, list[float]](list)
    for lng, lat in single_points(coverage.polygons, SINGLE_POINTS, seed).tolist():
        started = time.perf_counter()
        placement = index.locate_one(lng, lat)
        seconds[placement.reason.word].append(time.perf_counter() - started)
    return {word: float(np.median(times)) * 1e6 for word, times in sorted(seconds.items())}
