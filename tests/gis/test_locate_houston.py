from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.crs import metric_crs, project
from gis.locate import GridIndex, Reason

pytestmark = pytest.mark.houston

REPOSITORY = Path(__file__).resolve().parents[2]
NEAREST_M = 50.0


@pytest.fixture(scope="module")
def houston() -> Path:
    folder = Path(os.environ.get("WANGGE_TEST_DATA", REPOSITORY / "../shared/data"))
    if not (folder / "city-houston").is_dir():
        pytest.skip(f"WANGGE_TEST_DATA: no city-houston in {folder}")
    return folder / "city-houston"


@pytest.fixture(scope="module")
def incidents(houston: Path) -> gpd.GeoDataFrame:
    rows = pd.read_csv(houston / "incidents_2010.csv.gz").dropna(subset=["lon", "lat"])
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(rows["lon"], rows["lat"]), crs=4326)


@pytest.fixture(scope="module", params=["census_block_groups", "police_beats"])
def grids(houston: Path, request: pytest.FixtureRequest) -> gpd.GeoDataFrame:
    frame = gpd.read_file(houston / f"{request.param}.geojson")
    code = "GEOID" if request.param == "census_block_groups" else "Beats"
    # One beat is invalid as delivered and a code may stand for several shapes: here only the
    # join is tested, so any valid shape with a code of its own will do.
    frame = frame[[code, "geometry"]].set_axis(["code", "geometry"], axis=1)
    frame["geometry"] = [_areas(shape) for shape in frame.geometry.make_valid()]
    frame["code"] = frame["code"].astype(str) + "/" + frame.groupby("code").cumcount().astype(str)
    return frame.sort_values("code").reset_index(drop=True)


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a repaired shape, without the lines it may leave."""
    if not isinstance(shape, shapely.GeometryCollection):
        return shape
    return shapely.union_all([part for part in shape.geoms if part.area > 0])


def test_every_incident_gets_the_grid_that_geopandas_finds(
    grids: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame
) -> None:
    assert len(incidents) == 86_309
    lng, lat = incidents.geometry.x.to_numpy(), incidents.geometry.y.to_numpy()
    crs = metric_crs(-95.4, 29.8)
    index = GridIndex.build(
        grids["code"].tolist(), grids.geometry.to_numpy(), nearest_m=NEAREST_M, crs=crs
    )
    found = incidents.sjoin(grids, predicate="intersects")
    sets = found.groupby(level=0)["code"].agg(["min", "size"]).reindex(incidents.index)
    for fast_from in (0, len(lng) + 1):
        placed = index.locate(lng, lat, fast_from=fast_from)
        inside, edge = placed.reason == Reason.INSIDE, placed.reason == Reason.EDGE
        assert (inside == (sets["size"] == 1)).all()
        assert (edge == (sets["size"] > 1)).all()
        codes = grids["code"].to_numpy()[placed.grid]
        assert (codes[inside | edge] == sets["min"].to_numpy()[inside | edge]).all()
        without = placed.grid[sets["size"].isna()]
        assert ((without == -1) == (placed.reason[sets["size"].isna()] == Reason.OUTSIDE)).all()


def test_an_incident_outside_all_grids_goes_to_one_within_reach_or_to_none(
    grids: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame
) -> None:
    crs = metric_crs(-95.4, 29.8)
    shapes = grids.geometry.to_numpy()
    index = GridIndex.build(grids["code"].tolist(), shapes, nearest_m=NEAREST_M, crs=crs)
    lng, lat = incidents.geometry.x.to_numpy(), incidents.geometry.y.to_numpy()
    placed = index.locate(lng, lat)
    outline = project([shapely.union_all(shapes)], crs)[0]
    shapely.prepare(outline)
    rest = np.flatnonzero(placed.reason >= Reason.NEAREST)
    points = project(np.asarray(shapely.points(lng[rest], lat[rest])), crs)
    distance = shapely.distance(outline, points)
    nearest = placed.reason[rest] == Reason.NEAREST
    assert (nearest == (distance <= NEAREST_M)).all()
    assert nearest.any()
    named = shapely.distance(project(shapes, crs)[placed.grid[rest][nearest]], points[nearest])
    assert np.abs(named - distance[nearest]).max() < 1e-6
