"""Even parts side by side: ours and GerryChain, on one coverage, each with the same time.

GerryChain walks through plans by cutting spanning trees of two joined parts and keeps the
best it meets; its own searches for one figure are tried, each with all of the time.
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from boundaries.balance import BalanceOptions, balance
from boundaries.balancing.units import Units

OURS = "wangge"
# How far off a cut may be when GerryChain draws it; the search then looks for nearer ones.
EPSILONS = (0.01, 0.003)
START_EPSILON = 0.1
WAYS = ("short bursts", "tilted run", "chain")
# Of ten bursts of ten plans each the best one goes on; a worse plan is taken once in ten.
BURST, TILT = 10, 0.1
MOST_TREES = 500
WITHOUT_END = 10**8


@dataclass(frozen=True, slots=True)
class Turn:
    """One search: by whom, with which seed, what it came to, and how long it really took."""

    peer: str
    seed: int
    deviation: float
    border: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All searches; ``missing`` says why GerryChain has none, where it has none."""

    units: int
    parts: int
    seconds: float
    turns: tuple[Turn, ...]
    missing: str | None

    def best(self, *, ours: bool) -> Turn | None:
        """The most even of ours, or of all of GerryChain's."""
        turns = [turn for turn in self.turns if (turn.peer == OURS) == ours]
        return min(turns, key=lambda turn: turn.deviation, default=None)


def compare(units: Units, *, parts: int, seconds: float, seeds: int) -> Comparison:
    """Search with every seed and in every way, one after the other."""
    turns: list[Turn] = []
    missing = None if find_spec("gerrychain") else "gerrychain is not installed"
    balance(units, BalanceOptions(parts), lambda: True)  # loads the compiled loops
    for seed in range(seeds):
        turns.append(_ours(units, parts, seconds, seed))
        if missing is None:
            turns += _gerrychain(units, parts, seconds, seed)
    return Comparison(len(units), parts, seconds, tuple(turns), missing)


def _ours(units: Units, parts: int, seconds: float, seed: int) -> Turn:
    began = time.monotonic()
    found = balance(units, BalanceOptions(parts, seed), lambda: time.monotonic() - began > seconds)
    took = time.monotonic() - began
    return Turn(OURS, seed, found.deviation, found.border / units.usual_border, took)


def _gerrychain(units: Units, parts: int, seconds: float, seed: int) -> Iterator[Turn]:
    for way in WAYS:
        for epsilon in EPSILONS:
            turn = _one_way(units, parts, seconds, seed, way, epsilon)
            if turn is not None:
                yield turn


def _one_way(
    units: Units, parts: int, seconds: float, seed: int, way: str, epsilon: float
) -> Turn | None:
    chain, graphs = import_module("gerrychain"), import_module("networkx")
    gave_up = import_module("gerrychain.proposals.tree_proposals").MetagraphError
    graph = graphs.Graph()
    graph.add_nodes_from((unit, {"w": weight}) for unit, weight in enumerate(units.weight.tolist()))
    near = units.adjacency
    graph.add_edges_from((a, b) for a in range(len(units)) for b in near.of(a).tolist() if a < b)
    whole = chain.Graph.from_networkx(graph)
    mean = float(units.weight.sum()) / parts
    best: tuple[float, Any] = (float("inf"), None)
    began = time.monotonic()
    random.seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while time.monotonic() - began < seconds:
            # Where no two parts can be cut so evenly by any tree tried, it begins anew.
            with suppress(RuntimeError, gave_up):
                for plan in _plans(chain, whole, parts, mean, way, epsilon):
                    off = _deviation(plan, mean)
                    if off < best[0]:
                        best = (off, dict(plan.assignment))
                    if time.monotonic() - began > seconds:
                        break
    took = time.monotonic() - began
    if best[1] is None:
        return None
    part = np.array([best[1][unit] for unit in range(len(units))])
    border = units.border(part) / units.usual_border
    return Turn(f"gerrychain, {way}, {epsilon:.1%}", seed, best[0], border, took)


def _deviation(plan: Any, mean: float) -> float:
    return float(max(abs(total - mean) for total in plan["w"].values()) / mean)


def _plans(
    chain: Any, graph: Any, parts: int, mean: float, way: str, epsilon: float
) -> Iterator[Any]:
    recom = import_module("gerrychain.proposals").recom
    start = chain.Partition.from_random_assignment(
        graph, n_parts=parts, epsilon=START_EPSILON, pop_col="w",
        updaters={"w": chain.updaters.Tally("w")},
    )  # fmt: skip
    # Two parts that no tree cuts so evenly are given up for others; it would try for minutes.
    cut = partial(
        import_module("gerrychain.tree").bipartition_tree,
        max_attempts=MOST_TREES,
        allow_pair_reselection=True,
    )
    proposal = partial(
        recom, pop_col="w", pop_target=mean, epsilon=epsilon, node_repeats=0, method=cut
    )
    contiguous = [chain.constraints.contiguous]
    if way == "chain":
        return iter(
            chain.MarkovChain(proposal, contiguous, chain.accept.always_accept, start, WITHOUT_END)
        )
    optimizer = import_module("gerrychain.optimization").SingleMetricOptimizer(
        proposal, contiguous, start, partial(_deviation, mean=mean), maximize=False
    )
    if way == "tilted run":
        return iter(optimizer.tilted_run(WITHOUT_END, p=TILT))
    return iter(optimizer.short_bursts(BURST, WITHOUT_END))
