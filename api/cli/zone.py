"""The option ``--tz``."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gis.errors import BadInput


def read_zone(name: str) -> ZoneInfo:
    """The zone of a name.

    Raises
    ------
    BadInput
        ``zone_unknown``.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("zone_unknown", f"No time zone is called {name!r}.", option="--tz") from None
