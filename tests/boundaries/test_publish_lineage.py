"""Publishing writes the lineage of the grids that changed, in its own transaction."""

from __future__ import annotations

from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from boundaries.publish import label_points
from gis.crs import objects
from gis.errors import Conflict
from gis.store.building_counts import replace_counts
from gis.store.engine import Transaction
from gis.store.lineage import lineage_of
from gis.store.succession import stored_version
from tests.gis.store.counts_oracle import counted, lattice_city
from tests.small_city import NOON, SOUTH, STEP, WEST, nine_grids, publish_small_city


def halved() -> gpd.GeoDataFrame:
    """The nine grids with ``g11`` cut from south to north into ``g11-1`` and ``g11-2``."""
    frame = nine_grids()
    middle = WEST + 1.5 * STEP
    cut = {"g11-1": (WEST + STEP, middle), "g11-2": (middle, WEST + 2 * STEP)}
    whole = frame[frame["code"] == "g11"]
    rows = [
        whole.assign(code=code, geometry=[shapely.box(west, SOUTH + STEP, east, SOUTH + 2 * STEP)])
        for code, (west, east) in cut.items()
    ]
    # The neighbours north and south have the ends of the cut as corners of their own.
    rest = frame[frame["code"] != "g11"].copy()
    for code, y in (("g10", SOUTH + STEP), ("g12", SOUTH + 2 * STEP)):
        at = rest["code"] == code
        ring = shapely.segmentize(rest.loc[at, "geometry"].iloc[0], STEP / 2)
        assert (middle, y) in {(round(x, 9), round(z, 9)) for x, z in ring.exterior.coords}
        corners = [*shapely.box(*ring.bounds).exterior.coords[:-1]]
        place = next(
            index
            for index, (a, b) in enumerate(zip(corners, [*corners[1:], corners[0]], strict=True))
            if abs(a[1] - y) < 1e-9 and abs(b[1] - y) < 1e-9
        )
        corners.insert(place + 1, (middle, y))
        rest.loc[at, "geometry"] = shapely.Polygon(corners)
    frame = gpd.GeoDataFrame(pd.concat([rest, *rows]), crs=4326)
    return frame.sort_values("code").reset_index(drop=True)


async def test_lineage_is_written_with_the_version_and_read_back_by_code(tx: Transaction) -> None:
    await replace_counts(
        tx,
        counted(
            [shapely.Point(WEST + (1 + at) * STEP, SOUTH + 1.5 * STEP) for at in (0.2, 0.8)],
            [30, 10],
        ),
    )
    first = (await publish_small_city(tx)).version
    second = await publish_small_city(tx, at=NOON, frame=halved())
    assert list(await lineage_of(tx, first.id)) == list(await lineage_of(tx, second.version.id))
    assert len(await lineage_of(tx, first.id)) == 0
    told = (await lineage_of(tx, second.version.id)).set_index(["old", "new"])
    split = told.loc["g11"]
    assert list(split.index) == ["g11-1", "g11-2"]
    assert list(split["area_share"]) == pytest.approx([0.5, 0.5], abs=1e-4)
    assert list(split["households_share"]) == [0.75, 0.25]
    # Their ring has a corner more: they are what they were.
    assert {pair for pair in told.index if pair[0] != "g11"} == {("g10", "g10"), ("g12", "g12")}
    # A corner in the middle of 1 km bends it by the plane's curve.
    assert told.loc[("g10", "g10"), "area_share"] == pytest.approx(1.0, abs=1e-5)
    assert told["households_share"].isna()[("g10", "g10")]
    assert [(row.old, row.new) for row in second.lineage] == list(told.index)


async def test_a_city_without_counts_has_no_share_of_households(tx: Transaction) -> None:
    await publish_small_city(tx)
    second = await publish_small_city(tx, at=NOON, frame=halved())
    assert (await lineage_of(tx, second.version.id))["households_share"].isna().all()


async def test_names_alone_make_a_version_without_lineage(tx: Transaction) -> None:
    await publish_small_city(tx)
    second = await publish_small_city(tx, at=NOON, frame=nine_grids().assign(name="改名"))
    assert second.is_new
    assert len(await lineage_of(tx, second.version.id)) == 0


@pytest.mark.parametrize(
    "change",
    ["UPDATE grid_lineages SET area_m2 = 1", "DELETE FROM grid_lineages", "TRUNCATE grid_lineages"],
)
async def test_lineage_is_never_altered(tx: Transaction, change: str) -> None:
    await publish_small_city(tx)
    await publish_small_city(tx, at=NOON, frame=halved())
    with pytest.raises(IntegrityError, match="grid_lineages rows are never altered"):
        await tx.execute(text(change))


async def test_who_made_a_version_from_another_than_the_latest_is_told_so(tx: Transaction) -> None:
    await publish_small_city(tx)
    await publish_small_city(tx, at=NOON, frame=halved(), onto=1)
    with pytest.raises(Conflict) as refusal:
        await publish_small_city(
            tx, at=NOON + timedelta(days=1), frame=nine_grids().assign(name="b"), onto=1
        )
    assert refusal.value.code == "version_moved"
    assert refusal.value.where == {"latest": 2, "onto": 1}


@pytest.mark.parametrize("seed", range(4))
async def test_what_a_version_keeps_of_the_one_before_is_what_would_be_computed_anew(
    tx: Transaction, seed: int
) -> None:
    """Upper levels and label points, when grids, communities and names change."""
    frame = lattice_city(seed)
    await publish_small_city(tx, frame=frame)
    changed = frame.copy()
    rng = np.random.default_rng(seed)
    moved = rng.permutation(len(frame))[:3]
    changed.loc[moved[0], "community"] = "c9"
    changed.loc[moved[1], ["community", "name"]] = ["c0", "改名"]
    changed.loc[moved[2], "code"] = "new"
    changed = changed.sort_values("code", ignore_index=True)
    kept = (await publish_small_city(tx, at=NOON, frame=changed)).version
    expected = {
        str(code): shapely.coverage_union_all(group.geometry.to_numpy())
        for code, group in changed.groupby("community")
    }
    stored = await stored_version(tx, kept.id)
    assert set(stored.communities) == set(expected)
    for code, union in expected.items():
        assert shapely.equals(stored.communities[code][0], union), code
        assert stored.communities[code][1].equals(label_points(objects([union]))[0])
    labels = label_points(changed.geometry.to_numpy())
    for code, label in zip(changed["code"], labels, strict=True):
        assert stored.labels[code].equals(label), code
