"""H3 cells: points counted by cell, and the cells a region is studied in.

Points are given a cell once, at the finest resolution; coarser counts are those of the parents by
index, so that they add up. A parent does not cover its seven children exactly: near its edge
a point may lie in one cell directly and in the children of another (``docs/hotspots.md`` tells how
many do).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from h3ronpy import (
    ContainmentMode,
    cells_parse,
    cells_to_string,
    cells_valid,
    change_resolution_list,
    grid_disk,
)
from h3ronpy.vector import (
    cells_to_coordinates,
    cells_to_wkb_polygons,
    coordinates_to_cells,
    geometry_to_cells,
)
from numpy.typing import ArrayLike, NDArray

from gis.errors import BadInput

if TYPE_CHECKING:
    from gis.patterns.neighbours import Neighbours

Cells = NDArray[np.uint64]
Floats = NDArray[np.float64]

COARSEST, FINEST = 0, 15
CASE_RESOLUTION = 11
"""Of the cell that is kept with each case: 25 m from its middle to a corner."""
# A cell that the region only touches has rounding as its share.
_LEAST_SHARE = 1e-9
MOST_CELLS = 5_000_000
"""A region of more is refused: so many cells and their neighbours take 2 GB."""
_BASE_CELL_KM2 = 4_357_449.4
_KM_OF_DEGREE = 111.2


def cells_of(lng: ArrayLike, lat: ArrayLike, resolution: int) -> Cells:
    """The cell of each point in degrees.

    Raises
    ------
    BadInput
        ``resolution_invalid``; ``coordinates_invalid`` naming the first row whose point is none.
    """
    check_resolution(resolution)
    x, y = np.asarray(lng, dtype=float), np.asarray(lat, dtype=float)
    wrong = ~((np.abs(x) <= 180) & (np.abs(y) <= 90))
    if wrong.any():
        row = int(wrong.argmax())
        raise BadInput(
            "coordinates_invalid",
            f"row {row + 1} is no place: longitude {x[row]}, latitude {y[row]}",
            row=row + 1,
        )
    return _uint64(coordinates_to_cells(pa.array(y), pa.array(x), resolution))


def check_resolution(resolution: int) -> None:
    """Refuse what is no resolution of H3.

    Raises
    ------
    BadInput
        ``resolution_invalid``.
    """
    if not COARSEST <= resolution <= FINEST:
        raise BadInput(
            "resolution_invalid",
            f"a resolution lies between {COARSEST} and {FINEST}, not at {resolution}",
            resolution=resolution,
        )


def parents(cells: Cells, resolution: int) -> Cells:
    """The cell of a coarser resolution (or the same) that each cell belongs to by its index.

    The index holds the resolution in bits 52 to 55 and a digit of three bits for each finer one,
    all ones where it is not that fine.
    """
    kept, set_ = parent_bits(resolution)
    # As unsigned: the lower mask leaves the sign's bit.
    return (cells & np.uint64(kept & (1 << 64) - 1)) | np.uint64(set_)


def parent_bits(resolution: int) -> tuple[int, int]:
    """Masks, as signed numbers of 64 bits, that make a parent of a cell: ``cell & kept | set``."""
    bits = 0xF << 52
    return ~bits, resolution << 52 | (1 << 3 * (FINEST - resolution)) - 1


def counts_by_resolution(
    lng: ArrayLike, lat: ArrayLike, resolutions: Sequence[int]
) -> dict[int, tuple[Cells, NDArray[np.int64]]]:
    """Occupied cells in order, and how many points each has, by resolution.

    Each point is given a cell once, at the finest of them; the others are summed from there.
    """
    finest = max(resolutions)
    cells, counts = np.unique(cells_of(lng, lat, finest), return_counts=True)
    found = {}
    for resolution in resolutions:
        coarse, at = np.unique(parents(cells, resolution), return_inverse=True)
        summed = np.bincount(at, weights=counts, minlength=len(coarse))
        found[resolution] = coarse, summed.astype(np.int64)
    return found


def cell_named(name: str) -> int:
    """The cell that H3 writes so.

    Raises
    ------
    BadInput
        ``cell_invalid``.
    """
    try:
        parsed = pa.array(cells_parse([name]))
    except ValueError:
        parsed = pa.array([], pa.uint64())
    if len(parsed) != 1 or not parsed[0].is_valid:
        raise _no_cell(name)
    return int(parsed[0].as_py())


def check_cell(cell: int, finest: int) -> None:
    """Refuse what is no cell, or is finer than a resolution.

    Raises
    ------
    BadInput
        ``cell_invalid``, ``resolution_too_fine``.
    """
    if not _is_cell(cell):
        raise _no_cell(f"{cell:x}")
    (own,) = resolutions_of(np.array([cell], dtype=np.uint64)).tolist()
    if own > finest:
        raise BadInput(
            "resolution_too_fine",
            f"cell {cell:x} is of resolution {own}; at most {finest} can be asked for",
            field="cell",
            resolution=own,
        )


def resolutions_of(cells: Cells) -> NDArray[np.int64]:
    """The resolution of each cell."""
    found: NDArray[np.int64] = (cells >> np.uint64(52) & np.uint64(0xF)).astype(np.int64)
    return found


def box_of_children(cells: Cells) -> tuple[float, float, float, float] | None:
    """A box in degrees around all points whose cell belongs to one of these by its index.

    None where it would hold a pole or reach over 180 degrees. Children of children stick out of a
    cell by less than a fifth of its width; the box leaves half of it.
    """
    west, south, east, north = shapely.bounds(polygons(cells)).T
    wide, high = (east - west) / 2, (north - south) / 2
    box = (
        float((west - wide).min()),
        float((south - high).min()),
        float((east + wide).max()),
        float((north + high).max()),
    )
    whole = shapely.box(-180, -85, 180, 85)
    return box if whole.contains_properly(shapely.box(*box)) else None


def _is_cell(cell: int) -> bool:
    if not 0 <= cell < 1 << 63:
        return False
    return bool(pa.array(cells_valid(pa.array([cell], pa.uint64())))[0].is_valid)


def _no_cell(name: str) -> BadInput:
    return BadInput("cell_invalid", f"{name!r} is no cell of H3", field="cell", value=name)


def names(cells: Cells) -> list[str]:
    """Cells as H3 writes them, in hexadecimal digits."""
    found: list[str] = pa.array(cells_to_string(pa.array(cells))).to_pylist()
    return found


def middles(cells: Cells) -> tuple[Floats, Floats]:
    """Longitude and latitude of the middle of each cell, in degrees."""
    found = pa.record_batch(cells_to_coordinates(pa.array(cells)))
    return found["lng"].to_numpy(), found["lat"].to_numpy()


def children(cells: Cells, resolution: int) -> tuple[Cells, NDArray[np.int64]]:
    """The cells of a finer resolution that belong to each cell by its index, and how many."""
    lists = pa.array(change_resolution_list(pa.array(cells), resolution))
    return _uint64(lists.flatten()), np.diff(lists.offsets.to_numpy()).astype(np.int64)


def polygons(cells: Cells) -> NDArray[np.object_]:
    """The outline of each cell in degrees; across 180 degrees it goes on beyond them."""
    shapes: NDArray[np.object_] = shapely.from_wkb(
        pa.array(cells_to_wkb_polygons(pa.array(cells))).to_numpy(False)
    )
    west, _, east, _ = shapely.bounds(shapes).T
    for at in np.flatnonzero(east - west > 180):
        shapes[at] = shapely.transform(shapes[at], _beyond)
    return shapes


def _beyond(corners: Floats) -> Floats:
    lng, lat = corners.T
    return np.column_stack([np.where(lng < 0, lng + 360, lng), lat])


@dataclass(frozen=True, eq=False)
class CellRegion:
    """All cells that overlap a region, in order of their index.

    Parameters
    ----------
    share
        How much of each cell lies in the region, above 0, 1 where all of it does.
    """

    cells: Cells
    share: Floats
    resolution: int

    @classmethod
    def of(cls, region: shapely.Geometry, resolution: int) -> CellRegion:
        """The cells that overlap a polygon in degrees.

        Raises
        ------
        BadInput
            ``resolution_invalid``; ``resolution_too_fine`` for more than five million cells.
        """
        _refuse_too_fine(region, resolution)
        found = _uint64(geometry_to_cells(region, resolution, ContainmentMode.Covers))
        cells = np.unique(found)
        shapes = polygons(cells)
        shapely.prepare(region)
        share = np.ones(len(cells))
        at_edge = np.flatnonzero(~shapely.contains(region, shapes))
        inside = shapely.area(shapely.intersection(shapes[at_edge], region))
        crossing = shapely.bounds(shapes[at_edge])[:, 2] > 180
        if crossing.any():
            again = shapely.transform(region, lambda at: at + np.array([360.0, 0.0]))
            inside[crossing] += shapely.area(shapely.intersection(shapes[at_edge[crossing]], again))
        share[at_edge] = np.minimum(1.0, inside / shapely.area(shapes[at_edge]))
        overlap = share > _LEAST_SHARE
        return cls(cells[overlap], share[overlap], resolution)

    @classmethod
    def around(cls, lng: Floats, lat: Floats, resolution: int) -> CellRegion:
        """The cells around points whose region nobody told: all that overlap their convex hull.

        Each counts as whole. Points on both sides of 180 degrees are held together across it.

        Raises
        ------
        BadInput
            As for ``of``.
        """
        is_across = bool(np.ptp(lng) > 180) if len(lng) else False
        x = np.where(lng < 0, lng + 360, lng) if is_across else lng
        # A line or a point has no ground; a tenth of a metre does.
        points = shapely.multipoints(np.column_stack([x, lat]))
        hull: Any = shapely.buffer(shapely.convex_hull(points), 1e-6)
        if is_across:
            east = shapely.clip_by_rect(hull, 0, -90, 180, 90)
            west = shapely.clip_by_rect(hull, 180, -90, 360, 90)
            hull = shapely.union(
                east, shapely.transform(west, lambda at: at - np.array([360.0, 0.0]))
            )
        found = cls.of(hull, resolution)
        return cls(found.cells, np.ones(len(found.cells)), resolution)

    def positions(self, cells: Cells) -> NDArray[np.int64]:
        """Where each cell stands in the region, -1 where it is none of it."""
        at = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
        return np.where(self.cells[at] == cells, at, -1)

    def counts(self, cells: Cells) -> Floats:
        """How many of these cells, one for each case, are which of the region; zeros are kept."""
        at = self.positions(cells)
        return np.bincount(at[at >= 0], minlength=len(self.cells)).astype(float)

    def rings(self, k: int) -> Neighbours:
        """Neighbours up to ``k`` steps away, within the region; a pentagon has five a step less."""
        # Whoever stores a case loads this module, and scipy takes 0.3 s to load.
        from gis.patterns.neighbours import Neighbours

        disks = pa.array(grid_disk(pa.array(self.cells), k))
        starts = disks.offsets.to_numpy()
        others = self.positions(disks.flatten().to_numpy())
        first = np.repeat(np.arange(len(self.cells)), np.diff(starts))
        known = others >= 0
        return Neighbours.of_pairs(len(self.cells), first[known], others[known])


def most_cells(region: shapely.Geometry, resolution: int) -> float:
    """No fewer cells than overlap a region in degrees, but for a few at its edge.

    Of the boxes of its parts: a slanted region has half as many.
    """
    check_resolution(resolution)
    # Part by part, for what lies on both sides of 180 degrees has a box around the whole earth.
    west, south, east, north = shapely.bounds(shapely.get_parts(region)).T
    wide = (east - west) * _KM_OF_DEGREE * np.cos(np.radians((south + north) / 2))
    cell_km2 = _BASE_CELL_KM2 / 7.0**resolution
    return float((wide * (north - south) * _KM_OF_DEGREE).sum() / cell_km2)


def _refuse_too_fine(region: shapely.Geometry, resolution: int) -> None:
    about = most_cells(region, resolution)
    if about > MOST_CELLS:
        raise BadInput(
            "resolution_too_fine",
            f"resolution {resolution} cuts this region into {about:,.0f} cells or so,"
            f" {MOST_CELLS:,} at most; choose a coarser one",
            resolution=resolution,
        )


def resolution_of(cells: Cells) -> int:
    """The resolution that cells have in common.

    Raises
    ------
    BadInput
        ``cells_mixed``.
    """
    found = np.unique(resolutions_of(cells))
    if len(found) != 1:
        raise BadInput("cells_mixed", "the cells are of several resolutions, or there are none")
    return int(found[0])


def _uint64(array: object) -> Cells:
    found: Cells = pa.array(array).to_numpy(zero_copy_only=False).astype(np.uint64)
    return found
