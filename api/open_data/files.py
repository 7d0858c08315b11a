"""The rows of the counts for everybody as files."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely

from api.geoparquet import geoparquet
from api.open_data.asking import OpenData, OpenQuestion
from api.open_data.months import name_of
from gis.cells import Cells, middles, names, polygons, resolutions_of
from gis.store.open_data import OpenRows

Format = Literal["csv", "geojson", "parquet"]
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}
DECIMALS = 6
"""Of degrees: 0.1 m."""


def written(form: Format, rows: OpenRows, data: OpenData, asked: OpenQuestion) -> bytes:
    """The rows in one of the formats; all of them hold the same columns."""
    columns = _columns(rows, data)
    if form == "csv":
        return _csv(columns)
    facts = facts_of(data, asked)
    if form == "geojson":
        return _geojson(columns, rows.cells, facts)
    return _parquet(columns, rows.cells, facts)


def file_name(form: Format, data: OpenData) -> str:
    """What a browser calls the file; made-up data says so."""
    code = "" if data.city is None else f"-{data.city.code}"
    made_up = "-demo-data" if data.city is not None and data.city.generated else ""
    return f"wangge-open-counts{code}{made_up}.{form}"


def facts_of(data: OpenData, asked: OpenQuestion) -> dict[str, Any]:
    """What a file says of itself: whose counts, of which months, by which rules."""
    return {
        "city": None if data.city is None else data.city.name,
        "generated": data.city is not None and data.city.generated,
        "licence": data.profile.open_data.licence,
        "categories": list(asked.categories),
        "months": [
            {
                "month": name_of(release.month),
                "released_at": release.released_at.isoformat(),
                "least": release.least,
                "coarsest": release.coarsest,
                "finest": release.finest,
            }
            for release in asked.releases
        ],
    }


def outlines(cells: Cells) -> list[dict[str, Any]]:
    """Cells as GeoJSON polygons, wound as RFC 7946 wants it."""
    rings = [
        np.round(shapely.get_coordinates(shape), DECIMALS).tolist()
        for shape in shapely.orient_polygons(polygons(cells))
    ]
    return [{"type": "Polygon", "coordinates": [ring]} for ring in rings]


def _columns(rows: OpenRows, data: OpenData) -> dict[str, list[Any]]:
    lng, lat = middles(rows.cells)
    known = data.profile.category
    codes = rows.categories.tolist()
    return {
        "month": [name_of(month) for month in rows.months.astype(object)],
        "category": codes,
        "category_zh": [known[code].zh for code in codes],
        "category_en": [known[code].en for code in codes],
        "cell": names(rows.cells),
        "resolution": resolutions_of(rows.cells).tolist(),
        "lng": np.round(lng, DECIMALS).tolist(),
        "lat": np.round(lat, DECIMALS).tolist(),
        "count": rows.counts.tolist(),
    }


def _csv(columns: dict[str, list[Any]]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(columns)
    table.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def _geojson(columns: dict[str, list[Any]], cells: Cells, facts: dict[str, Any]) -> bytes:
    rows = zip(*columns.values(), strict=True)
    features = [
        {"type": "Feature", "properties": dict(zip(columns, row, strict=True)), "geometry": shape}
        for row, shape in zip(rows, outlines(cells), strict=True)
    ]
    whole = {"type": "FeatureCollection", **facts, "features": features}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _parquet(columns: dict[str, list[Any]], cells: Cells, facts: dict[str, Any]) -> bytes:
    return geoparquet(gpd.GeoDataFrame(columns, geometry=polygons(cells), crs=4326), facts)
