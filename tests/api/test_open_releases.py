"""What is released, when, of which cases; and that nothing moves it afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api.open_data.months import begin_of, month_after, month_named, months_over, name_of
from api.open_data.nightly import RELEASE_IS_DUE, NightlyRelease, next_night, schedule_release
from api.open_data.releasing import release_months
from api.profile import CityProfile, read_profile
from api.settings import SHIPPED_PROFILE
from gis.errors import BadInput, Conflict
from gis.store.due_jobs import claim_job
from gis.store.engine import Transaction
from gis.store.open_data import releases
from tests.open_world import (
    OCTOBER,
    RELEASED,
    ROOT,
    SEPTEMBER,
    Cases,
    add_cases,
    altered,
    children,
    correct_all_cases,
    with_rules,
)

PROFILE = read_profile(SHIPPED_PROFILE)
SHANGHAI = ZoneInfo("Asia/Shanghai")
LEAF, OTHER_LEAF = children(ROOT, 8)[0], children(ROOT, 8)[30]


async def release(
    tx: Transaction, now: datetime = RELEASED, profile: CityProfile = PROFILE, **more: Any
) -> dict[str, int]:
    found = await release_months(tx, profile, actor="test", now=now, **more)
    return {name_of(month): rows for month, rows in found}


async def rows(visitor: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    answer = await visitor.get("/api/open/counts.geojson", params=asked)
    return [feature["properties"] for feature in answer.json()["features"]]


async def told(visitor: httpx.AsyncClient) -> Counter[tuple[str, str]]:
    """Counts by month and category."""
    found: Counter[tuple[str, str]] = Counter()
    for row in await rows(visitor):
        found[row["month"], row["category"]] += row["count"]
    return found


# ---- which cases ---------------------------------------------------------------------------------


async def test_only_cases_of_public_categories_that_are_neither_held_nor_set_aside_are_told(
    tx: Transaction, visitor: httpx.AsyncClient
) -> None:
    await add_cases(
        tx,
        [
            Cases(LEAF, 12),
            Cases(LEAF, 30, state="merged"),
            Cases(LEAF, 30, state="rejected"),
            Cases(LEAF, 30, held=True),
            Cases(LEAF, 15, "noise", state="handling"),
            Cases(LEAF, 30, "other"),
            Cases(LEAF, 30, "neighbour_dispute"),
            Cases(LEAF, 30, "a_category_of_an_import"),
        ],
    )
    await release(tx)
    assert await told(visitor) == {("2026-10", "garbage"): 12, ("2026-10", "noise"): 15}


async def test_a_month_is_the_one_of_the_citys_clock(
    tx: Transaction, visitor: httpx.AsyncClient
) -> None:
    begin = begin_of(date(2026, 10, 1), SHANGHAI)
    assert begin == datetime(2026, 9, 30, 16, tzinfo=UTC)
    await add_cases(tx, [Cases(LEAF, 11, since=begin - timedelta(minutes=11))])
    await add_cases(tx, [Cases(LEAF, 13, since=begin)])
    await release(tx)
    assert await told(visitor) == {("2026-09", "garbage"): 11, ("2026-10", "garbage"): 13}


async def test_cells_are_told_as_finely_as_the_rules_of_the_profile_let_them(
    tx: Transaction, visitor: httpx.AsyncClient
) -> None:
    await add_cases(tx, [Cases(LEAF, 7), Cases(OTHER_LEAF, 8)])
    await add_cases(tx, [Cases(LEAF, 7, since=SEPTEMBER), Cases(OTHER_LEAF, 8, since=SEPTEMBER)])
    await release(tx, only=date(2026, 9, 1))
    await release(tx, profile=with_rules(PROFILE, least=7, finest=7))
    found = [(row["month"], row["resolution"], row["count"]) for row in await rows(visitor)]
    assert found == [("2026-09", 6, 15), ("2026-10", 7, 7), ("2026-10", 7, 8)]
    overview = (await visitor.get("/api/open")).json()
    assert [month["least"] for month in overview["months"]] == [10, 7]
    assert [month["finest"] for month in overview["months"]] == [8, 7]


# ---- when ----------------------------------------------------------------------------------------


async def test_a_month_is_told_when_the_days_to_wait_are_over_and_not_a_moment_before(
    tx: Transaction,
) -> None:
    await add_cases(tx, [Cases(LEAF, 12)])
    due = begin_of(date(2026, 11, 1), SHANGHAI) + timedelta(days=14)
    assert await release(tx, due - timedelta(microseconds=1)) == {}
    assert await release(tx, due) == {"2026-10": 1}
    assert await release(tx, due + timedelta(days=1)) == {}


async def test_months_without_a_case_are_released_too_so_that_none_is_told_late(
    tx: Transaction,
) -> None:
    await add_cases(tx, [Cases(LEAF, 12, since=datetime(2026, 6, 5, tzinfo=UTC))])
    wanted = {"2026-06": 1, "2026-07": 0, "2026-08": 0, "2026-09": 0, "2026-10": 0}
    assert await release(tx) == wanted
    await add_cases(tx, [Cases(LEAF, 12, since=datetime(2026, 8, 5, tzinfo=UTC))])
    assert await release(tx) == {}


async def test_nothing_is_released_where_no_category_is_public(tx: Transaction) -> None:
    closed = tuple(c.model_copy(update={"public": False}) for c in PROFILE.categories)
    nothing = altered(PROFILE, categories=closed)
    await add_cases(tx, [Cases(LEAF, 12)])
    assert await release(tx, profile=nothing) == {}
    assert await releases(tx) == []
    with pytest.raises(BadInput, match="no category public"):
        await release(tx, profile=nothing, only=date(2026, 10, 1))


@pytest.mark.parametrize(
    ("month", "error", "match"),
    [("2026-11", BadInput, "yet"), ("2026-08", BadInput, "no case"), ("2026-09", Conflict, "was")],
)
async def test_one_month_is_released_alone_or_it_is_said_why_not(
    tx: Transaction, month: str, error: type[Exception], match: str
) -> None:
    await add_cases(tx, [Cases(LEAF, 12, since=SEPTEMBER)])
    assert await release(tx, only=date(2026, 9, 1)) == {"2026-09": 1}
    with pytest.raises(error, match=match):
        await release(tx, only=month_named(month))
    assert await release(tx, only=date(2026, 10, 1)) == {"2026-10": 0}


def test_months_are_counted_through_the_ends_of_years() -> None:
    first = datetime(2025, 11, 30, 16, tzinfo=UTC)  # 1 December in Shanghai
    assert [*months_over(first, datetime(2026, 2, 20, tzinfo=UTC), SHANGHAI, 10)] == [
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]
    assert month_after(date(2025, 12, 1)) == date(2026, 1, 1)
    for word in ("2026-13", "2026-00", "0000-01", "2026-1", "2026-01-01", "26-01", "２026-01"):
        assert month_named(word) is None


async def test_the_nightly_job_releases_and_comes_again_the_next_night(tx: Transaction) -> None:
    await add_cases(tx, [Cases(LEAF, 12)])
    for _ in range(2):
        await schedule_release(tx, RELEASED)
    job = await claim_job(tx, [RELEASE_IS_DUE], RELEASED)
    assert job is not None
    await NightlyRelease(PROFILE).release_as_due(tx, job, RELEASED)
    assert [name_of(found.month) for found in await releases(tx)] == ["2026-10"]
    found = await tx.execute(text("SELECT due_at FROM due_jobs WHERE id <> :id"), {"id": job.id})
    assert found.scalars().all() == [next_night(RELEASED, SHANGHAI)]
    night = next_night(RELEASED, SHANGHAI)
    assert night == datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
    assert next_night(night, SHANGHAI) == night + timedelta(days=1)


# ---- for good ------------------------------------------------------------------------------------


async def test_whatever_becomes_of_its_cases_a_month_stays_as_it_was_told(
    tx: Transaction, visitor: httpx.AsyncClient
) -> None:
    await add_cases(tx, [Cases(leaf, n + 4) for n, leaf in enumerate(children(ROOT, 8)[:12])])
    await release(tx)
    before = await rows(visitor)
    assert before
    await correct_all_cases(tx)
    await add_cases(tx, [Cases(leaf, 20) for leaf in children(ROOT, 8)])
    assert await release(tx, profile=with_rules(PROFILE, least=5)) == {}
    assert await rows(visitor) == before


async def test_a_category_called_public_later_is_told_from_the_next_month_on_and_of_no_earlier(
    tx: Transaction, visitor: httpx.AsyncClient
) -> None:
    closed = tuple(
        c.model_copy(update={"public": c.public and c.code != "noise"}) for c in PROFILE.categories
    )
    for code in ("garbage", "noise"):
        await add_cases(tx, [Cases(LEAF, 12, code, since) for since in (SEPTEMBER, OCTOBER)])
    await release(tx, profile=altered(PROFILE, categories=closed), only=date(2026, 9, 1))
    await release(tx)
    wanted = {("2026-09", "garbage"): 12, ("2026-10", "garbage"): 12, ("2026-10", "noise"): 12}
    assert await told(visitor) == wanted
    overview = (await visitor.get("/api/open")).json()
    assert ["noise" in month["categories"] for month in overview["months"]] == [False, True]
    cells = (await visitor.get("/api/open/cells", params={"category": "noise"})).json()
    assert cells["tables"] == 2
    assert {feature["properties"]["tables"] for feature in cells["features"]} == {1}


async def test_a_category_that_is_public_no_more_is_shown_no_more(
    app: FastAPI, tx: Transaction, visitor: httpx.AsyncClient
) -> None:
    await add_cases(tx, [Cases(LEAF, 12, "noise"), Cases(LEAF, 12, "garbage", SEPTEMBER)])
    await release(tx)
    sensitive = tuple(
        c.model_copy(update={"public": False, "sensitive": True}) if c.code == "noise" else c
        for c in PROFILE.categories
    )
    service = app.state.service
    app.state.service = replace(service, profile=altered(PROFILE, categories=sensitive))
    assert await told(visitor) == {("2026-09", "garbage"): 12}
    for path in ("", "/cells", "/counts.csv"):
        assert "noise" not in (await visitor.get(f"/api/open{path}")).text
    assert (await visitor.get("/api/open/cells?category=noise")).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE open_counts SET count = 11",
        "DELETE FROM open_counts",
        "TRUNCATE open_counts",
        "UPDATE open_releases SET least = 2",
        "DELETE FROM open_releases",
        "TRUNCATE open_releases CASCADE",
    ],
)
async def test_the_database_refuses_to_change_what_was_released(
    tx: Transaction, change: str
) -> None:
    await add_cases(tx, [Cases(LEAF, 12)])
    await release(tx)
    with pytest.raises(IntegrityError, match="never altered"):
        await tx.execute(text(change))


@pytest.mark.parametrize(
    ("late_s", "count", "reason"), [(1, 12, "gets no more rows"), (0, 9, "below the least")]
)
async def test_the_database_refuses_rows_after_their_release_and_counts_below_the_least(
    tx: Transaction, late_s: int, count: int, reason: str
) -> None:
    await tx.execute(
        text(
            "INSERT INTO open_releases (month, from_at, to_at, timezone, least, coarsest, finest,"
            " wait_days, categories, released_at, stored_at) VALUES ('2026-10-01', '2026-09-30',"
            " '2026-10-31', 'UTC', 10, 6, 8, 14, '{}', '2026-11-20',"
            " now() - make_interval(secs => :late_s))"
        ),
        {"late_s": late_s},
    )
    with pytest.raises(IntegrityError, match=reason):
        await tx.execute(
            text("INSERT INTO open_counts VALUES ('2026-10-01', 'garbage', 1, :count)"),
            {"count": count},
        )


async def test_a_case_is_in_one_release_though_the_citys_clock_is_set_anew(
    tx: Transaction, visitor: httpx.AsyncClient
) -> None:
    """Between the two beginnings of October lies a third of a day, which both would count."""
    between = datetime(2026, 9, 30, 20, tzinfo=UTC)
    await add_cases(tx, [Cases(LEAF, 12, since=between), Cases(LEAF, 20, since=SEPTEMBER)])
    in_utc = altered(PROFILE, timezone="UTC")
    await release(tx, profile=in_utc, only=date(2026, 9, 1))
    assert await told(visitor) == {("2026-09", "garbage"): 32}
    await release(tx)
    assert await told(visitor) == {("2026-09", "garbage"): 32}


async def test_a_release_is_one_row_of_the_journal_with_its_rules(
    tx: Transaction,
) -> None:
    await add_cases(tx, [Cases(LEAF, 12), Cases(OTHER_LEAF, 3)])
    await release(tx)
    (row,) = (await tx.execute(text("SELECT actor, kind, subject, after FROM journal"))).all()
    assert row[:3] == ("test", "open_data.released", "open_data/2026-10")
    assert row.after == {
        "least": 10,
        "coarsest": 6,
        "finest": 8,
        "wait_days": 14,
        "categories": len(PROFILE.public),
        "rows": 1,
    }


async def test_a_release_keeps_the_span_and_the_categories_it_counted(
    tx: Transaction,
) -> None:
    await add_cases(tx, [Cases(LEAF, 12, since=OCTOBER)])
    await release(tx)
    (found,) = await releases(tx)
    assert (found.from_at, found.to_at) == (
        datetime(2026, 9, 30, 16, tzinfo=UTC),
        datetime(2026, 10, 31, 16, tzinfo=UTC),
    )
    assert found.categories == tuple(sorted(PROFILE.public))
