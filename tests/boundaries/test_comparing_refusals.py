"""What cannot be meant by an edited coverage: refused with row, code and place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from boundaries.codes import CodeRule, RecordedCodes, Sequence
from boundaries.comparing.carrying_out import carry_out
from boundaries.comparing.edited_grids import EditedGrid
from boundaries.operation_json import read_operation
from boundaries.operations import Recode, Rename, apply
from boundaries.refusals import Refused
from tests.boundaries.edited_rows import (
    CENTIMETRE,
    CITY,
    compared,
    edited,
    operations,
    refused,
)
from tests.boundaries.planned_city import LIMITS
from tests.boundaries.square_city import at, block, ring
from tests.boundaries.test_operation_sequences import bytes_of


@pytest.mark.parametrize(
    ("rows", "code", "named"),
    [
        (edited(G05={"code": "G04"}), "duplicate_code", "row 6 (code G04): row 5 has this code"),
        (edited(G05={"community": "C9"}), "community_not_found", "row 6 (code G05)"),
        (
            edited(G00=ring((0, 0), (1, 1), (1, 0), (0, 1))),
            "polygon_invalid",
            "row 1 (code G00): this is no valid polygon: self-intersection",
        ),
        (edited(G00=block(0, 0, 1, 1.1)), "region_overlap", "it overlaps row 2 (code G01) by"),
        (edited(G00=block(0, 0, 1, 0.9)), "region_uncovered", "that is of G00 in the base"),
        (edited(G00=None), "region_uncovered", "that is of G00 in the base"),
        (edited(G00=block(-0.1, 0, 1, 1)), "outline_fixed", "row 1 (code G00): it goes beyond"),
        (
            edited(X1={"geometry": block(0, 0, 0.5, 0.5), "code": None}),
            "region_overlap",
            "row 13 (no code)",
        ),
        (
            edited(X1=block(5, 5, 6, 6)),
            "outline_fixed",
            "row 13 (code X1): it goes beyond the outline of the city by 106",
        ),
        (edited(X1=block(0, 0, 1.5 * CENTIMETRE, 1)), "polygon_too_thin", "row 13 (code X1)"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_row_code_and_place(
    rows: list[EditedGrid], code: str, named: str
) -> None:
    why = refused(rows, code)
    assert named in why.message
    assert why.message.endswith(".")


def test_a_file_of_another_city_or_column_is_told_as_such() -> None:
    rows = [replace(row, code=f"x{row.row}", geometry=shape) for row, shape in zip(
        edited(), [block(x, 9, x + 1, 10) for x in range(12)], strict=True
    )]  # fmt: skip
    with pytest.raises(Refused, match="another column"):
        compared(rows)


def test_a_city_whose_codes_are_all_new_is_recoded() -> None:
    rows = [replace(row, code=f"x{row.row}") for row in edited()]
    assert [type(each) for each in operations(rows)] == [Recode] * 12 + [Rename] * 12


def test_corners_without_end_in_one_place_are_refused_at_once() -> None:
    """What fits a file has 10^11 pairs."""
    rng = np.random.default_rng(1)
    turns = np.sort(rng.uniform(0, 2 * np.pi, 30_000))
    far = rng.uniform(0.2, 0.5, len(turns)) * CENTIMETRE
    round_a_place = np.stack([0.5 + far * np.cos(turns), 0.5 + far * np.sin(turns)], axis=1)
    shape = shapely.Polygon(np.array(at(0, 0)) + round_a_place * (np.array(at(1, 1)) - at(0, 0)))
    refused(edited(X1=shape), "corners_too_dense")


def test_a_refusal_of_an_operation_names_its_rows() -> None:
    """OLD was published once: as a recode, and as a new grid."""
    for rows in (
        edited(G05={"code": "OLD"}),
        edited(G00=block(0, 0, 1, 0.5), OLD=block(0, 0.5, 1, 1)),
    ):
        steps = compared(rows).steps
        with pytest.raises(Refused) as caught:
            carry_out(CITY, steps, CodeRule(), {"OLD"}.__contains__, LIMITS, lambda *_: None)
        assert caught.value.code == "code_taken"
        assert "(code OLD)" in caught.value.message
        (row,) = (row.row for row in rows if row.code == "OLD")
        assert str(row) in str(caught.value.where["rows"])


def test_codes_given_on_the_way_are_not_given_twice() -> None:
    """Two new grids without a code in two regions, both from grids whose codes the rule goes by."""
    rows = [
        *edited(G00=block(0, 0, 1, 0.5), G08=block(2, 2, 3, 2.5)),
        EditedGrid(21, None, block(0, 0.5, 1, 1)),
        EditedGrid(22, None, block(2, 2.5, 3, 3)),
    ]
    steps = compared(rows).steps
    rule = CodeRule(base=Sequence(digits=2, first=1, last=99))
    done = carry_out(CITY, steps, rule, lambda _: False, LIMITS, lambda *_: None)
    assert [each.codes for each in done] == [("C001",), ("C101",)]
    again = CITY
    for each in done:
        codes = RecordedCodes(rule, each.codes)
        again = apply(again, read_operation(each.asked), codes, LIMITS).coverage
    assert bytes_of(again) == bytes_of(done[-1].applied.coverage)


def test_what_is_three_centimetres_wide_is_refused_and_one_and_a_half_taken_in() -> None:
    """Between G00, which gives up a strip in the north, and G01, which does not take it."""
    wide, thin = 3 * CENTIMETRE, 1.5 * CENTIMETRE
    refused(edited(G00=block(0, 0, 1, 1 - wide)), "region_uncovered")
    refused(edited(G00=block(0, 0, 1, 1 + wide)), "region_overlap")
    assert compared(edited(G00=block(0, 0, 1, 1 - thin))).steps == ()
    assert compared(edited(G00=block(0, 0, 1, 1 + thin))).steps == ()
