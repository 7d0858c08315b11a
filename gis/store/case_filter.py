"""Which cases are meant: the same filter for the list, the map's points and counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import shapely
from sqlalchemy import ARRAY, ColumnElement, Integer, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from gis.cells import CASE_RESOLUTION, check_cell
from gis.errors import BadInput
from gis.store.case_cells import lies_in
from gis.store.tables.cases import (
    CASE_KINDS,
    CASE_STATES,
    CASE_URGENCIES,
    CHANNELS,
    OPEN_STATES,
    Case,
)
from gis.store.tables.places import Grid

HOURS = tuple(range(24))
WEEKDAYS = tuple(range(1, 8))
MOST_CELLS = 1_000
"""A place that stands out has some tens, a town some hundreds."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a viewer asked for; empty tuples and None mean "any".

    Parameters
    ----------
    bbox
        West, south, east, north in degrees (EPSG:4326), west ≤ east, south ≤ north.
    states, kinds, categories
        Words of the design; categories are the city's codes.
    hidden
        Categories never shown, whatever else is asked for (sensitive ones on a map).
    urgency
        A word of the design. Tiles leave it alone.
    grid
        Code of the grid a case belonged to at its own time.
    occurred_from, occurred_to
        Aware instants; ``[from, to)``.
    within_grids
        Ids: only cases whose grid of today is one of them; an empty set holds none.
    only_categories
        Beside ``categories``, what the viewer may see; an empty set holds none.
    held
        Held cases too.
    channels
        Words of the design: how the first report of a case came in.
    hours, weekdays
        0 to 23 and 1 (Monday) to 7, of when it happened by the clock of ``zone``.
    zone
        IANA name of that clock.
    within
        Corners (longitude, latitude in degrees) of a drawn area; a case on its edge counts.
    cells
        H3 indices of resolution 11 or coarser, 1,000 at most: cases of the cells that belong to any
        of them by index.
    """

    bbox: tuple[float, float, float, float] | None = None
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    urgency: str | None = None
    grid: str | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    within_grids: frozenset[int] | None = None
    only_categories: frozenset[str] | None = None
    held: bool = False
    channels: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    zone: str = "UTC"
    within: tuple[tuple[float, float], ...] = ()
    cells: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _known("state", self.states, CASE_STATES)
        _known("kind", self.kinds, CASE_KINDS)
        _known("channel", self.channels, CHANNELS)
        _known("hour", self.hours, HOURS)
        _known("weekday", self.weekdays, WEEKDAYS)
        _known("urgency", (self.urgency,) if self.urgency else (), CASE_URGENCIES)
        if self.bbox is not None:
            west, south, east, north = self.bbox
            if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
                raise BadInput(
                    "bbox_invalid",
                    "bbox must be west,south,east,north in degrees with west ≤ east"
                    " and south ≤ north.",
                    field="bbox",
                )
        if self.within:
            _check_drawn(self.within)
        if len(self.cells) > MOST_CELLS:
            raise BadInput(
                "too_many_cells",
                f"At most {MOST_CELLS} cells can be asked for, not {len(self.cells)}.",
                field="cell",
            )
        for cell in self.cells:
            check_cell(cell, CASE_RESOLUTION)
        for field, instant in (("from", self.occurred_from), ("to", self.occurred_to)):
            if instant is not None and instant.tzinfo is None:
                raise BadInput(
                    "time_without_zone",
                    f"{field} needs a zone, e.g. 2026-11-22T08:00:00Z.",
                    field=field,
                )

    def conditions(self, case: Any = Case) -> list[ColumnElement[bool]]:
        """The filter as conditions on ``Case``, or on what stands for it (``cases_in``)."""
        found: list[ColumnElement[bool]] = []
        if self.bbox is not None:
            envelope: Any = func.ST_MakeEnvelope(*self.bbox, 4326)
            found.append(case.point.op("&&")(envelope))
        if self.states:
            found.append(case.state.in_(self.states))
        if self.kinds:
            found.append(case.kind.in_(self.kinds))
        if self.categories:
            found.append(case.category.in_(self.categories))
        if self.hidden:
            found.append(case.category.not_in(self.hidden))
        if self.urgency is not None:
            found.append(case.urgency == self.urgency)
        if self.grid is not None:
            found.append(
                case.grid_id == select(Grid.id).where(Grid.code == self.grid).scalar_subquery()
            )
        if self.occurred_from is not None:
            found.append(case.occurred_at >= self.occurred_from)
        if self.occurred_to is not None:
            found.append(case.occurred_at < self.occurred_to)
        if self.within_grids is not None:
            found.append(case.today_grid_id == func.any(ids(self.within_grids)))
        if self.only_categories is not None:
            found.append(case.category.in_(sorted(self.only_categories)))
        if not self.held:
            found.append(case.held_at.is_(None))
        if self.channels:
            found.append(case.channel.in_(self.channels))
        if self.hours:
            found.append(func.date_part("hour", self.local_time(case)).in_(self.hours))
        if self.weekdays:
            found.append(func.date_part("isodow", self.local_time(case)).in_(self.weekdays))
        if self.within:
            drawn: Any = func.ST_GeomFromWKB(shapely.to_wkb(shapely.Polygon(self.within)), 4326)
            found.append(func.ST_Covers(drawn, case.point))
        if self.cells:
            found.append(lies_in(case, self.cells))
        return found

    def local_time(self, case: Any = Case) -> ColumnElement[Any]:
        """When a case happened by the clock of ``zone``."""
        return func.timezone(self.zone, case.occurred_at)


@lru_cache(maxsize=64)  # made anew it costs 3 ms a query
def cases_in(states: tuple[str, ...]) -> Any:
    """``Case``, or where only open states are meant the open cases, to select from.

    Few cases are open. Left to itself the planner also reads them in the order of time or
    out of a box, through all that are closed: 168 ms for a later page where 7 will do.
    OFFSET 0 keeps the choice of the states apart from all other conditions.
    """
    if not states or not set(states) <= set(OPEN_STATES):
        return Case
    found = select(Case).where(Case.state.in_(states)).offset(literal_column("0"))
    return aliased(Case, found.subquery("open_cases"))


def _check_drawn(corners: tuple[tuple[float, float], ...]) -> None:
    if len(corners) >= 3 and all(abs(lng) <= 180 and abs(lat) <= 90 for lng, lat in corners):
        drawn = shapely.Polygon(corners)
        if drawn.is_valid and drawn.area > 0:
            return
    raise BadInput(
        "within_invalid",
        "within must be three or more corners lng,lat,lng,lat,… in degrees"
        " whose edges do not cross.",
        field="within",
    )


def ids(ids: frozenset[int]) -> ColumnElement[Any]:
    """One array parameter, however many there are: a statement takes no more than 32,767."""
    return cast(sorted(ids), ARRAY(Integer))


def _known(field: str, words: Iterable[object], allowed: tuple[object, ...]) -> None:
    for word in words:
        if word not in allowed:
            raise BadInput(
                f"{field}_unknown",
                f"{field} {word!r} is not one of {', '.join(map(str, allowed))}.",
                field=field,
                value=word,
            )
