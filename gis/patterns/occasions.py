"""Cases that tell of the same thing: one occasion, however many report it.

Ten calls about one party are no ten parties. Counted each for itself they would make a pattern
of one evening, so what is tested are occasions; cases are only told.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def is_new_occasion(
    category: Ints, x_m: Floats, y_m: Floats, hours: Floats, *, near_m: float, within_h: float
) -> NDArray[np.bool_]:
    """Whether no earlier case of the category was nearby shortly before.

    Parameters
    ----------
    x_m, y_m
        Places in a plane, metres.
    hours
        When, in hours from any moment on. Of cases at one moment the first row is the earlier.
    near_m, within_h
        Cases no farther apart than this, east and north, and in time are of one occasion; also
        through others in between.
    """
    # Categories lie farther apart than any pair reaches.
    scaled = np.column_stack([x_m / near_m, y_m / near_m, hours / within_h, category * 3.0])
    pairs = cKDTree(scaled).query_pairs(1.0, p=np.inf, output_type="ndarray")
    one, other = pairs.T
    is_other_later = (hours[other] > hours[one]) | ((hours[other] == hours[one]) & (other > one))
    found = np.ones(len(hours), dtype=bool)
    found[np.where(is_other_later, other, one)] = False
    return found
