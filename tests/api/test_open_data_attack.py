"""From everything the public face answers no small count can be told; from a threshold it can."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import geopandas as gpd
import h3
import httpx
import numpy as np
import pandas as pd
import pytest_asyncio

from api.open_data.releasing import release_months
from api.profile import read_profile
from api.settings import SHIPPED_PROFILE
from boundaries.publish import publish
from gis.store.engine import Transaction
from tests.counted_cases import frame_of
from tests.open_attack import Knowledge, Place, small_places
from tests.open_world import (
    NOVEMBER,
    OCTOBER,
    RELEASED,
    ROOT,
    SEPTEMBER,
    Cases,
    add_cases,
    children,
    correct_all_cases,
    with_rules,
)
from tests.small_city import CRS, NOON, publish_small_city

PROFILE = read_profile(SHIPPED_PROFILE)
MONTHS = {"2026-09": SEPTEMBER, "2026-10": OCTOBER, "2026-11": NOVEMBER}
CATEGORIES = ("garbage", "noise")
LEAST = {"2026-09": 10, "2026-10": 6, "2026-11": 10}
COARSEST = {"2026-09": 7, "2026-10": 6, "2026-11": 6}
"""The rules are other ones from one month to the next."""
RESOLUTIONS = range(6, 9)


@dataclass(frozen=True)
class World:
    """The cases of each finest cell, month and category."""

    truth: dict[Place, int]
    leaves: list[str]

    def knowledge(self) -> Knowledge:
        return Knowledge(self.leaves, tuple(MONTHS), CATEGORIES)


def made_world(seed: int) -> World:
    rng = np.random.default_rng(seed)
    leaves = children(ROOT, 8)
    truth = {
        Place(month, category, leaf): int(rng.poisson(3 * rng.gamma(0.4, 1 / 0.4)))
        for month, category, leaf in product(MONTHS, CATEGORIES, leaves)
    }
    return World({place: count for place, count in truth.items() if count}, leaves)


@pytest_asyncio.fixture
async def world(tx: Transaction) -> World:
    """Three months, two of them released; and cases that are nobody's business."""
    made = made_world(5)
    await publish_small_city(tx)
    await add_cases(
        tx,
        [
            Cases(place.cell, count, place.category, MONTHS[place.month])
            for place, count in made.truth.items()
        ],
    )
    for category in ("other", "neighbour_dispute"):
        await add_cases(tx, [Cases(leaf, 3, category) for leaf in made.leaves])
    for month in ("2026-09", "2026-10"):
        rules = with_rules(PROFILE, least=LEAST[month], coarsest=COARSEST[month])
        only = date.fromisoformat(f"{month}-01")
        await release_months(tx, rules, actor="test", now=RELEASED, only=only)
    return made


WINDOWS: list[dict[str, str]] = [
    {},
    {"from": "2026-10", "to": "2026-10"},
    {"to": "2026-10"},
]
CHOICES: list[dict[str, str]] = [{}, {"category": "garbage"}]
QUERIES = [
    str(httpx.QueryParams({**window, **choice})) for window, choice in product(WINDOWS, CHOICES)
]


async def everything(visitor: httpx.AsyncClient) -> dict[str, httpx.Response]:
    """What the public face answers about these months, by its address."""
    asked = ["/api/open"]
    for query in QUERIES:
        asked += [f"/api/open/counts.csv?{query}", f"/api/open/cells?{query}"]
        asked += [f"/api/open/cells?{query}&resolution={resolution}" for resolution in (6, 7)]
    return {address: await visitor.get(address) for address in asked}


def rows_of(address: str, answer: httpx.Response) -> pd.DataFrame:
    if "csv" in address:
        return pd.read_csv(io.BytesIO(answer.content))
    if "parquet" in address:
        frame = gpd.read_parquet(io.BytesIO(answer.content))
        return pd.DataFrame(frame.drop(columns="geometry"))
    return pd.DataFrame([feature["properties"] for feature in answer.json()["features"]])


def learn(answers: dict[str, httpx.Response], knowledge: Knowledge) -> None:
    """Turn all answers into equations and bounds, with the rules known."""
    for address, answer in answers.items():
        if answer.status_code != 200:
            continue
        if "/counts." in address:
            learn_rows(rows_of(address, answer), knowledge)
        elif "/cells" in address:
            learn_map(answer.json(), knowledge)


def learn_rows(rows: pd.DataFrame, knowledge: Knowledge) -> None:
    columns = (rows[name].tolist() for name in ("month", "category", "cell", "count"))
    for month, category, cell, count in zip(*columns, strict=True):
        knowledge.equal(knowledge.unknowns([Place(month, category, cell)]), count)


def learn_what_is_not_there(rows: pd.DataFrame, knowledge: Knowledge) -> None:
    """Within told ground a cell without a row has no case; beyond it there are too few."""
    for month, category in product(MONTHS, CATEGORIES):
        coarsest = COARSEST[month]
        own = rows[(rows["month"] == month) & (rows["category"] == category)]["cell"]
        told = {h3.cell_to_parent(cell, coarsest) for cell in own}
        covered = {leaf for cell in own for leaf in h3.cell_to_children(cell, 8)}
        for leaf in knowledge.leaves:
            if h3.cell_to_parent(leaf, coarsest) in told and leaf not in covered:
                knowledge.equal(knowledge.unknowns([Place(month, category, leaf)]), 0)
        for cell in {h3.cell_to_parent(leaf, coarsest) for leaf in knowledge.leaves} - told:
            place = Place(month, category, cell)
            knowledge.at_most(knowledge.unknowns([place]), LEAST[month] - 1)


def learn_map(answer: dict[str, Any], knowledge: Knowledge) -> None:
    """A cell's count are cases that lie in it: there may be more, which were not told."""
    months = [month["month"] for month in answer["months"]]
    for feature in answer["features"]:
        facts = feature["properties"]
        if facts["count"] is not None:
            tables = [Place(*of, facts["cell"]) for of in product(months, answer["categories"])]
            known = [place for place in tables if place.category in CATEGORIES]
            knowledge.at_least(knowledge.unknowns(known), facts["count"])
    for figure in answer["by_month"]:
        of = [(figure["month"], category) for category in answer["categories"]]
        learn_total(of, figure["count"], knowledge)
    for figure in answer["by_category"]:
        learn_total([(month, figure["category"]) for month in months], figure["count"], knowledge)


def learn_total(of: list[tuple[str, str]], count: int, knowledge: Knowledge) -> None:
    roots = sorted({h3.cell_to_parent(leaf, 6) for leaf in knowledge.leaves})
    places = [
        Place(month, category, root)
        for (month, category), root in product(of, roots)
        if category in CATEGORIES
    ]
    knowledge.at_least(knowledge.unknowns(places), count)


async def test_all_answers_together_do_not_prove_that_a_small_count_is_not_nought(
    visitor: httpx.AsyncClient, tx: Transaction, world: World
) -> None:
    """Three months, rules that changed, all filters, files and maps; what was said before, too."""
    before = await everything(visitor)
    later = RELEASED + timedelta(days=40)
    await release_months(tx, PROFILE, actor="test", now=later)
    # Of September and October nothing that was counted is left as it was.
    await correct_all_cases(tx)
    await add_cases(tx, [Cases(leaf, 25) for leaf in world.leaves])
    await release_months(tx, PROFILE, actor="test", now=later)
    after = await everything(visitor)
    knowledge = world.knowledge()
    learn(before, knowledge)
    learn(after, knowledge)
    rows = rows_of(".csv", after["/api/open/counts.csv?"])
    learn_what_is_not_there(rows, knowledge)
    small = small_places(world.truth, knowledge, LEAST, RESOLUTIONS)
    assert len(small) > 100
    for place, count in small:
        assert knowledge.fewest(knowledge.unknowns([place])) == 0, (place, count)
    # The same is known of what was told: the attack is not blind. What was not can be nothing.
    assert set(rows["month"]) == set(MONTHS)
    for month, category in product(MONTHS, CATEGORIES):
        own = rows[(rows["month"] == month) & (rows["category"] == category)]
        told = [Place(month, category, cell) for cell in own["cell"]]
        for place, count in zip(told, own["count"], strict=True):
            unknowns = knowledge.unknowns([place])
            assert knowledge.fewest(unknowns) == knowledge.most(unknowns) == count
        whole = knowledge.unknowns([Place(month, category, ROOT)])
        assert knowledge.fewest(whole - knowledge.unknowns(told)) == 0


def test_the_same_attack_on_a_threshold_alone_recovers_small_counts() -> None:
    """Every cell of every window and choice whose count is the least or more: the usual way."""
    made = made_world(5)
    knowledge = made.knowledge()
    for months, categories, resolution in product(
        [["2026-09"], ["2026-10"], ["2026-09", "2026-10"]],
        [[category] for category in CATEGORIES] + [list(CATEGORIES)],
        RESOLUTIONS,
    ):
        for cell in sorted({h3.cell_to_parent(leaf, resolution) for leaf in made.leaves}):
            places = [Place(*of, cell) for of in product(months, categories)]
            leaves = [
                Place(place.month, place.category, leaf)
                for place in places
                for leaf in h3.cell_to_children(cell, 8)
            ]
            count = sum(made.truth.get(place, 0) for place in leaves)
            if count >= 10:
                knowledge.equal(knowledge.unknowns(places), count)
    least = dict.fromkeys(MONTHS, 10)
    recovered = 0
    for place, count in small_places(made.truth, knowledge, least, RESOLUTIONS):
        unknowns = knowledge.unknowns([place])
        if knowledge.fewest(unknowns) == knowledge.most(unknowns) == count:
            recovered += 1
        if recovered == 3:
            return
    raise AssertionError(f"only {recovered} small counts recovered")


async def test_every_file_holds_the_same_rows_and_a_filter_only_chooses_among_them(
    visitor: httpx.AsyncClient, world: World
) -> None:
    whole = rows_of(".csv", await visitor.get("/api/open/counts.csv"))
    order = ["month", "category", "cell"]
    keys = whole[order].to_numpy().tolist()
    assert keys == sorted(keys)
    for window, choice in product(WINDOWS, CHOICES):
        chosen = whole[whole["month"].between(window.get("from", "0"), window.get("to", "9"))]
        if "category" in choice:
            chosen = chosen[chosen["category"].isin(choice["category"].split(","))]
        asked = {**window, **choice}
        for form in ("csv", "geojson", "parquet"):
            found = rows_of(form, await visitor.get(f"/api/open/counts.{form}", params=asked))
            if len(chosen) or len(found):
                pd.testing.assert_frame_equal(
                    found, chosen.reset_index(drop=True), check_dtype=False, check_exact=True
                )
        answer = (await visitor.get("/api/open/cells", params=asked)).json()
        counts = [feature["properties"]["count"] or 0 for feature in answer["features"]]
        assert sum(counts) == chosen["count"].sum()
        assert sum(figure["count"] for figure in answer["by_category"]) == chosen["count"].sum()
    # Of one month and category the map is as fine as the rows, or as it is asked to be.
    one = {"from": "2026-10", "to": "2026-10", "category": "noise"}
    rows = rows_of(".csv", await visitor.get("/api/open/counts.csv", params=one))
    for resolution in (7, 6):
        told = await visitor.get("/api/open/cells", params={**one, "resolution": resolution})
        cells = [feature["properties"] for feature in told.json()["features"]]
        assert max(h3.get_resolution(cell["cell"]) for cell in cells) == resolution
        assert sum(cell["count"] or 0 for cell in cells) == rows["count"].sum()


async def test_no_byte_of_an_answer_depends_on_what_was_not_released(
    visitor: httpx.AsyncClient, tx: Transaction, world: World
) -> None:
    """Cases that come, go and change between two readings leave every byte as it was."""
    files = (f"/api/open/counts.{form}" for form in ("csv", "geojson", "parquet"))
    addresses = ("/api/open", *files, "/api/open/cells?from=2026-10&category=noise")
    before = {address: await visitor.get(address) for address in (*addresses, "/api/city")}
    await correct_all_cases(tx)
    await add_cases(tx, [Cases(leaf, 40, since=RELEASED) for leaf in world.leaves])
    await release_months(tx, PROFILE, actor="test", now=RELEASED)
    for address, was in before.items():
        answer = await visitor.get(address)
        assert answer.status_code == 200
        assert answer.content == was.content, address
        assert answer.headers == was.headers, address
        if address in addresses:
            known = {"If-None-Match": was.headers["ETag"]}
            again = await visitor.get(address, headers=known)
            assert (again.status_code, again.content) == (304, b"")
            assert answer.headers["Cache-Control"] == "public, max-age=600"


async def test_another_boundary_version_moves_no_count(
    visitor: httpx.AsyncClient, tx: Transaction, world: World
) -> None:
    """So there is no second ground to subtract from the first."""

    async def counts() -> tuple[bytes, dict[str, int], int]:
        rows = (await visitor.get("/api/open/counts.geojson")).content
        answer = (await visitor.get("/api/open/cells")).json()
        cells = [feature["properties"] for feature in answer["features"]]
        told = {cell["cell"]: cell["count"] for cell in cells if cell["count"] is not None}
        return rows, told, answer["boundary_version"]

    before = await counts()
    await publish(tx, frame_of(2), effective_at=NOON, actor="test", crs=CRS)
    after = await counts()
    assert (before[2], after[2]) == (1, 2)
    assert before[:2] == after[:2]


async def test_a_category_that_is_not_public_is_answered_like_one_that_does_not_exist(
    visitor: httpx.AsyncClient, world: World
) -> None:
    said = set()
    for code in ("neighbour_dispute", "other", "no_such_category_at_all"):
        for path in ("counts.csv", "cells"):
            answer = await visitor.get(f"/api/open/{path}", params={"category": f"noise,{code}"})
            assert answer.status_code == 422
            said.add(answer.text.replace(code, "…"))
    assert len(said) == 1
