"""A file that came over HTTP, laid down for GDAL: known by its content, never by its name.

GDAL opens what it recognises, whatever the name, and some formats name other files or
addresses to read. So only the four that planners exchange are taken, and none of them may
point anywhere.
"""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

from gis.errors import BadInput, TooLarge

MOST_UNPACKED_BYTES = 100 * 2**20
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED = (".shp", ".dbf")
# Damaged, encrypted (RuntimeError) or packed in a way Python cannot unpack.
_ARCHIVE_ERRORS = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError
)  # fmt: skip


def lay_down(content: bytes, folder: Path) -> Path:
    """Write a GeoPackage, FlatGeobuf, GeoJSON or zipped shapefile into a folder; its path.

    Raises
    ------
    BadInput
        ``format_unknown``, ``file_unreadable``; ``layer_ambiguous`` for several shapefiles.
    TooLarge
        ``unpacked_too_large``.
    """
    if content.startswith(b"SQLite format 3\0"):
        return _tables_only(_written(folder / "edited.gpkg", content))
    if content.startswith(b"fgb\x03"):
        return _written(folder / "edited.fgb", content)
    if content.startswith(b"PK\x03\x04"):
        return _unpacked(content, folder)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _written(folder / "edited.geojson", _plain_geojson(content))
    raise BadInput(
        "format_unknown", "The file is no GeoPackage, FlatGeobuf, GeoJSON or zipped shapefile."
    )


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _tables_only(path: Path) -> Path:
    """Refuse a database whose layers are computed: a view may never end."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
            made = database.execute("SELECT type, coalesce(sql, '') FROM sqlite_master").fetchall()
    except sqlite3.DatabaseError as error:
        raise BadInput("file_unreadable", f"The GeoPackage cannot be read: {error}.") from error
    for kind, statement in made:
        words = statement.lower().split()
        is_virtual = words[:3] == ["create", "virtual", "table"]
        if kind == "view" or (is_virtual and "rtree" not in _called(words)):
            raise BadInput("file_unreadable", "The GeoPackage has computed tables; save it anew.")
    return path


def _called(words: list[str]) -> list[str]:
    """Words up to their first bracket: ``rtree(id,`` is ``rtree``."""
    return [word.split("(")[0] for word in words]


def _plain_geojson(content: bytes) -> bytes:
    """A FeatureCollection written anew, so that GDAL reads what was looked at here."""
    try:
        told: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput("file_unreadable", f"The file is no JSON: {error}.") from error
    if told.get("type") != "FeatureCollection" or not isinstance(told.get("features"), list):
        raise BadInput("format_unknown", "The JSON is no GeoJSON FeatureCollection.")
    crs = told.get("crs")
    if crs is not None and not (isinstance(crs, dict) and crs.get("type") == "name"):
        # The other kinds of the old specification are links, which GDAL would follow.
        raise BadInput("crs_unknown", "The GeoJSON names its CRS by a link; name it by its code.")
    kept = {"type": "FeatureCollection", "crs": crs, "features": told["features"]}
    if crs is None:
        del kept["crs"]
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")


def _unpacked(content: bytes, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            shapes = [each for each in archive.infolist() if _ending(each) == ".shp"]
            if len(shapes) != 1:
                words = ", ".join(each.filename for each in shapes[:10]) or "none"
                code = "layer_ambiguous" if shapes else "format_unknown"
                raise BadInput(code, f"The archive has to hold one shapefile; it holds {words}.")
            stem = shapes[0].filename[:-4]
            parts = {
                _ending(each): each
                for each in archive.infolist()
                if each.filename[:-4] == stem and _ending(each) in _PARTS
            }
            if sum(each.file_size for each in parts.values()) > MOST_UNPACKED_BYTES:
                raise TooLarge(
                    "unpacked_too_large",
                    f"Unpacked, a file may have {MOST_UNPACKED_BYTES // 2**20} MB.",
                )
            missing = [ending for ending in _NEEDED if ending not in parts]
            if missing:
                raise BadInput("file_unreadable", f"The shapefile lacks its {missing[0]}.")
            for ending, each in parts.items():
                _written(folder / f"edited{ending}", archive.read(each))
    except _ARCHIVE_ERRORS as error:
        raise BadInput("file_unreadable", f"The archive cannot be read: {error}.") from error
    return folder / "edited.shp"


def _ending(member: zipfile.ZipInfo) -> str:
    return member.filename[-4:].lower()
