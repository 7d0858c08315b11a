"""Units to be parted: their weights, their neighbours, and what cannot be parted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundaries.balancing.walk import Ground
from gis.adjacency import Adjacency
from gis.errors import BadInput

NAMED = 5

OutOfTime = Callable[[], bool]
"""Whether the time given is over; the caller holds the clock."""


def never() -> bool:
    """A clock that does not run out."""
    return False


@dataclass(frozen=True, slots=True)
class Units:
    """Units with their weights, checked.

    Parameters
    ----------
    weight
        float64 (units,), 0 or more, not all 0; a missing weight is refused, not taken as 0.
    adjacency
        Which units share a border.
    names
        What messages call the units; default ``unit 1`` and on.

    Raises
    ------
    BadInput
        ``units_missing``, ``weight_missing``, ``weight_infinite``, ``weight_negative``,
        ``weights_all_zero``.
    """

    weight: NDArray[np.float64]
    adjacency: Adjacency
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        if len(self.weight) == 0:
            raise BadInput("units_missing", "there are no units to part")
        if len(self.weight) != self.adjacency.units or len(self.names) not in {0, len(self)}:
            raise BadInput(
                "units_differ",
                f"{len(self.weight)} weights and {len(self.names)} names"
                f" for {self.adjacency.units} units",
            )
        weight = self.weight
        for code, bad, what in (
            ("weight_missing", np.isnan(weight), "has no weight, which is not the same as 0"),
            ("weight_infinite", np.isinf(weight), "has a weight without end"),
            ("weight_negative", weight < 0, "has a weight below 0"),
        ):
            found = np.flatnonzero(bad)
            if len(found):
                more = f", and {len(found) - 1:,} more" if len(found) > 1 else ""
                raise BadInput(
                    code,
                    f"{self.name(int(found[0]))} {what}{more}",
                    units=[self.name(unit) for unit in found.tolist()],
                )
        if not weight.any():
            raise BadInput("weights_all_zero", "every weight is 0, so there is nothing to even out")

    def __len__(self) -> int:
        return len(self.weight)

    def name(self, unit: int) -> str:
        """What messages call a unit."""
        return self.names[unit] if len(self.names) else f"unit {unit + 1}"

    def listed(self, units: Iterable[int]) -> str:
        """The first few names, and how many more."""
        named = [self.name(unit) for unit in units]
        more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
        return ", ".join(named[:NAMED]) + more

    @property
    def ground(self) -> Ground:
        """The same for the compiled loops."""
        return Ground(
            self.adjacency.start,
            self.adjacency.neighbour,
            self.adjacency.length / self.usual_border,
            np.ascontiguousarray(self.weight, dtype=np.float64),
        )

    @property
    def grain(self) -> float:
        """Mean weight of the units that have one."""
        return float(self.weight[self.weight > 0].mean())

    @property
    def usual_border(self) -> float:
        """Mean length of the borders between units; 1 where there are none."""
        length = self.adjacency.length
        return float(length.mean()) if len(length) else 1.0

    def totals(self, part: NDArray[np.integer], parts: int) -> NDArray[np.float64]:
        """Weight of each part 0 … parts-1."""
        weighed = np.bincount(part, weights=self.weight, minlength=parts)
        return weighed.astype(np.float64)

    def border(self, part: NDArray[np.integer]) -> float:
        """Length of all borders between parts, each once."""
        here = np.repeat(part, np.diff(self.adjacency.start))
        between = here != part[self.adjacency.neighbour]
        return float(self.adjacency.length[between].sum() / 2)
