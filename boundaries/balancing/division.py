"""A grid divided into even parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boundaries.balance import BalanceOptions, balance
from boundaries.balancing.borders import unite_blocks
from boundaries.balancing.cut_region import CutRegion
from boundaries.balancing.region import Region
from boundaries.balancing.units import OutOfTime, never
from boundaries.steps import Shape, to_degrees
from gis.errors import BadInput

MOST_PARTS = 60
EVEN_ENOUGH = 0.02
"""Plans within this deviation are equally even, and the one with shorter borders is taken."""


@dataclass(frozen=True, slots=True)
class Division:
    """A grid in parts: shapes (EPSG:4326) and weights from west to east, and how even they are."""

    areas: tuple[Shape, ...]
    totals: tuple[float, ...]
    deviation: float


def check_parts(parts: int) -> None:
    """Refuse a number of parts that no grid is divided into.

    Raises
    ------
    BadInput
        ``parts_too_few``, ``parts_too_many``.
    """
    if parts < 2:
        raise BadInput("parts_too_few", "A grid is divided into two parts at least.", parts=parts)
    if parts > MOST_PARTS:
        raise BadInput(
            "parts_too_many", f"A grid is divided into {MOST_PARTS} parts at most.", parts=parts
        )


def divide(
    cut: CutRegion, parts: int, *, seed: int = 0, out_of_time: OutOfTime = never
) -> Division:
    """Divide the one grid of a region into contiguous parts of even weight.

    Raises
    ------
    BadInput
        ``nothing_counted``, ``parts_too_few``, ``parts_too_many``, ``cannot_divide``: what was
        counted is in too few places.
    """
    region = cut.region
    (code,) = region.codes
    check_parts(parts)
    if not cut.weight.sum():
        raise BadInput("nothing_counted", f"Nothing was counted in grid {code}.", grid=code)
    if len(cut.weight) < parts:
        raise BadInput(
            "parts_too_many",
            f"Grid {code} falls into {len(cut.weight)} blocks, too few for {parts} parts.",
            parts=parts,
        )
    members = np.arange(len(cut.weight))
    found = balance(
        cut.units(members), BalanceOptions(parts, seed=seed, even_enough=EVEN_ENOUGH), out_of_time
    )
    mean = float(cut.weight.sum()) / parts
    shapes = unite_blocks(cut.blocks, found.part, cut.in_the_way(mean))
    areas = sorted(map(to_degrees, shapes.values()), key=lambda s: (s.bounds[0], -s.bounds[3]))
    weighed = _totals_of_parts(region, code, areas)
    if min(weighed) <= 0:
        raise BadInput(
            "cannot_divide",
            f"Grid {code} cannot be divided into {parts} parts that all have something: what"
            " was counted is in too few places.",
            grid=code,
            parts=parts,
        )
    farthest = max(abs(total / mean - 1) for total in weighed)
    return Division(tuple(areas), tuple(weighed), farthest)


def _totals_of_parts(region: Region, code: str, areas: list[Shape]) -> list[float]:
    # A point on an edge between grid and neighbour counts as it did; of two parts for the first.
    keys = [f"{code}\0{at:06}" for at in range(len(areas))]
    around = {each: shape for each, shape in region.around.items() if each != code}
    parts = dict(zip(keys, areas, strict=True))
    known = Region(parts, {}, {**around, **parts}, (), region.counted, region.crs)
    return [known.totals()[key] for key in keys]
