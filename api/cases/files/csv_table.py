"""CSV and CSV.gz, in UTF-8 or GB18030 (which GBK is part of)."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv

from api.cases.files.csv_lines import LineCounter
from api.cases.files.table import Rows, Table, no_rows, unreadable

BLOCK_BYTES = 4 << 20
"""Read at a time: about 30,000 rows of 130 bytes. No single row may be longer."""

UTF_8 = "utf-8-sig"  # with or without the mark some programs set before it
GB18030 = "gb18030"


@dataclass(frozen=True)
class _Text:
    """What a first look through the bytes tells."""

    encoding: str
    sha256: str
    quotes: int


def open_csv(path: Path, *, block_bytes: int = BLOCK_BYTES) -> Table:
    """Open a CSV file and look through it once, so that a fault of the whole file shows now.

    Raises
    ------
    BadInput
        ``file_unreadable`` (truncated or damaged compression, neither UTF-8 nor
        GB18030, a quote that never closes), ``no_rows``.
    """
    text = _look_through(path)
    columns = _header(path, text)
    if not columns:
        raise no_rows(path)
    if text.quotes % 2:
        _refuse_open_quote(path, text)
    chunks = partial(_read, path, text, len(columns), block_bytes)
    row_count = sum(len(rows.lines) + len(rows.malformed) for rows in chunks(first_only=True))
    if row_count == 0:
        raise no_rows(path)
    return Table(path, columns, text.sha256, row_count, chunks)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if packed:
                with gzip.open(raw) as unpacked:
                    yield unpacked
            else:
                yield raw
    except EOFError as error:
        raise unreadable(path, "it is cut short") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise unreadable(path, f"its compression is damaged ({error})") from error
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error


def _look_through(path: Path) -> _Text:
    digest, quotes = hashlib.sha256(), 0
    with _opened(path) as stream:
        while block := stream.read(BLOCK_BYTES):
            if b"\0" in block:
                raise unreadable(path, "it is not text, or text in UTF-16: save it as UTF-8")
            digest.update(block)
            quotes += block.count(b'"')
    return _Text(_encoding(path), digest.hexdigest(), quotes)


def _encoding(path: Path) -> str:
    for encoding in (UTF_8, GB18030):
        decoder = codecs.getincrementaldecoder(encoding)()
        with _opened(path) as stream:
            try:
                while block := stream.read(BLOCK_BYTES):
                    decoder.decode(block)
            except UnicodeDecodeError:
                continue
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError as error:
                # Cut short; the other encoding would read most such files as nonsense.
                raise unreadable(path, "it ends in the middle of a character") from error
            return encoding
    raise unreadable(path, "its text is neither UTF-8 nor GB18030")


def _header(path: Path, text: _Text) -> tuple[str, ...]:
    with _opened(path) as stream:
        header = next(csv.reader(_lines(stream, text)), [])
    return tuple(name.strip() for name in header)


def _refuse_open_quote(path: Path, text: _Text) -> None:
    """An odd number of quotes is legal inside plain values (5" pipe), else one stays open.

    The parser would swallow all rows behind it into one value, without a word.
    """
    with _opened(path) as stream:
        reader = csv.reader(_lines(stream, text), strict=True)
        begin = 0
        try:
            for _ in reader:
                begin = reader.line_num
        except csv.Error as error:
            raise unreadable(
                path, f"a quote opened on line {begin + 1} is not closed properly ({error})"
            ) from error


def _lines(stream: IO[bytes] | gzip.GzipFile, text: _Text) -> Iterable[str]:
    return codecs.iterdecode(stream, text.encoding)


def _read(
    path: Path, text: _Text, column_count: int, block_bytes: int, *, first_only: bool = False
) -> Iterator[Rows]:
    """The file's rows in chunks; ``first_only`` keeps the first column alone."""
    names = [f"c{index}" for index in range(column_count)]
    left_out: list[pyarrow.csv.InvalidRow] = []

    def leave_out(row: pyarrow.csv.InvalidRow) -> str:
        left_out.append(row)
        return "skip"

    counter = LineCounter(has_quotes=text.quotes > 0)
    with _opened(path) as stream:
        try:
            reader = pyarrow.csv.open_csv(
                stream,
                # Rows are cut from the header on, so that its own lines are counted.
                read_options=pyarrow.csv.ReadOptions(
                    use_threads=False,  # only a single thread tells the numbers of wrong rows
                    block_size=block_bytes,
                    encoding="utf8" if text.encoding == UTF_8 else text.encoding,
                    column_names=names,
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    newlines_in_values=text.quotes > 0,
                    ignore_empty_lines=False,
                    invalid_row_handler=leave_out,
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                    include_columns=names[:1] if first_only else names,
                ),
            )
            for batch in reader:
                yield _below_header(counter.number(batch, left_out))
            end = pa.RecordBatch.from_pylist([], schema=reader.schema)
            yield counter.number(end, left_out, last=True)
        except pa.ArrowInvalid as error:
            raise unreadable(
                path, f"quotes that do not close, or a row over {block_bytes:,} bytes ({error})"
            ) from error


def _below_header(rows: Rows) -> Rows:
    header = int(rows.lines.size > 0 and rows.lines[0] == 1)
    return Rows(rows.lines[header:], rows.cells.slice(header), rows.malformed)
