"""Operations as JSON: what was written is read as what it was."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
import shapely
from hypothesis import assume, given
from pydantic import TypeAdapter

from api.routes.draft_operations import OperationIn, kept
from boundaries.operation_json import read_operation, write_operation
from boundaries.operations import (
    ChangeCommunity,
    Merge,
    Operation,
    Recode,
    RedrawOutline,
    Rename,
    Renumber,
)
from tests.boundaries.planned_city import operations, small_city

CITY = small_city()
WORDS = (
    Recode("G00", "X1"),
    Rename("G00", "河东"),
    ChangeCommunity("G00", "C1"),
    Renumber("C0"),
    RedrawOutline(shapely.MultiPolygon([shapely.box(121, 30, 121.1, 30.1)]), "围垦"),
)
ASKED: TypeAdapter[Any] = TypeAdapter(OperationIn)


def alike(one: Any, other: Any) -> bool:
    """Equal, shapes coordinate by coordinate."""
    if isinstance(one, shapely.Geometry):
        return bool(shapely.equals_exact(one, other, 0.0))
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and all(
            alike(getattr(one, each.name), getattr(other, each.name)) for each in fields(one)
        )
    return bool(one == other)


def holds(operation: Operation) -> None:
    written = json.loads(json.dumps(write_operation(operation)))
    assert alike(read_operation(written), operation)
    # And it is what may be sent.
    sent = kept(ASKED.validate_python(written))
    assert alike(read_operation(json.loads(json.dumps(sent))), operation)


@given(operations(CITY))
def test_what_was_drawn_comes_back(operation: Operation) -> None:
    # One grid is not sent to be merged; the operation refuses it too.
    assume(not isinstance(operation, Merge) or len(operation.grids) > 1)
    holds(operation)


@pytest.mark.parametrize("operation", WORDS)
def test_what_was_said_comes_back(operation: Operation) -> None:
    holds(operation)
