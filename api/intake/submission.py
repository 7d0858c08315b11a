"""What goes into the intake, and what comes out for each reporter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.cases.intake import IncomingReport
from api.locators import Locator
from gis.locate import Reason


@dataclass(frozen=True, slots=True)
class Submission:
    """A report on its way in.

    Parameters
    ----------
    channel, actor
        Through which channel, and who the journal says it was. Those of the key where
        there is a ``key_hash``.
    received_at
        Aware; the server's clock.
    idempotency_key
        Unique for the channel; None for a report that will not be sent again.
    key_hash
        Of the channel key that came with it; see ``gis.store.channel_keys``.
    held
        Over the limit of the open channel: kept from all but the command room.
    """

    report: IncomingReport
    channel: str
    actor: str
    received_at: datetime
    idempotency_key: str | None = None
    key_hash: bytes | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """What the reporter is told; ``is_replay`` when the same report was here before.

    ``point`` is WGS84 degrees, ``grid`` the position in the locator's version; None for
    none. The circle of accuracy is compared with the grids only for the answer.
    """

    report_id: int
    case_number: int
    receipt: str
    is_replay: bool
    point: tuple[float, float]
    accuracy_m: float | None
    locator: Locator | None
    grid: int | None
    reason: Reason

    @property
    def grid_code(self) -> str | None:
        """Code of the grid; None outside."""
        if self.locator is None or self.grid is None:
            return None
        return self.locator.index.codes[self.grid]

    def candidates(self) -> list[str]:
        """Codes of the grids that the circle of accuracy meets, nearest first.

        A point inside one grid, without a circle, meets that grid; anything else is asked
        of the index, which for a circle as wide as the city takes some 100 ms.
        """
        if self.locator is None:
            return []
        codes = self.locator.index.codes
        if not self.accuracy_m:
            if self.grid is not None and self.reason is Reason.INSIDE:
                return [codes[self.grid]]
            if self.reason in (Reason.NEAREST, Reason.OUTSIDE):
                return []
        met = self.locator.index.candidates(*self.point, self.accuracy_m or 0.0)
        return [codes[at] for at in met]
