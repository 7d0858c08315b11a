"""The compiled loop that reads points off the raster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.locate_cells import (
    BASE,
    DOUBTFUL,
    EMPTY,
    FAR,
    FAR_ANSWER,
    FIRST_MIXED,
    GAIN,
    HELD,
    NEARBY,
    NORMAL_X,
    NORMAL_Y,
    OFFSET,
    ONE_BITS,
    PIECE,
    PIECES,
    POSITION_BITS,
    SUM_BITS,
    Y_FROM,
    Y_TO,
    compiled,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Points worked on at a time: their intermediate numbers fill 40 kB, the first-level cache.
BLOCK = 2048


@compiled
def place_points(
    lng: NDArray[np.float64],
    lat: NDArray[np.float64],
    west: float,
    south: float,
    pixels_per_degree: float,
    doubt: float,
    cells: NDArray[np.int32],
    pieces: NDArray[np.float32],
    grid: NDArray[np.int32],
    answer: NDArray[np.uint8],
) -> None:
    """Write the grid and HELD, or -1 and NEARBY, FAR or DOUBTFUL, for each point.

    Points off the raster and what is not a number are FAR. Works in blocks, a short loop at
    a time: numbers of pixels (vectorised), their cells (loads that do not wait for each
    other), then only the points of mixed pixels. In one loop they took three times as long.
    """
    rows, columns = cells.shape
    flat, measures, whole = cells.ravel(), pieces.ravel(), pieces.view(np.int32).ravel()
    pixel = np.empty(BLOCK, np.int32)
    waiting, first = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    weights, count = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    # A load instead of a branch that is taken every other time: half the time a piece.
    mask = np.array([0, -1], np.int32)
    zero, least = np.float32(0.0), np.float32(doubt)
    for begin in range(0, len(lng), BLOCK):
        size = min(BLOCK, len(lng) - begin)
        for k in range(size):
            x = (lng[begin + k] - west) * pixels_per_degree
            y = (lat[begin + k] - south) * pixels_per_degree
            on_raster = (x >= 0.0) & (x < columns) & (y >= 0.0) & (y < rows)
            number = np.int32(y) * columns + np.int32(x)
            pixel[k] = number if on_raster else 0  # pixel 0 is far from all grids
        for k in range(size):
            grid[begin + k] = flat[np.uint32(pixel[k])]
        for k in range(size):
            answer[begin + k] = HELD
        unsettled = np.uint64(0)
        for k in range(size):
            waiting[unsettled] = begin + k
            unsettled += np.uint64(grid[begin + k] < 0)
        mixed = np.uint64(0)
        for k in range(unsettled):
            i = waiting[k]
            cell = grid[i]
            waiting[mixed] = i
            first[mixed] = FIRST_MIXED - cell if cell <= FIRST_MIXED else 0
            mixed += np.uint64(cell <= FIRST_MIXED)
            if cell > FIRST_MIXED:
                grid[i] = -1
                answer[i] = FAR_ANSWER if cell == FAR else NEARBY if cell == EMPTY else DOUBTFUL
        for k in range(mixed):
            at = first[k] * PIECE
            weights[k], count[k] = whole[at + BASE], whole[at + PIECES]
        for k in range(mixed):
            i = waiting[k]
            x = (lng[i] - west) * pixels_per_degree
            y = (lat[i] - south) * pixels_per_degree
            u, v = np.float32(x - np.floor(x)), np.float32(y - np.floor(y))
            total, nearest = weights[k], np.float32(1.0)
            at = first[k] * PIECE
            for _ in range(count[k]):
                side = (
                    measures[at + NORMAL_X] * u + measures[at + NORMAL_Y] * v
                    - measures[at + OFFSET]
                )  # fmt: skip
                crossed = (side > zero) & (measures[at + Y_FROM] <= v) & (v < measures[at + Y_TO])
                total += whole[at + GAIN] & mask[np.uint64(crossed)]
                nearest = min(nearest, abs(side))
                at += PIECE
            held = np.int64(total) & SUM_BITS
            if (held >> ONE_BITS == 1) & (nearest > least):
                grid[i] = held & POSITION_BITS
            else:
                grid[i] = -1
                answer[i] = NEARBY if (held == 0) & (nearest > least) else DOUBTFUL
