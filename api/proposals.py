"""Balancing grids of a city: what is counted on them gathered, and what was found made drafts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from api.access import Account
from api.impact import LOAD_DAYS
from api.planning import note, refuse_grids_outside
from boundaries.balancing.division import Division
from boundaries.balancing.redistricting import Redistricting
from boundaries.balancing.region import Region
from boundaries.draft_coverage import BASE, DraftCoverage
from boundaries.drafts import Drafts, Who
from boundaries.editing.region import DrawnGrid
from boundaries.operation_json import write_operation
from boundaries.operations import Applied, RedrawRegion
from boundaries.succession.counted import Counted
from gis.crs import objects
from gis.errors import BadInput, NotFound
from gis.store import drafts as store
from gis.store.background import background_lines
from gis.store.building_counts import counts_near
from gis.store.engine import Transaction
from gis.store.report_load import case_places
from gis.store.versions import Version

By = Literal["households", "load"]
COUNTED = {"households": ("户数", "户"), "load": ("近一年事件", "件")}
"""How drafts call what they are even by, and one of it."""


def chosen_grids(
    coverage: DraftCoverage, codes: Sequence[str] | None, community: str | None
) -> tuple[list[str], list[str]]:
    """The base grids that were chosen, and the dedicated ones, which stay as they are.

    Raises
    ------
    NotFound
        ``grid_not_found``, ``community_not_found``.
    """
    if codes is None:
        if community not in coverage.communities:
            raise NotFound(
                "community_not_found", f"There is no community {community}.", community=community
            )
        codes = [code for code, grid in coverage.grids.items() if grid.community == community]
    chosen = [coverage.grid(code) for code in sorted(set(codes))]
    return (
        [grid.code for grid in chosen if grid.kind == BASE],
        [grid.code for grid in chosen if grid.kind != BASE],
    )


def parents_of(
    coverage: DraftCoverage, codes: Sequence[str], *, keep_communities: bool
) -> dict[str, str]:
    """The parent whose outline each grid's ground stays in, by name and code."""
    parents = {}
    for code in codes:
        community = coverage.communities[coverage.grids[code].community]
        township = community.township
        parents[code] = (
            f"{community.name} ({community.code})"
            if keep_communities
            else f"{coverage.townships[township]} ({township})"
        )
    return parents


async def region_of(
    tx: Transaction,
    coverage: DraftCoverage,
    parents: dict[str, str],
    by: By,
    now: datetime,
) -> Region:
    """Grids by their parents with lines and counts around them.

    Raises
    ------
    BadInput
        ``households_unknown``: the city has no counts.
    """
    grids = {code: coverage.grids[code].geometry for code in parents}
    shapes = objects(list(grids.values()))
    around = {code for shape in grids.values() for code in coverage.meeting(shape.bounds)}
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    counted = await (_households(tx, shapes) if by == "households" else _load(tx, shapes, now))
    return Region(
        grids=grids,
        parents=parents,
        around={code: coverage.grids[code].geometry for code in around},
        lines=await background_lines(tx, (west, south, east, north)),
        counted=counted,
        crs=coverage.crs,
    )


async def _households(tx: Transaction, shapes: NDArray[np.object_]) -> Counted:
    near = await counts_near(tx, shapes)
    if near.households is None:
        raise BadInput(
            "households_unknown",
            "Cannot be made even by households, because nobody has counted them in this city;"
            " import counts, or use the load.",
        )
    return Counted.of(near.geometries, near.households)


async def _load(tx: Transaction, shapes: NDArray[np.object_], now: datetime) -> Counted:
    lng, lat = await case_places(tx, shapely.bounds(shapes), now - timedelta(days=LOAD_DAYS))
    return Counted(np.asarray(shapely.points(lng, lat)), np.ones(len(lng)))


async def draft_of_plan(
    tx: Transaction,
    drafts: Drafts,
    base: Version,
    found: Redistricting,
    number: int,
    *,
    by: By,
    allow_community_change: bool,
    account: Account,
    who: Who,
) -> tuple[int, str, int]:
    """Make one of the plans a draft of its own; its id, name and revision."""
    plan, today = found.plans[number], found.today
    what, one = COUNTED[by]
    off = f"{today.deviation:.1%} → {plan.deviation:.1%}"
    name = f"均衡方案 {number + 1}/{len(found.plans)} · {what} · {off}"
    share = plan.moved / sum(today.totals.values())
    words = (
        f"按{what}均衡 {len(today.totals)} 个网格：最大偏差 {off}，"
        f"调整 {plan.moved:,.0f} {one}（{share:.1%}），改动 {len(plan.areas)} 个网格。"
    )
    draft_id = await store.add_draft(tx, name, base.id, author=who.name, at=who.at)
    draft = await store.find_draft(tx, draft_id, lock=True)
    assert draft is not None  # noqa: S101 - added just now
    redrawn = tuple(DrawnGrid(area, code) for code, area in plan.areas.items())
    operation = RedrawRegion(redrawn, allow_community_change=allow_community_change)
    step = await drafts.operate(
        tx,
        draft,
        write_operation(operation),
        who=who,
        note=words,
        allowed=only(account, plan.areas),
    )
    await note(
        tx,
        draft_id,
        "proposed",
        who,
        {
            "base_version": base.number,
            "by": by,
            "deviation": plan.deviation,
            "moved": plan.moved,
            "changed": sorted(plan.areas),
        },
    )
    return draft_id, name, step.revision


def operation_of_division(code: str, division: Division, *, largest_keeps: bool) -> RedrawRegion:
    """A division as an operation: all parts new, or the largest with the code it had."""
    if not largest_keeps:
        return RedrawRegion(tuple(map(DrawnGrid, division.areas)), (code,))
    largest = int(np.argmax(shapely.area(objects(division.areas))))
    return RedrawRegion(
        tuple(
            DrawnGrid(area, code if at == largest else None)
            for at, area in enumerate(division.areas)
        )
    )


def words_of_division(code: str, division: Division, by: By) -> str:
    """What the history of a draft says of a division."""
    what, one = COUNTED[by]
    return (
        f"按{what}将网格 {code} 均分为 {len(division.areas)} 份："
        f"各 {min(division.totals):,.0f}–{max(division.totals):,.0f} {one}，"
        f"最大偏差 {division.deviation:.1%}。"
    )


def only(account: Account, codes: Collection[str]) -> Callable[[DraftCoverage, Applied], None]:
    """Refuse a change of these grids outside the account's area.

    Grids beside them may get a corner where a new border begins, and keep their ground.
    """

    def refuse(before: DraftCoverage, _: Applied) -> None:
        refuse_grids_outside(account, before, codes)

    return refuse
