"""What may be asked of many cases, by whom, and which cases are meant then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from api.access import Account, CaseScope, finest_resolution
from api.analysis.areas import BY_AREA, Per
from api.analysis.regions import Ground, Regions
from api.known_categories import known_categories
from api.service import Service
from gis.cells import CellRegion
from gis.errors import BadInput
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from gis.store.tile_shapes import area_ids
from gis.store.versions import Version, version_at

By = Literal[
    "cell", "grid", "community", "township",
    "category", "kind", "channel", "state", "hour", "weekday", "day",
]  # fmt: skip

OWN: Literal["own"] = "own"
"""The boundary version of each case's own time."""
BELOW_COMMUNITY = frozenset({"cell", "grid"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What to count by.

    Parameters
    ----------
    resolution
        Of cells; 0 to 11.
    version
        Number of a boundary version, ``own``, or None for the one in force.
    per
        Rates by this figure, for areas.
    """

    by: By
    resolution: int | None = None
    version: str | None = None
    per: Per | None = None


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Who asks, what they see, and when."""

    account: Account
    scope: CaseScope
    now: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """The cases of a filter that the viewer may see counted in this way.

    ``categories`` are the codes of all; ``withheld`` those not told so finely.
    """

    cases: CaseFilter
    categories: Sequence[str]
    withheld: tuple[str, ...]


async def seen_of(
    service: Service, tx: Transaction, viewpoint: Viewpoint, wanted: CaseFilter, asked: Asked
) -> Seen:
    """Narrow a filter to what its viewer may see counted.

    Raises
    ------
    BadInput
        As ``counts_of``.
    """
    _check(asked, viewpoint.account)
    categories = await _check_words(service, tx, wanted)
    withheld = _withheld(viewpoint, wanted, asked)
    seen = viewpoint.scope.narrowed(wanted)
    seen = replace(seen, hidden=tuple(sorted({*seen.hidden, *withheld})))
    return Seen(seen, categories, tuple(sorted(withheld)) if not wanted.categories else ())


async def region_of(
    service: Service,
    regions: Regions,
    tx: Transaction,
    viewpoint: Viewpoint,
    seen: CaseFilter,
    version: Version,
    resolution: int,
) -> CellRegion:
    """The cells of a version within what the viewer sees and the filter draws."""
    (today,) = await service.locators.at(tx, viewpoint.now)
    ground = Ground(version, viewpoint.scope.grids, seen.bbox, seen.within)
    return await regions.of(tx, ground, today, resolution)


def _check(asked: Asked, account: Account) -> None:
    if asked.by == "cell":
        if asked.resolution is None:
            raise BadInput(
                "resolution_missing", "Cells need a resolution, 0 to 11.", field="resolution"
            )
        finest = finest_resolution(account)
        if asked.resolution > finest:
            raise BadInput(
                "resolution_too_fine",
                f"Resolution {asked.resolution} is too fine; {finest} at most.",
                field="resolution",
                resolution=asked.resolution,
            )
    if asked.per is not None and (asked.by not in BY_AREA or asked.version == OWN):
        raise BadInput(
            "per_invalid",
            "Rates are told by grid, community or township of one boundary version.",
            field="per",
        )


async def _check_words(service: Service, tx: Transaction, wanted: CaseFilter) -> list[str]:
    """The codes of all categories, after those asked for are found among them."""
    known = list((await known_categories(tx, service.profile)).by_code)
    for code in wanted.categories:
        if code not in known:
            raise BadInput(
                "category_unknown",
                f"There is no category {code!r}.",
                field="category",
                value=code,
            )
    if wanted.grid is not None and wanted.grid not in await area_ids(tx, "grids"):
        raise BadInput(
            "grid_unknown", f"There is no grid {wanted.grid!r}.", field="grid", value=wanted.grid
        )
    return known


def _withheld(viewpoint: Viewpoint, wanted: CaseFilter, asked: Asked) -> frozenset[str]:
    """Sensitive categories, where what is asked for is finer than a community."""
    area = viewpoint.account.area
    is_fine = (
        asked.by in BELOW_COMMUNITY
        or wanted.bbox is not None
        or bool(wanted.within)
        or bool(wanted.cells)
        or wanted.grid is not None
        or (area is not None and area.level == "grid")
    )
    if not is_fine:
        return frozenset()
    for code in wanted.categories:
        if code in viewpoint.scope.sensitive:
            raise BadInput(
                "category_sensitive",
                f"Category {code!r} is counted by community, township or the whole city only.",
                field="category",
                value=code,
            )
    return viewpoint.scope.sensitive


def version_meant(chain: Sequence[Version], asked: Asked, now: datetime) -> Version | None:
    """The version meant; None for a city without one, and for that of each case's own time."""
    if asked.version is None:
        return version_at(chain, now) or (chain[0] if chain else None)
    if asked.version == OWN and asked.by != "cell":
        return None
    for version in chain:
        if str(version.number) == asked.version:
            return version
    raise BadInput(
        "version_unknown",
        f"There is no boundary version {asked.version!r}.",
        field="version",
        value=asked.version,
    )
