"""Compiled loops that draw a coverage's edges into a raster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.locate_cells import (
    ASK,
    BASE,
    EMPTY,
    FAR,
    FIRST_MIXED,
    GAIN,
    NORMAL_X,
    NORMAL_Y,
    OFFSET,
    ONE_BITS,
    PIECES,
    POSITION_BITS,
    SUM_BITS,
    Y_FROM,
    Y_TO,
    compiled,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Set in a pixel's count of pieces when its anchor is too near to an edge to be trusted.
HARD = 1 << 30


@compiled
def sum_weights_at_anchors(
    x1: NDArray[np.float64],
    y1: NDArray[np.float64],
    x2: NDArray[np.float64],
    y2: NDArray[np.float64],
    gain: NDArray[np.int32],
    anchor: float,
    doubt: float,
    sums: NDArray[np.int32],
    counts: NDArray[np.int32],
) -> None:
    """Fill ``sums`` with the sum of weights at each pixel's anchor.

    The anchor of pixel (row, column) is (column - anchor, row - anchor). A scan line through
    the anchors of a row starts in the open, where the sum is 0. An anchor as near to an edge
    as ``doubt`` makes its pixel hard.
    """
    rows, columns = sums.shape
    for e in range(len(x1)):
        first, last = int(np.floor(y1[e] + anchor)) + 1, int(np.floor(y2[e] + anchor))
        for row in range(first, last + 1):
            slope = (x2[e] - x1[e]) / (y2[e] - y1[e])
            x = x1[e] + (row - anchor - y1[e]) * slope + anchor
            column = int(np.floor(x))
            sums[row, column + 1] += gain[e]
            if x - column < doubt:
                counts[row, column] |= HARD
            if column + 1 - x < doubt:
                counts[row, column + 1] |= HARD
    for row in range(rows):
        for column in range(1, columns):
            sums[row, column] += sums[row, column - 1]


@compiled
def walk_edges(
    x1: NDArray[np.float64],
    y1: NDArray[np.float64],
    x2: NDArray[np.float64],
    y2: NDArray[np.float64],
    gain: NDArray[np.int32],
    anchor: float,
    doubt: float,
    counts: NDArray[np.int32],
    cells: NDArray[np.int32],
    pieces: NDArray[np.float32],
    fill: bool,
) -> None:
    """Visit every pixel near every edge, first to count pieces, then to write them.

    With ``fill`` false, ``counts`` grows by the pieces of each pixel and marks hard ones. With
    ``fill`` true, ``cells`` says where a pixel's pieces start and ``counts`` how many are
    written.
    """
    near = 2 * anchor
    for e in range(len(x1)):
        dx, dy = x2[e] - x1[e], y2[e] - y1[e]
        length = np.hypot(dx, dy)
        if length == 0.0:  # too short for pixel coordinates: both ends are one point
            continue
        nx, ny = dy / length, -dx / length
        west, east = min(x1[e], x2[e]), max(x1[e], x2[e])
        for row in range(int(np.floor(y1[e] - near)), int(np.floor(y2[e] + near)) + 1):
            left, right = west, east
            if dy > near:
                # Where the edge passes this row and a little above and below.
                xa = x1[e] + (max(y1[e], row - 2 * near) - y1[e]) / dy * dx
                xb = x1[e] + (min(y2[e], row + 1 + 2 * near) - y1[e]) / dy * dx
                left, right = max(west, min(xa, xb)), min(east, max(xa, xb))
            first, last = int(np.floor(left - 2 * near)), int(np.floor(right + 2 * near))
            for column in range(first, last + 1):
                ax, ay = x1[e] - column, y1[e] - row
                crossing = _crossing(ax, ay, dx, dy, near)
                if crossing == 0:
                    continue
                offset = nx * ax + ny * ay
                if crossing == 2:
                    side = -anchor * (nx + ny) - offset
                    if fill:
                        change = gain[e] if side > 0 else 0
                        _write(
                            cells, counts, pieces, row, column,
                            nx, ny, offset, -np.inf, np.inf, gain[e], -change,
                        )  # fmt: skip
                    else:
                        counts[row, column] += 1
                        if abs(side) < doubt:
                            counts[row, column] |= HARD
                    continue
                bx, by = x2[e] - column, y2[e] - row
                starts_in, ends_in = ax > -anchor, bx > -anchor
                low, high = ay, by
                meets = np.inf
                if starts_in != ends_in:
                    meets = min(max(ay + (-anchor - ax) / dx * dy, ay), by)
                    if ends_in:
                        low = meets
                    else:
                        high = meets
                if fill:
                    if starts_in or ends_in:
                        _write(
                            cells, counts, pieces, row, column,
                            nx, ny, offset, low, high, gain[e], 0,
                        )  # fmt: skip
                    if -anchor < meets < 1.0 + near:
                        _write(
                            cells, counts, pieces, row, column,
                            0.0, 0.0, -1.0, meets, np.inf, -gain[e] if dx > 0 else gain[e], 0,
                        )  # fmt: skip
                else:
                    if starts_in or ends_in:
                        counts[row, column] += 1
                    if -anchor < meets < 1.0 + near:
                        counts[row, column] += 1
                    at_start = abs(ax + anchor) < 2 * doubt and abs(ay + anchor) < 2 * doubt
                    at_end = abs(bx + anchor) < 2 * doubt and abs(by + anchor) < 2 * doubt
                    if abs(meets + anchor) < doubt or at_start or at_end:
                        counts[row, column] |= HARD


@compiled
def _crossing(ax: float, ay: float, dx: float, dy: float, near: float) -> int:
    """How an edge meets the pixel widened by ``near``: 0 not, 1 ending in it, 2 right through."""
    enter, leave = 0.0, 1.0
    for start, step in ((ax, dx), (ay, dy)):
        low, high = -near - start, 1.0 + near - start
        if step == 0.0:
            if low > 0.0 or high < 0.0:
                return 0
        else:
            if step < 0.0:
                low, high = high, low
            enter, leave = max(enter, low / step), min(leave, high / step)
    if enter > leave:
        return 0
    return 2 if enter > 0.0 and leave < 1.0 else 1


@compiled
def _write(
    cells: NDArray[np.int32],
    counts: NDArray[np.int32],
    pieces: NDArray[np.float32],
    row: int,
    column: int,
    nx: float,
    ny: float,
    offset: float,
    low: float,
    high: float,
    gain: int,
    base: int,
) -> None:
    if cells[row, column] > FIRST_MIXED:
        return
    first = FIRST_MIXED - cells[row, column]
    at = first + counts[row, column]
    counts[row, column] += 1
    pieces[at, NORMAL_X], pieces[at, NORMAL_Y], pieces[at, OFFSET] = nx, ny, offset
    pieces[at, Y_FROM], pieces[at, Y_TO] = low, high
    whole = pieces.view(np.int32)
    whole[at, GAIN] = gain
    whole[first, BASE] += base


@compiled
def number_pieces(
    sums: NDArray[np.int32], counts: NDArray[np.int32], cells: NDArray[np.int32]
) -> int:
    """Turn sums and counts into cells; return how many pieces there are in all."""
    rows, columns = sums.shape
    total = 0
    for row in range(rows):
        for column in range(columns):
            count, weights = counts[row, column], np.int64(sums[row, column]) & SUM_BITS
            if count & HARD:
                cells[row, column] = ASK
            elif count:
                cells[row, column] = FIRST_MIXED - total
                total += count
            elif weights == 0:
                cells[row, column] = EMPTY
            elif weights >> ONE_BITS == 1:
                cells[row, column] = weights & POSITION_BITS
            else:
                cells[row, column] = ASK
    return total


@compiled
def start_pieces(
    sums: NDArray[np.int32],
    counts: NDArray[np.int32],
    cells: NDArray[np.int32],
    pieces: NDArray[np.float32],
) -> None:
    """Write count and sum of each mixed pixel into its first piece; set the counts to 0."""
    rows, columns = sums.shape
    whole = pieces.view(np.int32)
    for row in range(rows):
        for column in range(columns):
            if cells[row, column] <= FIRST_MIXED:
                first = FIRST_MIXED - cells[row, column]
                whole[first, BASE] = sums[row, column]
                whole[first, PIECES] = counts[row, column]
            counts[row, column] = 0


@compiled
def mark_far(cells: NDArray[np.int32], reach: int) -> None:
    """Turn empty pixels more than ``reach`` pixels away from all others into far ones."""
    rows, columns = cells.shape
    near = np.zeros((rows, columns), np.bool_)
    for row in range(rows):
        last = -reach - 1
        for column in range(columns):
            if cells[row, column] != EMPTY:
                last = column
            near[row, column] = column - last <= reach
        last = columns + reach
        for column in range(columns - 1, -1, -1):
            if cells[row, column] != EMPTY:
                last = column
            near[row, column] |= last - column <= reach
    within = np.zeros(columns, np.int64)
    for row in range(-reach, rows):
        for column in range(columns):
            if row + reach < rows:
                within[column] += near[row + reach, column]
            if row - reach - 1 >= 0:
                within[column] -= near[row - reach - 1, column]
            if row >= 0 and within[column] == 0:
                cells[row, column] = FAR
