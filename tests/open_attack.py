"""The attack on open counts: everything that was answered, as equations, and what they prove.

Unknown are the cases of each finest cell, month and category. Each answer is an equation or a
bound; a solver tells the fewest cases that a cell can have with all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

import h3
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

Floats = NDArray[np.float64]


@dataclass(frozen=True, order=True)
class Place:
    """A cell of any resolution in a month, and a category: what a count may be of."""

    month: str
    category: str
    cell: str


@dataclass
class Knowledge:
    """What an attacker has gathered about a piece of ground, its months and categories."""

    leaves: list[str]
    months: tuple[str, ...]
    categories: tuple[str, ...]
    _equal: list[tuple[frozenset[int], float]] = field(default_factory=list)
    _at_least: list[tuple[frozenset[int], float]] = field(default_factory=list)

    def unknowns(self, places: list[Place]) -> frozenset[int]:
        """The unknowns that make up several places together."""
        return frozenset(at for place in places for at in self._of(place))

    def equal(self, unknowns: frozenset[int], count: int) -> None:
        """So many cases there are in all of these."""
        self._equal.append((unknowns, count))

    def at_least(self, unknowns: frozenset[int], count: int) -> None:
        """Of these there are so many or more."""
        self._at_least.append((unknowns, count))

    def at_most(self, unknowns: frozenset[int], count: int) -> None:
        """Of these there are no more."""
        self._at_least.append((frozenset(-1 - at for at in unknowns), -count))

    def fewest(self, unknowns: frozenset[int]) -> float:
        """The fewest cases that there can be in all of these."""
        return self._extreme(unknowns, 1)

    def most(self, unknowns: frozenset[int]) -> float:
        """The most; infinite where nothing bounds them."""
        return -self._extreme(unknowns, -1)

    def _of(self, place: Place) -> list[int]:
        resolution = h3.get_resolution(place.cell)
        table = self.months.index(place.month) * len(self.categories)
        table += self.categories.index(place.category)
        return [
            table * len(self.leaves) + at
            for at, leaf in enumerate(self.leaves)
            if h3.cell_to_parent(leaf, resolution) == place.cell
        ]

    def _extreme(self, unknowns: frozenset[int], sign: int) -> float:
        size = len(self.leaves) * len(self.months) * len(self.categories)
        goal = np.zeros(size)
        goal[list(unknowns)] = sign
        equal, right = _matrix(self._equal, size)
        least, left = _matrix(self._at_least, size)
        found = linprog(
            goal, A_ub=-least, b_ub=-left, A_eq=equal, b_eq=right, bounds=(0, None), method="highs"
        )
        if found.status == 3:
            return -np.inf
        assert found.status == 0, found.message
        return float(np.round(found.fun, 6))


def _matrix(known: list[tuple[frozenset[int], float]], size: int) -> tuple[csr_array, Floats]:
    distinct = sorted({(tuple(sorted(unknowns)), count) for unknowns, count in known})
    rows = np.repeat(np.arange(len(distinct)), [len(unknowns) for unknowns, _ in distinct])
    columns = np.array([at for unknowns, _ in distinct for at in unknowns], dtype=np.int64)
    values = np.where(columns < 0, -1.0, 1.0)
    shape = (len(distinct), size)
    matrix = csr_array((values, (rows, np.where(columns < 0, -1 - columns, columns))), shape=shape)
    return matrix, np.array([count for _, count in distinct], dtype=float)


def small_places(
    truth: dict[Place, int], knowledge: Knowledge, least: dict[str, int], resolutions: range
) -> list[tuple[Place, int]]:
    """Places of every resolution whose count is not 0 and below what may be told of the month.

    ``truth`` is by finest cell.
    """
    found = []
    for month, category, resolution in product(knowledge.months, knowledge.categories, resolutions):
        for cell in sorted({h3.cell_to_parent(leaf, resolution) for leaf in knowledge.leaves}):
            count = sum(
                truth.get(Place(month, category, leaf), 0)
                for leaf in knowledge.leaves
                if h3.cell_to_parent(leaf, resolution) == cell
            )
            if 0 < count < least[month]:
                found.append((Place(month, category, cell), count))
    return found
