"""Why an operation on a draft was refused: in the planner's words, with a place to look at."""

from __future__ import annotations

import json

import shapely

from gis.errors import BadInput


class Refused(BadInput):
    """An operation that would not leave a coverage, or not the one that was meant.

    Parameters
    ----------
    code, message
        As of every error.
    place
        What to look at, EPSG:4326; told to programs as the GeoJSON geometry ``where``.
    facts
        More for programs, as the codes of grids that are offered.
    """

    def __init__(
        self, code: str, message: str, place: shapely.Geometry | None = None, **facts: object
    ) -> None:
        where = {} if place is None else {"where": json.loads(shapely.to_geojson(place))}
        super().__init__(code, message, **facts, **where)
        self.place = place
