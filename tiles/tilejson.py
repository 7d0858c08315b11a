"""TileJSON 3: the description of a layer that map clients read first."""

from __future__ import annotations

from tiles.layers import Layer

# All that Web Mercator shows, as TileJSON's default: west, south, east, north in degrees.
WORLD = (-180.0, -85.05112877980659, 180.0, 85.05112877980659)


def tilejson(
    layer: Layer, *, tiles_url: str, bounds: tuple[float, float, float, float] | None
) -> dict[str, object]:
    """Describe a layer by the TileJSON 3.0.0 specification.

    Parameters
    ----------
    tiles_url
        Absolute address of a tile with ``{z}``, ``{x}`` and ``{y}`` in it.
    bounds
        West, south, east, north of what the layer holds, in degrees; None when unknown.
        Clients ask for no tile outside.
    """
    vector_layers: list[dict[str, object]] = [
        {
            "id": layer.name,
            "fields": dict(layer.fields),
            "minzoom": 0,
            "maxzoom": layer.max_zoom,
        }
    ]
    if layer.labels_from_zoom is not None:
        vector_layers.append(
            {
                "id": f"{layer.name}_labels",
                "fields": {"code": "String", "name": "String"},
                "minzoom": layer.labels_from_zoom,
                "maxzoom": layer.max_zoom,
            }
        )
    return {
        "tilejson": "3.0.0",
        "name": layer.name,
        "scheme": "xyz",
        "tiles": [tiles_url],
        "vector_layers": vector_layers,
        "minzoom": 0,
        "maxzoom": layer.max_zoom,
        "bounds": list(bounds or WORLD),
    }
