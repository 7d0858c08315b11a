"""What a draft is held against before it is published, each finding with a place to look at.

A grid that is as it was in the base version is not held against the draft: what today's map
has is told as a warning at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from boundaries.codes import CodeRule
from boundaries.draft_coverage import DEDICATED, DraftCoverage, DraftGrid
from boundaries.editing.neighbours import neighbours_of
from gis.coverage import Proven, prove
from gis.crs import Geometries, objects, project, unproject
from gis.errors import BadInput
from gis.measures import area_m2

Rule = Literal[
    "proof",
    "contiguity",
    "sliver",
    "size",
    "households",
    "code",
    "community",
    "township",
    "dedicated",
]
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class CheckRules:
    """The city's limits; None sets none.

    ``sliver_m``: a grid nowhere wider than this is a sliver.
    """

    codes: CodeRule
    smallest_m2: float = 0.0
    largest_m2: float | None = None
    households: int | None = None
    sliver_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at; an ``error`` keeps the draft from being published.

    ``place`` is in degrees; ``facts`` are the numbers of the message.
    """

    rule: Rule
    severity: Severity
    message: str
    grid: str | None = None
    place: shapely.Geometry | None = None
    facts: Mapping[str, float | int | str] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, errors first, then by grid; and the proof, where it passed."""

    findings: tuple[Finding, ...]
    proven: Proven | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the draft from being published."""
        return tuple(each for each in self.findings if each.severity == "error")


def check(
    base: DraftCoverage,
    draft: DraftCoverage,
    rules: CheckRules,
    *,
    outline_may_move: bool = False,
    households: Mapping[str, float] | None = None,
) -> Checked:
    """Hold a draft against the proofs and the city's rules.

    Parameters
    ----------
    households
        Of changed grids by code, where the city has counts; those missing are not looked at.
    """
    changed = [grid for code, grid in sorted(draft.grids.items()) if base.grids.get(code) != grid]
    proof = _proof(base, draft, outline_may_move=outline_may_move)
    proven = proof if isinstance(proof, Proven) else None
    found = [
        *([proof] if isinstance(proof, Finding) else []),
        *_contiguity(base, draft),
        *_sizes(draft, changed, rules),
        *_slivers(draft, changed, rules),
        *_households(changed, rules, households or {}),
        *_codes(base, changed, rules),
        *_levels(base, draft, changed, holds=proven is not None),
        *_dedicated(draft, changed),
    ]
    found.sort(key=lambda each: (each.severity, each.rule, each.grid or ""))
    return Checked(tuple(found), proven)


def _proof(
    base: DraftCoverage, draft: DraftCoverage, *, outline_may_move: bool
) -> Proven | Finding:
    shapes = objects([grid.geometry for grid in draft.grids.values()])
    before = None if outline_may_move else base.outline
    try:
        return prove(list(draft.grids), shapes, None, draft.crs, unchanged_outline=before)
    except BadInput as refusal:
        edges = shapely.coverage_invalid_edges(shapes)
        bad = edges[~shapely.is_empty(edges)]
        place = shapely.union_all(bad) if len(bad) else None
        lng, lat = refusal.where.get("lng"), refusal.where.get("lat")
        if isinstance(lng, float) and isinstance(lat, float):
            place = shapely.Point(lng, lat)
        return Finding("proof", "error", refusal.message, place=place)


def _contiguity(base: DraftCoverage, draft: DraftCoverage) -> Iterable[Finding]:
    codes = list(draft.grids)
    parts = shapely.get_num_geometries(objects([draft.grids[code].geometry for code in codes]))
    for at in np.flatnonzero(parts > 1):
        grid = draft.grids[codes[at]]
        old = base.grids.get(grid.code)
        had = 1 if old is None else int(shapely.get_num_geometries(old.geometry))
        yield Finding(
            "contiguity",
            "error" if parts[at] > had else "warning",
            f"Grid {grid.code} lies in {parts[at]} parts.",
            grid.code,
            grid.geometry,
            {"parts": int(parts[at])},
        )


def _sizes(
    draft: DraftCoverage, changed: Collection[DraftGrid], rules: CheckRules
) -> Iterable[Finding]:
    sizes = area_m2(objects([grid.geometry for grid in changed]), draft.crs)
    for grid, m2 in zip(changed, sizes.tolist(), strict=True):
        facts = {"area_m2": round(m2, 1)}
        if m2 < rules.smallest_m2:
            words = f"Grid {grid.code} has {m2:,.0f} m², {rules.smallest_m2:,.0f} at least."
            limit = {"least_m2": rules.smallest_m2}
            yield Finding("size", "error", words, grid.code, grid.geometry, facts | limit)
        if rules.largest_m2 is not None and m2 > rules.largest_m2:
            words = f"Grid {grid.code} has {m2:,.0f} m², {rules.largest_m2:,.0f} at most."
            limit = {"most_m2": rules.largest_m2}
            yield Finding("size", "error", words, grid.code, grid.geometry, facts | limit)


def _slivers(
    draft: DraftCoverage, changed: Collection[DraftGrid], rules: CheckRules
) -> Iterable[Finding]:
    """Grids whose widest place, the largest circle in them, is narrow."""
    if not changed:
        return
    metric = project([grid.geometry for grid in changed], draft.crs)
    circles = shapely.maximum_inscribed_circle(metric, max(rules.sliver_m, 1.0) / 50)
    widths = 2 * shapely.length(circles)
    places = unproject(shapely.get_point(circles, 0), draft.crs)
    for grid, width_m, place in zip(changed, widths.tolist(), places, strict=True):
        if width_m < rules.sliver_m:
            yield Finding(
                "sliver",
                "error",
                f"Grid {grid.code} is nowhere wider than {width_m:.1f} m.",
                grid.code,
                place,
                {"width_m": round(width_m, 1), "least_m": rules.sliver_m},
            )


def _households(
    changed: Collection[DraftGrid], rules: CheckRules, households: Mapping[str, float]
) -> Iterable[Finding]:
    if rules.households is None:
        return
    for grid in changed:
        count = households.get(grid.code)
        if count is not None and count > rules.households:
            yield Finding(
                "households",
                "warning",
                f"Grid {grid.code} has {count:,.0f} households, {rules.households:,} at most.",
                grid.code,
                grid.geometry,
                {"households": round(count), "most": rules.households},
            )


def _codes(
    base: DraftCoverage, changed: Collection[DraftGrid], rules: CheckRules
) -> Iterable[Finding]:
    for grid in changed:
        sequence = rules.codes.sequence(grid.kind)
        old = base.grids.get(grid.code)
        is_new = old is None or old.community != grid.community or old.kind != grid.kind
        if sequence is not None and is_new and not sequence.holds(grid.community, grid.code):
            yield Finding(
                "code",
                "error" if old is None else "warning",
                f"Code {grid.code} does not follow the city's rule: {grid.community} and"
                f" {sequence.first:0{sequence.digits}d} to {sequence.last:0{sequence.digits}d}.",
                grid.code,
                grid.geometry,
            )


def _levels(
    base: DraftCoverage, draft: DraftCoverage, changed: Collection[DraftGrid], *, holds: bool
) -> Iterable[Finding]:
    """Communities and townships that fall apart, or that nothing is left of.

    Of a draft whose proofs do not hold too: what is told of it beside them is a help.
    """
    touched = {grid.community for grid in changed}
    gone = base.grids.keys() - draft.grids.keys()
    touched |= {base.grids[code].community for code in gone}
    touched |= {base.grids[grid.code].community for grid in changed if grid.code in base.grids}
    townships = {draft.communities[code].township for code in touched}

    def community(coverage: DraftCoverage, grid: DraftGrid) -> str:  # noqa: ARG001 - one form
        return grid.community

    def township(coverage: DraftCoverage, grid: DraftGrid) -> str:
        return coverage.communities[grid.community].township

    yield from _areas("community", base, draft, touched, community, holds=holds)
    yield from _areas("township", base, draft, townships, township, holds=holds)


def _areas(
    level: Literal["community", "township"],
    base: DraftCoverage,
    draft: DraftCoverage,
    wanted: Collection[str],
    area_of: Callable[[DraftCoverage, DraftGrid], str],
    *,
    holds: bool,
) -> Iterable[Finding]:
    # United as the coverage it is, a township takes a tenth of the time.
    before = _unions(base, wanted, area_of, shapely.coverage_union_all)
    now = _unions(
        draft, wanted, area_of, shapely.coverage_union_all if holds else shapely.union_all
    )
    for code in sorted(wanted):
        if code not in now:
            yield Finding(
                level, "error", f"No grid is left of {level} {code}.", facts={level: code}
            )
            continue
        parts = sorted(shapely.get_parts(now[code]), key=shapely.area, reverse=True)
        had = shapely.get_num_geometries(before[code]) if code in before else 1
        if len(parts) > had:
            yield Finding(
                level,
                "error",
                f"The {level} {code} would lie in {len(parts)} parts.",
                place=shapely.MultiPolygon(parts[1:]),
                facts={level: code, "parts": len(parts)},
            )


def _unions(
    coverage: DraftCoverage,
    wanted: Collection[str],
    area_of: Callable[[DraftCoverage, DraftGrid], str],
    united: Callable[[Geometries], shapely.Geometry],
) -> dict[str, shapely.Geometry]:
    members: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for grid in coverage.grids.values():
        code = area_of(coverage, grid)
        if code in wanted:
            members[code].append(grid.geometry)
    return {code: united(objects(shapes)) for code, shapes in members.items()}


def _dedicated(draft: DraftCoverage, changed: Collection[DraftGrid]) -> Iterable[Finding]:
    """Dedicated grids that touch none of the community they are of."""
    sizes: dict[str, int] = defaultdict(int)
    for grid in draft.grids.values():
        sizes[grid.community] += 1
    for grid in changed:
        if grid.kind != DEDICATED or sizes[grid.community] == 1:
            continue
        around = {draft.grids[code].community for code in neighbours_of(draft, grid.code)}
        if grid.community not in around:
            yield Finding(
                "dedicated",
                "error",
                f"The dedicated grid {grid.code} does not lie in its community {grid.community}.",
                grid.code,
                grid.geometry,
                {"community": grid.community},
            )
