"""Numbers as JSON has them."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator


def nulled(values: NDArray[np.float64], decimals: int | None = None) -> list[float | None]:
    """Numbers, rounded where decimals are given; null for those that are none."""
    shown = values if decimals is None else np.round(values, decimals)
    known = np.isfinite(shown).tolist()
    return [
        number if is_one else None for number, is_one in zip(shown.tolist(), known, strict=True)
    ]


def _nulled_if_told(values: NDArray[np.float64] | None) -> list[float | None] | None:
    return None if values is None else nulled(values)


NulledIfTold = Annotated[list[float | None] | None, BeforeValidator(_nulled_if_told)]
"""A field of an answer that is given as an array."""
