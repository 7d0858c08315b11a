"""What may be asked of a draft: the operations, as they come in."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.routes.queries import Text

Position = Annotated[list[float], Field(min_length=2, max_length=3)]
"""Longitude, latitude; a height is dropped."""
Code = Annotated[Text, Field(min_length=1, max_length=80)]
Words = Annotated[Text, Field(max_length=2_000)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, populate_by_name=True)

    note: Annotated[Words, Field(description="kept with the operation")] = ""


class LineStringIn(BaseModel):
    """A GeoJSON LineString (EPSG:4326)."""

    model_config = ConfigDict(allow_inf_nan=False)
    type: Literal["LineString"]
    coordinates: list[Position]


class PolygonIn(BaseModel):
    """A GeoJSON Polygon (EPSG:4326)."""

    model_config = ConfigDict(allow_inf_nan=False)
    type: Literal["Polygon"]
    coordinates: list[list[Position]]


class MultiPolygonIn(BaseModel):
    """A GeoJSON MultiPolygon (EPSG:4326)."""

    model_config = ConfigDict(allow_inf_nan=False)
    type: Literal["MultiPolygon"]
    coordinates: list[list[list[Position]]]


AreaIn = Annotated[PolygonIn | MultiPolygonIn, Field(discriminator="type")]


class SplitIn(_Asked):
    """Divide a grid along a line."""

    op: Literal["split"]
    grid: Code
    line: LineStringIn


class MergeIn(_Asked):
    """Unite neighbours."""

    op: Literal["merge"]
    grids: Annotated[list[Code], Field(min_length=2, max_length=500)]
    allow_community_change: bool = False


class MoveBoundaryIn(_Asked):
    """Move a corner or a point of an edge (`from`, `to`), or draw a stretch anew (`line`)."""

    op: Literal["move_boundary"]
    from_: Annotated[Position | None, Field(alias="from")] = None
    to: Position | None = None
    line: LineStringIn | None = None
    allow_community_change: bool = False

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        given = (self.from_ is not None, self.to is not None, self.line is not None)
        if given in ((True, True, False), (False, False, True)):
            return self
        raise ValueError("either from and to, or line")


class TransferIn(_Asked):
    """Give the ground of an area to a neighbour."""

    op: Literal["transfer"]
    to: Code
    area: AreaIn
    cut_off_to: Code | None = None
    allow_community_change: bool = False


class CarveIn(_Asked):
    """Cut a dedicated grid out of base grids."""

    op: Literal["carve"]
    area: AreaIn
    name: Annotated[Text, Field(min_length=1, max_length=80)]
    community: Code | None = None
    cut_off_to: Code | None = None
    allow_community_change: bool = False


class DissolveIn(_Asked):
    """Let a grid go up in a neighbour."""

    op: Literal["dissolve"]
    grid: Code
    to: Code | None = None
    allow_community_change: bool = False


class DrawnGridIn(BaseModel):
    """A grid as it is to be; without a code a new one."""

    model_config = ConfigDict(extra="forbid")

    area: AreaIn
    code: Code | None = None
    name: Annotated[Text | None, Field(min_length=1, max_length=200)] = None
    kind: Literal["base", "dedicated"] | None = None
    community: Code | None = None


class RedrawIn(_Asked):
    """Give a grid another shape (`grid`, `area`), or all `grids` of a region at once."""

    op: Literal["redraw"]
    grid: Code | None = None
    area: AreaIn | None = None
    grids: Annotated[list[DrawnGridIn] | None, Field(min_length=1, max_length=2_000)] = None
    retire: Annotated[list[Code], Field(max_length=2_000)] = []
    cut_off_to: Code | None = None
    allow_community_change: bool = False

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        one = (self.grid is not None, self.area is not None)
        if self.grids is None and one == (True, True) and not self.retire:
            return self
        if self.grids is not None and one == (False, False) and self.cut_off_to is None:
            return self
        raise ValueError("either grid and area, or grids and what they retire")


class RedrawOutlineIn(_Asked):
    """Move the outline of the city."""

    op: Literal["redraw_outline"]
    outline: AreaIn
    reason: Annotated[Words, Field(min_length=1)]


class RecodeIn(_Asked):
    """Give a grid another code."""

    op: Literal["recode"]
    grid: Code
    code: Code


class RenameIn(_Asked):
    """Give a grid another name."""

    op: Literal["rename"]
    grid: Code
    name: Annotated[Text, Field(min_length=1, max_length=200)]


class ChangeCommunityIn(_Asked):
    """Put a grid into another community."""

    op: Literal["change_community"]
    grid: Code
    community: Code


class RenumberIn(_Asked):
    """Give the grids of a community new codes, west to east and north to south."""

    op: Literal["renumber"]
    community: Code


OperationIn = Annotated[
    SplitIn
    | MergeIn
    | MoveBoundaryIn
    | TransferIn
    | CarveIn
    | DissolveIn
    | RedrawIn
    | RedrawOutlineIn
    | RecodeIn
    | RenameIn
    | ChangeCommunityIn
    | RenumberIn,
    Field(discriminator="op"),
]


def kept(asked: OperationIn) -> dict[str, Any]:
    """An operation as a draft keeps it: what was given, without the note."""
    given = asked.model_dump(
        by_alias=True, exclude_none=True, exclude_defaults=True, exclude={"note"}
    )
    return {"op": asked.op, **given}
