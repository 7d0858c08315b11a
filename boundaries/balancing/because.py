"""Why what could be made even stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "one_part",
    "one_chosen",
    "no_weight",
    "single_units",
    "even_already",
    "time_over",
    "one_outweighs",
    "none_found",
    "dedicated",
]


@dataclass(frozen=True, slots=True)
class Because:
    """A reason, as a program reads it; as text, a sentence of it.

    Parameters
    ----------
    reason
        ``time_over``, ``one_outweighs`` and ``none_found`` are what is known of why nothing was
        found; no proof that there is nothing.
    parent
        Whose parts stay; empty for a dedicated grid.
    name
        The grid of ``one_chosen`` and ``dedicated``, the unit of ``one_outweighs``.
    """

    reason: Reason
    parent: str = ""
    name: str = ""

    def __str__(self) -> str:
        said = {
            "one_part": "it has one part, and units do not leave their parent",
            "one_chosen": f"only grid {self.name} of it was chosen",
            "no_weight": "nothing was counted in it",
            "single_units": "each part is a single unit",
            "even_already": "its parts are even already",
            "time_over": "no plan was found in the time given",
            "one_outweighs": f"{self.name} alone weighs more than the mean, and no plan was found"
            " that evens the rest",
            "none_found": "no plan was found that is more even and cuts no part in two",
            "dedicated": f"grid {self.name} is dedicated and stays",
        }[self.reason]
        return f"{self.parent}: {said}" if self.parent else said
