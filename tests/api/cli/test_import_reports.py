from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from tests.api.cli.command_line import CommandLine
from tests.api.cli.other_formats import as_layer, as_workbook
from tests.api.cli.report_files import COLUMNS, NOON, WITH_ID, place, row, write

GOOD = row("good")


@pytest.fixture
def city(small_city: CommandLine) -> CommandLine:
    """The small city without any report."""
    small_city.asked("truncate cases, reports, categories cascade")
    return small_city


def rejected(path: Path) -> dict[int, tuple[str, str]]:
    """Line → id and reason of the rows in a rejects file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            int(found["rejected_line"]): (found["rejected_id"], found["rejected_reason"])
            for found in csv.DictReader(file)
        }


def test_each_row_gets_the_grid_it_lies_in_and_says_why(city: CommandLine) -> None:
    # 0.01 of a step of 0.01° is 9.6 m; the profile's nearest_m is 30.
    expected = {
        "middle": (place(0.5, 0.5), "g00", "inside"),
        "edge": (place(1, 0.5), "g00", "edge"),
        "corner of four": (place(2, 2), "g11", "edge"),
        "rim": (place(0, 1.5), "g01", "inside"),
        "near": (place(-0.01, 2.5), "g02", "nearest"),
        "not near": (place(-0.1, 2.5), "", "outside"),
        "at sea": ("124.0,30.5", "", "outside"),
        "in Kansas": ("-98.5,38.5", "", "outside"),
    }
    file = write(city.folder / "r.csv", [row(name, at) for name, (at, _, _) in expected.items()])
    told = city.does("import", "reports", file, *WITH_ID)
    counts = {word: told[word] for word in ("inside", "edge", "nearest", "outside")}
    assert counts == {"inside": 2, "edge": 2, "nearest": 1, "outside": 3}
    assert (told["read"], told["imported"], told["unchanged"], told["rejected"]) == (8, 8, 0, 0)
    city.does("export", "reports", "--out", "out.csv")
    with (city.folder / "out.csv").open(newline="") as out:
        found = {r["external_id"]: (r["grid_code"], r["grid_reason"]) for r in csv.DictReader(out)}
    assert found == {name: (code, reason) for name, (_, code, reason) in expected.items()}


def test_a_row_that_cannot_be_taken_is_named_by_line_and_reason(city: CommandLine) -> None:
    lng, lat = place(0.5, 0.5).split(",")
    wrong = {
        "swapped_lat_lng": row("a", f"{lat},{lng}"),
        "coordinate_not_finite": row("b", f"{lng},NaN"),
        "coordinate_missing": row("c", f",{lat}"),
        "coordinate_unreadable": row("d", f"{lng},12O.5"),
        "coordinate_out_of_range": row("e", "181,91"),
        "time_unreadable": row("f", time="05/04/2026"),
        "time_missing": row("g", time=""),
        "time_in_future": row("h", time="2100-01-01T00:00:00Z"),
        "time_too_old": row("i", time="1850-01-01T00:00:00Z"),
        "category_unknown": row("j", category="dragons"),
        "category_missing": row("k", category=""),
        "id_missing": row(""),
        "id_too_long": row("x" * 300),
        "column_count": "too,short",
    }
    file = write(city.folder / "r.csv", [GOOD, *wrong.values(), row("good too")])
    told = city.does("import", "reports", file, *WITH_ID, "--rejects", "rejects.csv")
    found = rejected(city.folder / "rejects.csv")
    assert [reason for _, reason in found.values()] == list(wrong)
    assert list(found) == list(range(3, 3 + len(wrong)))
    assert told["rejected_for"] == dict.fromkeys(wrong, 1)
    assert (told["read"], told["imported"], told["rejected"]) == (len(wrong) + 2, 2, len(wrong))
    assert city.asked("select count(*) from cases") == "2"


def test_mended_rejects_complete_the_import(city: CommandLine) -> None:
    file = write(city.folder / "r.csv", [GOOD, row("bad", "121.0o5,30.005"), row("good too")])
    city.does("import", "reports", file, *WITH_ID, "--rejects", "rejects.csv")
    mended = city.folder / "mended.csv"
    text = (city.folder / "rejects.csv").read_text("utf-8-sig")
    mended.write_text(text.replace("121.0o5", "121.005", 1), "utf-8-sig")
    told = city.does("import", "reports", mended, *WITH_ID)
    assert (told["read"], told["imported"], told["rejected"]) == (1, 1, 0)
    again = city.does("import", "reports", file, *WITH_ID)
    assert (again["unchanged"], again["rejected"]) == (2, 1)


def test_one_rejected_row_and_strict_imports_nothing(city: CommandLine) -> None:
    file = write(city.folder / "r.csv", [GOOD, row("bad", category="dragons"), row("good too")])
    before = city.contents()
    line = city.refuses("import", "reports", file, *WITH_ID, "--strict", "--rejects", "rejects.csv")
    assert "1 row was rejected" in line
    assert rejected(city.folder / "rejects.csv") == {3: ("bad", "category_unknown")}
    assert city.contents() == before
    told = city.does("import", "reports", file, *WITH_ID, "--strict", "--add-categories")
    assert told["imported"] == 3


def test_an_unknown_category_is_stored_only_when_asked(city: CommandLine) -> None:
    file = write(city.folder / "r.csv", [GOOD, row("odd", category="aggravated assault")])
    assert city.does("import", "reports", file, *WITH_ID)["rejected"] == 1
    assert city.asked("select count(*) from categories") == "0"
    told = city.does("import", "reports", file, *WITH_ID, "--add-categories")
    assert (told["imported"], told["unchanged"]) == (1, 1)
    assert city.asked("select code, name_zh from categories") == (
        "aggravated assault|aggravated assault"
    )
    # From now on it is known.
    more = write(city.folder / "more.csv", [row("more", category="aggravated assault")])
    assert city.does("import", "reports", more, *WITH_ID)["imported"] == 1


def test_a_known_id_is_unchanged_or_a_conflict(city: CommandLine) -> None:
    rows = [row("a"), row("b"), row("b"), row("a", category="other")]
    told = city.does("import", "reports", write(city.folder / "r.csv", rows), *WITH_ID)
    assert (told["imported"], told["unchanged"], told["rejected"]) == (2, 1, 1)
    before = city.contents()
    moved = [
        # As before, though written otherwise: 12 o'clock UTC is 20 o'clock in Shanghai.
        row("a", "121.0050,30.0050", "2026-05-04 20:00"),
        row("b", place(0.6, 0.5)),
    ]
    file = write(city.folder / "moved.csv", moved)
    told = city.does("import", "reports", file, *WITH_ID, "--rejects", "rejects.csv")
    assert (told["unchanged"], told["rejected"]) == (1, 1)
    assert rejected(city.folder / "rejects.csv") == {3: ("b", "id_conflict")}
    assert city.contents() == before


def test_without_ids_the_same_file_again_is_unchanged_even_packed(city: CommandLine) -> None:
    # Two rows alike in everything are two reports: they have no id to say otherwise.
    file = write(city.folder / "r.csv", [GOOD, GOOD, row("other", place(1.5, 1.5))])
    assert city.does("import", "reports", file, *COLUMNS)["imported"] == 3
    before = city.contents()
    packed = city.folder / "r.csv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    for again in (file, packed):
        told = city.does("import", "reports", again, *COLUMNS)
        assert (told["read"], told["unchanged"], told["imported"]) == (3, 3, 0)
    assert city.contents() == before


def test_hours_the_clock_change_repeats_or_skips_are_taken_and_flagged(city: CommandLine) -> None:
    rows = [
        row("twice", time="2025-10-26 02:30"),
        row("never", time="2025-03-30 02:30"),
        row("plain", time="2025-07-01 02:30"),
        row("offset", time="2025-10-26T02:30:00+01:00"),
    ]
    told = city.does(
        "import", "reports", write(city.folder / "r.csv", rows), *WITH_ID, "--tz", "Europe/Berlin"
    )
    assert told["imported"] == 4
    assert told["flagged"] == {"ambiguous_hour": 1, "missing_hour": 1}
    stored = city.asked(
        "select external_id, to_char(occurred_at at time zone 'UTC', 'MM-DD HH24:MI'),"
        " coalesce(time_flag, '') from reports order by id"
    )
    assert stored.splitlines() == [
        "twice|10-26 00:30|ambiguous_hour",
        "never|03-30 01:30|missing_hour",
        "plain|07-01 00:30|",
        "offset|10-26 01:30|",
    ]


def test_without_a_zone_times_are_the_citys(city: CommandLine) -> None:
    file = write(city.folder / "r.csv", [row("a", time="2026-05-04 08:00")])
    city.does("import", "reports", file, *WITH_ID)
    assert city.asked("select extract(hour from occurred_at at time zone 'UTC') from cases") == "0"


@pytest.mark.parametrize(("asked", "state"), [((), "historic"), (("--open-cases",), "received")])
def test_cases_are_history_unless_they_are_to_be_handled(
    city: CommandLine, asked: tuple[str, ...], state: str
) -> None:
    rows = [row("a"), row("b", category="gas_hazard")]
    city.does("import", "reports", write(city.folder / "r.csv", rows), *WITH_ID, *asked)
    assert city.asked("select state, kind, urgency from cases order by number").splitlines() == [
        f"{state}|event|normal",
        f"{state}|event|urgent",
    ]


def test_a_declared_datum_is_undone_and_the_coordinates_are_kept_as_given(
    city: CommandLine,
) -> None:
    file = write(city.folder / "r.csv", [row("a", place(1.5, 1.5))])
    city.does("import", "reports", file, *WITH_ID, "--datum", "gcj02")
    given, datum, moved_m = city.asked(
        "select given_x || ' ' || given_y, given_datum, round(st_distance(point::geography,"
        " st_setsrid(st_point(given_x, given_y), 4326)::geography)) from reports"
    ).split("|")
    assert given == "121.015 30.015"
    assert datum == "gcj02"
    # GCJ-02 lies 300 to 800 m off all over China.
    assert 300 < float(moved_m) < 800


def test_a_city_without_grids_takes_reports_as_outside(prompt: CommandLine) -> None:
    prompt.does("migrate")
    file = write(prompt.folder / "r.csv", [GOOD])
    assert prompt.does("import", "reports", file, *WITH_ID)["outside"] == 1


FILE_LEVEL = {
    "no such column": (("--id", "number"), "no column 'number'"),
    "no such zone": (("--tz", "Mars/Olympus"), "Mars/Olympus"),
    "rejects into nowhere": (("--rejects", "nowhere/r.csv"), "nowhere/r.csv"),
    "rejects onto the file itself": (("--rejects", "r.csv"), "--rejects r.csv"),
    "rejects onto the file by another name": (("--rejects", "../{folder}/r.csv"), "r.csv"),
}


@pytest.mark.parametrize("name", FILE_LEVEL)
def test_a_fault_of_the_whole_call_leaves_nothing(city: CommandLine, name: str) -> None:
    options, word = FILE_LEVEL[name]
    file = write(city.folder / "r.csv", [GOOD, row("bad", category="dragons")])
    before, content = city.contents(), file.read_bytes()
    given = [option.format(folder=city.folder.name) for option in options]
    line = city.refuses("import", "reports", "r.csv", *COLUMNS, *given)
    assert word in line
    assert city.contents() == before
    assert file.read_bytes() == content


def test_a_file_that_cannot_be_read_to_its_end_leaves_nothing(city: CommandLine) -> None:
    before = city.contents()
    whole = write(city.folder / "r.csv", [row(str(number)) for number in range(5_000)])
    (city.folder / "cut.csv.gz").write_bytes(gzip.compress(whole.read_bytes())[:-100])
    (city.folder / "people.csv").write_text(f"id,lng,lat,time,category,身份证号\n{GOOD}1\n")
    (city.folder / "empty.csv").write_text("id,lng,lat,time,category,note\n")
    (city.folder / "nothing.csv").write_text("")
    (city.folder / "open.csv").write_text(whole.read_text() + 'x,"121\n' + GOOD)
    for name, word in {
        "cut.csv.gz": "cut.csv.gz cannot be read: it is cut short",
        "people.csv": "身份证号",
        "empty.csv": "empty.csv holds no rows",
        "nothing.csv": "nothing.csv holds no rows",
        "open.csv": "quote opened on line 5002",
    }.items():
        assert word in city.refuses("import", "reports", name, *WITH_ID)
    assert city.contents() == before


def test_rejects_that_do_not_fit_the_disk_are_told_in_one_line(city: CommandLine) -> None:
    rows = [row(str(number), category="dragons") for number in range(1_000)]
    file = write(city.folder / "r.csv", rows)
    line = city.refuses("import", "reports", file, *WITH_ID, "--rejects", "/dev/full")
    assert "/dev/full" in line


def test_a_workbook_and_a_point_layer_are_taken_like_a_table(city: CommandLine) -> None:
    rows = [row("a"), row("b", place(1, 0.5)), row("c", place(-0.01, 0.5))]
    file = write(city.folder / "r.csv", rows)
    city.does("import", "reports", file, *WITH_ID)
    for other in (as_workbook(file), as_layer(file)):
        told = city.does("import", "reports", other, *WITH_ID)
        assert (told["unchanged"], told["rejected"]) == (3, 0), other


def test_every_batch_is_in_the_journal_with_how_many_and_no_content(city: CommandLine) -> None:
    before = city.asked("select count(*) from journal where kind = 'reports.imported'")
    file = write(city.folder / "r.csv", [row("a", note="secret words"), row("b")])
    city.does("import", "reports", file, *WITH_ID)
    entries = city.asked(
        f"select after from journal where kind = 'reports.imported' order by id offset {before}"
    )
    assert '"imported": 2' in entries
    assert NOON not in entries
    assert "secret" not in city.asked("select string_agg(journal::text, ' ') from journal")
