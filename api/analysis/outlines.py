"""The outlines of cells asked for lately, shared by all requests of a process."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from api.analysis.regions import Ground
from gis.cells import CellRegion
from tiles.cell_tiles import CellShapes

# Of 15,000 cells each takes 5 MB.
KEPT_OUTLINES = 8


class Outlines:
    """Cells of regions as they are cut into tiles."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Ground, int], CellShapes] = OrderedDict()
        self._making = asyncio.Lock()

    async def of(self, ground: Ground, region: CellRegion) -> CellShapes:
        """The outlines of the region of a ground; made once, off the event loop."""
        key = ground, region.resolution
        if key not in self._kept:
            async with self._making:
                if key not in self._kept:
                    self._kept[key] = await asyncio.to_thread(CellShapes.of, region)
                    while len(self._kept) > KEPT_OUTLINES:
                        self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
