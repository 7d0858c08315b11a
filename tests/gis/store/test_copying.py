"""Columns as PostgreSQL receives them."""

from __future__ import annotations

import numpy as np
import shapely

from gis.store.copying import ewkb, ewkb_points


def test_points_written_as_columns_are_what_geos_writes() -> None:
    rng = np.random.default_rng(1)
    lng, lat = rng.uniform(-180, 180, 1000), rng.uniform(-90, 90, 1000)
    expected = ewkb(shapely.points(lng, lat), 4326)
    assert ewkb_points(lng, lat).to_pylist() == expected.tolist()


def test_no_points_are_an_empty_column() -> None:
    assert ewkb_points(np.empty(0), np.empty(0)).to_pylist() == []
