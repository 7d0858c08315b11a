"""Hotspots: places whose neighbourhood has more, or less, than chance would give it.

Getis and Ord's G* says how far a neighbourhood stands out; how likely chance alone does as much
depends on what is counted, so each function names the chance its ``p`` is of. ``q`` is the rate of
false discoveries over all places (Benjamini and Hochberg), and only ``bin`` is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gis.patterns.count_tails import Chance, count_tails
from gis.patterns.false_discovery import LEVELS, benjamini_hochberg, bins
from gis.patterns.getis_ord import Style, gi, gi_star
from gis.patterns.neighbours import Neighbours
from gis.patterns.normal import two_sided_normal
from gis.patterns.permutation import tail_counts

Floats = NDArray[np.float64]

Lack = Literal["no_cases", "too_few_places", "all_equal", "too_few_cases"]
"""Why there is not enough data to call any place a hotspot."""


@dataclass(frozen=True, slots=True)
class Hotspots:
    """What stands out of a row of places.

    Parameters
    ----------
    z
        Standard deviate of G* (or G), NaN for a place without neighbours.
    p
        Two-sided probability that chance does as much.
    q
        Least rate of false discoveries at which the place is one.
    bin
        Confidence in percent (90, 95, 99) of a hotspot, below zero that of a cold spot, else 0.
    chance
        What ``p`` is the probability of.
    lack
        Why there is not enough data; then no place has a ``z``, ``p`` or ``q``.
    """

    z: Floats
    p: Floats
    q: Floats
    bin: NDArray[np.int8]
    chance: Chance | Literal["normal", "permutation"]
    lack: Lack | None = None


def hotspots_of_counts(counts: Floats, ground: Floats, neighbours: Neighbours) -> Hotspots:
    """Hotspots of cases counted by place, honest where they are few.

    ``z`` is that of G* on the counts, ``p`` the tail of a count (``count_tails``): the ground of a
    place that lies partly outside is smaller, so it is not cold for that.

    Parameters
    ----------
    counts
        Cases of each place: whole numbers.
    ground
        Share of each place that lies in the region, or the people who live there; above 0.
    """
    if lack := _lack_of_counts(counts, ground, neighbours):
        return _nothing(len(counts), "binomial", lack)
    tails = count_tails(counts, ground, neighbours)
    return _told(gi_star(counts, neighbours), tails.p, tails.is_above, tails.chance)


def hotspots_of_areas(counts: Floats, exposure: Floats, neighbours: Neighbours) -> Hotspots:
    """Hotspots of cases counted by areas that differ in size.

    ``p`` is that of ``hotspots_of_counts``, ``z`` how far the count of a neighbourhood lies from
    the mean of the same law, in its deviates. G* of the rates would not do: of a city's grids the
    smallest have most of the variance and a mean of rates that is far above the city's rate, so
    what p calls hot would often be below it. Areas without neighbours have neither.

    Parameters
    ----------
    exposure
        People, households or ground of each area; above 0.
    """
    if lack := _lack_of_counts(counts, exposure, neighbours):
        return _nothing(len(counts), "binomial", lack)
    tails = count_tails(counts, exposure, neighbours)
    is_island = neighbours.cardinalities == 0
    p, z = (np.where(is_island, np.nan, figure) for figure in (tails.p, tails.z))
    return _told(z, p, tails.is_above, tails.chance)


def hotspots_of_values(
    values: Floats, neighbours: Neighbours, *, star: bool = True, style: Style = "binary"
) -> Hotspots:
    """Hotspots of any value by place, from the normal tail of the analytic z.

    ``star`` counts a place among its own neighbours. For counts see ``hotspots_of_counts``.
    """
    if lack := _lack_of_values(values, neighbours):
        return _nothing(len(values), "normal", lack)
    z = (gi_star if star else gi)(values, neighbours, style)
    return _told(z, two_sided_normal(z), z > 0, "normal")


def hotspots_by_permutation(
    values: Floats, neighbours: Neighbours, *, draws: int, rng: np.random.Generator
) -> Hotspots:
    """Hotspots of any value by place, by conditional permutation; ``z`` is that of G*.

    The smallest ``p`` is ``2 / (draws + 1)``: of n places none can have a ``q`` below n times that.
    """
    if lack := _lack_of_values(values, neighbours):
        return _nothing(len(values), "permutation", lack)
    tails = tail_counts(values, neighbours, draws=draws, rng=rng)
    p = np.where(neighbours.cardinalities > 0, tails.two_sided(), np.nan)
    return _told(gi_star(values, neighbours), p, tails.above < tails.below, "permutation")


def _told(
    z: Floats,
    p: Floats,
    is_hot: NDArray[np.bool_],
    chance: Chance | Literal["normal", "permutation"],
) -> Hotspots:
    q = benjamini_hochberg(p)
    return Hotspots(z, p, q, bins(q, is_hot), chance)


def _nothing(count: int, chance: Chance | Literal["normal", "permutation"], lack: Lack) -> Hotspots:
    none = np.full(count, np.nan)
    return Hotspots(none, none, none, np.zeros(count, dtype=np.int8), chance, lack)


def _lack_of_values(values: Floats, neighbours: Neighbours) -> Lack | None:
    if neighbours.count < 3 or not len(neighbours.others):
        return "too_few_places"
    if values.min() == values.max():
        return "all_equal" if values.any() else "no_cases"
    return None


def _lack_of_counts(counts: Floats, ground: Floats, neighbours: Neighbours) -> Lack | None:
    if lack := _lack_of_values(counts, neighbours):
        return lack
    # All cases in one place would be the most that could be seen: it and its neighbours share
    # the least p that there is.
    share = ((neighbours.sums(ground) + ground) / ground.sum()).min()
    least_p = 2 * share ** counts.sum()
    most = int(neighbours.cardinalities.max()) + 1
    if least_p * neighbours.count / most > LEVELS[0][0]:
        return "too_few_cases"
    return None
