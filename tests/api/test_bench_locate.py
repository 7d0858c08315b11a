from __future__ import annotations

import json
import re

import numpy as np
import pytest
import shapely
import typer.main
from numpy.typing import NDArray
from typer.core import TyperGroup
from typer.testing import CliRunner

from api.bench import locate as bench
from api.bench.commands import bench_app
from api.bench.coverage import BenchCoverage, make_coverage
from api.bench.peers import Answer, StrTree
from api.bench.points import bench_points
from gis.crs import STEPS_PER_DEGREE
from gis.errors import Unavailable

IN_PROCESS = ["wangge_2_threads", "sjoin", "strtree", "duckdb", "sedonadb"]


@pytest.fixture(autouse=True)
def one_join_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    # The answers are looked at here, not the rates.
    monkeypatch.setattr(bench, "LEAST_SECONDS_A_TURN", 1e-9)


def last_line(*options: str) -> str:
    """The last line on standard output of ``wangge bench locate``."""
    return CliRunner().invoke(bench_app, ["locate", *options]).stdout.splitlines()[-1]


@pytest.mark.parametrize("cells", [1, 2, 7, 60, 301])
def test_the_coverage_to_measure_on_is_valid_and_of_the_size_asked_for(cells: int) -> None:
    coverage = make_coverage(cells, seed=cells)
    polygons = coverage.polygons
    assert len(polygons) == len(coverage.codes) == cells
    assert list(coverage.codes) == sorted(set(coverage.codes))
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    assert len(shapely.get_parts(shapely.coverage_union_all(polygons))) == 1
    assert 95 <= coverage.vertices_per_grid <= 125
    vertices = shapely.get_coordinates(polygons)
    assert (np.rint(vertices * STEPS_PER_DEGREE) / STEPS_PER_DEGREE == vertices).all()


def test_a_seed_makes_the_same_coverage_and_points_again() -> None:
    first, again, other = (make_coverage(20, seed) for seed in (5, 5, 6))
    assert shapely.equals_exact(first.polygons, again.polygons).all()
    assert not shapely.equals_exact(first.polygons, other.polygons).any()
    assert (bench_points(first.polygons, 900, 1) == bench_points(first.polygons, 900, 1)).all()


def test_some_points_lie_on_vertices_and_some_on_the_middles_of_edges() -> None:
    polygons = make_coverage(40, 0).polygons
    points = shapely.points(bench_points(polygons, 10_000, 0))
    on_line = shapely.distance(shapely.union_all(shapely.boundary(polygons)), points) == 0
    vertices = shapely.multipoints(shapely.get_coordinates(polygons))
    on_vertex = shapely.distance(vertices, points) == 0
    assert on_vertex.sum() == 20
    assert (on_line & ~on_vertex).sum() == 20


def test_all_peers_in_process_give_the_same_answers() -> None:
    compared = bench.compare(20_000, 60, IN_PROCESS, seed=1)
    assert {name: peer.differing for name, peer in compared.peers.items()} == dict.fromkeys(
        ["wangge", *IN_PROCESS], 0
    )
    assert compared.agree


def test_postgis_gives_the_same_answers(cluster_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_DATABASE_URL", cluster_url)
    compared = bench.compare(2_000, 12, ["postgis"], seed=1)
    assert compared.peers["postgis"].missing is None
    assert compared.agree


class OffByOne(StrTree):
    """A peer that takes the next grid for the last point."""

    def answer(self, joined: object) -> Answer:
        right = super().answer(joined)
        grid = right.grid.copy()
        grid[-1] += 1
        return Answer(grid, right.count)


def test_one_wrong_answer_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bench.PEERS, "strtree", OffByOne)
    compared = bench.compare(1_000, 4, ["strtree", "sjoin"], seed=1)
    assert compared.peers["strtree"].differing == 1
    assert not compared.agree
    line = last_line("--points", "1000", "--grids", "4", "--peers", "strtree,sjoin")
    assert line == "ANSWERS DIFFER: strtree."


def test_a_peer_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: BenchCoverage, __: NDArray[np.float64]) -> StrTree:
        raise ModuleNotFoundError("No module named 'sedonadb'", name="sedonadb")

    monkeypatch.setitem(bench.PEERS, "sedonadb", absent)
    compared = bench.compare(100, 4, ["sedonadb"], seed=1)
    assert compared.peers["sedonadb"].missing == "sedonadb is not installed"
    assert compared.peers["sedonadb"].points_per_s is None
    ran = CliRunner().invoke(
        bench_app, ["locate", "--points", "100", "--grids", "4", "--peers", "sedonadb"]
    )
    assert "sedonadb has no figure: sedonadb is not installed" in ran.output


def test_answers_do_not_agree_while_a_peer_asked_for_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(_: BenchCoverage, __: NDArray[np.float64]) -> StrTree:
        raise Unavailable("database_away", "The database cannot be reached.")

    monkeypatch.setitem(bench.PEERS, "postgis", absent)
    asked = ("--points", "100", "--grids", "4", "--peers", "sjoin,postgis")
    assert last_line(*asked) == "NOT COMPARED: postgis."
    assert json.loads(last_line(*asked, "--json"))["agree"] is False
    assert last_line(*asked[:-1], "sjoin") == "All answers agree."


def test_the_peers_are_those_of_the_design_unless_others_are_asked_for() -> None:
    group = typer.main.get_command(bench_app)
    assert isinstance(group, TyperGroup)
    (peers,) = (
        str(parameter.default)
        for parameter in group.commands["locate"].params
        if parameter.name == "peers"
    )
    assert [name for name in peers.split(",") if not name.startswith("wangge")] == [
        "sjoin",
        "strtree",
        "duckdb",
        "sedonadb",
        "postgis",
    ]


def test_the_last_line_is_one_object_with_every_peer() -> None:
    ran = CliRunner().invoke(
        bench_app,
        ["locate", "--points", "500", "--grids", "5", "--peers", "sjoin,strtree", "--json"],
    )
    facts = json.loads(ran.stdout.splitlines()[-1])
    assert facts["agree"] is True
    assert set(facts["peers"]) == {"wangge", "sjoin", "strtree"}
    assert all(peer["points_per_s"] > 0 for peer in facts["peers"].values())


def test_a_peer_nobody_knows_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(Exception, match=re.escape("'oracle'; there are wangge,")):
        bench.compare(10, 2, ["oracle"], seed=0)
