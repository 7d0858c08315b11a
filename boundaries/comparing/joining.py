"""Which places are meant to be one, and which are meant to lie on a line."""

from __future__ import annotations

import numpy as np
import shapely

from boundaries.comparing.base_lines import SNAP_M
from boundaries.comparing.corners import Numbers
from boundaries.comparing.plane import Places
from boundaries.refusals import Refused

MOST_TOGETHER = 100
"""New corners within 2 cm of the average one."""


def joined(metres: Places, order: Numbers, *, settled: int) -> Numbers:
    """For each place the one that it is brought to: itself, or one that comes before it.

    Parameters
    ----------
    metres
        Of the plane.
    order
        The numbers of the places; who comes first leads all within ``SNAP_M`` of it that
        are not led yet.
    settled
        So many at the beginning lead themselves, whatever is near.
    """
    leader = np.arange(len(metres))
    points = np.asarray(shapely.points(metres[order]))
    led = np.arange(len(order)) < settled
    one, other = shapely.STRtree(points).query(points[settled:], "dwithin", SNAP_M)
    one = one + settled
    near: dict[int, list[int]] = {}
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        if a != b:
            near.setdefault(b, []).append(a)
    for at in sorted(near):
        if led[at] and at >= settled:
            continue
        led[at] = True
        for follower in near[at]:
            if not led[follower]:
                leader[order[follower]] = order[at]
                led[follower] = True
    return leader


def refuse_crowds(degrees: Places, metres: Places) -> None:
    """Refuse corners by the hundred within 2 cm, whose pairs are too many to look at.

    Where real edges are cut into pieces of 5 mm there are some ten, of all grids that meet.

    Raises
    ------
    Refused
        ``corners_too_dense``.
    """
    if not len(metres):
        return
    cells = np.floor((metres - metres.min(axis=0)) / SNAP_M)
    _, first, many = np.unique(
        cells[:, 0] + 1j * cells[:, 1], return_index=True, return_counts=True
    )
    if float(np.square(many.astype(float)).sum()) <= MOST_TOGETHER * len(metres):
        return
    at = int(many.argmax())
    raise Refused(
        "corners_too_dense",
        f"{many[at]:,} corners lie within 2 cm here; simplify the shapes.",
        shapely.Point(degrees[first[at]]),
    )


def on_lines(metres: Places, edges: Numbers, places: Places) -> Numbers:
    """On which edge each place nearly lies: -1 where there is none within ``SNAP_M``.

    Parameters
    ----------
    metres, edges
        The ends of edges by number.
    places
        Of the same plane.
    """
    host = np.full(len(places), -1, dtype=np.int64)
    if not len(places):
        return host
    west, south = places.min(axis=0) - SNAP_M
    east, north = places.max(axis=0) + SNAP_M
    start, stop = metres[edges[:, 0]], metres[edges[:, 1]]
    lows, highs = np.minimum(start, stop), np.maximum(start, stop)
    meets = (highs >= (west, south)).all(axis=1) & (lows <= (east, north)).all(axis=1)
    near = np.flatnonzero(meets)
    if not len(near):
        return host
    lines = np.asarray(shapely.linestrings(np.stack([start[near], stop[near]], axis=1)))
    given, found = shapely.STRtree(lines).query_nearest(
        shapely.points(places), max_distance=SNAP_M, all_matches=False
    )
    host[given] = near[found]
    return host


def feet(metres: Places, ends: Numbers, places: Places) -> Places:
    """The place of each edge that is nearest to a place.

    Parameters
    ----------
    ends
        The numbers of the ends of an edge for each place.
    """
    start = metres[ends[:, 0]]
    ways = metres[ends[:, 1]] - start
    share = ((places - start) * ways).sum(axis=1) / np.square(ways).sum(axis=1)
    found: Places = start + np.clip(share, 0.0, 1.0)[:, None] * ways
    return found
