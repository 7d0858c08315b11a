"""The public map: cells with the sum of the rows that lie in each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from h3ronpy import cells_area_km2

from api.open_data.asking import OpenData, OpenQuestion
from api.open_data.files import facts_of, outlines
from api.open_data.months import name_of
from api.open_data.townships import Township
from gis.cells import Cells, names, resolutions_of
from gis.patterns.open_sums import OpenSums, OpenTables
from gis.store.open_data import OpenRows


def tables_of(rows: OpenRows, asked: OpenQuestion) -> OpenTables:
    """The rows by table: month by month, category by category."""
    months = np.array([release.month for release in asked.releases], dtype="datetime64[D]")
    order = {code: at for at, code in enumerate(asked.categories)}
    within = np.array([order[code] for code in rows.categories.tolist()], dtype=np.int64)
    return OpenTables(
        rows.cells,
        rows.counts,
        np.searchsorted(months, rows.months) * len(order) + within,
        np.repeat([release.coarsest for release in asked.releases], len(order)).astype(np.int64),
    )


@dataclass(frozen=True, eq=False)
class MapCells:
    """What the map is drawn from.

    ``every_month`` are all rows of the categories, whatever the months asked for; ``townships``
    are those of the cells.
    """

    data: OpenData
    asked: OpenQuestion
    every_month: OpenRows
    sums: OpenSums
    townships: list[Township | None]
    version: int | None

    def written(self) -> bytes:
        """As GeoJSON; a cell nothing is told of has the count null."""
        whole = {
            "type": "FeatureCollection",
            **facts_of(self.data, self.asked),
            "boundary_version": self.version,
            "tables": self.asked.tables,
            "by_month": self._by_month(),
            "by_category": self._by_category(),
            "features": self._features(),
        }
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()

    def _features(self) -> list[dict[str, Any]]:
        cells = self.sums.cells
        given = zip(
            names(cells),
            resolutions_of(cells).tolist(),
            _rounded_km2(cells),
            self.sums.counts.tolist(),
            self.sums.tables.tolist(),
            self.townships,
            outlines(cells),
            strict=True,
        )
        return [
            {
                "type": "Feature",
                "properties": {
                    "cell": cell,
                    "resolution": resolution,
                    "km2": km2,
                    "count": count if count or tables else None,
                    "tables": tables,
                    "township": None if place is None else place.code,
                    "township_name": None if place is None else place.name,
                },
                "geometry": shape,
            }
            for cell, resolution, km2, count, tables, place, shape in given
        ]

    def _by_month(self) -> list[dict[str, Any]]:
        counts = {name_of(release.month): 0 for release in self.data.releases}
        for month, count in zip(
            self.every_month.months.astype(object), self.every_month.counts.tolist(), strict=True
        ):
            counts[name_of(month)] += count
        return [{"month": month, "count": count} for month, count in counts.items()]

    def _by_category(self) -> list[dict[str, Any]]:
        counts = dict.fromkeys(self.asked.categories, 0)
        if self.asked.releases:
            first, last = self.asked.releases[0].month, self.asked.releases[-1].month
            rows = self.every_month
            within = (rows.months >= np.datetime64(first)) & (rows.months <= np.datetime64(last))
            for code, count in zip(
                rows.categories[within].tolist(), rows.counts[within].tolist(), strict=True
            ):
                counts[code] += count
        return [{"category": code, "count": count} for code, count in counts.items()]


def _rounded_km2(cells: Cells) -> list[float]:
    found: list[float] = np.round(pa.array(cells_area_km2(pa.array(cells))).to_numpy(), 3).tolist()
    return found
