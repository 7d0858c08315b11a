"""Counts by cell, G*, permutations and emerging hotspots, side by side with H3 alone and esda."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from h3ronpy.vector import coordinates_to_cells
from numpy.typing import NDArray

from gis.cells import CellRegion, counts_by_resolution
from gis.hotspots import hotspots_by_permutation, hotspots_of_counts
from gis.patterns.getis_ord import gi_star
from gis.patterns.neighbours import Neighbours
from gis.patterns.permutation import tail_counts
from gis.trends import EmergingOptions, emerging_hotspots

Floats = NDArray[np.float64]

RESOLUTIONS = (9, 8, 7)
# Of a cell of resolution 9 at this place; the mean over the globe is 0.105.
CELL_KM2 = 0.0816
KM_OF_DEGREE = 111.2
WEEKS = 52


@dataclass(frozen=True, slots=True)
class Timing:
    """Median seconds of one thing, by whom, and the peer's where one does the same.

    ``agree``: whether both came to the same.
    """

    what: str
    size: int
    ours_s: float
    peer: str | None = None
    peer_s: float | None = None
    agree: bool | None = None

    @property
    def times(self) -> float | None:
        """How many times as long the peer takes."""
        return None if self.peer_s is None else self.peer_s / self.ours_s


def compare(*, points: int, cells: int, draws: int, runs: int, seed: int) -> list[Timing]:
    """Everything in turns on one made-up city; where esda is not installed, ours alone."""
    rng = np.random.default_rng(seed)
    lng, lat = rng.uniform(121, 121.6, points), rng.uniform(29.8, 30.2, points)
    region, neighbours = _city(cells)
    counts = rng.poisson(3.0 * rng.gamma(0.7, 1 / 0.7, len(region.cells))).astype(float)
    found = [_counting(lng, lat, runs), *_testing(counts, region, neighbours, draws, runs, rng)]
    cube = rng.poisson(0.6 * rng.gamma(0.5, 2, (len(counts), 1)), (len(counts), WEEKS))
    took, _ = _timed(
        lambda: emerging_hotspots(cube.astype(float), region.share, neighbours, EmergingOptions()),
        runs,
    )
    return [*found, Timing(f"emerging hotspots, {WEEKS} weeks", len(counts), took)]


def growth(*, largest: int, runs: int, seed: int) -> list[Timing]:
    """G* with its tails on ever more cells, each ten times as many, up to ``largest``."""
    found = []
    cells = 10_000
    while cells <= largest:
        region, neighbours = _city(cells)
        rng = np.random.default_rng(seed)
        counts = rng.poisson(3.0 * rng.gamma(0.7, 1 / 0.7, len(region.cells))).astype(float)
        took, _ = _timed(lambda: hotspots_of_counts(counts, region.share, neighbours), runs)  # noqa: B023
        found.append(Timing("hotspots of counts", len(counts), took))
        cells *= 10
    return found


def _city(cells: int) -> tuple[CellRegion, Neighbours]:
    height = np.sqrt(cells * CELL_KM2) / KM_OF_DEGREE
    square = shapely.box(121, 30, 121 + height / np.cos(np.radians(30)), 30 + height)
    region = CellRegion.of(square, 9)
    neighbours = region.rings(1)
    neighbours.sums(region.share)  # makes the matrix
    return region, neighbours


def _counting(lng: Floats, lat: Floats, runs: int) -> Timing:
    def bare() -> Any:
        return coordinates_to_cells(pa.array(lat), pa.array(lng), RESOLUTIONS[0])

    ours_s, counted = _timed(lambda: counts_by_resolution(lng, lat, RESOLUTIONS), runs)
    peer_s, cells = _timed(bare, runs)
    agree = all(int(counts.sum()) == len(lng) for _, counts in counted.values()) and len(
        np.unique(pa.array(cells).to_numpy())
    ) == len(counted[RESOLUTIONS[0]][0])
    return Timing(
        "counts at three resolutions", len(lng), ours_s, "one H3 conversion", peer_s, agree
    )


def _testing(
    counts: Floats,
    region: CellRegion,
    neighbours: Neighbours,
    draws: int,
    runs: int,
    rng: np.random.Generator,
) -> list[Timing]:
    ours_s, z = _timed(lambda: gi_star(counts, neighbours), runs)
    whole_s, _ = _timed(lambda: hotspots_of_counts(counts, region.share, neighbours), runs)
    permuted_s, _ = _timed(
        lambda: hotspots_by_permutation(counts, neighbours, draws=draws, rng=rng), runs
    )
    size = len(counts)
    whole = Timing("G*, tails of counts, false discoveries", size, whole_s)
    if find_spec("esda") is None:
        return [Timing("G*", size, ours_s), whole, Timing(f"{draws:,} draws", size, permuted_s)]
    esda, libpysal = import_module("esda"), import_module("libpysal")
    lists = np.split(neighbours.others, neighbours.starts[1:-1])
    weights = libpysal.weights.W(
        {at: others.tolist() for at, others in enumerate(lists)}, silence_warnings=True
    )
    libpysal.weights.fill_diagonal(weights, 1)

    def theirs(permutations: int) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return esda.G_Local(
                counts,
                weights,
                transform="B",
                permutations=permutations,
                star=True,
                seed=1,
                n_jobs=1,
            )

    theirs_s, analytic = _timed(lambda: theirs(0), runs)
    theirs(9)  # loads the compiled loops
    drawn_s, drawn = _timed(lambda: theirs(draws), 1)
    # What esda takes to prepare the weights in each run is in both of its times.
    one_sided = drawn.p_sim
    error = 5 * np.sqrt(2 * one_sided * (1 - one_sided) / draws) + 2 / draws
    # esda counts ties above only; ours are in both tails.
    above = tail_counts(counts, neighbours, draws=draws, rng=rng).above
    ours = (np.minimum(above, draws - above) + 1) / (draws + 1)
    near = float((np.abs(ours - one_sided) <= error).mean())
    return [
        Timing("G*", size, ours_s, "esda", theirs_s, bool(np.allclose(z, analytic.Zs, atol=1e-9))),
        whole,
        Timing(f"G* by {draws:,} draws", size, permuted_s, "esda", drawn_s, near > 0.999),
    ]


def _timed(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Median seconds of some runs after a first one, and the last answer."""
    answer = work()
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        answer = work()
        took.append(time.perf_counter() - began)
    return median(took), answer
