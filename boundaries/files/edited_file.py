"""Read a coverage that was edited elsewhere: rows as they are, with the plane they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import shapely

from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.plane import Plane
from boundaries.files.file_position import into_file, positioned
from boundaries.files.grid_columns import MAX_CODE_LENGTH, as_text, checked_kinds, row_names
from boundaries.files.grid_file import checked_polygons
from boundaries.files.person_columns import refuse_person_columns
from boundaries.files.vector_file import VectorFile, open_vector, read_columns
from gis.datum import Datum
from gis.errors import BadInput

_CODE = "code"
_OTHERS = ("name", "kind", "community")


@dataclass(frozen=True, slots=True)
class EditedFileOptions:
    """Which columns of the file mean what, and where it lies.

    Parameters
    ----------
    code, name, kind, community
        Columns; None for the one of that name, in letters large or small, which only
        ``code`` needs.
    layer, crs, datum
        As of a file of grids: which layer, and what overrides the CRS that it claims.
    """

    code: str | None = None
    name: str | None = None
    kind: str | None = None
    community: str | None = None
    layer: str | None = None
    crs: str | None = None
    datum: Datum | None = None


@dataclass(frozen=True, slots=True)
class EditedFile:
    """The rows of a file, the plane of its coordinates, and what was assumed in reading it."""

    rows: tuple[EditedGrid, ...]
    plane: Plane
    notes: tuple[str, ...]


def read_edited(path: Path, options: EditedFileOptions) -> EditedFile:
    """Read an edited coverage, checking what needs no other row and no base.

    Raises
    ------
    BadInput
        As reading a file of grids does, with the row; but a row may lack a code.
    """
    file = open_vector(path, options.layer)
    refuse_person_columns(file.columns)
    if file.rows == 0:
        raise BadInput("file_empty", f"{path.name} has no rows", file=path.name)
    columns = _columns(file, options)
    raw, remarks = read_columns(file, list(dict.fromkeys(columns.values())))
    texts = {word: as_text(raw[column]) for word, column in columns.items()}
    called = row_names(texts[_CODE])
    _refuse_unusable(texts[_CODE], called)
    shapes, notes = positioned(
        checked_polygons(raw.geometry.to_numpy(), called),
        called,
        file_crs=file.crs,
        crs=options.crs,
        datum=options.datum,
    )
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    bring = into_file(file_crs=file.crs, crs=options.crs, datum=options.datum)
    plane = Plane.near((west + east) / 2, (south + north) / 2, bring)
    if "kind" in texts:
        texts["kind"] = [
            None if kind is None else checked_kinds([kind], [row])[0]
            for kind, row in zip(texts["kind"], called, strict=True)
        ]
    rows = [
        EditedGrid(
            at + 1, texts[_CODE][at], shape, **{w: texts[w][at] for w in _OTHERS if w in texts}
        )
        for at, shape in enumerate(shapes)
    ]
    return EditedFile(tuple(rows), plane, (*file.notes, *remarks, *notes))


def _columns(file: VectorFile, options: EditedFileOptions) -> dict[str, str]:
    """The column of each word that the file has one for."""
    there = {column.lower(): column for column in file.columns[::-1]}
    found: dict[str, str] = {}
    for word in (_CODE, *_OTHERS):
        given: str | None = getattr(options, word)
        column = there.get(word) if given is None else given
        if column is not None and column in file.columns:
            found[word] = column
        elif given is not None or word == _CODE:
            raise BadInput(
                "column_missing",
                f"no column {given or word}; the file has {', '.join(file.columns[:30]) or 'none'}",
                missing=[given or word],
                columns=list(file.columns),
            )
    return found


def _refuse_unusable(codes: list[str | None], called: list[str]) -> None:
    for row, (code, words) in enumerate(zip(codes, called, strict=True), start=1):
        if code is not None and (len(code) > MAX_CODE_LENGTH or not code.isprintable()):
            raise BadInput(
                "code_unusable",
                f"{words}: no code, which has at most {MAX_CODE_LENGTH} printable signs",
                row=row,
            )
