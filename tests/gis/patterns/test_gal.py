"""Weights files: as PySAL writes them, and refused by the place at which they go wrong."""

from __future__ import annotations

from pathlib import Path

import libpysal
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import BadInput
from gis.patterns.gal import read_gal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weights.gal"


NAMES = st.lists(
    st.text("abc甲乙0123-", min_size=1, max_size=4), min_size=1, max_size=8, unique=True
)


@given(names=NAMES, data=st.data())
def test_a_file_of_pysal_is_read_as_it_was_written(
    names: list[str], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lists = {
        name: data.draw(st.lists(st.sampled_from(names), unique=True).map(sorted)) for name in names
    }
    file = tmp_path_factory.mktemp("gal") / "w.gal"
    weights = libpysal.weights.W(lists, id_order=names, silence_warnings=True)
    handle = libpysal.io.open(str(file), "w")
    handle.write(weights)
    handle.close()
    assert read_gal(file) == list(lists.items())


@pytest.mark.parametrize("header", ["3", "0 3 tracts ID", "0 3"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("blank", ["", "\n"])
def test_headers_ends_of_lines_and_blank_lines_of_islands_do_not_matter(
    path: Path, header: str, end: str, blank: str
) -> None:
    text = f"{header}\na 2\nb c\nb 0\n{blank}c 1\na\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", end).encode())
    assert read_gal(path) == [("a", ["b", "c"]), ("b", []), ("c", ["a"])]


@pytest.mark.parametrize(
    ("text", "message", "named"),
    [
        ("", "begin with the number", None),
        ("tracts\na 1\nb\n", "begin with the number", None),
        ("²\na 0\n", "begin with the number", None),
        ("2\na one\nb\n", "'a' is not followed", "a"),
        ("2\na ²\nb c\n", "'a' is not followed", "a"),
        ("2\na -1\nb 0\n", "'a' is not followed", "a"),
        ("2\na 1\nb\nb\n", "'b' is not followed", "b"),
        ("2\na 1\nb\nb 2\na\n", "'b' has 2 neighbours, 1 are there", "b"),
        ("2\na 9999999999\nb\n", "'a' has 9999999999 neighbours", "a"),
        ("2\na 1\nb\na 1\nb\n", "'a' twice", "a"),
        ("3\na 1\nb\nb 1\na\n", "tells of 3 places and has 2", None),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_place(
    path: Path, text: str, message: str, named: str | None
) -> None:
    path.write_text(text)
    with pytest.raises(BadInput, match=message) as refusal:
        read_gal(path)
    assert refusal.value.code == "weights_unreadable"
    assert refusal.value.where.get("id") == named


def test_bytes_that_are_no_text_are_refused(path: Path) -> None:
    path.write_bytes(b"1\n\xff\xfe 0\n")
    with pytest.raises(BadInput, match="no text") as refusal:
        read_gal(path)
    assert refusal.value.code == "weights_unreadable"
