"""The H3 cell of a case in SQL: its parents, and whether it lies in some cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    and_,
    cast,
    func,
    literal,
    or_,
    type_coerce,
)

from gis.cells import box_of_children, parent_bits, resolutions_of


def cell_of(case: Any, resolution: int) -> Any:
    """The cell of a resolution that the case's own cell belongs to by its index."""
    kept, set_ = parent_bits(resolution)
    own: Any = type_coerce(case.cell, BigInteger)
    return own.op("&")(literal(kept, BigInteger)).op("|")(literal(set_, BigInteger))


def is_one_of(case: Any, resolution: int, cells: Sequence[int]) -> ColumnElement[bool]:
    """Whether its cell of a resolution is among these: one look into a table, however many."""
    found: ColumnElement[bool] = cell_of(case, resolution) == func.any(
        cast(list(cells), ARRAY(BigInteger))
    )
    return found


def lies_in(case: Any, cells: Sequence[int]) -> ColumnElement[bool]:
    """Whether its cell belongs to one of these, of any resolutions, one at least."""
    numbers = np.array(cells, dtype=np.uint64)
    resolutions = resolutions_of(numbers)
    inside = []
    for resolution in np.unique(resolutions).tolist():
        of_these = numbers[resolutions == resolution]
        is_child = is_one_of(case, resolution, of_these.tolist())
        # The cell has no index of its own, which every case that comes in would pay for.
        box = box_of_children(of_these)
        if box is not None:
            envelope: Any = func.ST_MakeEnvelope(*box, 4326)
            is_child = and_(is_child, case.point.op("&&")(envelope))
        inside.append(is_child)
    return or_(*inside)
