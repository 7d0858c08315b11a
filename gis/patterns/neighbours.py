"""Which place is a neighbour of which: the one form every statistic of places takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from gis.adjacency import adjacency_of
from gis.crs import Geometries
from gis.errors import BadInput

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The neighbours of each of n places, without the place itself.

    Parameters
    ----------
    starts, others
        Places ``others[starts[i]:starts[i + 1]]`` are the neighbours of place ``i``.
    """

    starts: Ints
    others: Ints

    def __post_init__(self) -> None:
        count = len(self.starts) - 1
        if count < 0 or self.starts[0] != 0 or self.starts[-1] != len(self.others):
            raise ValueError("starts must lead from 0 to the number of neighbours")
        if len(self.others) and (self.others.min() < 0 or self.others.max() >= count):
            raise ValueError("a neighbour must be one of the places")
        if (self.others == np.repeat(np.arange(count), np.diff(self.starts))).any():
            raise ValueError("a place is not its own neighbour")

    @classmethod
    def of_pairs(cls, count: int, first: ArrayLike, second: ArrayLike) -> Neighbours:
        """Neighbours told as pairs of places, ``second[i]`` being one of ``first[i]``.

        A pair told twice counts once; a place paired with itself is left out.
        """
        one, other = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
        for places in (one, other):
            if len(places) and (places.min() < 0 or places.max() >= count):
                raise ValueError("a neighbour must be one of the places")
        apart = one != other
        # numpy's own unique hashes them first: 150 ms for 300,000 pairs that are nearly in order.
        pairs = np.sort(one[apart] * count + other[apart])
        is_first = np.ones(len(pairs), dtype=np.bool_)
        is_first[1:] = pairs[1:] != pairs[:-1]
        one, other = np.divmod(pairs[is_first], max(count, 1))
        starts = np.searchsorted(one, np.arange(count + 1))
        return cls(starts.astype(np.int64), other)

    @classmethod
    def within(cls, x: ArrayLike, y: ArrayLike, distance: float) -> Neighbours:
        """All places no farther than a distance, in the units of a plane's ``x`` and ``y``."""
        points = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
        pairs = cKDTree(points).query_pairs(distance, output_type="ndarray")
        return cls.of_pairs(len(points), pairs.T.ravel(), pairs[:, ::-1].T.ravel())

    @classmethod
    def sharing_edges(cls, polygons: Geometries) -> Neighbours:
        """Polygons of a valid coverage that share a border; one corner alone is none.

        Degrees or metres, for no length counts. Of a coverage neighbours share their vertices;
        polygons that overlap or leave a gap are no neighbours by this measure.
        """
        found = adjacency_of(polygons)
        return cls(found.start, found.neighbour.astype(np.int64))

    @classmethod
    def of_lists(cls, ids: Sequence[str], lists: Iterable[tuple[str, Sequence[str]]]) -> Neighbours:
        """Neighbours by name, e.g. those of a weights file; a place without a list has none.

        Raises
        ------
        BadInput
            ``weights_unknown_id``: a name that is none of ``ids``.
        """
        at = {name: index for index, name in enumerate(ids)}
        first: list[int] = []
        second: list[int] = []
        for name, others in lists:
            for other in (name, *others):
                if other not in at:
                    raise BadInput(
                        "weights_unknown_id", f"the weights name {other!r}, which no row has"
                    )
                first.append(at[name])
                second.append(at[other])
        return cls.of_pairs(len(ids), first, second)

    @property
    def count(self) -> int:
        """How many places there are."""
        return len(self.starts) - 1

    @cached_property
    def cardinalities(self) -> Ints:
        """How many neighbours each place has."""
        return np.diff(self.starts)

    @cached_property
    def matrix(self) -> csr_array:
        """1.0 where the column is a neighbour of the row."""
        shape = (self.count, self.count)
        return csr_array((np.ones(len(self.others)), self.others, self.starts), shape=shape)

    def sums(self, values: Floats) -> Floats:
        """Sum of a value over the neighbours of each place; of columns, column by column."""
        summed: Floats = self.matrix @ values
        return summed
