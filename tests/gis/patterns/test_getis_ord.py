"""G and G* against values computed elsewhere, and what holds for any field."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import libpysal
import numpy as np
import pandas as pd
import pytest
from esda import G_Local
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.patterns.gal import read_gal
from gis.patterns.getis_ord import Style, gi, gi_star
from gis.patterns.neighbours import Neighbours

DATA = Path(__file__).parents[2] / "data" / "gi-star"
PICTURE = pd.read_csv(DATA / "getisord_points_and_values.csv")
DISTANCES_M = (30, 60, 90, 120, 150)
FUNCTIONS = {"G": gi, "Gstar": gi_star}


def random_field(seed: int, count: int = 60) -> tuple[NDArray[np.float64], Neighbours]:
    """Values, and neighbours that need not be mutual nor there at all."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, count, (2, 5 * count))
    return rng.gamma(0.7, 3.0, count), Neighbours.of_pairs(count, first, second)


def esda_g(values: NDArray[np.float64], weights: Any, **options: object) -> Any:
    with warnings.catch_warnings():
        # That a row style without a weight of its own takes the row's greatest, 1 as here; and
        # 0 / 0 for islands.
        warnings.simplefilter("ignore")
        return G_Local(values, weights, island_weight=0, **options)


def esda_weights(neighbours: Neighbours) -> Any:
    lists = np.split(neighbours.others, neighbours.starts[1:-1])
    return libpysal.weights.W(
        {at: others.tolist() for at, others in enumerate(lists)}, silence_warnings=True
    )


@pytest.mark.parametrize("distance_m", DISTANCES_M)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_picture_of_getis_and_ord_has_the_deviates_of_spdep(name: str, distance_m: int) -> None:
    neighbours = Neighbours.within(PICTURE["x"], PICTURE["y"], distance_m)
    z = FUNCTIONS[name](PICTURE["val"].to_numpy(float), neighbours)
    np.testing.assert_allclose(z, PICTURE[f"{name}{distance_m}"], atol=1e-12, rtol=1e-12)


def test_observation_120_has_the_printed_digits() -> None:
    published = json.loads((DATA / "published_values.json").read_text())
    printed = published["published_by_spdep_documentation"]
    values = PICTURE["val"].to_numpy(float)
    for distance_m in DISTANCES_M:
        neighbours = Neighbours.within(PICTURE["x"], PICTURE["y"], distance_m)
        z = gi(values, neighbours)[119]
        assert z == pytest.approx(printed[f"G_z_r{distance_m}"], abs=published["tolerance_abs"])
    names = PICTURE["id"].astype(str).tolist()
    listed = Neighbours.of_lists(names, read_gal(DATA / "getisord_nb30.gal"))
    # Printed with five decimals; 1.447943 divides the variance by n - 1 and is another convention.
    assert gi_star(values, listed)[119] == pytest.approx(printed["Gstar_z_r30_eq_14_2"], abs=5e-6)


def test_six_points_have_the_deviates_of_esda_in_both_styles() -> None:
    example = json.loads((DATA / "esda_small_example.json").read_text())
    x, y = zip(*example["points"], strict=True)
    values, neighbours = np.array(example["y"], dtype=float), Neighbours.within(x, y, 15)
    printed = example["local_first_observation"]
    wanted: list[tuple[str, Any, Style]] = [
        ("G_binary_z", gi, "binary"),
        ("G_row_standardised_z", gi, "row"),
        ("Gstar_binary_z", gi_star, "binary"),
        ("Gstar_row_standardised_z", gi_star, "row"),
    ]
    for name, function, style in wanted:
        assert function(values, neighbours, style)[0] == pytest.approx(printed[name], abs=5e-9)


@given(seed=st.integers(0, 2**32 - 1))
def test_random_fields_have_the_deviates_of_esda(seed: int) -> None:
    values, neighbours = random_field(seed)
    weights = esda_weights(neighbours)
    told = neighbours.cardinalities > 0
    for function, star in ((gi, False), (gi_star, True)):
        styles: list[tuple[Style, str]] = [("binary", "B"), ("row", "R")]
        for style, letter in styles:
            theirs = esda_g(values, weights, transform=letter, permutations=0, star=star)
            ours = function(values, neighbours, style)
            np.testing.assert_allclose(ours[told], theirs.Zs[told], atol=1e-9)
            assert np.isnan(ours[~told]).all()


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3))
def test_units_and_names_of_places_do_not_matter(seed: int, scale: float, shift: float) -> None:
    values, neighbours = random_field(seed)
    order = np.random.default_rng(seed).permutation(len(values))
    back = np.argsort(order)
    first = np.repeat(np.arange(len(values)), neighbours.cardinalities)
    renamed = Neighbours.of_pairs(len(values), back[first], back[neighbours.others])
    for function in FUNCTIONS.values():
        z = function(values, neighbours)
        np.testing.assert_allclose(function(values * scale + shift, neighbours), z, atol=1e-6)
        np.testing.assert_allclose(function(values[order], renamed), z[order], atol=1e-9)


def test_equal_values_and_a_place_next_to_all_have_no_deviate() -> None:
    values, neighbours = random_field(0)
    assert np.isnan(gi_star(np.full(60, 0.1), neighbours)).all()
    everywhere = Neighbours.of_pairs(60, np.zeros(59, int), np.arange(1, 60))
    assert np.isnan(gi_star(values, everywhere)).all()
    assert np.isnan(gi(values, everywhere)).all()
