from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from api.cases.duty_file import read_duty_file
from api.cases.posts import ROLE_WORDS
from api.cases.staff_file import StaffFile, read_staff_file
from gis.errors import BadInput
from gis.store.staff import Post
from gis.store.tables.staff import STAFF_ROLES

SHANGHAI = ZoneInfo("Asia/Shanghai")
AREAS = {"g1": ("grid", 1), "g2": ("grid", 2), "c1": ("community", 1), "t1": ("township", 1)}
STAFF_HEADER = "code,name,role,area,from,to"
DUTY_HEADER = "staff,role,area,from,to"
NEW_YEAR = datetime(2025, 12, 31, 16, tzinfo=UTC)


def _path(folder: Path, *lines: str) -> Path:
    path = folder / "rows.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _staff(folder: Path, *rows: str, header: str = STAFF_HEADER) -> StaffFile:
    return read_staff_file(_path(folder, header, *rows), SHANGHAI, AREAS)


def _duty(folder: Path, *rows: str, zone: ZoneInfo = SHANGHAI) -> list[Post]:
    return read_duty_file(_path(folder, DUTY_HEADER, *rows), zone, AREAS, {"S1", "S2"})


def _refused(error: BadInput) -> list[tuple[Any, Any]]:
    assert error.code == "rows_refused"
    rows = error.where["rows"]
    assert isinstance(rows, list)
    assert all(f"line {row['line']}: {row['message']}" in error.message for row in rows)
    return [(row["line"], row["reason"]) for row in rows]


def test_people_and_their_assignments_are_read(tmp_path: Path) -> None:
    found = _staff(
        tmp_path,
        "S1,陈建国,worker,g1,2026-01-01,",
        "S1,陈建国,worker,g2,,2026-01-01T00:00Z",
        "S2,王丽萍,grid_lead,c1,,",
        "S3,张晓东,,,,",
    )
    assert found.names == {"S1": "陈建国", "S2": "王丽萍", "S3": "张晓东"}
    assert found.assignments == [
        Post("S1", "worker", "grid", 1, NEW_YEAR, None),
        Post("S1", "worker", "grid", 2, None, datetime(2026, 1, 1, tzinfo=UTC)),
        Post("S2", "grid_lead", "community", 1, None, None),
    ]


def test_headers_and_roles_may_be_chinese(tmp_path: Path) -> None:
    chinese = _staff(
        tmp_path,
        "S1,陈建国,专职网格员,g1,2026-01-01,",
        header="编号,姓名,角色,网格,开始时间,结束时间",
    )
    assert chinese == _staff(tmp_path, "S1,陈建国,worker,g1,2026-01-01,")


def test_every_role_has_a_chinese_word() -> None:
    assert set(ROLE_WORDS.values()) == set(STAFF_ROLES)


def test_a_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(STAFF_HEADER.split(","))
    book.active.append(["S1", "陈建国", "worker", "g1", datetime.fromisoformat("2026-01-01"), None])
    path = tmp_path / "staff.xlsx"
    book.save(path)
    assert read_staff_file(path, SHANGHAI, AREAS) == _staff(
        tmp_path, "S1,陈建国,worker,g1,2026-01-01,"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",陈建国,worker,g1,,", "code_missing"),
        ("S1,,worker,g1,,", "name_missing"),
        (f"{'S' * 65},陈建国,worker,g1,,", "code_too_long"),
        ("S0,陈建国,worker,g1,,", "name_conflict"),
        ("S1,陈建国,boss,g1,,", "role_unknown"),
        ("S1,陈建国,,g1,,", "role_unknown"),
        ("S1,陈建国,worker,g9,,", "area_unknown"),
        ("S1,陈建国,worker,,,", "area_unknown"),
        ("S1,陈建国,,,2026-01-01,", "role_unknown"),
        ("S1,陈建国,worker,g1,soon,", "time_unreadable"),
        ("S1,陈建国,worker,g1,,0206-01-01", "time_unreadable"),
        ("S1,陈建国,worker,g1,2026-01-02,2026-01-01", "to_before_from"),
        ("S1,陈建国,worker,g1,2026-01-02,2026-01-02", "to_before_from"),
        ("S1,陈建国,worker,g1,", "column_count"),
        ("S0,王丽萍,worker,g2,2026-02-01,", "overlapping_rows"),
    ],
)
def test_a_bad_staff_row_refuses_the_file_by_line_and_reason(
    tmp_path: Path, row: str, reason: str
) -> None:
    with pytest.raises(BadInput) as caught:
        _staff(tmp_path, "S0,王丽萍,worker,g2,2026-01-01,", row)
    assert _refused(caught.value) == [(3, reason)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("S9,worker,g1,2026-01-01 08:00,2026-01-01 16:00", "staff_unknown"),
        ("S1,worker,g1,,2026-01-01 16:00", "time_missing"),
        ("S1,worker,g1,2026-01-01 08:00,", "time_missing"),
        ("S1,worker,g1,2026-01-01 16:00,2026-01-01 08:00", "to_before_from"),
        ("S2,worker,g2,2026-01-01 07:59,2026-01-01 08:01", "overlapping_rows"),
    ],
)
def test_a_bad_duty_row_refuses_the_file_by_line_and_reason(
    tmp_path: Path, row: str, reason: str
) -> None:
    with pytest.raises(BadInput) as caught:
        _duty(tmp_path, "S2,worker,g2,2026-01-01 00:00,2026-01-01 08:00", row)
    assert _refused(caught.value) == [(3, reason)]


def test_a_hand_over_is_no_overlap_and_neither_are_two_persons_roles_or_areas(
    tmp_path: Path,
) -> None:
    shift = "2026-01-01 00:00,2026-01-01 08:00"
    rows = [
        f"S1,worker,g1,{shift}",
        "S1,worker,g1,2026-01-01 08:00,2026-01-01 16:00",
        f"S2,worker,g1,{shift}",
        f"S1,grid_lead,g1,{shift}",
        f"S1,worker,g2,{shift}",
        f"S1,worker,c1,{shift}",
    ]
    assert len(_duty(tmp_path, *rows)) == len(rows)


def test_an_overlap_names_both_lines_also_behind_a_shorter_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        _duty(
            tmp_path,
            "S1,worker,g1,2026-01-01 00:00,2026-01-03 00:00",
            "S1,worker,g1,2026-01-01 02:00,2026-01-01 03:00",
            "S1,worker,g1,2026-01-02 00:00,2026-01-04 00:00",
        )
    assert _refused(caught.value) == [(3, "overlapping_rows"), (4, "overlapping_rows")]
    assert caught.value.message.count("on line 2") == 2


def test_a_shift_over_midnight_and_over_the_clock_change_is_read(tmp_path: Path) -> None:
    (night,) = _duty(
        tmp_path,
        "S1,worker,g1,2026-10-31 22:00,2026-11-01 06:00",
        zone=ZoneInfo("America/Chicago"),
    )
    assert night.start is not None
    assert night.end is not None
    assert (night.end - night.start).total_seconds() == 9 * 3600


def test_shifts_that_meet_in_the_doubled_hour_still_meet(tmp_path: Path) -> None:
    first, second = _duty(
        tmp_path,
        "S1,worker,g1,2026-10-31 22:00,2026-11-01 01:30",
        "S2,worker,g1,2026-11-01 01:30,2026-11-01 06:00",
        zone=ZoneInfo("America/Chicago"),
    )
    assert first.end == second.start


def test_the_first_twenty_bad_rows_are_named_and_the_others_counted(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        _staff(tmp_path, *[f"S{number},陈建国,boss,g1,," for number in range(25)])
    assert [line for line, _ in _refused(caught.value)] == list(range(2, 22))
    assert caught.value.where["count"] == 25
    assert "and 5 more" in caught.value.message


def test_a_missing_column_an_empty_file_and_identity_numbers_are_refused(tmp_path: Path) -> None:
    for header, rows, code in (
        ("code,name,role,area,from", ("S1,x,worker,g1,",), "column_missing"),
        (STAFF_HEADER, (), "no_rows"),
        (STAFF_HEADER, (",,,,,",), "no_rows"),
        (f"{STAFF_HEADER},身份证号", ("S1,x,worker,g1,,,3302",), "identity_column"),
    ):
        with pytest.raises(BadInput) as caught:
            _staff(tmp_path, *rows, header=header)
        assert caught.value.code == code
