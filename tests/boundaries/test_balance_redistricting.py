"""Real coverages with population: one whose plans are all listed, one that nobody could list."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from boundaries.balance import Balance, BalanceOptions, balance
from boundaries.balancing.units import Units
from gis.adjacency import adjacency_of
from tests.boundaries.parting import is_connected, members_of, neighbours

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.houston

POINTS = 0.05 / 100
"""How near to the true optimum fl25 must come."""
IOWA_GERRYCHAIN = 0.0001
"""Less than GerryChain 1.0.0 came to in any run of as long; see docs/performance.md."""


@pytest.fixture(scope="module")
def folder() -> Path:
    folder = REPOSITORY / os.environ.get("WANGGE_TEST_DATA", "../shared/data") / "redistricting"
    if not folder.is_dir():
        pytest.skip(f"WANGGE_TEST_DATA: no {folder.name} in {folder.parent}")
    return folder


def units_of(path: Path) -> Units:
    frame = gpd.read_file(path)
    return Units(frame["pop"].to_numpy(), adjacency_of(frame.geometry.to_numpy()))


def seconds(given: float) -> Callable[[], bool]:
    end = time.monotonic() + given
    return lambda: time.monotonic() > end


def least_of_all_plans(folder: Path) -> float:
    listed = np.load(folder / "fl25_all_plans.npz")
    # Weighed here anew, so that the list's own figures are not taken on trust.
    weight = units_of(folder / "fl25.geojson").weight
    third = weight.sum() / 3
    off = [np.abs(weight @ (listed["plans"] == each) - third) for each in (1, 2, 3)]
    return float((np.max(off, axis=0) / third).min())


def is_a_plan(units: Units, found: Balance, parts: int) -> bool:
    near = neighbours(units)
    return all(is_connected(members, near) for members in members_of(found.part, parts))


def test_neighbours_of_a_real_coverage_are_the_published_ones(folder: Path) -> None:
    adjacency = units_of(folder / "fl25.geojson").adjacency
    published = json.loads((folder / "fl25_adjacency.json").read_text())
    assert [adjacency.of(unit).tolist() for unit in range(adjacency.units)] == published


def test_the_most_even_of_all_listed_plans_is_found_and_proven(folder: Path) -> None:
    units = units_of(folder / "fl25.geojson")
    found = balance(units, BalanceOptions(3), seconds(60))
    assert found.deviation == pytest.approx(least_of_all_plans(folder), abs=1e-12)
    assert found.proven
    assert is_a_plan(units, found, 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_every_seed_finds_the_most_even_of_all_listed_plans(folder: Path, seed: int) -> None:
    units = units_of(folder / "fl25.geojson")
    found = balance(units, BalanceOptions(3, seed), seconds(60))
    assert found.deviation <= least_of_all_plans(folder) + POINTS
    assert is_a_plan(units, found, 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_iowa_is_cut_into_four_more_evenly_than_by_gerrychain(folder: Path, seed: int) -> None:
    units = units_of(folder / "iowa.gpkg")
    found = balance(units, BalanceOptions(4, seed), seconds(30))
    assert found.deviation < IOWA_GERRYCHAIN
    assert is_a_plan(units, found, 4)


def test_iowa_is_cut_within_a_thousandth_in_a_few_rounds(folder: Path) -> None:
    units = units_of(folder / "iowa.gpkg")
    looks = iter(range(30))
    found = balance(units, BalanceOptions(4), lambda: next(looks, None) is None)
    assert found.deviation < 0.001
    assert is_a_plan(units, found, 4)
