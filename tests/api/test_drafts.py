"""Drafts over HTTP: two planners, operations, undo, approval, publishing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import pytest
import pytest_asyncio
import shapely
from sqlalchemy import text

from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.small_city import SOUTH, STEP, WEST, nine_grids, publish_small_city

ACROSS_G00 = {
    "type": "LineString",
    "coordinates": [[WEST + STEP / 2, SOUTH - STEP], [WEST + STEP / 2, SOUTH + STEP * 1.5]],
}
SPLIT = {"op": "split", "grid": "g00", "line": ACROSS_G00}
RENAME = {"op": "rename", "grid": "g01", "name": "市场"}


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    return await signed_in("planner")


class Studio:
    """A planner at a draft, who always knows its revision."""

    def __init__(self, client: httpx.AsyncClient, begun: dict[str, Any]) -> None:
        self.client, self.id, self.revision = client, begun["id"], begun["revision"]

    @classmethod
    async def begin(cls, client: httpx.AsyncClient, **more: Any) -> Studio:
        answer = await client.post("/api/drafts", json={"name": "方案", **more})
        assert answer.status_code == 201, answer.text
        assert answer.headers["ETag"] == '"1"'
        return cls(client, answer.json())

    async def post(self, what: str, body: Any = None, *, by: Any = None) -> httpx.Response:
        answer: httpx.Response = await (by or self.client).post(
            f"/api/drafts/{self.id}/{what}",
            json=body,
            headers={"If-Match": f'"{self.revision}"'},
        )
        if answer.is_success and "revision" in answer.json():
            self.revision = answer.json()["revision"]
            assert answer.headers["ETag"] == f'"{self.revision}"'
        return answer

    async def operate(self, operation: dict[str, Any]) -> dict[str, Any]:
        answer = await self.post("operations", operation)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def grids(self, **query: Any) -> dict[str, Any]:
        told = (await self.client.get(f"/api/drafts/{self.id}/grids", params=query)).json()
        return {each["properties"]["code"]: each["geometry"] for each in told["grids"]["features"]}


async def test_a_split_tells_the_pieces_and_the_code_that_is_gone(
    planner: httpx.AsyncClient,
) -> None:
    studio = await Studio.begin(planner)
    told = await studio.operate(SPLIT)
    assert told["retired"] == ["g00"]
    pieces = {each["properties"]["code"]: each for each in told["grids"]["features"]}
    new = sorted(set(pieces) - {"g01"})
    assert len(new) == 2
    assert {each["properties"]["community"] for each in pieces.values()} == {"c0"}
    assert {each["properties"]["township"] for each in pieces.values()} == {"t0"}
    halves = [shapely.from_geojson(str(pieces[code]["geometry"]).replace("'", '"')) for code in new]
    old = nine_grids().geometry[0]
    assert shapely.area(halves).sum() == pytest.approx(old.area, rel=1e-9)
    # The neighbour above has the end of the line as a corner.
    assert "g01" in pieces
    assert set(await studio.grids(changed=True)) == set(pieces)
    assert set(await studio.grids()) == {*nine_grids()["code"], *new} - {"g00"}


async def test_undo_and_redo_walk_through_what_was_done_exactly(
    planner: httpx.AsyncClient,
) -> None:
    studio = await Studio.begin(planner)
    before = await studio.grids()
    await studio.operate(SPLIT)
    after = await studio.grids()
    await studio.operate(RENAME)
    for _ in range(2):
        assert (await studio.post("undo")).status_code == 200
    assert await studio.grids() == before
    nothing = await studio.post("undo")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_undo")
    redone = (await studio.post("redo")).json()
    assert redone["retired"] == ["g00"]
    assert await studio.grids() == after
    # Something new after an undo: what was undone is gone.
    await studio.operate(RENAME)
    nothing = await studio.post("redo")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_redo")


async def test_of_two_in_one_draft_the_second_is_told_who_was_first(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate(RENAME)
    late = await (await signed_in("planner")).post(
        f"/api/drafts/{studio.id}/operations", json=SPLIT, headers={"If-Match": '"1"'}
    )
    assert (late.status_code, late.json()["code"]) == (409, "draft_changed")
    assert late.json()["revision"] == 2
    assert late.json()["changed_by"].startswith("planner")
    unnamed = await planner.post(f"/api/drafts/{studio.id}/operations", json=SPLIT)
    assert (unnamed.status_code, unnamed.json()["code"]) == (422, "if_match_missing")


async def test_a_refusal_has_words_and_a_place_and_changes_nothing(
    planner: httpx.AsyncClient,
) -> None:
    studio = await Studio.begin(planner)
    short = {
        "type": "LineString",
        "coordinates": [[WEST + 0.002, SOUTH + 0.002], [WEST + 0.004, SOUTH + 0.004]],
    }
    refused = await studio.post("operations", {**SPLIT, "line": short})
    assert refused.status_code == 422
    assert refused.json()["code"] == "line_too_short"
    assert "does not reach both sides" in refused.json()["detail"]
    assert refused.json()["where"]["type"] == "LineString"
    shown = (await planner.get(f"/api/drafts/{studio.id}")).json()
    assert (shown["revision"], shown["operations"]) == (1, 0)


async def test_two_drafts_never_give_the_same_code(planner: httpx.AsyncClient) -> None:
    one, other = await Studio.begin(planner), await Studio.begin(planner)
    first = {f["properties"]["code"] for f in (await one.operate(SPLIT))["grids"]["features"]}
    second = {f["properties"]["code"] for f in (await other.operate(SPLIT))["grids"]["features"]}
    assert first & second == {"g01"}
    gone = await planner.delete(f"/api/drafts/{one.id}", headers={"If-Match": f'"{one.revision}"'})
    assert gone.status_code == 204
    third = await Studio.begin(planner)
    again = {f["properties"]["code"] for f in (await third.operate(SPLIT))["grids"]["features"]}
    assert again == first, "released with the draft"


async def test_a_draft_is_approved_by_another_and_published(
    planner: httpx.AsyncClient, signed_in: SignedIn, tx: Transaction
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate(SPLIT)
    early = await studio.post("publish", {})
    assert (early.status_code, early.json()["code"]) == (409, "draft_not_approved")
    assert (await studio.post("submit")).json()["state"] == "submitted"
    closed = await studio.post("operations", RENAME)
    assert (closed.status_code, closed.json()["code"]) == (409, "draft_not_open")
    own = await studio.post("approve")
    assert (own.status_code, own.json()["code"]) == (403, "own_draft")
    other = await signed_in("planner")
    assert (await studio.post("approve", by=other)).json()["state"] == "approved"
    published = await studio.post("publish", {}, by=other)
    assert published.status_code == 200, published.text
    assert published.json()["version"] == 2
    codes = {row["code"] for row in (await planner.get("/api/grids")).json()["grids"]}
    assert codes == set(await studio.grids())
    kinds = (await tx.execute(text("SELECT kind FROM journal ORDER BY id"))).scalars().all()
    assert [kind for kind in kinds if kind.startswith("draft.")] == [
        "draft.created",
        "draft.operated",
        "draft.submitted",
        "draft.approved",
        "draft.published",
    ]


async def test_what_the_checks_find_keeps_a_draft_from_being_published(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate({"op": "change_community", "grid": "g00", "community": "c1"})
    told = (await planner.get(f"/api/drafts/{studio.id}/checks")).json()
    assert (told["revision"], told["publishable"]) == (2, False)
    community = next(each for each in told["checks"] if each["rule"] == "community")
    assert community["severity"] == "error"
    assert community["where"]["type"] == "MultiPolygon"
    await studio.post("submit")
    leader = await signed_in("leader")
    await studio.post("approve", by=leader)
    refused = await studio.post("publish", {}, by=leader)
    assert (refused.status_code, refused.json()["code"]) == (422, "checks_failed")
    await studio.post("reopen")
    await studio.post("undo")
    told = (await planner.get(f"/api/drafts/{studio.id}/checks")).json()
    assert (told["publishable"], told["checks"]) == (True, [])


async def test_the_impact_tells_who_gets_what_and_the_file_hides_sensitive_places(
    planner: httpx.AsyncClient, visitor: httpx.AsyncClient, tmp_path: Path
) -> None:
    inside = {"lng": WEST + STEP / 4, "lat": SOUTH + STEP / 4}
    sensitive = next(
        each["code"]
        for each in (await planner.get("/api/city")).json()["categories"]
        if each["sensitive"]
    )
    for category in ("other", sensitive):
        sent = await visitor.post("/api/reports", json={**inside, "category": category})
        assert sent.status_code == 201
    studio = await Studio.begin(planner)
    await studio.operate(SPLIT)
    told = (await planner.get(f"/api/drafts/{studio.id}/impact")).json()
    # The neighbour, which only got the end of the line on its edge, is not among them.
    assert [each["code"] for each in told["before"]] == ["g00"]
    assert len(told["after"]) == 2
    was, now = (sum(each["area_m2"] for each in told[side]) for side in ("before", "after"))
    assert now == pytest.approx(was, rel=1e-5)
    assert told["before"][0]["load"] == 2
    shares = [each["area_share"] for each in told["lineage"] if each["old"] == "g00"]
    assert sum(shares) == pytest.approx(1, abs=1e-6)
    moved = [each for each in told["moves"] if each["holder"] == "cases"]
    assert [each["grid_from"] for each in moved] == ["g00", "g00"]
    assert "lng" not in str(told), "no places of cases"
    file = await planner.get(f"/api/drafts/{studio.id}/impact.gpkg")
    assert file.headers["Content-Type"] == "application/geopackage+sqlite3"
    path = tmp_path / "impact.gpkg"
    path.write_bytes(file.content)
    cases = gpd.read_file(path, layer="cases")
    assert len(cases) == 2
    assert cases.geometry.notna().sum() == 1
    page = await planner.get(f"/api/drafts/{studio.id}/impact.html?language=en")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert page.text.count("L.circleMarker(\n") == 1


async def test_a_leader_approves_and_a_dispatcher_does_not_plan(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    studio = await Studio.begin(planner)
    await studio.operate(RENAME)
    await studio.post("submit")
    leader = await signed_in("leader")
    assert (await studio.post("approve", by=leader)).status_code == 200
    dispatcher = await signed_in("dispatcher")
    assert (await dispatcher.get("/api/drafts")).status_code == 403
    assert (await dispatcher.post("/api/drafts", json={"name": "x"})).status_code == 403


async def test_a_draft_on_a_moved_base_is_replayed_and_tells_what_no_longer_fits(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    winner, late = await Studio.begin(planner), await Studio.begin(planner)
    await winner.operate(SPLIT)
    await late.operate(RENAME)
    await late.operate({**SPLIT, "line": ACROSS_G00})
    for studio in (winner, late):
        await studio.post("submit")
        assert (await studio.post("approve", by=await signed_in("leader"))).is_success
    assert (await winner.post("publish", {})).is_success
    moved = await late.post("publish", {})
    assert moved.status_code == 409
    impact = await planner.get(f"/api/drafts/{late.id}/impact")
    assert (impact.status_code, impact.json()["code"]) == (409, "version_moved")
    assert (await late.post("reopen")).json()["state"] == "open"
    unfit = await late.post("rebase", {})
    assert (unfit.status_code, unfit.json()["code"]) == (409, "operations_do_not_fit")
    assert [each["code"] for each in unfit.json()["unfit"]] == ["grid_not_found"]
    rebased = await late.post("rebase", {"leave_out": True})
    assert rebased.json()["base_version"] == 2
    assert [each["place"] for each in rebased.json()["left_out"]] == [1]
    shown = (await planner.get(f"/api/drafts/{late.id}")).json()
    assert [each["operation"]["op"] for each in shown["history"]] == ["rename"]
    await late.post("submit")
    await late.post("approve", by=await signed_in("leader"))
    assert (await late.post("publish", {})).json()["version"] == 3


async def test_a_planner_of_a_township_changes_nothing_outside_of_it(
    planner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    local = await signed_in("planner", "t1")
    studio = await Studio.begin(local)
    refused = await studio.post("operations", RENAME)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert (await studio.post("operations", {**RENAME, "grid": "g20"})).status_code == 200
    box = shapely.box(WEST, SOUTH, WEST + 3 * STEP, SOUTH + 4 * STEP)
    outline = {
        "op": "redraw_outline",
        "outline": {"type": "Polygon", "coordinates": [list(map(list, box.exterior.coords))]},
        "reason": "海涂围垦",
    }
    assert (await studio.post("operations", outline)).status_code == 403
    whole = await Studio.begin(planner)
    grown = await whole.operate(outline)
    # One piece of ground, which is as long beside each of three grids: the lowest code has it.
    assert {each["properties"]["code"] for each in grown["grids"]["features"]} == {"g02"}


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"op": "paint"}, "malformed"),
        ({"op": "split", "grid": "g00"}, "malformed"),
        ({**SPLIT, "line": {"type": "LineString", "coordinates": [[1, 2]]}}, "geometry_invalid"),
        ({**SPLIT, "line": {"type": "LineString", "coordinates": [[1], [2]]}}, "malformed"),
        (
            {**SPLIT, "line": {"type": "LineString", "coordinates": [[30, 121], [30.1, 121]]}},
            "geometry_invalid",
        ),
        ({"op": "move_boundary", "from": [121, 30]}, "malformed"),
        ({"op": "merge", "grids": ["g00"]}, "malformed"),
        ({"op": "recode", "grid": "g00", "code": "g11"}, "code_taken"),
        ({**RENAME, "name": " "}, "name_invalid"),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    planner: httpx.AsyncClient, operation: dict[str, Any], code: str
) -> None:
    studio = await Studio.begin(planner)
    refused = await studio.post("operations", operation)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    missing = await studio.post("operations", {**RENAME, "grid": "nowhere"})
    assert (missing.status_code, missing.json()["code"]) == (404, "grid_not_found")


NODE = [WEST + STEP, SOUTH + STEP]
ASIDE = [WEST + STEP * 0.9, SOUTH + STEP * 1.1]
BENT = {
    "type": "LineString",
    "coordinates": [
        [WEST + STEP * 0.2, SOUTH + STEP],
        [WEST + STEP * 0.5, SOUTH + STEP * 1.1],
        [WEST + STEP * 0.8, SOUTH + STEP],
    ],
}


@pytest.mark.parametrize(
    ("how", "moved"),
    [
        ({"from": NODE, "to": ASIDE}, {"g00", "g01", "g10", "g11"}),
        ({"line": BENT}, {"g00", "g01"}),
    ],
)
async def test_a_corner_and_a_stretch_of_an_edge_move_in_every_grid_that_has_them(
    planner: httpx.AsyncClient, how: dict[str, Any], moved: set[str]
) -> None:
    studio = await Studio.begin(planner)
    told = await studio.operate({"op": "move_boundary", **how, "allow_community_change": True})
    assert {each["properties"]["code"] for each in told["grids"]["features"]} == moved


@pytest.mark.parametrize(
    "how", [{}, {"from": NODE, "line": BENT}, {"from": NODE, "to": ASIDE, "line": BENT}]
)
async def test_an_edge_moves_by_a_corner_or_by_a_line_not_by_both(
    planner: httpx.AsyncClient, how: dict[str, Any]
) -> None:
    studio = await Studio.begin(planner)
    refused = await studio.post("operations", {"op": "move_boundary", **how})
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed")
