"""The layers there are: what each holds, from which zoom, under which name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis.errors import NotFound
from gis.store.tables.cases import CASE_STATES

# Zooms at which the coverage is stored, each simplified for it; the last is the raw coverage.
# A tile above or below takes the nearest. At zoom 6 a city of 60 km is 400 of 4096 units wide.
STORED_ZOOMS = tuple(range(6, 15))
MAX_ZOOM = 22
# Tile units along a side.
EXTENT = 4096
# Grown when the contents of tiles change with the program, so that no cache keeps the old.
TILE_FORMAT = 2

EDGE_LEVELS = ("city", "township", "community", "grid")
# Edges of areas narrower than this many tile units (9 pixels of 512) would be a grey wash.
_NARROWEST_UNITS = 72


@dataclass(frozen=True, slots=True)
class Layer:
    """One tile layer.

    Parameters
    ----------
    name
        Name in the address, of its SQL file, and of its first MVT layer.
    fields
        Properties of its features: name to ``String`` or ``Number`` (TileJSON's words).
    max_zoom
        Last zoom with more detail than the one before; renderers enlarge its tiles.
    labels_from_zoom
        First zoom with the MVT layer ``<name>_labels``; None where there is none.
    is_public
        Whether caches may keep it without asking again.
    """

    name: str
    fields: Mapping[str, str]
    max_zoom: int = STORED_ZOOMS[-1]
    labels_from_zoom: int | None = None
    is_public: bool = True

    @property
    def is_drawn(self) -> bool:
        """Whether its tiles are cut from stored shapes of a boundary version."""
        return self.name != "cases"


_LAYERS = {
    layer.name: layer
    for layer in (
        Layer("townships", {"code": "String", "name": "String"}, labels_from_zoom=0),
        Layer(
            "communities",
            {"code": "String", "name": "String", "township": "String", "township_name": "String"},
            labels_from_zoom=10,
        ),
        Layer(
            "grids",
            {
                "code": "String",
                "name": "String",
                "kind": "String",
                "community": "String",
                "community_name": "String",
                "township": "String",
                "township_name": "String",
            },
            labels_from_zoom=12,
        ),
        Layer("edges", {"level": "String"}),
        Layer(
            "cases",
            {
                "n": "Number",
                "number": "Number",
                "state": "String",
                "urgency": "String",
                "category": "String",
                # Below zoom 13; today's, by the case's grid. Cases of two are two spots.
                "township": "String",
                # A spot of several cases: how many are in each state, those above left out.
                **dict.fromkeys(CASE_STATES, "Number"),
            },
            max_zoom=16,
            is_public=False,
        ),
    )
}
LAYER_NAMES = tuple(_LAYERS)


def get_layer(name: str) -> Layer:
    """The layer of that name; NotFound ``tile_layer_unknown`` where there is none."""
    try:
        return _LAYERS[name]
    except KeyError:
        raise NotFound(
            "tile_layer_unknown",
            f"There is no tile layer {name!r}; there are {', '.join(LAYER_NAMES)}.",
            layer=name,
        ) from None


def stored_zoom(zoom: int) -> int:
    """The stored zoom that a tile of ``zoom`` is cut from."""
    return min(max(zoom, STORED_ZOOMS[0]), STORED_ZOOMS[-1])


def edge_levels(zoom: int, widths_units: Sequence[float]) -> tuple[int, ...]:
    """Levels whose edges are drawn at ``zoom``: 0 city, 1 township, 2 community, 3 grid.

    The first two always, the others where their areas are wide enough to be told apart;
    all of them at the last stored zoom.

    Parameters
    ----------
    widths_units
        Typical width of the areas of each level at this zoom, in tile units (4096 a tile).
    """
    return tuple(
        level
        for level, width in enumerate(widths_units)
        if level <= 1 or width >= _NARROWEST_UNITS or zoom >= STORED_ZOOMS[-1]
    )
