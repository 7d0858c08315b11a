"""What the raster holds: the values of cells, the columns of pieces, and how its loops compile.

Every loop works in pixels: x = (lng - west) * pixels per degree, y likewise, and
inside one pixel in u and v from 0 to 1, from its lower left corner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = TypeVar("Function", bound=Callable[..., Any])

# What a cell of the raster says. From 0 on: this grid holds the whole pixel.
EMPTY = -1  # no grid meets the pixel
FAR = -2  # nor is there any within reach
ASK = -3  # GEOS decides every point of the pixel
FIRST_MIXED = -4  # FIRST_MIXED - k: edges cross it, the first of its pieces is k

# A piece is eight numbers of four bytes; the last three are int32 in the same memory. A point
# (u, v) of the pixel lies right of the piece where NORMAL_X u + NORMAL_Y v > OFFSET, and level
# with it where Y_FROM <= v < Y_TO. GAIN is what crossing it from left to right adds to the sum
# of weights. BASE, the sum at the anchor, and PIECES, their number, stand in the first.
PIECE = np.uint32(8)
NORMAL_X, NORMAL_Y, OFFSET, Y_FROM, Y_TO, GAIN, BASE, PIECES = (np.uint32(i) for i in range(8))

# Answers. NEARBY: held by none, one may be within reach.
HELD, NEARBY, FAR_ANSWER, DOUBTFUL = 0, 2, 3, 4

# A sum of weights holds how many grids there are from this bit on, below it the position of
# the grid if it is one (see locate_edges.ONE).
ONE_BITS = 24
POSITION_BITS = (1 << ONE_BITS) - 1
SUM_BITS = 0xFFFFFFFF


def compiled(function: Function) -> Function:
    """Compile at first call, keep the machine code beside the source, release the GIL."""
    return cast("Function", numba.njit(cache=True, nogil=True)(function))
