"""The answers of the join: a grid, or none, and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Reason(IntEnum):
    """Why a point got its grid."""

    INSIDE = 0
    EDGE = 1
    NEAREST = 2
    OUTSIDE = 3

    @property
    def word(self) -> str:
        """The word used in tables, files and on the wire."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Placement:
    """The grid of one point: its position among the codes, or None outside."""

    grid: int | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Placements:
    """The grids of many points.

    Attributes
    ----------
    grid
        int32, position of the grid among the codes; -1 outside.
    reason
        uint8, a :class:`Reason` each.
    """

    grid: NDArray[np.int32]
    reason: NDArray[np.uint8]
