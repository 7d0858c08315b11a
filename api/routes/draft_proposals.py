"""Grids made even, as drafts to choose from; one grid of a draft divided into even parts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import shapely
from fastapi import APIRouter, Depends, Request, Response, status

from api.access import Action
from api.auth import SignedIn, allowed
from api.planning import note, planning_of, refuse_grids_outside
from api.proposals import (
    chosen_grids,
    draft_of_plan,
    only,
    operation_of_division,
    parents_of,
    region_of,
    words_of_division,
)
from api.request_transaction import TheTransaction
from api.routes.draft_answers import step_out
from api.routes.draft_held import DraftId, IfMatch, TheDrafts, found, locked, who_of
from api.routes.proposal_answers import (
    BecauseOut,
    DividedOut,
    DivideIn,
    EvenIn,
    PointOut,
    ProposalOut,
    ProposalsOut,
    TodayOut,
    weights_table,
)
from api.searches import Search, Searches
from api.service import TheService
from boundaries.balancing.because import Because
from boundaries.balancing.cut_region import SMALLEST_BLOCK_M2, cut_region
from boundaries.balancing.division import Division, check_parts, divide
from boundaries.balancing.redistricting import Redistricting, redistrict
from boundaries.balancing.region import Region
from boundaries.drafts import Step, refuse_unless_open
from boundaries.operation_json import write_operation
from gis.crs import objects
from gis.errors import BadInput, Conflict
from gis.store.versions import version_chain

router = APIRouter(tags=["drafts"])


async def _searches(request: Request) -> Searches:
    state = request.app.state
    if not hasattr(state, "searches"):
        state.searches = Searches()
    searches: Searches = state.searches
    return searches


TheSearches = Annotated[Searches, Depends(_searches)]


@router.post(
    "/api/proposals",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": ProposalsOut, "description": "nothing is better; no draft made"}},
    **allowed(Action.PLAN),
)
async def make_even(
    request: Request,
    service: TheService,
    asked: TheTransaction,
    drafts: TheDrafts,
    searches: TheSearches,
    account: SignedIn,
    wanted: EvenIn,
    response: Response,
) -> ProposalsOut:
    """Look for grids that are more even and move little; each proposal is a new draft."""
    async with searches.one(wanted.seconds, request.receive) as search:
        tx = await asked.begun()
        chain = await version_chain(tx)
        if not chain:
            raise Conflict("no_version", "This city has no boundaries yet; import them first.")
        base = chain[-1]
        coverage = await drafts.base(tx, base.id)
        codes, dedicated = chosen_grids(coverage, wanted.grids, wanted.community)
        if not codes:
            raise BadInput(
                "nothing_to_even_out",
                "Only dedicated grids were chosen, and those stay as they are.",
            )
        refuse_grids_outside(account, coverage, codes)
        parents = parents_of(coverage, codes, keep_communities=wanted.keep_communities)
        region = await region_of(tx, coverage, parents, wanted.by, datetime.now(UTC))
        # Nobody waits for a connection, nor a version for a lock, while this searches.
        await asked.end()
        smallest_m2 = max(SMALLEST_BLOCK_M2, service.profile.planning.smallest_piece_m2)
        result = await asyncio.to_thread(_made_even, region, smallest_m2, wanted.seed, search)
    tx = await asked.begun()
    proposals = []
    for number, plan in enumerate(result.plans):
        draft_id, name, revision = await draft_of_plan(
            tx,
            drafts,
            base,
            result,
            number,
            by=wanted.by,
            allow_community_change=not wanted.keep_communities,
            account=account,
            who=who_of(account),
        )
        proposals.append(
            ProposalOut(
                draft=draft_id,
                name=name,
                revision=revision,
                deviation=plan.deviation,
                spread=plan.spread,
                moved=plan.moved,
                moved_share=plan.moved / sum(result.today.totals.values()),
                table=weights_table(coverage, result.today.totals, plan.totals),
            )
        )
    if not proposals:
        response.status_code = status.HTTP_200_OK
    return ProposalsOut(
        base_version=base.number,
        by=wanted.by,
        today=TodayOut(
            deviation=result.today.deviation,
            spread=result.today.spread,
            total=sum(result.today.totals.values()),
            grids=len(result.today.totals),
        ),
        curve=[PointOut(moved=moved, deviation=off) for moved, off in result.curve],
        proposals=proposals,
        because=[
            BecauseOut.of(each)
            for each in (*result.because, *(Because("dedicated", name=code) for code in dedicated))
        ],
    )


@router.post("/api/drafts/{draft_id}/divide", response_model=DividedOut, **allowed(Action.PLAN))
async def divide_grid(
    request: Request,
    service: TheService,
    asked: TheTransaction,
    drafts: TheDrafts,
    searches: TheSearches,
    account: SignedIn,
    draft_id: DraftId,
    wanted: DivideIn,
    if_match: IfMatch = None,
) -> Response:
    """Divide a grid into even parts, as one operation of the draft."""
    async with searches.one(wanted.seconds, request.receive) as search:
        tx = await asked.begun()
        draft = await locked(tx, draft_id, if_match)
        refuse_unless_open(draft)
        before = await drafts.coverage(tx, draft)
        grid = before.grid(wanted.grid)
        refuse_grids_outside(account, before, [grid.code])
        region = await region_of(
            tx, before, {grid.code: grid.community}, wanted.by, datetime.now(UTC)
        )
        await asked.end()
        division = await asyncio.to_thread(_divided, region, wanted, search)
    tx = await asked.begun()
    # Where somebody changed the draft meanwhile, that is said; nothing is overwritten.
    draft = await locked(tx, draft_id, if_match)
    who = who_of(account)
    rule = planning_of(service.profile).codes
    step = await drafts.operate(
        tx,
        draft,
        write_operation(
            operation_of_division(grid.code, division, largest_keeps=rule.split == "largest_keeps")
        ),
        who=who,
        note=words_of_division(grid.code, division, wanted.by),
        allowed=only(account, [grid.code]),
    )
    codes = [each.code for each in step.changed]
    await note(
        tx,
        draft_id,
        "divided",
        who,
        {"revision": step.revision, "changed": codes, "retired": list(step.retired)},
    )
    coverage = await drafts.coverage(tx, await found(tx, draft_id))
    after = dict(zip(_codes_of_parts(step, division), division.totals, strict=True))
    told = {
        "deviation": division.deviation,
        "table": [
            row.model_dump()
            for row in weights_table(before, {grid.code: sum(division.totals)}, after, coverage)
        ],
    }
    return step_out(coverage, step, told)


def _codes_of_parts(step: Step, division: Division) -> list[str]:
    """The code that each part got, by what lies in it."""
    changed = shapely.STRtree([grid.geometry for grid in step.changed])
    inside = shapely.point_on_surface(objects(division.areas))
    of = changed.query(inside, "within")[1].tolist()
    return [step.changed[at].code for at in of]


def _made_even(region: Region, smallest_m2: float, seed: int, search: Search) -> Redistricting:
    return redistrict(
        cut_region(region), smallest_m2=smallest_m2, seed=seed, out_of_time=search.out_of_time
    )


def _divided(region: Region, wanted: DivideIn, search: Search) -> Division:
    check_parts(wanted.parts)
    cut = cut_region(region, wanted.parts)
    return divide(cut, wanted.parts, seed=wanted.seed, out_of_time=search.out_of_time)
