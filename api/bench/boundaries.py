"""Operations on a coverage with their proof: how long each takes, and what others leave behind."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import geopandas as gpd
import numpy as np

from api.bench.coverage import make_coverage
from api.bench.gestures import gestures
from api.bench.naive_redrawing import is_coverage, naive_split, naive_transfer, swallowed
from boundaries.codes import CodeIssuer, CodeRule
from boundaries.draft_coverage import DraftCoverage
from boundaries.intake import measuring_crs
from boundaries.operations import Limits, Operation, Split, Transfer, apply
from boundaries.refusals import Refused

P95_LIMIT_MS = 30.0
GRIDS_PER_COMMUNITY = 16
Result = TypeVar("Result")
_Took = tuple[float, float]
"""By the clock and of the process's own time, ms."""


@dataclass(frozen=True, slots=True)
class OperationTiming:
    """One kind of operation on a city of so many grids; a refusal is an answer like another.

    Attributes
    ----------
    median_ms, p95_ms
        By the clock.
    processor_median_ms, processor_p95_ms
        Of the process's own time, whatever else runs on the machine.
    """

    operation: str
    grids: int
    runs: int
    refused: int
    median_ms: float
    p95_ms: float
    processor_median_ms: float
    processor_p95_ms: float


@dataclass(frozen=True, slots=True)
class NaivePeer:
    """The same gestures with a geometry library alone; ``broken`` results are no coverage."""

    operation: str
    runs: int
    broken: int
    median_ms: float


@dataclass(frozen=True, slots=True)
class Redrawing:
    """The figures of one run."""

    operations: tuple[OperationTiming, ...]
    peers: tuple[NaivePeer, ...]

    @property
    def growth(self) -> dict[str, float]:
        """How many times the processor time of the smallest city an operation takes on the largest.

        Medians; by the name of the operation.
        """
        fewest = min(timing.grids for timing in self.operations)
        most = max(timing.grids for timing in self.operations)
        by_city = {(t.operation, t.grids): t.processor_median_ms for t in self.operations}
        return {
            name: by_city[name, most] / ms
            for (name, grids), ms in by_city.items()
            if grids == fewest and (name, most) in by_city
        }


def city_to_redraw(grids: int, seed: int) -> DraftCoverage:
    """The coverage of ``make_coverage`` as a draft."""
    coverage = make_coverage(grids, seed)
    community = [f"C{at // GRIDS_PER_COMMUNITY:04d}" for at in range(grids)]
    frame = gpd.GeoDataFrame(
        {
            "code": coverage.codes,
            "name": coverage.codes,
            "kind": "base",
            "community": community,
            "community_name": community,
            "township": "T",
            "township_name": "T",
        },
        geometry=list(coverage.polygons),
        crs="EPSG:4326",
    )
    return DraftCoverage.of(frame, measuring_crs(frame))


def measure(grids: list[int], *, runs: int, seed: int) -> Redrawing:
    """Carry out each kind of operation at ``runs`` grids of each city, in turns.

    The cities take turns, so that another program's load meets all alike; the first
    operation of each kind on each, which loads what is not loaded yet, is not counted.

    Parameters
    ----------
    grids
        How many grids each city has; the peers work on the first.
    """
    rng = np.random.default_rng(seed)
    cities = [city_to_redraw(count, seed) for count in grids]
    chosen = [rng.choice(sorted(city.grids), runs + 1) for city in cities]
    took: dict[tuple[str, int], list[_Took]] = defaultdict(list)
    refused: dict[tuple[str, int], int] = defaultdict(int)
    naive: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for turn in range(runs + 1):
        for count, city, codes in zip(grids, cities, chosen, strict=True):
            for name, operation in gestures(city, str(codes[turn]), rng).items():
                ms, was_refused = _timed(partial(_is_refused, city, operation))
                if turn:
                    took[name, count].append(ms)
                    refused[name, count] += was_refused
                if turn and city is cities[0]:
                    _try_naive(city, name, operation, naive)
    return Redrawing(
        tuple(
            _summary(name, count, ms, refused[name, count]) for (name, count), ms in took.items()
        ),
        tuple(
            NaivePeer(
                name,
                len(results),
                sum(broken for _, broken in results),
                float(np.median([ms for ms, _ in results])),
            )
            for name, results in naive.items()
        ),
    )


def _timed(work: Callable[[], Result]) -> tuple[_Took, Result]:
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    own_s, all_s = time.process_time() - processor, time.perf_counter() - clock
    return (all_s * 1e3, own_s * 1e3), result


def _is_refused(city: DraftCoverage, operation: Operation) -> bool:
    try:
        apply(city, operation, CodeIssuer.beside(CodeRule(), city.grids), Limits())
    except Refused:
        return True
    return False


def _try_naive(
    city: DraftCoverage,
    name: str,
    operation: Operation,
    naive: dict[str, list[tuple[float, bool]]],
) -> None:
    match operation:
        case Split(grid):
            ms, changed = _timed(partial(naive_split, city, operation))
            gone = {grid}
        case Transfer():
            ms, changed = _timed(partial(naive_transfer, city, operation))
            gone = swallowed(city, operation)
        case _:
            return
    naive[name].append((ms[0], not is_coverage(city, changed, gone)))


def _summary(name: str, grids: int, took: list[_Took], refused: int) -> OperationTiming:
    (median_ms, own_median_ms), (p95_ms, own_p95_ms) = np.percentile(took, [50, 95], axis=0)
    return OperationTiming(
        name,
        grids,
        len(took),
        refused,
        float(median_ms),
        float(p95_ms),
        float(own_median_ms),
        float(own_p95_ms),
    )
