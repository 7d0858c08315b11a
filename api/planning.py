"""Who may do what to a draft, and publishing one: what drafts need from several rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from datetime import datetime

import numpy as np

from api.access import Account
from api.errors import NotYours
from api.profile import CityProfile, CodeSequence
from api.publishing import publish_coverage
from boundaries.checks import Checked, CheckRules, check
from boundaries.codes import CodeRule, Sequence
from boundaries.draft_coverage import DraftCoverage
from boundaries.drafts import Drafts, Planning, Who
from boundaries.operations import Applied, Limits
from boundaries.publish import Published
from boundaries.succession.counted import Counted, counts_of_grids
from gis.crs import objects
from gis.errors import BadInput, Conflict, NotFound
from gis.store import drafts as store
from gis.store import journal
from gis.store.building_counts import counts_near
from gis.store.drafts import DraftRow, OperationRow
from gis.store.engine import Transaction
from gis.store.versions import Version, version_chain

REDRAW_OUTLINE = "redraw_outline"


def planning_of(profile: CityProfile) -> Planning:
    """What a city's profile lays down for drafts."""
    codes = profile.codes
    rule = CodeRule(codes.split, codes.merge, _sequence(codes.base), _sequence(codes.dedicated))
    limits = Limits(profile.planning.smallest_piece_m2)
    return Planning(rule, limits, profile.metric_crs)


def _sequence(given: CodeSequence | None) -> Sequence | None:
    return None if given is None else Sequence(given.digits, given.first, given.last)


def refuse_outside(account: Account, before: DraftCoverage, applied: Applied) -> None:
    """Refuse a change of grids outside the area a planner is bound to.

    Raises
    ------
    NotYours
        ``not_yours``.
    """
    touched = {grid.code for grid in applied.changed} | set(applied.retired)
    for coverage in (before, applied.coverage):
        refuse_grids_outside(account, coverage, touched & coverage.grids.keys())


def refuse_grids_outside(account: Account, coverage: DraftCoverage, codes: Collection[str]) -> None:
    """Refuse grids outside the area a planner is bound to.

    Raises
    ------
    NotYours
        ``not_yours``.
    """
    if account.area is None:
        return
    for code in sorted(codes):
        community = coverage.communities[coverage.grid(code).community]
        of_grid = {"grid": code, "community": community.code, "township": community.township}
        if of_grid[account.area.level] != account.area.code:
            raise NotYours(
                "not_yours", f"Grid {code} lies outside of {account.area.code}, where you plan."
            )


async def refuse_draft_outside(
    tx: Transaction, account: Account, drafts: Drafts, draft: DraftRow
) -> None:
    """Refuse to decide on a draft that changes grids outside the area a planner is bound to.

    Raises
    ------
    NotYours
        ``not_yours``.
    """
    if account.area is None:
        return
    base = await drafts.base(tx, draft.base_version_id)
    coverage = await drafts.coverage(tx, draft)
    for one, other in ((base, coverage), (coverage, base)):
        changed = [code for code, grid in one.grids.items() if other.grids.get(code) != grid]
        refuse_grids_outside(account, one, changed)


def refuse_own(account: Account, draft: DraftRow, operations: list[OperationRow]) -> None:
    """Refuse that a planner approves what it drew itself; a leader may.

    Raises
    ------
    NotYours
        ``own_draft``.
    """
    authors = {draft.author, draft.submitted_by, *(row.author for row in operations)}
    if account.role != "leader" and account.name in authors:
        raise NotYours(
            "own_draft", "You worked on this draft: a leader or another planner approves it."
        )


async def base_version(tx: Transaction, number: int | None) -> Version:
    """The version of a number, else the latest.

    Raises
    ------
    Conflict
        ``no_version``: the city has no boundaries yet.
    NotFound
        ``version_not_found``.
    """
    chain = await version_chain(tx)
    if not chain:
        raise Conflict("no_version", "This city has no boundaries yet; import them first.")
    if number is None:
        return chain[-1]
    found = next((version for version in chain if version.number == number), None)
    if found is None:
        raise NotFound("version_not_found", f"There is no version {number}.")
    return found


async def checked(
    tx: Transaction, drafts: Drafts, draft: DraftRow, profile: CityProfile
) -> Checked:
    """A draft held against the proofs and the city's rules."""
    coverage = await drafts.coverage(tx, draft)
    base = await drafts.base(tx, draft.base_version_id)
    operations = (await store.operations_of(tx, draft.id))[: draft.applied]
    limits = profile.planning
    rules = CheckRules(
        planning_of(profile).codes,
        limits.smallest_m2,
        limits.largest_m2,
        limits.households,
        limits.sliver_m,
    )
    # The proof of a whole city takes 0.1 s and more, too long for the event loop.
    return await asyncio.to_thread(
        check,
        base,
        coverage,
        rules,
        outline_may_move=moves_outline(operations),
        households=await _households(tx, base, coverage),
    )


async def _households(
    tx: Transaction, base: DraftCoverage, draft: DraftCoverage
) -> dict[str, float]:
    """Households of the changed grids that they are known of."""
    changed = [code for code, grid in draft.grids.items() if base.grids.get(code) != grid]
    if not changed:
        return {}
    around = {code for each in changed for code in draft.meeting(draft.grids[each].geometry.bounds)}
    codes = np.array(sorted(around), dtype=object)
    shapes = objects([draft.grids[code].geometry for code in codes])
    near = await counts_near(tx, objects([draft.grids[code].geometry for code in changed]))
    if near.households is None:
        return {}
    counted = Counted.of(near.geometries, near.households)
    counts = await asyncio.to_thread(counts_of_grids, codes, shapes, counted)
    return {code: count for code in changed if (count := counts[code]) is not None}


def moves_outline(operations: Iterable[OperationRow]) -> bool:
    """Whether one of these operations may move the outline."""
    return any(row.operation["op"] == REDRAW_OUTLINE for row in operations)


async def publish_draft(
    tx: Transaction,
    drafts: Drafts,
    draft: DraftRow,
    profile: CityProfile,
    *,
    who: Who,
    effective_at: datetime | None,
) -> Published:
    """Publish a locked, approved draft as the version after its base.

    Raises
    ------
    Conflict
        ``draft_not_approved``, ``draft_changes_nothing``; and from ``publish_coverage``.
    BadInput
        ``checks_failed``; and from ``publish_coverage``.
    """
    if draft.state != "approved":
        raise Conflict(
            "draft_not_approved",
            f"This draft is {draft.state}; only an approved one is published.",
            state=draft.state,
        )
    held = await checked(tx, drafts, draft, profile)
    errors = held.errors
    if errors:
        raise BadInput(
            "checks_failed",
            f"{len(errors)} checks keep this draft from being published: {errors[0].message}",
            grids=sorted({finding.grid for finding in errors if finding.grid}),
        )
    coverage = await drafts.coverage(tx, draft)
    operations = (await store.operations_of(tx, draft.id))[: draft.applied]
    published = await publish_coverage(
        tx,
        coverage.frame(),
        profile=profile,
        now=who.at,
        effective_at=effective_at,
        actor=who.name,
        crs=coverage.crs,
        allow_outline_change=moves_outline(operations),
        onto=draft.base_number,
        proven=held.proven,
    )
    if not published.is_new:
        raise Conflict("draft_changes_nothing", "This draft is the version it began with.")
    await store.change_draft(
        tx,
        draft.id,
        by=who.name,
        at=who.at,
        state="published",
        published_version_id=published.version.id,
    )
    await store.release_codes(tx, draft.id)
    await note(tx, draft.id, "published", who, {"version": published.version.number})
    return published


async def note(
    tx: Transaction, draft_id: int, done: str, who: Who, after: dict[str, object]
) -> None:
    """Journal what was done to a draft; its name and notes are free text and stay out."""
    await journal.append(
        tx, actor=who.name, kind=f"draft.{done}", subject=f"draft/{draft_id}", after=after
    )
