"""What keeps a draft from being published, found with its place; today's map is not blamed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from boundaries.checks import CheckRules, Finding, check
from boundaries.codes import CodeRule, Sequence
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import ChangeCommunity, Limits, Operation, Rename, Split, apply
from tests.boundaries.planned_city import issuer
from tests.small_city import CRS, SOUTH, STEP, WEST, nine_grids

CITY = DraftCoverage.of(nine_grids(), CRS)
NO_RULES = CheckRules(CodeRule())
NUMBERED = CheckRules(
    CodeRule(base=Sequence(3, 1, 899), dedicated=Sequence(3, 901, 999)),
)


def after(*operations: Operation, rule: CodeRule | None = None) -> DraftCoverage:
    city = CITY
    for operation in operations:
        codes = issuer(city, rule or CodeRule())
        city = apply(city, operation, codes, Limits(0.0)).coverage
    return city


def found(draft: DraftCoverage, rules: CheckRules = NO_RULES, **more: object) -> list[Finding]:
    return list(check(CITY, draft, rules, **more).findings)  # type: ignore[arg-type]


def split(x: float) -> Split:
    """Grid g00 divided from south to north, so far from its west side."""
    at = WEST + x
    return Split("g00", shapely.LineString([(at, SOUTH - STEP), (at, SOUTH + 1.5 * STEP)]))


def test_a_draft_that_changes_nothing_is_held_against_nothing() -> None:
    strict = replace(NUMBERED, smallest_m2=1e9, largest_m2=1.0, households=0, sliver_m=1e6)
    assert found(CITY, strict) == []


def test_an_ordinary_change_passes() -> None:
    assert found(after(split(STEP / 2), Rename("g01", "市场"))) == []


def test_a_gap_is_an_error_with_its_place() -> None:
    grid = CITY.grids["g00"]
    smaller = shapely.box(WEST, SOUTH, WEST + STEP * 0.9, SOUTH + STEP)
    [finding] = found(CITY.with_changes([replace(grid, geometry=smaller)]))
    assert (finding.rule, finding.severity) == ("proof", "error")
    assert finding.place is not None
    assert shapely.distance(finding.place, grid.geometry) < 1e-9


def test_an_outline_moves_only_where_that_was_an_operation() -> None:
    grid = CITY.grids["g02"]
    west, south, east, north = grid.geometry.bounds
    top = ((west + east) / 2, north + STEP / 2)
    corners = [(west, south), (east, south), (east, north), top, (west, north)]
    draft = CITY.with_changes([replace(grid, geometry=shapely.Polygon(corners))])
    assert [finding.rule for finding in found(draft)] == ["proof"]
    assert found(draft, outline_may_move=True) == []


def test_a_grid_in_more_parts_than_before_is_an_error_and_as_before_a_warning() -> None:
    one, other = CITY.grids["g00"], CITY.grids["g22"]
    both: Any = shapely.multipolygons([one.geometry, other.geometry])
    apart = CITY.with_changes([replace(one, geometry=both)], ["g22"])
    [new] = [finding for finding in found(apart) if finding.rule == "contiguity"]
    assert (new.severity, new.grid) == ("error", "g00")
    [old] = [each for each in check(apart, apart, NO_RULES).findings if each.rule == "contiguity"]
    assert (old.severity, old.grid) == ("warning", "g00")


def test_a_new_grid_lies_in_one_part() -> None:
    one, other = CITY.grids["g00"], CITY.grids["g22"]
    both: Any = shapely.multipolygons([one.geometry, other.geometry])
    apart = CITY.with_changes([replace(one, code="new", geometry=both)], ["g00", "g22"])
    [new] = [finding for finding in found(apart) if finding.rule == "contiguity"]
    assert (new.severity, new.grid) == ("error", "new")


def test_what_is_found_of_a_grid_is_told_with_a_place_in_it() -> None:
    apart: Any = shapely.multipolygons([CITY.grids[code].geometry for code in ("g00", "g22")])
    # Of another community than its neighbours, in two parts, and under a code of no rule.
    new = replace(CITY.grids["g11"], code="new", community="c1")
    far = replace(CITY.grids["g00"], geometry=apart)
    draft = CITY.with_changes([new, far], ["g11", "g22", "g21"])
    findings: list[Finding] = []
    strict = replace(NUMBERED, sliver_m=1e6, households=1)
    for rules in (replace(strict, smallest_m2=1e9), replace(strict, largest_m2=1.0)):
        findings += found(draft, rules, households={"new": 2.0})
    of_grids = [finding for finding in findings if finding.grid is not None]
    told = {finding.rule for finding in of_grids}
    assert told == {"contiguity", "size", "sliver", "households", "code", "dedicated"}
    for finding in of_grids:
        assert finding.place is not None, finding.rule
        ground = draft.grids[str(finding.grid)].geometry
        assert shapely.covers(shapely.buffer(ground, 1e-8), finding.place), finding.rule
    for finding in findings:
        if finding.rule in ("proof", "community", "township") and "No grid" not in finding.message:
            assert finding.place is not None, finding.rule


def test_a_sliver_is_told_by_its_widest_place() -> None:
    draft = after(split(0.00003))  # about 3 m
    [finding] = found(draft, replace(NO_RULES, sliver_m=5.0))
    assert (finding.rule, finding.severity) == ("sliver", "error")
    assert finding.facts is not None
    assert finding.facts["width_m"] == pytest.approx(2.9, abs=0.15)
    assert found(draft, replace(NO_RULES, sliver_m=2.0)) == []


@pytest.mark.parametrize(
    ("rules", "blamed"),
    [
        (replace(NO_RULES, smallest_m2=400_000.0), 1),
        (replace(NO_RULES, largest_m2=400_000.0), 1),
        (replace(NO_RULES, smallest_m2=100_000.0, largest_m2=1_000_000.0), 0),
    ],
)
def test_sizes_are_kept(rules: CheckRules, blamed: int) -> None:
    # A square is about 1.07 km²: a third and two thirds of it.
    draft = after(split(STEP / 3))
    findings = [finding for finding in found(draft, rules) if finding.grid != "g01"]
    assert [finding.rule for finding in findings] == ["size"] * blamed


def test_households_are_looked_at_where_they_are_known() -> None:
    draft = after(split(STEP / 2))
    rules = replace(NO_RULES, households=500)
    assert found(draft, rules) == []
    [finding] = found(draft, rules, households={"g00-1": 501.0, "g00-2": 500.0, "g22": 9e9})
    assert (finding.rule, finding.severity, finding.grid) == ("households", "warning", "g00-1")


def test_new_codes_follow_the_rule() -> None:
    assert found(after(split(STEP / 2), rule=NUMBERED.codes), NUMBERED) == []
    findings = found(after(split(STEP / 2)), NUMBERED)
    assert [(each.rule, each.severity, each.grid) for each in findings] == [
        ("code", "error", "g00-1"),
        ("code", "error", "g00-2"),
    ]
    moved = found(after(ChangeCommunity("g12", "c1")), NUMBERED)
    assert [(each.rule, each.severity) for each in moved] == [("code", "warning")]


def test_a_community_or_township_does_not_fall_apart() -> None:
    # Column 0 to 1 is c0, column 2 is c1: g00 would be an island of c1.
    findings = found(after(ChangeCommunity("g00", "c1")))
    assert [(each.rule, each.severity) for each in findings] == [
        ("community", "error"),
        ("township", "error"),
    ]
    assert findings[0].facts == {"community": "c1", "parts": 2}
    assert shapely.equals(findings[0].place, CITY.grids["g00"].geometry)


def test_a_community_keeps_a_grid() -> None:
    column = ["g20", "g21", "g22"]
    moved = [replace(CITY.grids[code], community="c0") for code in column]
    findings = found(CITY.with_changes(moved))
    assert [(each.rule, each.severity) for each in findings] == [
        ("community", "error"),
        ("township", "error"),
    ]


def test_a_dedicated_grid_lies_in_its_community() -> None:
    fenced = CITY.with_changes(
        [replace(CITY.grids[code], community="c1") for code in ("g01", "g10", "g12")]
    )
    rules = {finding.rule for finding in check(CITY, fenced, NO_RULES).findings}
    assert "dedicated" not in rules, "g11 was not changed"
    moved = fenced.with_changes([replace(fenced.grids["g11"], name="学校")])
    assert "dedicated" in {finding.rule for finding in check(CITY, moved, NO_RULES).findings}


def test_findings_are_in_order_errors_first() -> None:
    rules = replace(NUMBERED, smallest_m2=1e9, households=1)
    findings = found(after(split(STEP / 2)), rules, households={"g00-1": 2.0})
    severities = [finding.severity for finding in findings]
    assert severities == sorted(severities)
    assert len(set(severities)) == 2
    assert np.all([finding.message for finding in findings])
