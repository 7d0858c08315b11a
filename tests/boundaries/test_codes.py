"""Which code a new grid gets, under every policy a city may have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boundaries.codes import MOST_SUFFIXES, CodeIssuer, CodeRule, RecordedCodes, Sequence
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import Carve, Merge, Rename, Split, apply
from boundaries.refusals import Refused
from gis.errors import Misconfigured
from tests.boundaries.planned_city import LIMITS
from tests.boundaries.square_city import block, cells, done, line, square_city

CITY = square_city()
BASES, DEDICATEDS = Sequence(3, 1, 899), Sequence(3, 900, 999)
NUMBERED = CodeRule(base=BASES, dedicated=DEDICATEDS)
ACROSS = Split("G03", line((0.9, 0.8), (2.1, 0.8)))


def new_codes(before: DraftCoverage, after: DraftCoverage) -> list[str]:
    return sorted(set(after.grids) - set(before.grids))


@pytest.mark.parametrize(
    ("rule", "new", "kept"),
    [
        (CodeRule(), ["G03-1", "G03-2"], False),
        (CodeRule(split="largest_keeps"), ["G03-1"], True),
        (NUMBERED, ["C0001", "C0002"], False),
        (replace(NUMBERED, split="largest_keeps"), ["C0001"], True),
    ],
    ids=["all new, no rule", "largest keeps, no rule", "all new", "largest keeps"],
)
def test_a_split_by_each_policy(rule: CodeRule, new: list[str], kept: bool) -> None:
    after = done(CITY, ACROSS, rule)
    assert new_codes(CITY, after) == new
    assert ("G03" in after.grids) is kept


@pytest.mark.parametrize(
    ("rule", "new"),
    [
        (CodeRule(), []),
        (CodeRule(merge="new"), 1),
        (NUMBERED, []),
        (replace(NUMBERED, merge="new"), ["C0001"]),
    ],
    ids=["largest keeps, no rule", "new, no rule", "largest keeps", "new"],
)
def test_a_merge_by_each_policy(rule: CodeRule, new: list[str] | int) -> None:
    after = done(CITY, Merge(("G03", "G04")), rule)
    found = new_codes(CITY, after)
    assert found == new or (new == 1 and len(found) == 1 and found[0].endswith("-1"))
    assert len(after.grids) == 11


def test_a_new_grid_takes_the_first_free_number_of_its_kind() -> None:
    after = done(CITY, Carve(block(0.4, 0.4, 0.6, 0.6), "学校"), NUMBERED, "C0900")
    assert new_codes(CITY, after) == ["C0901"]


def test_a_code_once_given_is_never_given_again() -> None:
    after = done(CITY, ACROSS, None, "G03-1")
    assert new_codes(CITY, after) == ["G03-2", "G03-3"]


def test_codes_issued_in_one_operation_differ() -> None:
    codes = CodeIssuer.beside(NUMBERED, {"C0001"})
    assert [codes.new("C0", "base", "G") for _ in range(3)] == ["C0002", "C0003", "C0004"]
    assert codes.issued == ["C0002", "C0003", "C0004"]


def test_an_exhausted_sequence_says_so_and_the_city_is_as_it_was() -> None:
    rule = CodeRule(base=Sequence(1, 1, 2))
    codes = CodeIssuer.beside(rule, {*CITY.grids, "C02"})
    with pytest.raises(Refused, match="no number left for a base grid") as caught:
        apply(CITY, ACROSS, codes, LIMITS)
    assert caught.value.code == "codes_exhausted"
    assert caught.value.where["community"] == "C0"
    assert len(CITY.grids) == 12


def test_suffixes_are_exhausted_too() -> None:
    taken = {f"G03-{n}" for n in range(1, MOST_SUFFIXES + 1)}
    with pytest.raises(Refused, match=f"divided {MOST_SUFFIXES} times"):
        CodeIssuer.beside(CodeRule(), taken).new("C0", "base", "G03")


def test_a_code_that_a_planner_chose_is_issued_and_taken_then() -> None:
    codes = CodeIssuer.beside(CodeRule(), {"A"})
    codes.refuse_taken("B")
    for code in ("A", "B"):
        with pytest.raises(Refused, match="was given before"):
            codes.refuse_taken(code)


def test_recorded_codes_are_given_again_in_their_order() -> None:
    issued = CodeIssuer.beside(CodeRule(), {*CITY.grids, "G03-1"})
    first = apply(CITY, ACROSS, issued, LIMITS)
    again = apply(CITY, ACROSS, RecordedCodes(CodeRule(), issued.issued), LIMITS)
    assert issued.issued == ["G03-2", "G03-3"]
    assert [g.code for g in again.changed] == [g.code for g in first.changed]


def test_a_new_grid_of_a_grid_with_a_name_is_named_after_it() -> None:
    named = done(CITY, Rename("G03", "北街"))
    after = done(named, ACROSS, replace(NUMBERED, split="largest_keeps"))
    assert after.grids["G03"].name == "北街"
    assert after.grids["C0001"].name == "北街（001）"
    assert cells(after, "C0001") < cells(after, "G03")


@pytest.mark.parametrize(("digits", "first", "last"), [(3, 1, 1000), (3, 5, 4), (2, -1, 9)])
def test_a_sequence_that_its_digits_cannot_hold_is_a_fault_of_the_profile(
    digits: int, first: int, last: int
) -> None:
    with pytest.raises(Misconfigured, match="do not fit"):
        Sequence(digits, first, last)


@pytest.mark.parametrize(
    ("code", "held"),
    [
        ("C0001", True),
        ("C0899", True),
        ("C0900", False),
        ("C01", False),
        ("C1001", False),
        ("C0٠٠١", False),
    ],
)
def test_a_code_is_known_as_one_of_the_sequence(code: str, held: bool) -> None:
    assert BASES.holds("C0", code) is held
