"""A table with shapes as GeoParquet that says what it was made of."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pyarrow.parquet as pq

FACTS = b"wangge"
"""Under which key of the file's metadata the facts are, as JSON."""


def geoparquet(frame: gpd.GeoDataFrame, facts: Mapping[str, Any]) -> bytes:
    """A frame in its own CRS, and facts beside it."""
    plain, described = io.BytesIO(), io.BytesIO()
    frame.to_parquet(plain, index=False)
    # GeoPandas writes GeoParquet, but no facts beside it.
    table = pq.read_table(plain)
    about = json.dumps(facts, ensure_ascii=False).encode()
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), FACTS: about})
    pq.write_table(table, described)
    return described.getvalue()
