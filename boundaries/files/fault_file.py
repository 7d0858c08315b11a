"""Show the faults of a coverage: a text to read and a GeoPackage to look at."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd

from boundaries.exchange import write_layers
from gis.coverage_faults import Fault, Faults
from gis.crs import STORAGE_SRID


def list_faults(faults: Faults) -> list[str]:
    """One line per fault: kind, codes, m², place (longitude, latitude), what it is."""
    return [
        f"{kind}: {', '.join(fault.codes) or '-'}: {fault.area_m2:,.2f} m²,"
        f" {_place(fault)}: {fault.reason}"
        for kind, found in faults.by_kind.items()
        for fault in found
    ]


def write_faults(faults: Faults, path: Path) -> None:
    """Write a GeoPackage with one layer for each kind of fault that was found.

    Layers ``invalid``, ``overlaps``, ``gaps``, ``mismatched``, ``holes``, ``multipart``;
    columns ``codes, area_m2, lng, lat, reason``; the geometry is the fault itself.
    """
    write_layers({kind: _frame(found) for kind, found in faults.by_kind.items() if found}, path)


def _frame(found: tuple[Fault, ...]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "codes": [", ".join(fault.codes) for fault in found],
            "area_m2": [fault.area_m2 for fault in found],
            "lng": [fault.lng for fault in found],
            "lat": [fault.lat for fault in found],
            "reason": [fault.reason for fault in found],
        },
        geometry=[fault.geometry for fault in found],
        crs=STORAGE_SRID,
    )


def _place(fault: Fault) -> str:
    if math.isnan(fault.lng):
        return "no place"
    return f"{fault.lng:.6f}, {fault.lat:.6f}"
