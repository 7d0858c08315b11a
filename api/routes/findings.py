"""What gets worse in the city, where, since when, and how sure that is."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.access import Action
from api.analysis.asking import Viewpoint
from api.analysis.finding_sentences import last_hour
from api.analysis.findings import CityFindings, KeptFindings, PlacedFinding, findings_of
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import TheTransaction
from api.routes.cell_series import ToldOut
from api.service import TheService
from gis.findings import Kind, Lack
from gis.patterns.scan_windows import Block

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])


class HoursOut(BaseModel):
    """Hours of the week: weekdays 1 (Monday) to 7, from an hour to another.

    Where `to` is not after `from` it is past midnight, on the same weekdays.
    """

    weekdays: list[int]
    from_: int = Field(serialization_alias="from")
    to: int


class CommunityOut(BaseModel):
    """A community, with the name of its township."""

    code: str
    name: str
    township: str


class FindingOut(BaseModel):
    """One thing that is more than chance.

    `lng` and `lat` (WGS84) are where it is, of what wanders where it was last; nine of ten of its
    cases lie within `reach_m`. `since` is the first day of its weeks, null for as far back as the
    cases go. Of `cases` in these weeks and `hours`, telling of so many different `occasions`,
    `expected` were to be expected from other times and places. `way` is the path of what wanders,
    longitude and latitude week by week. `p` is the probability of as much anywhere.
    """

    kind: Kind
    category: str
    lng: float
    lat: float
    reach_m: float
    since: str | None
    last: str
    hours: HoursOut | None
    cases: int
    occasions: int
    expected: float
    by_week: list[int]
    way: list[tuple[float, float]]
    p: float
    community: CommunityOut | None
    told: ToldOut


class FindingsOut(BaseModel):
    """Findings, the least likely to be chance first.

    `as_of` is the day of the city's calendar they are of, `tests` what their `p` is corrected for.
    """

    as_of: str
    tests: float
    findings: list[FindingOut]
    not_enough_data: Lack | None
    withheld: list[str]


@router.get("/findings", **allowed(Action.ANALYSE))
async def findings(
    request: Request,
    service: TheService,
    asked: TheTransaction,
    account: SignedIn,
    scope: Scope,
) -> FindingsOut:
    """What gets worse in the city or the account's area, where, since when, and how sure it is."""
    kept: KeptFindings = request.app.state.kept_findings
    found = await findings_of(service, kept, asked, Viewpoint(account, scope, datetime.now(UTC)))
    return _told(found)


def _told(found: CityFindings) -> FindingsOut:
    return FindingsOut(
        as_of=str(found.as_of),
        tests=found.tests,
        findings=[_finding(each) for each in found.found],
        not_enough_data=found.lack,
        withheld=list(found.withheld),
    )


def _finding(placed: PlacedFinding) -> FindingOut:
    found, community = placed.finding, placed.community
    return FindingOut(
        kind=found.kind,
        category=found.category,
        lng=round(found.lng, 6),
        lat=round(found.lat, 6),
        reach_m=round(found.reach_m, 1),
        since=None if found.since is None else str(found.since),
        last=str(found.last),
        hours=None if found.block is None else _hours(found.block),
        cases=found.cases,
        occasions=found.occasions,
        expected=round(found.expected, 2),
        by_week=list(found.by_week),
        way=[(round(lng, 6), round(lat, 6)) for lng, lat in found.way],
        p=found.p,
        community=None
        if community is None
        else CommunityOut(code=community.code, name=community.name, township=community.township),
        told=ToldOut(zh=placed.told.zh, en=placed.told.en),
    )


def _hours(block: Block) -> HoursOut:
    return HoursOut(
        weekdays=[day + 1 for day in block.days], from_=block.from_hour, to=last_hour(block)
    )
