from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from api.bench.boundaries import city_to_redraw, measure
from api.bench.commands import bench_app
from api.bench.drafts import measure as measure_drafts
from api.bench.gestures import gestures
from api.bench.naive_redrawing import is_coverage, naive_split, naive_transfer
from api.profile import read_profile
from api.settings import SHIPPED_PROFILE
from boundaries.codes import CodeIssuer, CodeRule
from boundaries.operations import Limits, Split, Transfer, apply
from gis.coverage import outline_of, prove


def test_every_kind_is_tried_on_both_cities_and_told_with_its_limit() -> None:
    options = ["boundaries", "--grids", "12", "--many", "40", "--runs", "3"]
    options += ["--reports", "0", "--json"]
    told = json.loads(CliRunner().invoke(bench_app, options).stdout.splitlines()[-1])
    names = {timing["operation"] for timing in told["operations"]}
    assert {(t["operation"], t["grids"]) for t in told["operations"]} == {
        (name, grids) for name in names for grids in (12, 40)
    }
    assert {name.split(",")[0] for name in names} == {
        *("split", "merge", "move_boundary", "transfer", "carve", "dissolve", "redraw")
    }
    assert all(0 < t["median_ms"] <= t["p95_ms"] for t in told["operations"])
    assert set(told["growth"]) == names
    assert {peer["operation"] for peer in told["peers"]} == {"split", "transfer"}
    assert told["p95_limit_ms"] == 30.0


def test_most_gestures_are_carried_out() -> None:
    measured = measure([60], runs=4, seed=1)
    tried = sum(timing.runs for timing in measured.operations)
    assert sum(timing.refused for timing in measured.operations) < tried / 3


@pytest.mark.slow
async def test_what_is_drawn_over_http_and_published_leaves_every_case_in_its_grid(
    cluster_url: str,
) -> None:
    figures = await measure_drafts(
        cluster_url,
        read_profile(SHIPPED_PROFILE),
        reports=600,
        grids=40,
        runs=1,
        seed=3,
        now=datetime.now(UTC),
    )
    assert {"split", "carve, of several", "redraw", "undo"} <= {
        each.request for each in figures.operations
    }
    assert sum(each.refused for each in figures.operations) < len(figures.operations) / 2
    assert {each.where for each in figures.published} == {"town", "country"}
    for change in figures.published:
        assert change.differing == 0
        assert min(change.impact_s, change.publish_s, change.join_s) > 0
    assert sum(change.cases for change in figures.published) > 40


@pytest.mark.parametrize("seed", range(3))
def test_where_naive_redrawing_breaks_a_coverage_the_operation_leaves_one(seed: int) -> None:
    city = city_to_redraw(20, seed)
    drawn = gestures(city, "G000009", np.random.default_rng(seed))
    split, transfer = drawn["split"], drawn["transfer"]
    assert isinstance(split, Split)
    assert isinstance(transfer, Transfer)
    pieces = naive_split(city, split)
    assert not is_coverage(city, pieces, {"G000009"})
    assert sum(float(shapely.area(piece)) for piece in pieces.values()) == pytest.approx(
        city.grids["G000009"].geometry.area
    )
    old_area = shapely.area(city.grids["G000009"].geometry)
    assert shapely.area(naive_transfer(city, transfer)["G000009"]) > 0.999999 * old_area
    ours = apply(city, split, CodeIssuer.beside(CodeRule(), city.grids), Limits())
    assert is_coverage(city, {g.code: g.geometry for g in ours.changed}, {*ours.retired})
    after = ours.coverage
    shapes = [grid.geometry for grid in after.grids.values()]
    prove(list(after.grids), shapes, outline_of(shapes), city.crs)
