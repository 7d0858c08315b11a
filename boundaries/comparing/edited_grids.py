"""A grid as a row of an edited file says it is to be, and how a refusal names that row."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from boundaries.refusals import Refused


@dataclass(frozen=True, slots=True)
class EditedGrid:
    """One row; ``geometry`` is in degrees WGS84, not on the storage grid.

    ``code`` is None where the row has none. ``name``, ``kind`` and ``community`` are None
    where the file does not say.
    """

    row: int
    code: str | None
    geometry: shapely.Geometry
    name: str | None = None
    kind: str | None = None
    community: str | None = None

    @property
    def called(self) -> str:
        """``row 3 (code G12)``, ``row 3 (no code)``."""
        return f"row {self.row} ({f'code {self.code}' if self.code else 'no code'})"

    def refused(
        self,
        code: str,
        words: str,
        place: shapely.Geometry | None = None,
        *,
        beside: tuple[EditedGrid, ...] = (),
        **facts: object,
    ) -> Refused:
        """A refusal that names this row, and others it is about."""
        rows = [self.row, *(each.row for each in beside)]
        return Refused(code, f"{self.called}: {words}", place, rows=rows, **facts)
