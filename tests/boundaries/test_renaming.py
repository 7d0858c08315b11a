"""Codes, names and communities of grids: nothing of their shapes changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from boundaries.codes import CodeRule, Sequence
from boundaries.draft_coverage import DraftGrid
from boundaries.editing.renaming import reading_order
from boundaries.operations import ChangeCommunity, Operation, Recode, Rename, Renumber
from gis.errors import NotFound
from tests.boundaries.planned_city import city_of, small_city
from tests.boundaries.square_city import block, done, refused, square_city, tried

CITY = square_city()
RULE = CodeRule(base=Sequence(3, 1, 899), dedicated=Sequence(3, 900, 999))


def test_a_grid_gets_another_code_and_a_name_that_was_its_code_follows() -> None:
    after = done(CITY, Recode("G00", "A-7"))
    assert after.grids["A-7"].name == "A-7"
    assert "G00" not in after.grids
    named = done(CITY, Rename("G00", "北街"))
    assert done(named, Recode("G00", "A-7")).grids["A-7"].name == "北街"


def test_a_code_of_another_grid_or_one_given_before_is_not_given() -> None:
    refused(CITY, Recode("G00", "G01"), "code_taken")
    with pytest.raises(Exception, match=r"was given before") as caught:
        tried(CITY, Recode("G00", "OLD"), None, "OLD")
    assert getattr(caught.value, "code", None) == "code_taken"


@pytest.mark.parametrize(
    "code", ["", " ", " A", "A ", "A" * 41, "A\nB", "A\x00B"], ids=lambda code: repr(code)[:8]
)
def test_what_cannot_be_a_code_is_refused(code: str) -> None:
    refused(CITY, Recode("G00", code), "code_invalid")


def test_a_grid_gets_another_name_without_blanks_around_it() -> None:
    assert done(CITY, Rename("G00", " 北街 ")).grids["G00"].name == "北街"


@pytest.mark.parametrize("name", ["", " ", "街" * 81, "a\tb"], ids=["none", "blank", "long", "tab"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    refused(CITY, Rename("G00", name), "name_invalid")


def test_the_name_it_has_changes_nothing() -> None:
    refused(CITY, Rename("G00", "G00"), "nothing_changes")


def test_a_grid_goes_to_another_community() -> None:
    after = done(CITY, ChangeCommunity("G03", "C1"))
    assert after.grids["G03"].community == "C1"


def test_a_grid_stays_in_a_community_that_has_no_other() -> None:
    city = city_of(np.array([block(0, 0, 1, 1), block(1, 0, 2, 1)], dtype=object))
    why = refused(city, ChangeCommunity("G00", "C1"), "last_of_community")
    assert why.place is city.grids["G00"].geometry


def test_the_community_it_is_of_changes_nothing() -> None:
    refused(CITY, ChangeCommunity("G00", "C0"), "nothing_changes")


@pytest.mark.parametrize(
    "operation",
    [Recode("X", "Y"), Rename("X", "Y"), ChangeCommunity("X", "C0"), ChangeCommunity("G00", "X")],
)
def test_what_is_not_there_is_not_found(operation: Operation) -> None:
    with pytest.raises(NotFound, match=r"no (grid|community) X"):
        tried(CITY, operation)


def test_grids_are_renumbered_row_by_row_from_the_north_west_by_east() -> None:
    after = done(CITY, Renumber("C0"), RULE)
    by_code = [after.grids[f"C000{n}"].geometry for n in range(1, 7)]
    expected = ["G02", "G05", "G01", "G04", "G00", "G03"]
    assert [g.wkb for g in by_code] == [CITY.grids[code].geometry.wkb for code in expected]
    assert {code for code in after.grids if code.startswith("G")} == {
        f"G{n:02d}" for n in range(6, 12)
    }


def test_a_dedicated_grid_is_renumbered_by_the_sequence_of_its_kind() -> None:
    school = replace(CITY.grids["G04"], kind="dedicated")
    after = done(CITY.with_changes([school]), Renumber("C0"), RULE)
    assert after.grids["C0900"].geometry is school.geometry
    bases = [after.grids[f"C000{n}"].geometry for n in range(1, 6)]
    expected = ["G02", "G05", "G01", "G00", "G03"]
    assert [g.wkb for g in bases] == [CITY.grids[code].geometry.wkb for code in expected]


def test_without_a_rule_each_grid_is_renumbered_after_itself() -> None:
    after = done(CITY, Renumber("C0"))
    assert all(
        after.grids[f"G{n:02d}-1"].geometry is CITY.grids[f"G{n:02d}"].geometry for n in range(6)
    )


def test_a_crooked_row_is_a_row() -> None:
    city = small_city(seed=3)
    order = [grid.code for grid in reading_order(list(city.grids.values()))]
    assert order == [f"G{3 * column + row:02d}" for row in (2, 1, 0) for column in range(4)]


def test_renumbering_does_not_hang_on_the_order_in_which_grids_are_told() -> None:
    grids = list(small_city(seed=5).grids.values())
    shuffled: list[DraftGrid] = [grids[at] for at in np.random.default_rng(1).permutation(12)]
    assert reading_order(grids) == reading_order(shuffled)


def test_renumbering_gives_no_code_that_was_given_before() -> None:
    after = done(CITY, Renumber("C0"), RULE, "C0001", "C0003")
    new = sorted(code for code in after.grids if code.startswith("C0"))
    assert new == ["C0002", "C0004", "C0005", "C0006", "C0007", "C0008"]


def test_renumbering_twice_needs_new_numbers_each_time() -> None:
    once = done(CITY, Renumber("C0"), RULE)
    twice = done(once, Renumber("C0"), RULE)
    assert {code for code in twice.grids if code.startswith("C0")} == {
        f"C0{n:03d}" for n in range(7, 13)
    }


def test_renumbering_beyond_the_last_number_is_refused_and_gives_none() -> None:
    short = CodeRule(base=Sequence(1, 1, 5))
    with pytest.raises(Exception, match="no number left") as caught:
        tried(CITY, Renumber("C0"), short)
    assert getattr(caught.value, "code", None) == "codes_exhausted"


def test_an_unknown_community_is_not_found() -> None:
    with pytest.raises(NotFound, match="no community X"):
        tried(CITY, Renumber("X"), RULE)
