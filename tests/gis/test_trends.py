"""Emerging hotspots: bin by bin as one field of places and steps; found where they are planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, nbinom

from gis.patterns.count_tails import overdispersion
from gis.patterns.false_discovery import benjamini_hochberg
from gis.patterns.getis_ord import gi_star
from gis.patterns.mann_kendall import mann_kendall
from gis.patterns.neighbours import Neighbours
from gis.patterns.time_classes import VARIANTS, Variant
from gis.trends import EmergingOptions, course_of, emerging_hotspots
from tests.gis.test_hotspots import SMALL


def space_time(neighbours: Neighbours, steps: int) -> Neighbours:
    """The bins of a cube as one row of places: neighbours now, and all of it a step before."""
    first, second = [], []
    here = np.repeat(np.arange(neighbours.count), neighbours.cardinalities)
    own = np.arange(neighbours.count)
    for step in range(steps):
        first += [here * steps + step]
        second += [neighbours.others * steps + step]
        if step:
            first += [here * steps + step, own * steps + step]
            second += [neighbours.others * steps + step - 1, own * steps + step - 1]
    return Neighbours.of_pairs(
        neighbours.count * steps, np.concatenate(first), np.concatenate(second)
    )


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(4, 12),
    steps=st.integers(2, 7),
    mean=st.floats(0.2, 8),
    shape=st.floats(0.3, 20),
)
def test_each_bin_is_a_place_among_all_bins(
    seed: int, count: int, steps: int, mean: float, shape: float
) -> None:
    rng = np.random.default_rng(seed)
    ring = np.arange(count)
    neighbours = Neighbours.of_pairs(
        count, [*ring, *ring], [*(ring + 1) % count, *(ring - 1) % count]
    )
    ground = rng.uniform(0.2, 1.0, count)
    law = shape / (shape + mean * ground[:, None])
    counts = rng.negative_binomial(shape, law, (count, steps)).astype(float)
    if counts.min() == counts.max():
        return
    found = emerging_hotspots(counts, ground, neighbours, EmergingOptions())
    bins = space_time(neighbours, steps)
    np.testing.assert_allclose(found.z.ravel(), gi_star(counts.ravel(), bins), atol=1e-9)

    grounds = np.repeat(ground, steps)
    seen, area = bins.sums(counts.ravel()) + counts.ravel(), bins.sums(grounds) + grounds
    squares = bins.sums(grounds**2) + grounds**2
    phi = overdispersion(counts.ravel(), grounds)
    expected = area * counts.sum() / grounds.sum()
    if phi > 0:
        size = area**2 / (phi * squares)
        told = nbinom(size, size / (size + expected))
    else:
        told = binom(counts.sum(), np.minimum(1.0, area / grounds.sum()))
    tail = np.where(seen > expected, told.sf(seen - 1), told.cdf(seen))
    np.testing.assert_allclose(found.p.ravel(), np.minimum(1, 2 * tail), rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(found.q.ravel(), benjamini_hochberg(found.p.ravel()))
    np.testing.assert_array_equal(found.trend.z, mann_kendall(found.z).z)


STEPS = 20
# Of twenty steps, when a neighbourhood has how many times as much as the others.
PLANTED = {
    "new-hot": [1.0] * 19 + [9.0],
    "consecutive-hot": [1.0] * 16 + [9.0] * 4,
    "intensifying-hot": list(np.linspace(4.0, 20.0, 20)),
    "diminishing-hot": list(np.linspace(20.0, 4.0, 20)),
    "persistent-hot": [8.0] * 20,
    "historical-hot": [9.0] * 18 + [1.0, 1.0],
}


@pytest.mark.parametrize("name", PLANTED)
@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_planted_is_called_by_its_class(name: str, variant: Variant) -> None:
    region, neighbours = SMALL
    times = np.ones((len(region.cells), STEPS))
    middle = int(np.flatnonzero(neighbours.cardinalities == 6)[700])
    there = [middle, *neighbours.others[slice(*neighbours.starts[middle : middle + 2])]]
    times[there] = PLANTED[name]
    found_it, elsewhere = 0, 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        counts = rng.poisson(1.0 * region.share[:, None] * times).astype(float)
        options = EmergingOptions(variant)
        found = emerging_hotspots(counts, region.share, neighbours, options)
        found_it += found.classes[middle] == name
        far = neighbours.sums(times.max(axis=1) - 1) + times.max(axis=1) - 1 == 0
        elsewhere += int((found.classes[far] != "none").sum())
    # The step after the last hot one still has it as its step before.
    assert found_it >= 4
    assert elsewhere / (5 * len(region.cells)) < 0.01


def test_what_wanders_through_a_place_is_hot_there_though_no_cell_of_it_stays_hot() -> None:
    region, neighbours = SMALL
    rng = np.random.default_rng(3)
    counts = rng.poisson(1.0 * region.share[:, None], (len(region.cells), STEPS)).astype(float)
    at = int(np.flatnonzero(neighbours.cardinalities == 6)[700])
    way = [at]
    for _ in range(STEPS // 2 - 1):
        beside = neighbours.others[slice(*neighbours.starts[way[-1] : way[-1] + 2])]
        way.append(int(next(cell for cell in beside if cell not in way)))
    for step, cell in enumerate(way):
        counts[cell, STEPS // 2 + step] += 25
    found = emerging_hotspots(counts, region.share, neighbours, EmergingOptions())
    course = course_of(found, np.array(way), EmergingOptions())
    assert course.word == "consecutive-hot"
    assert (course.run, int((course.signs == 1).sum())) == (STEPS // 2, STEPS // 2)
    assert all(found.classes[cell] != course.word for cell in way[:5])


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_course_of_one_cell_is_its_own(variant: Variant) -> None:
    region, neighbours = SMALL
    rng = np.random.default_rng(5)
    times = np.ones((len(region.cells), STEPS))
    for at, course in zip(range(100, 1400, 220), PLANTED.values(), strict=True):
        times[at : at + 12] = course
    counts = rng.poisson(region.share[:, None] * times).astype(float)
    options = EmergingOptions(variant)
    found = emerging_hotspots(counts, region.share, neighbours, options)
    courses = [course_of(found, np.array([cell]), options) for cell in range(len(found.z))]
    assert [course.word for course in courses] == found.classes.tolist()
    assert len(set(found.classes)) > 4
    np.testing.assert_array_equal([course.z for course in courses], found.z)
    np.testing.assert_array_equal([course.bin for course in courses], found.bin)


@pytest.mark.parametrize("mean", [0.05, 1.0, 5.0])
def test_rain_has_a_significant_bin_no_more_often_than_the_level(mean: float) -> None:
    region, neighbours = SMALL
    rng = np.random.default_rng(1)
    called = 0
    for _ in range(20):
        counts = rng.poisson(mean * region.share[:, None], (len(region.cells), 12)).astype(float)
        found = emerging_hotspots(counts, region.share, neighbours, EmergingOptions())
        called += bool((found.q <= 0.05).any())
    # 5 % of 20 draws are one; four is three deviates more.
    assert called <= 4
