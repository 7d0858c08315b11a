"""What is told of drafts: the draft, its history, the grids a change made others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

import shapely
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from api.routes.queries import Instant, Text
from boundaries.checks import Finding
from boundaries.draft_coverage import DraftCoverage, DraftGrid
from boundaries.drafts import Step
from gis.errors import WanggeError
from gis.measures import area_m2
from gis.store.drafts import DraftRow, OperationRow


class DraftOut(BaseModel):
    """A draft; `applied` of its `operations` are in force, those behind may be redone."""

    id: int
    name: str
    state: str
    base_version: int
    revision: int
    applied: int
    operations: int
    author: str
    created_at: datetime
    changed_by: str
    changed_at: datetime
    submitted_by: str | None
    approved_by: str | None


class DraftsOut(BaseModel):
    """Drafts, the last changed first."""

    drafts: list[DraftOut]


class OperationOut(BaseModel):
    """One operation as it was asked for, with the codes it gave."""

    place: int
    operation: dict[str, Any]
    codes: list[str]
    note: str
    author: str
    at: datetime
    undone: bool


class DraftDetailOut(DraftOut):
    """A draft with its operations in order."""

    history: list[OperationOut]


class BegunIn(BaseModel):
    """A new draft; without `base_version` (a number) on the latest version."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[Text, Field(min_length=1, max_length=80)]
    base_version: int | None = None


class BegunOut(BaseModel):
    """The draft that was begun."""

    id: int
    base_version: int
    revision: int


class StepOut(BaseModel):
    """What a change came to: GeoJSON of the grids that are others now, the codes now gone."""

    revision: int
    grids: dict[str, Any]
    retired: list[str]


class FindingOut(BaseModel):
    """Something to look at; an `error` keeps the draft from being published."""

    rule: str
    severity: str
    grid: str | None
    message: str
    facts: dict[str, float | int | str]
    where: dict[str, Any] | None


class ChecksOut(BaseModel):
    """What the draft is held against, errors first."""

    revision: int
    publishable: bool
    checks: list[FindingOut]


class RevisionOut(BaseModel):
    """Where the draft stands after a change."""

    revision: int
    state: str


class UnfitOut(BaseModel):
    """An operation that no longer fits, and why."""

    place: int
    operation: dict[str, Any]
    code: str
    message: str
    where: dict[str, Any] | None


class RebasedOut(BaseModel):
    """A draft on another version, and the operations left out."""

    revision: int
    base_version: int
    left_out: list[UnfitOut]


class RebaseIn(BaseModel):
    """`leave_out`: go on without the operations that no longer fit."""

    model_config = ConfigDict(extra="forbid")
    leave_out: bool = False


class PublishIn(BaseModel):
    """When the version takes effect; without an instant at once."""

    model_config = ConfigDict(extra="forbid")
    effective_at: Instant | None = None


class PublishedOut(BaseModel):
    """The new version's number and when it takes effect."""

    version: int
    effective_at: datetime


def draft_out(row: DraftRow) -> DraftOut:
    """A stored draft as it is told."""
    return DraftOut(
        id=row.id,
        name=row.name,
        state=row.state,
        base_version=row.base_number,
        revision=row.revision,
        applied=row.applied,
        operations=row.operations,
        author=row.author,
        created_at=row.created_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        submitted_by=row.submitted_by,
        approved_by=row.decided_by,
    )


def unfit_out(row: OperationRow, error: WanggeError) -> UnfitOut:
    """An operation that was refused when it was replayed."""
    return UnfitOut(
        place=row.place,
        operation=row.operation,
        code=error.code,
        message=error.message,
        where=cast("dict[str, Any] | None", error.where.get("where")),
    )


def finding_out(finding: Finding) -> FindingOut:
    """A finding with its place as GeoJSON."""
    place = finding.place
    return FindingOut(
        rule=finding.rule,
        severity=finding.severity,
        grid=finding.grid,
        message=finding.message,
        facts=dict(finding.facts or {}),
        where=None if place is None else json.loads(shapely.to_geojson(place)),
    )


def step_out(
    coverage: DraftCoverage, step: Step, also: Mapping[str, object] | None = None
) -> Response:
    """The grids as GeoJSON; written here, as shapes are most of it. ``also`` stands before."""
    told = {**(also or {}), "revision": step.revision, "retired": list(step.retired)}
    body = (
        f'{json.dumps(told, ensure_ascii=False)[:-1]},"grids":{_features(coverage, step.changed)}}}'
    )
    return Response(body, media_type="application/json", headers={"ETag": f'"{step.revision}"'})


def _features(coverage: DraftCoverage, grids: Sequence[DraftGrid]) -> str:
    shapes: Iterable[str] = shapely.to_geojson([grid.geometry for grid in grids])
    areas = area_m2([grid.geometry for grid in grids], coverage.crs).tolist() if grids else []
    features = []
    for grid, shape, area in zip(grids, shapes, areas, strict=True):
        told: dict[str, str | float] = {
            "code": grid.code,
            "name": grid.name,
            "kind": grid.kind,
            "community": grid.community,
            "township": coverage.communities[grid.community].township,
            "area_m2": round(area, 3),
        }
        words = json.dumps(told, ensure_ascii=False)
        features.append(f'{{"type":"Feature","properties":{words},"geometry":{shape}}}')
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'
