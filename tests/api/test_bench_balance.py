from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from typer.testing import CliRunner

from api.bench.balance import EPSILONS, WAYS, Comparison, Turn, compare
from api.bench.commands import bench_app
from boundaries.exchange import write_table
from tests.boundaries.parting import lattice_units
from tests.gis.lattice import crooked_lattice

needs_gerrychain = pytest.mark.skipif(
    find_spec("gerrychain") is None, reason="gerrychain is not installed"
)


def test_each_seed_is_searched_with_the_time_given() -> None:
    compared = compare(lattice_units(6, 5, seed=1), parts=3, seconds=0.1, seeds=2)
    ours = [turn for turn in compared.turns if turn.peer == "wangge"]
    assert [turn.seed for turn in ours] == [0, 1]
    assert all(0 <= turn.deviation < 1 and turn.border > 0 for turn in ours)
    assert (compared.missing is None) == (find_spec("gerrychain") is not None)


def test_the_best_of_all_ways_counts() -> None:
    turns = tuple(
        Turn(peer, 0, off, 1.0, 1.0)
        for peer, off in (("wangge", 0.2), ("gerrychain, a", 0.4), ("gerrychain, b", 0.3))
    )
    compared = Comparison(9, 2, 1.0, turns, None)
    assert [best.deviation for mine in (True, False) if (best := compared.best(ours=mine))] == [
        0.2,
        0.3,
    ]


def test_the_command_ends_with_the_figures(tmp_path: Path) -> None:
    cells = crooked_lattice(4, 4, seed=1)
    weights = np.random.default_rng(1).integers(1, 9, len(cells))
    write_table(gpd.GeoDataFrame({"w": weights}, geometry=cells, crs=4326), tmp_path / "u.gpkg")
    words = ["balance", str(tmp_path / "u.gpkg"), "--weight", "w", "--parts", "2"]
    ran = CliRunner().invoke(bench_app, [*words, "--seconds", "0.1", "--seeds", "1", "--json"])
    told = json.loads(ran.stdout.splitlines()[-1])
    assert (told["units"], told["parts"]) == (16, 2)
    assert told["turns"][0]["peer"] == "wangge"


@needs_gerrychain
@pytest.mark.slow
def test_gerrychain_in_its_best_way_is_not_more_even() -> None:
    compared = compare(lattice_units(8, 8, seed=4), parts=4, seconds=3.0, seeds=1)
    # A way that finds no cut so even at all has no figure.
    assert 1 < len(compared.turns) <= 1 + len(WAYS) * len(EPSILONS)
    ours, theirs = compared.best(ours=True), compared.best(ours=False)
    assert ours is not None
    assert theirs is not None
    assert ours.deviation <= theirs.deviation
