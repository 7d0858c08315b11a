"""Places that an edge passes nearly through, put in; those that nobody needs, left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from boundaries.comparing.base_lines import SNAP_M, BaseLines
from boundaries.comparing.corners import NONE, Numbers, Run
from boundaries.comparing.plane import Places


def through(base: BaseLines, metres: Places, hosts: Numbers, runs: Sequence[Run]) -> Sequence[Run]:
    """The runs with each place put in that an edge of theirs passes nearly through.

    An edge of the base passes through the new places that lie on it, and no others.

    Parameters
    ----------
    metres
        Of all places: those of the base, and the new ones behind them.
    hosts
        Of each new place the edge of the base that it lies on.
    """
    every = np.array(sorted({(min(e), max(e)) for run in runs for e in _edges(run)}))
    if not len(every):
        return runs
    size = len(metres)
    of_base = base.edges[:, 0] * size + base.edges[:, 1]
    keys = every[:, 0] * size + every[:, 1]
    at = np.minimum(np.searchsorted(of_base, keys), len(of_base) - 1)
    which = np.where(of_base[at] == keys, at, NONE)
    lines = np.asarray(shapely.linestrings(metres[every]))
    first = len(base.metres)
    line, corner = base.beside(lines)
    is_free = which[line] == NONE
    pairs = [(line[is_free], corner[is_free])]
    if len(metres) > first:
        tree = shapely.STRtree(np.asarray(shapely.points(metres[first:])))
        line, place = tree.query(lines, "dwithin", SNAP_M)
        may = (which[line] == NONE) | (which[line] == hosts[place])
        pairs.append((line[may], first + place[may]))
    line, place = (np.concatenate(side) for side in zip(*pairs, strict=True))
    start, stop = metres[every[line, 0]], metres[every[line, 1]]
    ways = stop - start
    share = ((metres[place] - start) * ways).sum(axis=1) / np.square(ways).sum(axis=1)
    between: dict[tuple[int, int], list[tuple[float, int]]] = {}
    inside = (share > 0) & (share < 1) & (place != every[line, 0]) & (place != every[line, 1])
    for at_line, number, far in zip(
        line[inside].tolist(), place[inside].tolist(), share[inside].tolist(), strict=True
    ):
        a, b = every[at_line].tolist()
        between.setdefault((a, b), []).append((far, number))
    if not between:
        return runs
    put_in: dict[tuple[int, int], list[int]] = {}
    for (a, b), found in between.items():
        places = [number for _, number in sorted(found)]
        put_in[a, b], put_in[b, a] = places, places[::-1]
    return [
        tuple(number for a, b in _edges(run) for number in (a, *put_in.get((a, b), ())))
        for run in runs
    ]


def without_needless(base: BaseLines, hosts: Numbers, runs: Sequence[Run]) -> Sequence[Run]:
    """The runs without new places on an edge of the base at which none of them leaves it.

    Another program put them there; kept, they would change a neighbour nobody touched.
    """
    first = len(base.degrees)

    def is_on(edge: int, number: int) -> bool:
        if number >= first:
            return bool(hosts[number - first] == edge)
        return number in base.edges[edge]

    wanted: set[int] = set()
    for run in runs:
        for at, number in enumerate(run):
            if number < first or number in wanted:
                continue
            edge = int(hosts[number - first])
            around = (run[at - 1], run[(at + 1) % len(run)])
            if edge == NONE or not all(is_on(edge, each) for each in around):
                wanted.add(number)
    return [tuple(n for n in run if n < first or n in wanted) for run in runs]


def _edges(run: Run) -> Iterable[tuple[int, int]]:
    return zip(run, (*run[1:], run[0]), strict=True) if run else ()
