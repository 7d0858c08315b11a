"""Bringing edited shapes to the base: a corner that is nearly one of the base becomes it.

What lies nearly on an edge of the base comes to lie on it, and new corners of neighbours
that are nearly the same become one. So the noise of a projection, of a format's digits and
of a neighbour that was not drawn along with the edge is gone before anything is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from boundaries.comparing.base_lines import BaseLines
from boundaries.comparing.corners import NONE, Corners, Numbers, Run, without_spikes
from boundaries.comparing.joining import feet, joined, on_lines, refuse_crowds
from boundaries.comparing.passing import through, without_needless
from boundaries.comparing.plane import Places
from boundaries.steps import Shape
from gis.crs import STEPS_PER_DEGREE, Geometries

FARTHER_M = 1e-4
"""A corner that was brought farther than a step of the storage grid counts as moved."""


@dataclass(frozen=True, slots=True)
class Snapped:
    """Edited shapes as runs of numbered places.

    Parameters
    ----------
    corners
        Of the shapes as they came.
    places
        In degrees on the storage grid: those of the base, and the new ones behind them.
    runs
        The rings, in step with those of ``corners``.
    moved
        How many corners were brought to another place.
    """

    corners: Corners
    places: Places
    runs: Sequence[Run]
    moved: int

    def shape_of(self, polygon: int) -> Shape | None:
        """One shape in degrees, perhaps invalid; None where nothing is left of it."""
        parts: dict[int, list[Places]] = {}
        first, behind = np.searchsorted(self.corners.polygon, (polygon, polygon + 1)).tolist()
        for at in range(first, behind):
            run, part = self.runs[at], int(self.corners.part[at])
            if len(run) > 2:
                parts.setdefault(part, []).append(self.places[[*run, run[0]]])
            elif not self.corners.hole[at]:
                parts[part] = []
        kept = [shapely.Polygon(rings[0], rings[1:]) for rings in parts.values() if rings]
        if len(kept) < 2:
            return kept[0] if kept else None
        return shapely.MultiPolygon(kept)


@dataclass(frozen=True, slots=True)
class _New:
    """New places in degrees and in the file's plane, and the edge of the base each lies on."""

    degrees: Places
    metres: Places
    hosts: Numbers


def snap(base: BaseLines, polygons: Geometries) -> Snapped:
    """Bring shapes in degrees to a base and to each other.

    Raises
    ------
    Refused
        ``corners_too_dense``.
    """
    corners = Corners.of(polygons)
    raw = base.plane.lay(corners.degrees)
    numbers = base.at(raw)
    new = np.flatnonzero(numbers == NONE)
    refuse_crowds(corners.degrees[new], raw[new])
    host = np.full(len(raw), NONE, dtype=np.int64)
    host[new] = _hosts(base, corners.degrees[new], raw[new])
    # First come those that are sure of their place: at a corner, then on an edge.
    near = np.flatnonzero(numbers != NONE)
    order = np.concatenate([near, new[host[new] != NONE], new[host[new] == NONE]])
    leader = joined(raw, order, settled=len(near))
    numbers = numbers[leader]
    leaders = np.unique(leader[numbers == NONE])
    placed = _placed(base, corners.degrees[leaders], raw[leaders], host[leaders])
    of_leader = base.numbers_among(placed.degrees)
    numbers[numbers == NONE] = of_leader[np.searchsorted(leaders, leader[numbers == NONE])]
    metres = np.concatenate([base.metres, placed.metres])
    runs = through(base, metres, placed.hosts, corners.runs(numbers))
    runs = without_needless(base, placed.hosts, runs)
    return Snapped(
        corners,
        np.concatenate([base.degrees, placed.degrees]),
        [without_spikes(run) for run in runs],
        moved=int((np.hypot(*(metres[numbers] - raw).T) > FARTHER_M).sum()),
    )


def _hosts(base: BaseLines, degrees: Places, raw: Places) -> Numbers:
    """The edge of the base that each new corner is on, as this program draws edges or as theirs."""
    ours = on_lines(base.flat_metres, base.edges, base.flat.lay(degrees))
    theirs = on_lines(base.metres, base.edges, raw)
    hosts: Numbers = np.where(ours == NONE, theirs, ours)
    return hosts


def _placed(base: BaseLines, degrees: Places, raw: Places, hosts: Numbers) -> _New:
    """New corners where they are to be."""
    on_edge = np.flatnonzero(hosts != NONE)
    ends = base.edges[hosts[on_edge]]
    degrees, metres = degrees.copy(), base.plane.lay(degrees)
    along = base.flat.lift(feet(base.flat_metres, ends, base.flat.lay(degrees[on_edge])))
    # A place that was rounded lies beside its edge by half a step: it stays as it is.
    is_beside = np.abs(along - degrees[on_edge]).max(axis=1) > 2 / STEPS_PER_DEGREE
    degrees[on_edge[is_beside]] = along[is_beside]
    # In the plane of the file the edge is straight, and so the place on it is elsewhere.
    metres[on_edge] = feet(base.metres, ends, raw[on_edge])
    return _New(np.rint(degrees * STEPS_PER_DEGREE) / STEPS_PER_DEGREE + 0.0, metres, hosts)
