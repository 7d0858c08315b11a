from __future__ import annotations

import csv
import gzip
import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cases.files.csv_table import open_csv
from api.cases.files.table import MalformedRow, Table
from gis.errors import BadInput

ROWS_BELOW = b"1,2\n3,4\n"


def _opened(folder: Path, content: bytes, name: str = "rows.csv") -> Table:
    path = folder / name
    path.write_bytes(content)
    return open_csv(path)


def _rows(table: Table) -> list[tuple[int, tuple[str, ...]]]:
    return [
        (line, tuple(cells))
        for rows in table.chunks()
        for line, cells in zip(
            rows.lines.tolist(),
            zip(*(column.to_pylist() for column in rows.cells.columns), strict=True),
            strict=True,
        )
    ]


def _malformed(table: Table) -> list[MalformedRow]:
    return [row for rows in table.chunks() for row in rows.malformed]


def _refusal(folder: Path, content: bytes, name: str = "rows.csv") -> BadInput:
    with pytest.raises(BadInput) as caught:
        for _ in _opened(folder, content, name).chunks():
            pass
    assert name in caught.value.message
    return caught.value


def test_rows_come_with_their_lines_and_all_cells_as_text(tmp_path: Path) -> None:
    table = _opened(tmp_path, b"a,b\n1,2.50\n ,\n")
    assert table.columns == ("a", "b")
    assert table.row_count == 2
    assert _rows(table) == [(2, ("1", "2.50")), (3, (" ", ""))]


def test_a_file_can_be_read_twice(tmp_path: Path) -> None:
    table = _opened(tmp_path, b"a,b\n" + ROWS_BELOW)
    assert _rows(table) == _rows(table)


_CELL = st.text(st.sampled_from('ab,"\n 网é'), max_size=6)


@given(
    rows=st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=30),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    packed=st.booleans(),
    short=st.sets(st.integers(0, 29), max_size=5),
)
def test_every_cell_and_every_line_is_found_again(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    encoding: str,
    packed: bool,
    short: set[int],
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["x\ny", "b", "c"])
    good, wrong = [], []
    for number, row in enumerate(rows):
        line = text.getvalue().count("\n") + 1
        if number in short:
            writer.writerow(row[:2])
            wrong.append(MalformedRow(line, row[:2]))
        else:
            writer.writerow(row)
            good.append((line, row))
    content = text.getvalue().encode(encoding)
    path = tmp_path_factory.mktemp("found") / "rows.csv"
    path.write_bytes(gzip.compress(content) if packed else content)
    # Small blocks, so that rows and lines are counted over many of them.
    table = open_csv(path, block_bytes=128)
    assert table.columns == ("x\ny", "b", "c")
    assert _rows(table) == good
    assert _malformed(table) == wrong
    assert table.row_count == len(rows)


def test_the_hash_is_that_of_the_content_packed_or_not(tmp_path: Path) -> None:
    content = b"a,b\n" + ROWS_BELOW
    plain = _opened(tmp_path, content)
    packed = _opened(tmp_path, gzip.compress(content), "rows.csv.gz")
    assert plain.content_hash == packed.content_hash == hashlib.sha256(content).hexdigest()


def test_blank_rows_are_told_from_rows_that_are_empty_in_part(tmp_path: Path) -> None:
    table = _opened(tmp_path, b"a,b\n1,\n\n,\n  , \n,2\n")
    (rows,) = [rows.without_blank() for rows in table.chunks() if rows.lines.size]
    assert rows.lines.tolist() == [2, 6]


def test_a_quote_inside_a_plain_value_is_part_of_it(tmp_path: Path) -> None:
    assert _rows(_opened(tmp_path, b'a,b\n5" pipe,2\n3,4\n')) == [
        (2, ('5" pipe', "2")),
        (3, ("3", "4")),
    ]


def test_windows_line_ends_count_as_one(tmp_path: Path) -> None:
    assert [line for line, _ in _rows(_opened(tmp_path, b'a,b\r\n"1\r\n",2\r\n3,4\r\n'))] == [2, 4]


def test_a_missing_column_is_named_beside_those_there(tmp_path: Path) -> None:
    table = _opened(tmp_path, b"lng,lat\n" + ROWS_BELOW)
    with pytest.raises(BadInput, match="no column 'lon'; it has: lng, lat") as caught:
        table.index_of("lon")
    assert caught.value.code == "column_missing"


def test_a_column_that_is_there_twice_cannot_be_meant(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        _opened(tmp_path, b"a,a\n" + ROWS_BELOW).index_of("a")
    assert caught.value.code == "column_twice"


@pytest.mark.parametrize("content", [b"", b"\n", b"a,b", b"a,b\n", b"\xef\xbb\xbfa,b\r\n"])
def test_a_file_without_rows_is_refused(tmp_path: Path, content: bytes) -> None:
    assert _refusal(tmp_path, content).code == "no_rows"


def test_a_truncated_gzip_is_refused_before_a_row_is_read(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + ROWS_BELOW * 1000)
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(packed[:-9])
    with pytest.raises(BadInput, match="cut short") as caught:
        open_csv(path)
    assert caught.value.code == "file_unreadable"


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"a,b\n" + ROWS_BELOW * 1000))
    packed[-6] ^= 0xFF  # in the checksum
    assert "damaged" in _refusal(tmp_path, bytes(packed), "rows.csv.gz").message


@pytest.mark.parametrize(
    "content",
    [b"a,b\n\xff\xff,2\n", b"a,b\n1,\xe7\xbd", "a,b\n1,2\n".encode("utf-16"), b"a,b\n\0,2\n"],
    ids=["neither", "half a character", "utf-16", "zero byte"],
)
def test_text_in_another_encoding_is_refused(tmp_path: Path, content: bytes) -> None:
    assert _refusal(tmp_path, content).code == "file_unreadable"


@pytest.mark.parametrize("rest", [b"3,4\n" * 3, b"3,4\n" * 3 + b'5,"6"\n', b"3,4\n" * 100_000])
def test_a_quote_that_never_closes_swallows_no_rows_but_is_refused_with_its_line(
    tmp_path: Path, rest: bytes
) -> None:
    refusal = _refusal(tmp_path, b'a,b\n1,2\n1,"2\n' + rest)
    assert refusal.code == "file_unreadable"
    assert "line 3" in refusal.message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.csv"):
        open_csv(tmp_path / "none.csv")
