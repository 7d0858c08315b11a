"""``GET /api/journal``: the audit trail, page by page, for those who may read it."""

from __future__ import annotations

import httpx

from gis.store.engine import transaction
from gis.store.stamped_journal import first_broken_position
from tests.api.stream.conftest import LiveCity


async def test_the_audit_trail_is_read_in_pages_by_an_admin_and_by_nobody_else(
    city: LiveCity,
) -> None:
    since = await city.last_position()
    await city.write(*(f"city/{number}" for number in range(7)), kind="city.noted")
    last = await city.last_position()
    admin, dispatcher = await city.token("admin"), await city.token("dispatcher")
    rows: list[dict[str, object]] = []
    async with httpx.AsyncClient(
        base_url=city.address, headers={"Authorization": f"Bearer {admin}"}
    ) as client:
        after: int | None = since
        while after is not None:
            page = (await client.get(f"/api/journal?after={after}&limit=3")).json()
            rows += page["rows"]
            after = page["next"]
        one = (await client.get("/api/journal?subject=city/3&kind=city.")).json()
        for query in ("limit=0", "limit=501", "after=-1", f"after={2**63}"):
            assert (await client.get(f"/api/journal?{query}")).status_code == 422
        client.headers["Authorization"] = f"Bearer {dispatcher}"
        assert (await client.get("/api/journal")).status_code == 403
    assert [row["position"] for row in rows] == list(range(since + 1, last + 1))
    assert [row["subject"] for row in rows] == [f"city/{number}" for number in range(7)]
    assert one["rows"] == [rows[3]]
    assert rows[3]["after"] == {"n": 1.5, "said": "好"}
    assert rows[3]["before"] is None
    assert len({row["hash"] for row in rows}) == 7
    async with transaction(city.engine) as tx:
        assert await first_broken_position(tx) == 0
