"""Who inherits what is bound to a grid, when a new version takes effect.

What is bound to a code that goes on existing stays with it, however its edges move. What is
bound to a code that is gone goes to the grid that took the most of its area. And a code that
is new inherits, beside that, from the grid it took the most of its own area from: so nobody's
street is without the people who answered for it yesterday. Ties go to the lowest code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from boundaries.succession.lineage import Changed, Descent


@dataclass(frozen=True, slots=True)
class Inheritance:
    """Pairs (old code, new code): what is bound to the one is bound to the other from now on.

    Beyond ``passed``, what is bound to a grid of ``gone`` is bound to nothing any more.
    """

    passed: tuple[tuple[str, str], ...]
    gone: frozenset[str]

    @property
    def heirless(self) -> frozenset[str]:
        """Grids that are gone with nobody to inherit from them: the city ends before them."""
        return self.gone - {old for old, _ in self.passed}


def inheritance(changed: Changed, lineage: Iterable[Descent]) -> Inheritance:
    """Decide the heirs from the lineage of every grid that changed."""
    heir_of: dict[str, Descent] = {}
    ancestor_of: dict[str, Descent] = {}
    # To the square centimetre: halves of one square measure alike no further than that.
    for row in sorted(lineage, key=lambda row: (-round(row.area_m2, 4), row.old, row.new)):
        if row.old in changed.gone:
            heir_of.setdefault(row.old, row)
        if row.new in changed.added:
            ancestor_of.setdefault(row.new, row)
    rows = [*heir_of.values(), *ancestor_of.values()]
    return Inheritance(tuple(sorted({(row.old, row.new) for row in rows})), changed.gone)
