"""Hot places: hot cells that lie side by side are one place, with one peak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from gis.hotspots import Hotspots
from gis.patterns.neighbours import Neighbours

Ints = NDArray[np.int64]

APART = -1


@dataclass(frozen=True, eq=False)
class HotPlace:
    """Cells that belong together, in order of their index, and the strongest of them."""

    peak: int
    cells: Ints


def joined(chosen: NDArray[np.bool_], beside: Neighbours) -> Ints:
    """The number of the place each chosen cell belongs to, ``APART`` for all others.

    Chosen neighbours of chosen neighbours are one place. Places are numbered from 0 on, in order
    of their first cells.
    """
    places = np.full(len(chosen), APART, dtype=np.int64)
    cells = np.flatnonzero(chosen)
    if len(cells):
        _, places[cells] = connected_components(beside.matrix[cells][:, cells], directed=False)
    return places


def hot_places(found: Hotspots, beside: Neighbours) -> list[HotPlace]:
    """Hot cells (of 90 % and more) joined to places, strongest first.

    A place is as strong as its peak: by ``bin``, then by ``z``; of equals the cell of the lowest
    index goes first.

    Parameters
    ----------
    beside
        Who shares an edge with whom, whatever neighbours the hotspots were found with.
    """
    places = joined(found.bin > 0, beside)
    # Strongest last, for the sort is stable and a cell alone has no z.
    z = np.where(np.isnan(found.z), -np.inf, found.z)
    strongest = np.lexsort((-z, -found.bin.astype(np.int64)))
    strongest = strongest[places[strongest] != APART]
    _, first = np.unique(places[strongest], return_index=True)
    order = np.argsort(places, kind="stable")
    edges = np.searchsorted(places[order], np.arange(len(first) + 1))
    return [
        HotPlace(int(strongest[at]), order[edges[place] : edges[place + 1]])
        for at, place in sorted((int(at), place) for place, at in enumerate(first.tolist()))
    ]
