"""Numbers as JSON has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nulled(values: NDArray[np.float64], decimals: int | None = None) -> list[float | None]:
    """Numbers, rounded where decimals are given; null for those that are none."""
    shown = values if decimals is None else np.round(values, decimals)
    known = np.isfinite(shown).tolist()
    return [
        number if is_one else None for number, is_one in zip(shown.tolist(), known, strict=True)
    ]
