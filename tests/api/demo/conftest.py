"""One generated city for all tests of it: making one takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from api.demo.background import background_shapes
from api.demo.buildings import generate_counts
from api.demo.coverage import DemoGround, generate_ground
from api.demo.places import Places
from api.demo.reports import generate_reports
from api.demo.stories import Story, stories
from api.profile import CityProfile, read_profile
from api.settings import SHIPPED_PROFILE
from tests.made_once import MadeOnce

SEED = 1
GroundOf = Callable[[int], DemoGround]
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 14, 7, tzinfo=ZONE)  # a Friday


@pytest.fixture(scope="session")
def profile() -> CityProfile:
    return read_profile(Path(SHIPPED_PROFILE))


@pytest.fixture(scope="session")
def ground_of(made_once: MadeOnce) -> GroundOf:
    """The ground of a seed, drawn once a run: it takes seconds."""
    return lambda seed: made_once.value(f"ground-{seed}", lambda: generate_ground(seed))


@pytest.fixture(scope="session")
def ground(ground_of: GroundOf) -> DemoGround:
    return ground_of(SEED)


@pytest.fixture(scope="session")
def background(made_once: MadeOnce, ground: DemoGround) -> gpd.GeoDataFrame:
    return made_once.value(f"background-{SEED}", lambda: background_shapes(ground))


@pytest.fixture(scope="session")
def counts(ground: DemoGround) -> gpd.GeoDataFrame:
    return generate_counts(ground, seed=SEED)


@pytest.fixture(scope="session")
def places(ground: DemoGround, counts: gpd.GeoDataFrame, background: gpd.GeoDataFrame) -> Places:
    return Places.of(np.random.default_rng(SEED), ground, counts, background)


@pytest.fixture(scope="session")
def told(ground: DemoGround, background: gpd.GeoDataFrame) -> list[Story]:
    return stories(ground.grids, background, seed=SEED, now=NOW)


@pytest.fixture(scope="session")
def made(places: Places, told: list[Story], profile: CityProfile) -> pd.DataFrame:
    """The reports of the year before ``NOW``."""
    urgencies = {category.code: category.urgency for category in profile.categories}
    return generate_reports(places, told, urgencies, seed=SEED, now=NOW)
