"""What is asked of a search for even grids, and what is told of what it found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.proposals import By
from api.routes.draft_answers import StepOut
from api.routes.draft_operations import Code
from boundaries.balancing.because import Because, Reason
from boundaries.draft_coverage import DraftCoverage

MOST_GRIDS = 300
Seconds = Annotated[float, Field(gt=0, le=30, description="how long to search at most")]
Seed = Annotated[int, Field(ge=0, lt=2**32, description="the same seed, the same answer")]


class EvenIn(BaseModel):
    """What to make even: grids by their codes, or all of a community."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    grids: Annotated[list[Code] | None, Field(min_length=1, max_length=MOST_GRIDS)] = None
    community: Code | None = None
    by: By
    keep_communities: Annotated[
        bool, Field(description="else ground may go to another community of the township")
    ] = True
    seconds: Seconds = 10.0
    seed: Seed = 0

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.grids is None) == (self.community is None):
            raise ValueError("either grids or community")
        return self


class RowOut(BaseModel):
    """A grid's weight before and after; null where it is not there."""

    code: str
    name: str
    before: float | None
    after: float | None


class TodayOut(BaseModel):
    """The grids as they are: `deviation` of the farthest from the mean of its parent."""

    deviation: float
    spread: float
    total: float
    grids: int


class PointOut(BaseModel):
    """A point of the curve."""

    moved: float
    deviation: float


class ProposalOut(BaseModel):
    """A draft that makes the grids more even."""

    draft: int
    name: str
    revision: int
    deviation: float
    spread: float
    moved: float
    moved_share: float
    table: list[RowOut]


class BecauseOut(BaseModel):
    """Why something stays as it is.

    `parent` is the community or township whose grids stay, `name` the grid that was chosen
    alone, that is dedicated, or the ground that outweighs all others; `detail` says it in words.
    """

    reason: Reason
    parent: str | None
    name: str | None
    detail: str

    @classmethod
    def of(cls, because: Because) -> BecauseOut:
        """As it is told."""
        return cls(
            reason=because.reason,
            parent=because.parent or None,
            name=because.name or None,
            detail=str(because),
        )


class ProposalsOut(BaseModel):
    """Up to three drafts, the one that moves least first; why the rest stays as it is."""

    base_version: int
    by: By
    today: TodayOut
    curve: list[PointOut]
    proposals: list[ProposalOut]
    because: list[BecauseOut]


class DivideIn(BaseModel):
    """A grid of the draft, and into how many parts."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    grid: Code
    parts: Annotated[int, Field(ge=-(2**31), lt=2**31)]
    by: By
    seconds: Seconds = 5.0
    seed: Seed = 0


class DividedOut(StepOut):
    """What the division came to, and how even the parts are."""

    deviation: float
    table: list[RowOut]


def weights_table(
    before: DraftCoverage,
    old: Mapping[str, float],
    new: Mapping[str, float],
    after: DraftCoverage | None = None,
) -> list[RowOut]:
    """Every grid with its weights, by code."""
    return [
        RowOut(
            code=code,
            name=(before if code in before.grids else after or before).grid(code).name,
            before=old.get(code),
            after=new.get(code),
        )
        for code in sorted({*old, *new})
    ]
