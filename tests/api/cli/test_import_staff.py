from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from tests.api.cli.command_line import CommandLine
from tests.api.cli.report_files import WITH_ID, place, row, write
from tests.api.cli.staff_files import DUTY, STAFF, write_duty, write_staff


@pytest.fixture
def city(small_city: CommandLine) -> CommandLine:
    """The small city without staff."""
    small_city.asked("truncate staff, assignments, duties, cases, reports cascade")
    return small_city


@pytest.fixture
def staffed(city: CommandLine) -> CommandLine:
    """The small city with its staff and duties."""
    city.does("import", "staff", write_staff(city.folder))
    city.does("import", "duty", write_duty(city.folder))
    return city


def test_staff_and_duties_arrive_once(city: CommandLine) -> None:
    staff = ("import", "staff", str(write_staff(city.folder)))
    duty = ("import", "duty", str(write_duty(city.folder)))
    told = city.does(*staff)
    assert told == {"staff": 6, "changed": 6, "assignments": 3, "added": 3}
    assert city.does(*duty) == {"duties": 3, "added": 3}
    before = city.contents()
    assert city.does(*staff) == {"staff": 6, "changed": 0, "assignments": 3, "added": 0}
    assert city.does(*duty) == {"duties": 3, "added": 0}
    assert city.contents() == before


def test_a_workbook_is_taken_as_well(city: CommandLine) -> None:
    write_staff(city.folder)
    table = pd.read_csv(city.folder / "staff.csv", dtype=str)
    table.to_excel(city.folder / "staff.xlsx", index=False)
    assert city.does("import", "staff", "staff.xlsx")["staff"] == 6
    assert city.does("import", "staff", "staff.csv")["added"] == 0


def test_a_new_name_is_the_only_thing_that_changes(staffed: CommandLine) -> None:
    write_staff(staffed.folder, STAFF.replace("丙", "丙丙"))
    told = staffed.does("import", "staff", "staff.csv")
    assert (told["changed"], told["added"]) == (1, 0)
    assert staffed.asked("select name from staff where code = 'L1'") == "丙丙"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("X,新,worker,g99,2020-01-01,", ("line 8", "'g99'")),
        ("X,新,boss,g00,2020-01-01,", ("line 8", "'boss'")),
        ("X,新,worker,g00,2020-13-01,", ("line 8", "'2020-13-01'")),
        ("X,新,worker,g00,2021-01-01,2020-01-01", ("line 8", "2020-01-01")),
        ("W0,别人,,,,", ("line 8", "W0", "甲")),
        ("W0,甲,worker,g00,2022-01-01,", ("line 8", "W0", "line 2")),
        (",新,,,,", ("line 8", "code is empty")),
    ],
)
def test_one_bad_row_refuses_the_whole_staff_file(
    city: CommandLine, line: str, words: tuple[str, ...]
) -> None:
    before = city.contents()
    file = write_staff(city.folder, STAFF + line + "\n")
    told = city.refuses("import", "staff", file)
    for word in words:
        assert word in told
    assert city.contents() == before


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nobody,worker,g00,2026-05-04,2026-05-05", ("line 5", "'nobody'")),
        ("D0,worker,g77,2026-05-04,2026-05-05", ("line 5", "'g77'")),
        ("D0,worker,g01,2026-05-04,", ("line 5", "to is empty")),
        ("D0,worker,g00,2026-05-05 07:59,2026-05-05 09:00", ("line 5", "line 2")),
    ],
)
def test_one_bad_row_refuses_the_whole_duty_file(
    city: CommandLine, line: str, words: tuple[str, ...]
) -> None:
    city.does("import", "staff", write_staff(city.folder))
    before = city.contents()
    told = city.refuses("import", "duty", write_duty(city.folder, DUTY + line + "\n"))
    for word in words:
        assert word in told
    assert city.contents() == before


@pytest.mark.parametrize(
    ("command", "file", "word"),
    [
        (
            "staff",
            "code,name,role,area,from,to\nW9,新,,,,\nW0,甲,worker,g00,2021-01-01,2022-01-01\n",
            "W0 is worker in g00 already from 2019-12-31T16:00Z to further notice",
        ),
        (
            "duty",
            "staff,role,area,from,to\nD0,worker,g01,2026-07-01,2026-07-02\n"
            "D0,worker,g00,2026-05-05 07:00,2026-05-05 09:00\n",
            "D0 is worker in g00 already from 2026-05-04T12:00Z to 2026-05-05T00:00Z",
        ),
    ],
)
def test_a_row_that_overlaps_one_stored_before_is_named(
    staffed: CommandLine, command: str, file: str, word: str
) -> None:
    before = staffed.contents()
    path = staffed.folder / "more.csv"
    path.write_text(file, "utf-8")
    assert word in staffed.refuses("import", command, path)
    assert staffed.contents() == before


def test_imported_reports_have_the_person_who_answered_then_by_the_five_rules(
    staffed: CommandLine,
) -> None:
    night, day = "2026-05-04T22:00:00+08:00", "2026-05-05T12:00:00+08:00"
    expected = {
        "on duty over midnight": (place(0.5, 0.5), "2026-05-05T07:59:59+08:00", "D0", "1"),
        "on duty": (place(0.5, 0.5), night, "D0", "1"),
        "hand-over": (place(0.5, 0.5), "2026-05-05T08:00:00+08:00", "W0", "2"),
        "worker": (place(0.5, 0.5), day, "W0", "2"),
        "lead": (place(0.5, 1.5), day, "L1", "3"),
        "community": (place(1.5, 1.5), day, "C0", "4"),
        "township": (place(2.5, 1.5), day, "T1", "5"),
        "nobody yet": (place(2.5, 1.5), "2026-04-30T12:00:00+08:00", "", ""),
        "outside": ("124,30", day, "", ""),
    }
    rows = [row(name, at, time) for name, (at, time, _, _) in expected.items()]
    staffed.does("import", "reports", write(staffed.folder / "r.csv", rows), *WITH_ID)
    staffed.does("export", "reports", "--out", "out.csv")
    assert answers(staffed.folder / "out.csv", "external_id") == {
        name: (person, rule) for name, (_, _, person, rule) in expected.items()
    }


def answers(path: Path, key: str) -> dict[str, tuple[str, str]]:
    """Person and rule of each row of a file."""
    with path.open(newline="") as file:
        return {r[key]: (r["staff"], r["staff_rule"]) for r in csv.DictReader(file)}
