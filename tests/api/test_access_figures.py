"""What only counts is bound by the same policy: the desk's figures, and spots of many cases."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from gis.store.engine import Transaction
from tests.api.city_of_cases import CASES, JUSTICE, SENSITIVE, URBAN, make_city_of_cases
from tests.api.conftest import SignedIn
from tests.api.signing_in import asking, open_session_of
from tests.api.test_access import VIEWERS, sees
from tests.tiles.decoding import decoded, tile_of

ZOOMS = (5, 9, 11, 12)
"""Where cases are gathered into spots, by township or by nearness."""


async def test_any_account_s_figures_and_gathered_spots_count_the_cases_of_its_list(
    app: FastAPI, tx: Transaction
) -> None:
    await make_city_of_cases(tx)
    await tx.execute(text("UPDATE cases SET state = 'received'"))
    for role, area, person, department in VIEWERS:
        who = (role, area, person, department)
        token = await open_session_of(tx, role, area, staff_code=person, department=department)
        expected = sees(*who)
        async with asking(app, token) as client:
            answer = await client.get("/api/desk")
            if role in {"reporter", "contributor"}:
                assert answer.status_code == 403
                continue
            told = answer.json()
            assert sum(sum(counts.values()) for counts in told["open"].values()) == len(expected), (
                who
            )
            places = [*told["townships"], told["outside"]]
            assert sum(sum(place["by_state"].values()) for place in places) == len(expected), who
            assert {case["number"] for case in told["newest"]} == expected, who
            for zoom in ZOOMS:
                assert await gathered(client, zoom) == len(expected - SENSITIVE), (who, zoom)


async def gathered(client: httpx.AsyncClient, zoom: int) -> int:
    """How many cases the tiles of a zoom count in all their spots, each once."""
    count = 0
    for _, x, y in sorted({tile_of(*case.place, zoom) for case in CASES}):
        answer = await client.get(f"/tiles/cases/{zoom}/{x}/{y}.mvt")
        assert answer.status_code in (200, 204)
        for spot in decoded(answer.content).get("cases", []) if answer.content else []:
            # A spot in the rim belongs to the neighbour.
            if 0 <= spot.geometry.x < 4096 and 0 <= spot.geometry.y < 4096:
                count += int(spot.properties["n"])
    return count


async def test_a_department_is_told_where_its_own_sensitive_cases_are_and_of_no_others(
    signed_in: SignedIn, tx: Transaction
) -> None:
    await make_city_of_cases(tx)
    own = await signed_in("department", department=JUSTICE)
    told = (await own.get("/api/cases/6")).json()
    assert (told["lng"], told["lat"]) == pytest.approx(CASES[5].place)
    assert [case["lng"] for case in (await own.get("/api/cases")).json()["cases"]] == [None]
    others = await signed_in("department", department=URBAN)
    assert (await others.get("/api/cases/6")).status_code == 404
