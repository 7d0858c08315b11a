"""The proofs every boundary version passes, and its outline.

A coverage is an array of polygons (degrees, on the storage grid) that neither overlap
nor leave a hole that is not declared. `shapely.coverage_is_valid` sees overlaps and
mismatched edges but not a missing grid, therefore the outline is compared as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.errors import GEOSException

from gis.coverage_outline import STRAIGHT_DEGREES, outline_change
from gis.crs import Geometries, objects
from gis.errors import BadInput
from gis.measures import area_m2

OUTLINE_TOLERANCE_M2 = 1.0


def outline_of(polygons: Geometries) -> shapely.MultiPolygon:
    """Unite a valid coverage into its outline, declared holes included.

    Keeps every vertex and makes no new coordinate.

    Raises
    ------
    BadInput
        ``coverage_invalid`` when the polygons do not fit together.
    """
    try:
        union = shapely.normalize(shapely.coverage_union_all(objects(polygons)))
    except GEOSException as error:
        raise BadInput("coverage_invalid", f"the polygons do not unite: {error}") from error
    outline = shapely.MultiPolygon([part for part in shapely.get_parts(union) if not part.is_empty])
    if not shapely.is_valid(outline):  # overlaps that GEOS unites without a word
        raise BadInput(
            "coverage_invalid", f"the polygons overlap: {shapely.is_valid_reason(outline)}"
        )
    return outline


@dataclass(frozen=True, slots=True, eq=False)
class Proven:
    """Polygons that passed the proofs, in order of code, and the outline they unite to.

    Only ``prove`` makes one: whoever asks for it need not prove the same polygons again.
    """

    codes: tuple[str, ...]
    polygons: NDArray[np.object_]
    outline: shapely.MultiPolygon

    def is_of(self, codes: Sequence[str], polygons: Geometries) -> bool:
        """Whether these are the polygons that passed, corner for corner, in any order."""
        shapes = objects(polygons)
        order = np.argsort(np.asarray(codes, dtype=object), kind="stable")
        return (
            len(codes) == len(shapes)
            and self.codes == tuple(codes[at] for at in order.tolist())
            and bool(shapely.equals_identical(shapes[order], self.polygons).all())
        )


def prove(
    codes: Sequence[str],
    polygons: Geometries,
    outline: shapely.Geometry | None,
    crs: pyproj.CRS,
    *,
    unchanged_outline: shapely.Geometry | None = None,
) -> Proven:
    """Prove that the polygons are a version that may be published.

    Parameters
    ----------
    codes, polygons
        Grid codes and their polygons in degrees, in one order.
    outline
        The outline stored with the version; None where it is their union that will be stored.
    crs
        Metric CRS that measures the difference of outlines.
    unchanged_outline
        The outline of the version before, when no operation declares a change of it; None
        for a first version or a declared change.

    Raises
    ------
    BadInput
        Naming the proof that failed: ``polygon_invalid`` (each polygon is valid and has an
        area), ``coverage_invalid`` (no overlap, no mismatched edge), ``outline_differs``
        (union against stored outline, under 1 m²), ``outline_changed`` (an outline moves
        only by its own explicit operation).
    """
    shapes = objects(polygons)
    if len(codes) != len(shapes) or not len(shapes):
        raise BadInput("coverage_invalid", f"{len(codes)} codes for {len(shapes)} polygons")
    _prove_each_valid(codes, shapes)
    if not shapely.coverage_is_valid(shapes):
        at = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes))).tolist()
        named = [codes[index] for index in at]
        raise BadInput(
            "coverage_invalid",
            f"the edges of {len(named)} grids do not match their neighbours': {_some(named)}",
            codes=named,
        )
    union = outline_of(shapes)
    if outline is not None:
        _prove_stored_outline(union, outline, crs)
    if unchanged_outline is not None:
        prove_unchanged_outline(unchanged_outline, union)
    order = np.argsort(np.asarray(codes, dtype=object), kind="stable")
    return Proven(tuple(codes[at] for at in order.tolist()), shapes[order], union)


def _prove_each_valid(codes: Sequence[str], shapes: Geometries) -> None:
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6))
    good = polygonal & shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    if good.all():
        return
    index = int(np.flatnonzero(~good)[0])
    reason = shapely.is_valid_reason(shapes[index]) if polygonal[index] else "not a polygon"
    if polygonal[index] and shapely.is_empty(shapes[index]):
        reason = "it has no area"
    raise BadInput(
        "polygon_invalid",
        f"{int((~good).sum())} invalid polygons; grid {codes[index]}: {reason}",
        codes=[codes[i] for i in np.flatnonzero(~good).tolist()],
    )


def _prove_stored_outline(
    union: shapely.Geometry, outline: shapely.Geometry, crs: pyproj.CRS
) -> None:
    if shapely.equals_exact(union, shapely.normalize(outline), 0.0):
        return
    difference = shapely.symmetric_difference(union, outline)
    along = shapely.segmentize(difference, STRAIGHT_DEGREES)
    differs_m2 = float(area_m2([along], crs)[0])
    if not differs_m2 < OUTLINE_TOLERANCE_M2:
        place = shapely.point_on_surface(difference)
        raise BadInput(
            "outline_differs",
            f"the union of the grids differs from the stored outline by {differs_m2:,.2f} m²,"
            f" for instance at {place.x:.6f}, {place.y:.6f}",
            area_m2=differs_m2,
            lng=place.x,
            lat=place.y,
        )


def prove_unchanged_outline(before: shapely.Geometry, union: shapely.Geometry) -> None:
    """The last of the proofs: an outline that nobody declared a change of did not move.

    Raises
    ------
    BadInput
        ``outline_changed``.
    """
    change = outline_change(before, union)
    if change is not None and not change.moved_m2 < OUTLINE_TOLERANCE_M2:
        raise BadInput(
            "outline_changed",
            f"the outline differs from that of the version before, {change},"
            f" for instance at {change.lng:.6f}, {change.lat:.6f};"
            " a change of the outline has to be declared",
            added_m2=change.added_m2,
            removed_m2=change.removed_m2,
            lng=change.lng,
            lat=change.lat,
        )


def _some(codes: Sequence[str], most: int = 5) -> str:
    return ", ".join(codes[:most]) + (" …" if len(codes) > most else "")
