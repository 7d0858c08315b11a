"""Cases and their reports: stored whole, listed newest first, filtered alike everywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from gis.errors import BadInput
from gis.store.case_filter import CaseFilter
from gis.store.cases import count_cases, get_case, list_cases
from gis.store.engine import Transaction
from gis.store.reports import add_reports, add_texts, export_reports, known_reports, sealed_text
from tests.small_city import NOON, publish_small_city, report_rows


async def stored(tx: Transaction, count: int, **changes: Any) -> pd.DataFrame:
    version = (await publish_small_city(tx)).version
    grid_id = (await tx.execute(text("SELECT id FROM grids WHERE code = 'g00'"))).scalar_one()
    rows = report_rows(count, grid_id=grid_id, version_id=version.id).assign(**changes)
    rows["number"] = await add_reports(tx, rows)
    return rows


async def test_a_report_comes_back_as_it_was_given(tx: Transaction) -> None:
    rows = await stored(tx, 1, given_datum="gcj02", accuracy_m=8.5, category='"其他", a\\b')
    detail = await get_case(tx, int(rows["number"][0]), CaseFilter())
    assert detail is not None
    (report,) = detail.reports
    assert (report.given_x, report.given_y) == (rows["given_x"][0], rows["given_y"][0])
    assert (report.given_datum, report.accuracy_m) == ("gcj02", 8.5)
    assert (report.external_id, report.channel) == ("r00000", "import")
    assert report.received_at == rows["received_at"][0].to_pydatetime()
    assert detail.case.category == '"其他", a\\b'
    assert detail.case.grid is not None
    assert (detail.case.grid.code, detail.case.grid.community) == ("g00", "社区0")
    assert (detail.staff, detail.staff_rule, detail.grid_today) == (None, None, "g00")


async def test_a_case_outside_has_no_grid(tx: Transaction) -> None:
    rows = await stored(
        tx, 1, grid_id=None, version_id=None, today_grid_id=None, grid_reason="outside"
    )
    detail = await get_case(tx, int(rows["number"][0]), CaseFilter())
    assert detail is not None
    assert detail.case.grid is None
    assert detail.case.reason == "outside"


async def test_a_number_nobody_gave_is_none(tx: Transaction) -> None:
    assert await get_case(tx, 1, CaseFilter()) is None


async def test_pages_hold_every_case_once_newest_first(tx: Transaction) -> None:
    # Three at each instant: the number decides inside an instant.
    rows = await stored(tx, 31)
    await tx.execute(text("UPDATE cases SET occurred_at = date_trunc('hour', occurred_at)"))
    seen: list[int] = []
    after = None
    while page := await list_cases(tx, CaseFilter(), after=after, limit=7):
        seen += [case.number for case in page]
        after = (page[-1].occurred_at, page[-1].number)
    assert seen == sorted(rows["number"], reverse=True)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (CaseFilter(), 10),
        (CaseFilter(bbox=(121.0, 30.0, 121.01, 30.01)), 10),
        (CaseFilter(bbox=(121.02, 30.0, 121.03, 30.01)), 0),
        (CaseFilter(categories=("other",)), 10),
        (CaseFilter(categories=("noise", "garbage")), 0),
        (CaseFilter(hidden=("other",)), 0),
        (CaseFilter(hidden=("noise",), categories=("other",)), 10),
        (CaseFilter(states=("historic", "closed")), 10),
        (CaseFilter(states=("handling",)), 0),
        (CaseFilter(kinds=("dispute",)), 0),
        (CaseFilter(urgency="normal"), 10),
        (CaseFilter(urgency="urgent"), 0),
        (CaseFilter(grid="g00"), 10),
        (CaseFilter(grid="g01"), 0),
        (CaseFilter(grid="nowhere"), 0),
        (CaseFilter(occurred_from=NOON + timedelta(minutes=3)), 7),
        (CaseFilter(occurred_to=NOON + timedelta(minutes=3)), 3),
        (CaseFilter(occurred_from=NOON, occurred_to=NOON), 0),
    ],
)
async def test_a_filter_lists_and_counts_the_same_cases(
    tx: Transaction, wanted: CaseFilter, count: int
) -> None:
    await stored(tx, 10)
    assert len(await list_cases(tx, wanted, after=None, limit=100)) == count
    assert await count_cases(tx, wanted, cap=100) == count


async def test_counting_stops_at_its_cap(tx: Transaction) -> None:
    await stored(tx, 10)
    assert await count_cases(tx, CaseFilter(), cap=4) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"bbox": (121.0, 31.0, 122.0, 30.0)},
        {"bbox": (122.0, 30.0, 121.0, 31.0)},
        {"bbox": (float("nan"), 30.0, 121.0, 31.0)},
        {"bbox": (0.0, -91.0, 1.0, 1.0)},
        {"states": ("open",)},
        {"kinds": ("crime",)},
        {"occurred_from": NOON.replace(tzinfo=None)},
    ],
)
def test_a_filter_that_makes_no_sense_names_its_field(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refusal:
        CaseFilter(**wrong)  # type: ignore[arg-type]
    assert refusal.value.where["field"]


async def test_known_ids_are_told_with_their_content(tx: Transaction) -> None:
    rows = await stored(tx, 3)
    known = await known_reports(tx, "import", ["r00001", "r00009"])
    assert set(known) == {"r00001"}
    assert known["r00001"].content_hash == rows["content_hash"][1]
    assert known["r00001"].case_number == rows["number"][1]
    assert await known_reports(tx, "web", ["r00001"]) == {}


async def test_deleting_the_key_forgets_the_text(tx: Transaction) -> None:
    rows = await stored(tx, 1)
    detail = await get_case(tx, int(rows["number"][0]), CaseFilter())
    assert detail is not None
    report_id = detail.reports[0].id
    await add_texts(tx, np.array([report_id]), [b"sealed"], [b"key"])
    assert await sealed_text(tx, report_id) == (b"sealed", b"key")
    await tx.execute(text("DELETE FROM report_keys"))
    assert await sealed_text(tx, report_id) is None


async def test_the_export_gives_every_report_once_in_pages(tx: Transaction) -> None:
    await stored(tx, 10)
    seen: list[str] = []
    after = 0
    while len(page := await export_reports(tx, after_id=after, limit=4)):
        seen += list(page["external_id"])
        after = int(page["id"].iloc[-1])
    assert seen == [f"r{number:05d}" for number in range(10)]
    assert set(page.columns) >= {"grid_code", "grid_reason", "staff", "staff_rule"}


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "done"},
        {"kind": "crime"},
        {"grid_reason": "outside"},
        {"grid_reason": "inside", "grid_id": None},
        {"staff_rule": 6},
        {"given_datum": "utm"},
    ],
)
async def test_the_tables_refuse_words_the_design_does_not_know(
    tx: Transaction, broken: dict[str, Any]
) -> None:
    with pytest.raises(Exception, match=r"check constraint|violates"):
        await stored(tx, 1, **broken)
