"""Whether edited shapes fit together on the ground of the grids they replace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely

from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.plane import Plane
from boundaries.comparing.wide import is_wide, widest
from boundaries.draft_coverage import DraftCoverage
from boundaries.refusals import Refused
from boundaries.steps import Shape
from gis.crs import Geometries, objects
from gis.measures import area_m2

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Drawn:
    """An edited row with its shape in degrees, brought to the base."""

    row: EditedGrid
    shape: Shape


def refuse_misfits(
    base: DraftCoverage,
    kept: Mapping[str, EditedGrid],
    drawn: Sequence[Drawn],
    retired: Sequence[str],
    plane: Plane,
) -> None:
    """Refuse what is no wider than 2 cm, and what does not fit together by more than that.

    Ground that two rows cover, that none does, or beyond the city.

    Parameters
    ----------
    kept
        Rows whose grids keep their ground, by the base's code.
    drawn
        Every other row.
    retired
        Codes of the base that are gone, with their ground.
    plane
        Of longitude and latitude.

    Raises
    ------
    Refused
        ``polygon_too_thin``; ``region_overlap``, ``outline_fixed``, ``region_uncovered``:
        named as by the operation that draws a region, but with rows and codes.
    """
    if not drawn and not retired:
        return
    changed = [each.row.code for each in drawn if each.row.code in base.grids]
    gone = [str(code) for code in (*changed, *retired)]
    old = plane.lay_shapes([base.grids[code].geometry for code in gone])
    new = plane.lay_shapes([each.shape for each in drawn])
    for each, wide in zip(drawn, is_wide(new).tolist(), strict=True):
        if not wide:
            raise each.row.refused(
                "polygon_too_thin", "it is nowhere wider than 2 cm.", each.shape, grid=each.row.code
            )
    box = shapely.total_bounds(
        objects([*(each.shape for each in drawn), *(base.grids[code].geometry for code in gone)])
    )
    beside = [code for code in base.meeting(tuple(box.tolist())) if code in kept]
    still = plane.lay_shapes([base.grids[code].geometry for code in beside])
    _refuse_overlaps(drawn, new, [kept[code] for code in beside], still, base, plane)
    _refuse_beyond(base, drawn, new, [*old, *still], plane)
    _refuse_uncovered(base, gone, old, [*new, *still], plane)


def _refuse_overlaps(
    drawn: Sequence[Drawn],
    new: Geometries,
    kept: Sequence[EditedGrid],
    still: Geometries,
    base: DraftCoverage,
    plane: Plane,
) -> None:
    rows = [*(each.row for each in drawn), *kept]
    shapes = objects([*new, *still])
    one, other = shapely.STRtree(shapes).query(shapes[: len(drawn)], "intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    crossing = ~shapely.touches(shapes[one], shapes[other])
    for a, b in zip(one[crossing].tolist(), other[crossing].tolist(), strict=True):
        both = widest(shapely.intersection(shapes[a], shapes[b]))
        if not shapely.is_empty(both):
            raise rows[a].refused(
                "region_overlap",
                f"it overlaps {rows[b].called} by {_size(both, base, plane)}.",
                plane.lift_shape(both),
                beside=(rows[b],),
                grids=[each.code for each in (rows[a], rows[b]) if each.code],
            )


def _refuse_beyond(
    base: DraftCoverage,
    drawn: Sequence[Drawn],
    new: Geometries,
    city: Geometries,
    plane: Plane,
) -> None:
    shapes = objects(city)
    tree = shapely.STRtree(shapes)
    for each, shape in zip(drawn, new, strict=True):
        around = shapely.union_all(shapes[tree.query(shape, "intersects")])
        beyond = widest(shapely.difference(shape, around))
        if not shapely.is_empty(beyond):
            raise each.row.refused(
                "outline_fixed",
                f"it goes beyond the outline of the city by {_size(beyond, base, plane)}; the"
                " outline moves by an operation of its own.",
                plane.lift_shape(beyond),
                grid=each.row.code,
            )


def _refuse_uncovered(
    base: DraftCoverage,
    gone: Sequence[str],
    old: Geometries,
    now: Geometries,
    plane: Plane,
) -> None:
    shapes = objects(now)
    tree = shapely.STRtree(shapes)
    open_ground = []
    for code, shape in zip(gone, old, strict=True):
        over = shapely.union_all(shapes[tree.query(shape, "intersects")])
        left = widest(shapely.difference(shape, over))
        if not shapely.is_empty(left):
            open_ground.append((code, left))
    if open_ground:
        named = ", ".join(code for code, _ in open_ground[:_NAMED])
        more = " …" if len(open_ground) > _NAMED else ""
        ground = shapely.union_all([left for _, left in open_ground])
        raise Refused(
            "region_uncovered",
            f"No row covers {_size(ground, base, plane)} that is of {named}{more} in the base;"
            " the ground of a grid that is gone or drawn smaller has to be another's.",
            plane.lift_shape(ground),
            grids=[code for code, _ in open_ground],
        )


def _size(ground: shapely.Geometry, base: DraftCoverage, plane: Plane) -> str:
    m2 = float(area_m2([plane.lift_shape(ground)], base.crs)[0])
    return f"{m2 / 10_000:,.2f} ha" if m2 >= 100 else f"{m2:,.2f} m²"
