"""Publishing a coverage: proven, written with its upper levels, never altered again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from boundaries.succession.counted import Counted
from boundaries.succession.lineage import CodedPolygons, Descent, changed_between, trace
from gis.coverage import Proven, prove, prove_unchanged_outline
from gis.coverage_outline import OutlineChange, outline_change
from gis.crs import objects
from gis.errors import Conflict
from gis.measures import area_m2
from gis.store.building_counts import counts_near
from gis.store.engine import Transaction
from gis.store.lineage import add_lineage
from gis.store.succession import (
    StoredVersion,
    given_up_codes,
    outline_of_version,
    stored_version,
)
from gis.store.versions import (
    BEGINNING,
    LevelRows,
    Version,
    insert_version,
    lock_chain,
    version_chain,
)

NAMED_CODES = 5

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Published:
    """The version in force at the end of the chain; ``is_new`` unless it was there already.

    ``outline_change`` tells how its outline differs from that of the version before it.
    ``before`` are the grids of that one, and ``lineage`` is that of those that changed.
    """

    version: Version
    is_new: bool
    outline_change: OutlineChange | None = None
    before: CodedPolygons = field(default_factory=lambda: CodedPolygons.of([], []), repr=False)
    lineage: tuple[Descent, ...] = field(default=(), repr=False)


async def publish(
    tx: Transaction,
    frame: gpd.GeoDataFrame,
    *,
    effective_at: datetime,
    actor: str,
    crs: pyproj.CRS,
    allow_outline_change: bool = False,
    onto: int | None = None,
    proven: Proven | None = None,
) -> Published:
    """Prove a GridFrame and add it to the end of the chain, in the caller's transaction.

    The first version of a city is effective from ``BEGINNING``. A frame equal to
    the latest version, shape for shape and name for name, changes nothing. The outline
    stays that of the latest version unless ``allow_outline_change`` declares another.
    ``onto`` is the number of the version that the frame was made from, 0 for none; without
    it the frame is taken for a change of whatever is the latest. A frame that is what was
    ``proven`` before is held against the outline only.

    Raises
    ------
    BadInput
        From ``prove``, when the frame is not a valid coverage or its outline changed
        undeclared.
    Conflict
        ``version_moved``: there is a later version than ``onto``;
        ``effective_too_early``: not after the latest version's own instant;
        ``code_used_before``: a code of an earlier version that the latest has not, as
        cases and staff of old still mean the grid it was.
    """
    await lock_chain(tx)
    chain = await version_chain(tx)
    digest = await asyncio.to_thread(content_hash, frame)
    if chain and chain[-1].content_hash == digest:
        return Published(chain[-1], is_new=False)
    _refuse_moved_base(chain, onto)
    if not chain:
        effective_at = BEGINNING
    elif effective_at <= chain[-1].effective_at:
        latest = chain[-1].effective_at.astimezone(UTC).isoformat()
        raise Conflict(
            "effective_too_early",
            f"A new version must take effect after the latest one ({latest}).",
            latest=latest,
        )
    before, stored = None, None
    if chain:
        await _refuse_given_up_codes(tx, list(frame["code"]), chain[-1])
        before = await outline_of_version(tx, chain[-1].id)
        stored = await stored_version(tx, chain[-1].id)
    written = await asyncio.to_thread(
        _written,
        frame,
        crs,
        stored,
        unchanged_outline=None if allow_outline_change else before,
        proven=proven,
    )
    version = await insert_version(
        tx,
        effective_at=effective_at,
        actor=actor,
        content_hash=digest,
        outline=written.outline,
        townships=written.townships,
        communities=written.communities,
        grids=written.grids,
    )
    if before is None or stored is None:
        return Published(version, is_new=True)
    grids_before = coded(stored.grids)
    return Published(
        version,
        is_new=True,
        outline_change=outline_change(before, written.outline),
        before=grids_before,
        lineage=await _write_lineage(tx, version, grids_before, coded(frame), crs),
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """What is written of a coverage that holds."""

    outline: shapely.MultiPolygon
    townships: LevelRows
    communities: LevelRows
    grids: pd.DataFrame


def _written(
    frame: gpd.GeoDataFrame,
    crs: pyproj.CRS,
    before: StoredVersion | None,
    *,
    unchanged_outline: shapely.Geometry | None,
    proven: Proven | None,
) -> _Written:
    codes, polygons = list(frame["code"]), frame.geometry.to_numpy()
    if proven is None or not proven.is_of(codes, polygons):
        proven = prove(codes, polygons, None, crs, unchanged_outline=unchanged_outline)
    elif unchanged_outline is not None:
        prove_unchanged_outline(unchanged_outline, proven.outline)
    unchanged: frozenset[str] = frozenset()
    if before is not None:
        unchanged = (
            frozenset(frame["code"]) - changed_between(coded(before.grids), coded(frame)).after
        )
    return _Written(
        proven.outline,
        _level(frame, "township", None, before, unchanged),
        _level(frame, "community", "township", before, unchanged),
        frame[["code", "name", "kind", "community", "geometry"]].assign(
            area_m2=area_m2(polygons, crs), label=_labels(frame, before, unchanged)
        ),
    )


def _labels(
    frame: gpd.GeoDataFrame, before: StoredVersion | None, unchanged: frozenset[str]
) -> Shapes:
    """Label points of the grids; those that did not change keep theirs."""
    is_new = ~frame["code"].isin(unchanged).to_numpy()
    labels = np.empty(len(frame), dtype=object)
    labels[is_new] = label_points(frame.geometry.to_numpy()[is_new])
    if before is not None:
        kept = frame["code"].to_numpy()[~is_new]
        labels[~is_new] = [before.labels[code] for code in kept]
    return labels


async def _write_lineage(
    tx: Transaction,
    version: Version,
    before: CodedPolygons,
    after: CodedPolygons,
    crs: pyproj.CRS,
) -> tuple[Descent, ...]:
    lineage = await traced(tx, before, after, crs)
    if lineage:
        await add_lineage(tx, version.id, pd.DataFrame([asdict(row) for row in lineage]))
    return lineage


async def traced(
    tx: Transaction, before: CodedPolygons, after: CodedPolygons, crs: pyproj.CRS
) -> tuple[Descent, ...]:
    """The lineage from one version, or draft, to the next, with the city's own counts."""
    changed = await asyncio.to_thread(changed_between, before, after)
    touched = before.only(changed.before).polygons
    counts = await counts_near(tx, touched) if len(touched) else None
    counted = None
    if counts is not None and counts.households is not None:
        counted = Counted.of(counts.geometries, counts.households)
    return await asyncio.to_thread(trace, before, after, crs, counted)


def coded(frame: gpd.GeoDataFrame) -> CodedPolygons:
    """Codes and polygons of a GridFrame."""
    return CodedPolygons.of(list(frame["code"]), list(frame.geometry))


def _refuse_moved_base(chain: Sequence[Version], onto: int | None) -> None:
    latest = chain[-1].number if chain else 0
    if onto is not None and onto != latest:
        raise Conflict(
            "version_moved",
            f"Version {latest} was published meanwhile; this one was made from version {onto}.",
            latest=latest,
            onto=onto,
        )


async def _refuse_given_up_codes(tx: Transaction, codes: list[str], latest: Version) -> None:
    again = await given_up_codes(tx, codes, latest.id)
    if again:
        named = ", ".join(again[:NAMED_CODES]) + (" …" if len(again) > NAMED_CODES else "")
        raise Conflict(
            "code_used_before",
            f"{len(again)} codes belonged to grids of an earlier version and are not used again:"
            f" {named}; give these grids new codes",
            codes=list(again),
        )


def content_hash(frame: gpd.GeoDataFrame) -> bytes:
    """BLAKE2b-128 of codes, names, kinds, parents and shapes, in order of code."""
    digest = hashlib.blake2b(digest_size=16)
    columns = ["code", "name", "kind", "community", "community_name", "township", "township_name"]
    for row in frame[columns].itertuples(index=False):
        digest.update("\x1f".join(map(str, row)).encode() + b"\x1e")
    for wkb in shapely.to_wkb(frame.geometry.to_numpy()):
        digest.update(wkb)
    return digest.digest()


def label_points(polygons: Shapes) -> Shapes:
    """A point well inside each polygon, where its name is written (EPSG:4326).

    The centre of the largest circle that fits, to a fiftieth of the polygon's
    size; the widest part of a concave grid, where a centroid may lie outside.
    """
    tolerance = np.sqrt(np.maximum(shapely.area(polygons), 1e-18)) / 50
    circles = shapely.maximum_inscribed_circle(polygons, tolerance)
    points: Shapes = shapely.get_point(circles, 0)
    return points


def _level(
    frame: gpd.GeoDataFrame,
    level: str,
    parent: str | None,
    before: StoredVersion | None,
    unchanged: frozenset[str],
) -> LevelRows:
    """The unions of an upper level; one of the same unchanged grids as before keeps its own."""
    stored: Mapping[str, tuple[shapely.Geometry, shapely.Point]] = {}
    members_before: dict[str, frozenset[str]] = {}
    if before is not None:
        stored = before.townships if level == "township" else before.communities
        members_before = _members(before.grids, level)
    members = _members(frame, level)
    rows = frame.drop_duplicates(level).set_index(level)
    codes = sorted(members)
    new = [
        code
        for code in codes
        if members_before.get(code) != members[code] or not members[code] <= unchanged
    ]
    groups = frame.groupby(level).indices
    polygons = frame.geometry.to_numpy()
    unions = objects([shapely.coverage_union_all(polygons[groups[code]]) for code in new])
    made = dict(zip(new, zip(unions, label_points(unions), strict=True), strict=True))
    shapes = [made[code] if code in made else stored[code] for code in codes]
    return LevelRows(
        codes,
        [str(name) for name in rows[f"{level}_name"].loc[codes]],
        [] if parent is None else [str(code) for code in rows[parent].loc[codes]],
        objects([shape for shape, _ in shapes]),
        objects([label for _, label in shapes]),
    )


def _members(frame: gpd.GeoDataFrame, level: str) -> dict[str, frozenset[str]]:
    return {str(code): frozenset(found) for code, found in frame.groupby(level)["code"]}
