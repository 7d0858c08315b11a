"""What a map shows of the counts for everybody: sums of their rows, and nothing else.

Rows of one month and category share no ground, but those of two may be of different sizes. So a
map shows the smallest cells by which no row is cut: each row lies in exactly one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.cells import Cells, children, parents, resolutions_of

Ints = NDArray[np.int64]
_CHILDREN = 7


@dataclass(frozen=True, eq=False)
class OpenTables:
    """Rows of several tables, each of one month and category.

    Parameters
    ----------
    cells, counts
        Aligned; at least the minimum, so that 0 is told by a table only where it tells of the
        ground around.
    table
        Of each row, the number of its table.
    coarsest
        Of each table, the resolution of its largest cells: whatever of these holds no row is
        withheld.
    """

    cells: Cells
    counts: Ints
    table: Ints
    coarsest: Ints


@dataclass(frozen=True, eq=False)
class OpenSums:
    """Cells that share no ground, in order; of each the sum of the rows that lie in it.

    ``tables`` is how many of the tables tell of all of the cell. Where none does the sum is 0,
    and means nothing.
    """

    cells: Cells
    counts: Ints
    tables: Ints


def open_sums(given: OpenTables, ground: Cells, finest: int) -> OpenSums:
    """Add up rows by the smallest cells that cut none of them, ``finest`` or coarser.

    Parameters
    ----------
    ground
        Cells to be shown though no row lies in them: of the coarsest resolution of the tables.
    """
    if not len(given.coarsest):
        none = np.zeros(len(ground), dtype=np.int64)
        return OpenSums(np.unique(ground), none, none)
    base = int(given.coarsest.min())
    own = resolutions_of(given.cells)
    here = np.unique(np.concatenate([parents(given.cells, base), ground]))
    shown = []
    for resolution in range(base, finest):
        finer = parents(given.cells[own > resolution], resolution)
        stays = np.isin(here, given.cells[own == resolution]) | ~np.isin(here, finer)
        shown.append(here[stays])
        here = children(here[~stays], resolution + 1)[0]
    cells = np.sort(np.concatenate([*shown, here]))
    return OpenSums(cells, _sums(given, cells), _tables(given, cells))


def _sums(given: OpenTables, cells: Cells) -> Ints:
    counts = np.zeros(len(cells), dtype=np.int64)
    sizes, own = resolutions_of(cells), resolutions_of(given.cells)
    for resolution in np.unique(sizes):
        of_size = np.flatnonzero(sizes == resolution)
        inside = own >= resolution
        at = _positions(cells[of_size], parents(given.cells[inside], int(resolution)))
        np.add.at(counts, of_size[at[at >= 0]], given.counts[inside][at >= 0])
    return counts


def _tables(given: OpenTables, cells: Cells) -> Ints:
    """How many tables tell of all of each cell."""
    found = np.zeros(len(cells), dtype=np.int64)
    sizes = resolutions_of(cells)
    for coarsest in np.unique(given.coarsest):
        rows = given.coarsest[given.table] == coarsest
        # Of a table each largest cell that holds a row is told, once.
        told = np.unique(
            np.stack([given.table[rows].astype(np.uint64), parents(given.cells[rows], coarsest)]),
            axis=1,
        )
        for resolution in np.unique(sizes):
            of_size = np.flatnonzero(sizes == resolution)
            if resolution >= coarsest:
                whole, tables = np.unique(told[1], return_counts=True)
                at = _positions(whole, parents(cells[of_size], coarsest))
                found[of_size[at >= 0]] += tables[at[at >= 0]]
                continue
            # Of several largest cells all must be told. (A pentagon has fewer, and never counts.)
            parts = np.stack([told[0], parents(told[1], resolution)])
            wholes, told_parts = np.unique(parts, axis=1, return_counts=True)
            needed = _CHILDREN ** int(coarsest - resolution)
            at = _positions(cells[of_size], wholes[1][told_parts == needed])
            np.add.at(found, of_size[at[at >= 0]], 1)
    return found


def _positions(among: Cells, cells: Cells) -> Ints:
    """Where each cell stands among others that are in order; -1 where it is none of them."""
    if not len(among):
        return np.full(len(cells), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(among, cells), len(among) - 1)
    return np.where(among[at] == cells, at, -1)
