from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pandas as pd
import pytest

from api.cases.coordinates import Bounds
from api.cases.identity import Identity, settle
from api.cases.rejects import RejectsFile
from api.cases.report_checks import ReportRules
from api.cases.report_faults import ReportFault, told
from api.cases.report_file import ReportColumns, ReportFile, open_report_file
from api.cases.report_rows import ReportChunk
from api.settings import Settings
from gis.datum import Datum
from gis.errors import BadInput

COLUMNS = ReportColumns("lng", "lat", "time", "category", "id")
RULES = ReportRules(
    datum=Datum.WGS84,
    zone=ZoneInfo("America/Chicago"),
    categories=frozenset({"noise", "井盖"}),
    add_categories=False,
    bounds=Bounds(120.8, 29.6, 121.5, 30.4),
    now=datetime(2026, 11, 20, 12, tzinfo=UTC),
)
ADDING = replace(RULES, add_categories=True)
HEADER = "id,lng,lat,time,category"
GOOD = "a1,121.1,30.0,2026-03-01 08:05,noise"


def _file(
    folder: Path, *rows: str, header: str = HEADER, columns: ReportColumns = COLUMNS
) -> ReportFile:
    path = folder / "reports.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return open_report_file(path, columns)


def _one(file: ReportFile, rules: ReportRules = RULES) -> ReportChunk:
    (chunk,) = file.chunks(rules)
    return chunk


def _refusal(folder: Path, *rows: str, header: str = HEADER) -> BadInput:
    with pytest.raises(BadInput) as caught:
        list(_file(folder, *rows, header=header).chunks(RULES))
    return caught.value


def test_a_good_row_keeps_what_was_given_and_says_when_it_was(tmp_path: Path) -> None:
    chunk = _one(_file(tmp_path, GOOD))
    (row,) = chunk.accepted.to_dict("records")
    assert (row["line"], row["external_id"], row["category"]) == (2, "a1", "noise")
    assert (row["given_x"], row["given_y"]) == (121.1, 30.0)
    assert row["occurred_at"] == row["received_at"] == pd.Timestamp("2026-03-01T14:05Z")
    assert pd.isna(row["time_flag"])
    assert chunk.categories == {"noise"}
    assert chunk.rejects == []


@pytest.mark.parametrize(
    ("row", "reason", "words"),
    [
        ("a1,,30.0,2026-03-01,noise", "coordinate_missing", "longitude ''"),
        ("a1,121.1,here,2026-03-01,noise", "coordinate_unreadable", "'here'"),
        ("a1,nan,30.0,2026-03-01,noise", "coordinate_not_finite", "'nan'"),
        ("a1,121.1,-inf,2026-03-01,noise", "coordinate_not_finite", "'-inf'"),
        ("a1,300,30.0,2026-03-01,noise", "coordinate_out_of_range", "'300'"),
        ("a1,30.0,121.1,2026-03-01,noise", "swapped_lat_lng", "'121.1'"),
        ("a1,121.1,30.0,,noise", "time_missing", "missing"),
        ("a1,121.1,30.0,01/02/2026,noise", "time_unreadable", "'01/02/2026'"),
        ("a1,121.1,30.0,0206-03-01,noise", "time_too_old", "'0206-03-01'"),
        ("a1,121.1,30.0,2026-11-20T12:05:01Z,noise", "time_in_future", "12:05:01"),
        ("a1,121.1,30.0,2026-03-01,", "category_missing", "missing"),
        ("a1,121.1,30.0,2026-03-01,Noise", "category_unknown", "'Noise'"),
        (",121.1,30.0,2026-03-01,noise", "id_missing", "missing"),
        (f"{'x' * 201},121.1,30.0,2026-03-01,noise", "id_too_long", "xxx"),
        ("a1,121.1,30.0,2026-03-01", "column_count", "4 values in a row of a file with 5"),
        ("a1,121.1,30.0,2026-03-01,noise,loud", "column_count", "6 values"),
    ],
)
def test_a_bad_row_is_rejected_with_line_reason_and_what_is_wrong(
    tmp_path: Path, row: str, reason: str, words: str
) -> None:
    chunk = _one(_file(tmp_path, "a0" + GOOD[2:], row, "a2" + GOOD[2:]))
    (reject,) = chunk.rejects
    assert (reject.line, reject.reason) == (3, reason)
    assert words in reject.message
    assert ",".join(reject.values) == row
    assert chunk.accepted["external_id"].tolist() == ["a0", "a2"]
    assert chunk.read == 3


def test_every_fault_has_a_sentence() -> None:
    values = dict.fromkeys(("lng", "lat", "time", "category", "id"), "v") | {
        "values": 1,
        "columns": 2,
    }
    sentences = {told(fault, values) for fault in ReportFault if fault}
    assert len(sentences) == len(ReportFault) - 1


def test_up_to_five_minutes_ahead_is_a_clock_and_not_the_future(tmp_path: Path) -> None:
    row = GOOD.replace("2026-03-01 08:05", "2026-11-20T12:05:00Z")
    assert len(_one(_file(tmp_path, row)).accepted) == 1


def test_points_in_the_sea_and_far_away_are_taken(tmp_path: Path) -> None:
    sea, kansas = GOOD.replace("121.1", "123.9"), GOOD.replace("a1,121.1", "a2,-98.5")
    assert len(_one(_file(tmp_path, sea, kansas)).accepted) == 2


def test_unknown_categories_are_taken_and_told_when_they_are_to_be_added(tmp_path: Path) -> None:
    rows = [GOOD.replace("noise", name) for name in ("smell", "noise", "x" * 81, "")]
    chunk = _one(_file(tmp_path, *rows), ADDING)
    assert chunk.categories == {"smell", "noise"}
    assert [reject.reason for reject in chunk.rejects] == ["category_too_long", "category_missing"]


def test_a_category_only_rejected_rows_had_is_not_added(tmp_path: Path) -> None:
    row = GOOD.replace("noise", "smell").replace("121.1", "")
    assert _one(_file(tmp_path, GOOD, row), ADDING).categories == {"noise"}


def test_remarkable_hours_are_flagged_and_not_rejected(tmp_path: Path) -> None:
    rows = [
        GOOD.replace("2026-03-01 08:05", at)
        for at in ("2025-11-02 01:30", "2026-03-08 02:30", "2025-11-02T01:30-06:00")
    ]
    flags = _one(_file(tmp_path, *rows)).accepted["time_flag"]
    assert flags.fillna("none").tolist() == ["ambiguous_hour", "missing_hour", "none"]


def test_spaces_around_values_are_not_part_of_them(tmp_path: Path) -> None:
    plain = _one(_file(tmp_path, GOOD)).accepted
    spaced = _one(_file(tmp_path, GOOD.replace(",", " , "))).accepted
    pd.testing.assert_frame_equal(plain, spaced)


def test_blank_rows_are_not_rows(tmp_path: Path) -> None:
    chunk = _one(_file(tmp_path, "", GOOD, ",,,,", ""))
    assert chunk.read == 1
    assert chunk.accepted["line"].tolist() == [3]


def test_without_an_id_column_a_row_is_known_by_the_file_and_its_line(tmp_path: Path) -> None:
    columns = ReportColumns("lng", "lat", "time", "category")
    first = _one(_file(tmp_path, GOOD, GOOD, columns=columns)).accepted["external_id"]
    assert first.is_unique
    packed = tmp_path / "other_name.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "reports.csv").read_bytes()))
    again = _one(open_report_file(packed, columns)).accepted["external_id"]
    assert again.tolist() == first.tolist()
    other = _one(_file(tmp_path, GOOD, GOOD, GOOD, columns=columns)).accepted["external_id"]
    assert not set(other) & set(first)


def test_a_number_written_otherwise_is_the_same_content_and_another_point_is_not(
    tmp_path: Path,
) -> None:
    rows = [GOOD, GOOD.replace("121.1", "121.10"), GOOD.replace(" 08:05", "T08:05:00"),
            GOOD.replace("121.1", "121.2")]  # fmt: skip
    accepted = _one(_file(tmp_path, *rows)).accepted
    found = settle(accepted["external_id"], accepted["content_hash"], {})
    assert found.tolist() == [
        Identity.NEW,
        Identity.UNCHANGED,
        Identity.UNCHANGED,
        Identity.ID_CONFLICT,
    ]


def test_accepted_rows_turned_away_later_become_rejects_with_their_cells(tmp_path: Path) -> None:
    other = GOOD.replace("30.0", "30.1")
    chunk = _one(_file(tmp_path, "bad", GOOD, other))
    (reject,) = chunk.refused(np.array([False, True]), ReportFault.ID_CONFLICT)
    assert (reject.line, reject.reason, reject.external_id) == (4, "id_conflict", "a1")
    assert ",".join(reject.values) == other


@pytest.mark.parametrize("column", ["lng", "lat", "time", "category", "id"])
def test_a_missing_column_refuses_the_file_and_names_those_there(
    tmp_path: Path, column: str
) -> None:
    refusal = _refusal(tmp_path, GOOD, header=HEADER.replace(column, "other"))
    assert refusal.code == "column_missing"
    assert repr(column) in refusal.message
    assert "other" in refusal.message


@pytest.mark.parametrize("rows", [(), ("", ",,,,", "")])
def test_a_file_without_rows_is_refused(tmp_path: Path, rows: tuple[str, ...]) -> None:
    assert _refusal(tmp_path, *rows).code == "no_rows"


@pytest.mark.parametrize("name", ["身份证号", "id_card", "idCard", "ID Number", "passport no"])
def test_a_column_of_identity_numbers_refuses_the_file(tmp_path: Path, name: str) -> None:
    refusal = _refusal(tmp_path, GOOD + ",3302", header=f"{HEADER},{name}")
    assert refusal.code == "identity_column"
    assert name in refusal.message


@pytest.mark.parametrize("name", ["phone", "id_2", "identity", "cardinal", "number"])
def test_other_columns_are_simply_not_read(tmp_path: Path, name: str) -> None:
    accepted = _one(_file(tmp_path, GOOD + ",13800000000", header=f"{HEADER},{name}")).accepted
    assert "13800000000" not in accepted.to_csv()


def test_two_hundred_columns_are_no_hindrance(tmp_path: Path) -> None:
    names = [f"extra{number}" for number in range(195)]
    header, row = ",".join([*names, HEADER]), ",".join([*names, GOOD])
    chunk = _one(_file(tmp_path, row, row.replace("121.1", ""), header=header))
    assert len(chunk.accepted) == 1
    assert len(chunk.rejects[0].values) == 200


def test_a_gbk_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "reports.csv"
    path.write_bytes(f"{HEADER}\n{GOOD.replace('noise', '井盖')}\n".encode("gbk"))
    assert _one(open_report_file(path, COLUMNS)).categories == {"井盖"}


def test_a_workbook_gives_the_same_reports_as_the_csv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEADER.split(","))
    book.active.append(["a1", 121.1, 30, datetime.fromisoformat("2026-03-01 08:05"), "noise"])
    path = tmp_path / "reports.xlsx"
    book.save(path)
    pd.testing.assert_frame_equal(
        _one(open_report_file(path, COLUMNS)).accepted, _one(_file(tmp_path, GOOD)).accepted
    )


def test_rejects_can_be_mended_in_their_file_and_handed_in_again(tmp_path: Path) -> None:
    bad = 'a2,121.1,30.0,2026-03-01,"a\nb, c"'
    source = _file(tmp_path, GOOD, bad, "a3,121.1,30.0")
    out = tmp_path / "rejects.csv"
    with RejectsFile(out, source.table.columns) as rejects:
        for chunk in source.chunks(RULES):
            rejects.write(chunk.rejects)
    assert rejects.count == 2
    assert rejects.by_reason == {"category_unknown": 1, "column_count": 1}

    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["rejected_line"] for row in rows] == ["3", "5"]
    assert [row["rejected_id"] for row in rows] == ["a2", ""]
    assert rows[0]["category"] == "a\nb, c"
    assert (rows[1]["lng"], rows[1]["time"]) == ("121.1", "")

    out.write_text(
        out.read_text(encoding="utf-8-sig")
        .replace('"a\nb, c"', "noise", 1)
        .replace("30.0,,", "30.0,2026-03-02,noise"),
        encoding="utf-8-sig",
    )
    mended = _one(open_report_file(out, COLUMNS))
    assert mended.rejects == []
    assert mended.accepted["external_id"].tolist() == ["a2", "a3"]


def test_rejects_of_a_rejects_file_do_not_gather_columns(tmp_path: Path) -> None:
    header = f"{HEADER},rejected_line,rejected_id,rejected_reason,rejected_message"
    source = _file(tmp_path, GOOD.replace("noise", "smell") + ",9,a1,x,y", header=header)
    out = tmp_path / "rejects.csv"
    with RejectsFile(out, source.table.columns) as rejects:
        rejects.write(_one(source).rejects)
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == header
    assert lines[1].startswith(GOOD.replace("noise", "smell") + ",2,a1,category_unknown,")


def test_an_older_rejects_file_does_not_outlive_a_clean_run(tmp_path: Path) -> None:
    out = tmp_path / "rejects.csv"
    out.write_text("old", encoding="utf-8")
    with RejectsFile(out, ["a"]):
        pass
    assert out.read_text(encoding="utf-8-sig").splitlines() == [
        "a,rejected_line,rejected_id,rejected_reason,rejected_message"
    ]


def test_a_rejects_file_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    with (
        pytest.raises(BadInput, match=r"nowhere") as caught,
        RejectsFile(tmp_path / "nowhere" / "rejects.csv", ["a"]),
    ):
        pass
    assert caught.value.code == "rejects_unwritable"


@pytest.mark.houston
def test_the_incidents_of_houston_are_read_but_for_the_five_without_coordinates() -> None:
    path = Settings().test_data / "city-houston" / "incidents_2010.csv.gz"
    if not path.exists():
        pytest.skip(f"no {path}")
    file = open_report_file(
        path, ReportColumns("lon", "lat", "occurred_local", "offense", "row_id")
    )
    rules = replace(ADDING, bounds=Bounds(-95.9, 29.5, -95.0, 30.2))
    chunks = list(file.chunks(rules))
    accepted = pd.concat([chunk.accepted for chunk in chunks])
    rejects = [reject for chunk in chunks for reject in chunk.rejects]
    assert file.table.row_count == 86_314
    assert [reject.reason for reject in rejects] == ["coordinate_missing"] * 5
    assert len(accepted) == 86_309

    theirs = pd.read_csv(path, parse_dates=["occurred_utc"]).dropna(subset=["lon"])
    assert accepted["external_id"].astype(int).tolist() == theirs["row_id"].tolist()
    assert accepted["given_x"].tolist() == theirs["lon"].tolist()
    assert accepted["given_y"].tolist() == theirs["lat"].tolist()
    assert accepted["category"].tolist() == theirs["offense"].tolist()
    remarkable = accepted["time_flag"].notna().to_numpy()
    same = accepted["occurred_at"].to_numpy() == theirs["occurred_utc"].dt.as_unit("us").to_numpy()
    assert (same | remarkable).all()
    assert frozenset().union(*(chunk.categories for chunk in chunks)) == set(theirs["offense"])
